//! The project's own chores, run as `cargo xtask NAME`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking to the developer is what this program does"
)]

mod bench;
mod browser;
mod console;
mod demo;
mod docs;
mod layers;
mod package;
mod python;
mod report;
mod skips;
mod test;
mod workspace;

use std::process::ExitCode;

/// What went wrong, in words for the developer.
type Failure = String;

/// One chore.
struct Chore {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const CHORES: &[Chore] = &[
    chore("demo", "[OPTION]...", demo::ABOUT, demo::run_demo),
    chore("test", "[--full]", test::ABOUT, test::run),
    chore("console", "", console::ABOUT, console::run_chore),
    chore("check-layers", "", layers::ABOUT, layers::run),
    chore("check-docs", "", docs::ABOUT, docs::run),
    chore("bench", "NAME", bench::ABOUT, bench::run),
    chore("package", "", package::ABOUT, package::run),
];

const fn chore(
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
) -> Chore {
    Chore {
        name,
        arguments,
        about,
        run,
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        eprintln!("error: there is no chore `{name}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    match (chore.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("Usage: cargo xtask CHORE\n\n");
    for chore in CHORES {
        let call = format!("{} {}", chore.name, chore.arguments);
        text.push_str(&format!("  {call:<18} {}\n", chore.about));
    }
    text
}

/// Refuses arguments to a chore that takes none.
fn no_arguments(chore: &str, arguments: &[String]) -> Result<(), Failure> {
    match arguments.first() {
        None => Ok(()),
        Some(extra) => Err(format!("`cargo xtask {chore}` takes no argument `{extra}`")),
    }
}
