//! `sekisho verdict`.

use std::io::Write;

use clap::ArgMatches;
use sekisho_operation::examine::{Examination, ExamineOptions, Verdict, examine, render};

use super::{Failure, SHEET_COLUMNS, problems, skipped_rules, watch_of};
use crate::exit::Exit;
use crate::output::{self, Format};
use crate::settings::Settings;
use crate::times;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let watch = watch_of(matches)?;
    let options = ExamineOptions {
        range: settings.range,
        made_at_us: times::now_us(),
        truth: None,
        keeps_each: false,
    };
    let examination = examine(&settings.caller(), &watch, &settings.source(), &options)?;
    print(&examination, settings)?;
    let skipped = watch.skipped_rules();
    skipped_rules(settings.lang, &skipped);
    let read = &examination.read;
    problems(settings.lang, &read.problems, read.problem_count);
    let verdict = examination.sheet.verdict;
    let is_incomplete = verdict == Verdict::Inconclusive || read.is_incomplete() || !skipped.is_empty();
    Ok(Exit::of(verdict == Verdict::Hit, is_incomplete))
}

/// A person gets the sheet; a program gets it as data.
fn print(examination: &Examination, settings: &Settings) -> std::io::Result<()> {
    let mut out = output::stdout();
    match settings.format {
        Format::Table => {
            out.write_all(render(&examination.sheet, settings.lang, SHEET_COLUMNS).as_bytes())?;
            out.flush()
        }
        Format::Csv => output::rows(&mut out, Format::Csv, &examination.sheet.orgs),
        Format::Json | Format::JsonLines => output::record(&mut out, settings.format, &examination.sheet),
    }
}
