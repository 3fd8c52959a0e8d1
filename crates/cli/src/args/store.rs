//! `sekisho store`: caring for the store as a whole.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use sekisho_event::text::Lang;

use super::{examples, ranges, repeated};
use crate::lang::say;

/// Returns the command and what stands below it.
pub(super) fn command(lang: Lang) -> Command {
    Command::new("store")
        .about(
            say(
                lang,
                "Checks, copies and cares for the store as a whole",
                "ストア全体の検査・コピー・管理",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            ["sekisho store verify", "sekisho store backup /backup/sekisho"],
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([verify(lang), backup(lang), restore(lang), export(lang)])
}

fn verify(lang: Lang) -> Command {
    Command::new("verify")
        .about(
            say(
                lang,
                "Reads every file of the store and names what is damaged or missing; exits 1 where anything is",
                "ストアの全ファイルを読み、壊れた箇所と欠けたファイルを示します。見つかれば終了コード 1 です",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store verify --format json",
                "sekisho store verify --repair --data ./kaede",
            ],
        ))
        .arg(
            Arg::new("repair").long("repair").action(ArgAction::SetTrue).help(
                say(
                    lang,
                    "Make what follows from the rows anew, and give checksums to files that have none",
                    "行から導けるものを作り直し、チェックサムのないファイルにチェックサムを付けます",
                )
                .to_owned(),
            ),
        )
}

fn backup(lang: Lang) -> Command {
    Command::new("backup")
        .about(
            say(
                lang,
                "Copies the store, also while it is in use; a second backup into the same folder copies only what is new",
                "使用中のストアもそのままコピーします。同じフォルダーへの 2 回目以降は新しいファイルだけをコピーします",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store backup /backup/sekisho",
                "sekisho store backup --data ./kaede /backup/kaede --format json",
            ],
        ))
        .arg(dir(
            lang,
            "New or empty folder, or one with an earlier backup",
            "新しいフォルダー、空のフォルダー、または以前のバックアップがあるフォルダー",
        ))
}

fn restore(lang: Lang) -> Command {
    Command::new("restore")
        .about(
            say(
                lang,
                "Restores a backup into --data, which is new or empty; everything is checked before anything is written",
                "バックアップを --data の新しい(または空の)場所に復元します。書き込む前にすべて検査します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store restore /backup/sekisho --data ./restored",
                "sekisho store restore /backup/kaede --data ./kaede --format json",
            ],
        ))
        .arg(dir(lang, "Folder of the backup", "バックアップのフォルダー"))
}

fn export(lang: Lang) -> Command {
    Command::new("export")
        .about(
            say(
                lang,
                "Writes rows as Parquet folders that any program reads, or the DuckLake as it stands",
                "行を汎用の Parquet フォルダーとして、またはストア全体を DuckLake として書き出します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store export out/ --into parquet --table 'salesforce.*' --since 28d",
                "sekisho store export lake/ --into ducklake",
            ],
        ))
        .arg(
            Arg::new("into")
                .long("into")
                .value_name("FORM")
                .value_parser(["parquet", "ducklake"])
                .default_value("parquet")
                .hide_default_value(true)
                .help(say(lang, "parquet (default) or ducklake", "parquet(既定)または ducklake").to_owned()),
        )
        .arg(
            repeated("table", "PATTERN").help(
                say(
                    lang,
                    "Table, * for any characters; may be repeated",
                    "テーブル名。* は任意の文字列です(繰り返し指定可)",
                )
                .to_owned(),
            ),
        )
        .arg(
            Arg::new("org")
                .long("org")
                .value_name("ID")
                .help(say(lang, "Only rows of this org", "この組織の行だけを書き出します").to_owned()),
        )
        .args(ranges(lang))
        .arg(dir(lang, "Folder to write into", "書き出し先のフォルダー"))
}

fn dir(lang: Lang, en: &'static str, ja: &'static str) -> Arg {
    Arg::new("dir")
        .value_name("DIR")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help(say(lang, en, ja).to_owned())
}
