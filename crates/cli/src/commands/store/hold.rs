//! `sekisho store hold`.

use clap::ArgMatches;
use sekisho_operation::store_care::{HoldChoice, holds, place_hold, release_hold};

use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("place", inner)) => place(inner, settings),
        Some(("release", inner)) => release(inner, settings),
        _ => {
            let rows = holds(&settings.caller(), &settings.data_dir)?;
            output::rows(&mut output::stdout(), settings.format, &rows)?;
            Ok(Exit::Done)
        }
    }
}

fn place(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let list = |name: &str| -> Vec<String> {
        let values = matches.get_many::<String>(name);
        values.map(|values| values.cloned().collect()).unwrap_or_default()
    };
    let hold = HoldChoice {
        name: text(matches, "hold"),
        reason: text(matches, "reason"),
        tables: list("table"),
        orgs: list("held-org"),
        range: settings.range,
    };
    super::writing(matches, settings, |job| {
        place_hold(&settings.caller(), &settings.data_dir, hold, job)
    })?;
    Ok(Exit::Done)
}

fn release(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let (name, reason) = (text(matches, "hold"), text(matches, "reason"));
    super::writing(matches, settings, |job| {
        release_hold(&settings.caller(), &settings.data_dir, &name, &reason, job)
    })?;
    Ok(Exit::Done)
}

fn text(matches: &ArgMatches, name: &str) -> String {
    matches.get_one::<String>(name).cloned().unwrap_or_default()
}
