//! `sekisho hunt`.

use std::io::Write;
use std::path::PathBuf;

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::hunt::{HuntReport, hunt};
use serde_json::Value;

use super::{Failure, problems};
use crate::exit::Exit;
use crate::lang::say;
use crate::output::{self, Format, Row, RowWriter, row_of};
use crate::settings::Settings;

/// Hits shown to a person; all are in the JSON.
const HITS_SHOWN: usize = 50;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let lists: Vec<PathBuf> = matches
        .get_many::<PathBuf>("ioc")
        .map(|lists| lists.cloned().collect())
        .unwrap_or_default();
    let report = hunt(&settings.caller(), &lists, &settings.source(), settings.range)?;
    let answer = row_of(&report.result);
    match settings.format {
        Format::Table => sheet(&mut output::stdout(), &answer, settings.lang)?,
        Format::Csv => list(&answer, "hits", Format::Csv)?,
        Format::Json | Format::JsonLines => output::record(&mut output::stdout(), settings.format, &report.result)?,
    }
    problems(settings.lang, &report.read.problems, report.read.problem_count);
    Ok(exit(&report, &answer))
}

/// A weak match never changes the exit; an inconclusive verdict is incomplete data.
fn exit(report: &HuntReport, answer: &Row) -> Exit {
    let verdict = answer.get("verdict").and_then(Value::as_str).unwrap_or_default();
    Exit::of(
        verdict == "hit",
        verdict == "inconclusive" || report.read.is_incomplete(),
    )
}

fn list(answer: &Row, name: &str, format: Format) -> std::io::Result<()> {
    let mut out = output::stdout();
    let mut writer = RowWriter::new(&mut out, format);
    rows_of(answer, name).into_iter().try_for_each(|row| writer.row(row))?;
    writer.finish()
}

/// The verdict first, then what it rests on.
fn sheet(out: &mut impl Write, answer: &Row, lang: Lang) -> std::io::Result<()> {
    let verdict = answer.get("verdict").and_then(Value::as_str).unwrap_or_default();
    writeln!(out, "{}: {verdict}", say(lang, "verdict", "判定"))?;
    section(
        out,
        say(lang, "per org", "組織別の判定"),
        chosen(rows_of(answer, "orgs"), &["org", "verdict", "doubts"]),
    )?;
    let hits = rows_of(answer, "hits");
    let all = hits.len();
    let columns = [
        "time",
        "indicator",
        "match",
        "org",
        "actor",
        "src_ip",
        "user_agent",
        "app",
        "session_key",
        "table",
    ];
    let shown: Vec<Row> = chosen(hits, &columns).into_iter().take(HITS_SHOWN).collect();
    let title = match lang {
        Lang::En => format!("hits: {all}"),
        Lang::Ja => format!("一致: {all} 件"),
    };
    section(out, &title, shown)?;
    if all > HITS_SHOWN {
        writeln!(
            out,
            "{}",
            say(
                lang,
                "(the rest: --format json)",
                "(残りは --format json で表示できます)"
            )
        )?;
    }
    let coverage = chosen(
        rows_of(answer, "coverage"),
        &["table", "org", "from", "to", "events", "gaps", "blind"],
    );
    section(
        out,
        say(
            lang,
            "coverage: what was searched and what could not be seen",
            "調査範囲: 調べた範囲と見えなかったもの",
        ),
        coverage,
    )
}

fn section(out: &mut impl Write, title: &str, rows: Vec<Row>) -> std::io::Result<()> {
    writeln!(out, "\n{title}")?;
    let mut writer = RowWriter::new(out, Format::Table);
    rows.into_iter().try_for_each(|row| writer.row(row))?;
    writer.finish()
}

fn rows_of(answer: &Row, name: &str) -> Vec<Row> {
    let rows = answer.get(name).and_then(Value::as_array);
    rows.map(|rows| rows.iter().filter_map(|row| row.as_object().cloned()).collect())
        .unwrap_or_default()
}

/// Keeps the columns that fit a screen; lists become their number, with the words that say why.
fn chosen(rows: Vec<Row>, columns: &[&str]) -> Vec<Row> {
    let pick = |row: Row| {
        columns
            .iter()
            .map(|name| ((*name).to_owned(), brief(row.get(*name))))
            .collect()
    };
    rows.into_iter().map(pick).collect()
}

fn brief(value: Option<&Value>) -> Value {
    let Some(Value::Array(items)) = value else {
        return value.cloned().unwrap_or(Value::Null);
    };
    let mut reasons: Vec<&str> = items
        .iter()
        .filter_map(|item| item.get("reason").and_then(Value::as_str))
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    if reasons.is_empty() {
        Value::from(items.len())
    } else {
        Value::from(format!("{}: {}", items.len(), reasons.join(", ")))
    }
}
