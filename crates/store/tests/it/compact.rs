//! Compaction: the same rows in fewer segments, whatever interrupts it, while others read and load.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use sekisho_store::{MaintainLimits, MaintainReport, ScanRange, Store};

use crate::kit::{
    DAY, START, ask, batch, count, dictionary, files_in, is_dictionary, load, open, read, rows, texts, uid,
};

const NOW: MaintainLimits = MaintainLimits {
    max_steps: u64::MAX,
    grace: Duration::ZERO,
};

pub(crate) fn maintain(store: &Store) -> MaintainReport {
    let report = store.maintain(&NOW, &|| false).unwrap();
    assert!(report.is_done && report.problems.is_empty(), "{report:?}");
    report
}

/// Returns every row of a table as text, sorted.
pub(crate) fn all_rows(store: &Store, table: &str) -> Vec<Vec<String>> {
    let batches = store.scan(table, ScanRange::default(), None).unwrap();
    let mut rows = texts(batches.map(Result::unwrap));
    rows.sort();
    rows
}

fn segments(store: &Store, table: &str) -> usize {
    store.scan(table, ScanRange::default(), None).unwrap().segments_left()
}

#[test]
fn many_small_segments_become_few_and_every_row_stays() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for part in 0..30 {
        // Out of order, and some of them twice.
        let part = part * 7 % 30;
        load(&store, "a.b", rows(part * 10..part * 10 + 13, true));
    }
    let (before, files, generation) = (
        all_rows(&store, "a.b"),
        segments(&store, "a.b"),
        store.generation().unwrap(),
    );
    assert!(files >= 30);
    let report = maintain(&store);
    assert_eq!(
        (report.merged_segments, report.merged_rows),
        (files as u64, before.len() as u64)
    );
    assert_eq!((segments(&store, "a.b"), all_rows(&store, "a.b")), (1, before));
    assert_eq!(store.generation().unwrap(), generation, "no answer has changed");
    assert_eq!(files_in(&dir.path().join("data")).len(), 2, "the old files are gone");
    assert_eq!(maintain(&store).steps, 0, "and there is nothing left to do");
    let first = store
        .scan("a.b", ScanRange::default(), None)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert!(is_dictionary(first.column_by_name("USER_TYPE").unwrap()));
    let times = first
        .column_by_name("_time")
        .unwrap()
        .as_primitive::<TimestampMicrosecondType>();
    let known: Vec<i64> = times.iter().flatten().collect();
    assert!(known.len() > 200 && known.is_sorted(), "rows come in the order of time");
    assert_eq!(
        load(&store, "a.b", rows(0..313, true)),
        (10, 303),
        "rows are still known"
    );
    assert_eq!(load(&store, "a.b", rows(0..313, true)), (0, 313));
}

#[test]
fn tables_that_grew_and_tables_without_identities_or_times_are_merged_too() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..5, false));
    let wider = batch(vec![
        ("_uid", Arc::new(StringArray::from(vec![uid(900), uid(901)]))),
        ("NEW", dictionary([Some("new"), None].into_iter())),
    ]);
    load(&store, "a.b", wider);
    load(&store, "a.b", rows(5..9, false));
    for number in 0..4 {
        let mut ingest = store.begin().unwrap();
        ingest.write_segments().unwrap();
        ingest.append_unchecked("events", &events(number)).unwrap();
        ingest.commit().unwrap();
        let untimed = batch(vec![("_uid", Arc::new(StringArray::from(vec![uid(number)])))]);
        load(&store, "a.untimed", untimed);
    }
    let tables = ["a.b", "events", "a.untimed"];
    let before: Vec<_> = tables.iter().map(|table| all_rows(&store, table)).collect();
    maintain(&store);
    let after: Vec<_> = tables.iter().map(|table| all_rows(&store, table)).collect();
    assert_eq!(before, after);
    // The rows without a time have a segment of their own.
    assert_eq!(tables.map(|table| segments(&store, table)), [2, 1, 1]);
    let names = files_in(&dir.path().join("data/main/events"));
    assert!(names.iter().all(|name| !name.ends_with(".uids")), "{names:?}");
}

fn events(number: u64) -> RecordBatch {
    let time = START + i64::try_from(number).unwrap() * DAY;
    batch(vec![
        ("event_uid", Arc::new(StringArray::from(vec![uid(number)]))),
        (
            "time",
            Arc::new(TimestampMicrosecondArray::from(vec![time]).with_timezone("UTC")),
        ),
        ("rows", Arc::new(Int64Array::from(vec![7]))),
    ])
}

#[test]
fn what_somebody_reads_stays_until_the_reading_ends() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for part in 0..4 {
        load(&store, "a.b", rows(part * 10..part * 10 + 10, false));
    }
    let reader = read(dir.path());
    let mut scan = reader.scan("a.b", ScanRange::default(), None).unwrap();
    let mut seen = texts(scan.next().map(Result::unwrap).into_iter());
    let report = maintain(&store);
    assert_eq!(report.removal.waiting.len(), 4);
    assert_eq!(store.remove_now(Duration::ZERO).unwrap().waiting.len(), 4);
    let later = all_rows(&reader, "a.b");
    seen.extend(texts(scan.by_ref().map(Result::unwrap)));
    seen.sort();
    assert_eq!(seen, later);
    drop(scan);
    let report = store.remove_now(Duration::from_secs(10)).unwrap();
    assert_eq!((report.waiting.len(), report.files), (0, 8));
    assert_eq!(all_rows(&reader, "a.b"), later);
}

#[test]
fn others_have_a_time_to_end_their_reading() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..10, false));
    load(&store, "a.b", rows(10..20, false));
    let report = store.maintain(&MaintainLimits::default(), &|| false).unwrap();
    assert_eq!((report.removal.files, report.removal.waiting.len()), (0, 2));
    drop(store);
    let store = open(dir.path());
    assert_eq!(
        files_in(&dir.path().join("data")).len(),
        6,
        "nor does the next writer sweep them"
    );
    assert_eq!(store.remove_unneeded(Duration::ZERO).unwrap().files, 4);
}

#[test]
fn a_damaged_segment_is_not_merged_and_the_others_are() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..10, false));
    load(&store, "a.b", rows(10..20, false));
    load(&store, "c.d", rows(0..10, false));
    load(&store, "c.d", rows(10..20, false));
    let folder = dir.path().join("data/a/b");
    let name = files_in(&folder)
        .into_iter()
        .find(|name| name.ends_with(".parquet"))
        .unwrap();
    let mut bytes = std::fs::read(folder.join(&name)).unwrap();
    bytes[40] ^= 1;
    std::fs::write(folder.join(&name), bytes).unwrap();
    let report = store.maintain(&NOW, &|| false).unwrap();
    assert!(
        report.is_done && report.problems.len() == 1 && report.problems[0].contains("damaged"),
        "{report:?}"
    );
    assert_eq!((segments(&store, "a.b"), segments(&store, "c.d")), (2, 1));
}

#[test]
fn loading_and_maintaining_take_turns_and_stopping_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..10, false));
    load(&store, "a.b", rows(10..20, false));
    let ingest = store.begin().unwrap();
    assert!(store.maintain(&NOW, &|| false).is_err());
    drop(ingest);
    let mut maintainer = sekisho_store::Maintainer::new(NOW);
    // The first step is about retention.
    maintainer.step(&store, &|| true).unwrap();
    let before = files_in(&dir.path().join("data"));
    let report = maintainer.step(&store, &|| true).unwrap();
    assert_eq!((report.steps, files_in(&dir.path().join("data"))), (0, before));
    assert!(read(dir.path()).maintain(&NOW, &|| false).is_err());
}

#[test]
fn large_segments_are_cut_between_days() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let part = |numbers: std::ops::Range<u64>| {
        let list: Vec<u64> = numbers.collect();
        // Eight days, each spread over both loads.
        let times = list.iter().map(|n| START + i64::try_from(n % 8).unwrap() * DAY);
        batch(vec![
            (
                "_uid",
                Arc::new(StringArray::from_iter_values(list.iter().map(|n| uid(*n)))),
            ),
            (
                "_time",
                Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC")),
            ),
        ])
    };
    load(&store, "a.b", part(0..300_000));
    load(&store, "a.b", part(300_000..600_000));
    maintain(&store);
    let spans = ask(
        &store,
        "SELECT count(*), count(DISTINCT \"_time\"), min(\"_time\") FROM a.b GROUP BY \"_time\" ORDER BY 3",
    );
    assert_eq!(spans.len(), 8);
    assert_eq!(segments(&store, "a.b"), 2);
    let of_day = |day: i64| {
        let range = ScanRange {
            from: Some(START + day * DAY),
            to: Some(START + (day + 1) * DAY),
        };
        store.scan("a.b", range, None).unwrap().segments_left()
    };
    assert_eq!(
        (0..8).map(of_day).collect::<Vec<_>>(),
        [1; 8],
        "no day lies in two segments"
    );
}

#[test]
fn queries_answer_alike_while_others_load_and_maintain() {
    let dir = tempfile::tempdir().unwrap();
    load(&open(dir.path()), "a.b", rows(0..50, false));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let path = dir.path();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        let store = read(path);
                        let rows = all_rows(&store, "a.b");
                        let distinct: BTreeMap<_, _> = rows.iter().map(|row| (&row[0], row)).collect();
                        assert_eq!((rows.len() % 50, distinct.len()), (0, rows.len()));
                        assert!(rows.len() >= last, "rows went away");
                        last = rows.len();
                        let found = ask(
                            &store,
                            "SELECT count(*) % 50, count(DISTINCT \"_uid\") - count(*) FROM a.b",
                        );
                        assert_eq!(found, [["0", "0"]]);
                    }
                    last
                })
            })
            .collect();
        for part in 1..12 {
            let store = open(path);
            load(&store, "a.b", rows(part * 50..part * 50 + 50, false));
            store.maintain(&NOW, &|| false).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(count(&read(dir.path()), "a.b"), 600);
    // Queries that have ended let go of their leases a moment later.
    let left = open(dir.path()).remove_now(Duration::from_secs(10)).unwrap();
    assert!(left.waiting.is_empty());
}

/// How often the child is killed in the small tier.
const KILLS: u64 = 8;

const CHILD_DIR: &str = "SEKISHO_STORE_TEST_COMPACT_DIR";
const PART_ROWS: u64 = 40;

#[test]
fn maintenance_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let kills = if std::env::var_os("SEKISHO_FULL").is_some() {
        KILLS * 20
    } else {
        KILLS
    };
    let is_over = AtomicBool::new(false);
    let mut acknowledged = 0;
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                check(&read(dir.path()));
            }
        });
        for round in 0..kills {
            let after = Duration::from_millis(300 + round * 97 % 500);
            acknowledged = acknowledged.max(run_and_kill(dir.path(), after));
            let rows = check(&read(dir.path()));
            assert!(rows >= acknowledged * PART_ROWS, "lost: {rows} of {acknowledged} parts");
        }
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    assert!(acknowledged > 0, "no child got as far as a commit");
    let store = open(dir.path());
    maintain(&store);
    store.remove_now(Duration::from_secs(10)).unwrap();
    let rows = check(&store);
    assert_eq!(
        files_in(&dir.path().join("data")).len(),
        segments(&store, "a.b") * 2,
        "leftovers stay"
    );
    let again = load(&store, "a.b", crate::kit::rows(0..rows, false));
    assert_eq!(again, (0, rows as usize));
}

/// Returns the rows of the store, which have to be the first ones, each once.
fn check(store: &Store) -> u64 {
    if count(store, "a.b") == 0 {
        return 0;
    }
    let rows = all_rows(store, "a.b");
    let found: Vec<&String> = rows.iter().map(|row| &row[0]).collect();
    let mut expected: Vec<String> = (0..rows.len() as u64).map(uid).collect();
    expected.sort();
    assert!(found.into_iter().eq(&expected), "rows are lost, doubled or torn");
    assert_eq!(rows.len() as u64 % PART_ROWS, 0);
    rows.len() as u64
}

fn run_and_kill(dir: &Path, after: Duration) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "compact::child",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let whole = text
        .lines()
        .filter_map(|line| line.strip_prefix("acknowledged ")?.strip_suffix('.')?.parse().ok());
    whole.max().unwrap_or(0)
}

#[test]
#[ignore = "the child that `maintenance_that_is_killed_…` kills"]
fn child() {
    let Some(dir) = std::env::var_os(CHILD_DIR) else {
        return;
    };
    let store = open(Path::new(&dir));
    let mut parts = count(&store, "a.b") / PART_ROWS;
    loop {
        for _ in 0..3 {
            load(&store, "a.b", rows(parts * PART_ROWS..(parts + 1) * PART_ROWS, false));
            parts += 1;
            println!("\nacknowledged {parts}.");
        }
        maintain(&store);
    }
}
