//! `sigma match`: rules over generic JSON, one object a line.

use std::cell::RefCell;
use std::path::Path;

use sekisho_decode::PlainLines;
use sekisho_event::catalogue::LogSource;
use sekisho_io::Input;
use sekisho_sigma::{LineResult, Routing, match_ndjson};
use serde::Serialize;

use crate::Error;
use crate::caller::{Caller, Permission};
use crate::detect::RuleChoice;
use crate::inputs::ReadReport;
use crate::rules::{RuleProblem, load_rules};

/// One match (CONTRACT.md, `sigma match`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineMatch {
    /// The rule's id.
    pub rule_id: String,
    /// The line, from 1.
    pub line: u64,
}

/// What was read and which rules were left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchReport {
    /// Matches given out.
    pub matches: u64,
    /// What was read.
    pub read: ReadReport,
    /// Rules that do not load and were skipped.
    pub skipped: Vec<RuleProblem>,
}

impl MatchReport {
    /// Returns true where rules or lines are missing from the answer.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.read.is_incomplete() || !self.skipped.is_empty()
    }
}

/// Returns the log source that `product=..,service=..,category=..` names.
///
/// # Errors
/// A part is not understood.
pub fn parse_logsource(text: &str) -> Result<LogSource, Error> {
    let mut source = LogSource::default();
    for part in text.split(',') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().to_ascii_lowercase();
        match name.trim() {
            "product" if !value.is_empty() => source.product = value,
            "service" if !value.is_empty() => source.services.push(value),
            "category" if !value.is_empty() => source.categories.push(value),
            _ => {
                return Err(Error::Usage(format!(
                    "`{part}` is no part of a log source; write product=.., service=.. or category=.., joined by commas"
                )));
            }
        }
    }
    Ok(source)
}

/// Matches rules against the lines of a file; a log source in `choice` limits them to rules for it.
///
/// # Errors
/// A rule does not load, the file is missing, or `give` cannot go on.
pub fn sigma_match(
    caller: &Caller,
    choice: &RuleChoice,
    file: &Path,
    give: &mut dyn FnMut(LineMatch) -> Result<(), Error>,
) -> Result<MatchReport, Error> {
    caller.may(Permission::Read)?;
    let streams = Input::open(file)?;
    let rules = load_rules(&choice.paths, choice.skip_invalid)?;
    let routing = choice.logsource.clone().map_or(Routing::All, Routing::Said);
    let mut report = MatchReport {
        matches: 0,
        read: ReadReport::default(),
        skipped: rules.skipped().iter().map(RuleProblem::from).collect(),
    };
    let read = RefCell::new(ReadReport::default());
    for stream in streams {
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                let name = sekisho_io::printable(&file.to_string_lossy());
                read.borrow_mut().problem(&name, None, error.to_string());
                continue;
            }
        };
        read.borrow_mut().files += 1;
        let lines = PlainLines::new(&mut *stream.reader);
        let lines = Events {
            lines,
            name: &stream.name,
            read: &read,
        };
        for result in match_ndjson(&rules, &routing, lines) {
            match result {
                LineResult::Match { rule, line } => {
                    report.matches += 1;
                    let rule_id = rules.rule(rule).map(|rule| rule.id.clone()).unwrap_or_default();
                    give(LineMatch { rule_id, line })?;
                }
                LineResult::Rejected { line, reason } => reject(&read, &stream.name, line, reason),
            }
        }
    }
    report.read = read.into_inner();
    Ok(report)
}

/// The lines of a stream that hold events; what is no line is noted beside.
struct Events<'a> {
    lines: PlainLines<'a>,
    name: &'a str,
    read: &'a RefCell<ReadReport>,
}

impl Iterator for Events<'_> {
    type Item = (u64, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.lines.next_line() {
                Ok(Some((number, Ok(line)))) => {
                    if !line.trim_ascii().is_empty() {
                        self.read.borrow_mut().events += 1;
                        return Some((number, line));
                    }
                }
                Ok(Some((number, Err(reason)))) => reject(self.read, self.name, number, reason.to_owned()),
                Ok(None) => return None,
                Err(error) => {
                    self.read
                        .borrow_mut()
                        .problem(self.name, None, format!("reading stopped half-way: {error}"));
                    return None;
                }
            }
        }
    }
}

fn reject(read: &RefCell<ReadReport>, file: &str, line: u64, reason: String) {
    let mut read = read.borrow_mut();
    read.rejected += 1;
    read.problem(file, Some(line), reason);
}
