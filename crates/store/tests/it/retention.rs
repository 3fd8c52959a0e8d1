//! Retention and holds: what goes, what stays, and that what has gone can be found nowhere.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{RecordBatch, StringArray, TimestampMicrosecondArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sekisho_store::{
    FileRecord, MaintainLimits, NewHold, NewSetting, QuarantineRow, RetainOptions, RetentionKind, RetentionRow,
    ScanRange, Store,
};

use crate::compact::all_rows;
use crate::kit::{DAY, START, ask, batch, count, files_in, open, read, texts, uid};

const MARKER: &str = "unmistakable-marker-text";
const ADDRESS: &str = "203.0.113.77";
const HELD_MARKER: &str = "held-marker-text";

/// Rows of day 0 to 9 of two orgs: the text tells the day.
fn typed(table: u64, days: std::ops::Range<i64>, text: impl Fn(i64) -> String) -> RecordBatch {
    rows("_uid", "_time", "_org", table, days, text, None)
}

fn rows(
    uids: &str,
    time: &str,
    org: &str,
    number: u64,
    days: std::ops::Range<i64>,
    text: impl Fn(i64) -> String,
    table: Option<&str>,
) -> RecordBatch {
    let days: Vec<i64> = days.collect();
    let mut columns: Vec<(&str, arrow::array::ArrayRef)> = vec![
        (
            uids,
            Arc::new(StringArray::from_iter_values(
                days.iter()
                    .map(|day| uid(number * 1_000 + u64::try_from(*day).unwrap())),
            )),
        ),
        (
            time,
            Arc::new(
                TimestampMicrosecondArray::from_iter_values(days.iter().map(|day| START + day * DAY))
                    .with_timezone("UTC"),
            ),
        ),
        (
            org,
            Arc::new(StringArray::from_iter_values(
                days.iter().map(|day| if day % 2 == 0 { "org-even" } else { "org-odd" }),
            )),
        ),
        (
            "TEXT",
            Arc::new(StringArray::from_iter_values(days.iter().map(|day| text(*day)))),
        ),
    ];
    if let Some(table) = table {
        columns.push((
            "table",
            Arc::new(StringArray::from_iter_values(days.iter().map(|_| table))),
        ));
    }
    batch(columns)
}

/// Loads days of a table, and its rows of the common table.
fn load(store: &Store, table: &str, number: u64, days: std::ops::Range<i64>, text: impl Fn(i64) -> String + Copy) {
    let mut ingest = store.begin().unwrap();
    ingest.append(table, typed(number, days.clone(), text)).unwrap();
    let events = rows("event_uid", "time", "org", number, days, text, Some(table));
    ingest.append_unchecked("events", &events).unwrap();
    ingest.commit().unwrap();
}

fn keep(store: &Store, pattern: &str, days: Option<u32>) {
    let setting = NewSetting {
        pattern: pattern.to_owned(),
        kind: RetentionKind::Keep,
        days,
        reason: "house rule 7".to_owned(),
        by: "somebody".to_owned(),
    };
    store.set_retention(setting).unwrap();
}

fn hold(name: &str) -> NewHold {
    NewHold {
        name: name.to_owned(),
        reason: "case 12".to_owned(),
        by: "somebody".to_owned(),
        ..NewHold::default()
    }
}

/// Ages are counted from noon of day 10.
const AT_DAY_10: RetainOptions = RetainOptions {
    now_us: Some(START + 10 * DAY + DAY / 2),
    takes_undated: false,
};

fn apply(store: &Store) -> Vec<RetentionRow> {
    store.flush().unwrap();
    let expected = store.survey_retention(AT_DAY_10).unwrap();
    let done = store.apply_retention(AT_DAY_10, &|| false).unwrap();
    assert_eq!(done, expected, "what was announced is what is done");
    assert!(done.iter().all(|row| row.problems.is_empty()), "{done:?}");
    done
}

fn summary(rows: &[RetentionRow]) -> Vec<(&str, u64, u64)> {
    rows.iter()
        .map(|row| (row.table.as_str(), row.rows, row.held))
        .collect()
}

#[test]
fn rows_go_by_their_tables_setting_and_common_rows_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.old", 1, 0..3, |_| "x".to_owned());
    load(&store, "a.cut", 2, 0..10, |_| "x".to_owned());
    load(&store, "b.kept", 3, 0..10, |_| "x".to_owned());
    assert_eq!(apply(&store), [], "without a setting nothing goes");
    keep(&store, "a.*", Some(5));
    keep(&store, "b.kept", None);
    let done = apply(&store);
    // Days 0 to 5 are more than five days before noon of day 10.
    assert_eq!(summary(&done), [("a.cut", 6, 0), ("a.old", 3, 0), ("events", 9, 0)]);
    assert_eq!((done[0].from_us, done[0].to_us), (Some(START), Some(START + 5 * DAY)));
    assert_eq!(
        ["a.old", "a.cut", "b.kept", "events"].map(|table| count(&store, table)),
        [0, 4, 10, 14]
    );
    let left = ask(&store, "SELECT \"table\", count(*) FROM events GROUP BY 1 ORDER BY 1");
    assert_eq!(left, [["a.cut", "4"], ["b.kept", "10"]]);
    let record = ask(
        &store,
        "SELECT \"table\", rows, cause FROM sekisho.deletions ORDER BY 1",
    );
    assert_eq!(
        record,
        [
            ["a.cut", "6", "retention a.* 5d: house rule 7"],
            ["a.old", "3", "retention a.* 5d: house rule 7"],
            ["events", "9", "retention of the rows' own tables"],
        ]
    );
    assert_eq!(apply(&store), [], "nothing is left to do");
    assert_eq!(
        crate::kit::load(&store, "a.cut", typed(2, 6..10, |_| "x".to_owned())),
        (0, 4)
    );
    // What went may come again: nothing of it is known any more.
    assert_eq!(
        crate::kit::load(&store, "a.old", typed(1, 0..3, |_| "x".to_owned())),
        (3, 0)
    );
}

#[test]
fn where_rows_stood_goes_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for (number, table) in [(1, "a.b"), (2, "c.d")] {
        load(&store, table, number, 0..10, |day| format!("day {day}"));
        let mut ingest = store.begin().unwrap();
        let again = typed(number, 0..10, |day| format!("day {day}"));
        ingest.deliver(table, &again, None, "key", false).unwrap();
        ingest.commit().unwrap();
    }
    keep(&store, "a.b", Some(5));
    let done = apply(&store);
    let of = |name: &str| done.iter().find(|row| row.table == name).map(|row| row.rows);
    assert!(of("a.b").is_some_and(|rows| rows > 0));
    assert_eq!(of("sekisho.deliveries"), of("a.b"));
    let left = ask(
        &store,
        "SELECT \"table\", count(*) FROM sekisho.deliveries GROUP BY 1 ORDER BY 1",
    );
    let rows = count(&store, "a.b").to_string();
    assert_eq!(left, [["a.b".to_owned(), rows], ["c.d".to_owned(), "10".to_owned()]]);
}

#[test]
fn held_rows_stay_until_the_hold_is_released() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", 1, 0..10, |_| "x".to_owned());
    keep(&store, "*", Some(5));
    store
        .place_hold(NewHold {
            tables: vec!["a.*".to_owned()],
            orgs: vec!["org-even".to_owned()],
            from_us: Some(START + DAY),
            to_us: Some(START + 3 * DAY),
            ..hold("case-12")
        })
        .unwrap();
    assert!(store.place_hold(hold("case-12")).is_err(), "the name is taken");
    assert_eq!(summary(&apply(&store)), [("a.b", 5, 1), ("events", 5, 1)]);
    assert_eq!(count(&store, "a.b"), 5);
    store.release_hold("case-12", "closed", "somebody").unwrap();
    assert!(store.release_hold("case-12", "closed", "somebody").is_err());
    assert_eq!(summary(&apply(&store)), [("a.b", 1, 0), ("events", 1, 0)]);
    let holds = store.holds().unwrap();
    assert_eq!(holds.len(), 1, "it stays in the list");
    assert_eq!(holds[0].released.as_ref().unwrap().reason, "closed");
    store.place_hold(hold("case-12")).unwrap();
}

#[test]
fn settings_are_superseded_and_refused_where_they_mean_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    keep(&store, "a.*", Some(5));
    keep(&store, "a.*", Some(9));
    let settings = store.retention().unwrap();
    let days: Vec<_> = settings.iter().map(|one| (one.setting.days, one.is_in_force)).collect();
    assert_eq!(days, [(Some(5), false), (Some(9), true)]);
    let found = store.retention_of("a.b", RetentionKind::Keep).unwrap().unwrap();
    assert_eq!(found.setting.days, Some(9));
    assert_eq!(store.retention_of("a.b", RetentionKind::Platform).unwrap(), None);
    let set = |pattern: &str, days: u32, reason: &str| {
        store.set_retention(NewSetting {
            pattern: pattern.to_owned(),
            kind: RetentionKind::Keep,
            days: Some(days),
            reason: reason.to_owned(),
            by: String::new(),
        })
    };
    for (pattern, days, reason) in [
        ("events", 5, "r"),
        ("", 5, "r"),
        ("a b", 5, "r"),
        ("a.*c", 5, "r"),
        ("a.b", 0, "r"),
        ("a.b", 99_999, "r"),
        ("a.b", 5, " "),
        ("a.b", 5, "two\nlines"),
    ] {
        assert!(set(pattern, days, reason).is_err(), "{pattern} {days} {reason:?}");
    }
    assert!(read(dir.path()).release_hold("x", "y", "z").is_err());
}

#[test]
fn rows_that_did_not_fit_and_records_of_files_go_by_when_they_were_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    for line in 1..4 {
        let row = QuarantineRow {
            org: "o",
            file: if line == 3 { "unknown.csv" } else { "bad.csv" },
            line,
            reason: "why",
            excerpt: "what",
        };
        ingest.quarantine(&row).unwrap();
    }
    ingest.note_file(FileRecord {
        name: "bad.csv".to_owned(),
        sha256: "0".repeat(64),
        bytes: 1,
        kind: "json".to_owned(),
        events: 0,
        duplicates: 0,
        rejected: 2,
    });
    ingest.commit().unwrap();
    keep(&store, "*", Some(1));
    let in_a_year = RetainOptions {
        now_us: Some(jiff::Timestamp::now().as_microsecond() + 365 * DAY),
        takes_undated: false,
    };
    assert_eq!(
        store.apply_retention(in_a_year, &|| false).unwrap(),
        [],
        "a pattern does not name them"
    );
    keep(&store, "sekisho.quarantine", Some(400));
    assert_eq!(store.apply_retention(in_a_year, &|| false).unwrap(), []);
    keep(&store, "sekisho.*", Some(30));
    keep(&store, "sekisho.quarantine", Some(30));
    let done = store.apply_retention(in_a_year, &|| false).unwrap();
    assert_eq!(summary(&done), [("sekisho.files", 1, 0), ("sekisho.quarantine", 2, 0)]);
    assert_eq!(
        count(&store, "sekisho.quarantine"),
        1,
        "a row of a file that is not known stays"
    );
    assert_eq!(ask(&store, "SELECT count(*) FROM sekisho.files"), [["0"]]);
}

#[test]
fn rows_without_a_time_stay_unless_told() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    crate::kit::load(&store, "a.b", crate::kit::rows(0..30, true));
    keep(&store, "*", Some(1));
    let mut options = AT_DAY_10;
    let done = store.apply_retention(options, &|| false).unwrap();
    assert_eq!((summary(&done), count(&store, "a.b")), (vec![("a.b", 27, 0)], 3));
    options.takes_undated = true;
    let done = store.apply_retention(options, &|| false).unwrap();
    assert_eq!((summary(&done), count(&store, "a.b")), (vec![("a.b", 3, 0)], 0));
}

#[test]
fn what_was_deleted_is_in_no_byte_of_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let text = |day: i64| match day {
        0..4 => format!("{MARKER} from {ADDRESS}"),
        4 => HELD_MARKER.to_owned(),
        _ => "kept".to_owned(),
    };
    // Two loads merged into one segment, so that marked rows lie beside others, and one that goes as a whole.
    load(&store, "a.b", 1, 0..10, text);
    load(&store, "a.b", 2, 3..12, text);
    store
        .maintain(
            &MaintainLimits {
                grace: Duration::ZERO,
                ..MaintainLimits::default()
            },
            &|| false,
        )
        .unwrap();
    load(&store, "a.c", 3, 0..3, text);
    assert!(
        found_in(dir.path(), MARKER) > 0 && found_in(dir.path(), ADDRESS) > 0,
        "the search finds what is there"
    );
    store
        .place_hold(NewHold {
            from_us: Some(START + 4 * DAY),
            to_us: Some(START + 5 * DAY),
            ..hold("case")
        })
        .unwrap();
    keep(&store, "*", Some(5));
    let reader = read(dir.path());
    let scan = reader.scan("a.b", ScanRange::default(), None).unwrap();
    apply(&store);
    let waiting = store.remove_now(Duration::ZERO).unwrap().waiting;
    assert!(!waiting.is_empty(), "a reader still has its files");
    assert_eq!(texts(scan.map(Result::unwrap)).len(), 19, "and reads them to the end");
    assert!(store.remove_now(Duration::from_secs(10)).unwrap().waiting.is_empty());
    drop(reader);
    assert!(store.scrub().unwrap());
    for text in [MARKER, ADDRESS] {
        assert_eq!(found_in(dir.path(), text), 0, "{text} is still there");
    }
    assert!(found_in(dir.path(), HELD_MARKER) > 0);
    assert_eq!(all_rows(&store, "a.b").len(), 2 + 4 + 6);
}

/// Returns in how many places below `dir` the text stands: in the bytes of files, and in what Parquet files hold.
fn found_in(dir: &Path, text: &str) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found += found_in(&path, text);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        found += bytes
            .windows(text.len())
            .filter(|window| *window == text.as_bytes())
            .count();
        if path.extension().is_some_and(|end| end == "parquet") {
            let file = std::fs::File::open(&path).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
            let rows = texts(reader.map(Result::unwrap));
            found += rows.iter().flatten().filter(|cell| cell.contains(text)).count();
        }
    }
    found
}

const CHILD_DIR: &str = "SEKISHO_STORE_TEST_RETENTION_DIR";

#[test]
fn retention_that_is_killed_goes_on_and_leaves_no_half() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for part in 0..6 {
        load(&store, "a.b", part, 0..10, |_| "x".to_owned());
        load(&store, "a.c", 10 + part, 0..10, |_| "x".to_owned());
    }
    keep(&store, "*", Some(5));
    drop(store);
    for round in 0..6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "retention::child", "--ignored", "--test-threads=1"])
            .env(CHILD_DIR, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(20 + round * 25));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = read(dir.path());
        let dangling = "SELECT count(*) FROM events e WHERE event_uid NOT IN (SELECT \"_uid\" FROM a.b)
                        AND event_uid NOT IN (SELECT \"_uid\" FROM a.c)";
        assert_eq!(ask(&store, dangling), [["0"]], "a common row without its own");
        let young = format!(
            "SELECT count(*) FROM events WHERE \"time\" > to_timestamp_micros({})",
            START + 5 * DAY
        );
        assert_eq!(ask(&store, &young), [["48"]]);
    }
    let store = open(dir.path());
    store.apply_retention(AT_DAY_10, &|| false).unwrap();
    assert_eq!(["a.b", "a.c", "events"].map(|table| count(&store, table)), [24, 24, 48]);
    store.remove_now(Duration::from_secs(10)).unwrap();
    let segments = ["a.b", "a.c"].map(|table| store.scan(table, ScanRange::default(), None).unwrap().segments_left());
    assert_eq!(
        files_in(&dir.path().join("data/a")).len(),
        2 * (segments[0] + segments[1])
    );
}

#[test]
#[ignore = "the child that `retention_that_is_killed_…` kills"]
fn child() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else {
        return;
    };
    let store = open(Path::new(&dir));
    store.apply_retention(AT_DAY_10, &|| false).unwrap();
    store.remove_now(Duration::ZERO).unwrap();
}
