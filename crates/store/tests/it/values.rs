//! Value indexes: the same answers with and without them, and the same counts as the rows give.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::Int32Type;
use sekisho_store::{HourCount, ScanRange, Store, ValueCount};

use crate::kit::{START, ask, ask_with, batch, open, read, uid};

const HOUR: i64 = 3_600_000_000;

/// The rows of each segment here: ten blocks, of which some can be picked out, and two small ones.
const SEGMENTS: [u64; 3] = [75_000, 9_000, 17_000];

const ALL_ROWS: u64 = SEGMENTS[0] + SEGMENTS[1] + SEGMENTS[2];

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// One row of the common table.
#[derive(Debug, Clone)]
struct Row {
    number: u64,
    time_us: Option<i64>,
    org: &'static str,
    table: &'static str,
    actor: Option<String>,
    src_ip: Option<String>,
    session_key: Option<String>,
}

/// Rows such as events are: sessions come and go, a few values are everywhere, some are rare, some are missing.
fn rows(segment: u64, dice: &mut Dice) -> Vec<Row> {
    let before: u64 = SEGMENTS.iter().take(segment as usize).sum();
    (0..SEGMENTS[segment as usize])
        .map(|row| {
            let number = before + row;
            let near = row / 900 + dice.below(4);
            Row {
                number,
                time_us: (dice.below(40) > 0).then(|| START + (number * 2_000 + dice.below(900_000)) as i64 * 1_000),
                org: if segment == 2 {
                    "00D000000000003"
                } else {
                    dice.pick(&["00D000000000001", "00D000000000002"])
                },
                table: dice.pick(&["salesforce.ApiEvent", "salesforce.LoginEvent"]),
                actor: match dice.below(12) {
                    0 => None,
                    1 => Some(String::new()),
                    2 if near == 7 => Some("Rare.User@example.com".to_owned()),
                    3 => Some("利用者@example.com".to_owned()),
                    _ => Some(format!("user{}@example.com", dice.below(30))),
                },
                src_ip: (dice.below(9) > 0).then(|| format!("198.51.100.{}", near * 3 + dice.below(3))),
                session_key: (dice.below(3) > 0).then(|| format!("session-{segment}-{near}")),
            }
        })
        .collect()
}

fn events(rows: &[Row]) -> RecordBatch {
    let texts = |text: &dyn Fn(&Row) -> Option<String>| -> ArrayRef {
        let texts: Vec<Option<String>> = rows.iter().map(text).collect();
        Arc::new(
            texts
                .iter()
                .map(Option::as_deref)
                .collect::<DictionaryArray<Int32Type>>(),
        )
    };
    let times: TimestampMicrosecondArray = rows.iter().map(|row| row.time_us).collect();
    batch(vec![
        (
            "event_uid",
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| uid(row.number)))),
        ),
        ("time", Arc::new(times.with_timezone("UTC"))),
        ("org", texts(&|row| Some(row.org.to_owned()))),
        ("table", texts(&|row| Some(row.table.to_owned()))),
        ("actor", texts(&|row| row.actor.clone())),
        ("src_ip", texts(&|row| row.src_ip.clone())),
        ("session_key", texts(&|row| row.session_key.clone())),
        (
            "record_id",
            Arc::new(StringArray::from_iter_values(
                rows.iter().map(|row| row.number.to_string()),
            )),
        ),
        (
            "rows",
            Arc::new(Int64Array::from_iter_values(
                rows.iter().map(|row| row.number as i64 % 50),
            )),
        ),
    ])
}

/// Three segments: two of the same orgs, one of another.
fn store(dir: &Path) -> (Store, Vec<Row>) {
    let mut dice = Dice(0x5EED);
    let mut all = Vec::new();
    let store = open(dir);
    for segment in 0..3 {
        let rows = rows(segment, &mut dice);
        let mut ingest = store.begin().unwrap();
        for some in rows.chunks(7_000) {
            ingest.append_unchecked("events", &events(some)).unwrap();
        }
        ingest.commit().unwrap();
        all.extend(rows);
    }
    (store, all)
}

fn index_files(dir: &Path) -> Vec<PathBuf> {
    let folder = dir.join("data/main/events");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "vals"))
        .collect();
    found.sort();
    found
}

fn tests() -> u64 {
    if std::env::var_os("SEKISHO_FULL").is_some() {
        2_000
    } else {
        24
    }
}

/// Returns a random condition, `depth` levels deep.
fn condition(dice: &mut Dice, depth: u64) -> String {
    if depth > 0 {
        let (a, b) = (condition(dice, depth - 1), condition(dice, depth - 1));
        return match dice.below(6) {
            0 | 1 => format!("({a} AND {b})"),
            2 | 3 => format!("({a} OR {b})"),
            4 => format!("(NOT {a})"),
            _ => format!("({a} IS NOT TRUE)"),
        };
    }
    let near = dice.below(30);
    let other = dice.below(30);
    match dice.below(23) {
        0 => format!("session_key = 'session-{}-{near}'", dice.below(4)),
        1 => format!("src_ip = '198.51.100.{near}'"),
        2 => format!("src_ip IN ('198.51.100.{near}', '198.51.100.{other}', NULL)"),
        3 => format!("src_ip NOT IN ('198.51.100.{near}', '198.51.100.{other}')"),
        20 => "actor ILIKE 'RARE.user@EXAMPLE.com'".to_owned(),
        21 => format!("src_ip ILIKE '198.51.100.{near}'"),
        22 => "actor ILIKE '利用者@EXAMPLE.com'".to_owned(),
        4 => "lower(actor) = 'rare.user@example.com'".to_owned(),
        5 => "actor ILIKE 'RARE.%'".to_owned(),
        6 => "actor LIKE '%者%'".to_owned(),
        7 => format!("actor <> 'user{near}@example.com'"),
        8 => "actor IS NULL".to_owned(),
        9 => "actor = ''".to_owned(),
        10 => "session_key IS NOT NULL".to_owned(),
        11 => format!("ip_in_cidr(src_ip, '198.51.100.{}/30')", near * 4),
        12 => format!("rows < {near}"),
        13 => format!("record_id = '{}'", dice.below(ALL_ROWS)),
        14 => "org = '00D000000000003'".to_owned(),
        15 => format!("session_key > 'session-1-{near}'"),
        16 => "coalesce(src_ip, 'none') = 'none'".to_owned(),
        17 => "session_key = actor".to_owned(),
        18 => "length(session_key) = 11".to_owned(),
        _ => format!(
            "\"time\" >= arrow_cast({}, 'Timestamp(Microsecond, Some(\"UTC\"))')",
            START + near as i64 * HOUR
        ),
    }
}

#[test]
fn answers_are_the_same_with_and_without_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path());
    assert_eq!(index_files(dir.path()).len(), 3);
    let mut dice = Dice(77);
    for number in 0..tests() {
        let condition = condition(&mut dice, number % 4);
        let sql =
            format!("SELECT count(*), sum(CAST(record_id AS BIGINT)), max(\"time\") FROM events WHERE {condition}");
        let (with, without) = (ask_with(&store, &sql, true), ask_with(&store, &sql, false));
        assert_eq!(with, without, "{condition}");
        let sql = format!(
            "SELECT record_id, actor FROM events WHERE {condition} ORDER BY \"time\" DESC, record_id LIMIT {}",
            1 + dice.below(200)
        );
        assert_eq!(
            ask_with(&store, &sql, true),
            ask_with(&store, &sql, false),
            "{condition}"
        );
    }
}

#[test]
fn what_no_row_holds_is_not_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path());
    let plan = |condition: &str| {
        let rows = ask(&store, &format!("EXPLAIN SELECT * FROM events WHERE {condition}"));
        rows.concat().concat()
    };
    for condition in [
        "session_key = 'nowhere'",
        "actor ILIKE 'nobody%'",
        "src_ip IN ('203.0.113.1', '203.0.113.2')",
        "session_key = 'session-0-3' AND org = '00D000000000003'",
        "(actor = 'nobody' OR ip_in_cidr(src_ip, '203.0.113.0/24')) AND rows > 3",
    ] {
        assert!(
            plan(condition).contains("EmptyExec"),
            "{condition}: {}",
            plan(condition)
        );
    }
    for (condition, files) in [
        ("session_key = 'session-1-3'", 1),
        ("session_key = 'session-1-3' OR org = '00D000000000003'", 2),
        ("session_key = 'session-1-3' OR rows = 3", 3),
        ("actor IS NULL", 3),
    ] {
        let plan = plan(condition);
        let distinct: std::collections::BTreeSet<&str> = plan
            .split(".parquet")
            .filter_map(|before| before.rsplit('/').next())
            .filter(|name| name.starts_with("sk-"))
            .collect();
        assert_eq!(distinct.len(), files, "{condition}: {plan}");
    }
}

#[test]
fn a_lost_or_damaged_index_changes_no_answer() {
    let sql = "SELECT count(*), min(record_id), max(record_id) FROM events WHERE session_key = 'session-1-3'
               AND actor ILIKE 'USER1%' AND src_ip IS NOT NULL";
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path());
    let truth = ask_with(&store, sql, false);
    assert_ne!(truth[0][0], "0");
    let files = index_files(dir.path());
    let whole: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mut dice = Dice(3);
    for round in 0..40 {
        for (path, bytes) in files.iter().zip(&whole) {
            let mut bytes = bytes.clone();
            match round % 4 {
                0 => {
                    let _ = std::fs::remove_file(path);
                    continue;
                }
                1 => bytes.truncate(dice.below(bytes.len() as u64) as usize),
                _ => {
                    let at = dice.below(bytes.len() as u64) as usize;
                    bytes[at] ^= 1 << dice.below(8);
                }
            }
            std::fs::write(path, bytes).unwrap();
        }
        assert_eq!(ask_with(&store, sql, true), truth, "round {round}");
    }
    // Another segment's index speaks of other rows.
    std::fs::write(&files[1], &whole[0]).unwrap();
    std::fs::write(&files[0], &whole[0]).unwrap();
    std::fs::write(&files[2], &whole[2]).unwrap();
}

#[test]
fn counts_are_those_of_the_rows() {
    let dir = tempfile::tempdir().unwrap();
    let (store, rows) = store(dir.path());
    check_counts(&store, &rows, 0);
    // Without one segment's index, and then without any, the rows say the same.
    let files = index_files(dir.path());
    std::fs::remove_file(&files[0]).unwrap();
    check_counts(&read(dir.path()), &rows, 4);
    files
        .iter()
        .skip(1)
        .for_each(|path| std::fs::write(path, b"not an index").unwrap());
    check_counts(&read(dir.path()), &rows, 4);
}

type Value = fn(&Row) -> Option<String>;

const COLUMNS: [(&str, Value); 4] = [
    ("org", |row| Some(row.org.to_owned())),
    ("actor", |row| row.actor.clone()),
    ("src_ip", |row| row.src_ip.clone()),
    ("record_id", |row| Some(row.number.to_string())),
];

/// Checks the counts of some ranges, leaving out the first `skip`.
fn check_counts(store: &Store, all: &[Row], skip: usize) {
    let end = START + (ALL_ROWS * 2_000 + 900_000) as i64 * 1_000;
    let span = |from: Option<i64>, to: Option<i64>| ScanRange { from, to };
    for range in [
        span(None, None),
        span(Some(START), Some(end)),
        span(Some(START + 5 * HOUR), None),
        span(None, Some(START + 20 * HOUR + 1)),
        span(Some(START + HOUR + 17), Some(START + 31 * HOUR)),
        span(Some(START + HOUR + 17), Some(START + HOUR + HOUR / 2)),
        span(Some(end), None),
    ]
    .into_iter()
    .skip(skip)
    {
        let is_in = |row: &&Row| match row.time_us {
            None => range == ScanRange::default(),
            Some(time) => range.from.is_none_or(|from| from <= time) && range.to.is_none_or(|to| time < to),
        };
        let rows: Vec<&Row> = all.iter().filter(is_in).collect();
        check_hours(store, range, all, false);
        check_hours(store, range, all, true);
        check_values(store, range, &rows, None);
        check_values(store, range, &rows, Some("00D000000000003"));
        check_values(store, range, &rows, Some("00D000000000001"));
        check_values(store, range, &rows, Some("nobody's"));
    }
}

fn check_hours(store: &Store, range: ScanRange, rows: &[Row], has_undated: bool) {
    let is_in = |row: &&Row| match row.time_us {
        None => has_undated,
        Some(time) => range.from.is_none_or(|from| from <= time) && range.to.is_none_or(|to| time < to),
    };
    let mut expected: HashMap<(Option<i64>, String, String), u64> = HashMap::new();
    for row in rows.iter().filter(is_in) {
        let start = row.time_us.map(|time| time.div_euclid(HOUR) * HOUR);
        *expected
            .entry((start, row.org.to_owned(), row.table.to_owned()))
            .or_default() += 1;
    }
    let found: HashMap<(Option<i64>, String, String), u64> = store
        .hour_counts(range, has_undated, u64::MAX)
        .unwrap()
        .unwrap()
        .hours
        .into_iter()
        .map(
            |HourCount {
                 start_us,
                 org,
                 table,
                 count,
             }| ((start_us, org.unwrap(), table.unwrap()), count),
        )
        .collect();
    assert_eq!(found, expected, "{range:?}");
}

#[test]
fn what_would_be_too_much_reading_is_left_to_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path());
    let everywhen = ScanRange::default();
    assert!(store.value_counts(&["actor"], everywhen, None, 0).unwrap().is_some());
    assert!(store.hour_counts(everywhen, true, 0).unwrap().is_some());
    // The first is the oldest.
    std::fs::remove_file(&index_files(dir.path())[0]).unwrap();
    let store = read(dir.path());
    assert!(store.hour_counts(everywhen, true, SEGMENTS[0]).unwrap().is_some());
    assert!(store.hour_counts(everywhen, true, SEGMENTS[0] - 1).unwrap().is_none());
    let counts = store.value_counts(&["actor"], everywhen, None, SEGMENTS[0] - 1);
    assert!(counts.unwrap().is_none());
}

fn check_values(store: &Store, range: ScanRange, rows: &[&Row], org: Option<&str>) {
    let rows: Vec<&&Row> = rows.iter().filter(|row| org.is_none_or(|org| row.org == org)).collect();
    let names = COLUMNS.map(|(name, _)| name);
    let keep = |found: &str| Some(found) == org;
    let keep_org: Option<&sekisho_store::KeepOrg<'_>> = if org.is_some() { Some(&keep) } else { None };
    let counts = store.value_counts(&names, range, keep_org, u64::MAX).unwrap().unwrap();
    assert_eq!(counts.rows, rows.len() as u64, "{range:?} {org:?}");
    for ((name, value), found) in COLUMNS.iter().zip(counts.columns) {
        let mut expected: HashMap<Option<String>, (u64, Option<i64>, Option<i64>)> = HashMap::new();
        for row in &rows {
            let (count, first, last) = expected.entry(value(row)).or_default();
            *count += 1;
            *first = row
                .time_us
                .map_or(*first, |time| Some(first.map_or(time, |first: i64| first.min(time))));
            *last = row.time_us.max(*last);
        }
        let found: HashMap<Option<String>, (u64, Option<i64>, Option<i64>)> = found
            .unwrap()
            .into_iter()
            .map(
                |ValueCount {
                     value,
                     count,
                     first_us,
                     last_us,
                 }| (value, (count, first_us, last_us)),
            )
            .collect();
        assert_eq!(found, expected, "{name} {range:?} {org:?}");
    }
}

#[test]
fn an_index_takes_a_small_part_of_its_segment_and_is_checked_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = store(dir.path());
    drop(store);
    for path in index_files(dir.path()) {
        let index = path.metadata().unwrap().len();
        let rows = path.with_extension("parquet").metadata().unwrap().len();
        assert!(index * 9 < rows, "{index} bytes beside {rows}");
    }
    let mut watch = |_| std::ops::ControlFlow::Continue(());
    let report = Store::verify(dir.path(), &mut watch).unwrap();
    assert!(report.is_ok() && report.unknown.is_empty(), "{report:?}");
    let path = index_files(dir.path()).remove(0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let report = Store::verify(dir.path(), &mut watch).unwrap();
    assert_eq!(report.damage.len(), 1);
    assert_eq!(report.damage[0].part, sekisho_store::DamagedPart::Index);
}
