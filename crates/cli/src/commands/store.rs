//! `sekisho store VERB`: caring for the store as a whole.

mod copies;
mod verify;

use clap::ArgMatches;
use sekisho_operation::Error;
use sekisho_operation::progress::Job;

use super::Failure;
use crate::exit::Exit;
use crate::progress::ProgressLine;
use crate::settings::Settings;
use crate::signals;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("verify", inner)) => verify::run(inner, settings),
        Some(("backup", inner)) => copies::back_up(inner, settings),
        Some(("restore", inner)) => copies::bring_back(inner, settings),
        Some(("export", inner)) => copies::export(inner, settings),
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
