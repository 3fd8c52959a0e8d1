//! `sekisho store`: caring for the store as a whole.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use sekisho_event::text::Lang;

use super::{examples, no_wait, ranges, repeated};
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
        .subcommands([
            verify(lang),
            backup(lang),
            restore(lang),
            export(lang),
            maintain(lang),
            retention(lang),
            hold(lang),
        ])
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

fn maintain(lang: Lang) -> Command {
    Command::new("maintain")
        .about(
            say(
                lang,
                "Merges small files, deletes what has aged out as set, removes what nobody needs; `serve` does so by itself",
                "小さなファイルの結合、設定に従った期限切れデータの削除、不要なファイルの除去を行います。`serve` の実行中は自動で行われます",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            ["sekisho store maintain", "sekisho store maintain --data ./kaede --no-wait"],
        ))
        .arg(no_wait(lang))
}

fn retention(lang: Lang) -> Command {
    Command::new("retention")
        .about(
            say(
                lang,
                "Lists how long rows are kept, in this store and at the platforms; nothing is deleted unless set",
                "このストアとプラットフォームでの保持期間の設定を表示します。設定しない限り何も削除されません",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store retention",
                "sekisho store retention set 'salesforce_elf.*' --platform 365d --reason \"event log files are retained\"",
            ],
        ))
        .subcommands([set(lang), apply(lang)])
}

fn set(lang: Lang) -> Command {
    Command::new("set")
        .about(
            say(
                lang,
                "Sets how long rows are kept; an earlier setting for the same pattern stays in the list",
                "保持期間を設定します。同じ対象の以前の設定も一覧に残ります",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store retention set salesforce.LoginEvent --keep 400d --reason \"policy 12\"",
                "sekisho store retention set 'gitlab.*' --keep forever --reason \"open investigation\"",
            ],
        ))
        .arg(pattern(lang))
        .arg(
            Arg::new("keep")
                .long("keep")
                .value_name("DAYS")
                .required_unless_present("platform")
                .conflicts_with("platform")
                .help(
                    say(
                        lang,
                        "How long this store keeps them: 400d, or forever",
                        "このストアでの保持期間(400d または forever)",
                    )
                    .to_owned(),
                ),
        )
        .arg(
            Arg::new("platform").long("platform").value_name("DAYS").help(
                say(
                    lang,
                    "How long the platform keeps them: 365d, or forever; says when rows age out there",
                    "プラットフォームでの保持期間(365d または forever)。期限切れの日付の表示に使います",
                )
                .to_owned(),
            ),
        )
        .args([reason(lang), no_wait(lang)])
}

fn apply(lang: Lang) -> Command {
    Command::new("apply")
        .about(
            say(
                lang,
                "Deletes what is older than set, but for rows under a hold, and removes it from the disk",
                "設定より古い行を、ホールドの対象を除いて削除し、ディスクからも除去します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store retention apply --dry-run",
                "sekisho store retention apply --format json",
            ],
        ))
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help(say(lang, "Only tell what would go", "削除せず、対象の行数だけを表示します").to_owned()),
        )
        .arg(
            Arg::new("undated").long("undated").action(ArgAction::SetTrue).help(
                say(
                    lang,
                    "Delete rows without a time too; they stay otherwise",
                    "日時のない行も削除します。指定しない場合は残ります",
                )
                .to_owned(),
            ),
        )
        .arg(no_wait(lang))
}

fn hold(lang: Lang) -> Command {
    Command::new("hold")
        .about(
            say(
                lang,
                "Holds keep rows from being deleted, for an open case",
                "ホールド: 調査中の案件の行を削除の対象から外します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store hold list",
                "sekisho store hold place case-12 --org 00D5g00000AbCdE --reason \"case 12\"",
            ],
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([place(lang), list(lang), release(lang)])
}

fn place(lang: Lang) -> Command {
    Command::new("place")
        .about(say(lang, "Places a hold", "ホールドを設定します").to_owned())
        .after_help(examples(
            lang,
            [
                "sekisho store hold place case-12 --reason \"case 12\" --table 'salesforce.*' --from 2025-11-01T00:00:00Z",
                "sekisho store hold place all --reason \"litigation\"",
            ],
        ))
        .arg(hold_name(lang))
        .arg(
            repeated("table", "TABLE").help(
                say(
                    lang,
                    "Table, or the head of names and a *; repeat for more; all without",
                    "対象のテーブル、または名前の先頭と *(繰り返し指定可)。省略時はすべて",
                )
                .to_owned(),
            ),
        )
        // `--org` of other commands limits what the caller sees; here it is what is held.
        .arg(
            Arg::new("held-org")
                .long("org")
                .value_name("ID")
                .action(ArgAction::Append)
                .help(
                    say(
                        lang,
                        "Org whose rows are held; repeat for more; all without",
                        "対象の組織(繰り返し指定可)。省略時はすべて",
                    )
                    .to_owned(),
                ),
        )
        .args(ranges(lang))
        .args([reason(lang), no_wait(lang)])
}

fn list(lang: Lang) -> Command {
    Command::new("list")
        .about(
            say(
                lang,
                "Lists all holds, released ones too",
                "解除済みを含む全ホールドを表示します",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            ["sekisho store hold list", "sekisho store hold list --format json"],
        ))
}

fn release(lang: Lang) -> Command {
    Command::new("release")
        .about(
            say(
                lang,
                "Releases a hold; it stays in the list",
                "ホールドを解除します。一覧には残ります",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store hold release case-12 --reason \"closed\"",
                "sekisho store hold release case-12 --reason \"closed\" --data ./kaede",
            ],
        ))
        .args([hold_name(lang), reason(lang), no_wait(lang)])
}

fn pattern(lang: Lang) -> Arg {
    Arg::new("pattern").value_name("TABLE").required(true).help(
        say(
            lang,
            "Table, or the head of names and a * ('salesforce_elf.*')",
            "テーブル、または名前の先頭と *('salesforce_elf.*')",
        )
        .to_owned(),
    )
}

fn hold_name(lang: Lang) -> Arg {
    Arg::new("hold")
        .value_name("NAME")
        .required(true)
        .help(say(lang, "Name of the hold", "ホールドの名前").to_owned())
}

fn reason(lang: Lang) -> Arg {
    Arg::new("reason")
        .long("reason")
        .value_name("TEXT")
        .required(true)
        .help(say(lang, "Why; it is kept with the record", "理由。記録に残ります").to_owned())
}
