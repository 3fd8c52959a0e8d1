//! `sekisho ingest`.

use clap::ArgMatches;
use sekisho_operation::ingest::{IngestReport, ingest_job};
use sekisho_operation::progress::Job;

use super::{Failure, problems, remark};
use crate::exit::Exit;
use crate::lang::say;
use crate::output;
use crate::progress::ProgressLine;
use crate::settings::Settings;
use crate::signals;
use crate::waiting::waiting;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    if settings.paths.is_empty() {
        return Err(Failure::Usage(
            say(settings.lang, "no files named", "ファイルが指定されていません。").to_owned(),
        ));
    }
    let job = Job {
        waiting: waiting(settings.lang, matches.get_flag("no-wait")),
        ..Job::default()
    };
    signals::watch(&job.stop, settings.lang);
    let line = ProgressLine::show(&job.progress, settings.lang);
    let loaded = ingest_job(
        &settings.caller(),
        &settings.data_dir,
        &settings.paths,
        &settings.read,
        &job,
    );
    drop(line);
    let report = loaded?;
    if settings.is_for_people() {
        tell(&report, settings);
        let rows: Vec<_> = report
            .tables
            .iter()
            .map(|(table, events)| serde_json::json!({"table": table, "events": events}))
            .collect();
        output::rows(&mut output::stdout(), settings.format, &rows)?;
    } else {
        output::record(&mut output::stdout(), settings.format, &report)?;
    }
    problems(settings.lang, &report.problems, report.problem_count);
    if report.stopped {
        remark(say(
            settings.lang,
            "warning: stopped before the end: what was read is kept, and the same command goes on there",
            "警告: 途中で停止しました。読み込んだ分は保存しました。同じコマンドをもう一度実行すると続きから読み込みます。",
        ));
    }
    Ok(Exit::of(false, report.is_incomplete()))
}

fn tell(report: &IngestReport, settings: &Settings) {
    let (files, events) = (report.files, report.events);
    let (duplicates, rejected) = (report.duplicates, report.rejected);
    remark(&match settings.lang {
        sekisho_event::text::Lang::En => {
            format!("{files} files: {events} new events, {duplicates} duplicates, {rejected} rejected")
        }
        sekisho_event::text::Lang::Ja => {
            format!(
                "{files} ファイル: 新規イベント {events} 件、重複 {duplicates} 件、受け付けられない行 {rejected} 件"
            )
        }
    });
}
