//! Hunts as text files that analysts can write: lists, rows and what must come out.
//!
//! ```text
//! # a comment
//! list
//!   ip 192.0.2.7
//!   user_agent token Fetcher/1.0
//! range 2025-11-01T00:00:00Z .. 2025-11-15T00:00:00Z
//! rows
//!   table=salesforce.ApiEvent org=A time=2025-11-03T10:00:00Z src_ip=192.0.2.7 user_agent="a b"
//!   hourly 2025-11-01 .. 2025-11-15 hours 08-19 count 5 table=salesforce_elf.API org=A src_ip=198.51.100.1 file=API_{hour}.csv
//!   drop salesforce_elf.API 2025-11-05T10
//! expect
//!   verdict hit
//!   org A hit
//!   hits 1
//!   weak 0
//!   hit 192.0.2.7 exact
//!   gap salesforce_elf.API 2025-11-05T10:00:00Z missing_file
//!   no gap
//!   blind salesforce.ApiEvent blank_by_design
//!   doubt A gap
//! ```
//!
//! `hourly` writes `count` rows into each hour of the days given; `{hour}` and `{day}` in a value become that hour and
//! day. `drop` takes the rows of one hour away again, as a lost file would.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use sekisho_event::time::{MICROS_PER_DAY, MICROS_PER_HOUR, Micros, Range, parse_instant, to_rfc3339};
use serde::Serialize;

use crate::error::HuntError;
use crate::hunt::{HuntOptions, hunt};
use crate::lists::{self, IndicatorList};
use crate::result::{HuntResult, Verdict};

/// A line of a scenario that is not understood, or a scenario that cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A line is not of the format.
    #[error("reading a hunt scenario, line {line}: {what}")]
    Line {
        /// 1-based line.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The hunt itself failed.
    #[error("running a hunt scenario")]
    Hunt(#[from] HuntError),
    /// The rows do not make a batch.
    #[error("laying out the rows of a hunt scenario")]
    Rows(#[from] ArrowError),
}

/// Most rows of a scenario; a test that needs more is a benchmark.
pub const MAX_ROWS: usize = 1_000_000;

/// A hunt with its expectations.
#[derive(Debug)]
pub struct Scenario {
    list: IndicatorList,
    range: Range,
    rows: Vec<Row>,
    expectations: Vec<(usize, Vec<String>)>,
}

type Row = BTreeMap<String, String>;

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// A line is not of the format.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let mut reader = Reader::default();
        for (index, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            reader
                .read(index + 1, trimmed)
                .map_err(|what| ScenarioError::Line { line: index + 1, what })?;
        }
        let list = lists::parse("scenario.csv", reader.list_csv.as_bytes())?;
        Ok(Self {
            list,
            range: reader.range,
            rows: reader.rows,
            expectations: reader.expectations,
        })
    }

    /// Returns the list that is hunted.
    #[must_use]
    pub fn list(&self) -> &IndicatorList {
        &self.list
    }

    /// Returns the range that is searched.
    #[must_use]
    pub fn range(&self) -> Range {
        self.range
    }

    /// Returns the rows as a batch of the common table.
    ///
    /// # Errors
    /// The rows do not make a batch.
    pub fn batch(&self) -> Result<RecordBatch, ScenarioError> {
        Ok(batch_of(&self.rows)?)
    }

    /// Runs the hunt.
    ///
    /// # Errors
    /// The rows do not make a batch, or the hunt fails.
    pub fn run(&self, options: HuntOptions) -> Result<HuntResult, ScenarioError> {
        let batch = self.batch()?;
        Ok(hunt(std::slice::from_ref(&self.list), [batch], self.range, options)?)
    }

    /// Returns what is not as expected, one line each; nothing where all is well.
    #[must_use]
    pub fn mismatches(&self, result: &HuntResult) -> Vec<String> {
        let unmet = |(line, words): &(usize, Vec<String>)| {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            unmet(&words, result).map(|what| format!("line {line}: {what}"))
        };
        self.expectations.iter().filter_map(unmet).collect()
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Section {
    #[default]
    None,
    List,
    Rows,
    Expect,
}

#[derive(Debug)]
struct Reader {
    section: Section,
    list_csv: String,
    range: Range,
    rows: Vec<Row>,
    expectations: Vec<(usize, Vec<String>)>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            section: Section::None,
            list_csv: "kind,value,match\n".to_owned(),
            range: Range::default(),
            rows: Vec::new(),
            expectations: Vec::new(),
        }
    }
}

impl Reader {
    fn read(&mut self, line: usize, text: &str) -> Result<(), String> {
        let words = words(text)?;
        let first = words.first().map_or("", String::as_str);
        match (first, words.len()) {
            ("list", 1) => self.section = Section::List,
            ("rows", 1) => self.section = Section::Rows,
            ("expect", 1) => self.section = Section::Expect,
            ("range", 4) => self.range = range_of(&words[1], &words[3])?,
            _ => match self.section {
                Section::List => self.add_indicator(&words)?,
                Section::Rows if first == "hourly" => self.add_hourly(&words)?,
                Section::Rows if first == "drop" => self.drop_hour(&words)?,
                Section::Rows => self.add_row(cells(&words)?)?,
                Section::Expect => self.expectations.push((line, words)),
                Section::None => return Err(format!("`{first}` stands outside of list, rows and expect")),
            },
        }
        Ok(())
    }

    fn add_indicator(&mut self, words: &[String]) -> Result<(), String> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let line = match words {
            [kind, value] => format!("{kind},{}\n", quoted(value)),
            [kind, mode, value] => format!("{kind},{},{mode}\n", quoted(value)),
            _ => return Err("an indicator is `kind [match] value`".to_owned()),
        };
        self.list_csv.push_str(&line);
        Ok(())
    }

    fn add_row(&mut self, row: Row) -> Result<(), String> {
        if self.rows.len() >= MAX_ROWS {
            return Err(format!("more than {MAX_ROWS} rows"));
        }
        self.rows.push(row);
        Ok(())
    }

    /// `hourly FROM .. TO hours HH-HH count N key=value...`
    fn add_hourly(&mut self, words: &[String]) -> Result<(), String> {
        let usage = || "hourly FROM .. TO hours HH-HH count N key=value...".to_owned();
        let [_, from, _, to, hours_word, hours, count_word, count, rest @ ..] = words else {
            return Err(usage());
        };
        if hours_word != "hours" || count_word != "count" {
            return Err(usage());
        }
        let (first_hour, last_hour) = hours.split_once('-').ok_or_else(usage)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| usage());
        let (first_hour, last_hour, count) = (number(first_hour)?, number(last_hour)?, number(count)?);
        let (mut hour_us, end_us) = (instant(from)?, instant(to)?);
        let row = cells(rest)?;
        while hour_us < end_us {
            let hour_of_day = hour_us.rem_euclid(MICROS_PER_DAY) / MICROS_PER_HOUR;
            if (first_hour..=last_hour).contains(&hour_of_day) {
                for number in 0..count {
                    let at_us = hour_us + number * (MICROS_PER_HOUR / count.max(1));
                    self.add_row(filled(&row, at_us))?;
                }
            }
            hour_us += MICROS_PER_HOUR;
        }
        Ok(())
    }

    fn drop_hour(&mut self, words: &[String]) -> Result<(), String> {
        let [_, table, hour] = words else {
            return Err("drop TABLE HOUR".to_owned());
        };
        let before = self.rows.len();
        let is_dropped = |row: &Row| {
            row.get("table") == Some(table) && row.get("time").is_some_and(|time| time.starts_with(hour.as_str()))
        };
        self.rows.retain(|row| !is_dropped(row));
        if before == self.rows.len() {
            return Err(format!("no rows of {table} at {hour} to drop"));
        }
        Ok(())
    }
}

fn filled(row: &Row, at_us: Micros) -> Row {
    let time = to_rfc3339(at_us);
    let fill = |value: &String| value.replace("{hour}", &time[..13]).replace("{day}", &time[..10]);
    let mut row: Row = row.iter().map(|(key, value)| (key.clone(), fill(value))).collect();
    row.insert("time".to_owned(), time);
    row
}

fn range_of(from: &str, to: &str) -> Result<Range, String> {
    let end = |text: &str| if text == "*" { Ok(None) } else { instant(text).map(Some) };
    Ok(Range {
        from_us: end(from)?,
        to_us: end(to)?,
    })
}

fn instant(text: &str) -> Result<Micros, String> {
    parse_instant(text, None).map_err(|error| error.to_string())
}

fn cells(words: &[String]) -> Result<Row, String> {
    let cell = |word: &String| {
        let (key, value) = word
            .split_once('=')
            .ok_or_else(|| format!("`{word}` is not key=value"))?;
        Ok((key.to_owned(), value.to_owned()))
    };
    words.iter().map(cell).collect()
}

/// Words, split at spaces outside of double quotes; the quotes go.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut is_quoted, mut has_word) = (false, false);
    for letter in text.chars() {
        match letter {
            '"' => {
                is_quoted = !is_quoted;
                has_word = true;
            }
            ' ' | '\t' if !is_quoted => {
                if std::mem::take(&mut has_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => {
                word.push(letter);
                has_word = true;
            }
        }
    }
    if is_quoted {
        return Err("a quote is not closed".to_owned());
    }
    if has_word {
        words.push(word);
    }
    Ok(words)
}

/// Columns of the common table that a scenario may fill.
const COLUMNS: [&str; 17] = [
    "event_uid",
    "org",
    "table",
    "kind",
    "actor",
    "actor_id",
    "src_ip",
    "forwarded_ip",
    "user_agent",
    "app",
    "app_id",
    "session_key",
    "login_key",
    "target",
    "query",
    "message",
    "file",
];

fn batch_of(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let mut fields = vec![Field::new(
        "time",
        DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into())),
        true,
    )];
    let time_of = |row: &Row| row.get("time").and_then(|time| instant(time).ok());
    let times: TimestampMicrosecondArray = rows.iter().map(time_of).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(times.with_timezone("UTC"))];
    for name in COLUMNS {
        let text: StringArray = rows.iter().map(|row| row.get(name)).collect();
        let of_dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let ty = if matches!(name, "event_uid" | "query" | "message") {
            DataType::Utf8
        } else {
            of_dictionary
        };
        columns.push(arrow::compute::cast(&text, &ty)?);
        fields.push(Field::new(name, ty, true));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Returns what is wrong with one expectation.
fn unmet(words: &[&str], result: &HuntResult) -> Option<String> {
    let differs = |name: &str, expected: &str, is: String| {
        (expected != is).then(|| format!("{name}: expected {expected}, is {is}"))
    };
    let missing = |is_there: bool, what: String| (!is_there).then_some(what);
    match *words {
        ["verdict", expected] => differs("verdict", expected, word(&result.verdict)),
        ["org", org, expected] => {
            let found = result.orgs.iter().find(|one| one.org == org);
            let is = found.map_or_else(
                || "absent".to_owned(),
                |one: &crate::OrgVerdict| word::<Verdict>(&one.verdict),
            );
            differs(&format!("org {org}"), expected, is)
        }
        ["hits", expected] => differs("hits", expected, result.hit_count.to_string()),
        ["weak", expected] => differs("weak", expected, result.weak_hit_count.to_string()),
        ["hit", indicator, how] => {
            let is_there = result
                .hits
                .iter()
                .any(|hit| hit.indicator == indicator && hit.how.name() == how);
            missing(is_there, format!("no hit of {indicator} as {how}"))
        }
        ["no", "gap"] => {
            let all: Vec<String> = gaps(result).collect();
            (!all.is_empty()).then(|| format!("gaps: {}", all.join("; ")))
        }
        ["gap", table, from, reason] => {
            let expected = format!("{table} {from} {reason}");
            let is_there = gaps(result).any(|gap| gap == expected);
            let all: Vec<String> = gaps(result).collect();
            missing(is_there, format!("no gap `{expected}`; gaps: {}", all.join("; ")))
        }
        ["blind", table, reason] => {
            let of_table = result.coverage.iter().filter(|one| one.table == table);
            let is_there = of_table
                .flat_map(|one| &one.blind)
                .any(|blind| word(&blind.reason) == reason);
            missing(is_there, format!("{table} is not blind by {reason}"))
        }
        ["doubt", org, reason] => {
            let of_org = result.orgs.iter().filter(|one| one.org == org);
            let all: Vec<String> = of_org
                .flat_map(|one| &one.doubts)
                .map(|doubt| word(&doubt.reason))
                .collect();
            missing(
                all.iter().any(|one| one == reason),
                format!("org {org} has no doubt {reason}, but {all:?}"),
            )
        }
        ["late", table] => {
            let is_there = result
                .coverage
                .iter()
                .any(|one| one.table == table && one.late.is_some());
            missing(is_there, format!("{table} has no late end"))
        }
        ["touches", indicator, events, users] => {
            let row = result.breadth.iter().find(|row| row.indicator == indicator);
            let is = row.map_or_else(|| "nothing".to_owned(), |row| format!("{} {}", row.events, row.users));
            differs(&format!("touches {indicator}"), &format!("{events} {users}"), is)
        }
        _ => Some(format!("`{}` is not an expectation", words.join(" "))),
    }
}

fn gaps(result: &HuntResult) -> impl Iterator<Item = String> + '_ {
    result.coverage.iter().flat_map(|table| {
        let name = &table.table;
        table
            .gaps
            .iter()
            .map(move |gap| format!("{name} {} {}", to_rfc3339(gap.from.0), word(&gap.reason)))
    })
}

/// Returns the word that an enum value is in JSON.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
