//! Counts of values over the common table, from indexes where they can say it exactly, from rows elsewhere.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use sekisho_index::{Entry, Index};

use super::rows::{ORG, RowTimes, TIME, Texts, common_name, index_of, rows_of};
use crate::catalogue::{Segment, Times};
use crate::error::Result;
use crate::scan::ScanRange;
use crate::store::Store;

/// The most values of a column that are counted: some 30 MB. With more, the rows are for the engine, which can spill.
const MAX_COUNTED_VALUES: usize = 200_000;
/// Says which orgs count.
pub type KeepOrg<'a> = dyn Fn(&str) -> bool + 'a;

/// How often a value stands in some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueCount {
    /// The value; `None` counts the rows without one.
    pub value: Option<String>,
    /// The rows that hold it.
    pub count: u64,
    /// The earliest time of a row that holds it, in microseconds since 1970 UTC.
    pub first_us: Option<i64>,
    /// The latest one.
    pub last_us: Option<i64>,
}

/// How often the values of some columns stand in some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueCounts {
    /// The rows.
    pub rows: u64,
    /// The values of each column, in no order; `None` where there are too many to count, or it
    /// holds no texts.
    pub columns: Vec<Option<Vec<ValueCount>>>,
    /// How long counting took.
    pub took: Duration,
}
impl Store {
    /// Counts the values of text columns of the common table in `range`, in all orgs or those that `keep_org` says. The
    /// counts are exact, whether an index or the rows say them. `None` where more than `max_rows_read` rows would have to be
    /// read: the engine does that better.
    ///
    /// # Errors
    /// When there is no such column, or rows cannot be read.
    pub fn value_counts(
        &self,
        columns: &[&str],
        range: ScanRange,
        keep_org: Option<&KeepOrg<'_>>,
        max_rows_read: u64,
    ) -> Result<Option<ValueCounts>> {
        let mut counting = Counting {
            started: Instant::now(),
            range,
            keep_org,
            rows: 0,
            columns: columns.iter().map(|name| Column::new(name)).collect(),
        };
        let (lease, snapshot) = self.inner.pin()?;
        let Some(mut table) = self.inner.catalogue.table(snapshot, &common_name())? else {
            return Ok(Some(counting.into_counts()));
        };
        counting.leave_out_other_types(&table.schema());
        table.segments.retain(|segment| {
            range.may_be_in(segment.times)
                && !index_of(&self.inner, segment).is_some_and(|index| counting.add_index(&index, segment))
        });
        if rows_of(&table.segments) > max_rows_read {
            return Ok(None);
        }
        let mut wanted = vec![TIME, ORG];
        wanted.extend(columns.iter().filter(|name| ![TIME, ORG].contains(name)));
        wanted.dedup();
        let rows = self
            .inner
            .scan_of(&common_name(), Some(table), range, Some(&wanted), (lease, snapshot))?;
        for batch in rows {
            counting.add_batch(&batch?);
        }
        Ok(Some(counting.into_counts()))
    }
}

/// What is known of a value so far.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    count: u64,
    first_us: Option<i64>,
    last_us: Option<i64>,
}

impl Known {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.first_us = earliest(self.first_us, other.first_us);
        self.last_us = self.last_us.max(other.last_us);
    }
}

fn earliest(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// One column being counted.
#[derive(Debug)]
struct Column {
    name: String,
    /// `None` once there are too many values.
    values: Option<HashMap<String, Known>>,
    nulls: Known,
}

impl Column {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            values: Some(HashMap::new()),
            nulls: Known::default(),
        }
    }

    fn add(&mut self, value: Option<&str>, known: Known) {
        let Some(value) = value else {
            self.nulls.add(known);
            return;
        };
        let Some(values) = &mut self.values else { return };
        let has_room = values.len() < MAX_COUNTED_VALUES;
        match values.get_mut(value) {
            Some(seen) => seen.add(known),
            None if has_room => {
                values.insert(value.to_owned(), known);
            }
            None => self.values = None,
        }
    }

    /// Adds the rows of a batch that are kept. Those of a dictionary are counted by the number of their text first.
    fn add_array(&mut self, batch: &RecordBatch, array: &ArrayRef, is_kept: impl Fn(usize) -> bool) {
        let times = RowTimes::of(batch);
        let known = |row| {
            let time = times.at(row);
            Known {
                count: 1,
                first_us: time,
                last_us: time,
            }
        };
        let rows = (0..batch.num_rows()).filter(|row| is_kept(*row));
        match Texts::of(array) {
            Texts::Dictionary(dictionary, values) => {
                let mut by_key = vec![Known::default(); values.len() + 1];
                for row in rows {
                    let key = dictionary.key(row).unwrap_or(values.len());
                    if let Some(seen) = by_key.get_mut(key) {
                        seen.add(known(row));
                    }
                }
                for (key, known) in by_key.into_iter().enumerate().filter(|(_, known)| known.count > 0) {
                    let is_null = key >= values.len() || values.is_null(key);
                    self.add((!is_null).then(|| values.value(key)), known);
                }
            }
            texts => rows.for_each(|row| self.add(texts.at(row), known(row))),
        }
    }

    fn into_counts(self) -> Option<Vec<ValueCount>> {
        let count = |value, known: Known| ValueCount {
            value,
            count: known.count,
            first_us: known.first_us,
            last_us: known.last_us,
        };
        let values = self.values?.into_iter();
        let nulls = (self.nulls.count > 0).then(|| count(None, self.nulls));
        Some(
            values
                .map(|(value, known)| count(Some(value), known))
                .chain(nulls)
                .collect(),
        )
    }
}

struct Counting<'a> {
    started: Instant,
    range: ScanRange,
    keep_org: Option<&'a KeepOrg<'a>>,
    rows: u64,
    columns: Vec<Column>,
}

impl Counting<'_> {
    /// Gives up columns that hold no texts.
    fn leave_out_other_types(&mut self, schema: &Schema) {
        let is_text = |name: &str| {
            let ty = schema.field_with_name(name).map(Field::data_type);
            ty.is_ok_and(|ty| matches!(ty, DataType::Utf8 | DataType::Dictionary(..)))
        };
        for column in self.columns.iter_mut().filter(|column| !is_text(&column.name)) {
            column.values = None;
        }
    }

    /// Counts a segment by its index and returns whether that was possible; if not, nothing of it is counted.
    fn add_index(&mut self, index: &Index, segment: &Segment) -> bool {
        if !is_inside(self.range, segment.times) {
            return false;
        }
        match self.kept_orgs(index) {
            Kept::All => {}
            Kept::None => return true,
            Kept::Some => return false,
        }
        let has_undated = self.range.is_all();
        let mut read = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            match values_in(index, &column.name, has_undated) {
                Some(values) => read.push(values),
                None => return false,
            }
        }
        let undated = segment.times.map_or(0, |times| times.nulls);
        self.rows += if has_undated {
            segment.rows
        } else {
            segment.rows.saturating_sub(undated)
        };
        for (column, values) in self.columns.iter_mut().zip(read) {
            for (value, known) in values {
                column.add(value.as_deref(), known);
            }
        }
        true
    }

    fn kept_orgs(&self, index: &Index) -> Kept {
        let Some(keep_org) = self.keep_org else {
            return Kept::All;
        };
        let Some(orgs) = values_in(index, ORG, true) else {
            return Kept::Some;
        };
        let mut kept = orgs.iter().map(|(org, _)| org.as_deref().is_some_and(keep_org));
        match kept.next() {
            None => Kept::None,
            Some(first) if kept.all(|other| other == first) => {
                if first {
                    Kept::All
                } else {
                    Kept::None
                }
            }
            Some(_) => Kept::Some,
        }
    }

    fn add_batch(&mut self, batch: &RecordBatch) {
        let kept: Option<Vec<bool>> = self.keep_org.map(|keep_org| {
            let orgs = batch.column_by_name(ORG).map(Texts::of);
            let org = |row| orgs.as_ref().and_then(|orgs| orgs.at(row));
            (0..batch.num_rows())
                .map(|row| org(row).is_some_and(keep_org))
                .collect()
        });
        let is_kept = |row: usize| kept.as_ref().is_none_or(|kept| kept.get(row).copied().unwrap_or(false));
        self.rows += (0..batch.num_rows()).filter(|row| is_kept(*row)).count() as u64;
        for column in &mut self.columns {
            let Some(array) = batch.column_by_name(&column.name) else {
                continue;
            };
            column.add_array(batch, array, is_kept);
        }
    }

    fn into_counts(self) -> ValueCounts {
        ValueCounts {
            rows: self.rows,
            columns: self.columns.into_iter().map(Column::into_counts).collect(),
            took: self.started.elapsed(),
        }
    }
}
/// Which orgs of a segment count.
enum Kept {
    All,
    Some,
    None,
}

/// Returns the values of a column by its index, null among them; `None` where it does not say. Without `has_undated` the
/// rows that have no time do not count.
fn values_in(index: &Index, column: &str, has_undated: bool) -> Option<Vec<(Option<String>, Known)>> {
    let column = index.column(column)?;
    if column.values() > MAX_COUNTED_VALUES as u64 {
        return None;
    }
    let known = |entry: &Entry| Known {
        count: if has_undated {
            entry.count
        } else {
            entry.count - entry.undated
        },
        first_us: entry.first_us,
        last_us: entry.last_us,
    };
    let mut values = vec![(None, known(column.nulls()))];
    for entry in column.entries().ok()? {
        let (value, entry) = entry.ok()?;
        values.push((Some(value), known(&entry)));
    }
    values.retain(|(_, known)| known.count > 0);
    Some(values)
}
/// Returns whether the rows that have a time are all in the range.
fn is_inside(range: ScanRange, times: Option<Times>) -> bool {
    if range.is_all() {
        return true;
    }
    match times.map(|times| times.range) {
        None => false,
        Some(None) => true,
        Some(Some((first, last))) => range.contains(first) && range.contains(last),
    }
}
