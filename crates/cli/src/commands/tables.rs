//! `sekisho tables [NAME]`.

use clap::ArgMatches;
use sekisho_operation::tables::{columns, tables};

use super::Failure;
use crate::exit::Exit;
use crate::output;
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    match matches.get_one::<String>("name") {
        Some(name) => {
            let columns = columns(&settings.caller(), &settings.data_dir, name, settings.lang)?;
            output::rows(&mut out, settings.format, &columns)?;
        }
        None => {
            let tables = tables(&settings.caller(), &settings.data_dir, settings.lang)?;
            output::rows(&mut out, settings.format, &tables)?;
        }
    }
    Ok(Exit::Done)
}
