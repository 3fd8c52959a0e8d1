//! Rows that the catalogue itself holds: a small load is not worth files of its own, so its rows go into the transaction
//! that makes them visible, in the shape in which DuckDB inlines rows. Once a table has many of them they become a
//! segment.

pub(crate) mod cells;
pub(crate) mod known;
pub(crate) mod value;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::{max, max_boolean, min, min_boolean};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};

use crate::catalogue::Column;
use crate::segment::{Bounds, ColumnStats};
use cells::{Cell, Cells};

/// The rows of a load, over all its tables, that are kept in the catalogue. Writing them takes about 10 µs a row, segments
/// about 10 ms a table: at a thousand rows in two tables both cost the same.
pub(crate) const INLINE_ROWS: usize = 1_000;

/// The bytes of such rows: what the write-ahead log takes in one go without a second thought.
pub(crate) const INLINE_BYTES: usize = 4 * 1024 * 1024;

/// The inlined rows of a table beyond which the next load turns them into a segment. Every query of the table decodes them
/// (about 2 µs a row), every flush waits for files: this is one segment for each twenty largest or two hundred usual loads.
pub(crate) const FLUSH_ROWS: u64 = 20_000;

/// The bytes of inlined rows of a table at which they are flushed, however few they are: a query holds them all.
pub(crate) const FLUSH_BYTES: u64 = 16 * 1024 * 1024;

/// The bytes of a time's text.
const TIME_BYTES: usize = 29;

/// The bytes of a number, at most.
const NUMBER_BYTES: usize = 8;

/// The most columns of a table that SQLite takes, less a few for DuckLake.
const MAX_COLUMNS: usize = 1_900;

/// Column names that DuckLake or SQLite takes for itself in a table of inlined rows.
const RESERVED: [&str; 4] = ["row_id", "begin_snapshot", "end_snapshot", "_rowid_"];

/// Returns whether a table with these columns can have inlined rows.
pub(crate) fn takes_columns(columns: &[Column]) -> bool {
    let is_taken = |column: &Column| {
        column.name.contains('\0') || RESERVED.iter().any(|name| column.name.eq_ignore_ascii_case(name))
    };
    columns.len() <= MAX_COLUMNS && !columns.iter().any(is_taken)
}

/// Returns the bytes that the rows of `batch` take as inlined rows; `None` where they cannot be inlined.
pub(crate) fn bytes_of(batch: &RecordBatch) -> Option<usize> {
    let mut bytes = 0;
    for values in batch.columns() {
        let cells = Cells::of(values)?;
        for row in 0..batch.num_rows() {
            bytes += match cells.get(row) {
                Cell::Null => 0,
                Cell::Text(text) => text.len(),
                // Others sort unlike their texts, and are hardly ever right.
                Cell::Time(micros) if !value::is_plain_time(micros) => return None,
                Cell::Time(_) => TIME_BYTES,
                Cell::Integer(_) | Cell::Float(_) | Cell::Boolean(_) => NUMBER_BYTES,
            };
        }
    }
    Some(bytes)
}

/// Returns what the catalogue notes of each column for rows that have no file.
pub(crate) fn column_stats(columns: &[Column], batches: &[RecordBatch]) -> Vec<ColumnStats> {
    columns
        .iter()
        .enumerate()
        .map(|(position, column)| {
            let mut stats = ColumnStats {
                column_id: column.id,
                bytes: 0,
                values: 0,
                nulls: 0,
                bounds: None,
            };
            for values in batches.iter().filter_map(|batch| batch.columns().get(position)) {
                let nulls = values.logical_null_count();
                stats.nulls += nulls as u64;
                stats.values += (values.len() - nulls) as u64;
                let bounds = bounds_of(values);
                stats.bounds = match (stats.bounds, bounds) {
                    (Some(a), Some(b)) => a.widened(b),
                    (a, b) => a.or(b),
                };
            }
            stats
        })
        .collect()
}

/// Returns the bounds of values that have any; without values there is nothing to bound.
fn bounds_of(values: &ArrayRef) -> Option<Bounds> {
    match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive_opt::<Int64Type>()?;
            Some(Bounds::Integer(min(values)?, max(values)?))
        }
        DataType::Boolean => {
            let values = values.as_boolean_opt()?;
            Some(Bounds::Boolean(min_boolean(values)?, max_boolean(values)?))
        }
        DataType::Timestamp(..) => {
            let values = values.as_primitive_opt::<TimestampMicrosecondType>()?;
            Some(Bounds::Time(min(values)?, max(values)?))
        }
        _ => None,
    }
}
