//! Parts of a time, read off the text as it is written: no zone is converted.

use sekisho_event::time::to_rfc3339;

use crate::cell::Cell;
use crate::spec::TimePart;

/// Whole numbers from here on are milliseconds since 1970, smaller ones seconds: as seconds it would be the year 5138.
const FIRST_MILLISECONDS: u128 = 100_000_000_000;
/// Whole numbers from here on are microseconds: as milliseconds it would be the year 5138.
const FIRST_MICROSECONDS: u128 = 100_000_000_000_000;
/// Whole numbers from here on are nanoseconds.
const FIRST_NANOSECONDS: u128 = 100_000_000_000_000_000;

/// Returns a part of the time that a cell holds; `None` where it holds none.
pub(crate) fn time_part(cell: &Cell<'_>, part: TimePart) -> Option<i128> {
    match cell {
        Cell::Text(text) | Cell::Folded { text, .. } => part_of_text(text, part),
        Cell::Time(at_us) => part_of_text(&to_rfc3339(*at_us), part),
        Cell::Integer(whole) => part_of_text(&to_rfc3339(micros_of(*whole)?), part),
        Cell::Float(float) => {
            let micros = float * 1e6;
            (micros.abs() < 2e17).then(|| part_of_text(&to_rfc3339(micros as i64), part))?
        }
        Cell::Null | Cell::Boolean(_) => None,
    }
}

fn micros_of(whole: i128) -> Option<i64> {
    let micros = match whole.unsigned_abs() {
        ..FIRST_MILLISECONDS => whole * 1_000_000,
        FIRST_MILLISECONDS..FIRST_MICROSECONDS => whole * 1_000,
        FIRST_MICROSECONDS..FIRST_NANOSECONDS => whole,
        _ => whole / 1_000,
    };
    i64::try_from(micros).ok()
}

/// Reads `YYYY-MM-DD`, then optionally `T` or a blank and `HH:MM`.
fn part_of_text(text: &str, part: TimePart) -> Option<i128> {
    let bytes = text.as_bytes();
    let (year, month, day) = (digits(bytes, 0, 4)?, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
    let separated = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    if !separated || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    match part {
        TimePart::Year => Some(year.into()),
        TimePart::Month => Some(month.into()),
        TimePart::Day => Some(day.into()),
        TimePart::Week => Some(iso_week(year, month, day).into()),
        TimePart::Hour => clock(bytes).map(|(hour, _)| hour.into()),
        TimePart::Minute => clock(bytes).map(|(_, minute)| minute.into()),
    }
}

fn clock(bytes: &[u8]) -> Option<(i32, i32)> {
    let (hour, minute) = (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?);
    let separated = matches!(bytes.get(10), Some(b'T' | b't' | b' ')) && bytes.get(13) == Some(&b':');
    (separated && hour < 24 && minute < 60).then_some((hour, minute))
}

fn digits(bytes: &[u8], start: usize, count: usize) -> Option<i32> {
    let part = bytes.get(start..start + count)?;
    part.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0'))
    })
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn day_of_year(year: i32, month: i32, day: i32) -> i32 {
    (1..month).map(|earlier| days_in_month(year, earlier)).sum::<i32>() + day
}

/// Monday is 1, Sunday 7.
fn weekday_of_first_of_january(year: i32) -> i32 {
    let before = year - 1;
    (before + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)).rem_euclid(7) + 1
}

fn weeks_in_year(year: i32) -> i32 {
    let first = weekday_of_first_of_january(year);
    if first == 4 || (first == 3 && is_leap(year)) {
        53
    } else {
        52
    }
}

fn iso_week(year: i32, month: i32, day: i32) -> i32 {
    let ordinal = day_of_year(year, month, day);
    let weekday = (weekday_of_first_of_january(year) - 1 + ordinal - 1) % 7 + 1;
    let week = (ordinal - weekday + 10) / 7;
    if week < 1 {
        weeks_in_year(year - 1)
    } else if week > weeks_in_year(year) {
        1
    } else {
        week
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_in_the_zone_they_are_written_in() {
        let cell = Cell::Text("2026-08-01T13:45:10+02:00");
        let parts = [
            (TimePart::Minute, 45),
            (TimePart::Hour, 13),
            (TimePart::Day, 1),
            (TimePart::Week, 31),
            (TimePart::Month, 8),
            (TimePart::Year, 2026),
        ];
        for (part, expected) in parts {
            assert_eq!(time_part(&cell, part), Some(expected), "{part:?}");
        }
    }

    #[test]
    fn weeks_at_the_turn_of_the_year_belong_to_the_year_of_their_thursday() {
        for (text, week) in [
            ("2021-01-03", 53),
            ("2021-01-04", 1),
            ("2020-12-31", 53),
            ("2019-12-30", 1),
            ("2016-01-01", 53),
            ("2026-12-31", 53),
            ("2027-01-01", 53),
        ] {
            assert_eq!(time_part(&Cell::Text(text), TimePart::Week), Some(week), "{text}");
        }
    }

    #[test]
    fn numbers_are_seconds_to_nanoseconds_by_their_size() {
        for whole in [
            1_785_542_400,
            1_785_542_400_000,
            1_785_542_400_000_000,
            1_785_542_400_000_000_000,
        ] {
            assert_eq!(time_part(&Cell::Integer(whole), TimePart::Year), Some(2026), "{whole}");
            assert_eq!(time_part(&Cell::Integer(whole), TimePart::Hour), Some(0), "{whole}");
        }
    }

    #[test]
    fn what_is_no_time_has_no_parts() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "20260801",
            "2026-08-01T25:00",
            "2026/08/01",
        ] {
            assert_eq!(time_part(&Cell::Text(text), TimePart::Hour), None, "{text}");
        }
        assert_eq!(time_part(&Cell::Integer(i128::MAX), TimePart::Hour), None);
        assert_eq!(time_part(&Cell::Float(f64::NAN), TimePart::Hour), None);
    }
}
