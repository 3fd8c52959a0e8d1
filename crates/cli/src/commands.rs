//! One module a command: arguments to an operation, its answer to standard output, an exit code.

mod completions;
mod demo;
mod detect;
mod hunt;
mod ingest;
mod man;
mod query;
mod serve;
mod session;
mod sigma;
mod store;
mod tables;
mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_operation::detect::RuleChoice;
use sekisho_operation::inputs::Problem;
use sekisho_operation::japanese;
use sekisho_operation::rules::RuleProblem;
use sekisho_operation::sigma_match::parse_logsource;
use sekisho_operation::watch::{Watch, WatchChoice};
use sekisho_operation::{Class, Error};

use crate::args;
use crate::exit::Exit;
use crate::lang::{self, say};
use crate::output::{Row, RowWriter, printable};
use crate::settings::Settings;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The operation did nothing.
    Operation(Error),
    /// The arguments are wrong.
    Usage(String),
    /// The answer could not be written.
    Output(io::Error),
    /// The server does not run.
    Server(sekisho_server::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Operation(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs the command line.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let lang = lang::of_arguments(&arguments);
    let matches = match args::command(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    match dispatch(&matches, lang) {
        Ok(exit) => exit.into(),
        Err(failure) => report(&failure, lang).into(),
    }
}

fn dispatch(matches: &ArgMatches, lang: Lang) -> Result<Exit, Failure> {
    let Some((name, command)) = matches.subcommand() else {
        return Ok(Exit::Usage);
    };
    match name {
        "completions" => return completions::run(command, lang),
        "man" => return man::run(command, lang),
        _ => {}
    }
    let settings = Settings::of(leaf(command), lang).map_err(Failure::Usage)?;
    match name {
        "demo" => demo::run(command, &settings),
        "ingest" => ingest::run(command, &settings),
        "tables" => tables::run(command, &settings),
        "query" => query::run(command, &settings),
        "detect" => detect::run(command, &settings),
        "sigma" => sigma::run(command, &settings),
        "hunt" => hunt::run(command, &settings),
        "verdict" => verdict::run(command, &settings),
        "session" => session::run(command, &settings),
        "serve" => serve::run(command, &settings),
        "store" => store::run(command, &settings),
        _ => Ok(Exit::Usage),
    }
}

/// Returns the arguments of the innermost subcommand (`sigma match`).
fn leaf(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, inner)| leaf(inner))
}

/// Help and version go to standard output and are no error; the rest is wrong usage.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is no failure of ours, and there is nowhere else to say it.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage.into()
    } else {
        Exit::Done.into()
    }
}

fn report(failure: &Failure, lang: Lang) -> Exit {
    match failure {
        // Whoever closed the pipe has seen enough.
        Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Failure::Output(error) => {
            complain(lang, &error.to_string(), None);
            Exit::Internal
        }
        Failure::Usage(text) => {
            complain(lang, text, None);
            Exit::Usage
        }
        Failure::Server(error) => {
            let hint = error.hint();
            complain(lang, error.text().get(lang), hint.as_ref().map(|hint| hint.get(lang)));
            if error.is_usage() {
                Exit::Usage
            } else {
                Exit::Configuration
            }
        }
        Failure::Operation(error) => {
            match lang {
                Lang::En => complain(lang, &with_causes(error), error.hint()),
                Lang::Ja => complain(lang, &japanese::error(error), japanese::hint(error)),
            }
            match error.class() {
                _ if error.is_stopped() => Exit::Incomplete,
                Class::Request => Exit::Usage,
                Class::Configuration => Exit::Configuration,
                Class::Internal => Exit::Internal,
            }
        }
    }
}

/// Returns an error with those causes that it does not name itself.
fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        let reason = source.to_string();
        if !text.contains(&reason) {
            text.push_str(&format!("\n  because {reason}"));
        }
        cause = source.source();
    }
    text
}

/// Writes an error for people to standard error.
fn complain(lang: Lang, text: &str, hint: Option<&str>) {
    for (index, line) in text.lines().enumerate() {
        let label = if index == 0 {
            say(lang, "error: ", "エラー: ")
        } else {
            ""
        };
        tell(&format!("{label}{}", printable(line)));
    }
    if let Some(hint) = hint {
        tell(&format!("{}{}", say(lang, "hint: ", "ヒント: "), printable(hint)));
    }
}

/// Writes a remark for people to standard error.
pub(crate) fn remark(text: &str) {
    tell(&printable(text));
}

/// Whoever closed standard error hears nothing more, and a server goes on: `eprintln!` would end it.
fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Problems named for people; the JSON of `ingest` lists up to 1,000.
const PROBLEMS_SHOWN: usize = 20;

/// Names problems on standard error.
fn problems(lang: Lang, problems: &[Problem], count: u64) {
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        remark(&format!(
            "{}{}{line}: {}",
            say(lang, "warning: ", "警告: "),
            problem.file,
            problem.reason
        ));
    }
    let more = count.saturating_sub(PROBLEMS_SHOWN as u64);
    if more > 0 {
        remark(&match lang {
            Lang::En => format!("warning: and {more} more problems"),
            Lang::Ja => format!("警告: ほかに問題が {more} 件あります。"),
        });
    }
}

/// Names rules that were left out: none is dropped in silence.
fn skipped_rules(lang: Lang, skipped: &[RuleProblem]) {
    for problem in skipped {
        let label = say(lang, "warning: rule skipped: ", "警告: ルールを除外しました: ");
        remark(&format!(
            "{label}{}:{}: {}",
            problem.file, problem.line, problem.message
        ));
    }
}

/// Columns of a verdict sheet: as many as an A4 page takes in a readable size.
const SHEET_COLUMNS: usize = 100;

/// Loads what is to be watched for.
fn watch_of(matches: &ArgMatches) -> Result<Watch, Error> {
    let paths = |name: &str| {
        let paths = matches.get_many::<PathBuf>(name);
        paths.map(|paths| paths.cloned().collect()).unwrap_or_default()
    };
    Watch::load(&WatchChoice {
        lists: paths("ioc"),
        allow_lists: paths("allow"),
        rules: paths("rules"),
        skip_invalid: matches.get_flag("skip-invalid"),
    })
}

fn rule_choice(matches: &ArgMatches) -> Result<RuleChoice, Error> {
    let paths = matches
        .get_many::<PathBuf>("rules")
        .map(|paths| paths.cloned().collect())
        .unwrap_or_default();
    let logsource = matches
        .get_one::<String>("logsource")
        .map(|text| parse_logsource(text))
        .transpose()?;
    Ok(RuleChoice {
        paths,
        skip_invalid: matches.get_flag("skip-invalid"),
        logsource,
    })
}

/// Rows that an operation gives out as it finds them. A failure to write ends the operation and is told apart from the
/// operation's own errors.
struct Given<'w, W: Write> {
    writer: RowWriter<'w, W>,
    failure: Option<io::Error>,
}

impl<'w, W: Write> Given<'w, W> {
    fn new(writer: RowWriter<'w, W>) -> Self {
        Self { writer, failure: None }
    }

    fn row(&mut self, row: Row) -> Result<(), Error> {
        self.writer.row(row).map_err(|error| {
            self.failure = Some(error);
            Error::Stopped
        })
    }

    fn finish<T>(self, result: Result<T, Error>) -> Result<T, Failure> {
        if let Some(failure) = self.failure {
            return Err(Failure::Output(failure));
        }
        let answer = result?;
        self.writer.finish()?;
        Ok(answer)
    }
}
