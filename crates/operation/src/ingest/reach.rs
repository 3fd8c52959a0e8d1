//! Which hour or day a Salesforce file covers: what its name says, and what its rows say.

use sekisho_event::time::{MICROS_PER_DAY, MICROS_PER_HOUR, Micros};
use sekisho_hunt::FileSpan;
use sekisho_store::{Reach, ReachBy, ReachKind};

/// Returns all that is said of the hour or day that a file covers, from its name and from the first and last time of its
/// rows. A file over several days that says nothing by its name covers none.
pub(super) fn reaches(name: &str, times: Option<(Micros, Micros)>) -> Vec<Reach> {
    let by_name = of_name(name, times).map(|(kind, from_us)| Reach {
        by: ReachBy::Name,
        kind,
        from_us,
    });
    let by_rows = times.and_then(of_rows).map(|(kind, from_us)| Reach {
        by: ReachBy::Rows,
        kind,
        from_us,
    });
    by_name.into_iter().chain(by_rows).collect()
}

/// Names state an interval, or a kind of file (`Hourly`, `Sequence2`), or both; what is left open the rows say.
fn of_name(name: &str, times: Option<(Micros, Micros)>) -> Option<(ReachKind, Micros)> {
    let base = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    let kind = kind_of_name(base);
    let interval = FileSpan::interval_of_name(base);
    let first_us = times.map(|(first_us, _)| first_us);
    match (interval, kind) {
        (Some((from_us, to_us)), _) if to_us - from_us == MICROS_PER_HOUR => Some((ReachKind::Hour, from_us)),
        (Some((from_us, to_us)), Some(ReachKind::Hour)) => {
            let in_day = first_us.filter(|first_us| (from_us..to_us).contains(first_us));
            Some((ReachKind::Hour, in_day.map_or(from_us, hour_of)))
        }
        (Some((from_us, _)), _) => Some((ReachKind::Day, from_us)),
        (None, Some(kind)) => {
            let (_, day_us) = times.and_then(of_rows).map(|(_, from_us)| ((), day_of(from_us)))?;
            match kind {
                ReachKind::Hour => Some((kind, hour_of(first_us?))),
                ReachKind::Day => Some((kind, day_us)),
            }
        }
        (None, None) => None,
    }
}

fn of_rows((first_us, last_us): (Micros, Micros)) -> Option<(ReachKind, Micros)> {
    if hour_of(first_us) == hour_of(last_us) {
        return Some((ReachKind::Hour, hour_of(first_us)));
    }
    (day_of(first_us) == day_of(last_us)).then(|| (ReachKind::Day, day_of(first_us)))
}

/// `Sequence` is 0 for a daily file and counts the hourly files of an interval from 1.
fn kind_of_name(base: &str) -> Option<ReachKind> {
    let base = base.to_ascii_lowercase();
    let kinds = [("hourly", ReachKind::Hour), ("daily", ReachKind::Day)];
    if let Some((_, kind)) = kinds.into_iter().find(|(word, _)| base.contains(word)) {
        return Some(kind);
    }
    let (_, after) = base.split_once("sequence").or_else(|| base.split_once("seq"))?;
    let number: String = after
        .trim_start_matches(['-', '_', '=', ' '])
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    match number.parse::<u64>().ok()? {
        0 => Some(ReachKind::Day),
        _ => Some(ReachKind::Hour),
    }
}

fn hour_of(at_us: Micros) -> Micros {
    at_us.div_euclid(MICROS_PER_HOUR) * MICROS_PER_HOUR
}

fn day_of(at_us: Micros) -> Micros {
    at_us.div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sekisho_event::time::parse_instant;

    use super::*;

    fn at(text: &str) -> Micros {
        parse_instant(text, None).unwrap()
    }

    fn says(name: &str, times: Option<(&str, &str)>) -> Option<(ReachBy, ReachKind, String)> {
        let times = times.map(|(first, last)| (at(first), at(last)));
        let reach = reaches(name, times).into_iter().min()?;
        Some((reach.by, reach.kind, sekisho_event::time::to_rfc3339(reach.from_us)))
    }

    #[test]
    fn a_name_decides_before_the_rows() {
        let rows = Some(("2025-11-23T07:10:00Z", "2025-11-23T07:50:00Z"));
        let (name, hour, day) = (ReachBy::Name, ReachKind::Hour, ReachKind::Day);
        let hour_7 = || "2025-11-23T07:00:00Z".to_owned();
        let midnight = || "2025-11-23T00:00:00Z".to_owned();
        assert_eq!(says("a/Login_2025-11-23T07.csv", rows), Some((name, hour, hour_7())));
        assert_eq!(says("x.zip!2025-11-23_Login.csv", rows), Some((name, day, midnight())));
        assert_eq!(says("2025-11-23_Login_seq3.csv", rows), Some((name, hour, hour_7())));
        assert_eq!(
            says("2025-11-23_Login_Sequence0.csv", rows),
            Some((name, day, midnight()))
        );
        assert_eq!(says("Login-daily.csv", rows), Some((name, day, midnight())));
        assert_eq!(says("Login-hourly.csv", rows), Some((name, hour, hour_7())));
        assert_eq!(says("Login.csv", rows), Some((ReachBy::Rows, hour, hour_7())));
    }

    #[test]
    fn rows_over_several_days_are_of_no_day() {
        let day = Some(("2025-11-23T00:10:00Z", "2025-11-23T23:50:00Z"));
        let two = Some(("2025-11-23T23:10:00Z", "2025-11-24T00:10:00Z"));
        let midnight = "2025-11-23T00:00:00Z".to_owned();
        assert_eq!(says("Login.csv", day), Some((ReachBy::Rows, ReachKind::Day, midnight)));
        assert_eq!(says("Login.csv", two), None);
        assert_eq!(says("Login-daily.csv", two), None);
        assert_eq!(says("Login.csv", None), None);
    }
}
