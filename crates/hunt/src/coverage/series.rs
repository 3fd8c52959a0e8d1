//! Counting what was searched, per table and org, in bounded memory.

use std::collections::{BTreeMap, HashMap};

use sekisho_event::time::{MICROS_PER_HOUR, Micros};

use super::files::FileHours;
use super::profile::Hour;

/// Most (org, table) pairs of one hunt: a hundred orgs with every table of the catalogue.
pub(crate) const MAX_SERIES: usize = 20_000;
/// Most hours with events over all of them; each costs some 30 bytes.
const MAX_HOURS: usize = 4_000_000;
/// Events before this hour (1999-01-01, before any of the platforms) have broken clocks.
const PLAUSIBLE_FROM: Hour = 254_208;
/// Events from this hour (2100-01-01) on have broken clocks.
const PLAUSIBLE_TO: Hour = 1_139_568;

/// Which table of which org.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SeriesKey {
    pub(crate) org: String,
    pub(crate) table: String,
}

/// Rows that can or cannot show indicators of one column group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Rows with a value.
    pub(crate) filled: u64,
    /// Rows without one.
    pub(crate) blank: u64,
    /// Rows whose value is of another kind than the column: a code for a user agent, a word for an address, a name
    /// that is no host.
    pub(crate) other: u64,
}

impl Rows {
    pub(crate) fn add(&mut self, more: Self) {
        self.filled += more.filled;
        self.blank += more.blank;
        self.other += more.other;
    }
}

/// What was seen of one table of one org.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) key: SeriesKey,
    /// Events per hour, in the range or not: those outside are history.
    pub(crate) hours: BTreeMap<Hour, u64>,
    /// Events in the range, undated ones included.
    pub(crate) events: u64,
    pub(crate) undated: u64,
    pub(crate) first_us: Option<Micros>,
    pub(crate) last_us: Option<Micros>,
    /// The last plausible time, in the range or not.
    pub(crate) data_end_us: Option<Micros>,
    pub(crate) files: FileHours,
    /// Rows by the first column of the group.
    pub(crate) rows: BTreeMap<&'static str, Rows>,
    pub(crate) has_streamed_types: bool,
    pub(crate) is_capped: bool,
}

impl Series {
    fn new(key: SeriesKey) -> Self {
        Self {
            key,
            hours: BTreeMap::new(),
            events: 0,
            undated: 0,
            first_us: None,
            last_us: None,
            data_end_us: None,
            files: FileHours::default(),
            rows: BTreeMap::new(),
            has_streamed_types: false,
            is_capped: false,
        }
    }

    /// Notes the time of an event in the range.
    pub(crate) fn note_in_range(&mut self, at_us: Option<Micros>) {
        self.events += 1;
        match at_us {
            Some(at_us) => {
                self.first_us = Some(self.first_us.map_or(at_us, |first| first.min(at_us)));
                self.last_us = Some(self.last_us.map_or(at_us, |last| last.max(at_us)));
            }
            None => self.undated += 1,
        }
    }
}

/// All series of a hunt.
#[derive(Debug, Default)]
pub(crate) struct SeriesSet {
    series: Vec<Series>,
    by_key: HashMap<SeriesKey, usize>,
    hour_count: usize,
    /// True where rows could not be accounted for at all.
    pub(crate) is_capped: bool,
}

impl SeriesSet {
    /// Returns the number of a series; `None` where there are too many.
    pub(crate) fn number_of(&mut self, key: SeriesKey) -> Option<usize> {
        if let Some(&number) = self.by_key.get(&key) {
            return Some(number);
        }
        if self.series.len() >= MAX_SERIES {
            self.is_capped = true;
            return None;
        }
        let number = self.series.len();
        self.by_key.insert(key.clone(), number);
        self.series.push(Series::new(key));
        Some(number)
    }

    /// Returns a series of [`Self::number_of`].
    pub(crate) fn get(&mut self, number: usize) -> &mut Series {
        &mut self.series[number]
    }

    /// Counts events of one hour.
    pub(crate) fn count_hour(&mut self, number: usize, hour: Hour, events: u64) {
        let series = &mut self.series[number];
        if let Some(known) = series.hours.get_mut(&hour) {
            *known += events;
        } else if self.hour_count < MAX_HOURS {
            self.hour_count += 1;
            series.hours.insert(hour, events);
        } else {
            series.is_capped = true;
        }
    }

    /// Returns the series, ordered by org and table.
    pub(crate) fn into_sorted(mut self) -> Vec<Series> {
        self.series.sort_by(|one, other| one.key.cmp(&other.key));
        self.series
    }
}

/// Returns the hour of a time that a working clock can have written.
pub(crate) fn plausible_hour(at_us: Micros) -> Option<Hour> {
    let hour = at_us.div_euclid(MICROS_PER_HOUR);
    (PLAUSIBLE_FROM..PLAUSIBLE_TO).contains(&hour).then_some(hour)
}

#[cfg(test)]
mod tests {
    use sekisho_event::time::to_rfc3339;

    use super::*;

    #[test]
    fn clocks_are_plausible_from_1999_to_2100() {
        assert_eq!(to_rfc3339(PLAUSIBLE_FROM * MICROS_PER_HOUR), "1999-01-01T00:00:00Z");
        assert_eq!(to_rfc3339(PLAUSIBLE_TO * MICROS_PER_HOUR), "2100-01-01T00:00:00Z");
        assert_eq!(plausible_hour(i64::MIN), None);
        assert_eq!(plausible_hour(i64::MAX), None);
        assert!(plausible_hour(1_763_900_000_000_000).is_some());
    }
}
