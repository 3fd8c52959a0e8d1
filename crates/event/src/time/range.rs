//! Times that people type: `--from`, `--to`, `--since`, `--tz`.

use jiff::tz::TimeZone;

use super::{CellZone, MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_SECOND, Micros, parse_cell};

/// A half-open range of time; an open end is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// First microsecond inside.
    pub from_us: Option<Micros>,
    /// First microsecond outside.
    pub to_us: Option<Micros>,
}

impl Range {
    /// Returns true where nothing is bounded.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.from_us.is_none() && self.to_us.is_none()
    }

    /// Returns true where the time lies inside; a row without a time lies only in a range without bounds.
    #[must_use]
    pub fn contains(&self, at_us: Option<Micros>) -> bool {
        match at_us {
            Some(at) => self.from_us.is_none_or(|from| at >= from) && self.to_us.is_none_or(|to| at < to),
            None => self.is_open(),
        }
    }
}

/// The zone that `--tz` names.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Returns UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Returns the zone of an IANA name (`Asia/Tokyo`) or of `UTC`, from the data built into the program.
    ///
    /// # Errors
    /// The name is not in the zone data.
    pub fn named(name: &str) -> Result<Self, TimeArgError> {
        if name.eq_ignore_ascii_case("utc") {
            return Ok(Self::utc());
        }
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| TimeArgError::UnknownZone(name.to_owned()))
    }

    /// Returns the instant of a local time, given as if it were UTC. A local time that a clock change skips or repeats is
    /// read as the earlier offset says, as RFC 5545 does.
    pub(super) fn instant_of(&self, local_us: Micros) -> Option<Micros> {
        let as_if_utc = jiff::Timestamp::from_microsecond(local_us).ok()?;
        let civil = TimeZone::UTC.to_datetime(as_if_utc);
        let instant = self.0.to_ambiguous_timestamp(civil).compatible().ok()?;
        Some(instant.as_microsecond())
    }
}

/// A time argument that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeArgError {
    /// The zone is not known.
    #[error("unknown time zone `{0}`; use an IANA name such as Asia/Tokyo, or UTC")]
    UnknownZone(String),
    /// The text is not a time.
    #[error("`{0}` is not a time; write it as 2025-11-20T09:00:00Z, or as a date")]
    NotATime(String),
    /// The time has no zone and `--tz` does not say what it is.
    #[error("`{0}` has no time zone; add Z or +09:00, or say what it is with --tz (for example --tz Asia/Tokyo)")]
    NoZone(String),
    /// The text is not a duration.
    #[error("`{0}` is not a duration; write a number and s, m, h, d or w, for example 28d")]
    NotADuration(String),
}

/// Returns the instant that a person typed. A bare date is midnight in `zone` (UTC where none is given); a time of day
/// without a zone is refused unless `zone` says what it is. Hours up to 47 count past midnight: `2025-12-04 26:00` is
/// 02:00 on the next day, as Japanese schedules write it.
///
/// # Errors
/// The text is not a time, or has no zone where it needs one.
pub fn parse_instant(text: &str, zone: Option<&Zone>) -> Result<Micros, TimeArgError> {
    let text = text.trim();
    if let Some(at_us) = parse_cell(text.as_bytes(), CellZone::Refuse) {
        return Ok(at_us);
    }
    let not_a_time = || TimeArgError::NotATime(text.to_owned());
    let (date, clock) = match text.split_once(['T', 't', ' ']) {
        Some((date, clock)) => (date, Some(clock.trim())),
        None => (text, None),
    };
    let midnight_us = parse_cell(date.as_bytes(), CellZone::Utc)
        .filter(|at_us| date.len() == 10 && at_us % MICROS_PER_DAY == 0)
        .ok_or_else(not_a_time)?;
    let Some(clock) = clock else {
        return zone
            .unwrap_or(&Zone::utc())
            .instant_of(midnight_us)
            .ok_or_else(not_a_time);
    };
    let in_day_us = clock_past_midnight(clock).ok_or_else(not_a_time)?;
    let zone = zone.ok_or_else(|| TimeArgError::NoZone(text.to_owned()))?;
    zone.instant_of(midnight_us + in_day_us).ok_or_else(not_a_time)
}

/// Returns the length in microseconds of `28d`, `12h`, `30m`, `45s` or `2w`.
///
/// # Errors
/// The text is not a whole number with one of those units.
pub fn parse_since(text: &str) -> Result<i64, TimeArgError> {
    let not_a_duration = || TimeArgError::NotADuration(text.to_owned());
    let text = text.trim();
    let unit = text.chars().last().ok_or_else(not_a_duration)?;
    let count: i64 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| not_a_duration())?;
    let unit_us = match unit {
        's' => MICROS_PER_SECOND,
        'm' => 60 * MICROS_PER_SECOND,
        'h' => MICROS_PER_HOUR,
        'd' => MICROS_PER_DAY,
        'w' => 7 * MICROS_PER_DAY,
        _ => return Err(not_a_duration()),
    };
    count
        .checked_mul(unit_us)
        .filter(|length| *length >= 0)
        .ok_or_else(not_a_duration)
}

fn clock_past_midnight(clock: &str) -> Option<i64> {
    let mut parts = clock.split(':');
    let mut next = |limit: i64| -> Option<i64> {
        let part = parts.next()?;
        let is_number = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|number| is_number && *number < limit)
    };
    let hour = next(48)?;
    let minute = next(60)?;
    let second = if clock.matches(':').count() == 2 { next(60)? } else { 0 };
    parts
        .next()
        .is_none()
        .then_some((hour * 3_600 + minute * 60 + second) * MICROS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::super::to_rfc3339;
    use super::*;

    fn at(text: &str, zone: Option<&str>) -> Result<String, TimeArgError> {
        let zone = zone.map(|name| Zone::named(name).unwrap());
        parse_instant(text, zone.as_ref()).map(to_rfc3339)
    }

    #[test]
    fn hours_past_midnight_are_read_in_the_named_zone() {
        assert_eq!(
            at("2025-12-04 26:00", Some("Asia/Tokyo")).unwrap(),
            "2025-12-04T17:00:00Z"
        );
        assert_eq!(
            at("2025-12-04 23:00", Some("Asia/Tokyo")).unwrap(),
            "2025-12-04T14:00:00Z"
        );
    }

    #[test]
    fn a_bare_date_is_midnight_in_the_zone() {
        assert_eq!(at("2025-12-04", None).unwrap(), "2025-12-04T00:00:00Z");
        assert_eq!(at("2025-12-04", Some("Asia/Tokyo")).unwrap(), "2025-12-03T15:00:00Z");
        assert_eq!(
            at("2025-11-20", Some("America/Los_Angeles")).unwrap(),
            "2025-11-20T08:00:00Z"
        );
    }

    #[test]
    fn a_time_without_a_zone_is_refused_with_a_hint() {
        let error = at("2025-12-04 10:00", None).unwrap_err();
        assert!(matches!(error, TimeArgError::NoZone(_)));
        assert!(error.to_string().contains("--tz"));
        assert!(matches!(
            at("2025-12-04 48:00", Some("UTC")),
            Err(TimeArgError::NotATime(_))
        ));
        assert!(matches!(at("yesterday", None), Err(TimeArgError::NotATime(_))));
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_since("28d").unwrap(), 28 * MICROS_PER_DAY);
        for text in ["", "28", "d", "-1d", "1y", "9999999999999999d", "１d"] {
            assert!(parse_since(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_is_half_open_and_holds_rows_without_a_time_only_when_unbounded() {
        let range = Range {
            from_us: Some(1),
            to_us: Some(3),
        };
        assert_eq!(
            [0, 1, 2, 3].map(|at| range.contains(Some(at))),
            [false, true, true, false]
        );
        assert!(!range.contains(None));
        assert!(Range::default().contains(None));
    }
}
