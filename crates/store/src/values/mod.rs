//! The value index of segments: which values stand where, so that a look-up reads few rows, and counts without reading
//! any.
//!
//! Segments of the common table have an index file beside them. It follows from the rows. One that is lost, damaged or of
//! an older store answers nothing, and whoever asks reads the rows instead.

mod cache;
mod count;
mod hours;
mod rows;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_index::{Index, IndexBuilder, IndexSpec, ReadAt};

use crate::error::{Error, Result};
use crate::segment::{PartKind, time_column};
use crate::sums::{SummedFile, Sums};

pub use count::{KeepOrg, ValueCount, ValueCounts};
pub use hours::{HourCount, HourCounts};

/// The extension of index files.
pub(crate) const VALUES_EXTENSION: &str = "vals";

/// The table whose segments have an index.
pub(crate) const INDEXED_TABLE: &str = "events";

/// The columns of the common table that are looked up and counted by their values. Not among them are texts that are searched in (`query`,
/// `message`) and ids of single events, which would take more room than they spare reading.
pub const VALUE_COLUMNS: [&str; 20] = [
    "org",
    "source",
    "table",
    "kind",
    "action",
    "outcome",
    "actor",
    "actor_id",
    "src_ip",
    "user_agent",
    "app",
    "app_id",
    "token_id",
    "login_key",
    "session_key",
    "session_level",
    "object",
    "record_id",
    "country",
    "file",
];

/// The columns that hours are counted by: who may see an event, and what kind it is.
const HOUR_KEYS: [&str; 2] = ["org", "table"];

/// An index takes at most this part of its segment; what would take more does not spare as much reading.
const MAX_PART_OF_SEGMENT: u64 = 10;

/// What an index may take beside a small segment, whose rows compress to little.
const MIN_ROOM_BYTES: u64 = 16 * 1024;

/// Begins the index of a segment of `table`; `None` where its segments have none.
pub(crate) fn begin(table: &str, batch: &RecordBatch) -> Option<IndexBuilder> {
    if table != INDEXED_TABLE {
        return None;
    }
    let schema = batch.schema_ref();
    let columns = VALUE_COLUMNS.into_iter();
    Some(IndexBuilder::new(IndexSpec {
        time: time_column(schema)?.to_owned(),
        columns: columns
            .filter(|name| schema.field_with_name(name).is_ok())
            .map(str::to_owned)
            .collect(),
        hour_keys: HOUR_KEYS.map(str::to_owned).to_vec(),
    }))
}

/// Writes the index of the segment at `segment`, which takes `bytes`. It is not durable yet.
pub(crate) fn write(builder: IndexBuilder, segment: &Path, bytes: u64) -> Result<Sums> {
    let path = segment.with_extension(PartKind::Values.extension());
    let mut file = SummedFile::create(&path)?;
    let room = (bytes / MAX_PART_OF_SEGMENT).max(MIN_ROOM_BYTES);
    builder
        .finish(&mut file, room)
        .map_err(|source| Error::Index { path, source })?;
    Ok(file.sums())
}

/// Returns the index of the segment at `segment`, which has `rows` rows, where there is one that can be relied on.
pub(crate) fn open(segment: &Path, rows: u64) -> Option<Arc<Index>> {
    let path = segment.with_extension(VALUES_EXTENSION);
    cache::get(&path, || Index::open(Box::new(PathFile(path.clone()))).ok()).filter(|index| index.rows() == rows)
}

/// A file that is open only while it is read: an index is kept for long, and thousands of segments must not take as many
/// handles, nor keep the room of files that were removed.
#[derive(Debug)]
struct PathFile(PathBuf);

impl ReadAt for PathFile {
    fn len_bytes(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        File::open(&self.0)?.read_exact_at(buffer, offset)
    }
}
