//! Losses with evidence: a file missing between neighbours, or a silence that is improbable at that hour's usual rate.

use serde::Serialize;

use super::profile::{DAY, Hour, Profile, STEADY_PRESENCE, Silence, Weight, is_weekend, ln_no_event, upper_dispersion};
use super::short::Elsewhere;

/// Natural logarithm of the probability below which a silence alone is evidence of a loss: one in a million, because
/// every silent hour of every table is one trial.
const LN_SILENCE: f64 = -13.815_510_557_964_274;
/// The same where the data come in files and a file is missing too: one in a thousand.
const LN_MISSING_FILE: f64 = -6.907_755_278_982_137;
/// How late hourly files may come.
pub(crate) const LATE_HOURS: Hour = 6;
/// Share of an hour's usual events, against the busiest hour of its silence, below which the hour is not named as lost.
const TRIM_SHARE: f64 = 0.1;
/// How many hours without a break must stand on each side of a hole before it is a missing file without history.
const NEIGHBOURS: Hour = 3;
/// How far around a hole is looked without history.
const REACH: Hour = 6;
/// Longest hole in hourly files that is weighed as missing files: longer ones may be nights.
const MAX_HOLE_HOURS: Hour = 3;
/// The same for daily files.
const MAX_HOLE_DAYS: Hour = 2;
/// Longest stretch at an edge of the asked range that may lie outside the data without history; longer than a weekend.
const MAX_EDGE_WITHOUT_HISTORY: Hour = 3 * DAY;

/// Why a stretch counts as lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The table comes in files, its neighbours are there, this one is not.
    MissingFile,
    /// A silence that is improbable at the usual rate.
    Silence,
    /// The asked range goes beyond the data.
    NoData,
    /// The caller knows of a loss: rows in quarantine, a file that could not be read.
    KnownLoss,
}

/// How the files of a table are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Cadence {
    #[default]
    None,
    Hourly,
    Daily,
}

/// A lost stretch, in hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HourGap {
    pub(crate) from: Hour,
    pub(crate) to: Hour,
    pub(crate) reason: GapReason,
    pub(crate) weight: Option<Weight>,
}

/// What is asked of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// First whole hour of the range; `None` where no start was asked for.
    pub(crate) from: Option<Hour>,
    /// First hour beyond the range or, without one, beyond the org's data.
    pub(crate) to: Hour,
    /// First hour whose file may still be on its way; `None` where files do not come late.
    pub(crate) late_from: Option<Hour>,
    pub(crate) cadence: Cadence,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) gaps: Vec<HourGap>,
    /// Hours that are silent as usual, or without evidence either way.
    pub(crate) quiet_hours: i64,
    /// Silent hours so near the end that their files may still come.
    pub(crate) late: Option<Silence>,
}

/// Returns the losses of a table. `covered` says which hours files are known to cover although they have no events.
pub(crate) fn find(profile: &Profile, question: Question, covered: impl Fn(Hour) -> Cover) -> Answer {
    let mut answer = Answer::default();
    let Some(start) = question.from.or_else(|| profile.first()) else {
        return answer;
    };
    let is_steady = question.cadence == Cadence::Hourly && profile.is_steady();
    let mut parts = Vec::new();
    for silence in profile.silences(start, question.to) {
        if let Some(silence) = without_late_end(silence, question, &mut answer) {
            parts.extend(split_by_cover(silence, &covered));
        }
    }
    // Only where hours without events have files too does an hour without a file prove anything by itself.
    let has_empty_files = question.cadence == Cadence::Hourly && parts.iter().any(|(_, cover)| *cover == Cover::File);
    for (part, cover) in parts {
        match (cover, question.cadence) {
            (Cover::File, Cadence::Hourly) => answer.quiet_hours += part.to - part.from,
            (Cover::Hole, Cadence::Hourly) if has_empty_files => answer.gaps.push(missing(part)),
            // The file of the day is there, so no file is missing; but hours may be missing in it.
            (Cover::File, _) => {
                let as_stream = Question {
                    cadence: Cadence::None,
                    ..question
                };
                judge(profile, as_stream, part, is_steady, &mut answer);
            }
            _ => judge(profile, question, part, is_steady, &mut answer),
        }
    }
    answer
}

/// What the caller's list of files says about an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// A file covers it, so nothing was lost.
    File,
    /// The files around it follow each other without a break, but none covers it.
    Hole,
    /// The list says nothing.
    Unknown,
}

fn missing(part: Silence) -> HourGap {
    HourGap {
        from: part.from,
        to: part.to,
        reason: GapReason::MissingFile,
        weight: None,
    }
}

/// Only the end of the data can be late: a hole with later files behind it was passed over.
fn without_late_end(silence: Silence, question: Question, answer: &mut Answer) -> Option<Silence> {
    let is_end = silence.to == question.to;
    let Some(late_from) = question.late_from.filter(|&late| is_end && late < silence.to) else {
        return Some(silence);
    };
    answer.late = Some(Silence {
        from: silence.from.max(late_from),
        to: silence.to,
    });
    (silence.from < late_from).then_some(Silence {
        from: silence.from,
        to: late_from,
    })
}

/// Most hours of one silence for which the caller's files are asked.
const MAX_ASKED: Hour = 100_000;

fn split_by_cover(silence: Silence, covered: &impl Fn(Hour) -> Cover) -> Vec<(Silence, Cover)> {
    let mut parts: Vec<(Silence, Cover)> = Vec::new();
    if silence.to - silence.from > MAX_ASKED {
        return vec![(silence, Cover::Unknown)];
    }
    for hour in silence.from..silence.to {
        let cover = covered(hour);
        match parts.last_mut() {
            Some((part, before)) if *before == cover => part.to = hour + 1,
            _ => parts.push((
                Silence {
                    from: hour,
                    to: hour + 1,
                },
                cover,
            )),
        }
    }
    parts
}

fn judge(profile: &Profile, question: Question, silence: Silence, is_steady: bool, answer: &mut Answer) {
    let fine = profile.weigh(silence);
    let has_history = i64::from(fine.known_hours) == silence.to - silence.from;
    let elsewhere = (!has_history).then(|| Elsewhere::new(profile, silence));
    let core = core(silence, |hour| match &elsewhere {
        Some(elsewhere) => elsewhere.usual(hour),
        None => profile.usual(hour, silence),
    });
    let weights = Weights {
        fine,
        coarse: elsewhere.map(|elsewhere| elsewhere.weigh()),
    };
    let Some((reason, weight)) = reason(profile, question, silence, core, weights, is_steady) else {
        answer.quiet_hours += silence.to - silence.from;
        return;
    };
    answer.quiet_hours += (silence.to - silence.from) - (core.to - core.from);
    answer.gaps.push(HourGap {
        from: core.from,
        to: core.to,
        reason,
        weight: Some(weight),
    });
}

/// How improbable a silence is.
#[derive(Debug, Clone, Copy)]
struct Weights {
    /// By hours with enough history alone.
    fine: Weight,
    /// By what little there is, where some hours have no history.
    coarse: Option<Weight>,
}

/// Returns why a silence is a loss, with the weight that says so.
fn reason(
    profile: &Profile,
    question: Question,
    silence: Silence,
    core: Silence,
    weights: Weights,
    is_steady: bool,
) -> Option<(GapReason, Weight)> {
    let is_between = profile.first().is_some_and(|first| first < silence.from)
        && profile.last().is_some_and(|last| last >= silence.to);
    // A few files between neighbours; a long quiet time at a low rate is not one.
    let is_hole = is_between && is_of_files(question.cadence, silence, core);
    for weight in std::iter::once(weights.fine).chain(weights.coarse) {
        if is_hole && weight.ln_probability < LN_MISSING_FILE {
            return Some((GapReason::MissingFile, weight));
        }
        if weight.ln_probability < LN_SILENCE {
            let reason = if is_between {
                GapReason::Silence
            } else {
                GapReason::NoData
            };
            return Some((reason, weight));
        }
    }
    if is_hole && is_steady && is_usually_present(profile, silence) {
        return Some((GapReason::MissingFile, weights.fine));
    }
    // Some hours have no history: what stands next to the hole is all there is to go by.
    weights.coarse?;
    let reason = if is_between {
        is_hole_between_files(profile, question.cadence, silence).then_some(GapReason::MissingFile)
    } else {
        is_beyond_the_data(profile, silence, weights.fine).then_some(GapReason::NoData)
    };
    reason.map(|reason| (reason, weights.fine))
}

fn is_usually_present(profile: &Profile, silence: Silence) -> bool {
    let end = silence.to.min(silence.from + 7 * DAY);
    (silence.from..end).any(|hour| {
        profile
            .presence(hour, silence)
            .is_some_and(|share| share >= STEADY_PRESENCE)
    })
}

fn is_hole_between_files(profile: &Profile, cadence: Cadence, silence: Silence) -> bool {
    match cadence {
        Cadence::None => false,
        Cadence::Hourly => {
            let (before, after) = profile.around(silence, REACH);
            let has_neighbours = before.len().min(after.len()) as Hour >= NEIGHBOURS;
            has_neighbours && silence.to - silence.from <= MAX_HOLE_HOURS
        }
        Cadence::Daily => {
            let (before, after) = profile.days_around(silence, REACH);
            let has_neighbours = !before.is_empty() && !after.is_empty();
            whole_days(silence) >= 1 && has_neighbours && has_a_weekday(silence) && is_improbable(&before, &after)
        }
    }
}

/// Monday to Friday of UTC; without history, a silent weekend may be a weekend.
fn has_a_weekday(silence: Silence) -> bool {
    let first = (silence.from + DAY - 1).div_euclid(DAY);
    (first..silence.to.div_euclid(DAY))
        .take(7)
        .any(|day| !is_weekend(day * DAY))
}

fn is_improbable(before: &[u64], after: &[u64]) -> bool {
    let counts: Vec<f64> = before.iter().chain(after).map(|&events| events as f64).collect();
    let (count, sum) = (counts.len() as f64, counts.iter().sum::<f64>());
    let mean = sum / count;
    let spread: f64 = counts.iter().map(|events| (events - mean).powi(2) / mean).sum();
    let dispersion = upper_dispersion(spread, count - 1.0);
    ln_no_event(count, sum, dispersion.max(1.0)) < LN_MISSING_FILE
}

fn is_beyond_the_data(profile: &Profile, silence: Silence, weight: Weight) -> bool {
    let unknown_hours = (silence.to - silence.from) - i64::from(weight.known_hours);
    let rate = profile.overall_rate().unwrap_or(0.0);
    unknown_hours > MAX_EDGE_WITHOUT_HISTORY && -rate * (unknown_hours as f64) < LN_SILENCE
}

/// Whether a stretch is of the size of a few files: hours of hourly ones, whole days of daily ones.
fn is_of_files(cadence: Cadence, silence: Silence, core: Silence) -> bool {
    match cadence {
        Cadence::None => false,
        Cadence::Hourly => core.to - core.from <= MAX_HOLE_HOURS,
        Cadence::Daily => whole_days(silence) >= 1 && core.to - core.from <= MAX_HOLE_DAYS * DAY,
    }
}

fn whole_days(silence: Silence) -> i64 {
    silence.to.div_euclid(DAY) - (silence.from + DAY - 1).div_euclid(DAY)
}

/// Returns a silence without the quiet hours at its ends: the night before a lost morning is not lost.
fn core(silence: Silence, usual: impl Fn(Hour) -> Option<f64>) -> Silence {
    const MAX_TRIMMED: Hour = 7 * DAY;
    let busiest = (silence.from..silence.to.min(silence.from + MAX_TRIMMED))
        .filter_map(&usual)
        .fold(0.0, f64::max);
    let is_quiet = |hour: Hour| usual(hour).is_some_and(|rate| rate < TRIM_SHARE * busiest);
    let mut core = silence;
    if busiest <= 0.0 {
        return core;
    }
    let latest_start = silence.to.min(silence.from + MAX_TRIMMED);
    while core.from + 1 < latest_start && is_quiet(core.from) {
        core.from += 1;
    }
    let earliest_end = core.from.max(silence.to - MAX_TRIMMED);
    while core.to - 1 > earliest_end && is_quiet(core.to - 1) {
        core.to -= 1;
    }
    core
}
