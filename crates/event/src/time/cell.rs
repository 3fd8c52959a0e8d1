//! Reading the times that platforms write into cells.

use super::{MICROS_PER_DAY, MICROS_PER_SECOND, Micros, Zone, days_from_civil};

/// What a time without a zone means in one kind of cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellZone<'z> {
    /// The platform documents the cell as UTC (ELF `TIMESTAMP`).
    Utc,
    /// Nothing is documented: a time without a zone is not read, and its text is kept.
    Refuse,
    /// It is known to be this many minutes east of UTC.
    OffsetMinutes(i16),
    /// The user says in which zone it is (`--tz`).
    In(&'z Zone),
}

/// Returns the time in a cell, or `None` where the text is not a time (its original text is kept by the caller).
///
/// Read are: RFC 3339 and its Salesforce spelling (`2023-03-16T21:07:47.645+0000`), a space in place of `T`, a trailing
/// ` UTC`/`GMT` or another abbreviation that means one offset (`PST`, `PDT`, `JST`), ELF's `yyyyMMddHHmmss` with a fraction
/// of any length, what Setup pages download (`11/20/2025, 4:00:00 PM PST`), and a bare date where `zone` is not `Refuse`.
/// Where the user names a zone, hours up to 47 count past midnight. Years 0 to 9999.
#[must_use]
pub fn parse_cell(text: &[u8], zone: CellZone<'_>) -> Option<Micros> {
    let text = text.trim_ascii();
    match text {
        [_, _, _, _, b'-', ..] | [_, _, _, _, b'/', ..] => parse_dashed(text, zone),
        [digit, ..] if digit.is_ascii_digit() && text.len() >= 14 => {
            if text[..3].contains(&b'/') {
                parse_setup_page(text, zone)
            } else {
                parse_elf(text, zone)
            }
        }
        _ => None,
    }
}

fn parse_dashed(text: &[u8], zone: CellZone<'_>) -> Option<Micros> {
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
    let offset = offset_minutes(suffix)?;
    // Schedules count past midnight; a time that says its zone is a machine's, which does not.
    let in_day_us = match (offset, zone) {
        (None, CellZone::In(_)) if (24..48).contains(&hour) => MICROS_PER_DAY + clock_us(hour - 24, minute, second)?,
        _ => clock_us(hour, minute, second)?,
    };
    let local_us = day * MICROS_PER_DAY + in_day_us + fraction_us;
    match offset {
        Some(offset) => Some(local_us - i64::from(offset) * 60 * MICROS_PER_SECOND),
        None => without_zone(local_us, zone),
    }
}

fn parse_elf(text: &[u8], zone: CellZone<'_>) -> Option<Micros> {
    let (stamp, rest) = text.split_at(14);
    let day = day_of(digits(&stamp[..4])?, digits(&stamp[4..6])?, digits(&stamp[6..8])?)?;
    let clock = clock_us(digits(&stamp[8..10])?, digits(&stamp[10..12])?, digits(&stamp[12..14])?)?;
    let (fraction_us, suffix) = fraction(rest)?;
    if !suffix.is_empty() {
        return None;
    }
    without_zone(day * MICROS_PER_DAY + clock + fraction_us, zone)
}

/// Reads `11/20/2025, 4:00:00 PM PST`: month before day, twelve hours. That order is certain only where the clock says it
/// is American, so a time without AM or PM is not read.
fn parse_setup_page(text: &[u8], zone: CellZone<'_>) -> Option<Micros> {
    let text = std::str::from_utf8(text).ok()?;
    let (date, clock) = text.split_once(',').or_else(|| text.split_once(' '))?;
    let [month, day, year] = numbers(date, '/')?;
    let is_year = date.len() >= 8 && date.as_bytes()[date.len() - 5] == b'/';
    let day = day_of(year, month, day).filter(|_| is_year)?;
    // Newer browsers put a narrow no-break space before the half of the day.
    let mut words = clock.split(|character: char| character.is_ascii_whitespace() || character == '\u{202f}');
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    let (clock, half) = (words.next()?, words.next()?);
    let suffix = words.next().unwrap_or_default();
    if words.next().is_some() {
        return None;
    }
    let [hour, minute, second] = numbers(clock, ':').or_else(|| {
        let (hour, minute) = clock.split_once(':')?;
        numbers(&format!("{hour}:{minute}:0"), ':')
    })?;
    let is_afternoon = half.eq_ignore_ascii_case("pm");
    if !(1..=12).contains(&hour) || !is_afternoon && !half.eq_ignore_ascii_case("am") {
        return None;
    }
    let hour = hour % 12 + if is_afternoon { 12 } else { 0 };
    let local_us = day * MICROS_PER_DAY + clock_us(hour, minute, second)?;
    match offset_minutes(suffix.as_bytes())? {
        Some(offset) => Some(local_us - i64::from(offset) * 60 * MICROS_PER_SECOND),
        None => without_zone(local_us, zone),
    }
}

/// Reads three whole numbers of at most four digits.
fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut next = || {
        parts
            .next()
            .filter(|part| (1..=4).contains(&part.len()))
            .and_then(|part| digits(part.as_bytes()))
    };
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}

fn without_zone(local_us: Micros, zone: CellZone<'_>) -> Option<Micros> {
    match zone {
        CellZone::In(zone) => zone.instant_of(local_us),
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

/// Reads `Z`, `+0900`, `+09:00`, `+09`, ` UTC` or another abbreviation that means one offset; `Some(None)` where there is
/// nothing. `CST`, `IST` and `BST` are not read: each means several.
fn offset_minutes(suffix: &[u8]) -> Option<Option<i16>> {
    match suffix.trim_ascii() {
        [] => Some(None),
        b"Z" | b"z" | b"UTC" | b"GMT" => Some(Some(0)),
        b"JST" => Some(Some(9 * 60)),
        b"PST" => Some(Some(-8 * 60)),
        b"PDT" => Some(Some(-7 * 60)),
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

    #[test]
    fn a_named_zone_is_followed_through_its_clock_changes() {
        let los_angeles = Zone::named("America/Los_Angeles").unwrap();
        let tokyo = Zone::named("Asia/Tokyo").unwrap();
        let at = |text: &str, zone| parse_cell(text.as_bytes(), CellZone::In(zone)).map(to_rfc3339);
        let expected = |text: &str| Some(text.to_owned());
        assert_eq!(
            at("2025-11-20 01:00:00", &los_angeles),
            expected("2025-11-20T09:00:00Z")
        );
        assert_eq!(
            at("2025-07-20 01:00:00", &los_angeles),
            expected("2025-07-20T08:00:00Z")
        );
        assert_eq!(at("2025-11-20 26:00", &tokyo), expected("2025-11-20T17:00:00Z"));
        assert_eq!(
            at("2025/11/20 25:30:15.5", &tokyo),
            expected("2025-11-20T16:30:15.500Z")
        );
        assert_eq!(at("2025-11-20", &tokyo), expected("2025-11-19T15:00:00Z"));
        assert_eq!(at("2025-11-20T01:00:00Z", &tokyo), expected("2025-11-20T01:00:00Z"));
        for text in ["2025-11-20 48:00", "2025-11-20T26:00:00Z", "2025-11-20 26:60"] {
            assert_eq!(at(text, &tokyo), None, "{text}");
        }
        assert_eq!(read("2025-11-20 26:00"), None, "machines do not count past midnight");
    }

    #[test]
    fn times_of_setup_pages_are_read_where_their_zone_is_certain() {
        let certain = |text: &str| parse_cell(text.as_bytes(), CellZone::Refuse).map(to_rfc3339);
        let cases = [
            ("11/20/2025, 4:00:00 PM PST", "2025-11-21T00:00:00Z"),
            ("7/4/2025, 12:00:00 AM PDT", "2025-07-04T07:00:00Z"),
            ("11/20/2025, 12:30:01 PM JST", "2025-11-20T03:30:01Z"),
            ("11/20/2025 4:00 PM GMT", "2025-11-20T16:00:00Z"),
            ("11/20/2025, 4:00:00\u{202f}PM UTC", "2025-11-20T16:00:00Z"),
            ("2025-11-20 16:00:00 JST", "2025-11-20T07:00:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(certain(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "11/20/2025, 4:00:00 PM",
            "11/20/2025, 4:00:00 PM CST",
            "11/20/2025, 16:00:00 PST",
            "13/20/2025, 4:00:00 PM PST",
            "11/20/2025, 13:00:00 PM PST",
            "11/20/25, 4:00:00 PM PST",
            "11/20/2025, 4:00:00 PM PST x",
        ] {
            assert_eq!(certain(text), None, "{text}");
        }
        let tokyo = Zone::named("Asia/Tokyo").unwrap();
        let local = parse_cell(b"11/20/2025, 4:00:00 PM", CellZone::In(&tokyo)).map(to_rfc3339);
        assert_eq!(local.as_deref(), Some("2025-11-20T07:00:00Z"));
    }

    proptest::proptest! {
        #[test]
        fn printed_times_read_back(at_us in -62_167_219_200_000_000i64..253_402_300_800_000_000) {
            let text = to_rfc3339(at_us);
            proptest::prop_assert_eq!(parse_cell(text.as_bytes(), CellZone::Refuse), Some(at_us));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}|[0-9/:, APM]{14,30}") {
            let _ = parse_cell(text.as_bytes(), CellZone::Utc);
            let _ = parse_cell(text.as_bytes(), CellZone::In(&Zone::utc()));
        }
    }
}
