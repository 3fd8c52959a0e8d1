//! Small loads: the catalogue keeps their rows until there are many of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use sekisho_store::{Checkpoint, ScanRange, Store};

use crate::kit::{DAY, START, ask, batch, count, dictionary, files_in, load, open, read, rows, stream, texts, uid};

const TABLE: &str = "salesforce.ApiEvent";

fn segment_files(store: &Store) -> usize {
    let files = files_in(&store.dir().join("data"));
    files.iter().filter(|name| name.ends_with(".parquet")).count()
}

fn scanned(store: &Store, table: &str, range: ScanRange, columns: Option<&[&str]>) -> Vec<Vec<String>> {
    texts(store.scan(table, range, columns).unwrap().map(Result::unwrap))
}

/// Returns all rows of a table as text, in the order of their identities.
fn contents(store: &Store, table: &str) -> Vec<Vec<String>> {
    let by_sql = ask(store, &format!("SELECT * FROM {table} ORDER BY \"_uid\""));
    let mut by_scan = scanned(store, table, ScanRange::default(), None);
    by_scan.sort();
    let mut sorted = by_sql.clone();
    sorted.sort();
    assert_eq!(by_scan, sorted);
    assert_eq!(count(store, table), by_sql.len() as u64);
    by_sql
}

#[test]
fn a_small_load_writes_no_file_and_is_read_like_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let (streamed, loaded) = (open(&dir.path().join("a")), open(&dir.path().join("b")));
    for numbers in [0..30, 30..31, 31..100] {
        assert_eq!(stream(&streamed, TABLE, rows(numbers.clone(), true)).1, 0);
        load(&loaded, TABLE, rows(numbers, true));
    }
    assert_eq!((segment_files(&streamed), segment_files(&loaded)), (0, 3));
    assert_eq!(contents(&streamed, TABLE), contents(&loaded, TABLE));
    let (mut one, other) = (streamed.tables().unwrap().remove(0), loaded.tables().unwrap().remove(0));
    one.bytes = other.bytes;
    assert_eq!(one, other);
    let batch = streamed
        .scan(TABLE, ScanRange::default(), None)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(batch.schema(), rows(0..1, false).schema());
    let hour = 3_600_000_000;
    for range in [
        (None, None),
        (Some(START + 5 * hour), None),
        (Some(START + DAY), Some(START + 2 * DAY)),
        (None, Some(0)),
    ] {
        let range = ScanRange {
            from: range.0,
            to: range.1,
        };
        for columns in [None, Some(["ROWS", "USER_TYPE"].as_slice()), Some([].as_slice())] {
            assert_eq!(
                scanned(&streamed, TABLE, range, columns),
                scanned(&loaded, TABLE, range, columns)
            );
        }
    }
    for sql in QUESTIONS {
        assert_eq!(ask(&streamed, sql), ask(&loaded, sql), "{sql}");
    }
}

const QUESTIONS: [&str; 9] = [
    "SELECT count(*) FROM salesforce.ApiEvent",
    "SELECT count(\"_time\"), min(\"_time\"), max(\"_time\"), sum(\"ROWS\") FROM salesforce.ApiEvent",
    "SELECT \"USER_TYPE\", count(*) FROM salesforce.ApiEvent GROUP BY 1 ORDER BY 1",
    "SELECT \"ROWS\" FROM salesforce.ApiEvent WHERE \"USER_TYPE\" = 'Guest' AND \"ROWS\" > 40 ORDER BY 1",
    "SELECT count(*) FROM salesforce.ApiEvent WHERE \"_time\" >= '2024-03-12T00:00:00Z' AND \"_time\" < '2024-03-13T06:00:00Z'",
    "SELECT count(*) FROM salesforce.ApiEvent WHERE \"_time\" IS NULL",
    "SELECT \"_uid\" FROM salesforce.ApiEvent ORDER BY \"_time\" DESC NULLS LAST, \"_uid\" LIMIT 5",
    "SELECT count(*) FROM salesforce.ApiEvent a JOIN salesforce.ApiEvent b ON a.\"ROWS\" = b.\"ROWS\" + 1",
    "SELECT count(*) FROM (SELECT * FROM salesforce.ApiEvent LIMIT 7)",
];

#[test]
fn segments_and_inlined_rows_are_one_table() {
    let dir = tempfile::tempdir().unwrap();
    let (mixed, whole) = (open(&dir.path().join("a")), open(&dir.path().join("b")));
    load(&mixed, TABLE, rows(0..60, true));
    stream(&mixed, TABLE, rows(60..100, true));
    load(&whole, TABLE, rows(0..100, true));
    for sql in QUESTIONS {
        assert_eq!(ask(&mixed, sql), ask(&whole, sql), "{sql}");
    }
    assert_eq!(contents(&mixed, TABLE), contents(&whole, TABLE));
    let generation = mixed.generation().unwrap();
    assert_eq!(mixed.flush().unwrap().flushed, 40);
    assert_eq!(mixed.generation().unwrap(), generation, "no answer changed");
    assert_eq!(segment_files(&mixed), 2);
    for sql in QUESTIONS {
        assert_eq!(ask(&mixed, sql), ask(&whole, sql), "{sql}");
    }
    assert_eq!(contents(&mixed, TABLE), contents(&whole, TABLE));
    assert_eq!(mixed.flush().unwrap().segments, 0, "nothing is left to flush");
}

#[test]
fn no_row_is_stored_twice_wherever_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(stream(&store, TABLE, rows(0..100, true)), (100, 0));
    assert_eq!(
        stream(&store, TABLE, rows(50..150, true)),
        (50, 50),
        "known in this process"
    );
    drop(store);
    let store = open(dir.path());
    assert_eq!(
        stream(&store, TABLE, rows(100..160, true)),
        (10, 50),
        "known from the catalogue"
    );
    assert_eq!(
        load(&store, TABLE, rows(150..300, true)),
        (140, 10),
        "a load of segments looks there too"
    );
    assert_eq!(
        stream(&store, TABLE, rows(0..310, true)),
        (10, 300),
        "and the other way round"
    );
    store.flush().unwrap();
    assert_eq!(
        stream(&store, TABLE, rows(0..320, true)),
        (10, 310),
        "flushed rows are still known"
    );
    assert_eq!(load(&store, TABLE, rows(0..2_000, true)), (1_680, 320));
    let mut ingest = store.begin().unwrap();
    ingest.append_unchecked("mixed.t", &rows(0..5, false)).unwrap();
    assert_eq!(ingest.append("mixed.t", rows(0..10, false)).unwrap().duplicates, 5);
    ingest.append_unchecked("mixed.t", &rows(10..15, false)).unwrap();
    ingest.commit().unwrap();
    assert_eq!(stream(&store, "mixed.t", rows(0..20, false)), (5, 15));
    let mut ingest = store.begin().unwrap();
    ingest.append_unchecked("mixed.t", &rows(20..30, false)).unwrap();
    ingest.commit().unwrap();
    assert_eq!(
        stream(&store, "mixed.t", rows(0..40, false)),
        (10, 30),
        "unchecked rows are known as well"
    );
    assert_eq!(contents(&store, "mixed.t").len(), 40);
}

#[test]
fn a_load_that_grows_goes_into_segments_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    for part in 0..12 {
        let kept = ingest.append(TABLE, rows(part * 90..part * 90 + 100, false)).unwrap();
        assert_eq!(kept.duplicates, if part == 0 { 0 } else { 10 });
        ingest
            .append_unchecked(
                "events",
                &batch(vec![("event_uid", Arc::new(StringArray::from(vec![uid(part)])))]),
            )
            .unwrap();
    }
    let report = ingest.commit().unwrap();
    assert_eq!(
        (report.tables[TABLE], report.tables["events"], report.segments),
        (1_090, 12, 2)
    );
    assert_eq!((count(&store, TABLE), count(&store, "events")), (1_090, 12));
    assert_eq!(segment_files(&store), 2);
}

#[test]
fn a_stream_is_flushed_when_its_rows_are_many() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut next = 0;
    let mut most = 0;
    while segment_files(&store) == 0 {
        stream(&store, TABLE, rows(next..next + 1_000, false));
        next += 1_000;
        most = most.max(next);
        assert!(most < 40_000, "it is never flushed");
    }
    assert!(most > 10_000, "flushed after {most} rows");
    assert_eq!(count(&store, TABLE), next);
    assert_eq!(
        stream(&store, TABLE, rows(0..next + 5, false)),
        (5, usize::try_from(next).unwrap())
    );
    let sum = next * (next - 1) / 2 + (next..next + 5).sum::<u64>();
    assert_eq!(
        ask(&store, "SELECT sum(\"ROWS\") FROM salesforce.ApiEvent"),
        [[sum.to_string()]]
    );
    drop(store);
    assert_eq!(count(&open(dir.path()), TABLE), next + 5);
}

pub(crate) fn odd_values() -> RecordBatch {
    let text = [
        "",
        "'",
        "\"q\"",
        "関所 🚧",
        "a\0b",
        "NULL",
        "123",
        "x\ny\\",
        "\u{feff}",
        "-0",
    ];
    let numbers = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        1e300,
        5e-324,
        0.1 + 0.2,
        f64::MAX,
        1e15,
        123.0,
    ];
    let whole = [i64::MIN, i64::MAX, 0, -1, 1, 2, 3, 4, 5, 6];
    let times = [
        -62_135_596_800_000_000,
        253_402_300_799_999_999,
        0,
        -1,
        1,
        START,
        START + 130_000,
        7,
        8,
        9,
    ];
    let with_null = |row: usize| row != 6;
    batch(vec![
        (
            "_uid",
            Arc::new(StringArray::from_iter_values((0..10).map(uid))) as ArrayRef,
        ),
        (
            "_time",
            Arc::new(
                TimestampMicrosecondArray::from_iter((0..10).map(|row| with_null(row).then(|| times[row])))
                    .with_timezone("UTC"),
            ),
        ),
        (
            "text \"of\" 'all'; kinds",
            Arc::new(StringArray::from_iter(
                (0..10).map(|row| with_null(row).then(|| text[row])),
            )),
        ),
        (
            "few.values",
            dictionary((0..10).map(|row| with_null(row).then(|| text[row]))),
        ),
        (
            "whole",
            Arc::new(Int64Array::from_iter(
                (0..10).map(|row| with_null(row).then(|| whole[row])),
            )),
        ),
        (
            "number",
            Arc::new(Float64Array::from_iter(
                (0..10).map(|row| with_null(row).then(|| numbers[row])),
            )),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from_iter(
                (0..10).map(|row| with_null(row).then_some(row % 2 == 0)),
            )),
        ),
        ("empty", Arc::new(StringArray::from(vec![None::<&str>; 10]))),
    ])
}

#[test]
fn every_value_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stream(&store, "a.b", odd_values());
    assert_eq!(segment_files(&store), 0);
    let back = |store: &Store| {
        let batches: Vec<RecordBatch> = store
            .scan("a.b", ScanRange::default(), None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        concat_batches(&batches[0].schema(), &batches).unwrap()
    };
    let expected = texts(std::iter::once(odd_values()));
    assert_eq!(back(&store).schema(), odd_values().schema());
    assert_eq!(texts(std::iter::once(back(&store))), expected);
    assert_eq!(back(&store).column(4), odd_values().column(4));
    let before = ask(&store, "SELECT * FROM a.b ORDER BY \"_uid\"");
    store.flush().unwrap();
    assert_eq!(segment_files(&store), 1);
    assert_eq!(texts(std::iter::once(back(&store))), expected);
    assert_eq!(ask(&store, "SELECT * FROM a.b ORDER BY \"_uid\""), before);
}

#[test]
fn what_the_shape_cannot_hold_goes_into_segments() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let with = |name: &'static str, values: ArrayRef| {
        batch(vec![
            ("_uid", Arc::new(StringArray::from(vec![uid(1)]))),
            (name, values),
        ])
    };
    let text = || Arc::new(StringArray::from(vec!["x"])) as ArrayRef;
    let far = |micros: i64| Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC")) as ArrayRef;
    let cases = [
        ("a.reserved", with("Row_ID", text())),
        ("a.snapshot", with("end_snapshot", text())),
        ("a.rowid", with("_rowid_", text())),
        ("a.nul", with("x\0y", text())),
        ("a.early", with("_time", far(-62_135_596_800_000_001))),
        ("a.late", with("_time", far(253_402_300_800_000_000))),
        ("a.last", with("_time", far(i64::MAX))),
        ("a.first", with("_time", far(i64::MIN))),
    ];
    for (table, rows) in cases {
        let before = segment_files(&store);
        assert_eq!(stream(&store, table, rows.clone()), (1, 0));
        assert_eq!(segment_files(&store), before + 1, "{table}");
        assert_eq!(stream(&store, table, rows), (0, 1));
        assert_eq!(count(&store, table), 1);
    }
    let long = "x".repeat(5 * 1024 * 1024);
    let before = segment_files(&store);
    stream(&store, "a.long", with("t", Arc::new(StringArray::from(vec![long]))));
    assert_eq!(segment_files(&store), before + 1);
}

#[test]
fn a_table_grows_while_its_rows_are_inlined() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let wider = |number: u64| {
        batch(vec![
            ("_uid", Arc::new(StringArray::from(vec![uid(number)])) as ArrayRef),
            ("NEW_TEXT", dictionary([Some("fresh")].into_iter())),
            ("ROWS", Arc::new(Int64Array::from(vec![70]))),
        ])
    };
    stream(&store, TABLE, rows(0..2, false));
    let mut ingest = store.begin().unwrap();
    ingest.append(TABLE, rows(2..3, false)).unwrap();
    ingest.append(TABLE, wider(70)).unwrap();
    ingest.append(TABLE, rows(3..4, false)).unwrap();
    ingest.commit().unwrap();
    stream(&store, TABLE, rows(4..5, false));
    let sql = "SELECT \"ROWS\", \"NEW_TEXT\", \"_time\" IS NULL FROM salesforce.ApiEvent ORDER BY \"ROWS\"";
    let expected = [
        ["0", "", "false"],
        ["1", "", "false"],
        ["2", "", "false"],
        ["3", "", "false"],
        ["4", "", "false"],
        ["70", "fresh", "true"],
    ];
    assert_eq!(segment_files(&store), 0);
    assert_eq!(ask(&store, sql), expected);
    assert_eq!(stream(&store, TABLE, rows(0..5, false)), (0, 5));
    let before = contents(&store, TABLE);
    store.flush().unwrap();
    assert_eq!(segment_files(&store), 1, "all versions become one segment");
    assert_eq!(ask(&store, sql), expected);
    assert_eq!(contents(&store, TABLE), before);
}

#[test]
fn a_checkpoint_and_its_rows_are_one_commit() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let before = store.generation().unwrap();
    let mut ingest = store.begin().unwrap();
    ingest.append(TABLE, rows(0..3, false)).unwrap();
    ingest.append("a.b", rows(0..4, false)).unwrap();
    let checkpoint = Checkpoint {
        source: "stream".to_owned(),
        position: "17".to_owned(),
        watermark_us: None,
    };
    ingest.checkpoint(checkpoint.clone());
    let report = ingest.commit().unwrap();
    assert_eq!((report.tables[TABLE], report.tables["a.b"], report.segments), (3, 4, 0));
    assert_eq!(store.generation().unwrap(), before + 1);
    let reader = read(dir.path());
    assert_eq!(reader.checkpoint("stream").unwrap(), Some(checkpoint));
    assert_eq!((count(&reader, TABLE), count(&reader, "a.b")), (3, 4));
    let mut dropped = store.begin().unwrap();
    dropped.append(TABLE, rows(3..9, false)).unwrap();
    drop(dropped);
    assert_eq!(
        stream(&store, TABLE, rows(0..9, false)),
        (6, 3),
        "a dropped load leaves nothing behind"
    );
}

/// Three ways to count that agree at every moment.
const ONCE: &str =
    "SELECT (SELECT count(*) FROM a.b), (SELECT count(DISTINCT \"_uid\") FROM a.b), (SELECT count(\"ROWS\") FROM a.c)";

#[test]
fn readers_see_each_row_once_while_rows_are_streamed_and_flushed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stream(&store, "a.b", rows(0..1, false));
    stream(&store, "a.c", rows(0..1, false));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looker = |is_own: bool| {
            let other = read(dir.path());
            let reader = if is_own { &other } else { &store };
            let mut seen = 0;
            loop {
                let is_last = is_over.load(Ordering::Acquire);
                let answer = ask(reader, ONCE);
                let counts: BTreeSet<&String> = answer[0].iter().collect();
                assert_eq!(counts.len(), 1, "{answer:?}");
                let now: usize = answer[0][0].parse().unwrap();
                assert!(now >= seen, "{now} after {seen}");
                let scanned = scanned(reader, "a.b", ScanRange::default(), Some(&["_uid"]));
                assert!(scanned.len() >= now);
                assert_eq!(scanned.iter().collect::<BTreeSet<_>>().len(), scanned.len());
                seen = now;
                if is_last {
                    return seen;
                }
            }
        };
        let lookers = [scope.spawn(move || looker(true)), scope.spawn(move || looker(false))];
        for round in 0..60_u64 {
            let mut ingest = store.begin().unwrap();
            for table in ["a.b", "a.c"] {
                ingest.append(table, rows(round * 7..round * 7 + 8, false)).unwrap();
            }
            ingest.commit().unwrap();
            if round % 3 == 0 {
                store.flush().unwrap();
            }
        }
        is_over.store(true, Ordering::Release);
        for looker in lookers {
            assert_eq!(looker.join().unwrap(), 421);
        }
    });
}

/// The rows of the property test: two tables, and the common table that follows from them.
const SPLIT_ROWS: u64 = 1_200;

/// Loads rows of both tables, and the common rows of those kept, as `ingest` does it.
fn load_split(store: &Store, numbers: &[u64], in_segments: bool) {
    let mut ingest = store.begin().unwrap();
    if in_segments {
        ingest.write_segments().unwrap();
    }
    for (table, odd) in [("a.even", 0), ("a.odd", 1)] {
        let parts: Vec<RecordBatch> = numbers
            .iter()
            .filter(|n| **n % 2 == odd)
            .map(|n| rows(*n..*n + 1, n % 7 == 0))
            .collect();
        let Some(first) = parts.first() else { continue };
        let kept = ingest
            .append(table, concat_batches(&first.schema(), &parts).unwrap())
            .unwrap()
            .kept;
        let common = batch(vec![
            ("event_uid", Arc::clone(kept.column(0))),
            ("time", Arc::clone(kept.column(1))),
            ("number", Arc::clone(kept.column(4))),
        ]);
        ingest.append_unchecked("events", &common).unwrap();
    }
    ingest.commit().unwrap();
}

/// Returns one text for all that a store holds.
fn digest(store: &Store) -> String {
    let mut digest = String::new();
    for table in ["a.even", "a.odd", "events"] {
        let mut rows: Vec<String> = scanned(store, table, ScanRange::default(), None)
            .into_iter()
            .map(|row| row.join("|"))
            .collect();
        rows.sort();
        let sql = format!(
            "SELECT count(*), count(DISTINCT {0}) FROM {table}",
            if table == "events" { "event_uid" } else { "\"_uid\"" }
        );
        assert_eq!(ask(store, &sql), [[rows.len().to_string(), rows.len().to_string()]]);
        assert_eq!(count(store, table), rows.len() as u64);
        digest += &format!("{table}\n{}\n", rows.join("\n"));
    }
    digest
}

#[test]
fn however_rows_are_split_between_streams_and_files_the_store_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let whole = open(&dir.path().join("whole"));
    load_split(&whole, &(0..SPLIT_ROWS).collect::<Vec<_>>(), true);
    let expected = digest(&whole);
    let runs = match std::env::var_os("SEKISHO_FULL") {
        Some(value) if value == "1" => 60,
        _ => 6,
    };
    for seed in 1..=runs {
        let path = dir.path().join(seed.to_string());
        let mut store = open(&path);
        let mut state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed);
        let mut random = |limit: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % limit
        };
        // Each row is delivered at least once, some twice, in an order of its own.
        let mut left: Vec<u64> = (0..SPLIT_ROWS).collect();
        for _ in 0..SPLIT_ROWS / 2 {
            left.push(random(SPLIT_ROWS));
        }
        for at in (1..left.len()).rev() {
            left.swap(at, random(at as u64 + 1) as usize);
        }
        while !left.is_empty() {
            let size = [1, 3, 40, 200, 500][random(5) as usize].min(left.len());
            let part = left.split_off(left.len() - size);
            load_split(&store, &part, random(3) == 0);
            match random(6) {
                0 => drop(store.flush().unwrap()),
                1 => {
                    drop(store);
                    store = open(&path);
                }
                _ => {}
            }
        }
        assert_eq!(digest(&store), expected, "seed {seed}");
        store.flush().unwrap();
        assert_eq!(digest(&store), expected, "seed {seed} after a flush");
    }
}

/// Prints the figures of `docs/decisions/001`.
#[test]
#[ignore = "measures commits and flushes; with --nocapture"]
fn figures() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for in_segments in [false, true] {
        for count in [10_u64, 100, 500] {
            let store = open(&dir.path().join(format!("{in_segments}-{count}")));
            let mut times: Vec<f64> = (0..200)
                .map(|round| {
                    let parts = [0, 1].map(|_| rows(round * count / 2..(round + 1) * count / 2, false));
                    let started = std::time::Instant::now();
                    let mut ingest = store.begin().unwrap();
                    if in_segments {
                        ingest.write_segments().unwrap();
                    }
                    for (table, part) in ["a.b", "a.c"].into_iter().zip(parts) {
                        ingest.append(table, part).unwrap();
                    }
                    ingest.commit().unwrap();
                    started.elapsed().as_secs_f64() * 1e3
                })
                .collect();
            times.sort_by(f64::total_cmp);
            println!(
                "segments: {in_segments}, {count} rows in two tables: p50 {:.1} ms, p95 {:.1} ms, mean {:.1} ms",
                times[100],
                times[190],
                times.iter().sum::<f64>() / 200.0
            );
            if in_segments || count < 100 {
                continue;
            }
            let started = std::time::Instant::now();
            ask(
                &store,
                "SELECT \"USER_TYPE\", count(*), max(\"_time\") FROM a.b GROUP BY 1",
            );
            let asked = started.elapsed();
            let started = std::time::Instant::now();
            let rows = crate::kit::count(&store, "a.b");
            let counted = started.elapsed();
            let started = std::time::Instant::now();
            store.flush().unwrap();
            println!(
                "{rows} inlined rows: query {asked:?}, tables {counted:?}, flush of two tables {:?}",
                started.elapsed()
            );
        }
    }
}
