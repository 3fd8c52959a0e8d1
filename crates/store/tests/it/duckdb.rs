//! DuckDB opens the store as a DuckLake while it is in use.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow::array::{BooleanArray, Float64Array, StringArray};
use sekisho_store::{Error, Store};

use crate::inline::odd_values;
use crate::kit::{ask, batch, count, dictionary, load, open, rows, stream, uid};
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
fn duckdb_reads_and_flushes_inlined_rows() {
    let name = "duckdb_reads_and_flushes_inlined_rows";
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stream(&store, "salesforce.ApiEvent", rows(0..100, true));
    stream(&store, "a.b", odd_values());
    load(&store, "a.c", rows(0..10, false));
    stream(&store, "a.c", rows(10..15, false));
    let wider = batch(vec![
        ("_uid", Arc::new(StringArray::from(vec![uid(500), uid(501)]))),
        ("NEW", dictionary([Some("it's \"new\""), Some("x")].into_iter())),
        ("FLAG", Arc::new(BooleanArray::from(vec![true, false]))),
    ]);
    stream(&store, "salesforce.ApiEvent", wider);
    let ours = inlined_answers(&store);
    let Some(found) = duckdb(name, dir.path(), &[], INLINED) else {
        return;
    };
    let first = uid(500);
    let expected = [
        "102|102|90|4950|99",
        "33",
        "100",
        "22",
        "10",
        &first,
        "2",
        "15|105|10",
        "10|9|9|9|9|9|0",
        "0|-62135596800000000|-9223372036854775808|nan|True",
        "1|253402300799999999|9223372036854775807|inf|False",
        "3|0|0|-inf|True",
        "11|-1|-1|-0.0|False",
        "3|1|1|1e+300|True",
        "4|1710115200000000|2|5e-324|False",
        "||||",
        "4|7|4|1.7976931348623157e+308|False",
        "3|8|5|1000000000000000.0|True",
        "2|9|6|123.0|False",
    ];
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines, expected);
    // DuckDB may do with them what it does with its own.
    let changes = format!(
        "CALL ducklake_flush_inlined_data('lake', schema_name => 'a', table_name => 'b');
         DELETE FROM lake.a.c WHERE \"ROWS\" = 12;
         INSERT INTO lake.a.c VALUES ('{}', TIMESTAMPTZ '2025-01-01 00:00:00+09', 'o', 'Guest', 77)",
        uid(77)
    );
    duckdb(name, dir.path(), &["inline"], &changes).unwrap();
    assert_eq!(inlined_answers(&store)[0], ours[0]);
    assert_eq!(
        ask(&store, "SELECT count(*), sum(\"ROWS\"), max(\"_time\") FROM a.c"),
        [["15", "170", "2024-12-31T15:00:00Z"]]
    );
    assert_eq!(
        stream(&store, "a.c", rows(10..16, false)),
        (2, 4),
        "the deleted row is new again"
    );
    assert_eq!(stream(&store, "a.c", rows(77..78, false)), (0, 1));
    assert_eq!(count(&store, "a.c"), 17);
    store.flush().unwrap();
    let after = "SELECT count(*), sum(\"ROWS\") FROM lake.a.c; SELECT count(*) FROM lake.salesforce.ApiEvent;
         SELECT count(*) FROM ducklake_table_info('lake')";
    assert_eq!(
        duckdb(name, dir.path(), &[], after)
            .unwrap()
            .lines()
            .collect::<Vec<_>>(),
        ["17|197", "102", "3"]
    );
    assert_eq!(ask(&store, "SELECT count(*), sum(\"ROWS\") FROM a.c"), [["17", "197"]]);
    assert_eq!(ask(&store, "SELECT count(*) FROM salesforce.ApiEvent"), [["102"]]);
}

fn inlined_answers(store: &Store) -> Vec<Vec<Vec<String>>> {
    vec![
        ask(store, "SELECT * FROM a.b ORDER BY \"_uid\""),
        ask(store, "SELECT * FROM a.c ORDER BY \"_uid\""),
    ]
}

const INLINED: &str = "
    SELECT count(*), count(DISTINCT \"_uid\"), count(\"_time\"), sum(\"ROWS\"), max(\"ROWS\") FROM lake.salesforce.ApiEvent;
    SELECT count(*) FROM lake.salesforce.ApiEvent WHERE USER_TYPE = 'Guest';
    SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"NEW\" IS NULL;
    SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"_time\" >= TIMESTAMPTZ '2024-03-12 00:00:00+00' AND \"_time\" < TIMESTAMPTZ '2024-03-13 00:00:00+00';
    SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"ROWS\" BETWEEN 10 AND 19;
    SELECT \"_uid\" FROM lake.salesforce.ApiEvent WHERE \"NEW\" LIKE 'it''s%' AND FLAG;
    SELECT count(*) FROM lake.salesforce.ApiEvent WHERE \"ROWS\" IS NULL;
    SELECT count(*), sum(\"ROWS\"), count(*) FILTER (\"ROWS\" < 10) FROM lake.a.c;
    SELECT count(*), count(\"_time\"), count(whole), count(number), count(flag), count(\"few.values\"), count(\"empty\") FROM lake.a.b;
    SELECT CAST(strlen(COLUMNS('^text')) AS VARCHAR), CAST(epoch_us(\"_time\") AS VARCHAR), CAST(whole AS VARCHAR), number, flag FROM lake.a.b ORDER BY rowid;
";

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
