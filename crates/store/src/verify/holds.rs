//! What a range of bytes of a segment holds: rows, columns and times, as its footer says.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;

use super::{Damage, DamageKind};
use crate::catalogue::DataFile;

/// The length of the footer and the magic bytes that end a Parquet file.
const TAIL_BYTES: u64 = 8;

/// The time columns of our tables.
const TIME_COLUMNS: [&str; 2] = ["_time", "time"];

/// The places of a segment.
#[derive(Debug, Default)]
pub(super) struct Holds {
    chunks: Vec<Chunk>,
    /// Where the footer begins; `None` where it cannot be read.
    footer: Option<u64>,
    rows: u64,
    times: Option<(i64, i64)>,
    is_segment: bool,
}

/// The values of one column in one row group.
#[derive(Debug)]
struct Chunk {
    from: u64,
    to: u64,
    rows: (u64, u64),
    times: Option<(i64, i64)>,
    column: String,
}

impl Holds {
    /// Returns what a file holds that is no segment.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    /// Says in `damage` what the bytes from `from` to `to` hold.
    pub(super) fn tell(&self, from: u64, to: u64, damage: &mut Damage) {
        if !self.is_segment {
            return;
        }
        let is_footer_hurt = self.footer.is_none_or(|footer| to > footer);
        if is_footer_hurt {
            damage.rows = Some((0, self.rows));
            damage.times = self.times;
            if damage.detail.is_empty() {
                "the footer is hurt, so no row of the file can be relied on".clone_into(&mut damage.detail);
            }
            return;
        }
        for chunk in self.chunks.iter().filter(|chunk| from < chunk.to && chunk.from < to) {
            damage.rows = Some(match damage.rows {
                Some((first, last)) => (first.min(chunk.rows.0), last.max(chunk.rows.1)),
                None => chunk.rows,
            });
            damage.times = widened(damage.times, chunk.times);
            if !damage.columns.contains(&chunk.column) {
                damage.columns.push(chunk.column.clone());
            }
        }
    }
}

/// Returns what the segment at `path` holds, as far as its footer can be read.
pub(super) fn of(path: &Path, file: &DataFile) -> Holds {
    let unread = Holds {
        rows: file.rows,
        times: file.times.and_then(|times| times.range),
        is_segment: true,
        ..Holds::default()
    };
    // The footer may be hurt in any way, and its reader was not made for that.
    let metadata = catch_unwind(AssertUnwindSafe(|| {
        let open = File::open(path).ok()?;
        ParquetMetaDataReader::new().parse_and_finish(&open).ok()
    }));
    let Ok(Some(metadata)) = metadata else {
        return unread;
    };
    let Some(footer) = footer_start(path) else {
        return unread;
    };
    Holds {
        chunks: chunks(&metadata),
        footer: Some(footer),
        ..unread
    }
}

/// Returns how many rows the footer of the segment at `path` says it has.
pub(super) fn rows(path: &Path) -> Result<u64, String> {
    let metadata = catch_unwind(AssertUnwindSafe(|| {
        let open = File::open(path).map_err(|error| error.to_string())?;
        ParquetMetaDataReader::new()
            .parse_and_finish(&open)
            .map_err(|error| error.to_string())
    }))
    .unwrap_or_else(|_| Err("its footer cannot be read".to_owned()))?;
    Ok(u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0))
}

/// Reads and decodes a whole segment, or says why that is not possible.
pub(super) fn decodes(path: &Path, file: &DataFile) -> Result<(), (DamageKind, String)> {
    let unreadable = |detail: String| (DamageKind::Unreadable, detail);
    let rows = catch_unwind(AssertUnwindSafe(|| -> Result<u64, String> {
        let open = File::open(path).map_err(|error| error.to_string())?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(open)
            .and_then(ParquetRecordBatchReaderBuilder::build)
            .map_err(|error| error.to_string())?;
        let mut rows = 0;
        for batch in reader {
            rows += batch.map_err(|error| error.to_string())?.num_rows() as u64;
        }
        Ok(rows)
    }))
    .map_err(|_| unreadable("its pages cannot be decoded".to_owned()))?
    .map_err(unreadable)?;
    if rows == file.rows {
        return Ok(());
    }
    let detail = format!("it has {rows} rows, the catalogue says {}", file.rows);
    Err((DamageKind::Contradiction, detail))
}

fn footer_start(path: &Path) -> Option<u64> {
    use std::os::unix::fs::FileExt;
    let open = File::open(path).ok()?;
    let bytes = open.metadata().ok()?.len();
    let mut length = [0u8; 4];
    open.read_exact_at(&mut length, bytes.checked_sub(TAIL_BYTES)?).ok()?;
    bytes.checked_sub(TAIL_BYTES + u64::from(u32::from_le_bytes(length)))
}

fn chunks(metadata: &ParquetMetaData) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut first_row = 0u64;
    for group in metadata.row_groups() {
        let rows = (
            first_row,
            first_row.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0)),
        );
        first_row = rows.1;
        let times = group
            .columns()
            .iter()
            .find(|chunk| TIME_COLUMNS.contains(&chunk.column_path().string().as_str()))
            .and_then(|chunk| match chunk.statistics() {
                Some(Statistics::Int64(values)) => Some((*values.min_opt()?, *values.max_opt()?)),
                _ => None,
            });
        for chunk in group.columns() {
            // Not `byte_range`, which ends the program on numbers that cannot be.
            let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
            let (Ok(from), Ok(bytes)) = (u64::try_from(start), u64::try_from(chunk.compressed_size())) else {
                continue;
            };
            chunks.push(Chunk {
                from,
                to: from.saturating_add(bytes),
                rows,
                times,
                column: chunk.column_path().string(),
            });
        }
    }
    chunks
}

fn widened(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
