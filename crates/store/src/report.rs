//! What the store is told and tells: plain records.

use arrow::array::{BooleanArray, RecordBatch};
use std::collections::BTreeMap;

/// One table of the store, summed up from the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableStat {
    /// `<schema>.<table>`.
    pub name: String,
    /// The rows in it.
    pub events: u64,
    /// The first time in it, in microseconds since 1970 UTC.
    pub from: Option<i64>,
    /// The last time in it, in microseconds since 1970 UTC.
    pub to: Option<i64>,
    /// The size of its segments on disk.
    pub bytes: u64,
}

/// One input file, as it is remembered in `sekisho.files`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileRecord {
    /// The name as given.
    pub name: String,
    /// The SHA-256 of its bytes as lower-case hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// What it was read as.
    pub kind: String,
    /// The rows stored from it.
    pub events: u64,
    /// The rows of it that were stored already.
    pub duplicates: u64,
    /// The rows of it that did not fit.
    pub rejected: u64,
}

/// How far a source has been read, committed together with what was read from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The source's name.
    pub source: String,
    /// Where to go on, in the source's own terms.
    pub position: String,
    /// The time up to which the source's events are in the store, in microseconds since 1970 UTC, where it says so.
    pub watermark_us: Option<i64>,
}

/// What became of an appended batch.
#[derive(Debug, Clone)]
pub struct Appended {
    /// The rows that were new, in their order.
    pub kept: RecordBatch,
    /// The number of rows that were stored already.
    pub duplicates: usize,
    /// Which rows of the batch were new; `None` where all were.
    pub is_new: Option<BooleanArray>,
}

/// What a commit made durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitReport {
    /// The new rows per table.
    pub tables: BTreeMap<String, u64>,
    /// The rows that were stored already.
    pub duplicates: u64,
    /// The rows of earlier small loads that the catalogue held and that are in segments now.
    pub flushed: u64,
    /// The segments written.
    pub segments: usize,
    /// Their bytes.
    pub bytes: u64,
}
