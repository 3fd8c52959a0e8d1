//! `sekisho ingest`.

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::ingest::{IngestReport, ReconciledDay, ingest_job};
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
    differences(&report, settings.lang);
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
        Lang::En => {
            format!("{files} files: {events} new events, {duplicates} duplicates, {rejected} rejected")
        }
        Lang::Ja => {
            format!(
                "{files} ファイル: 新規イベント {events} 件、重複 {duplicates} 件、受け付けられない行 {rejected} 件"
            )
        }
    });
}

/// Days named for people; the JSON lists up to 1,000.
const DAYS_SHOWN: usize = 10;

/// Says on which days hourly and daily files differ. That is no failure: the rows of both are kept.
fn differences(report: &IngestReport, lang: Lang) {
    let differing: Vec<_> = report.reconciled.iter().filter(|day| !day.is_equal()).collect();
    for day in differing.iter().take(DAYS_SHOWN) {
        remark(&difference(day, lang));
    }
    let more = differing.len().saturating_sub(DAYS_SHOWN);
    if more > 0 {
        remark(&match lang {
            Lang::En => format!("note: and {more} more days and tables where hourly and daily files differ"),
            Lang::Ja => {
                format!("注記: 1 時間ごとのファイルと日次ファイルが異なる日とテーブルが、ほかに {more} 件あります。")
            }
        });
    }
    if !differing.is_empty() {
        remark(say(
            lang,
            "note: all of these rows are kept; `sekisho query \"SELECT * FROM sekisho.differences\"` lists them",
            "注記: これらの行はすべて保持しています。`sekisho query \"SELECT * FROM sekisho.differences\"` で一覧を表示できます。",
        ));
    }
    for file in &report.unplaced {
        remark(&match lang {
            Lang::En => {
                format!("note: {file} covers several days: it is loaded, but not compared with hourly or daily files")
            }
            Lang::Ja => format!(
                "注記: {file} は複数の日にわたります。読み込みましたが、1 時間ごとのファイルや日次ファイルとは照合していません。"
            ),
        });
    }
}

fn difference(day: &ReconciledDay, lang: Lang) -> String {
    let ReconciledDay {
        table,
        org,
        day: date,
        only_hourly,
        only_daily,
        ..
    } = day;
    let mut parts = Vec::new();
    if *only_hourly > 0 {
        parts.push(match lang {
            Lang::En => format!("the daily file lacks {} that hourly files had", rows(*only_hourly)),
            Lang::Ja => format!("日次ファイルには、1 時間ごとのファイルにあった {only_hourly} 行がありません"),
        });
    }
    if *only_daily > 0 {
        parts.push(match lang {
            Lang::En => format!("hourly files lack {} that the daily file has", rows(*only_daily)),
            Lang::Ja => format!("1 時間ごとのファイルには、日次ファイルにある {only_daily} 行がありません"),
        });
    }
    if !day.hours_missing.is_empty() {
        let hours: Vec<String> = day.hours_missing.iter().map(|hour| format!("{hour:02}")).collect();
        let hours = hours.join(", ");
        parts.push(match lang {
            Lang::En => format!("no hourly file for the hours {hours} UTC"),
            Lang::Ja => format!("{hours} 時（UTC）の 1 時間ごとのファイルがありません"),
        });
    }
    match lang {
        Lang::En => format!("note: {table} of {org} on {date}: {}", parts.join("; ")),
        Lang::Ja => format!("注記: {date} の {table}（組織 {org}）: {}。", parts.join("。")),
    }
}

fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        _ => format!("{count} rows"),
    }
}
