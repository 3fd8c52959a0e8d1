//! Times and floating-point numbers as DuckDB writes them into inlined rows: as text, since SQLite has no time and its own
//! text form of numbers is not exact.

use std::fmt::Write;

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The times of the years 1 to 9999: their texts sort as they do. Rows of other years are left to segments.
const PLAIN_TIMES: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// The years that microseconds in 64 bits can tell, and some more.
const YEARS: std::ops::RangeInclusive<i64> = -300_000..=300_000;

/// What DuckDB calls infinite, in microseconds.
const INFINITY_US: i64 = i64::MAX;

/// Returns whether a time can be written with a year of four digits.
pub(crate) fn is_plain_time(micros: i64) -> bool {
    PLAIN_TIMES.contains(&micros)
}

/// Appends the text of a time for which `is_plain_time` holds.
pub(crate) fn write_time(text: &mut String, micros: i64) {
    let seconds = micros.div_euclid(MICROS_PER_SECOND);
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_PER_DAY));
    let second = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    // Writing to a string does not fail.
    let _ = write!(text, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    let fraction = micros.rem_euclid(MICROS_PER_SECOND);
    if fraction > 0 {
        let _ = write!(text, ".{fraction:06}");
        text.truncate(text.trim_end_matches('0').len());
    }
    text.push_str("+00");
}

/// Returns the microseconds of a time as DuckDB writes it, in any zone and for all of its years.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    match text {
        "infinity" => return Some(INFINITY_US),
        "-infinity" => return Some(-INFINITY_US),
        _ => {}
    }
    let (date, clock) = text.split_once(' ')?;
    let mut parts = date.splitn(3, '-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (year, clock) = match clock.strip_prefix("(BC) ") {
        Some(clock) => (1 - year, clock),
        None => (year, clock),
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !YEARS.contains(&year) {
        return None;
    }
    let (clock, offset) = clock.split_at(clock.find(['+', '-'])?);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let seconds = days(year, month, day) * SECONDS_PER_DAY + clock_seconds(clock)?;
    let offset_seconds = clock_seconds(offset.get(1..)?)?;
    let seconds = match offset.starts_with('-') {
        true => seconds + offset_seconds,
        false => seconds - offset_seconds,
    };
    seconds
        .checked_mul(MICROS_PER_SECOND)?
        .checked_add(fraction_micros(fraction)?)
}

/// Appends the shortest text that reads back as exactly `value`.
pub(crate) fn write_float(text: &mut String, value: f64) {
    if value.is_nan() {
        text.push_str("nan");
        return;
    }
    // Writing to a string does not fail.
    let _ = write!(text, "{value:?}");
}

/// Returns the number that DuckDB or `write_float` wrote.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Returns year, month and day of a day counted from 1970-01-01 in the Gregorian calendar without end.
fn civil(day: i64) -> (i64, i64, i64) {
    // Years are taken to begin with March, so that the leap day is a year's last.
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Returns the day counted from 1970-01-01: the inverse of `civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Returns the seconds of `HH`, `HH:MM` or `HH:MM:SS`.
fn clock_seconds(text: &str) -> Option<i64> {
    let mut seconds = 0;
    let mut unit = 3_600;
    for part in text.splitn(3, ':') {
        seconds += number(part).filter(|part| *part < 60)? * unit;
        unit /= 60;
    }
    Some(seconds)
}

/// Returns the microseconds of the digits behind the point.
fn fraction_micros(digits: &str) -> Option<i64> {
    let missing = 6_u32.checked_sub(u32::try_from(digits.len()).ok()?)?;
    Some(number(digits)? * 10_i64.pow(missing))
}

/// Returns the value of a few digits, and of nothing else.
fn number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_text(micros: i64) -> String {
        let mut text = String::new();
        write_time(&mut text, micros);
        text
    }

    #[test]
    fn times_read_back_and_sort_as_their_texts() {
        let mut times = vec![
            *PLAIN_TIMES.start(),
            -1,
            0,
            1,
            951_782_399_999_999,
            951_782_400_000_000,
            1_710_172_800_130_000,
            *PLAIN_TIMES.end(),
        ];
        let step = 86_400_000_000 * 997 + 123_457;
        let mut micros = *PLAIN_TIMES.start();
        while micros < *PLAIN_TIMES.end() - step {
            times.push(micros);
            micros += step;
        }
        times.sort_unstable();
        let texts: Vec<String> = times.iter().map(|time| time_text(*time)).collect();
        for (time, text) in times.iter().zip(&texts) {
            assert_eq!(parse_time(text), Some(*time), "{text}");
            // The last hours of the year 9999 are beyond what the other program knows.
            if let Ok(other) = jiff::Timestamp::from_microsecond(*time) {
                let other = other.to_zoned(jiff::tz::TimeZone::UTC);
                assert_eq!(text[..19], other.strftime("%Y-%m-%d %H:%M:%S").to_string());
            }
        }
        assert!(texts.is_sorted());
        assert_eq!(time_text(1_710_172_800_130_000), "2024-03-11 16:00:00.13+00");
        assert_eq!(time_text(0), "1970-01-01 00:00:00+00");
    }

    #[test]
    fn reads_what_duckdb_writes_and_nothing_else() {
        for (text, micros) in [
            ("infinity", Some(i64::MAX)),
            ("-infinity", Some(-i64::MAX)),
            ("0001-01-01 (BC) 00:00:00+00", Some(-62_167_219_200_000_000)),
            ("290000-01-01 00:00:00+00", Some(9_089_348_860_800_000_000)),
            ("2024-03-12 01:00:00.5+09", Some(1_710_172_800_500_000)),
            ("2024-03-11 12:30:00-03:30", Some(1_710_172_800_000_000)),
            ("", None),
            ("2024-03-11", None),
            ("2024-03-11 16:00:00", None),
            ("2024-13-11 16:00:00+00", None),
            ("2024-03-11 16:61:00+00", None),
            ("2024-03-11 16:00:00.1234567+00", None),
            ("2024-03-11 16:00:00.+00", None),
            ("+024-03-11 16:00:00+00", None),
            ("999999999-01-01 00:00:00+00", None),
            ("2024-03-11 16:00:00+関", None),
        ] {
            assert_eq!(parse_time(text), micros, "{text}");
        }
    }

    #[test]
    fn numbers_read_back_exactly() {
        let odd = [
            0.0,
            -0.0,
            0.1 + 0.2,
            1e300,
            f64::MIN_POSITIVE / 3.0,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ];
        for value in odd {
            let mut text = String::new();
            write_float(&mut text, value);
            assert_eq!(parse_float(&text).map(f64::to_bits), Some(value.to_bits()), "{text}");
        }
        let mut text = String::new();
        write_float(&mut text, -f64::NAN);
        assert!(parse_float(&text).is_some_and(f64::is_nan));
        assert_eq!(parse_float("1e+300"), Some(1e300));
        assert_eq!(parse_float("x"), None);
    }
}
