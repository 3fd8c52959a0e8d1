//! Loading: idempotence, bounds, quarantine, locks.

use std::sync::Arc;

use arrow::array::{Int64Array, StringArray};
use sekisho_store::{Checkpoint, Error, FileRecord, Mode, NoKnownTables, QuarantineRow, Store};

use crate::kit::{START, ask, batch, count, files_in, load, open, read, rows, uid};

#[test]
fn the_same_rows_twice_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(load(&store, "salesforce.ApiEvent", rows(0..100, true)), (100, 0));
    assert_eq!(load(&store, "salesforce.ApiEvent", rows(0..100, true)), (0, 100));
    assert_eq!(load(&store, "salesforce.ApiEvent", rows(50..150, true)), (50, 50));
    assert_eq!(count(&store, "salesforce.ApiEvent"), 150);
    drop(store);
    let store = open(dir.path());
    assert_eq!(load(&store, "salesforce.ApiEvent", rows(0..150, true)), (0, 150));
    assert_eq!(
        load(&store, "salesforce.LoginEvent", rows(0..1, true)),
        (1, 0),
        "another table has its own rows"
    );
}

#[test]
fn duplicates_within_one_load_are_dropped_and_order_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    let twice = batch(vec![
        (
            "_uid",
            Arc::new(StringArray::from(vec![uid(2), uid(1), uid(2), uid(3)])),
        ),
        ("n", Arc::new(Int64Array::from(vec![20, 10, 21, 30]))),
    ]);
    let appended = ingest.append("gitlab.api_log", twice).unwrap();
    assert_eq!(appended.duplicates, 1);
    let kept: Vec<Vec<String>> = crate::kit::texts(std::iter::once(appended.kept));
    assert_eq!(
        kept.iter().map(|row| row[1].as_str()).collect::<Vec<_>>(),
        ["20", "10", "30"]
    );
    let again = batch(vec![
        ("_uid", Arc::new(StringArray::from(vec![uid(3), uid(4)]))),
        ("n", Arc::new(Int64Array::from(vec![30, 40]))),
    ]);
    assert_eq!(ingest.append("gitlab.api_log", again).unwrap().duplicates, 1);
    let report = ingest.commit().unwrap();
    assert_eq!((report.tables["gitlab.api_log"], report.duplicates), (4, 2));
}

#[test]
fn rows_moved_by_a_time_zone_are_still_the_same_rows() {
    use arrow::array::TimestampMicrosecondArray;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let at = |micros: i64| {
        batch(vec![
            ("_uid", Arc::new(StringArray::from(vec![uid(1)]))),
            (
                "_time",
                Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC")),
            ),
        ])
    };
    load(&store, "salesforce.LoginHistory", at(START));
    assert_eq!(
        load(&store, "salesforce.LoginHistory", at(START - 9 * 3_600_000_000)),
        (0, 1)
    );
}

#[test]
fn the_common_table_follows_without_a_check() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    let common = batch(vec![("event_uid", Arc::new(StringArray::from(vec![uid(1), uid(2)])))]);
    ingest.append_unchecked("events", &common).unwrap();
    ingest.commit().unwrap();
    assert_eq!(count(&store, "events"), 2);
    // A later checked append finds them although no identities were written with them.
    assert_eq!(load(&store, "events", common.clone()), (0, 2));
    let mut ingest = store.begin().unwrap();
    ingest.append_unchecked("mixed.t", &rows(0..5, false)).unwrap();
    assert_eq!(ingest.append("mixed.t", rows(0..10, false)).unwrap().duplicates, 5);
    ingest.append_unchecked("mixed.t", &rows(10..15, false)).unwrap();
    assert_eq!(ingest.append("mixed.t", rows(0..20, false)).unwrap().duplicates, 15);
    ingest.commit().unwrap();
}

#[test]
fn a_lost_or_damaged_identity_file_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "salesforce.ApiEvent", rows(0..50, false));
    let folder = dir.path().join("data/salesforce/ApiEvent");
    let name = files_in(&folder)
        .into_iter()
        .find(|name| name.ends_with(".uids"))
        .unwrap();
    std::fs::write(folder.join(&name), b"SKSHUID1 and then nonsense").unwrap();
    assert_eq!(load(&store, "salesforce.ApiEvent", rows(0..50, false)), (0, 50));
    std::fs::remove_file(folder.join(&name)).unwrap();
    assert_eq!(load(&store, "salesforce.ApiEvent", rows(0..50, false)), (0, 50));
}

#[test]
fn rows_without_identity_are_a_typed_error() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    for values in [vec![None], vec![Some("short".to_owned())], vec![Some("z".repeat(32))]] {
        let bad = batch(vec![("_uid", Arc::new(StringArray::from(values)))]);
        assert!(matches!(ingest.append("a.b", bad), Err(Error::Identity { .. })));
    }
    let none = batch(vec![("n", Arc::new(Int64Array::from(vec![1])))]);
    assert!(matches!(ingest.append("a.b", none), Err(Error::Identity { .. })));
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    for name in ["../evil", "a./b", "a.b.c", "", "a.\"b", "/etc.passwd/x"] {
        assert!(
            matches!(ingest.append(name, rows(0..1, false)), Err(Error::TableName { .. })),
            "{name}"
        );
    }
    ingest.append("salesforce.ApiEvent", rows(0..1, false)).unwrap();
    assert!(matches!(
        ingest.append("salesforce.apievent", rows(0..1, false)),
        Err(Error::Case { .. })
    ));
}

#[test]
fn files_and_quarantine_can_be_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let long = "é".repeat(4000);
    for _ in 0..2 {
        let mut ingest = store.begin().unwrap();
        ingest.append("gitlab.api_log", rows(0..3, false)).unwrap();
        ingest.note_file(FileRecord {
            name: "api_json.log".into(),
            sha256: "ab".repeat(32),
            bytes: 10,
            kind: "gitlab-api-log".into(),
            events: 3,
            duplicates: 0,
            rejected: 2,
        });
        for line in [7, 9] {
            let row = QuarantineRow {
                org: "unknown",
                file: "api_json.log",
                line,
                reason: "no JSON",
                excerpt: &long,
            };
            ingest.quarantine(&row).unwrap();
        }
        ingest.commit().unwrap();
    }
    let files = ask(&store, "SELECT name, events, rejected, loads FROM sekisho.files");
    assert_eq!(files, [["api_json.log", "3", "2", "2"]]);
    let rows = ask(
        &store,
        "SELECT \"_file\", \"_line\", reason, octet_length(excerpt) FROM sekisho.quarantine ORDER BY \"_line\"",
    );
    assert_eq!(
        rows,
        [
            ["api_json.log", "7", "no JSON", "1024"],
            ["api_json.log", "9", "no JSON", "1024"]
        ]
    );
}

#[test]
fn one_writer_at_a_time_and_readers_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Store::open(dir.path(), Mode::ReadOnly, Arc::new(NoKnownTables));
    assert!(matches!(missing, Err(Error::NoStore { .. })));
    let store = open(dir.path());
    load(&store, "a.b", rows(0..10, false));
    let second = Store::open(dir.path(), Mode::ReadWrite, Arc::new(NoKnownTables));
    assert!(matches!(second, Err(Error::Locked { .. })));
    let mut ingest = store.begin().unwrap();
    assert!(matches!(store.begin(), Err(Error::IngestRunning { .. })));
    ingest.append("a.b", rows(10..20, false)).unwrap();
    let reader = read(dir.path());
    assert_eq!(count(&reader, "a.b"), 10);
    assert!(matches!(reader.begin(), Err(Error::ReadOnly { .. })));
    ingest.commit().unwrap();
    assert_eq!(
        count(&reader, "a.b"),
        20,
        "a reader sees a commit without opening again"
    );
    assert_eq!(ask(&reader, "SELECT count(*) FROM a.b"), [["20"]]);
}

#[test]
fn a_moved_store_still_works() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (dir.path().join("old 1%?#関所"), dir.path().join("new"));
    load(&open(&old), "a.b", rows(0..10, false));
    assert_eq!(ask(&read(&old), "SELECT count(\"ROWS\") FROM a.b"), [["10"]]);
    std::fs::rename(&old, &new).unwrap();
    assert_eq!(ask(&read(&new), "SELECT count(\"ROWS\") FROM a.b"), [["10"]]);
    assert_eq!(load(&open(&new), "a.b", rows(0..10, false)), (0, 10));
}

#[test]
fn many_tables_at_once_stay_within_the_bound_on_open_segments() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    for round in 0..2 {
        for table in 0..100 {
            let appended = ingest
                .append(&format!("many.t{table}"), rows(round * 5..round * 5 + 10, false))
                .unwrap();
            assert_eq!(
                appended.duplicates,
                if round == 0 { 0 } else { 5 },
                "ended segments are searched too"
            );
        }
    }
    let report = ingest.commit().unwrap();
    assert_eq!(report.tables.len(), 100);
    assert!(report.tables.values().all(|rows| *rows == 15));
    assert!(report.segments > 100);
}

#[test]
fn a_checkpoint_is_committed_with_its_load_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let at = |position: &str| Checkpoint {
        source: "elf:00D000000000001".to_owned(),
        position: position.to_owned(),
        watermark_us: Some(START),
    };
    assert_eq!(store.checkpoint("elf:00D000000000001").unwrap(), None);
    for (position, is_committed) in [("2024-03-11,0AT1", true), ("2024-03-11,0AT2", false)] {
        let mut ingest = store.begin().unwrap();
        ingest.append("a.b", rows(0..3, false)).unwrap();
        ingest.checkpoint(at(position));
        if is_committed {
            ingest.commit().unwrap();
        }
    }
    let found = read(dir.path()).checkpoint("elf:00D000000000001").unwrap();
    assert_eq!(found, Some(at("2024-03-11,0AT1")));
}
