//! `sekisho session KEY`.

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::session::session;
use serde_json::{Value, json};

use super::{Failure, problems, remark};
use crate::exit::Exit;
use crate::lang::say;
use crate::output::{self, Format, Row, RowWriter, row_of};
use crate::settings::Settings;

pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let key = matches.get_one::<String>("key").map(String::as_str).unwrap_or_default();
    let report = session(&settings.caller(), key, &settings.source())?;
    if report.tree.is_none() {
        remark(say(
            settings.lang,
            "no event has this key",
            "このキーを持つイベントはありません。",
        ));
    }
    let tree = report.tree.as_ref().map_or_else(nothing, row_of);
    match settings.format {
        Format::Table | Format::Csv => sheet(&tree, settings)?,
        Format::Json | Format::JsonLines => output::record(&mut output::stdout(), settings.format, &tree)?,
    }
    problems(settings.lang, &report.read.problems, report.read.problem_count);
    Ok(Exit::of(false, report.read.is_incomplete()))
}

/// The answer where the key is nowhere: the same shape, with nothing in it.
fn nothing() -> Row {
    row_of(&json!({"login_key": null, "user": null, "login": null, "sessions": []}))
}

fn sheet(tree: &Row, settings: &Settings) -> std::io::Result<()> {
    if settings.is_for_people() {
        let text = |name: &str| tree.get(name).and_then(Value::as_str).unwrap_or("-");
        let (login_key, user) = (text("login_key"), text("user"));
        remark(&match settings.lang {
            Lang::En => format!("login {login_key} of {user}"),
            Lang::Ja => format!("ログイン {login_key}(ユーザー {user})"),
        });
    }
    let mut out = output::stdout();
    let mut writer = RowWriter::new(&mut out, settings.format);
    let columns = [
        "session_key",
        "kind",
        "user",
        "src_ips",
        "user_agents",
        "from",
        "to",
        "events",
    ];
    writer.columns(columns.map(str::to_owned).to_vec());
    for session in tree.get("sessions").and_then(Value::as_array).into_iter().flatten() {
        let cells = columns.map(|name| (name.to_owned(), joined(session.get(name))));
        writer.row(cells.into_iter().collect())?;
    }
    writer.finish()
}

/// Lists of addresses and user agents as one cell.
fn joined(value: Option<&Value>) -> Value {
    match value {
        Some(Value::Array(items)) => {
            Value::from(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "))
        }
        other => other.cloned().unwrap_or(Value::Null),
    }
}
