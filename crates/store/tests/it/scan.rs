//! Time ranges.

use sekisho_store::ScanRange;

use crate::kit::{DAY, START, ask, load, open, rows, texts};

#[test]
fn segments_outside_the_range_are_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for day in 0..10 {
        load(&store, "a.b", rows(day * 24..(day + 1) * 24, false));
    }
    let range = ScanRange {
        from: Some(START + 3 * DAY),
        to: Some(START + 5 * DAY),
    };
    let scan = store.scan("a.b", range, Some(&["ROWS"])).unwrap();
    assert_eq!(scan.segments_left(), 2);
    assert_eq!(scan.schema().fields().len(), 1);
    let found = texts(scan.map(Result::unwrap));
    let expected: Vec<Vec<String>> = (72..120).map(|n| vec![n.to_string()]).collect();
    assert_eq!(found, expected);
}

#[test]
fn ranges_are_half_open_and_leave_rows_without_time_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..48, true));
    let rows_in = |range| -> usize {
        store
            .scan("a.b", range, None)
            .unwrap()
            .map(|batch| batch.unwrap().num_rows())
            .sum()
    };
    assert_eq!(rows_in(ScanRange::default()), 48);
    let hour = |n: i64| Some(START + n * 3_600_000_000);
    assert_eq!(
        rows_in(ScanRange {
            from: hour(1),
            to: hour(3)
        }),
        2
    );
    assert_eq!(
        rows_in(ScanRange {
            from: None,
            to: hour(2)
        }),
        1,
        "row 0 has no time"
    );
    assert_eq!(
        rows_in(ScanRange {
            from: hour(0),
            to: None
        }),
        43
    );
    assert_eq!(
        rows_in(ScanRange {
            from: hour(100),
            to: None
        }),
        0
    );
    let stat = store.tables().unwrap().remove(0);
    assert_eq!((stat.from, stat.to, stat.events), (hour(1), hour(47), 48));
}

#[test]
fn sql_finds_the_same_rows_by_time_as_a_scan() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for day in 0..4 {
        load(&store, "a.b", rows(day * 24..(day + 1) * 24, true));
    }
    let sql =
        "SELECT count(*) FROM a.b WHERE \"_time\" >= '2024-03-12T00:00:00Z' AND \"_time\" < '2024-03-13T06:00:00Z'";
    let range = ScanRange {
        from: Some(START + DAY),
        to: Some(START + 2 * DAY + DAY / 4),
    };
    let scanned: usize = store
        .scan("a.b", range, Some(&[]))
        .unwrap()
        .map(|batch| batch.unwrap().num_rows())
        .sum();
    assert_eq!(ask(&store, sql), [[scanned.to_string()]]);
    assert_eq!(
        ask(&store, "SELECT count(*) FROM a.b WHERE \"_time\" IS NULL"),
        [["10"]]
    );
    assert_eq!(
        ask(&store, "SELECT min(\"ROWS\"), max(\"_time\") FROM a.b"),
        [["0", "2024-03-14T23:00:00Z"]]
    );
    let plan = ask(&store, &format!("EXPLAIN ANALYZE {sql}"));
    let plan = plan.concat().concat();
    assert!(
        plan.contains("files_ranges_pruned_statistics=4 total → 2 matched"),
        "{plan}"
    );
}
