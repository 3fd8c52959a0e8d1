//! How many rows there are in each hour, for each combination of a few columns' values.

use std::collections::HashMap;

use arrow::array::ArrayRef;

use crate::build::Times;
use crate::error::Result;
use crate::texts::Texts;
use crate::varint::{self, Cursor};

/// The microseconds of an hour.
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// The most counts of one segment, some megabytes: more come only from times or orgs that are made up.
const MAX_HOUR_ROWS: usize = 128 * 1024;

/// The number of what is null.
const NULL: u32 = 0;

/// How many rows there are in an hour with these keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourRow<'a> {
    /// The hour since 1970 UTC; `None` counts the rows without a time.
    pub hour: Option<i64>,
    /// The values of the columns that the hours were counted by, in their order.
    pub keys: Vec<Option<&'a str>>,
    /// The rows.
    pub count: u64,
}

/// The rows of a segment by hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    columns: Vec<String>,
    texts: Vec<String>,
    rows: Vec<(Option<i64>, u64)>,
    /// The keys of all rows, one row's after the other's.
    keys: Vec<u32>,
}

impl Hours {
    /// Returns the columns that the hours were counted by.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the counts, those without a time first, then by hour.
    pub fn iter(&self) -> impl Iterator<Item = HourRow<'_>> {
        let width = self.columns.len();
        self.rows.iter().enumerate().map(move |(row, (hour, count))| HourRow {
            hour: *hour,
            keys: (0..width)
                .map(|column| {
                    let number = self.keys.get(row * width + column).copied().unwrap_or(NULL);
                    let text = (number as usize).checked_sub(1).and_then(|text| self.texts.get(text))?;
                    Some(text.as_str())
                })
                .collect(),
            count: *count,
        })
    }

    /// Reads the hours of a segment with `rows` rows.
    pub(crate) fn read(bytes: &[u8], columns: &[String], rows: u64) -> Result<Self> {
        let mut cursor = Cursor::new("the hours", bytes);
        let mut hours = Self {
            columns: columns.to_vec(),
            ..Self::default()
        };
        for _ in 0..cursor.count()? {
            hours.texts.push(cursor.text()?.to_owned());
        }
        let undated = cursor.count()?;
        let dated = cursor.count()?;
        let mut hour = 0i64;
        let mut total = 0u64;
        for row in 0..undated.saturating_add(dated) {
            let at = if row < undated {
                None
            } else {
                let step = cursor.signed()?;
                hour = hour
                    .checked_add(step)
                    .ok_or_else(|| cursor.wrong("an hour is too large"))?;
                Some(hour)
            };
            for _ in columns {
                let number = cursor.number()?;
                let known = u32::try_from(number)
                    .ok()
                    .filter(|number| *number as usize <= hours.texts.len());
                hours
                    .keys
                    .push(known.ok_or_else(|| cursor.wrong("a key is not in the list"))?);
            }
            let count = cursor.number()?;
            total = total.saturating_add(count);
            hours.rows.push((at, count));
        }
        if total != rows {
            return Err(cursor.wrong("the counts do not add up"));
        }
        cursor.end()?;
        Ok(hours)
    }
}

/// Hours being counted.
#[derive(Debug)]
pub(crate) struct HoursBuilder {
    columns: Vec<String>,
    texts: Texts,
    /// The combinations of keys by their number: which one they add a key to, and the key.
    combinations: HashMap<(u32, u32), u32>,
    parents: Vec<(u32, u32)>,
    counts: hashbrown::HashMap<(Option<i64>, u32), u64>,
}

impl HoursBuilder {
    pub(crate) fn new(columns: Vec<String>) -> Self {
        Self {
            columns,
            texts: Texts::default(),
            combinations: HashMap::new(),
            // The combination without a key.
            parents: vec![(0, 0)],
            counts: hashbrown::HashMap::new(),
        }
    }

    /// Counts the rows of a batch. `keys` are the columns, in order. Returns whether they can go on being counted.
    pub(crate) fn push(&mut self, keys: &[ArrayRef], times: &Times<'_>, rows: usize) -> bool {
        let mut combined = vec![0u32; rows];
        for array in keys {
            let Some(texts) = crate::build::TextColumn::of(array) else {
                return false;
            };
            self.combine(&mut combined, &texts);
        }
        self.count(&combined, times);
        self.counts.len() <= MAX_HOUR_ROWS && self.texts.len() <= MAX_HOUR_ROWS
    }

    /// Adds each row's value of a column to the row's combination.
    fn combine(&mut self, combined: &mut [u32], texts: &crate::build::TextColumn<'_>) {
        let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
        let mut last = None;
        for (row, combination) in combined.iter_mut().enumerate() {
            let local = (*combination, texts.local(row));
            if let Some((seen, number)) = last
                && seen == local
            {
                *combination = number;
                continue;
            }
            let number = *numbers.entry(local).or_insert_with(|| {
                let key = texts.at(row).map_or(NULL, |text| self.texts.number(text) + 1);
                let next = self.parents.len() as u32;
                let (combinations, parents) = (&mut self.combinations, &mut self.parents);
                *combinations.entry((local.0, key)).or_insert_with(|| {
                    parents.push((local.0, key));
                    next
                })
            });
            last = Some((local, number));
            *combination = number;
        }
    }

    /// Counts rows by hour and combination. Neighbours mostly agree in both, so a count is touched once a run.
    fn count(&mut self, combined: &[u32], times: &Times<'_>) {
        let mut run = None;
        let mut length = 0u64;
        for (row, combination) in combined.iter().enumerate() {
            let key = (times.at(row).map(|time| time.div_euclid(MICROS_PER_HOUR)), *combination);
            if run == Some(key) {
                length += 1;
                continue;
            }
            if let Some(key) = run {
                *self.counts.entry(key).or_default() += length;
            }
            run = Some(key);
            length = 1;
        }
        if let Some(key) = run {
            *self.counts.entry(key).or_default() += length;
        }
    }

    /// Returns the memory that is held.
    pub(crate) fn memory_bytes(&self) -> usize {
        const COMBINATION_BYTES: usize = 2 * size_of::<((u32, u32), u32)>() + size_of::<(u32, u32)>();
        self.texts.memory_bytes() + self.counts.allocation_size() + self.parents.len() * COMBINATION_BYTES
    }

    /// Returns the hours in the form that [`Hours::read`] reads.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        varint::put(&mut out, self.texts.len() as u64);
        for number in 0..self.texts.len() as u32 {
            varint::put_bytes(&mut out, self.texts.get(number).as_bytes());
        }
        let mut counts: Vec<((Option<i64>, u32), u64)> = self.counts.into_iter().collect();
        counts.sort_unstable();
        let undated = counts.iter().filter(|((hour, _), _)| hour.is_none()).count();
        varint::put(&mut out, undated as u64);
        varint::put(&mut out, (counts.len() - undated) as u64);
        let mut last = 0;
        for ((hour, combination), count) in counts {
            if let Some(hour) = hour {
                varint::put_signed(&mut out, hour - last);
                last = hour;
            }
            let mut keys = Vec::with_capacity(self.columns.len());
            let mut at = combination;
            for _ in &self.columns {
                let (parent, key) = self.parents.get(at as usize).copied().unwrap_or_default();
                keys.push(key);
                at = parent;
            }
            keys.iter().rev().for_each(|key| varint::put(&mut out, u64::from(*key)));
            varint::put(&mut out, count);
        }
        out
    }
}
