//! Reading the times that platforms write into cells.

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Micros, days_from_civil};

/// What a time without a zone means in one kind of cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellZone {
    /// The platform documents the cell as UTC (ELF `TIMESTAMP`).
    Utc,
    /// Nothing is documented: a time without a zone is not read, and its text is kept.
    Refuse,
    /// The user says what it is (`--tz` with a fixed offset), in minutes east of UTC.
    OffsetMinutes(i16),
}

/// Returns the time in a cell, or `None` where the text is not a time (its original text is kept by the caller).
///
/// Read are: RFC 3339 and its Salesforce spelling (`2023-03-16T21:07:47.645+0000`), a space in place of `T`, a trailing
/// ` UTC`/`GMT`, ELF's `yyyyMMddHHmmss` with a fraction of any length, and a bare date where `zone` is not `Refuse`.
/// Years 0 to 9999.
#[must_use]
pub fn parse_cell(text: &[u8], zone: CellZone) -> Option<Micros> {
    let text = text.trim_ascii();
    match text {
        [_, _, _, _, b'-', ..] | [_, _, _, _, b'/', ..] => parse_dashed(text, zone),
        [digit, ..] if digit.is_ascii_digit() && text.len() >= 14 => parse_elf(text, zone),
        _ => None,
    }
}

fn parse_dashed(text: &[u8], zone: CellZone) -> Option<Micros> {
    let separator = text[4];
    let date = text.get(..10).filter(|date| date[7] == separator)?;
    let day = day_of(digits(&date[..4])?, digits(&date[5..7])?, digits(&date[8..10])?)?;
    let Some((&mark, clock)) = text[10..].split_first() else {
        return without_zone(day * MICROS_PER_DAY, zone);
    };
    if !matches!(mark, b'T' | b't' | b' ') || clock.len() < 5 || clock[2] != b':' {
        return None;
    }
    let (hour, minute) = (digits(&clock[..2])?, digits(&clock[3..5])?);
    let (second, rest) = match clock.get(5..) {
        Some([b':', rest @ ..]) if rest.len() >= 2 => (digits(&rest[..2])?, &rest[2..]),
        Some(rest) => (0, rest),
        None => return None,
    };
    let (fraction_us, suffix) = fraction(rest)?;
    let local_us = day * MICROS_PER_DAY + clock_us(hour, minute, second)? + fraction_us;
    match offset_minutes(suffix)? {
        Some(offset) => Some(local_us - i64::from(offset) * 60 * MICROS_PER_SECOND),
        None => without_zone(local_us, zone),
    }
}

fn parse_elf(text: &[u8], zone: CellZone) -> Option<Micros> {
    let (stamp, rest) = text.split_at(14);
    let day = day_of(digits(&stamp[..4])?, digits(&stamp[4..6])?, digits(&stamp[6..8])?)?;
    let clock = clock_us(digits(&stamp[8..10])?, digits(&stamp[10..12])?, digits(&stamp[12..14])?)?;
    let (fraction_us, suffix) = fraction(rest)?;
    if !suffix.is_empty() {
        return None;
    }
    without_zone(day * MICROS_PER_DAY + clock + fraction_us, zone)
}

fn without_zone(local_us: Micros, zone: CellZone) -> Option<Micros> {
    match zone {
        CellZone::Utc => Some(local_us),
        CellZone::OffsetMinutes(offset) => Some(local_us - i64::from(offset) * 60 * MICROS_PER_SECOND),
        CellZone::Refuse => None,
    }
}

fn day_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last_day = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=last_day).contains(&day).then(|| days_from_civil(year, month, day))
}

/// A leap second (`:60`) is read as the second that follows, as POSIX does.
fn clock_us(hour: i64, minute: i64, second: i64) -> Option<i64> {
    let is_clock = hour < 24 && minute < 60 && second <= 60;
    is_clock.then_some((hour * 3_600 + minute * 60 + second) * MICROS_PER_SECOND)
}

/// Reads `.fff` of any length (digits past microseconds are cut) and returns what follows it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.' | b',', rest)) = text.split_first() else {
        return Some((0, text));
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, suffix) = rest.split_at(length);
    if fraction.is_empty() {
        return None;
    }
    let mut micros = 0;
    for place in 0..6 {
        micros = micros * 10 + fraction.get(place).map_or(0, |digit| i64::from(digit - b'0'));
    }
    Some((micros, suffix))
}

/// Reads `Z`, `+0900`, `+09:00`, `+09`, ` UTC` or ` GMT`; `Some(None)` where there is nothing.
fn offset_minutes(suffix: &[u8]) -> Option<Option<i16>> {
    match suffix.trim_ascii() {
        [] => Some(None),
        b"Z" | b"z" | b"UTC" | b"GMT" => Some(Some(0)),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, minutes) = match rest {
                [h1, h2] => (digits(&[*h1, *h2])?, 0),
                [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?),
                _ => return None,
            };
            let offset = i16::try_from(hours * 60 + minutes)
                .ok()
                .filter(|_| hours < 24 && minutes < 60)?;
            Some(Some(if *sign == b'-' { -offset } else { offset }))
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::to_rfc3339;
    use super::*;

    fn read(text: &str) -> Option<String> {
        parse_cell(text.as_bytes(), CellZone::Utc).map(to_rfc3339)
    }

    #[test]
    fn every_spelling_of_the_platforms_is_read() {
        let cases = [
            ("20230316210747.600", "2023-03-16T21:07:47.600Z"),
            ("20230316210747.13", "2023-03-16T21:07:47.130Z"),
            ("20230316210747", "2023-03-16T21:07:47Z"),
            ("2023-03-16T21:07:47.645Z", "2023-03-16T21:07:47.645Z"),
            ("2023-03-21T19:42:15.033+0000", "2023-03-21T19:42:15.033Z"),
            ("2023-03-15T07:14:10+00:00", "2023-03-15T07:14:10Z"),
            ("2025-12-04T02:00:00+09:00", "2025-12-03T17:00:00Z"),
            ("2019-08-30 07:00:41 UTC", "2019-08-30T07:00:41Z"),
            ("2024-05-22T12:43:46.962646Z", "2024-05-22T12:43:46.962646Z"),
            ("2024-05-22T12:43:46.962646999Z", "2024-05-22T12:43:46.962646Z"),
            ("2024-05-22T12:43Z", "2024-05-22T12:43:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_not_read() {
        let texts = [
            "",
            "2023",
            "2023-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:00:00X",
            "20231301000000.000",
            "2023-01-01T00:00:00+99:00",
            "99999999999999",
            "2023-01-01T",
            "2023-1-1",
            "二〇二三年",
            "2023-01-01T00:00:00.",
            "2023/01-01",
            "10000-01-01T00:00:00Z",
        ];
        for text in texts {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_read_only_where_the_zone_is_known() {
        let text = b"2023-01-01 09:00:00";
        assert_eq!(parse_cell(text, CellZone::Refuse), None);
        let tokyo = parse_cell(text, CellZone::OffsetMinutes(540)).map(to_rfc3339);
        assert_eq!(tokyo.as_deref(), Some("2023-01-01T00:00:00Z"));
    }

    proptest::proptest! {
        #[test]
        fn printed_times_read_back(at_us in -62_167_219_200_000_000i64..253_402_300_800_000_000) {
            let text = to_rfc3339(at_us);
            proptest::prop_assert_eq!(parse_cell(text.as_bytes(), CellZone::Refuse), Some(at_us));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse_cell(text.as_bytes(), CellZone::Utc);
        }
    }
}
