//! `sekisho sigma match` and `sekisho sigma check`.

use std::path::PathBuf;

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::rules::check_rules;
use sekisho_operation::sigma_match::sigma_match;

use super::{Failure, Given, problems, remark, rule_choice, skipped_rules};
use crate::exit::Exit;
use crate::output::{self, RowWriter, row_of};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("match", matches)) => run_match(matches, settings),
        Some(("check", _)) => run_check(settings),
        _ => Ok(Exit::Usage),
    }
}

fn run_match(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let Some(file) = matches.get_one::<PathBuf>("path") else {
        return Ok(Exit::Usage);
    };
    let mut out = output::stdout();
    let mut given = Given::new(RowWriter::new(&mut out, settings.format));
    let report = sigma_match(&settings.caller(), &rule_choice(matches)?, file, &mut |line_match| {
        given.row(row_of(&line_match))
    });
    let report = given.finish(report)?;
    skipped_rules(settings.lang, &report.skipped);
    problems(settings.lang, &report.read.problems, report.read.problem_count);
    Ok(Exit::of(report.matches > 0, report.is_incomplete()))
}

/// A rule that would not load is a rule that is not accepted: exit 2.
fn run_check(settings: &Settings) -> Result<Exit, Failure> {
    let check = check_rules(&settings.caller(), &settings.paths)?;
    output::rows(&mut output::stdout(), settings.format, &check.problems)?;
    if settings.is_for_people() {
        let (files, found) = (check.files, check.problems.len());
        remark(&match settings.lang {
            Lang::En => format!("{files} files: {found} problems"),
            Lang::Ja => format!("{files} ファイル: 問題 {found} 件"),
        });
    }
    Ok(if check.has_errors { Exit::Usage } else { Exit::Done })
}
