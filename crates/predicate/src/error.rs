//! Why a test was not compiled.

/// Why a test was not compiled.
#[derive(Debug, thiserror::Error)]
pub enum PredicateError {
    /// The regular expression is not one, or grows beyond the size limit.
    #[error("compiling regular expression `{pattern}`: {reason}")]
    Regex {
        /// As the rule wrote it.
        pattern: String,
        /// What the compiler says, in one line.
        reason: String,
    },
    /// The literals of a text test do not fit an automaton.
    #[error("building the automaton of {literals} literals: {reason}")]
    Automaton {
        /// How many there are.
        literals: usize,
        /// What the builder says.
        reason: String,
    },
    /// A list is longer than any rule needs.
    #[error("compiling a list of {values} values: the limit is {limit}")]
    TooManyValues {
        /// How many there are.
        values: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A value is longer than any rule needs.
    #[error("compiling a value of {bytes} bytes: the limit is {limit}")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A test without values would never or always match, by accident.
    #[error("compiling a test without values")]
    NoValues,
}
