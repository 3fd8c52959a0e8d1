//! What can go wrong before a hunt starts.

use std::fmt;

/// A problem of one list, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListProblem {
    /// 1-based line of the file, where the format has lines that say something.
    pub line: Option<u64>,
    /// 1-based number of the entry in the list, where entries are counted.
    pub entry: Option<usize>,
    /// What is wrong, for people.
    pub what: String,
}

impl fmt::Display for ListProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.entry) {
            (Some(line), _) => write!(formatter, "line {line}: {}", self.what),
            (None, Some(entry)) => write!(formatter, "entry {entry}: {}", self.what),
            (None, None) => formatter.write_str(&self.what),
        }
    }
}

/// Why a hunt cannot start. In every case nothing was searched.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// A list has entries that do not mean what a list of its format can mean.
    #[error("indicator list `{file}` is not accepted: {}", summary(problems, *total))]
    ListRefused {
        /// The file, as the user named it.
        file: String,
        /// The first problems, at most [`crate::lists::MAX_PROBLEMS_SHOWN`].
        problems: Vec<ListProblem>,
        /// How many there are in all.
        total: usize,
    },
    /// An allow-list has entries that do not mean what it can mean, or is none.
    #[error("allow-list `{file}` is not accepted: {}", summary(problems, *total))]
    AllowListRefused {
        /// The file, as the user named it.
        file: String,
        /// The first problems, at most [`crate::lists::MAX_PROBLEMS_SHOWN`].
        problems: Vec<ListProblem>,
        /// How many there are in all.
        total: usize,
    },
    /// A limit that keeps hunting bounded was passed.
    #[error("list `{file}` is not accepted: {what} (limit {limit})")]
    ListTooLarge {
        /// The file, or the names of the lists hunted together.
        file: String,
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The substring matcher could not be built from patterns within its limits.
    #[error("compiling the text indicators of the lists into one matcher")]
    Patterns(#[source] aho_corasick::BuildError),
    /// A batch is not of the common table.
    #[error("hunting a batch: {what}")]
    NotCommon {
        /// What the batch lacks.
        what: String,
    },
}

fn summary(problems: &[ListProblem], total: usize) -> String {
    let first = problems.first().map_or_else(String::new, ListProblem::to_string);
    match total.saturating_sub(1) {
        0 => first,
        more => format!("{first} (and {more} more)"),
    }
}
