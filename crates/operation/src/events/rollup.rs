//! Counts that need no event: those of everything that a caller may see, in all times or some.

use sekisho_event::time::{MICROS_PER_HOUR, Micros, Range};
use sekisho_store::{HourCount, KeepOrg, ScanRange, VALUE_COLUMNS, ValueCount, ValueCounts};

use super::reading::{Condition, Reading};
use crate::Error;

/// The most rows that are read for a count beside the indexes, half a second's work: the segment or two that a range cuts.
/// More is for the engine, which reads with all processors.
const MAX_ROWS_READ: u64 = 3_000_000;

/// Returns whether the store counts the values of this field.
pub(super) fn counts_values_of(field: &str) -> bool {
    VALUE_COLUMNS.contains(&field)
}

/// Returns whether hours add up to bars of this width from there on.
pub(super) fn adds_up_to(start_us: Micros, width_us: i64) -> bool {
    start_us % MICROS_PER_HOUR == 0 && width_us % MICROS_PER_HOUR == 0
}

/// Counts the values of columns over what the condition means; `None` where it says more than orgs and times, or
/// too much would have to be read.
pub(super) fn values(
    reading: &mut Reading,
    condition: &Condition,
    columns: &[&str],
) -> Result<Option<ValueCounts>, Error> {
    let Some(orgs) = condition.orgs_alone() else {
        return Ok(None);
    };
    let keep = |org: &str| orgs.iter().flatten().any(|kept| kept == org);
    let keep: Option<&KeepOrg<'_>> = if orgs.is_some() { Some(&keep) } else { None };
    let range = scan_range(condition.range);
    let Some(counts) = reading.store().value_counts(columns, range, keep, MAX_ROWS_READ)? else {
        return Ok(None);
    };
    reading.add_time(counts.took);
    Ok(Some(counts))
}

/// Counts events by hour over what the condition means, and those without a time whatever its times are; `None` where it
/// says more than orgs.
pub(super) fn hours(
    reading: &mut Reading,
    condition: &Condition,
    range: Range,
) -> Result<Option<Vec<HourCount>>, Error> {
    let Some(orgs) = condition.orgs_alone() else {
        return Ok(None);
    };
    let Some(counts) = reading.store().hour_counts(scan_range(range), true, MAX_ROWS_READ)? else {
        return Ok(None);
    };
    reading.add_time(counts.took);
    let mut hours = counts.hours;
    hours.retain(|hour| {
        let is_kept = |orgs: &Vec<String>| hour.org.as_ref().is_some_and(|org| orgs.contains(org));
        orgs.as_ref().is_none_or(is_kept)
    });
    Ok(Some(hours))
}

/// Returns the first and the last time of the events in what the condition means at any time; `None` where it cannot be
/// said without reading, or there is none.
pub(super) fn span(reading: &mut Reading, condition: &Condition) -> Result<Option<(Micros, Micros)>, Error> {
    let everywhen = condition.within(Range::default());
    let Some(counts) = values(reading, &everywhen, &["org"])? else {
        return Ok(None);
    };
    let orgs: Vec<ValueCount> = counts.columns.into_iter().flatten().flatten().collect();
    let first = orgs.iter().filter_map(|org| org.first_us).min();
    let last = orgs.iter().filter_map(|org| org.last_us).max();
    Ok(first.zip(last))
}

fn scan_range(range: Range) -> ScanRange {
    ScanRange {
        from: range.from_us,
        to: range.to_us,
    }
}
