//! A compiled test on the values of one field.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use aho_corasick::AhoCorasick;
use ipnet::IpNet;
use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

use crate::cell::Cell;
use crate::error::PredicateError;
use crate::fold::fold;
use crate::number::Number;
use crate::pattern::Pattern;
use crate::spec::{Anchor, Case, Comparison, Missing, TestSpec, TimePart};
use crate::time_part::time_part;

/// The most memory that one compiled regular expression may take: enough for the longest in public rule sets, small
/// enough that a rule set of thousands stays within a server's memory.
pub const REGEX_SIZE_LIMIT_BYTES: usize = 2 << 20;
/// The most values of one list; the longest in public rule sets has 4,432.
pub const LIST_LIMIT: usize = 100_000;
/// The longest literal, pattern or expression; real ones stay under 10 kB.
pub const TEXT_LIMIT_BYTES: usize = 64 << 10;
/// From this many literals on one automaton is cheaper than one search each.
const AUTOMATON_FROM: usize = 4;

/// A compiled test.
#[derive(Debug)]
pub struct Test {
    operation: Operation,
    case: Case,
    missing: Missing,
}

#[derive(Debug)]
enum Operation {
    OneOf {
        texts: HashSet<Box<str>>,
        numbers: Vec<Number>,
    },
    Prefixes(BySize),
    Suffixes(BySize),
    Contains(Box<Finder<'static>>),
    ContainsAny(Vec<Finder<'static>>),
    Automaton(Box<AhoCorasick>),
    Patterns(Vec<Pattern>),
    Regexes(Vec<Regex>),
    Networks(Vec<IpNet>),
    Compare(Comparison, Vec<Number>),
    TimePart(TimePart, Comparison, Vec<Number>),
    Exists {
        wanted: bool,
    },
    Null,
}

/// Literals by their length: one hash look-up per length, however many literals there are.
type BySize = BTreeMap<usize, HashSet<Box<str>>>;

/// What kind of question a test asks about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// Does a value match?
    Value,
    /// Is the field there?
    Exists { wanted: bool },
    /// Is the field null?
    Null,
}

impl Test {
    /// Compiles a test.
    ///
    /// # Errors
    ///
    /// When an expression does not compile, or a list or value is beyond its limit or empty.
    pub fn compile(spec: &TestSpec) -> Result<Self, PredicateError> {
        check_limits(spec)?;
        let (case, missing) = rules_of(spec);
        Ok(Self {
            operation: compile_operation(spec, case)?,
            case,
            missing,
        })
    }

    /// Returns whether one value matches. Null matches no test of this kind.
    #[must_use]
    pub fn matches(&self, cell: &Cell<'_>) -> bool {
        match &self.operation {
            Operation::OneOf { texts, numbers } => self.is_one_of(cell, texts, numbers),
            Operation::Networks(networks) => parse_address(&cell.text())
                .is_some_and(|address| networks.iter().any(|network| network.contains(&address))),
            Operation::Compare(comparison, numbers) => cell
                .number()
                .is_some_and(|number| any_stands(number, *comparison, numbers)),
            Operation::TimePart(part, comparison, numbers) => {
                time_part(cell, *part).is_some_and(|number| any_stands(Number::Integer(number), *comparison, numbers))
            }
            Operation::Exists { .. } | Operation::Null => false,
            _ if *cell == Cell::Null => false,
            _ => match self.case {
                Case::Exact => self.matches_prepared(&cell.text()),
                Case::Folded => self.matches_prepared(&cell.folded()),
            },
        }
    }

    /// Returns the missing-value rule.
    #[must_use]
    pub fn missing(&self) -> Missing {
        self.missing
    }

    pub(crate) fn question(&self) -> Question {
        match self.operation {
            Operation::Exists { wanted } => Question::Exists { wanted },
            Operation::Null => Question::Null,
            _ => Question::Value,
        }
    }

    /// Returns whether text values may be handed over folded, so that they are folded once for all tests of a column.
    pub(crate) fn takes_folded_text(&self) -> bool {
        self.case == Case::Folded
    }

    /// As [`Test::matches`] for a text that already is in the form of the test's case rule.
    pub(crate) fn matches_prepared(&self, text: &str) -> bool {
        match &self.operation {
            Operation::OneOf { texts, .. } => texts.contains(text),
            Operation::Prefixes(by_size) => by_size
                .iter()
                .take_while(|(size, _)| **size <= text.len())
                .any(|(size, literals)| text.get(..*size).is_some_and(|start| literals.contains(start))),
            Operation::Suffixes(by_size) => by_size
                .iter()
                .take_while(|(size, _)| **size <= text.len())
                .any(|(size, literals)| text.get(text.len() - size..).is_some_and(|end| literals.contains(end))),
            Operation::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Operation::ContainsAny(finders) => finders.iter().any(|finder| finder.find(text.as_bytes()).is_some()),
            Operation::Automaton(automaton) => automaton.is_match(text),
            Operation::Patterns(patterns) => patterns.iter().any(|pattern| pattern.matches(text)),
            Operation::Regexes(regexes) => regexes.iter().any(|regex| regex.is_match(text)),
            _ => self.matches(&Cell::Text(text)),
        }
    }

    fn is_one_of(&self, cell: &Cell<'_>, texts: &HashSet<Box<str>>, numbers: &[Number]) -> bool {
        if *cell == Cell::Null {
            return false;
        }
        let same_text = match self.case {
            Case::Exact => texts.contains(cell.text().as_ref()),
            Case::Folded => texts.contains(cell.folded().as_ref()),
        };
        if same_text {
            return true;
        }
        let Some(number) = cell.own_number() else {
            return false;
        };
        // JSON writes a float of integral value with `.0`; the plain text form has none.
        let with_fraction = matches!(cell, Cell::Float(float) if texts.contains(format!("{float:?}").as_str()));
        with_fraction || numbers.contains(&number)
    }
}

fn rules_of(spec: &TestSpec) -> (Case, Missing) {
    match spec {
        TestSpec::OneOf { case, missing, .. }
        | TestSpec::Text { case, missing, .. }
        | TestSpec::Patterns { case, missing, .. } => (*case, *missing),
        TestSpec::Regexes { missing, .. }
        | TestSpec::Networks { missing, .. }
        | TestSpec::Compare { missing, .. }
        | TestSpec::TimePart { missing, .. } => (Case::Exact, *missing),
        TestSpec::Exists { .. } | TestSpec::Null => (Case::Exact, Missing::Fails),
    }
}

fn check_limits(spec: &TestSpec) -> Result<(), PredicateError> {
    let (values, longest) = match spec {
        TestSpec::OneOf { texts, numbers, .. } => (texts.len() + numbers.len(), longest(texts)),
        TestSpec::Text { literals, .. } => (literals.len(), longest(literals)),
        TestSpec::Patterns { patterns, .. } => {
            let bytes = patterns.iter().map(Pattern::literal_bytes).max().unwrap_or(0);
            (patterns.len(), bytes)
        }
        TestSpec::Regexes { expressions, .. } => (expressions.len(), longest(expressions)),
        TestSpec::Networks { networks, .. } => (networks.len(), 0),
        TestSpec::Compare { numbers, .. } | TestSpec::TimePart { numbers, .. } => (numbers.len(), 0),
        TestSpec::Exists { .. } | TestSpec::Null => (1, 0),
    };
    if values == 0 {
        return Err(PredicateError::NoValues);
    }
    if values > LIST_LIMIT {
        return Err(PredicateError::TooManyValues {
            values,
            limit: LIST_LIMIT,
        });
    }
    if longest > TEXT_LIMIT_BYTES {
        return Err(PredicateError::TooLong {
            bytes: longest,
            limit: TEXT_LIMIT_BYTES,
        });
    }
    Ok(())
}

fn longest(texts: &[String]) -> usize {
    texts.iter().map(String::len).max().unwrap_or(0)
}

fn compile_operation(spec: &TestSpec, case: Case) -> Result<Operation, PredicateError> {
    Ok(match spec {
        TestSpec::OneOf { texts, numbers, .. } => Operation::OneOf {
            texts: texts.iter().map(|text| prepared(text, case)).collect(),
            numbers: numbers.clone(),
        },
        TestSpec::Text { literals, anchor, .. } => {
            let literals: Vec<Box<str>> = literals.iter().map(|literal| prepared(literal, case)).collect();
            compile_literals(literals, *anchor)?
        }
        TestSpec::Patterns { patterns, .. } => {
            Operation::Patterns(patterns.iter().map(|pattern| pattern.clone().cased(case)).collect())
        }
        TestSpec::Regexes { expressions, flags, .. } => Operation::Regexes(
            expressions
                .iter()
                .map(|expression| {
                    RegexBuilder::new(expression)
                        .case_insensitive(flags.ignore_case)
                        .multi_line(flags.multi_line)
                        .dot_matches_new_line(flags.dot_all)
                        .size_limit(REGEX_SIZE_LIMIT_BYTES)
                        .build()
                        .map_err(|error| regex_error(expression, &error))
                })
                .collect::<Result<_, _>>()?,
        ),
        TestSpec::Networks { networks, .. } => Operation::Networks(networks.clone()),
        TestSpec::Compare {
            comparison, numbers, ..
        } => Operation::Compare(*comparison, numbers.clone()),
        TestSpec::TimePart {
            part,
            comparison,
            numbers,
            ..
        } => Operation::TimePart(*part, *comparison, numbers.clone()),
        TestSpec::Exists { wanted } => Operation::Exists { wanted: *wanted },
        TestSpec::Null => Operation::Null,
    })
}

fn prepared(text: &str, case: Case) -> Box<str> {
    match case {
        Case::Exact => text.into(),
        Case::Folded => fold(text).into(),
    }
}

fn compile_literals(literals: Vec<Box<str>>, anchor: Anchor) -> Result<Operation, PredicateError> {
    Ok(match anchor {
        Anchor::Whole => Operation::OneOf {
            texts: literals.into_iter().collect(),
            numbers: Vec::new(),
        },
        Anchor::Start => Operation::Prefixes(by_size(literals)),
        Anchor::End => Operation::Suffixes(by_size(literals)),
        Anchor::Anywhere => match literals.as_slice() {
            [only] => Operation::Contains(Box::new(finder(only))),
            few if few.len() < AUTOMATON_FROM => {
                Operation::ContainsAny(few.iter().map(|literal| finder(literal)).collect())
            }
            many => Operation::Automaton(Box::new(
                AhoCorasick::new(many.iter().map(AsRef::<str>::as_ref)).map_err(|error| PredicateError::Automaton {
                    literals: many.len(),
                    reason: error.to_string(),
                })?,
            )),
        },
    })
}

fn finder(literal: &str) -> Finder<'static> {
    Finder::new(literal.as_bytes()).into_owned()
}

fn by_size(literals: Vec<Box<str>>) -> BySize {
    let mut sizes = BySize::new();
    for literal in literals {
        sizes.entry(literal.len()).or_default().insert(literal);
    }
    sizes
}

/// The compiler's message draws a picture over several lines; its last line says what is wrong.
fn regex_error(expression: &str, error: &regex::Error) -> PredicateError {
    let message = error.to_string();
    let reason = message.lines().last().unwrap_or_default().trim();
    PredicateError::Regex {
        pattern: expression.to_owned(),
        reason: reason.trim_start_matches("error: ").to_owned(),
    }
}

/// An IPv4 address written as IPv6 is the IPv4 address.
fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn any_stands(number: Number, comparison: Comparison, to: &[Number]) -> bool {
    to.iter().any(|other| {
        number.compare(*other).is_some_and(|ordering| match comparison {
            Comparison::Equal => ordering.is_eq(),
            Comparison::Less => ordering.is_lt(),
            Comparison::AtMost => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            Comparison::AtLeast => ordering.is_ge(),
        })
    })
}
