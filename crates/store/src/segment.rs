//! Segments: Parquet files of one table, written once and never changed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef, TimestampMicrosecondType};
use parquet::arrow::PARQUET_FIELD_ID_META_KEY;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use sekisho_index::IndexBuilder;

use crate::catalogue::{Column, Times};
use crate::encode::FileWriter;
use crate::error::{Error, Result};
use crate::identity::{self, IDENTITY_EXTENSION, RowId, RowIds};
use crate::sums::{SummedFile, Sums};
use crate::types::LakeType;
use crate::values::{self, VALUES_EXTENSION};

/// The rows of a segment. Its identities are held in memory while it is written: 16 bytes each and the table's slack.
pub(crate) const SEGMENT_ROWS: u64 = 2 * 1024 * 1024;

/// A segment of so many rows ends before a batch of a later day, so that segments of rows that come in the order of time
/// share few days, and looking up a row or a range of time touches few of them.
const DAY_END_ROWS: u64 = 512 * 1024;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The names of the column that holds when a row happened.
const TIME_COLUMNS: [&str; 2] = ["_time", "time"];

/// Returns the name of the time column of a table with `schema`.
pub(crate) fn time_column(schema: &Schema) -> Option<&'static str> {
    TIME_COLUMNS.into_iter().find(|name| {
        schema
            .field_with_name(name)
            .is_ok_and(|field| LakeType::of(field.data_type()) == Some(LakeType::TimestampTz))
    })
}

/// A written segment that the catalogue does not know yet.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) path: PathBuf,
    pub(crate) file_name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) footer_bytes: i64,
    pub(crate) stats: Vec<ColumnStats>,
    /// `None` where the times are not known well enough to skip the segment safely.
    pub(crate) times: Option<Times>,
    /// Whether its rows stand in the order of their times.
    pub(crate) is_sorted: bool,
    /// The segment's files and their checksums.
    pub(crate) parts: Vec<Part>,
}

/// A file of a segment. All of a segment's files lie beside each other and have its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    pub(crate) sums: Sums,
}

/// What a file of a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// The rows.
    Rows,
    /// The sorted identities of the rows.
    Identities,
    /// Which values stand in the rows, and where.
    Values,
}

impl PartKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 3] = [Self::Rows, Self::Identities, Self::Values];

    /// Returns the extension of such a file, which also names the kind in the catalogue.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Rows => "parquet",
            Self::Identities => IDENTITY_EXTENSION,
            Self::Values => VALUES_EXTENSION,
        }
    }
}

impl Finished {
    /// Returns the paths of the segment's files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.parts
            .iter()
            .map(|part| self.path.with_extension(part.kind.extension()))
    }

    /// Removes the segment's files, as far as they are there.
    pub(crate) fn discard(&self) {
        remove_files(&self.path);
    }
}

/// Removes the files of the segment at `path`, as far as they are there.
pub(crate) fn remove_files(path: &Path) {
    for kind in PartKind::ALL {
        // What stays behind is not in the catalogue, so it is not seen, and the next writer sweeps it.
        let _ = std::fs::remove_file(path.with_extension(kind.extension()));
    }
}

/// What is known of one column of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnStats {
    pub(crate) column_id: i64,
    pub(crate) bytes: u64,
    /// The values that are not null.
    pub(crate) values: u64,
    pub(crate) nulls: u64,
    pub(crate) bounds: Option<Bounds>,
}

/// The least and the greatest value. Text has none here: its bounds would prune little and could be long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bounds {
    Integer(i64, i64),
    Boolean(bool, bool),
    Time(i64, i64),
}

impl Bounds {
    /// Returns bounds that hold both, where they are of one type.
    pub(crate) fn widened(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Integer(a, b), Self::Integer(c, d)) => Some(Self::Integer(a.min(c), b.max(d))),
            (Self::Boolean(a, b), Self::Boolean(c, d)) => Some(Self::Boolean(a & c, b | d)),
            (Self::Time(a, b), Self::Time(c, d)) => Some(Self::Time(a.min(c), b.max(d))),
            _ => None,
        }
    }
}

/// A segment being written.
pub(crate) struct SegmentWriter {
    path: PathBuf,
    file_name: String,
    columns: Vec<Column>,
    schema: SchemaRef,
    writer: FileWriter<SummedFile>,
    rows: u64,
    order: Order,
    /// The day of the latest row, since 1970.
    last_day: i64,
    ids: Option<RowIds>,
    values: Option<IndexBuilder>,
}

impl SegmentWriter {
    /// Creates a segment called `file_name` in `dir` for rows of `columns`.
    pub(crate) fn create(dir: &Path, file_name: String, columns: &[Column], has_identities: bool) -> Result<Self> {
        let path = dir.join(&file_name);
        let schema = file_schema(columns);
        let file = SummedFile::create(&path)?;
        let writer = FileWriter::begin(file, &schema).map_err(Error::segment("begin", &path))?;
        Ok(Self {
            path,
            file_name,
            columns: columns.to_vec(),
            schema,
            writer,
            rows: 0,
            order: Order::default(),
            last_day: i64::MIN,
            ids: has_identities.then(RowIds::default),
            values: None,
        })
    }

    /// Appends rows whose columns are those of the segment, with their times and identities.
    pub(crate) fn write(&mut self, table: &str, batch: &RecordBatch, times: Times, ids: &[RowId]) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), batch.columns().to_vec())
            .map_err(Error::columns("write", table))?;
        self.writer.write(&batch).map_err(Error::segment("write", &self.path))?;
        if self.rows == 0 {
            self.values = values::begin(table, &batch);
        }
        // An index is a help that can be done without: rows that it cannot take in are none of the load's trouble.
        if let Some(values) = &mut self.values
            && values.push(&batch).is_err()
        {
            self.values = None;
        }
        self.rows += batch.num_rows() as u64;
        self.order.push(&batch);
        if let Some((_, last)) = times.range {
            self.last_day = self.last_day.max(last.div_euclid(MICROS_PER_DAY));
        }
        if let Some(seen) = &mut self.ids {
            seen.extend(ids);
        }
        Ok(())
    }

    /// Returns whether a row with this identity is in the segment.
    pub(crate) fn contains(&self, id: RowId) -> bool {
        self.ids.as_ref().is_some_and(|ids| ids.contains(&id))
    }

    /// Returns whether the identities of the rows are kept.
    pub(crate) fn has_identities(&self) -> bool {
        self.ids.is_some()
    }

    /// Returns the identities held in memory.
    pub(crate) fn identities_held(&self) -> usize {
        self.ids.as_ref().map_or(0, RowIds::len)
    }

    /// Returns the bytes of rows held in memory.
    pub(crate) fn bytes_held(&self) -> usize {
        self.writer.bytes_held()
    }

    /// Returns whether the segment is to end before rows of these times.
    pub(crate) fn ends_before(&self, times: Times) -> bool {
        let is_later_day = || {
            times
                .range
                .is_some_and(|(first, _)| first.div_euclid(MICROS_PER_DAY) > self.last_day)
        };
        self.rows >= SEGMENT_ROWS || self.rows >= DAY_END_ROWS && is_later_day()
    }

    /// Ends the row group, which frees its memory.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.writer.release().map_err(Error::segment("write", &self.path))
    }

    /// Ends the segment. Its files are not durable yet.
    pub(crate) fn finish(self) -> Result<Finished> {
        let Self {
            path,
            file_name,
            columns,
            schema,
            mut writer,
            rows,
            order,
            ids,
            values,
            ..
        } = self;
        let metadata = writer.finish().map_err(Error::segment("end", &path))?;
        let sums = writer.inner().sums();
        let bytes = sums.bytes;
        let stats = column_stats(&columns, &metadata);
        let times = match time_column(&schema) {
            Some(name) => {
                let position = columns.iter().position(|column| column.name == name);
                position.and_then(|position| stats.get(position)).and_then(times_of)
            }
            None => Some(Times {
                range: None,
                nulls: rows,
            }),
        };
        let mut finished = Finished {
            footer_bytes: footer_bytes(&path, bytes)?,
            path,
            file_name,
            rows,
            bytes,
            stats,
            times,
            is_sorted: order.is_sorted(),
            parts: vec![Part {
                kind: PartKind::Rows,
                sums,
            }],
        };
        if let Some(ids) = ids {
            let mut sorted: Vec<RowId> = ids.into_iter().collect();
            sorted.sort_unstable();
            let kind = PartKind::Identities;
            let sums = identity::write(&finished.path.with_extension(kind.extension()), &sorted)?;
            finished.parts.push(Part { kind, sums });
        }
        if let Some(values) = values {
            let sums = values::write(values, &finished.path, bytes)?;
            finished.parts.push(Part {
                kind: PartKind::Values,
                sums,
            });
        }
        Ok(finished)
    }

    /// Gives the segment up and removes its file.
    pub(crate) fn discard(self) {
        let path = self.path.clone();
        drop(self);
        remove_files(&path);
    }
}

/// Whether rows come in the order of their times; rows without a time may stand anywhere.
#[derive(Debug, Clone, Copy)]
struct Order {
    last: i64,
    is_kept: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            last: i64::MIN,
            is_kept: true,
        }
    }
}

impl Order {
    fn push(&mut self, batch: &RecordBatch) {
        let times = time_column(batch.schema_ref())
            .and_then(|name| batch.column_by_name(name))
            .and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(times) = times.filter(|_| self.is_kept) else {
            return;
        };
        for time in times.iter().flatten() {
            self.is_kept &= self.last <= time;
            self.last = time;
        }
    }

    fn is_sorted(self) -> bool {
        self.is_kept
    }
}

/// Returns the columns with the field ids by which DuckLake knows them.
fn file_schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| {
            let data_type = column.lake_type.arrow(column.is_dictionary);
            let id = [(PARQUET_FIELD_ID_META_KEY.to_owned(), column.id.to_string())];
            Field::new(&column.name, data_type, true).with_metadata(id.into())
        })
        .collect();
    Arc::new(Schema::new(fields))
}

fn column_stats(columns: &[Column], metadata: &ParquetMetaData) -> Vec<ColumnStats> {
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
            let mut are_bounds_known = true;
            for group in metadata.row_groups() {
                let chunk = group.column(position);
                let rows = u64::try_from(group.num_rows()).unwrap_or(0);
                let nulls = chunk.statistics().and_then(Statistics::null_count_opt).unwrap_or(0);
                stats.bytes += u64::try_from(chunk.compressed_size()).unwrap_or(0);
                stats.nulls += nulls;
                stats.values += rows.saturating_sub(nulls);
                if nulls >= rows {
                    continue;
                }
                let bounds = chunk.statistics().and_then(|found| bounds_of(column.lake_type, found));
                stats.bounds = match (stats.bounds, bounds) {
                    (Some(a), Some(b)) => a.widened(b),
                    (None, found) => found,
                    (Some(_), None) => None,
                };
                are_bounds_known &= stats.bounds.is_some();
            }
            if !are_bounds_known {
                stats.bounds = None;
            }
            stats
        })
        .collect()
}

fn bounds_of(lake_type: LakeType, stats: &Statistics) -> Option<Bounds> {
    match (lake_type, stats) {
        (LakeType::Int64, Statistics::Int64(values)) => Some(Bounds::Integer(*values.min_opt()?, *values.max_opt()?)),
        (LakeType::TimestampTz, Statistics::Int64(values)) => {
            Some(Bounds::Time(*values.min_opt()?, *values.max_opt()?))
        }
        (LakeType::Boolean, Statistics::Boolean(values)) => {
            Some(Bounds::Boolean(*values.min_opt()?, *values.max_opt()?))
        }
        _ => None,
    }
}

/// Returns what the time column's statistics say, where they say enough.
fn times_of(stats: &ColumnStats) -> Option<Times> {
    let range = match stats.bounds {
        Some(Bounds::Time(min, max)) => Some((min, max)),
        _ => None,
    };
    (stats.values == 0 || range.is_some()).then_some(Times {
        range,
        nulls: stats.nulls,
    })
}

/// Reads the length of the footer, which DuckLake keeps so that readers fetch it at once.
fn footer_bytes(path: &Path, bytes: u64) -> Result<i64> {
    use std::os::unix::fs::FileExt;
    /// The length and the magic bytes that end a Parquet file.
    const TAIL_BYTES: u64 = 8;
    let reader = File::open(path).map_err(Error::io("open", path))?;
    let mut length = [0u8; 4];
    reader
        .read_exact_at(&mut length, bytes.saturating_sub(TAIL_BYTES))
        .map_err(Error::io("read", path))?;
    Ok(i64::from(u32::from_le_bytes(length)))
}
