//! `sekisho store VERB`: caring for the store as a whole.

mod copies;
mod hold;
mod maintain;
mod retention;
mod verify;

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::Error;
use sekisho_operation::progress::Job;

use super::{Failure, leaf, remark};
use crate::exit::Exit;
use crate::lang::say;
use crate::progress::ProgressLine;
use crate::settings::Settings;
use crate::signals;
use crate::waiting::waiting;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("verify", inner)) => verify::run(inner, settings),
        Some(("backup", inner)) => copies::back_up(inner, settings),
        Some(("restore", inner)) => copies::bring_back(inner, settings),
        Some(("export", inner)) => copies::export(inner, settings),
        Some(("maintain", _)) => maintain::run(leaf(matches), settings),
        Some(("retention", inner)) => retention::run(inner, settings),
        Some(("hold", inner)) => hold::run(inner, settings),
        _ => Ok(Exit::Usage),
    }
}

/// Does long work that shows how far it is and stops when it is told to.
fn job<T>(settings: &Settings, work: impl FnOnce(&Job) -> Result<T, Error>) -> Result<T, Error> {
    let job = Job::default();
    signals::watch(&job.stop, settings.lang);
    let line = ProgressLine::show(&job.progress, settings.lang);
    let done = work(&job);
    drop(line);
    done
}

/// Does work that writes the store in its turn.
fn writing<T>(
    matches: &ArgMatches,
    settings: &Settings,
    work: impl FnOnce(&Job) -> Result<T, Error>,
) -> Result<T, Error> {
    job(settings, |job| {
        let job = Job {
            waiting: waiting(settings.lang, matches.get_flag("no-wait")),
            ..job.clone()
        };
        work(&job)
    })
}

/// Names what could not be done.
fn tell_problems(problems: &[String], lang: Lang) {
    for problem in problems {
        remark(&format!("{}{problem}", say(lang, "warning: ", "警告: ")));
    }
}
