//! What queries may do, name and use.

use std::time::{Duration, Instant};

use sekisho_store::{Error, SqlLimits, Store, sql_over_batches};

use crate::kit::{ask, load, open, rows, texts};

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "salesforce.ApiEvent", rows(0..30, false));
    load(&store, "events", {
        let batch = rows(0..30, false);
        let mut fields: Vec<arrow::datatypes::Field> = batch
            .schema()
            .fields()
            .iter()
            .map(|field| field.as_ref().clone())
            .collect();
        fields[0] = fields[0].clone().with_name("event_uid");
        fields[1] = fields[1].clone().with_name("time");
        arrow::array::RecordBatch::try_new(
            std::sync::Arc::new(arrow::datatypes::Schema::new(fields)),
            batch.columns().to_vec(),
        )
        .unwrap()
    });
    (dir, store)
}

#[test]
fn reading_statements_are_answered() {
    let (_dir, store) = store();
    for (sql, rows) in [
        ("SELECT count(*) FROM events", 1),
        ("select COUNT(*) as n, Sum(\"ROWS\") from events;", 1),
        ("SELECT * FROM \"salesforce\".\"ApiEvent\"", 30),
        ("SELECT * FROM salesforce.ApiEvent", 30),
        ("SELECT * FROM \"salesforce.ApiEvent\"", 30),
        ("SELECT * FROM SALESFORCE.apievent", 30),
        ("SELECT * FROM sekisho.salesforce.ApiEvent", 30),
        ("SELECT * FROM EVENTS LIMIT 7", 7),
        ("SELECT ROWS FROM events WHERE USER_TYPE = 'Guest'", 10),
        ("SELECT USER_TYPE, count(*) FROM events GROUP BY USER_TYPE", 3),
        ("WITH a AS (SELECT 1 AS x) SELECT * FROM a UNION ALL SELECT 2", 2),
        ("VALUES (1), (2), (3)", 3),
        ("SELECT * FROM generate_series(1, 5)", 5),
        ("SELECT * FROM unnest([1, 2])", 2),
        ("DESCRIBE events", 5),
        ("(SELECT 1)", 1),
        (
            "SELECT event_uid FROM events WHERE event_uid IN (SELECT _uid FROM salesforce.ApiEvent)",
            30,
        ),
        (
            "SELECT a.ROWS FROM events a JOIN salesforce.ApiEvent b ON a.event_uid = b._uid",
            30,
        ),
        ("SELECT ROWS, row_number() OVER (ORDER BY time) FROM events", 30),
    ] {
        assert_eq!(ask(&store, sql).len(), rows, "{sql}");
    }
    let plan = ask(&store, "EXPLAIN SELECT * FROM events");
    assert!(!plan.is_empty());
    let tables = ask(&store, "SHOW TABLES").concat();
    for name in ["ApiEvent", "events", "files"] {
        assert!(tables.contains(&name.to_owned()), "{tables:?}");
    }
    let columns = ask(
        &store,
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'ApiEvent'",
    );
    assert_eq!(columns.len(), 5);
    assert_eq!(ask(&store, "SHOW COLUMNS FROM salesforce.ApiEvent").len(), 5);
}

#[test]
fn everything_else_is_refused() {
    let (dir, store) = store();
    let secret = dir.path().join("secret.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let target = dir.path().join("out.csv");
    let copy = format!("COPY events TO '{}'", target.display());
    let copy_query = format!("COPY (SELECT 1) TO '{}' STORED AS CSV", target.display());
    let external = format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{}'", secret.display());
    let location = "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION 'sekisho://store/'";
    let unload = format!("UNLOAD (SELECT 1) TO '{}'", target.display());
    for sql in [
        copy.as_str(),
        &copy_query,
        &external,
        location,
        &unload,
        "INSERT INTO events VALUES (1)",
        "INSERT INTO salesforce.ApiEvent SELECT * FROM salesforce.ApiEvent",
        "UPDATE events SET ROWS = 1",
        "DELETE FROM events",
        "TRUNCATE TABLE events",
        "MERGE INTO events USING salesforce.ApiEvent ON 1 = 1 WHEN MATCHED THEN DELETE",
        "DROP TABLE events",
        "DROP SCHEMA salesforce CASCADE",
        "ALTER TABLE events ADD COLUMN x INT",
        "CREATE TABLE t AS SELECT 1",
        "CREATE TABLE t (a INT)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE SCHEMA s",
        "CREATE DATABASE d",
        "CREATE FUNCTION f(INT) RETURNS INT RETURN $1",
        "CREATE INDEX i ON events (ROWS)",
        "SET datafusion.execution.batch_size = 1",
        "SET TIME ZONE = 'Asia/Tokyo'",
        "RESET datafusion.execution.batch_size",
        "USE salesforce",
        "BEGIN",
        "START TRANSACTION",
        "COMMIT",
        "ROLLBACK",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "DEALLOCATE p",
        "GRANT SELECT ON events TO me",
        "ANALYZE TABLE events",
        "VACUUM events",
        "CALL f()",
        "KILL 1",
        "ATTACH DATABASE 'x' AS y",
        "PRAGMA table_info(events)",
        "LOAD 'x'",
        "EXPLAIN INSERT INTO events VALUES (1)",
        "EXPLAIN ANALYZE DELETE FROM events",
        "EXPLAIN COPY events TO '/tmp/x'",
        "EXPLAIN ANALYZE COPY events TO '/tmp/x'",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE events",
        "SELECT * INTO t FROM events",
        "WITH x AS (SELECT * INTO t FROM events) SELECT 1",
        "WITH x AS (INSERT INTO events VALUES (1) RETURNING *) SELECT * FROM x",
        "SELECT * FROM events FOR UPDATE",
        "SELECT (SELECT 1 FROM events FOR UPDATE)",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
        "SELECT * FROM LATERAL read_csv('/etc/passwd')",
        "SHOW ALL",
        "SHOW datafusion.execution.batch_size",
    ] {
        match store.sql(sql, SqlLimits::default()).map(|result| result.count()) {
            Err(Error::NotReadOnly { .. }) => {}
            // What is not SQL to the parser is not run either.
            Err(Error::Sql { message }) if message.contains("parser error") || message.contains("ParserError") => {
                println!("not SQL here: {sql}: {message}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert!(!target.exists());
    assert_eq!(ask(&store, "SELECT count(*) FROM events"), [["30"]]);
}

#[test]
fn files_are_no_tables() {
    let (dir, store) = store();
    let secret = dir.path().join("secret.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let segment = crate::kit::files_in(&dir.path().join("data/main/events")).remove(0);
    for name in [
        secret.to_str().unwrap().to_owned(),
        "/etc/passwd".into(),
        "file:///etc/passwd".into(),
        format!("sekisho://store/main/events/{segment}"),
        dir.path()
            .join("data/main/events")
            .join(segment)
            .to_str()
            .unwrap()
            .to_owned(),
    ] {
        for sql in [
            format!("SELECT * FROM '{name}'"),
            format!("SELECT * FROM \"{name}\""),
            format!("TABLE \"{name}\""),
        ] {
            let answer = store.sql(&sql, SqlLimits::default()).map(|result| result.count());
            assert!(
                matches!(answer, Err(Error::Sql { .. } | Error::NotReadOnly { .. })),
                "{sql}: {answer:?}"
            );
        }
    }
}

#[test]
fn what_is_not_understood_is_told_apart_from_failing() {
    let (_dir, store) = store();
    let long = format!("SELECT {}", "1 + ".repeat(400_000));
    let deep = format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000));
    for sql in [
        "",
        "   ;",
        "SELEC 1",
        "SELECT nope FROM events",
        "SELECT * FROM nope",
        "SELECT nofunc(1)",
        &long,
        &deep,
    ] {
        let answer = store.sql(sql, SqlLimits::default()).map(|result| result.count());
        assert!(matches!(answer, Err(Error::Sql { .. })), "{sql:.40}: {answer:?}");
    }
    let mut failing = store
        .sql("SELECT 1 / (\"ROWS\" - \"ROWS\") FROM events", SqlLimits::default())
        .unwrap();
    assert!(matches!(failing.next(), Some(Err(Error::SqlFailed { .. }))));
    assert!(failing.next().is_none());
}

#[test]
fn memory_has_a_bound() {
    let (_dir, store) = store();
    let limits = SqlLimits {
        max_memory_bytes: 1024 * 1024,
        ..SqlLimits::default()
    };
    let sql =
        "SELECT count(DISTINCT value), count(DISTINCT md5(CAST(value AS VARCHAR))) FROM generate_series(1, 2000000)";
    let answer: Result<Vec<_>, _> = store.sql(sql, limits).and_then(Iterator::collect);
    assert!(
        matches!(
            answer,
            Err(Error::SqlMemory {
                max_memory_bytes: 1_048_576,
                ..
            })
        ),
        "{answer:?}"
    );
}

#[test]
fn functions_that_make_huge_values_are_bounded() {
    let (_dir, store) = store();
    assert_eq!(
        ask(&store, "SELECT repeat('ab', 3), lpad('7', 3, '0'), rpad('x', 2, '-')"),
        [["ababab", "007", "x-"]]
    );
    assert_eq!(ask(&store, "SELECT count(repeat(USER_TYPE, 2)) FROM events"), [["20"]]);
    for sql in [
        "SELECT repeat('x', 1000000000)",
        "SELECT length(repeat(USER_TYPE, 10000000)) FROM events",
        "SELECT lpad('x', 1000000000)",
        "SELECT rpad(USER_TYPE, 100000000, 'y') FROM events",
        "SELECT repeat('x', ROWS * 100000000) FROM events",
    ] {
        let answer: Result<Vec<_>, _> = store.sql(sql, SqlLimits::default()).and_then(Iterator::collect);
        assert!(matches!(answer, Err(Error::SqlMemory { .. })), "{sql}: {answer:?}");
    }
    for sql in [
        "SELECT generate_series(1, 10000000000)",
        "SELECT range(1, 10000000000)",
        "SELECT array_repeat(1, 10000000000)",
        "SELECT array_resize([1], 10000000000)",
    ] {
        let answer: Result<Vec<_>, _> = store.sql(sql, SqlLimits::default()).and_then(Iterator::collect);
        assert!(matches!(answer, Err(Error::Sql { .. })), "{sql}: {answer:?}");
    }
}

#[test]
fn time_has_a_bound() {
    let (_dir, store) = store();
    let limits = SqlLimits {
        timeout: Duration::from_millis(300),
        ..SqlLimits::default()
    };
    for sql in [
        "SELECT sum(a.value * b.value) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
        "SELECT count(*) FROM generate_series(1, 100000000000) WHERE value < 0",
        "SELECT * FROM generate_series(1, 100000000000) WHERE value < 0",
        "SELECT count(*) FROM events a, events b, events c, events d, events e, events f WHERE a.ROWS + f.ROWS > 100",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    ] {
        let started = Instant::now();
        let answer: Result<Vec<_>, _> = store.sql(sql, limits).and_then(Iterator::collect);
        assert!(matches!(answer, Err(Error::SqlTimeout { .. })), "{sql}: {answer:?}");
        assert!(started.elapsed() < Duration::from_secs(2), "{sql}");
        let started = Instant::now();
        assert_eq!(
            ask(&store, "SELECT count(*) FROM events"),
            [["30"]],
            "the next query runs"
        );
        println!("{:?} to the next answer after {sql}", started.elapsed());
    }
}

#[test]
fn batches_in_memory_answer_alike() {
    let batch = rows(0..30, false);
    let tables = vec![("salesforce.ApiEvent".to_owned(), batch.schema(), vec![batch])];
    let sql = "SELECT USER_TYPE, count(*) FROM salesforce.apievent GROUP BY USER_TYPE ORDER BY 1 NULLS LAST";
    let found = texts(
        sql_over_batches(tables, sql, SqlLimits::default())
            .unwrap()
            .map(Result::unwrap),
    );
    let (_dir, store) = store();
    assert_eq!(found, ask(&store, sql));
    assert_eq!(found, [["Guest", "10"], ["Standard", "10"], ["", "10"]]);
    let refused = sql_over_batches(Vec::new(), "DROP TABLE x", SqlLimits::default());
    assert!(matches!(refused, Err(Error::NotReadOnly { .. })));
}

#[test]
fn long_chains_do_not_overflow_the_stack() {
    let (_dir, store) = store();
    let chain = |term: &str, by: &str, terms: usize| vec![term; terms].join(by);
    assert_eq!(ask(&store, &format!("SELECT {}", chain("1", " + ", 2_000))), [["2000"]]);
    assert_eq!(
        ask(&store, &format!("SELECT {}", chain("true", " AND ", 2_000))),
        [["true"]]
    );
    let steps: Vec<String> = (1..100)
        .map(|step| format!("t{step} AS (SELECT * FROM t{})", step - 1))
        .collect();
    let sql = format!("WITH t0 AS (SELECT 7 AS n), {} SELECT n FROM t99", steps.join(", "));
    assert_eq!(ask(&store, &sql), [["7"]]);
    let too_long = store.sql(&format!("SELECT {}", chain("1", "+", 40_000)), SqlLimits::default());
    assert!(matches!(too_long, Err(Error::Sql { .. })));
}

#[test]
fn rows_that_are_ready_do_not_extend_the_time() {
    let (_dir, store) = store();
    let limits = SqlLimits {
        timeout: Duration::from_millis(300),
        ..SqlLimits::default()
    };
    let mut rows = store
        .sql("SELECT * FROM generate_series(1, 100000000)", limits)
        .unwrap();
    let outcome = loop {
        match rows.next() {
            Some(Ok(_)) => std::thread::sleep(Duration::from_millis(20)),
            other => break other,
        }
    };
    assert!(matches!(outcome, Some(Err(Error::SqlTimeout { .. }))), "{outcome:?}");
}
