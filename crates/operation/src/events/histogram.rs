//! How many events there are over time.

use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use sekisho_event::common::EVENTS;
use sekisho_event::time::{MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Micros, Range};
use sekisho_search::instant;
use sekisho_store::HourCount;

use super::reading::{Condition, Reading};
use super::rollup;
use super::types::{Histogram, HistogramRequest};
use super::{DEFAULT_BUCKETS, MAX_BUCKETS, rows, time_text, within};
use crate::Error;
use crate::caller::{Caller, OrgScope};

const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;

/// The widths of buckets, each a whole part of a day; longer ones are whole days.
const WIDTHS_US: [i64; 17] = [
    MICROS_PER_SECOND,
    2 * MICROS_PER_SECOND,
    5 * MICROS_PER_SECOND,
    10 * MICROS_PER_SECOND,
    15 * MICROS_PER_SECOND,
    30 * MICROS_PER_SECOND,
    MICROS_PER_MINUTE,
    2 * MICROS_PER_MINUTE,
    5 * MICROS_PER_MINUTE,
    10 * MICROS_PER_MINUTE,
    15 * MICROS_PER_MINUTE,
    30 * MICROS_PER_MINUTE,
    MICROS_PER_HOUR,
    2 * MICROS_PER_HOUR,
    3 * MICROS_PER_HOUR,
    6 * MICROS_PER_HOUR,
    12 * MICROS_PER_HOUR,
];

pub(super) fn histogram(caller: &Caller, data_dir: &Path, request: &HistogramRequest) -> Result<Histogram, Error> {
    let buckets = within("buckets", request.buckets, DEFAULT_BUCKETS, MAX_BUCKETS)?;
    let condition = Condition::new(caller, &request.filter)?;
    let mut reading = Reading::open(caller, data_dir)?;
    let Some((from_us, to_us)) = span(&mut reading, caller, request)? else {
        let undated = counted(&mut reading, &condition, None)?;
        return Ok(Histogram {
            from: None,
            to: None,
            bucket_ms: MICROS_PER_DAY / 1_000,
            buckets: Vec::new(),
            total: 0,
            undated: undated.undated,
            took_ms: reading.took_ms(),
        });
    };
    let bars = Bars::over(from_us, to_us, buckets);
    let counts = counted(&mut reading, &condition, Some((bars, from_us, to_us)))?;
    Ok(Histogram {
        from: Some(time_text(bars.start_us)),
        to: Some(time_text(bars.end_us())),
        bucket_ms: bars.width_us / 1_000,
        total: counts.bars.iter().sum(),
        buckets: counts.bars,
        undated: counts.undated,
        took_ms: reading.took_ms(),
    })
}

/// Buckets one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bars {
    start_us: Micros,
    width_us: i64,
    count: usize,
}

impl Bars {
    /// Returns the narrowest round buckets, at most `most`, that hold every time from `from_us` to before `to_us`. They
    /// begin at a multiple of their width, so that bars of one width are the same in every search.
    fn over(from_us: Micros, to_us: Micros, most: usize) -> Self {
        let most = i64::try_from(most).unwrap_or(i64::MAX).max(1);
        let needed = |width_us: i64| {
            let first = from_us.div_euclid(width_us);
            let last = to_us.saturating_sub(1).max(from_us).div_euclid(width_us);
            last - first + 1
        };
        let days = |days: i64| days.saturating_mul(MICROS_PER_DAY);
        let whole_days = std::iter::successors(Some(1_i64), |count| count.checked_mul(2)).map(days);
        let round = WIDTHS_US.into_iter().chain(whole_days);
        match round.into_iter().find(|width_us| needed(*width_us) <= most) {
            Some(width_us) => Self {
                start_us: from_us.div_euclid(width_us).saturating_mul(width_us),
                width_us,
                count: usize::try_from(needed(width_us)).unwrap_or_default(),
            },
            None => Self::unaligned(from_us, to_us, most),
        }
    }

    /// Returns buckets that begin where the times do: those of a span across a multiple of every width.
    fn unaligned(from_us: Micros, to_us: Micros, most: i64) -> Self {
        let seconds = to_us.saturating_sub(from_us) / most / MICROS_PER_SECOND + 1;
        let width_us = seconds.saturating_mul(MICROS_PER_SECOND);
        let count = (to_us.saturating_sub(from_us) - 1) / width_us + 1;
        Self {
            start_us: from_us,
            width_us,
            count: usize::try_from(count).unwrap_or_default(),
        }
    }

    fn end_us(self) -> Micros {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        self.start_us.saturating_add(self.width_us.saturating_mul(count))
    }
}

struct Counts {
    bars: Vec<u64>,
    undated: u64,
}

/// Counts the events of each bar and those without a time: by hours where they add up to bars, else in one pass.
fn counted(
    reading: &mut Reading,
    condition: &Condition,
    bars: Option<(Bars, Micros, Micros)>,
) -> Result<Counts, Error> {
    if let Some((bars, from_us, to_us)) = bars
        && rollup::adds_up_to(bars.start_us, bars.width_us)
    {
        let range = Range {
            from_us: Some(from_us),
            to_us: Some(to_us),
        };
        if let Some(hours) = rollup::hours(reading, condition, range)? {
            return Ok(Counts::of_hours(bars, &hours));
        }
    }
    let base = condition.at_any_time();
    let (bar, is_in_range) = match bars {
        Some((bars, from_us, to_us)) => (
            // Counted from the start of the first bar, where no time is before it and division rounds one way.
            format!("(CAST(\"time\" AS BIGINT) - ({})) / {}", bars.start_us, bars.width_us),
            format!(
                "(\"time\" IS NULL OR (\"time\" >= {} AND \"time\" < {}))",
                instant(from_us),
                instant(to_us)
            ),
        ),
        None => ("CAST(NULL AS BIGINT)".to_owned(), "\"time\" IS NULL".to_owned()),
    };
    let statement =
        format!("SELECT {bar} AS bar, count(*) AS events FROM {EVENTS} WHERE {base} AND {is_in_range} GROUP BY 1");
    let mut counts = Counts {
        bars: vec![0; bars.map_or(0, |(bars, _, _)| bars.count)],
        undated: 0,
    };
    for batch in reading.rows(&statement)? {
        counts.add(&batch);
    }
    Ok(counts)
}

impl Counts {
    fn of_hours(bars: Bars, hours: &[HourCount]) -> Self {
        let mut counts = Self {
            bars: vec![0; bars.count],
            undated: 0,
        };
        for hour in hours {
            let Some(start_us) = hour.start_us else {
                counts.undated += hour.count;
                continue;
            };
            let bar = start_us.saturating_sub(bars.start_us) / bars.width_us;
            let bar = usize::try_from(bar).ok().and_then(|bar| counts.bars.get_mut(bar));
            if let Some(count) = bar {
                *count += hour.count;
            }
        }
        counts
    }

    fn add(&mut self, batch: &RecordBatch) {
        let [bars, events] = batch.columns() else { return };
        let (Some(bars), Some(events)) = (
            bars.as_primitive_opt::<Int64Type>(),
            events.as_primitive_opt::<Int64Type>(),
        ) else {
            return;
        };
        for (bar, events) in bars.iter().zip(events.iter()) {
            let events = events.unwrap_or_default().unsigned_abs();
            match bar.map(usize::try_from) {
                None => self.undated += events,
                Some(Ok(bar)) => {
                    if let Some(count) = self.bars.get_mut(bar) {
                        *count += events;
                    }
                }
                Some(Err(_)) => {}
            }
        }
    }
}

/// Returns the times that are asked for; an end that is not named is where the data that the caller sees ends.
fn span(reading: &mut Reading, caller: &Caller, request: &HistogramRequest) -> Result<Option<(Micros, Micros)>, Error> {
    let range = request.filter.range;
    if let (Some(from_us), Some(to_us)) = (range.from_us, range.to_us) {
        return Ok((from_us < to_us).then_some((from_us, to_us)));
    }
    let sees_all = caller.orgs == OrgScope::All && request.filter.orgs.is_empty();
    let data = if sees_all {
        // The catalogue knows without reading an event.
        let tables = reading.store().tables()?;
        let events = tables.into_iter().find(|table| table.name == EVENTS);
        events.and_then(|events| events.from.zip(events.to))
    } else {
        data_span(reading, caller, request)?
    };
    let first = data.map(|(first, _)| first);
    let after = data.map(|(_, last)| last.saturating_add(1));
    let span = range.from_us.or(first).zip(range.to_us.or(after));
    Ok(span.filter(|(from_us, to_us)| from_us < to_us))
}

fn data_span(
    reading: &mut Reading,
    caller: &Caller,
    request: &HistogramRequest,
) -> Result<Option<(Micros, Micros)>, Error> {
    let of_orgs = super::types::EventFilter {
        orgs: request.filter.orgs.clone(),
        range: Range::default(),
        q: String::new(),
    };
    let condition = Condition::new(caller, &of_orgs)?;
    if let Some(span) = rollup::span(reading, &condition)? {
        return Ok(Some(span));
    }
    let time = |order: &str| {
        format!(
            "SELECT \"time\" FROM {EVENTS} WHERE {} ORDER BY \"time\" {order} LIMIT 1",
            condition.dated()
        )
    };
    let mut end = |order: &str| -> Result<Option<Micros>, Error> {
        let times = rows::times(&reading.rows(&time(order))?);
        Ok(times.into_iter().flatten().next())
    };
    Ok(end("ASC")?.zip(end("DESC")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_round_and_no_more_than_asked_for() {
        let day = MICROS_PER_DAY;
        for (from_us, to_us, most, width_us, count) in [
            (0, 28 * day, 120, 6 * MICROS_PER_HOUR, 112),
            (0, day, 120, 15 * MICROS_PER_MINUTE, 96),
            (0, 1, 120, MICROS_PER_SECOND, 1),
            (0, MICROS_PER_SECOND, 1, MICROS_PER_SECOND, 1),
            (-1, 1, 1, MICROS_PER_SECOND, 1),
            (-1, 1, 2, MICROS_PER_SECOND, 2),
            (0, 3 * 365 * day, 120, 16 * day, 69),
        ] {
            let bars = Bars::over(from_us, to_us, most);
            assert_eq!((bars.width_us, bars.count), (width_us, count), "{from_us}..{to_us}");
            assert!(bars.start_us <= from_us && bars.end_us() >= to_us);
        }
    }

    #[test]
    fn every_span_has_buckets() {
        for (from_us, to_us) in [
            (i64::MIN, i64::MAX),
            (i64::MIN, i64::MIN + 1),
            (i64::MAX - 1, i64::MAX),
            (-1, 1),
            (-MICROS_PER_DAY - 1, -1),
        ] {
            for most in [1, 2, 120, 500] {
                let bars = Bars::over(from_us, to_us, most);
                assert!(bars.width_us > 0, "{from_us}..{to_us}");
                assert!(bars.count <= most, "{from_us}..{to_us} has {}", bars.count);
            }
        }
    }
}
