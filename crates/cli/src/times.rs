//! `--from`, `--to`, `--since` and `--tz` as a range.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_event::time::{Range, TimeArgError, Zone, parse_instant, parse_since};
use sekisho_operation::japanese;

use crate::lang::say;

/// Returns the range that the arguments name.
///
/// # Errors
/// A time is not understood, has no zone, or the range ends before it begins.
pub(crate) fn range_of(matches: &ArgMatches, lang: Lang) -> Result<Range, String> {
    let told = |error: TimeArgError| match lang {
        Lang::En => error.to_string(),
        Lang::Ja => japanese::time(&error),
    };
    let zone = text(matches, "tz").map(Zone::named).transpose().map_err(told)?;
    let instant = |name: &str| {
        text(matches, name)
            .map(|text| parse_instant(text, zone.as_ref()))
            .transpose()
            .map_err(told)
    };
    let since = text(matches, "since").map(parse_since).transpose().map_err(told)?;
    let from_us = match since {
        Some(length_us) => Some(now_us().saturating_sub(length_us)),
        None => instant("from")?,
    };
    let range = Range {
        from_us,
        to_us: instant("to")?,
    };
    match (range.from_us, range.to_us) {
        (Some(from), Some(to)) if from >= to => Err(say(
            lang,
            "--to is not after --from: the range is empty",
            "--to が --from より後ではないため、範囲が空です。",
        )
        .to_owned()),
        _ => Ok(range),
    }
}

fn text<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m str> {
    matches.try_get_one::<String>(name).ok().flatten().map(String::as_str)
}

/// A clock before 1970 is no clock.
fn now_us() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
}
