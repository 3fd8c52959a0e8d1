//! `sekisho detect`.

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::detect::{DetectReport, detect};

use super::{Failure, Given, problems, rule_choice, skipped_rules};
use crate::exit::Exit;
use crate::output::{self, RowWriter, row_of};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let mut out = output::stdout();
    let mut given = Given::new(RowWriter::new(&mut out, settings.format));
    let choice = rule_choice(matches)?;
    let report = detect(
        &settings.caller(),
        &choice,
        &settings.source(),
        settings.range,
        &mut |finding| given.row(row_of(&finding)),
    );
    let report = given.finish(report)?;
    tell(&report, settings);
    Ok(Exit::of(report.findings > 0, report.is_incomplete()))
}

fn tell(report: &DetectReport, settings: &Settings) {
    skipped_rules(settings.lang, &report.skipped);
    problems(settings.lang, &report.read.problems, report.read.problem_count);
    if settings.is_for_people() {
        let (rules, events, findings) = (report.rules, report.read.events, report.findings);
        super::remark(&match settings.lang {
            Lang::En => format!("{rules} rules over {events} events: {findings} findings"),
            Lang::Ja => format!("ルール {rules} 件、イベント {events} 件、検出 {findings} 件"),
        });
    }
}
