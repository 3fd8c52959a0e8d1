//! What was searched and what could not be seen there.

mod blind;
mod elsewhere;
mod files;
mod gaps;
mod profile;
mod series;
mod short;

pub use blind::{BlindReason, Blindness};
pub use files::FileSpan;
pub use gaps::GapReason;

pub(crate) use blind::{Sight, blindness};
pub(crate) use elsewhere::decide_unrecorded;
pub(crate) use files::FileSpans;
pub(crate) use series::{Rows, Series, SeriesKey, SeriesSet, plausible_hour};

use sekisho_event::time::{MICROS_PER_HOUR, Micros, Range, to_rfc3339};
use serde::{Serialize, Serializer};

use gaps::{Answer, Cadence, LATE_HOURS, Question};
use profile::{Hour, Profile, Silence};

/// A time as results write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String)]
pub struct At(pub Micros);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&to_rfc3339(self.0))
    }
}

/// A lost stretch of a table.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Gap {
    /// Its start.
    pub from: At,
    /// Its end, outside.
    pub to: At,
    /// The evidence.
    pub reason: GapReason,
    /// Events that it usually has, where there is history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_events: Option<f64>,
    /// Probability that none of them happened, where there is history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// A stretch near the end of the data whose files may still come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Stretch {
    /// Its start.
    pub from: At,
    /// Its end, outside.
    pub to: At,
}

/// What was searched of one table of one org.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TableCoverage {
    /// The table.
    pub table: String,
    /// The org.
    pub org: String,
    /// The first event in the range.
    #[schema(required)]
    pub from: Option<At>,
    /// The last event in the range.
    #[schema(required)]
    pub to: Option<At>,
    /// Events searched.
    pub events: u64,
    /// Events without a time: they were searched too, whatever the range.
    pub undated: u64,
    /// Losses with evidence.
    pub gaps: Vec<Gap>,
    /// How many gaps there are; `gaps` holds at most [`MAX_GAPS_SHOWN`].
    pub gap_count: usize,
    /// Hours without events and without evidence of a loss.
    pub quiet_hours: i64,
    /// The end of the data whose files may still come; not a loss.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Stretch>,
    /// What the table cannot show.
    pub blind: Vec<Blindness>,
    /// True where a limit was reached and the account is not complete.
    pub is_capped: bool,
}

/// Most gaps of one table that are listed.
pub const MAX_GAPS_SHOWN: usize = 1_000;

/// What the caller knows beside the rows.
#[derive(Debug, Clone, Default)]
pub struct KnownLoss {
    /// The org; `None` for all of them.
    pub org: Option<String>,
    /// The table; `None` for all of them.
    pub table: Option<String>,
    /// The stretch that may be affected; open ends reach as far as the range.
    pub range: Range,
}

/// What the coverage of a table is worked out from, beside its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) range: Range,
    /// The end of the org's data.
    pub(crate) data_end_us: Micros,
    /// When the data were collected, where the caller knows.
    pub(crate) as_of_us: Option<Micros>,
    pub(crate) arrives_late: bool,
    pub(crate) spans: &'a FileSpans,
    pub(crate) known_losses: &'a [KnownLoss],
}

/// Returns the account of one table of one org, without its blindness.
pub(crate) fn account(series: &Series, context: Context<'_>) -> TableCoverage {
    let profile = Profile::new(series.hours.clone());
    let answer = answer(series, &profile, context);
    let mut gaps: Vec<Gap> = answer.gaps.iter().map(gap).collect();
    gaps.extend(known_gaps(series, context));
    gaps.sort_by_key(|gap| (gap.from, gap.to));
    let gap_count = gaps.len();
    gaps.truncate(MAX_GAPS_SHOWN);
    TableCoverage {
        table: series.key.table.clone(),
        org: series.key.org.clone(),
        from: series.first_us.map(At),
        to: series.last_us.map(At),
        events: series.events,
        undated: series.undated,
        gaps,
        gap_count,
        quiet_hours: answer.quiet_hours,
        late: answer.late.map(stretch),
        blind: Vec::new(),
        is_capped: series.is_capped,
    }
}

fn answer(series: &Series, profile: &Profile, context: Context<'_>) -> Answer {
    let known_spans = context.spans.of(&series.key);
    let cadence = match known_spans.map_or(Cadence::None, files::Covered::cadence) {
        Cadence::None => series.files.cadence(),
        known => known,
    };
    let end_us = context.range.to_us.map_or(context.data_end_us, |to| {
        // Nobody can have data from after they were collected.
        context
            .as_of_us
            .map_or(to, |as_of| to.min(as_of.max(context.data_end_us)))
    });
    // Without a word on when the data were collected, the end of what is asked is the end of the data.
    let data_end = ceil_hour(context.as_of_us.unwrap_or(end_us).max(context.data_end_us));
    let question = Question {
        from: context.range.from_us.map(ceil_hour),
        to: if context.range.to_us.is_some() {
            floor_hour(end_us)
        } else {
            ceil_hour(end_us)
        },
        late_from: context.arrives_late.then_some(data_end - LATE_HOURS),
        cadence,
    };
    gaps::find(profile, question, |hour| {
        known_spans.map_or(gaps::Cover::Unknown, |covered| covered.says(hour))
    })
}

fn known_gaps<'a>(series: &'a Series, context: Context<'a>) -> impl Iterator<Item = Gap> + 'a {
    let concerns = |loss: &&KnownLoss| {
        loss.org.as_ref().is_none_or(|org| *org == series.key.org)
            && loss.table.as_ref().is_none_or(|table| *table == series.key.table)
    };
    let ends = move |loss: &KnownLoss| {
        let from = loss.range.from_us.or(context.range.from_us).or(series.first_us)?;
        let to = loss.range.to_us.or(context.range.to_us).unwrap_or(context.data_end_us);
        let from = from.max(context.range.from_us.unwrap_or(from));
        let to = to.min(context.range.to_us.unwrap_or(to));
        (from <= to).then_some(Gap {
            from: At(from),
            to: At(to),
            reason: GapReason::KnownLoss,
            expected_events: None,
            probability: None,
        })
    };
    context.known_losses.iter().filter(concerns).filter_map(ends)
}

fn gap(hours: &gaps::HourGap) -> Gap {
    let known = hours.weight.filter(|weight| weight.known_hours > 0);
    Gap {
        from: at(hours.from),
        to: at(hours.to),
        reason: hours.reason,
        expected_events: known.map(|weight| (weight.expected * 100.0).round() / 100.0),
        probability: known.map(|weight| weight.ln_probability.exp()),
    }
}

fn stretch(silence: Silence) -> Stretch {
    Stretch {
        from: at(silence.from),
        to: at(silence.to),
    }
}

fn at(hour: Hour) -> At {
    At(hour.saturating_mul(MICROS_PER_HOUR))
}

fn floor_hour(at_us: Micros) -> Hour {
    at_us.div_euclid(MICROS_PER_HOUR)
}

fn ceil_hour(at_us: Micros) -> Hour {
    at_us.div_euclid(MICROS_PER_HOUR) + i64::from(at_us.rem_euclid(MICROS_PER_HOUR) > 0)
}
