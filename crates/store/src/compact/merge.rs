//! Carrying a plan out: the rows of some segments, in the order of their times, as new segments.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, TimestampMicrosecondType};

use super::order::Ordered;
use crate::catalogue::{Segment, Table, schema_of};
use crate::error::{Error, Result};
use crate::identity::{identities, identity_column};
use crate::ingest::{batch_times, segment_name};
use crate::name::Name;
use crate::scan::{ScanRange, SegmentReader};
use crate::segment::{Finished, SEGMENT_ROWS, SegmentWriter, time_column};
use crate::store::Inner;
use crate::sums::Sums;

/// Bytes of rows held in memory before the row group is written: a merge runs beside queries and loads.
const MAX_BYTES_HELD: usize = 64 * 1024 * 1024;

/// The microseconds of a day.
pub(super) const DAY_US: i64 = 86_400 * 1_000_000;

/// What is to be merged.
pub(super) struct Job<'a> {
    pub(super) store: &'a Inner,
    pub(super) name: &'a Name,
    pub(super) table: &'a Table,
    pub(super) inputs: Vec<&'a Segment>,
    /// The rows from which on a new segment ends with its day.
    pub(super) cut_rows: u64,
    pub(super) has_identities: bool,
    /// Is asked now and then whether to give up.
    pub(super) stop: &'a dyn Fn() -> bool,
}

/// Merges and returns the new segments, which the catalogue does not know yet, or `None` where it was stopped. What comes out
/// has been read back and holds what went in.
pub(super) fn merge(job: &Job<'_>) -> Result<Option<Vec<Finished>>> {
    let before = check_inputs(job)?;
    let mut output = Output::new(job);
    match write(job, &mut output).and_then(|is_done| {
        if is_done {
            output.end_segment()?;
            check_outputs(job, before, &output.done)?;
        }
        Ok(is_done)
    }) {
        Ok(true) => Ok(Some(std::mem::take(&mut output.done))),
        Ok(false) => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(job: &Job<'_>, output: &mut Output<'_>) -> Result<bool> {
    let schema = schema_of(&job.table.columns);
    for batch in Ordered::open(job.store, job.name, &schema, &job.inputs)? {
        if (job.stop)() {
            return Ok(false);
        }
        output.push(&typed(job, &batch?)?)?;
    }
    Ok(true)
}

/// Returns the batch with the column types of the table, of which only those of text differ.
fn typed(job: &Job<'_>, batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = schema_of(&job.table.columns);
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(values, field)| match values.data_type() == field.data_type() {
            true => Ok(Arc::clone(values)),
            false => cast(values, field.data_type()),
        })
        .collect::<std::result::Result<Vec<ArrayRef>, _>>()
        .and_then(|columns| RecordBatch::try_new(schema, columns));
    columns.map_err(Error::columns("merge", &job.name.to_string()))
}

/// The new segments.
struct Output<'a> {
    job: &'a Job<'a>,
    dir: PathBuf,
    open: Option<SegmentWriter>,
    /// The rows in it.
    rows: u64,
    done: Vec<Finished>,
    /// The day of the last row that has one.
    day: Option<i64>,
}

impl<'a> Output<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        Self {
            job,
            dir: job.store.data_dir.join(&job.name.schema).join(&job.name.table),
            open: None,
            rows: 0,
            done: Vec::new(),
            day: None,
        }
    }

    /// Adds rows, ending segments that are large enough where a day ends.
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let times = time_column(batch.schema_ref())
            .and_then(|name| batch.column_by_name(name))
            .and_then(|values| values.as_primitive_opt::<TimestampMicrosecondType>());
        let mut start = 0;
        for row in 0..batch.num_rows() {
            let rows = self.rows + (row - start) as u64;
            let day = times
                .filter(|times| times.is_valid(row))
                .map(|times| times.value(row).div_euclid(DAY_US));
            let is_new_day = day.is_some() && self.day.is_some() && day != self.day;
            if (is_new_day && rows >= self.job.cut_rows) || rows >= SEGMENT_ROWS {
                self.write(&batch.slice(start, row - start))?;
                self.end_segment()?;
                start = row;
            }
            self.day = day.or(self.day);
        }
        self.write(&batch.slice(start, batch.num_rows() - start))
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let table = self.job.name.to_string();
        let ids = match self.job.has_identities {
            true => identities(&table, batch)?,
            false => Vec::new(),
        };
        if self.open.is_none() {
            let columns = &self.job.table.columns;
            let writer = SegmentWriter::create(&self.dir, segment_name(), columns, self.job.has_identities)?;
            self.open = Some(writer);
        }
        if let Some(writer) = &mut self.open {
            writer.write(&table, batch, batch_times(batch), &ids)?;
            self.rows += batch.num_rows() as u64;
            if writer.bytes_held() > MAX_BYTES_HELD {
                writer.flush()?;
            }
        }
        Ok(())
    }

    fn end_segment(&mut self) -> Result<()> {
        if let Some(writer) = self.open.take() {
            self.done.push(writer.finish()?);
            self.rows = 0;
        }
        Ok(())
    }
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        if let Some(writer) = self.open.take() {
            writer.discard();
        }
        for segment in &self.done {
            segment.discard();
        }
    }
}

/// Counts rows and sums their identities up, in whatever order they come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Digest {
    rows: u64,
    sum: u64,
    mixed: u64,
}

impl Digest {
    fn add(&mut self, identity: Option<&str>) {
        let mut hasher = DefaultHasher::new();
        identity.hash(&mut hasher);
        let hash = hasher.finish();
        self.rows += 1;
        self.sum = self.sum.wrapping_add(hash);
        // A second sum that two changed rows which cancel out in the first do not keep.
        self.mixed = self.mixed.wrapping_add(hash.wrapping_mul(hash | 1));
    }

    fn add_segment(&mut self, table: &str, path: &Path) -> Result<()> {
        let column = identity_column(table);
        let schema = Arc::new(Schema::new(vec![Field::new(column, DataType::Utf8, true)]));
        let mut reader = SegmentReader::open(path, &schema, ScanRange::default())?;
        while let Some(batch) = reader.next_batch(table, &schema, ScanRange::default())? {
            let values = batch.column(0).as_string::<i32>();
            values.iter().for_each(|identity| self.add(identity));
        }
        Ok(())
    }
}

/// Refuses segments that are not as they were written, since a new segment would have checksums of its own and nobody would
/// learn of the damage any more. Returns what has to come out.
fn check_inputs(job: &Job<'_>) -> Result<Digest> {
    let table = job.name.to_string();
    let mut digest = Digest::default();
    for segment in &job.inputs {
        let path = job.store.data_dir.join(&segment.path);
        let parts = job.store.catalogue.parts_of(segment.id)?;
        let rows = parts.iter().find(|part| {
            Path::new(&segment.path)
                .extension()
                .is_some_and(|end| end == part.kind.as_str())
        });
        if let Some(sums) = rows.and_then(|part| part.sums.as_ref())
            && Sums::of_file(&path)? != *sums
        {
            return Err(refused(
                &table,
                format!("{} is damaged: `sekisho store verify` says where", segment.path),
            ));
        }
        digest.add_segment(&table, &path)?;
    }
    let expected: u64 = job.inputs.iter().map(|segment| segment.rows).sum();
    if digest.rows != expected {
        let detail = format!("the segments hold {} rows, the catalogue says {expected}", digest.rows);
        return Err(refused(&table, detail));
    }
    Ok(digest)
}

fn check_outputs(job: &Job<'_>, before: Digest, done: &[Finished]) -> Result<()> {
    let table = job.name.to_string();
    let mut after = Digest::default();
    for segment in done {
        after.add_segment(&table, &segment.path)?;
    }
    if after == before {
        return Ok(());
    }
    let detail = format!(
        "{} rows went in, {} came out, or others; please report it",
        before.rows, after.rows
    );
    Err(refused(&table, detail))
}

fn refused(table: &str, detail: String) -> Error {
    Error::Compact {
        table: table.to_owned(),
        detail,
    }
}
