//! Times: microseconds since 1970 in UTC inside, RFC 3339 with a zone outside.

mod cell;
mod range;

pub use cell::{CellZone, parse_cell};
pub use range::{Range, TimeArgError, Zone, parse_instant, parse_since};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

/// Microseconds in a second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds in an hour.
pub const MICROS_PER_HOUR: i64 = 3_600 * MICROS_PER_SECOND;
/// Microseconds in a day of UTC.
pub const MICROS_PER_DAY: i64 = 24 * MICROS_PER_HOUR;

/// Returns the RFC 3339 text of a time in UTC, with as many fraction digits as it needs (0, 3 or 6).
#[must_use]
pub fn to_rfc3339(at_us: Micros) -> String {
    let mut buffer = [0; RFC3339_BYTES];
    match write_rfc3339(at_us, &mut buffer) {
        Some(text) => String::from_utf8_lossy(text).into_owned(),
        // Years that RFC 3339 does not have: a zone has pushed year 0 or 9999 over its end.
        None => {
            let (year, month, day) = civil_from_days(at_us.div_euclid(MICROS_PER_DAY));
            format!("{year:+05}-{month:02}-{day:02}")
        }
    }
}

/// Returns true where `text`, which [`parse_cell`] has read as a time, is what [`to_rfc3339`] prints for it: told from its
/// form, without printing.
#[must_use]
pub fn is_rfc3339_as_printed(text: &str) -> bool {
    let bytes = text.as_bytes();
    let needless_zeros = match bytes.len() {
        20 => false,
        24 => &bytes[20..23] == b"000",
        27 => &bytes[23..26] == b"000",
        _ => return false,
    };
    // A leap second is printed as the second that follows.
    let is_leap_second = &bytes[17..19] == b"60";
    let is_spelled_so =
        bytes[4] == b'-' && bytes[10] == b'T' && matches!(bytes[19], b'.' | b'Z') && bytes.ends_with(b"Z");
    is_spelled_so && !needless_zeros && !is_leap_second
}

/// Bytes of `2023-03-16T19:41:07.645123Z`.
const RFC3339_BYTES: usize = 27;

fn write_rfc3339(at_us: Micros, buffer: &mut [u8; RFC3339_BYTES]) -> Option<&[u8]> {
    let (year, month, day) = civil_from_days(at_us.div_euclid(MICROS_PER_DAY));
    if !(0..=9_999).contains(&year) {
        return None;
    }
    let in_day_us = at_us.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction_us) = (in_day_us / MICROS_PER_SECOND, in_day_us % MICROS_PER_SECOND);
    *buffer = *b"0000-00-00T00:00:00.000000Z";
    let fields = [
        (0..4, year),
        (5..7, month),
        (8..10, day),
        (11..13, seconds / 3_600),
        (14..16, seconds / 60 % 60),
        (17..19, seconds % 60),
        (20..26, fraction_us),
    ];
    for (place, number) in fields {
        write_digits(&mut buffer[place], number);
    }
    let end = match (fraction_us, fraction_us % 1_000) {
        (0, _) => 19,
        (_, 0) => 23,
        _ => 26,
    };
    buffer[end] = b'Z';
    Some(&buffer[..=end])
}

fn write_digits(place: &mut [u8], number: i64) {
    let mut rest = number;
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
}

/// Returns days since 1970-01-01 of a date of the proleptic Gregorian calendar.
///
/// The arithmetic is that of Howard Hinnant's "chrono-compatible low-level date algorithms" (`days_from_civil`).
#[must_use]
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Returns year, month and day of a day count; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_keeps_the_digits_that_are_there() {
        assert_eq!(to_rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(to_rfc3339(1_678_995_667_645_000), "2023-03-16T19:41:07.645Z");
        assert_eq!(to_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn times_beyond_the_years_of_rfc3339_are_printed_as_dates() {
        assert_eq!(to_rfc3339(-62_167_219_200_000_001), "-0001-12-31");
        assert_eq!(to_rfc3339(253_402_300_800_000_000), "+10000-01-01");
        assert!(!to_rfc3339(i64::MIN).is_empty() && !to_rfc3339(i64::MAX).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn the_form_tells_whether_a_time_is_as_printed(
            text in "(1969|2024)[-/]0[12][-/](01|29)[Tt ]23:59:(00|59|60)([.,](0{1,7}|[019]{1,7}))?(Z|z|\\+00:00|-00:01|)",
        ) {
            if let Some(at_us) = parse_cell(text.as_bytes(), CellZone::Utc) {
                proptest::prop_assert_eq!(is_rfc3339_as_printed(&text), to_rfc3339(at_us) == text, "{}", text);
            }
        }

        #[test]
        fn printed_times_have_the_form(at_us in -62_167_219_200_000_000i64..253_402_300_800_000_000) {
            let rounded = at_us - at_us % 1_000_000;
            for at_us in [at_us, rounded, rounded + 250_000] {
                proptest::prop_assert!(is_rfc3339_as_printed(&to_rfc3339(at_us)));
            }
        }

        #[test]
        fn civil_dates_agree_with_jiff(days in -719_000i64..2_932_000) {
            let (year, month, day) = civil_from_days(days);
            proptest::prop_assert_eq!(days_from_civil(year, month, day), days);
            let date = jiff::civil::Date::new(year as i16, month as i8, day as i8).unwrap();
            let epoch = jiff::civil::date(1970, 1, 1);
            proptest::prop_assert_eq!(i64::from((date - epoch).get_days()), days);
        }
    }
}
