//! Times of the demo: the period, zones with the clock change that lies in it, weekends and holidays.

/// Milliseconds since 1970 in UTC.
pub(crate) type Ms = i64;

pub(crate) const SECOND: Ms = 1_000;
pub(crate) const MINUTE: Ms = 60 * SECOND;
pub(crate) const HOUR: Ms = 60 * MINUTE;
pub(crate) const DAY: Ms = 24 * HOUR;

/// The first day, 2025-10-27 (a Monday), in days since 1970.
pub(crate) const FIRST_DAY: i64 = 20_388;
/// The first day outside, 2025-11-24: the day of the advisory.
pub(crate) const END_DAY: i64 = FIRST_DAY + 28;
pub(crate) const START: Ms = FIRST_DAY * DAY;
pub(crate) const END: Ms = END_DAY * DAY;

/// Returns a time of the period: day of October (27 to 31) or November (1 to 23), and the clock in UTC.
pub(crate) const fn utc(day: i64, hour: i64, minute: i64) -> Ms {
    let since_first = if day >= 27 { day - 27 } else { day + 4 };
    START + since_first * DAY + hour * HOUR + minute * MINUTE
}

/// Where people work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// UTC+9 all year.
    Tokyo,
    /// UTC-4 until 2025-11-02 06:00 UTC, then UTC-5.
    NewYork,
    /// UTC+1 in the whole period.
    Berlin,
}

/// What a day is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayKind {
    Work,
    Holiday,
    Weekend,
}

impl Zone {
    /// Returns the time of a local clock on a local day (in days since 1970).
    pub(crate) fn at(self, day: i64, since_midnight: Ms) -> Ms {
        let local = day * DAY + since_midnight;
        match self {
            Self::Tokyo => local - 9 * HOUR,
            Self::Berlin => local - HOUR,
            Self::NewYork if local < utc(2, 2, 0) => local + 4 * HOUR,
            Self::NewYork => local + 5 * HOUR,
        }
    }

    pub(crate) fn kind_of(self, day: i64) -> DayKind {
        // Day 0 of 1970 was a Thursday.
        if matches!((day + 3).rem_euclid(7), 5 | 6) {
            return DayKind::Weekend;
        }
        let holidays: &[i64] = match self {
            // Culture Day; Labour Thanksgiving Day is a Sunday, and its substitute is the day after the period.
            Self::Tokyo => &[utc(3, 0, 0) / DAY, END_DAY],
            // Veterans Day; Thanksgiving comes after the period.
            Self::NewYork => &[utc(11, 0, 0) / DAY],
            Self::Berlin => &[],
        };
        if holidays.contains(&day) {
            DayKind::Holiday
        } else {
            DayKind::Work
        }
    }
}

struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    ms: i64,
}

impl Civil {
    /// Howard Hinnant's `civil_from_days`.
    fn of(at: Ms) -> Self {
        let shifted = at.div_euclid(DAY) + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let of_day = at.rem_euclid(DAY);
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: of_day / HOUR,
            minute: of_day / MINUTE % 60,
            second: of_day / SECOND % 60,
            ms: of_day % SECOND,
        }
    }
}

/// Appends `value` with at least `width` digits: much cheaper than the formatting machinery in a debug build.
fn push_number(text: &mut String, value: i64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    text.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

fn push_date(text: &mut String, civil: &Civil, separator: &str) {
    push_number(text, civil.year, 4);
    text.push_str(separator);
    push_number(text, civil.month, 2);
    text.push_str(separator);
    push_number(text, civil.day, 2);
}

fn push_clock(text: &mut String, civil: &Civil, separator: &str) {
    push_number(text, civil.hour, 2);
    text.push_str(separator);
    push_number(text, civil.minute, 2);
    text.push_str(separator);
    push_number(text, civil.second, 2);
}

/// `2025-11-23T07:15:02.120Z`.
pub(crate) fn iso(at: Ms) -> String {
    let civil = Civil::of(at);
    let mut text = String::with_capacity(24);
    push_date(&mut text, &civil, "-");
    text.push('T');
    push_clock(&mut text, &civil, ":");
    text.push('.');
    push_number(&mut text, civil.ms, 3);
    text.push('Z');
    text
}

/// `2025-11-23T07:15:02Z`.
pub(crate) fn iso_seconds(at: Ms) -> String {
    let mut text = iso(at);
    text.truncate(19);
    text.push('Z');
    text
}

/// `20251123071502.120`, as EventLogFile rows say it.
pub(crate) fn compact(at: Ms) -> String {
    let civil = Civil::of(at);
    let mut text = String::with_capacity(18);
    push_date(&mut text, &civil, "");
    push_clock(&mut text, &civil, "");
    text.push('.');
    push_number(&mut text, civil.ms, 3);
    text
}

/// `2025-11-23 07:15:02 UTC`.
pub(crate) fn plain(at: Ms) -> String {
    let mut text = iso(at).replacen('T', " ", 1);
    text.truncate(19);
    text.push_str(" UTC");
    text
}

/// `2025-11-23`.
pub(crate) fn date(at: Ms) -> String {
    let mut text = iso(at);
    text.truncate(10);
    text
}

/// `2025-11-23T07`.
pub(crate) fn date_hour(at: Ms) -> String {
    let mut text = iso(at);
    text.truncate(13);
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn times_are_written_as_the_platforms_write_them() {
        assert_eq!(iso(START), "2025-10-27T00:00:00.000Z");
        assert_eq!(iso(END), "2025-11-24T00:00:00.000Z");
        let at = utc(23, 7, 15) + 2_120;
        assert_eq!(compact(at), "20251123071502.120");
        assert_eq!(plain(at), "2025-11-23 07:15:02 UTC");
        assert_eq!(iso_seconds(at), "2025-11-23T07:15:02Z");
        assert_eq!(date_hour(at), "2025-11-23T07");
        assert_eq!(date(utc(31, 0, 0)), "2025-10-31");
    }

    #[test]
    fn zones_follow_their_clocks() {
        let nine = 9 * HOUR;
        assert_eq!(iso(Zone::Tokyo.at(FIRST_DAY, nine)), "2025-10-27T00:00:00.000Z");
        assert_eq!(iso(Zone::Berlin.at(FIRST_DAY, nine)), "2025-10-27T08:00:00.000Z");
        assert_eq!(iso(Zone::NewYork.at(FIRST_DAY, nine)), "2025-10-27T13:00:00.000Z");
        assert_eq!(iso(Zone::NewYork.at(FIRST_DAY + 7, nine)), "2025-11-03T14:00:00.000Z");
    }

    #[test]
    fn days_are_told_apart() {
        assert_eq!(Zone::Tokyo.kind_of(FIRST_DAY), DayKind::Work);
        assert_eq!(Zone::Tokyo.kind_of(FIRST_DAY + 5), DayKind::Weekend);
        assert_eq!(Zone::Tokyo.kind_of(FIRST_DAY + 7), DayKind::Holiday);
        assert_eq!(Zone::NewYork.kind_of(FIRST_DAY + 15), DayKind::Holiday);
        assert_eq!(Zone::Berlin.kind_of(FIRST_DAY + 15), DayKind::Work);
    }
}
