//! `--from`, `--to`, `--since` and `--tz` as a range.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::ArgMatches;
use sekisho_event::text::Lang;
use sekisho_event::time::{Range, TimeArgError, Zone, parse_instant, parse_since};
use sekisho_operation::japanese;

use crate::lang::say;

/// Returns the zone that `--tz` names.
///
/// # Errors
/// The zone is not known.
pub(crate) fn zone_of(matches: &ArgMatches, lang: Lang) -> Result<Option<Zone>, String> {
    text(matches, "tz")
        .map(Zone::named)
        .transpose()
        .map_err(|error| told(&error, lang))
}

/// Returns the range that the arguments name.
///
/// # Errors
/// A time is not understood, has no zone, or the range ends before it begins.
pub(crate) fn range_of(matches: &ArgMatches, zone: Option<&Zone>, lang: Lang) -> Result<Range, String> {
    let instant = |name: &str| text(matches, name).map(|text| parse_instant(text, zone)).transpose();
    let since = text(matches, "since")
        .map(parse_since)
        .transpose()
        .map_err(|error| told(&error, lang))?;
    let from = match since {
        Some(length_us) => Ok(Some(now_us().saturating_sub(length_us))),
        None => instant("from"),
    };
    let range = Range {
        from_us: from.map_err(|error| told(&error, lang))?,
        to_us: instant("to").map_err(|error| told(&error, lang))?,
    };
    let is_empty = range.from_us.zip(range.to_us).is_some_and(|(from, to)| from >= to);
    if is_empty {
        let english = "--to is not after --from: the range is empty";
        return Err(say(lang, english, "--to が --from より後ではないため、範囲が空です。").to_owned());
    }
    Ok(range)
}

fn told(error: &TimeArgError, lang: Lang) -> String {
    match lang {
        Lang::En => error.to_string(),
        Lang::Ja => japanese::time(error),
    }
}

fn text<'m>(matches: &'m ArgMatches, name: &str) -> Option<&'m str> {
    matches.try_get_one::<String>(name).ok().flatten().map(String::as_str)
}

/// A clock before 1970 is no clock.
pub(crate) fn now_us() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_micros()).unwrap_or(i64::MAX)
}
