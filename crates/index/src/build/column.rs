//! Counting the values of one column.
//!
//! Rows of a dictionary are counted by the number of their text first, so that a text is looked up once a batch however
//! many rows hold it: a row costs a few nanoseconds, and the rest of the work grows with the distinct values.

use arrow::array::{Array, DictionaryArray, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;

use super::{Tally, TextColumn, Times};
use crate::BLOCK_ROWS;
use crate::texts::Texts;

/// A column is given up when it has more values than one in so many rows that hold any: an entry takes some 25 bytes of
/// the file, so at this measure some 6 bytes a row, and a value that stands in so few rows fills no block.
const MIN_ROWS_PER_VALUE: u64 = 4;

/// With fewer values than this the measure above does not count yet: whatever they are, they take little.
const FEW_VALUES: usize = 64 * 1024;

/// The most values of a column, some 120 MB while they are counted.
const MAX_VALUES: usize = 1024 * 1024;

/// The longest value. Longer ones do not identify anything, and parts of the file stay small.
const MAX_VALUE_BYTES: usize = 32 * 1024;

/// No slot yet.
const NONE: u32 = u32::MAX;

/// The slot of what is null.
const NULL: u32 = u32::MAX - 1;

/// A column being counted.
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    name: String,
    /// `None` once the column is given up.
    counting: Option<Box<Counting>>,
}

#[derive(Debug, Default)]
struct Counting {
    texts: Texts,
    tallies: Vec<Tally>,
    nulls: Tally,
    /// The rows that hold a value.
    present: u64,
    /// The bytes of the places of all values.
    places_bytes: usize,
    keys: Vec<KeyTally>,
    touched: Vec<u32>,
    slots: Vec<u32>,
    /// The keys that have a slot.
    used: Vec<u32>,
}

/// The rows of one block of a batch that have one number in the dictionary.
#[derive(Debug, Clone, Copy)]
struct KeyTally {
    dated: u32,
    undated: u32,
    first_us: i64,
    last_us: i64,
}

const UNTOUCHED: KeyTally = KeyTally {
    dated: 0,
    undated: 0,
    first_us: i64::MAX,
    last_us: i64::MIN,
};

impl ColumnBuilder {
    pub(crate) fn new(name: String) -> Self {
        Self {
            name,
            counting: Some(Box::default()),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Counts the rows of a batch whose first row is the segment's row `first_row`.
    pub(crate) fn push(&mut self, batch: &RecordBatch, times: &Times<'_>, first_row: u64) {
        let Some(counting) = &mut self.counting else { return };
        let texts = batch.column_by_name(&self.name).and_then(TextColumn::of);
        let goes_on = match texts {
            Some(TextColumn::Dictionary(dictionary, values)) => {
                counting.push_dictionary(dictionary, values, times, first_row)
            }
            Some(TextColumn::Plain(values)) => counting.push_plain(values, times, first_row),
            None => false,
        };
        if !goes_on || counting.has_too_many() {
            self.counting = None;
        }
    }

    pub(crate) fn give_up(&mut self) {
        self.counting = None;
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.counting.as_ref().map_or(0, |counting| counting.memory_bytes())
    }

    /// Returns the texts, what is known of each by its number, and what is known of the rows without one.
    pub(crate) fn into_parts(self) -> Option<(Texts, Vec<Tally>, Tally)> {
        let counting = self.counting?;
        Some((counting.texts, counting.tallies, counting.nulls))
    }
}

impl Counting {
    /// Returns whether the column can go on being counted.
    fn push_dictionary(
        &mut self,
        dictionary: &DictionaryArray<Int32Type>,
        values: &StringArray,
        times: &Times<'_>,
        first_row: u64,
    ) -> bool {
        let null_key = values.len();
        self.keys.resize(null_key + 1, UNTOUCHED);
        // Only what the last batch used is forgotten: a few rows may come with a large dictionary.
        for key in self.used.drain(..) {
            if let Some(slot) = self.slots.get_mut(key as usize) {
                *slot = NONE;
            }
        }
        self.slots.resize(null_key + 1, NONE);
        let keys = dictionary.keys();
        for (block, rows) in pieces(first_row, keys.len()) {
            for row in rows {
                let key = match keys.nulls() {
                    Some(nulls) if nulls.is_null(row) => null_key,
                    _ => keys.values().get(row).map_or(null_key, |key| *key as usize),
                };
                let Some(tally) = self.keys.get_mut(key) else {
                    return false;
                };
                if tally.dated == 0 && tally.undated == 0 {
                    self.touched.push(key as u32);
                }
                match times.at(row) {
                    None => tally.undated += 1,
                    Some(time) => {
                        tally.dated += 1;
                        tally.first_us = tally.first_us.min(time);
                        tally.last_us = tally.last_us.max(time);
                    }
                }
            }
            if !self.settle(values, block) {
                return false;
            }
        }
        true
    }

    /// Adds what was counted of a block to the values.
    fn settle(&mut self, values: &StringArray, block: u32) -> bool {
        let touched = std::mem::take(&mut self.touched);
        for key in &touched {
            let at = *key as usize;
            let (Some(tally), Some(slot)) = (self.keys.get_mut(at), self.slots.get_mut(at)) else {
                return false;
            };
            let counted = std::mem::replace(tally, UNTOUCHED);
            if *slot == NONE {
                self.used.push(*key);
                *slot = if at >= values.len() || values.is_null(at) {
                    NULL
                } else {
                    let text = values.value(at);
                    if text.len() > MAX_VALUE_BYTES {
                        return false;
                    }
                    self.texts.number(text)
                };
            }
            let slot = *slot;
            self.add(
                slot,
                counted.dated.into(),
                counted.undated.into(),
                (counted.first_us, counted.last_us),
                block,
            );
        }
        self.touched = touched;
        self.touched.clear();
        true
    }

    fn push_plain(&mut self, values: &StringArray, times: &Times<'_>, first_row: u64) -> bool {
        let mut last: Option<(&str, u32)> = None;
        for (block, rows) in pieces(first_row, values.len()) {
            for row in rows {
                let slot = if values.is_null(row) {
                    NULL
                } else {
                    let text = values.value(row);
                    match last {
                        Some((seen, slot)) if seen == text => slot,
                        _ if text.len() > MAX_VALUE_BYTES => return false,
                        _ => {
                            let slot = self.texts.number(text);
                            last = Some((text, slot));
                            slot
                        }
                    }
                };
                match times.at(row) {
                    None => self.add(slot, 0, 1, (0, 0), block),
                    Some(time) => self.add(slot, 1, 0, (time, time), block),
                }
            }
        }
        true
    }

    fn add(&mut self, slot: u32, dated: u64, undated: u64, times: (i64, i64), block: u32) {
        let tally = if slot == NULL {
            &mut self.nulls
        } else {
            let at = slot as usize;
            self.present += dated + undated;
            if at >= self.tallies.len() {
                self.tallies.resize_with(at + 1, Tally::default);
            }
            match self.tallies.get_mut(at) {
                Some(tally) => tally,
                None => return,
            }
        };
        self.places_bytes += tally.add(dated, undated, times, block);
    }

    fn has_too_many(&self) -> bool {
        let values = self.texts.len();
        if values <= FEW_VALUES {
            return false;
        }
        values > MAX_VALUES || (values as u64).saturating_mul(MIN_ROWS_PER_VALUE) > self.present
    }

    fn memory_bytes(&self) -> usize {
        self.texts.memory_bytes()
            + self.tallies.capacity() * size_of::<Tally>()
            + self.places_bytes
            + self.keys.capacity() * size_of::<KeyTally>()
            + (self.slots.capacity() + self.touched.capacity() + self.used.capacity()) * size_of::<u32>()
    }
}

/// Returns the rows of a batch by the block that they are in.
fn pieces(first_row: u64, rows: usize) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> {
    let mut next = 0usize;
    std::iter::from_fn(move || {
        let at = first_row + next as u64;
        let left = usize::try_from(BLOCK_ROWS - at % BLOCK_ROWS).unwrap_or(usize::MAX);
        let end = rows.min(next.saturating_add(left));
        let piece = (next < end).then_some(((at / BLOCK_ROWS) as u32, next..end));
        next = end;
        piece
    })
}
