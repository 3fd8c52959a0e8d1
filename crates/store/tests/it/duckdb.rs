//! DuckDB opens the store as a DuckLake while it is in use.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow::array::{BooleanArray, Float64Array, StringArray};
use sekisho_store::Error;

use crate::kit::{ask, batch, dictionary, load, open, rows, uid};
use crate::verify::verify;

/// The Python that has DuckDB, where it is not `python3`.
const PYTHON: &str = "SEKISHO_TEST_PYTHON";
const SCRIPT: &str = include_str!("duckdb.py");
/// The script's exit code when a module is missing.
const MISSING: i32 = 77;

#[test]
fn duckdb_reads_the_live_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "salesforce.ApiEvent", rows(0..100, true));
    load(
        &store,
        "events",
        batch(vec![("event_uid", Arc::new(StringArray::from(vec![uid(1)])))]),
    );
    let wider = batch(vec![
        ("_uid", Arc::new(StringArray::from(vec![uid(500), uid(501)]))),
        ("NEW", dictionary([Some("it's \"new\""), None].into_iter())),
        ("RATE", Arc::new(Float64Array::from(vec![f64::NAN, 0.5]))),
        ("FLAG", Arc::new(BooleanArray::from(vec![true, false]))),
    ]);
    load(&store, "salesforce.ApiEvent", wider);
    let ingest = store.begin().unwrap();
    let Some(found) = duckdb("duckdb_reads_the_live_store", dir.path(), &[], "
        SELECT count(*), count(DISTINCT \"_uid\"), count(\"_time\"), sum(\"ROWS\"), max(\"ROWS\") FROM lake.salesforce.ApiEvent;
        SELECT count(*) FROM lake.main.events;
        SELECT CAST(min(epoch_us(\"_time\")) AS VARCHAR), CAST(max(epoch_us(\"_time\")) AS VARCHAR) FROM lake.salesforce.ApiEvent;
        SELECT count(*) FROM lake.salesforce.ApiEvent WHERE USER_TYPE = 'Guest';
        SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"NEW\" IS NULL;
        SELECT \"_uid\", RATE, FLAG FROM lake.salesforce.ApiEvent WHERE \"NEW\" LIKE 'it''s%';
        SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"_time\" >= TIMESTAMPTZ '2024-03-12 00:00:00+00' AND \"_time\" < TIMESTAMPTZ '2024-03-13 00:00:00+00';
        SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"ROWS\" BETWEEN 10 AND 19;
        SELECT count(*) FROM lake.salesforce.ApiEvent WHERE RATE > 0.1;
        SELECT count(*) FROM lake.salesforce.ApiEvent WHERE FLAG;
        SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'lake' AND table_name = 'ApiEvent' ORDER BY column_index;
        SELECT count(*) FROM ducklake_snapshots('lake');
    ") else {
        return;
    };
    drop(ingest);
    let first = uid(500);
    let expected = [
        "102|102|90|4950|99",
        "1",
        "1710118800000000|1710471600000000",
        "33",
        "101",
        &format!("{first}|nan|True"),
        "22",
        "10",
        "2",
        "1",
        "_uid|VARCHAR",
        "_time|TIMESTAMP WITH TIME ZONE",
        "_org|VARCHAR",
        "USER_TYPE|VARCHAR",
        "ROWS|BIGINT",
        "NEW|VARCHAR",
        "RATE|DOUBLE",
        "FLAG|BOOLEAN",
        "4",
    ];
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn rows_that_duckdb_adds_are_read_and_rows_it_deletes_are_not_hidden() {
    let name = "rows_that_duckdb_adds_are_read_and_rows_it_deletes_are_not_hidden";
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..10, false));
    load(&store, "a.c", rows(0..10, false));
    let insert = format!(
        "INSERT INTO lake.a.b VALUES ('{}', TIMESTAMPTZ '2025-01-01 00:00:00+00', 'o', 'Guest', 77);
         DELETE FROM lake.a.c WHERE \"ROWS\" = 3",
        uid(77)
    );
    if duckdb(name, dir.path(), &["write"], &insert).is_none() {
        return;
    }
    assert_eq!(ask(&store, "SELECT count(*), max(\"ROWS\") FROM a.b"), [["11", "77"]]);
    assert_eq!(
        load(&store, "a.b", rows(77..78, false)),
        (0, 1),
        "its rows count as stored"
    );
    assert_eq!(load(&store, "a.b", rows(78..79, false)), (1, 0), "and loading goes on");
    assert!(matches!(
        store.scan("a.c", Default::default(), None),
        Err(Error::Foreign { .. })
    ));
    let again = duckdb(name, dir.path(), &[], "SELECT count(*), max(\"ROWS\") FROM lake.a.b").unwrap();
    assert_eq!(again.trim(), "12|78");
}

#[test]
fn what_duckdb_changes_in_the_catalogue_is_no_damage() {
    let name = "what_duckdb_changes_in_the_catalogue_is_no_damage";
    let dir = tempfile::tempdir().unwrap();
    load(&open(dir.path()), "a.b", rows(0..10, false));
    let insert = format!(
        "INSERT INTO lake.a.b VALUES ('{}', TIMESTAMPTZ '2025-01-01 00:00:00+00', 'o', 'Guest', 77)",
        uid(77)
    );
    if duckdb(name, dir.path(), &["write"], &insert).is_none() {
        return;
    }
    let report = verify(dir.path());
    assert!(report.is_ok(), "{report:#?}");
    assert_eq!(report.unsummed[0], "catalogue.sqlite", "{report:#?}");
    assert!(report.unsummed[1].contains("ducklake-"), "{report:#?}");
    load(&open(dir.path()), "a.b", rows(10..20, false));
    let report = verify(dir.path());
    assert!(report.is_ok(), "{report:#?}");
    assert!(!report.unsummed.contains(&"catalogue.sqlite".to_owned()), "{report:#?}");
}

/// Returns what DuckDB prints, or `None`, said aloud, where it is not installed.
pub(crate) fn duckdb(test: &str, store: &Path, arguments: &[&str], sql: &str) -> Option<String> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let child = Command::new(&python)
        .args(["-c", SCRIPT])
        .arg(store)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: {test}: {python} is missing");
        return None;
    };
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    if output.status.code() == Some(MISSING) {
        println!("skipped: {test}: {}", text.trim());
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}
