//! What is wrong with a rule, and where.

use std::fmt;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rule loads, but its author should look.
    Warning,
    /// The rule does not load.
    Error,
}

impl Severity {
    /// Returns the word that output uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A problem of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named to us.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// How bad it is.
    pub severity: Severity,
    /// The construct and what is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            severity,
            message,
        } = self;
        write!(formatter, "{file}:{line}: {}: {message}", severity.name())
    }
}

/// Why a rule set was refused.
#[derive(Debug, thiserror::Error)]
pub enum SigmaError {
    /// Rules do not load, and skipping them was not asked for.
    #[error("loading rules: {} do not load, first {}", .problems.len(), .problems.first().map(ToString::to_string).unwrap_or_default())]
    Refused {
        /// Every problem that refuses a rule.
        problems: Vec<Problem>,
    },
    /// The shipped field aliases are not of their form.
    #[error("reading the field aliases")]
    Aliases(#[from] serde_json::Error),
}

/// A problem before its file is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }

    pub(crate) fn into_problem(self, file: &str, severity: Severity) -> Problem {
        Problem {
            file: file.to_owned(),
            line: self.line,
            severity,
            message: self.message,
        }
    }
}
