//! `sekisho store`: caring for the store as a whole.

use clap::Command;
use sekisho_event::text::Lang;

use super::examples;
use crate::lang::say;

/// Returns the command and what stands below it.
pub(super) fn command(lang: Lang) -> Command {
    Command::new("store")
        .about(
            say(
                lang,
                "Checks and cares for the store as a whole",
                "ストア全体の検査と管理",
            )
            .to_owned(),
        )
        .after_help(examples(
            lang,
            [
                "sekisho store verify",
                "sekisho store verify --data ./kaede --format json",
            ],
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([verify(lang)])
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
                "sekisho store verify",
                "sekisho store verify --data ./kaede --format json",
            ],
        ))
}
