//! What can go wrong with an index file.

use std::io;

/// The result of reading or writing an index file.
pub type Result<T> = std::result::Result<T, IndexError>;

/// Why an index was not written or not read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The rows' time column is not one.
    #[error("indexing by the time column `{column}`: it holds {found}, not microseconds")]
    TimeType {
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// A segment has more rows than an index can number.
    #[error("indexing more than {limit} rows")]
    TooManyRows {
        /// How many there may be.
        limit: u64,
    },
    /// The file could not be written.
    #[error("writing the index: {0}")]
    Write(#[source] io::Error),
    /// A part could not be compressed.
    #[error("compressing a part of the index: {0}")]
    Compress(#[source] io::Error),
    /// The file could not be read.
    #[error("reading {part} of the index: {source}")]
    Read {
        /// What was being read.
        part: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The file is not what was written.
    #[error("reading {part} of the index: {problem}")]
    Damaged {
        /// What was being read.
        part: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The file is of another version.
    #[error("the index has format {found}; this program knows format {known}")]
    Version {
        /// The file's version.
        found: u32,
        /// The version that can be read.
        known: u32,
    },
}

/// Returns a function that makes the error of a damaged part.
pub(crate) fn damaged(part: &'static str) -> impl Fn(&'static str) -> IndexError + Copy {
    move |problem| IndexError::Damaged { part, problem }
}
