//! `sekisho store backup`, `restore` and `export`.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::store_care::{
    BackupAnswer, ExportAnswer, ExportChoice, RestoreAnswer, backup, export_lake, export_parquet, restore,
};
use serde::Serialize;

use crate::commands::{Failure, remark};
use crate::exit::Exit;
use crate::output::{self, Format};
use crate::progress::bytes;
use crate::settings::Settings;

pub(super) fn back_up(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let to = folder(matches);
    let program = env!("CARGO_PKG_VERSION");
    let answer = super::job(settings, |job| {
        backup(&settings.caller(), &settings.data_dir, to, program, job)
    })?;
    let text = backed_up(&answer, to, settings.lang);
    give(&answer, &text, settings)
}

pub(super) fn bring_back(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let from = folder(matches);
    let answer = super::job(settings, |job| {
        restore(&settings.caller(), from, &settings.data_dir, job)
    })?;
    let text = restored(&answer, &settings.data_dir, settings.lang);
    give(&answer, &text, settings)
}

pub(super) fn export(matches: &ArgMatches, settings: &Settings) -> Result<Exit, Failure> {
    let to = folder(matches);
    let tables = matches.get_many::<String>("table");
    let choice = ExportChoice {
        tables: tables.map(|tables| tables.cloned().collect()).unwrap_or_default(),
        range: settings.range,
    };
    let is_lake = matches.get_one::<String>("into").is_some_and(|into| into == "ducklake");
    let answer = if is_lake {
        if choice != ExportChoice::default() {
            return Err(Failure::Usage(whole_lake_only(settings.lang).to_owned()));
        }
        super::job(settings, |job| {
            export_lake(&settings.caller(), &settings.data_dir, to, job)
        })?
    } else {
        super::job(settings, |job| {
            export_parquet(&settings.caller(), &settings.data_dir, to, &choice, job)
        })?
    };
    let text = exported(&answer, to, settings.lang);
    give(&answer, &text, settings)
}

fn folder(matches: &ArgMatches) -> &Path {
    matches
        .get_one::<PathBuf>("dir")
        .map_or(Path::new(""), PathBuf::as_path)
}

/// People get a sentence on standard error, programs the record on standard output.
fn give(answer: &impl Serialize, text: &str, settings: &Settings) -> Result<Exit, Failure> {
    match settings.format {
        Format::Table => remark(text),
        _ => output::record(&mut output::stdout(), settings.format, answer)?,
    }
    Ok(Exit::Done)
}

fn whole_lake_only(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "a lake is exported as a whole: leave --table, --from, --to and --since away, or use --into parquet"
        }
        Lang::Ja => "DuckLake は全体を書き出します。--table や期間の指定を外すか、--into parquet を使ってください。",
    }
}

fn backed_up(answer: &BackupAnswer, to: &Path, lang: Lang) -> String {
    let (files, size) = (answer.files, bytes(answer.bytes));
    let (copied, copied_size) = (answer.copied_files, bytes(answer.copied_bytes));
    let to = to.display();
    match lang {
        Lang::En => format!("{to} holds a backup of {files} files, {size}; copied now: {copied} files, {copied_size}"),
        Lang::Ja => format!(
            "{to} にバックアップがあります({files} ファイル、{size})。今回コピーしたのは {copied} ファイル、{copied_size} です。"
        ),
    }
}

fn restored(answer: &RestoreAnswer, to: &Path, lang: Lang) -> String {
    let (files, size, made) = (answer.files, bytes(answer.bytes), &answer.made);
    let to = to.display();
    match lang {
        Lang::En => format!("{to} holds the store as it was backed up at {made}: {files} files, {size}"),
        Lang::Ja => format!("{made} のバックアップを {to} に復元しました({files} ファイル、{size})。"),
    }
}

fn exported(answer: &ExportAnswer, to: &Path, lang: Lang) -> String {
    let (rows, files, size) = (answer.rows, answer.files, bytes(answer.bytes));
    let to = to.display();
    match lang {
        Lang::En => format!("{to} holds {rows} rows in {files} files, {size}"),
        Lang::Ja => format!("{to} に {rows} 行を書き出しました({files} ファイル、{size})。"),
    }
}
