//! Some hundred values with what is known of each: the part of a file that one look-up reads.
//!
//! Values stand in order, each without the bytes that it shares with the one before it. Numbers of one kind stand
//! together, times in the coarsest unit that holds them all.

use arrow::array::{Array, StringArray};
use arrow::buffer::OffsetBuffer;

use crate::blocks::Blocks;
use crate::build::Tally;
use crate::error::Result;
use crate::varint::{self, Cursor};

/// The most values of a chunk: some 5 KiB, one or two pages of a disk.
pub(crate) const MAX_CHUNK_VALUES: usize = 256;

/// A chunk ends early when its texts and blocks take more than this, which keeps a look-up of long values cheap.
pub(crate) const FULL_CHUNK_BYTES: usize = 64 * 1024;

/// The most bytes of a chunk's values once each has all of its bytes again: twice what a full chunk and its last value
/// can have.
const MAX_CHUNK_TEXT_BYTES: usize = 4 * FULL_CHUNK_BYTES;

/// What errors call a chunk.
const PART: &str = "values";

/// Microseconds in the units that times are written in. Platforms log whole milliseconds or seconds.
const UNITS_US: [i64; 3] = [1_000_000, 1_000, 1];

/// What is known of a value in a segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The rows that hold it.
    pub count: u64,
    /// Those of them that have no time.
    pub undated: u64,
    /// The earliest time of a row that holds it, in microseconds since 1970 UTC.
    pub first_us: Option<i64>,
    /// The latest one.
    pub last_us: Option<i64>,
    /// Where these rows are.
    pub blocks: Blocks,
}

/// Values in order, and what is known of each, which is unpacked only when it is asked for.
#[derive(Debug, Clone)]
pub struct Chunk {
    values: StringArray,
    known: Vec<u8>,
    rows: u64,
}

impl Chunk {
    /// Returns the values, none of which is null.
    #[must_use]
    pub fn values(&self) -> &StringArray {
        &self.values
    }

    /// Returns what is known of each value.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn entries(&self) -> Result<Vec<Entry>> {
        let mut cursor = Cursor::new(PART, &self.known);
        let entries = read_entries(&mut cursor, self.values.len(), self.rows)?;
        cursor.end()?;
        Ok(entries)
    }
}

/// Appends a chunk of values in ascending order.
pub(crate) fn write(out: &mut Vec<u8>, values: &[(&str, &Tally)], rows: u64) {
    varint::put(out, values.len() as u64);
    let mut suffixes = Vec::new();
    let mut last: &[u8] = &[];
    for (text, _) in values {
        let text = text.as_bytes();
        let shared = last.iter().zip(text).take_while(|(a, b)| a == b).count();
        let suffix = text.get(shared..).unwrap_or_default();
        varint::put(out, shared as u64);
        varint::put(out, suffix.len() as u64);
        suffixes.extend_from_slice(suffix);
        last = text;
    }
    out.extend_from_slice(&suffixes);
    let tallies: Vec<&Tally> = values.iter().map(|(_, tally)| *tally).collect();
    write_tallies(out, &tallies, rows);
}

/// Appends what is known of some values.
pub(crate) fn write_tallies(out: &mut Vec<u8>, tallies: &[&Tally], rows: u64) {
    tallies.iter().for_each(|tally| varint::put(out, tally.count));
    tallies.iter().for_each(|tally| varint::put(out, tally.undated));
    let dated = || tallies.iter().filter(|tally| tally.count > tally.undated);
    let base = dated().map(|tally| tally.first_us).min().unwrap_or_default();
    let fits = |unit: &i64| dated().all(|tally| tally.first_us % unit == 0 && tally.last_us % unit == 0);
    let unit = UNITS_US.into_iter().find(fits).unwrap_or(1);
    varint::put_signed(out, base);
    varint::put(out, unit.unsigned_abs());
    // Times lie anywhere in 64 bits, so their distances need all 64.
    let steps = |from: i64, to: i64| to.wrapping_sub(from).cast_unsigned() / unit.unsigned_abs();
    dated().for_each(|tally| varint::put(out, steps(base, tally.first_us)));
    dated().for_each(|tally| varint::put(out, steps(tally.first_us, tally.last_us)));
    tallies.iter().for_each(|tally| tally.runs.write(out, rows));
}

/// Reads a chunk of a segment with `rows` rows.
pub(crate) fn read(bytes: &[u8], rows: u64) -> Result<Chunk> {
    let mut cursor = Cursor::new(PART, bytes);
    let count = cursor.count()?;
    if count > MAX_CHUNK_VALUES {
        return Err(cursor.wrong("there are too many of them"));
    }
    let mut lengths = Vec::with_capacity(count);
    for _ in 0..count {
        lengths.push((cursor.number()? as usize, cursor.number()? as usize));
    }
    let mut texts: Vec<u8> = Vec::new();
    let mut offsets = vec![0i32];
    let mut last = 0..0;
    for (shared, suffix) in lengths {
        if shared > last.len() {
            return Err(cursor.wrong("a value shares too much"));
        }
        let start = texts.len();
        texts.extend_from_within(last.start..last.start + shared);
        texts.extend_from_slice(cursor.take(suffix)?);
        if texts.len() > MAX_CHUNK_TEXT_BYTES {
            return Err(cursor.wrong("they are too long"));
        }
        offsets.push(texts.len() as i32);
        last = start..texts.len();
    }
    let values = StringArray::try_new(OffsetBuffer::new(offsets.into()), texts.into(), None)
        .map_err(|_| cursor.wrong("a value is not UTF-8"))?;
    Ok(Chunk {
        values,
        known: cursor.rest().to_vec(),
        rows,
    })
}

/// Reads what is known of `count` values.
pub(crate) fn read_entries(cursor: &mut Cursor<'_>, count: usize, rows: u64) -> Result<Vec<Entry>> {
    let mut entries = vec![Entry::default(); count];
    for entry in &mut entries {
        entry.count = cursor.number()?;
    }
    for entry in &mut entries {
        entry.undated = cursor.number()?;
        if entry.undated > entry.count || entry.count > rows {
            return Err(cursor.wrong("a count is larger than the segment"));
        }
    }
    let base = cursor.signed()?;
    let unit = cursor.number()?;
    let time = |cursor: &mut Cursor<'_>, from: i64| {
        let steps = cursor.number()?.checked_mul(unit);
        let time = steps.map(|steps| i128::from(from) + i128::from(steps));
        time.and_then(|time| i64::try_from(time).ok())
            .ok_or_else(|| cursor.wrong("a time is too large"))
    };
    for entry in entries.iter_mut().filter(|entry| entry.count > entry.undated) {
        entry.first_us = Some(time(cursor, base)?);
    }
    for entry in &mut entries {
        if let Some(first_us) = entry.first_us {
            entry.last_us = Some(time(cursor, first_us)?);
        }
    }
    for entry in &mut entries {
        entry.blocks = Blocks::read(cursor, rows)?;
    }
    Ok(entries)
}
