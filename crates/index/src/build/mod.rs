//! Making an index while a segment is written.

mod batch;
mod column;

use std::io::Write;

use arrow::array::RecordBatch;

use crate::blocks::Runs;
use crate::chunk::{self, MAX_CHUNK_VALUES};
use crate::error::{IndexError, Result};
use crate::format::{self, MAX_PART_BYTES, Packer, Part};
use crate::hours::HoursBuilder;
use crate::varint;
use crate::{BLOCK_ROWS, MAX_ROWS};

pub(crate) use batch::{TextColumn, Times};
use column::ColumnBuilder;

/// The memory of an index being made. Loads are held to 512 MiB together, and one value with its place takes some 120
/// bytes, so this is half a million values; with more, the column that holds the most is given up.
const MAX_BUILD_BYTES: usize = 64 * 1024 * 1024;

/// What an index is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSpec {
    /// The column of times: microseconds, UTC.
    pub time: String,
    /// The text columns whose values are kept.
    pub columns: Vec<String>,
    /// The text columns that hours are counted by.
    pub hour_keys: Vec<String>,
}

/// What an index file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSize {
    /// The bytes of the file.
    pub bytes: u64,
    /// The columns that are in it.
    pub columns: Vec<ColumnSize>,
    /// The columns that are not: they hold too many values.
    pub given_up: Vec<String>,
}

/// What a column takes of an index file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSize {
    /// The column.
    pub name: String,
    /// Its distinct values.
    pub values: u64,
    /// The bytes that they take.
    pub bytes: u64,
}

/// An index being made. Rows are numbered in the order in which they come.
#[derive(Debug)]
pub struct IndexBuilder {
    time: String,
    columns: Vec<ColumnBuilder>,
    hours: Option<HoursBuilder>,
    hour_keys: Vec<String>,
    rows: u64,
}

impl IndexBuilder {
    /// Begins an index.
    #[must_use]
    pub fn new(spec: IndexSpec) -> Self {
        Self {
            time: spec.time,
            columns: spec.columns.into_iter().map(ColumnBuilder::new).collect(),
            hours: Some(HoursBuilder::new(spec.hour_keys.clone())),
            hour_keys: spec.hour_keys,
            rows: 0,
        }
    }

    /// Takes in the next rows. A column that they lack, or that is no text, is given up; without the time column they
    /// have no time.
    ///
    /// # Errors
    /// When the time column holds something else, or there are more rows than can be numbered.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        let first_row = self.rows;
        self.rows += rows as u64;
        if self.rows > MAX_ROWS {
            return Err(IndexError::TooManyRows { limit: MAX_ROWS });
        }
        let times = Times::of(batch, &self.time)?;
        for column in &mut self.columns {
            column.push(batch, &times, first_row);
        }
        self.count_hours(batch, &times);
        self.keep_bounds();
        Ok(())
    }

    /// Returns the memory that is held.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(ColumnBuilder::memory_bytes).sum();
        columns + self.hours.as_ref().map_or(0, HoursBuilder::memory_bytes)
    }

    /// Writes the file, in at most `max_bytes` beside the head of each column: what takes most is left out until the
    /// rest fits.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, out: &mut dyn Write, max_bytes: u64) -> Result<IndexSize> {
        let rows = self.rows;
        let mut packer = Packer::new()?;
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            columns.push(PackedColumn::of(column, &mut packer, rows)?);
        }
        let mut hours = Vec::new();
        let mut hours_part = match self.hours.map(HoursBuilder::finish) {
            Some(raw) if raw.len() <= MAX_PART_BYTES => Some(packer.pack(&mut hours, &raw)?),
            _ => None,
        };
        // The hours of real events take next to nothing; made-up times must not push out what does help.
        if hours.len() as u64 > max_bytes / 4 {
            hours.clear();
            hours_part = None;
        }
        keep_within(&mut columns, max_bytes.saturating_sub(hours.len() as u64));

        let mut file = Vec::new();
        varint::put(&mut file, rows);
        varint::put(&mut file, BLOCK_ROWS);
        let mut offset = format::HEAD_BYTES as u64;
        let mut size = IndexSize {
            bytes: 0,
            columns: Vec::new(),
            given_up: Vec::new(),
        };
        varint::put(&mut file, columns.len() as u64);
        for column in &columns {
            column.describe(&mut file, offset, rows);
            offset += column.len();
            size.add(column);
        }
        varint::put(&mut file, u64::from(hours_part.is_some()));
        if let Some(part) = hours_part {
            varint::put(&mut file, self.hour_keys.len() as u64);
            for key in &self.hour_keys {
                varint::put_bytes(&mut file, key.as_bytes());
            }
            moved(part, offset).put(&mut file);
            offset += hours.len() as u64;
        }
        let mut footer = Vec::new();
        let footer_part = moved(packer.pack(&mut footer, &file)?, offset);
        let bodies = columns.iter().filter_map(|column| column.body.as_ref());
        let head = format::head();
        let tail = format::tail(&footer_part);
        let pieces = std::iter::once(&head)
            .chain(bodies.map(|body| &body.bytes))
            .chain([&hours, &footer, &tail]);
        for piece in pieces {
            out.write_all(piece).map_err(IndexError::Write)?;
            size.bytes += piece.len() as u64;
        }
        Ok(size)
    }

    fn count_hours(&mut self, batch: &RecordBatch, times: &Times<'_>) {
        let Some(hours) = &mut self.hours else { return };
        let keys: Option<Vec<_>> = self
            .hour_keys
            .iter()
            .map(|name| batch.column_by_name(name).cloned())
            .collect();
        if !keys.is_some_and(|keys| hours.push(&keys, times, batch.num_rows())) {
            self.hours = None;
        }
    }

    fn keep_bounds(&mut self) {
        while self.memory_bytes() > MAX_BUILD_BYTES {
            let largest = self.columns.iter_mut().max_by_key(|column| column.memory_bytes());
            match largest {
                Some(column) if column.memory_bytes() > 0 => column.give_up(),
                _ => {
                    self.hours = None;
                    return;
                }
            }
        }
    }
}

impl IndexSize {
    fn add(&mut self, column: &PackedColumn) {
        match &column.body {
            None => self.given_up.push(column.name.clone()),
            Some(body) => self.columns.push(ColumnSize {
                name: column.name.clone(),
                values: body.values,
                bytes: column.len(),
            }),
        }
    }
}

/// What is known of a value, or of the rows without one, while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) undated: u64,
    /// Holds only where some row has a time, as does the last one.
    pub(crate) first_us: i64,
    pub(crate) last_us: i64,
    pub(crate) runs: Runs,
}

impl Tally {
    /// Adds rows with times from the one to the other, and rows without, all in `block`. Returns by how many bytes that
    /// grew what is held.
    pub(crate) fn add(&mut self, dated: u64, undated: u64, (first_us, last_us): (i64, i64), block: u32) -> usize {
        if dated > 0 {
            let had_some = self.count > self.undated;
            self.first_us = if had_some {
                self.first_us.min(first_us)
            } else {
                first_us
            };
            self.last_us = if had_some { self.last_us.max(last_us) } else { last_us };
        }
        self.count += dated + undated;
        self.undated += undated;
        self.runs.add(block)
    }
}

/// A column as it will stand in the file.
struct PackedColumn {
    name: String,
    /// `None` where the column is given up.
    body: Option<Body>,
}

/// The parts of a column: its chunks one after the other, then their directory.
struct Body {
    bytes: Vec<u8>,
    values: u64,
    nulls: Tally,
    directory: Part,
}

impl PackedColumn {
    fn of(column: ColumnBuilder, packer: &mut Packer, rows: u64) -> Result<Self> {
        let name = column.name().to_owned();
        let Some((texts, tallies, nulls)) = column.into_parts() else {
            return Ok(Self { name, body: None });
        };
        let mut bytes = Vec::new();
        let mut directory = Vec::new();
        let mut chunk_count = 0u64;
        let mut raw = Vec::new();
        let numbers = texts.sorted();
        let mut rest = numbers.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(chunk_len(rest, &texts, &tallies));
            rest = later;
            let values: Vec<(&str, &Tally)> = now
                .iter()
                .filter_map(|number| Some((texts.get(*number), tallies.get(*number as usize)?)))
                .collect();
            raw.clear();
            chunk::write(&mut raw, &values, rows);
            let first = values.first().map(|(text, _)| *text).unwrap_or_default();
            varint::put_bytes(&mut directory, first.as_bytes());
            packer.pack(&mut bytes, &raw)?.put_placed(&mut directory);
            chunk_count += 1;
        }
        let mut whole = Vec::with_capacity(directory.len() + 8);
        varint::put(&mut whole, chunk_count);
        whole.append(&mut directory);
        if whole.len() > MAX_PART_BYTES {
            return Ok(Self { name, body: None });
        }
        let directory = packer.pack(&mut bytes, &whole)?;
        let body = Body {
            bytes,
            values: texts.len() as u64,
            nulls,
            directory,
        };
        Ok(Self { name, body: Some(body) })
    }

    fn len(&self) -> u64 {
        self.body.as_ref().map_or(0, |body| body.bytes.len() as u64)
    }

    /// Appends what the footer says of a column whose parts begin at `offset`.
    fn describe(&self, footer: &mut Vec<u8>, offset: u64, rows: u64) {
        varint::put_bytes(footer, self.name.as_bytes());
        varint::put(footer, u64::from(self.body.is_some()));
        if let Some(body) = &self.body {
            varint::put(footer, body.values);
            varint::put(footer, offset);
            moved(body.directory, offset).put(footer);
            chunk::write_tallies(footer, &[&body.nulls], rows);
        }
    }
}

/// Returns how many values of `numbers` the next chunk takes.
fn chunk_len(numbers: &[u32], texts: &crate::texts::Texts, tallies: &[Tally]) -> usize {
    let mut bytes = 0;
    let mut count = 0;
    for number in numbers.iter().take(MAX_CHUNK_VALUES) {
        let places = tallies.get(*number as usize).map_or(0, |tally| tally.runs.bytes());
        bytes += texts.get(*number).len() + places;
        count += 1;
        if bytes > chunk::FULL_CHUNK_BYTES {
            break;
        }
    }
    count
}

/// Gives up the columns that take most until the rest takes no more than `max_bytes`.
fn keep_within(columns: &mut [PackedColumn], max_bytes: u64) {
    while columns.iter().map(PackedColumn::len).sum::<u64>() > max_bytes {
        match columns.iter_mut().max_by_key(|column| column.len()) {
            Some(column) => column.body = None,
            None => return,
        }
    }
}

fn moved(part: Part, by: u64) -> Part {
    Part {
        offset: part.offset + by,
        ..part
    }
}
