//! Files as evidence: how a table's files are cut, and which hours the caller knows to be covered.

use std::collections::{BTreeMap, HashMap};

use sekisho_event::time::{MICROS_PER_HOUR, Micros, parse_cell};

use super::gaps::{Cadence, Cover};
use super::profile::{DAY, Hour};
use super::series::SeriesKey;

/// Most files of one table that are remembered: five years of hourly ones.
const MAX_FILES: usize = 50_000;
/// Most hours of one file span; a longer one (a year in one file) says nothing about hours.
const MAX_SPAN_HOURS: Hour = 400 * DAY;
/// Fewest files that show how files are cut.
const MIN_FILES: usize = 3;
/// Share of files that must be cut alike.
const CUT_ALIKE: f64 = 0.8;
/// Share of hours between the first and the last file that must be covered before an hour without file is a hole.
const WITHOUT_BREAK: f64 = 0.9;

/// The interval that one file covers, whether it has rows or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpan {
    /// The table it fills.
    pub table: String,
    /// The org it is of.
    pub org: String,
    /// Start of the interval.
    pub from_us: Micros,
    /// End of the interval, outside.
    pub to_us: Micros,
    /// Its number in the source's own counting (`Sequence`), where it has one; 0 is a daily file.
    pub sequence: Option<u64>,
}

impl FileSpan {
    /// Returns the interval that a file's name states: an hour (`2025-11-23T07`, `20251123_07`) or a day
    /// (`2025-11-23`, `20251123`). Names with two different dates state none.
    #[must_use]
    pub fn interval_of_name(name: &str) -> Option<(Micros, Micros)> {
        let name = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
        let digits = DatedName::of(name)?;
        let at_us = parse_cell(digits.date.as_bytes(), sekisho_event::time::CellZone::Utc)?;
        match digits.hour {
            Some(hour) => Some((at_us + hour * MICROS_PER_HOUR, at_us + (hour + 1) * MICROS_PER_HOUR)),
            None => Some((at_us, at_us + DAY * MICROS_PER_HOUR)),
        }
    }
}

struct DatedName {
    date: String,
    hour: Option<i64>,
}

impl DatedName {
    fn of(name: &str) -> Option<Self> {
        let bytes = name.as_bytes();
        let mut found: Option<Self> = None;
        let mut at = 0;
        while at < bytes.len() {
            let is_inside_a_number = at > 0 && bytes[at - 1].is_ascii_digit();
            match Self::starting(&bytes[at..]).filter(|_| !is_inside_a_number) {
                Some((dated, length)) => {
                    if found.as_ref().is_some_and(|before| before.date != dated.date) {
                        return None;
                    }
                    found = found.or(Some(dated));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    fn starting(bytes: &[u8]) -> Option<(Self, usize)> {
        let number = |from: usize, length: usize| -> Option<i64> {
            let digits = bytes.get(from..from + length)?;
            let is_number = digits.iter().all(u8::is_ascii_digit);
            is_number.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
        };
        let year = number(0, 4).filter(|year| (1999..2100).contains(year))?;
        let is_dashed = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
        let (month, day, end) = if is_dashed {
            (number(5, 2)?, number(8, 2)?, 10)
        } else {
            (number(4, 2)?, number(6, 2)?, 8)
        };
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let is_separated = matches!(bytes.get(end), Some(b'T' | b't' | b'_' | b'-' | b' '));
        let hour_at = if is_separated { end + 1 } else { end };
        // `07`, `0700` and `070000` are hours of a day; `2025-` and longer numbers are something else.
        let digits = bytes
            .iter()
            .skip(hour_at)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let is_clock = match digits {
            2 => true,
            4 | 6 => bytes.get(hour_at + digits) != Some(&b'-'),
            _ => false,
        };
        let hour = number(hour_at, 2).filter(|&hour| is_clock && hour < 24);
        if hour.is_none() && bytes.get(end).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let date = format!("{year:04}-{month:02}-{day:02}");
        let length = if hour.is_some() { hour_at + 2 } else { end };
        Some((Self { date, hour }, length))
    }
}

/// Hours of the files that rows came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileHours {
    by_name: HashMap<Box<str>, (Hour, Hour)>,
}

impl FileHours {
    /// Notes that a file has rows from `first` to `last`.
    pub(crate) fn note(&mut self, name: &str, first: Hour, last: Hour) {
        if let Some((known_first, known_last)) = self.by_name.get_mut(name) {
            *known_first = first.min(*known_first);
            *known_last = last.max(*known_last);
        } else if self.by_name.len() < MAX_FILES {
            self.by_name.insert(name.into(), (first, last));
        }
    }

    pub(crate) fn cadence(&self) -> Cadence {
        if self.by_name.len() < MIN_FILES {
            return Cadence::None;
        }
        let share = |is_alike: fn(&(Hour, Hour)) -> bool| {
            self.by_name.values().filter(|span| is_alike(span)).count() as f64 / self.by_name.len() as f64
        };
        if share(|(first, last)| first == last) >= CUT_ALIKE {
            Cadence::Hourly
        } else if share(|(first, last)| first.div_euclid(DAY) == last.div_euclid(DAY)) >= CUT_ALIKE {
            Cadence::Daily
        } else {
            Cadence::None
        }
    }
}

/// The caller's files, by table and org.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileSpans {
    by_series: HashMap<SeriesKey, Covered>,
}

impl FileSpans {
    pub(crate) fn new(spans: &[FileSpan]) -> Self {
        let mut by_series: HashMap<SeriesKey, Covered> = HashMap::new();
        for span in spans {
            let key = SeriesKey {
                org: span.org.clone(),
                table: span.table.clone(),
            };
            by_series.entry(key).or_default().add(span);
        }
        for covered in by_series.values_mut() {
            covered.finish();
        }
        Self { by_series }
    }

    pub(crate) fn of(&self, key: &SeriesKey) -> Option<&Covered> {
        self.by_series.get(key)
    }
}

/// Hours that files of one table cover.
#[derive(Debug, Clone, Default)]
pub(crate) struct Covered {
    /// Disjoint stretches: start to end.
    stretches: BTreeMap<Hour, Hour>,
    files: usize,
    hourly: usize,
    daily: usize,
    is_without_break: bool,
}

impl Covered {
    pub(crate) fn cadence(&self) -> Cadence {
        let is_most = |count: usize| self.files >= MIN_FILES && count as f64 >= CUT_ALIKE * self.files as f64;
        if is_most(self.hourly) {
            Cadence::Hourly
        } else if is_most(self.daily) {
            Cadence::Daily
        } else {
            Cadence::None
        }
    }

    pub(crate) fn says(&self, hour: Hour) -> Cover {
        let is_covered = self
            .stretches
            .range(..=hour)
            .next_back()
            .is_some_and(|(_, &end)| hour < end);
        if is_covered {
            return Cover::File;
        }
        let (Some((&first, _)), Some((_, &last))) = (self.stretches.first_key_value(), self.stretches.last_key_value())
        else {
            return Cover::Unknown;
        };
        let is_between = hour >= first && hour < last;
        if is_between && self.is_without_break && self.cadence() != Cadence::None {
            Cover::Hole
        } else {
            Cover::Unknown
        }
    }

    fn add(&mut self, span: &FileSpan) {
        let from = super::floor_hour(span.from_us);
        let to = super::ceil_hour(span.to_us).min(from + MAX_SPAN_HOURS);
        if to <= from {
            return;
        }
        self.files += 1;
        self.hourly += usize::from(to - from == 1);
        self.daily += usize::from(to - from == DAY);
        let end = self.stretches.entry(from).or_insert(to);
        *end = to.max(*end);
    }

    fn finish(&mut self) {
        let mut joined: BTreeMap<Hour, Hour> = BTreeMap::new();
        for (&from, &to) in &self.stretches {
            match joined.last_entry() {
                Some(mut last) if *last.get() >= from => {
                    let end = to.max(*last.get());
                    last.insert(end);
                }
                _ => {
                    joined.insert(from, to);
                }
            }
        }
        let covered: Hour = joined.iter().map(|(from, to)| to - from).sum();
        let ends = joined.first_key_value().zip(joined.last_key_value());
        let whole = ends.map_or(0, |((&first, _), (_, &last))| last - first);
        self.is_without_break = whole > 0 && covered as f64 >= WITHOUT_BREAK * whole as f64;
        self.stretches = joined;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sekisho_event::time::to_rfc3339;

    use super::*;

    #[test]
    fn names_state_hours_and_days() {
        let interval =
            |name| FileSpan::interval_of_name(name).map(|(from, to)| (to_rfc3339(from), (to - from) / MICROS_PER_HOUR));
        let hour = |text: &str| Some((text.to_owned(), 1));
        let day = |text: &str| Some((text.to_owned(), 24));
        assert_eq!(interval("a/Login_2025-11-23T07.csv"), hour("2025-11-23T07:00:00Z"));
        assert_eq!(interval("Login_20251123_07.csv.gz"), hour("2025-11-23T07:00:00Z"));
        assert_eq!(interval("x.zip!2025112307.csv"), hour("2025-11-23T07:00:00Z"));
        assert_eq!(interval("2025-11-23T07:00:00Z_Login.csv"), hour("2025-11-23T07:00:00Z"));
        assert_eq!(interval("2025-11-23_Login.csv"), day("2025-11-23T00:00:00Z"));
        assert_eq!(interval("20251123.csv"), day("2025-11-23T00:00:00Z"));
        assert_eq!(interval("2025-11-01_2025-11-30.csv"), None);
        assert_eq!(interval("Login.csv"), None);
        assert_eq!(interval("2025-13-01.csv"), None);
        assert_eq!(interval("é2025"), None);
    }

    #[test]
    fn a_hole_in_files_without_break_is_a_hole_and_nights_without_files_are_not() {
        let span = |hour: Hour| FileSpan {
            table: "t".to_owned(),
            org: "o".to_owned(),
            from_us: hour * MICROS_PER_HOUR,
            to_us: (hour + 1) * MICROS_PER_HOUR,
            sequence: None,
        };
        let key = SeriesKey {
            org: "o".to_owned(),
            table: "t".to_owned(),
        };
        let all: Vec<FileSpan> = (0..48).filter(|&hour| hour != 30).map(span).collect();
        let spans = FileSpans::new(&all);
        let covered = spans.of(&key).unwrap();
        assert_eq!(
            [29, 30, 31, 48].map(|hour| covered.says(hour)),
            [Cover::File, Cover::Hole, Cover::File, Cover::Unknown]
        );
        let by_day: Vec<FileSpan> = (0..48).filter(|hour| hour % DAY >= 8).map(span).collect();
        let spans = FileSpans::new(&by_day);
        assert_eq!(spans.of(&key).unwrap().says(26), Cover::Unknown);
    }

    #[test]
    fn the_cut_of_files_is_told_from_their_rows() {
        let mut hourly = FileHours::default();
        let mut daily = FileHours::default();
        for number in 0..10 {
            hourly.note(&format!("h{number}"), number, number);
            daily.note(&format!("d{number}"), number * DAY + 8, number * DAY + 18);
        }
        assert_eq!(hourly.cadence(), Cadence::Hourly);
        assert_eq!(daily.cadence(), Cadence::Daily);
        let mut one = FileHours::default();
        one.note("all", 0, 500);
        assert_eq!(one.cadence(), Cadence::None);
    }

    proptest::proptest! {
        #[test]
        fn no_name_panics(name in "\\PC{0,30}") {
            let _ = FileSpan::interval_of_name(&name);
        }
    }
}
