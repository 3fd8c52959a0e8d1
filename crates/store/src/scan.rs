//! Reading segments directly: the path of detection, which wants dictionaries as they were written.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::catalogue::{Segment, SnapshotId, Table, Times};
use crate::durable;
use crate::error::{Error, Result};
use crate::identity::{self, identities, identity_column};
use crate::lease::Lease;
use crate::name::Name;
use crate::segment::time_column;
use crate::store::Inner;

/// The rows of a batch that a scan gives: work per distinct value is paid once a batch, so larger than usual, and still
/// a few megabytes with wide rows.
const SCAN_BATCH_ROWS: usize = 32 * 1024;

/// A half-open range of time in microseconds since 1970 UTC. With either end, rows without a time are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanRange {
    /// The first time in it.
    pub from: Option<i64>,
    /// The first time after it.
    pub to: Option<i64>,
}

impl ScanRange {
    /// Returns whether every row is in it.
    pub(crate) fn is_all(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    pub(crate) fn contains(self, time: i64) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }

    /// Returns whether a time between the two can be in it.
    fn meets(self, first: i64, last: i64) -> bool {
        self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first < to)
    }

    /// Returns whether a segment can hold rows in it.
    pub(crate) fn may_be_in(self, times: Option<Times>) -> bool {
        match times {
            _ if self.is_all() => true,
            None => true,
            Some(Times { range: None, .. }) => false,
            Some(Times {
                range: Some((first, last)),
                ..
            }) => self.meets(first, last),
        }
    }
}

/// The rows of a table, segment by segment, and after them those that the catalogue itself holds.
#[derive(Debug)]
pub struct Scan {
    table: String,
    schema: SchemaRef,
    range: ScanRange,
    segments: VecDeque<PathBuf>,
    current: Option<SegmentReader>,
    inlined: VecDeque<RecordBatch>,
    is_failed: bool,
    /// Keeps the segments on disk.
    _lease: Lease,
}

impl Scan {
    pub(crate) fn new(
        table: &str,
        schema: SchemaRef,
        range: ScanRange,
        segments: &[Segment],
        inlined: Vec<RecordBatch>,
        data_dir: &Path,
        lease: Lease,
    ) -> Self {
        let segments = segments
            .iter()
            .filter(|segment| range.may_be_in(segment.times))
            .map(|segment| data_dir.join(&segment.path))
            .collect();
        Self {
            table: table.to_owned(),
            schema,
            range,
            segments,
            current: None,
            inlined: inlined.into(),
            is_failed: false,
            _lease: lease,
        }
    }

    /// Returns the columns of every batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Returns the number of segments not opened yet, after those outside the time range were left out.
    pub fn segments_left(&self) -> usize {
        self.segments.len()
    }

    fn advance(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let reader = match &mut self.current {
                Some(reader) => reader,
                None => {
                    let Some(path) = self.segments.pop_front() else {
                        return Ok(self.inlined.pop_front());
                    };
                    self.current
                        .insert(SegmentReader::open(&path, &self.schema, self.range)?)
                }
            };
            match reader.next_batch(&self.table, &self.schema, self.range)? {
                Some(batch) if batch.num_rows() > 0 => return Ok(Some(batch)),
                Some(_) => {}
                None => self.current = None,
            }
        }
    }
}

impl Iterator for Scan {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_failed {
            return None;
        }
        let batch = self.advance().transpose();
        self.is_failed = matches!(batch, Some(Err(_)));
        batch
    }
}

/// Returns the rows in `range` that the catalogue itself holds of a table at `snapshot`, in the columns of `schema`. They
/// are few, so they are read at once.
pub(crate) fn inlined_rows(
    store: &Inner,
    snapshot: SnapshotId,
    name: &Name,
    table: &Table,
    schema: &SchemaRef,
    range: ScanRange,
) -> Result<Vec<RecordBatch>> {
    let stored = table.schema();
    let time = time_column(&stored).filter(|_| !range.is_all());
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    if let Some(time) = time
        && schema.field_with_name(time).is_err()
        && let Ok(position) = stored.index_of(time)
    {
        fields.extend(stored.fields().get(position).cloned());
    }
    let wanted = Arc::new(Schema::new(fields));
    let batches = store.catalogue.inlined_rows(snapshot, table.id, name, &wanted)?;
    if range.is_all() {
        return Ok(batches);
    }
    let table = name.to_string();
    let mut kept = Vec::new();
    for batch in batches {
        let mask = rows_in(&batch, time, range);
        let batch = filter_record_batch(&batch, &mask).map_err(Error::columns("filter", &table))?;
        if batch.num_rows() > 0 {
            kept.push(conformed(&table, schema, &batch)?);
        }
    }
    Ok(kept)
}

/// Returns `schema` cut down to `columns`, in their order.
pub(crate) fn projected(table: &str, schema: &Schema, columns: &[&str]) -> Result<SchemaRef> {
    let fields = columns
        .iter()
        .map(|column| {
            schema.field_with_name(column).cloned().map_err(|_| Error::NoColumn {
                table: table.to_owned(),
                column: (*column).to_owned(),
            })
        })
        .collect::<Result<Vec<Field>>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// Writes the identity file of a segment anew from its rows.
pub(crate) fn rebuild_identities(table: &str, segment: &Path, path: &Path) -> Result<()> {
    let sorted = identities_of_segment(table, segment)?;
    // A damaged one may be in the way; if it cannot be removed, writing says so.
    let _ = std::fs::remove_file(path);
    // Its bytes follow from the rows alone, so the checksums that the catalogue has hold for it again.
    identity::write(path, &sorted)?;
    durable::sync_all(&[path.to_path_buf()])
}

/// Returns the sorted identities of a segment's rows.
pub(crate) fn identities_of_segment(table: &str, segment: &Path) -> Result<Vec<identity::RowId>> {
    let column = identity_column(table);
    let schema = Arc::new(Schema::new(vec![Field::new(column, DataType::Utf8, true)]));
    let mut reader = SegmentReader::open(segment, &schema, ScanRange::default())?;
    let mut ids = HashSet::new();
    while let Some(batch) = reader.next_batch(table, &schema, ScanRange::default())? {
        ids.extend(identities(table, &batch)?);
    }
    let mut sorted: Vec<_> = ids.into_iter().collect();
    sorted.sort_unstable();
    Ok(sorted)
}

/// One segment being read.
pub(crate) struct SegmentReader {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    time: Option<&'static str>,
}

impl std::fmt::Debug for SegmentReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentReader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SegmentReader {
    pub(crate) fn open(path: &Path, schema: &Schema, range: ScanRange) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(Error::segment("open", path))?;
        let file_schema = builder.schema();
        let time = time_column(file_schema).filter(|_| !range.is_all());
        let wanted: Vec<usize> = file_schema
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| schema.field_with_name(field.name()).is_ok() || time == Some(field.name().as_str()))
            .map(|(position, _)| position)
            .collect();
        let time_position = time.and_then(|name| file_schema.index_of(name).ok());
        let groups: Vec<usize> = builder
            .metadata()
            .row_groups()
            .iter()
            .enumerate()
            .filter(|(_, group)| time_position.is_none_or(|position| may_hold(group, position, range)))
            .map(|(group, _)| group)
            .collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
        let reader = builder
            .with_projection(mask)
            .with_row_groups(groups)
            .with_batch_size(SCAN_BATCH_ROWS)
            .build()
            .map_err(Error::segment("open", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            reader,
            time,
        })
    }

    pub(crate) fn next_batch(
        &mut self,
        table: &str,
        schema: &SchemaRef,
        range: ScanRange,
    ) -> Result<Option<RecordBatch>> {
        let Some(batch) = self.reader.next() else {
            return Ok(None);
        };
        let mut batch =
            batch.map_err(|error| Error::segment("read", &self.path)(ParquetError::External(Box::new(error))))?;
        if !range.is_all() {
            let mask = rows_in(&batch, self.time, range);
            batch = filter_record_batch(&batch, &mask).map_err(Error::columns("filter", table))?;
        }
        conformed(table, schema, &batch).map(Some)
    }
}

/// Returns which rows have a time in the range; without a time column, none.
fn rows_in(batch: &RecordBatch, time: Option<&str>, range: ScanRange) -> BooleanArray {
    let times = time
        .and_then(|name| batch.column_by_name(name))
        .and_then(|values| values.as_primitive_opt::<TimestampMicrosecondType>());
    match times {
        Some(times) => times
            .iter()
            .map(|time| Some(time.is_some_and(|time| range.contains(time))))
            .collect(),
        None => BooleanArray::from(vec![false; batch.num_rows()]),
    }
}

fn may_hold(group: &RowGroupMetaData, time: usize, range: ScanRange) -> bool {
    match group.columns().get(time).and_then(|chunk| chunk.statistics()) {
        Some(Statistics::Int64(values)) => match (values.min_opt(), values.max_opt()) {
            (Some(first), Some(last)) => range.meets(*first, *last),
            _ => true,
        },
        _ => true,
    }
}

/// Returns the batch with exactly the wanted columns; those that it lacks are null.
pub(crate) fn conformed(table: &str, schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
            Some(values) if values.data_type() == field.data_type() => Ok(Arc::clone(values)),
            Some(values) => cast(values, field.data_type()),
        })
        .collect::<std::result::Result<Vec<ArrayRef>, _>>()
        .map_err(Error::columns("convert", table))?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(Error::columns("read", table))
}
