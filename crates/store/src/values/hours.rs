//! Counts of hours over the common table, from indexes where they can say it exactly, from rows elsewhere.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sekisho_index::Hours;

use super::rows::{RowTimes, TIME, Texts, common_name, index_of, rows_of};
use super::{HOUR_KEYS, INDEXED_TABLE};
use crate::catalogue::Times;
use crate::error::Result;
use crate::scan::{Scan, ScanRange, projected};
use crate::store::Store;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// How many rows there are in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCount {
    /// When the hour begins, in microseconds since 1970 UTC; `None` counts the rows without a time.
    pub start_us: Option<i64>,
    /// Their org.
    pub org: Option<String>,
    /// Their table.
    pub table: Option<String>,
    /// The rows.
    pub count: u64,
}

/// How many rows there are in each hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HourCounts {
    /// The hours, in no order.
    pub hours: Vec<HourCount>,
    /// How long counting took.
    pub took: Duration,
}
impl Store {
    /// Counts the rows of the common table in `range` by hour, org and table, and with `has_undated` those
    /// without a time. The counts are exact, whether an index or the rows say them. `None` where more than `max_rows_read`
    /// rows would have to be read beside those of two hours: the engine does that better.
    ///
    /// # Errors
    /// When rows cannot be read.
    pub fn hour_counts(&self, range: ScanRange, has_undated: bool, max_rows_read: u64) -> Result<Option<HourCounts>> {
        let started = Instant::now();
        let mut counts = HourCounting {
            range,
            has_undated,
            counts: HashMap::new(),
        };
        let (lease, snapshot) = self.inner.pin()?;
        let Some(mut table) = self.inner.catalogue.table(snapshot, &common_name())? else {
            return Ok(Some(HourCounts::default()));
        };
        let mut by_hour = Vec::new();
        table.segments.retain(|segment| {
            if !counts.may_count(segment.times) {
                return false;
            }
            let index = index_of(&self.inner, segment);
            let hours = index.and_then(|index| index.hours().ok().flatten());
            let Some(hours) = hours.filter(|hours| hours.columns() == HOUR_KEYS) else {
                return true;
            };
            counts.add_hours(&hours);
            by_hour.push(segment.clone());
            false
        });
        if rows_of(&table.segments) > max_rows_read {
            return Ok(None);
        }
        let [org, kind] = HOUR_KEYS;
        let wanted = [TIME, org, kind];
        for cut in cut_hours(range) {
            let schema = projected(INDEXED_TABLE, &table.schema(), &wanted)?;
            // Ours still has to serve the rest.
            let (another, _) = self.inner.pin()?;
            let data_dir = &self.inner.data_dir;
            let inlined = Vec::new();
            counts.add_rows(Scan::new(
                INDEXED_TABLE,
                schema,
                cut,
                &by_hour,
                inlined,
                data_dir,
                another,
            ))?;
        }
        let scanned = if has_undated { ScanRange::default() } else { range };
        let rows = self
            .inner
            .scan_of(&common_name(), Some(table), scanned, Some(&wanted), (lease, snapshot))?;
        counts.add_rows(rows)?;
        Ok(Some(HourCounts {
            hours: counts.into_list(),
            took: started.elapsed(),
        }))
    }
}

type HourKey = (Option<i64>, Option<String>, Option<String>);

/// The same with texts that a batch holds.
type BatchKey<'a> = (Option<i64>, Option<&'a str>, Option<&'a str>);

/// Hours being counted.
#[derive(Debug)]
struct HourCounting {
    range: ScanRange,
    has_undated: bool,
    counts: HashMap<HourKey, u64>,
}

impl HourCounting {
    fn may_count(&self, times: Option<Times>) -> bool {
        self.range.may_be_in(times) || (self.has_undated && times.is_none_or(|times| times.nulls > 0))
    }

    fn is_counted(&self, time: Option<i64>) -> bool {
        match time {
            None => self.has_undated,
            Some(time) => self.range.contains(time),
        }
    }

    /// Adds the hours that are wholly in the range.
    fn add_hours(&mut self, hours: &Hours) {
        for row in hours.iter() {
            let start_us = row.hour.map(|hour| hour.saturating_mul(MICROS_PER_HOUR));
            let is_in = match start_us {
                None => self.has_undated,
                Some(start) => {
                    self.range.from.is_none_or(|from| from <= start)
                        && self
                            .range
                            .to
                            .is_none_or(|to| start.saturating_add(MICROS_PER_HOUR) <= to)
                }
            };
            let [org, table] = row.keys.as_slice() else { continue };
            if is_in {
                self.add((start_us, org.map(str::to_owned), table.map(str::to_owned)), row.count);
            }
        }
    }

    fn add_rows(&mut self, scan: Scan) -> Result<()> {
        for batch in scan {
            let batch = batch?;
            let [org, table] = HOUR_KEYS.map(|name| batch.column_by_name(name).map(Texts::of));
            let times = RowTimes::of(&batch);
            let mut found: HashMap<BatchKey<'_>, u64> = HashMap::new();
            for row in 0..batch.num_rows() {
                let time = times.at(row);
                if !self.is_counted(time) {
                    continue;
                }
                let hour = time.map(|time| time.div_euclid(MICROS_PER_HOUR));
                let org = org.as_ref().and_then(|texts| texts.at(row));
                let table = table.as_ref().and_then(|texts| texts.at(row));
                *found.entry((hour, org, table)).or_default() += 1;
            }
            for ((hour, org, table), count) in found {
                let start_us = hour.map(|hour| hour.saturating_mul(MICROS_PER_HOUR));
                self.add((start_us, org.map(str::to_owned), table.map(str::to_owned)), count);
            }
        }
        Ok(())
    }

    fn add(&mut self, key: HourKey, count: u64) {
        *self.counts.entry(key).or_default() += count;
    }

    fn into_list(self) -> Vec<HourCount> {
        let count = |((start_us, org, table), count)| HourCount {
            start_us,
            org,
            table,
            count,
        };
        self.counts.into_iter().map(count).collect()
    }
}

/// Returns the parts of the hours at the range's ends that the range cuts.
fn cut_hours(range: ScanRange) -> Vec<ScanRange> {
    let after = |time: i64| {
        time.div_euclid(MICROS_PER_HOUR)
            .saturating_add(1)
            .saturating_mul(MICROS_PER_HOUR)
    };
    let before = |time: i64| time.div_euclid(MICROS_PER_HOUR).saturating_mul(MICROS_PER_HOUR);
    let is_cut = |time: &i64| time.rem_euclid(MICROS_PER_HOUR) != 0;
    let first = range.from.filter(is_cut);
    let last = range.to.filter(is_cut);
    let is_one_hour = first.zip(last).is_some_and(|(from, to)| before(from) == before(to));
    if is_one_hour {
        return vec![range];
    }
    let first = first.map(|from| ScanRange {
        from: Some(from),
        to: Some(range.to.map_or(after(from), |to| to.min(after(from)))),
    });
    let last = last.map(|to| ScanRange {
        from: Some(range.from.map_or(before(to), |from| from.max(before(to)))),
        to: Some(to),
    });
    first.into_iter().chain(last).collect()
}
