//! `sekisho`: arguments in, rendered answers and exit codes out. What is done stands in `sekisho-operation`.

mod args;
mod commands;
mod exit;
mod lang;
mod output;
mod progress;
mod settings;
mod signals;
mod times;
mod waiting;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(std::env::args_os().collect())
}
