//! Bytes to typed Arrow batches for every source kind, with quarantine for rows that do not fit.
//!
//! [`decode`] reads one stream, tells its kind from content unless [`Options::kind`] says it, and pushes batches and
//! rejected rows into a [`Sink`]. It knows no disk and no network.

mod build;
mod input;
mod json_text;
mod kinds;
pub mod limits;
mod plain_lines;
mod route;
mod sniff;

use std::collections::BTreeMap;
use std::io::BufRead;
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_event::catalogue::Table;
use sekisho_event::ids::OrgId;
use sekisho_event::kind::SourceKind;
use sekisho_event::time::Zone;

pub use plain_lines::{PlainLine, PlainLines};
pub use sniff::{Form, Sniffed, sniff};

/// Names what the same bytes become: with the same one and the same options they become the same rows. The number is
/// raised whenever a change here makes other rows of them.
pub const DECODING: &str = concat!(env!("CARGO_PKG_VERSION"), "-1");

/// How a stream is to be read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The kind, where the user says it; told from content otherwise.
    pub kind: Option<SourceKind>,
    /// The org of every row, where the user says it.
    pub org: Option<OrgId>,
    /// The stream's name as the user gave it; it goes into `_file`.
    pub file: String,
    /// The zone of times that carry none (`--tz`); `None` leaves them as text.
    pub zone: Option<Zone>,
    /// The time field of generic JSON, where the user names one.
    pub time_field: Option<String>,
}

/// A row that did not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The line where it starts, from 1.
    pub line: u64,
    /// Why it was rejected.
    pub reason: String,
    /// Its beginning; bytes that are not UTF-8 are replaced.
    pub excerpt: String,
}

/// What a sink says when it cannot take more.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Where decoded rows go.
pub trait Sink {
    /// Takes a batch of `table`'s schema.
    ///
    /// # Errors
    /// The sink cannot take it; decoding ends.
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), SinkError>;

    /// Takes a row that did not fit.
    ///
    /// # Errors
    /// The sink cannot take it; decoding ends.
    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError>;
}

/// What was read from one stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The kind it was read as.
    pub kind: Option<SourceKind>,
    /// Rows by table.
    pub tables: BTreeMap<String, u64>,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows whose time columns hold text and no time that could be read: such a row lies in no range.
    pub undated: u64,
    /// The first of them: its line, from 1, and the beginning of the text.
    pub first_undated: Option<(u64, String)>,
}

impl Summary {
    /// Returns the rows of all tables.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.tables.values().sum()
    }
}

/// Why a stream could not be read. Rows handed to the sink before stay there.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The content is of no kind that is known.
    #[error("{file}: unknown kind of file ({what}); name it with --as if it is one of the known kinds")]
    UnknownKind {
        /// The stream.
        file: String,
        /// What was seen.
        what: String,
    },
    /// The content is known and holds no events.
    #[error("{file}: no events in it: {what}")]
    NotEvents {
        /// The stream.
        file: String,
        /// What it is.
        what: &'static str,
    },
    /// The stream could not be read to its end.
    #[error("reading {file}, at line {line}")]
    Read {
        /// The stream.
        file: String,
        /// The line that was being read, from 1.
        line: u64,
        /// What went wrong.
        #[source]
        source: std::io::Error,
    },
    /// The sink could not take a batch.
    #[error("storing rows of {file}: {source}")]
    Sink {
        /// The stream.
        file: String,
        /// What went wrong.
        #[source]
        source: SinkError,
    },
    /// Columns could not be put together: an error of ours.
    #[error("building columns of table {table} from {file}")]
    Columns {
        /// The stream.
        file: String,
        /// The table.
        table: String,
        /// What went wrong.
        #[source]
        source: arrow::error::ArrowError,
    },
}

/// Reads a stream to its end and pushes its rows into `sink`.
///
/// # Errors
/// The stream is of no known kind, cannot be read, or the sink cannot take more. A row that does not fit is no error: it
/// goes to [`Sink::rejected`].
pub fn decode(reader: &mut dyn BufRead, options: &Options, sink: &mut dyn Sink) -> Result<Summary, DecodeError> {
    let mut stream = input::Stream::new(reader);
    let file = || options.file.clone();
    let head = stream.head();
    let told = if is_blank(head) {
        Err(DecodeError::NotEvents {
            file: file(),
            what: "the file is empty",
        })
    } else {
        sniff(head, options.kind, &options.file).map_err(|what| DecodeError::UnknownKind { file: file(), what })
    };
    let sniffed = match told {
        Ok(sniffed) => sniffed,
        // What was cut off says nothing about the file.
        Err(error) => {
            return Err(stream.take_failure().map_or(error, |source| DecodeError::Read {
                file: file(),
                line: 1,
                source,
            }));
        }
    };
    kinds::read(stream, sniffed, options, sink)
}

/// A file of blank lines only is as empty as one without bytes; one that is longer than its head is read to see.
fn is_blank(head: &[u8]) -> bool {
    head.len() < limits::HEAD_BYTES
        && head
            .strip_prefix(sniff::UTF8_MARK)
            .unwrap_or(head)
            .trim_ascii()
            .is_empty()
}
