//! How much a table usually says at an hour, and how improbable its silence is.

use std::collections::BTreeMap;

/// Hours since 1970.
pub(crate) type Hour = i64;

/// Hours of a day.
pub(crate) const DAY: Hour = 24;
/// Hours of a week.
pub(crate) const WEEK: Hour = 7 * DAY;
/// How far before and after a silence its usual rate is looked for: four weeks hold weekdays and weekends often
/// enough, and traffic of a year ago says little about today's.
const HISTORY: Hour = 4 * WEEK;
/// Fewest like hours that make a usual rate.
pub(crate) const MIN_SAMPLES: u32 = 3;
/// Most hours of one silence that are weighed one by one; two weeks without a word need no third.
const MAX_WEIGHED: Hour = 2 * WEEK;
/// Least dispersion: even a clockwork's counts are not trusted beyond this.
const MIN_DISPERSION: f64 = 0.05;

/// Events per hour of one table of one org; hours without events have no entry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    hours: BTreeMap<Hour, u64>,
    /// The same, one entry an hour from the first on: weighing looks up some sixty hours for each silent one.
    dense: Vec<u32>,
    dispersion: f64,
    /// Hours that the table's days are ahead of UTC, as far as its working hours tell.
    zone_hours: Hour,
}

/// A maximal run of hours without events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Silence {
    /// First silent hour.
    pub(crate) from: Hour,
    /// First hour after it.
    pub(crate) to: Hour,
}

/// What is expected of a silence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weight {
    /// Events that its hours usually have.
    pub(crate) expected: f64,
    /// Natural logarithm of the probability that none of them happened.
    pub(crate) ln_probability: f64,
    /// How many of its hours have a usual rate.
    pub(crate) known_hours: u32,
}

/// What like hours of other days had.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Samples {
    pub(super) count: u32,
    pub(super) events: u64,
    filled: u32,
}

impl Profile {
    pub(crate) fn new(hours: BTreeMap<Hour, u64>) -> Self {
        let mut profile = Self {
            dense: dense(&hours),
            hours,
            dispersion: 1.0,
            zone_hours: 0,
        };
        profile.zone_hours = profile.guessed_zone();
        profile.dispersion = profile.measured_dispersion();
        profile
    }

    pub(crate) fn first(&self) -> Option<Hour> {
        self.hours.keys().next().copied()
    }

    pub(crate) fn last(&self) -> Option<Hour> {
        self.hours.keys().next_back().copied()
    }

    pub(crate) fn events_at(&self, hour: Hour) -> u64 {
        let at = self.first().and_then(|first| usize::try_from(hour - first).ok());
        at.and_then(|at| self.dense.get(at))
            .map_or(0, |&events| u64::from(events))
    }

    /// Returns the silences inside `[from, to)`, edges included.
    pub(crate) fn silences(&self, from: Hour, to: Hour) -> Vec<Silence> {
        let mut silences = Vec::new();
        let mut next = from;
        for (&hour, _) in self.hours.range(from..to.max(from)) {
            if hour > next {
                silences.push(Silence { from: next, to: hour });
            }
            next = hour + 1;
        }
        if next < to {
            silences.push(Silence { from: next, to });
        }
        silences
    }

    /// Returns how improbable a silence is at the rate of like hours: the same hour of the week where four weeks are
    /// there, else the same hour of the day.
    ///
    /// Counts are taken as Poisson with their measured dispersion, the rate as uncertain as its few samples make it:
    /// with `n` samples that hold `s` events, no event has probability `(n / (n + 1)) ^ s`.
    pub(crate) fn weigh(&self, silence: Silence) -> Weight {
        self.weigh_by(silence, |hour| {
            let samples = self.fine(hour, silence)?;
            let ln_probability = ln_no_event(f64::from(samples.count), samples.events as f64, self.dispersion);
            Some((samples.rate(), ln_probability))
        })
    }

    /// Adds up what `of_hour` says of the hours of a silence: usual events, and the logarithm of the probability of
    /// none.
    pub(super) fn weigh_by(&self, silence: Silence, of_hour: impl Fn(Hour) -> Option<(f64, f64)>) -> Weight {
        let mut weight = Weight {
            expected: 0.0,
            ln_probability: 0.0,
            known_hours: 0,
        };
        for (rate, ln_probability) in (silence.from..silence.to.min(silence.from + MAX_WEIGHED)).filter_map(of_hour) {
            weight.known_hours += 1;
            weight.expected += rate;
            weight.ln_probability += ln_probability;
        }
        weight
    }

    /// Returns the usual events of an hour inside a silence, where there is history.
    pub(crate) fn usual(&self, hour: Hour, silence: Silence) -> Option<f64> {
        self.fine(hour, silence).map(|samples| samples.rate())
    }

    /// Returns the share of like hours that have events.
    pub(crate) fn presence(&self, hour: Hour, silence: Silence) -> Option<f64> {
        let samples = self.fine(hour, silence)?;
        Some(f64::from(samples.filled) / f64::from(samples.count))
    }

    /// Returns whether the table has fewer silent hours than chance would leave at its rates: its hours are filled by
    /// habit, not by chance, so that an empty one is odd even at a low rate.
    pub(crate) fn is_steady(&self) -> bool {
        let (Some(first), Some(last)) = (self.first(), self.last()) else {
            return false;
        };
        let (mut expected, mut seen) = (0.0, 0.0);
        for hour in self.bounded(first, last + 1) {
            let alone = Silence {
                from: hour,
                to: hour + 1,
            };
            let Some(samples) = self.fine(hour, alone) else {
                continue;
            };
            if f64::from(samples.filled) < STEADY_PRESENCE * f64::from(samples.count) {
                continue;
            }
            expected += (-samples.rate()).exp();
            seen += f64::from(u8::from(self.events_at(hour) == 0));
        }
        probability_of_at_most(seen, expected) < STEADY_PROBABILITY
    }

    /// Returns counts of the nearest hours around a silence on both sides, as long as none of them is silent.
    pub(crate) fn around(&self, silence: Silence, reach: Hour) -> (Vec<u64>, Vec<u64>) {
        let filled = |hour: Hour| Some(self.events_at(hour)).filter(|&events| events > 0);
        let before = (1..=reach).map_while(|back| filled(silence.from - back)).collect();
        let after = (0..reach).map_while(|ahead| filled(silence.to + ahead)).collect();
        (before, after)
    }

    /// Returns the counts of whole days of UTC next to a silence, none of them silent, at most `reach` on each side.
    pub(crate) fn days_around(&self, silence: Silence, reach: i64) -> (Vec<u64>, Vec<u64>) {
        let events_on = |day: i64| -> Option<u64> {
            let total = self
                .hours
                .range(day * DAY..(day + 1) * DAY)
                .map(|(_, &events)| events)
                .sum();
            Some(total).filter(|&events: &u64| events > 0)
        };
        let first = silence.from.div_euclid(DAY);
        let next = silence.to.div_euclid(DAY);
        // A silence may begin in the evening of a day that has events.
        let start = if events_on(first).is_some() { first } else { first - 1 };
        let before = (0..reach).map_while(|back| events_on(start - back)).collect();
        let after = (0..reach).map_while(|ahead| events_on(next + ahead)).collect();
        (before, after)
    }

    /// Returns events per hour over all hours that the table spans.
    pub(crate) fn overall_rate(&self) -> Option<f64> {
        let (first, last) = (self.first()?, self.last()?);
        let events: u64 = self.hours.values().sum();
        (events >= MIN_EVENTS_FOR_A_RATE).then(|| events as f64 / (last - first + 1).max(DAY) as f64)
    }

    /// Returns what enough like hours outside a silence had.
    pub(super) fn fine(&self, hour: Hour, silence: Silence) -> Option<Samples> {
        let weekly = self.like_hours(hour, WEEK, silence, true);
        if weekly.count >= MIN_SAMPLES {
            return Some(weekly);
        }
        let daily = self.same_hour(hour, silence, true);
        (daily.count >= MIN_SAMPLES).then_some(daily)
    }

    /// Returns what the same hour of other days had, however few they are, working days and weekends apart or not.
    pub(super) fn same_hour(&self, hour: Hour, silence: Silence, is_apart: bool) -> Samples {
        self.like_hours(hour, DAY, silence, is_apart)
    }

    /// Returns the hours of the last weeks outside a silence, silent ones included, with their events.
    pub(super) fn recent_hours_outside(&self, silence: Silence) -> impl Iterator<Item = (Hour, u64)> + '_ {
        let ends = self.first().zip(self.last());
        let hours = ends.map_or(0..0, |(first, last)| self.bounded(first, last + 1));
        hours
            .filter(move |hour| !(silence.from..silence.to).contains(hour))
            .map(|hour| (hour, self.events_at(hour)))
    }

    /// Returns whether an hour is of a Saturday or Sunday where the table's users seem to live.
    pub(super) fn is_weekend(&self, hour: Hour) -> bool {
        is_weekend(hour + self.zone_hours)
    }

    /// Returns the hours of an hour's day where the table's users seem to live.
    pub(super) fn day_of(&self, hour: Hour) -> std::ops::Range<Hour> {
        let start = (hour + self.zone_hours).div_euclid(DAY) * DAY - self.zone_hours;
        start..start + DAY
    }

    /// The table's working day has its middle early in the afternoon. In Japan a week begins on Sunday of UTC at 23
    /// hours and ends on Friday at 11; by UTC's days its weekends would look like losses.
    fn guessed_zone(&self) -> Hour {
        let (mut east, mut north, mut total) = (0.0, 0.0, 0.0);
        for (hour, events) in self.recent_hours_outside(NOTHING) {
            let angle = std::f64::consts::TAU * (hour.rem_euclid(DAY) as f64 + 0.5) / DAY as f64;
            east += events as f64 * angle.cos();
            north += events as f64 * angle.sin();
            total += events as f64;
        }
        if east.hypot(north) < MIN_CONCENTRATION * total || total == 0.0 {
            return 0;
        }
        let middle = (north.atan2(east) / std::f64::consts::TAU * DAY as f64).round() as Hour;
        (MIDDLE_OF_A_DAY - middle - WESTERNMOST).rem_euclid(DAY) + WESTERNMOST
    }

    fn like_hours(&self, hour: Hour, step: Hour, silence: Silence, is_apart: bool) -> Samples {
        let mut samples = Samples::default();
        let (Some(first), Some(last)) = (self.first(), self.last()) else {
            return samples;
        };
        for distance in 1..=HISTORY / step {
            for like in [hour - distance * step, hour + distance * step] {
                let is_inside = like >= first && like <= last;
                // The rate of working days says nothing about a weekend, nor the other way round.
                let is_like = !is_apart || self.is_weekend(like) == self.is_weekend(hour);
                if !is_inside || !is_like || (silence.from..silence.to).contains(&like) {
                    continue;
                }
                let events = self.events_at(like);
                samples.count += 1;
                samples.events += events;
                samples.filled += u32::from(events > 0);
            }
        }
        samples
    }

    /// Variance over mean of like hours, at its upper bound: a table whose counts jump stays silent by chance more
    /// often than one whose counts do not.
    fn measured_dispersion(&self) -> f64 {
        self.dispersion_outside(NOTHING)
    }

    /// The same without the hours of a silence, which would pass for spread where history is short.
    pub(super) fn dispersion_outside(&self, silence: Silence) -> f64 {
        let (Some(first), Some(last)) = (self.first(), self.last()) else {
            return 1.0;
        };
        let is_long = last - first >= HISTORY - WEEK;
        let slot_of = |hour: Hour| match is_long {
            true => (hour.rem_euclid(WEEK), false),
            false => (hour.rem_euclid(DAY), self.is_weekend(hour)),
        };
        let mut slots: BTreeMap<(Hour, bool), (f64, f64, f64)> = BTreeMap::new();
        for (hour, events) in self.recent_hours_outside(silence) {
            let events = events as f64;
            let (count, sum, squares) = slots.entry(slot_of(hour)).or_default();
            *count += 1.0;
            *sum += events;
            *squares += events * events;
        }
        let (mut spread, mut freedom) = (0.0, 0.0);
        for (count, sum, squares) in slots.into_values() {
            if sum > 0.0 && count > 1.0 {
                let mean = sum / count;
                spread += (squares - sum * mean).max(0.0) / mean;
                freedom += count - 1.0;
            }
        }
        upper_dispersion(spread, freedom)
    }

    /// The last hours of a long history, so that one stray event of another decade costs nothing.
    fn bounded(&self, first: Hour, end: Hour) -> std::ops::Range<Hour> {
        const MOST: Hour = 3 * HISTORY;
        first.max(end - MOST)..end
    }
}

/// No silence at all.
const NOTHING: Silence = Silence { from: 0, to: 0 };
/// How concentrated events must be around one hour of the day before that is its middle, from 0 (even) to 1 (all in one
/// hour); twelve working hours alone have 0.64.
const MIN_CONCENTRATION: f64 = 0.4;
/// Local hour around which work gathers.
const MIDDLE_OF_A_DAY: Hour = 14;
/// Offset from UTC below which a zone is taken for one a day ahead: Hawaii's.
const WESTERNMOST: Hour = -10;
/// Share of like hours that must have events before an empty one can be odd by habit.
pub(crate) const STEADY_PRESENCE: f64 = 0.9;
/// Probability of so few silent hours, below which they are habit.
const STEADY_PROBABILITY: f64 = 0.01;
/// Fewest events from which an overall rate is taken.
const MIN_EVENTS_FOR_A_RATE: u64 = 5;

impl Samples {
    fn rate(&self) -> f64 {
        self.events as f64 / f64::from(self.count.max(1))
    }
}

/// Series hold plausible hours only, of which there are fewer than a million.
fn dense(hours: &BTreeMap<Hour, u64>) -> Vec<u32> {
    let (Some((&first, _)), Some((&last, _))) = (hours.first_key_value(), hours.last_key_value()) else {
        return Vec::new();
    };
    let mut dense = vec![0; usize::try_from(last - first + 1).unwrap_or(0)];
    for (&hour, &events) in hours {
        let slot = usize::try_from(hour - first).ok().and_then(|at| dense.get_mut(at));
        if let Some(slot) = slot {
            *slot = u32::try_from(events).unwrap_or(u32::MAX);
        }
    }
    dense
}

/// Saturday or Sunday of UTC.
pub(crate) fn is_weekend(hour: Hour) -> bool {
    // 1970-01-01 was a Thursday: day 2 was a Saturday.
    matches!((hour.div_euclid(DAY) - 2).rem_euclid(7), 0 | 1)
}

/// Returns the logarithm of the probability of no event, given what `count` like hours had.
pub(crate) fn ln_no_event(count: f64, events: f64, dispersion: f64) -> f64 {
    events / dispersion * (count / (count + 1.0)).ln()
}

/// Returns an upper bound of variance over mean, from a sum of squared deviations over means and its degrees of freedom.
pub(crate) fn upper_dispersion(spread: f64, freedom: f64) -> f64 {
    if freedom < 1.0 {
        return 1.0;
    }
    let measured = spread / freedom;
    (measured * (1.0 + 2.0 * (2.0 / freedom).sqrt())).max(MIN_DISPERSION)
}

/// Returns the probability that a Poisson count is at most `seen`.
fn probability_of_at_most(seen: f64, expected: f64) -> f64 {
    let mut term = (-expected).exp();
    let mut sum = term;
    let mut count = 1.0;
    while count <= seen {
        term *= expected / count;
        sum += term;
        count += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(days: Hour, count: impl Fn(Hour) -> u64) -> Profile {
        let hours = (0..days * DAY).map(|hour| (hour, count(hour)));
        Profile::new(hours.filter(|(_, events)| *events > 0).collect())
    }

    #[test]
    fn silences_are_maximal_and_inside() {
        let profile = Profile::new([(2, 1), (3, 1), (6, 1)].into());
        let silence = |from, to| Silence { from, to };
        assert_eq!(profile.silences(0, 9), [silence(0, 2), silence(4, 6), silence(7, 9)]);
        assert_eq!(profile.silences(3, 7), [silence(4, 6)]);
        assert_eq!(profile.silences(4, 4), []);
        assert_eq!(Profile::default().silences(1, 3), [silence(1, 3)]);
    }

    #[test]
    fn a_night_is_probable_and_a_silent_noon_is_not() {
        let profile = profile(14, |hour| {
            if (8..20).contains(&(hour % DAY)) && hour != 5 * DAY + 12 {
                20
            } else {
                0
            }
        });
        let night = profile.weigh(Silence { from: 20, to: DAY + 8 });
        assert_eq!(night.ln_probability, 0.0);
        assert_eq!(night.known_hours, 12);
        let noon = profile.weigh(Silence {
            from: 5 * DAY + 12,
            to: 5 * DAY + 13,
        });
        assert!(noon.ln_probability < -13.8, "{noon:?}");
        assert!((noon.expected - 20.0).abs() < 1e-9);
    }

    #[test]
    fn without_history_nothing_is_usual() {
        let profile = profile(2, |hour| if hour == 30 { 0 } else { 1000 });
        assert_eq!(profile.weigh(Silence { from: 30, to: 31 }).known_hours, 0);
    }

    #[test]
    fn jumping_counts_make_silence_more_probable() {
        let even = profile(10, |_| 10);
        let jumping = profile(10, |hour| if hour / DAY % 5 == 0 { 50 } else { 0 });
        assert!(even.dispersion < 0.1 && jumping.dispersion > 5.0);
    }

    #[test]
    fn hours_filled_by_habit_are_steady() {
        // One to five events each hour, never none: chance would leave one hour in twenty empty.
        let habit = profile(14, |hour| 1 + (hour * 7919 % 5).unsigned_abs());
        assert!(habit.is_steady());
        // About one hour in twenty empty, as chance leaves it.
        let chance = profile(14, |hour| if ((hour * 2_654_435_761) >> 16) % 20 == 7 { 0 } else { 3 });
        assert!(!chance.is_steady());
    }

    #[test]
    fn a_stray_event_of_another_century_costs_nothing() {
        let profile = Profile::new([(0, 1), (800_000, 3), (800_001, 4)].into());
        let weight = profile.weigh(Silence { from: 1, to: 800_000 });
        assert!(weight.known_hours <= 336);
        assert!(!profile.is_steady());
    }
}
