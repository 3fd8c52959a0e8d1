//! What can be said of a silence where like hours are too few: the hour on other days, however few they are, else all
//! hours of a table that never sleeps.
//!
//! Few samples lie more easily than many, so these baselines trust less: counts are never taken as steadier than
//! chance, jumps from hour to hour count as spread, and a table that sleeps at night may sleep through a weekend too.

use std::collections::BTreeSet;

use super::profile::{DAY, Hour, Profile, Samples, Silence, Weight, ln_no_event};

/// Share of the hours outside a silence that have events where a table never sleeps.
const ROUND_THE_CLOCK_SHARE: f64 = 0.9;
/// Fewest hours of the day, of 24, that have events where a table never sleeps: no office is open so long.
const ROUND_THE_CLOCK_HOURS: usize = 16;
/// Fewest pairs of neighbouring hours from which their spread can be told.
const MIN_PAIRS: u32 = 6;
/// Fewest events in the middle one of a table's hours from which a silence is judged without any like hour: a table
/// that has tens of rows every hour is not silent for hours by chance.
const BUSY_EVENTS: u64 = 10;

/// A table as it is outside of one silence.
#[derive(Debug)]
pub(super) struct Elsewhere<'a> {
    profile: &'a Profile,
    silence: Silence,
    /// Variance over mean, never below chance.
    dispersion: f64,
    /// Mean events of the hours of weekends, where there are any.
    weekend_mean: Option<f64>,
    never_sleeps: bool,
    /// All hours together, where they are busy enough to say something of any hour.
    overall: Option<Few>,
}

/// A rate from few samples.
#[derive(Debug, Clone, Copy)]
struct Few {
    count: f64,
    events: f64,
}

impl Few {
    fn rate(self) -> f64 {
        self.events / self.count
    }

    fn at_most(self, rate: f64) -> Self {
        Self {
            events: self.events.min(rate * self.count),
            ..self
        }
    }
}

impl From<Samples> for Few {
    fn from(samples: Samples) -> Self {
        Self {
            count: f64::from(samples.count),
            events: samples.events as f64,
        }
    }
}

impl<'a> Elsewhere<'a> {
    pub(super) fn new(profile: &'a Profile, silence: Silence) -> Self {
        let hours: Vec<(Hour, u64)> = profile.recent_hours_outside(silence).collect();
        let mut filled: Vec<u64> = hours
            .iter()
            .map(|(_, events)| *events)
            .filter(|&events| events > 0)
            .collect();
        let hours_of_day: BTreeSet<Hour> = hours
            .iter()
            .filter(|(_, events)| *events > 0)
            .map(|(hour, _)| hour.rem_euclid(DAY))
            .collect();
        let never_sleeps = hours_of_day.len() >= ROUND_THE_CLOCK_HOURS
            && filled.len() as f64 >= ROUND_THE_CLOCK_SHARE * hours.len() as f64;
        filled.sort_unstable();
        let middle = filled.get(filled.len() / 2).copied().unwrap_or(0);
        let all = Few {
            count: hours.len() as f64,
            events: filled.iter().sum::<u64>() as f64,
        };
        Self {
            profile,
            silence,
            dispersion: profile.dispersion_outside(silence).max(jumps(&hours)).max(1.0),
            weekend_mean: mean(hours.iter().filter(|(hour, _)| profile.is_weekend(*hour))),
            never_sleeps,
            overall: (never_sleeps && middle >= BUSY_EVENTS).then_some(all),
        }
    }

    /// Returns how improbable the silence is, hours with enough history by their history.
    pub(super) fn weigh(&self) -> Weight {
        self.profile.weigh_by(self.silence, |hour| {
            let fine = self.profile.fine(hour, self.silence);
            fine.map(Few::from).or_else(|| self.few(hour)).map(|few| {
                let ln_probability = ln_no_event(few.count, few.events, self.dispersion);
                (few.rate(), ln_probability)
            })
        })
    }

    /// Returns the usual events of an hour.
    pub(super) fn usual(&self, hour: Hour) -> Option<f64> {
        let fine = self.profile.fine(hour, self.silence);
        fine.map(Few::from).or_else(|| self.few(hour)).map(Few::rate)
    }

    fn few(&self, hour: Hour) -> Option<Few> {
        let same_days = self.profile.same_hour(hour, self.silence, true);
        if same_days.count > 0 && (!self.profile.is_weekend(hour) || self.is_awake_on_day_of(hour)) {
            return Some(self.bounded(same_days.into(), hour));
        }
        let any_day = self.profile.same_hour(hour, self.silence, false);
        if any_day.count == 0 {
            return self.overall;
        }
        self.is_awake_on_day_of(hour)
            .then(|| self.bounded(any_day.into(), hour))
    }

    /// Whether a table without enough weekends, or working days, is known to be awake on the day of an hour.
    fn is_awake_on_day_of(&self, hour: Hour) -> bool {
        self.never_sleeps || self.profile.day_of(hour).any(|hour| self.profile.events_at(hour) > 0)
    }

    /// A weekend's hour is not expected to have more than weekends have in the mean, whatever working days have.
    fn bounded(&self, few: Few, hour: Hour) -> Few {
        match self.weekend_mean {
            Some(mean) if self.profile.is_weekend(hour) => few.at_most(mean),
            _ => few,
        }
    }
}

fn mean<'h>(hours: impl Iterator<Item = &'h (Hour, u64)>) -> Option<f64> {
    let (mut count, mut sum) = (0u32, 0.0);
    for (_, events) in hours {
        count += 1;
        sum += *events as f64;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// Returns the spread between neighbouring hours, over their mean: about one by chance, large where a table works in
/// bursts, which are not missed where they do not come. Too few pairs may hide any spread.
fn jumps(hours: &[(Hour, u64)]) -> f64 {
    let (mut pairs, mut spread) = (0u32, 0.0);
    for two in hours.windows(2) {
        let [(hour, one), (next, other)] = [two[0], two[1]];
        if hour + 1 == next && one + other > 0 {
            let (one, other) = (one as f64, other as f64);
            pairs += 1;
            spread += (one - other).powi(2) / (one + other);
        }
    }
    if pairs >= MIN_PAIRS {
        spread / f64::from(pairs)
    } else {
        f64::INFINITY
    }
}
