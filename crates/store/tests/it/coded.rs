//! Grouping, counting and filtering by the values of dictionaries gives the answers that rows give.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use sekisho_store::{SqlLimits, Store, sql_over_batches};

use crate::kit::{START, ask, batch, load, open, texts, uid};

/// Statements, and after `=>` another one with the same answer, where the engine's own way is not what is compared with.
const STATEMENTS: &[&str] = &[
    "SELECT user, count(*) FROM t GROUP BY user",
    "SELECT user, ip, count(*), sum(n), min(f), max(f), avg(n), count(n), count(user) FROM t GROUP BY user, ip",
    "SELECT user, date_trunc('day', _time), count(*), sum(n) FROM t GROUP BY 1, 2",
    "SELECT date_trunc('DAY', _time) AS day, min(user), max(ip) FROM t GROUP BY 1",
    "SELECT date_trunc('hour', _time), date_trunc('month', _time), date_trunc('week', _time), count(*) FROM t GROUP BY 1, 2, 3",
    "SELECT user, n, text, ip, count(*) FROM t GROUP BY 1, 2, 3, 4",
    "SELECT upper(user), count(*) FROM t GROUP BY 1",
    "SELECT coalesce(user, 'nobody'), count(*) FROM t GROUP BY 1",
    "SELECT nullif(user, 'ann'), count(*) FROM t GROUP BY 1",
    "SELECT left(ip, length(ip) - length(split_part(ip, '.', 4))) AS network, count(*) FROM t WHERE NOT ip_in_cidr(ip, '192.0.2.0/26') GROUP BY 1",
    "SELECT user, count(*) FROM t WHERE user LIKE '%a%' GROUP BY 1",
    "SELECT user, max(user), min(ip), count(*) FROM t WHERE ip <> '192.0.2.1' OR user IS NULL GROUP BY 1",
    "SELECT user || ip, count(*) FROM t GROUP BY 1",
    "SELECT DISTINCT user FROM t",
    "SELECT DISTINCT user, ip FROM t",
    "SELECT u, count(*) FROM (SELECT user AS u, n FROM t WHERE n > 50) AS s GROUP BY u HAVING count(*) > 2",
    "SELECT u.user, u.c FROM (SELECT user, count(*) AS c FROM t GROUP BY user) u ORDER BY 2 DESC, 1 LIMIT 3",
    "SELECT user, count(*) FROM t GROUP BY user HAVING user = 'ann'",
    "SELECT c, count(*) FROM (SELECT user, count(*) AS c FROM t GROUP BY user) GROUP BY c",
    "SELECT a.user, a.c, b.c FROM (SELECT user, count(*) AS c FROM t GROUP BY user) a JOIN (SELECT user, count(*) AS c FROM t WHERE n > 9 GROUP BY user) b ON a.user = b.user",
    "SELECT user, count(*), rank() OVER (ORDER BY count(*) DESC, user) FROM t GROUP BY user",
    "SELECT user, count(*) FROM t GROUP BY user UNION ALL SELECT ip, count(*) FROM t GROUP BY ip",
    "SELECT user, ip, count(*) FROM t GROUP BY ROLLUP (user, ip)",
    "SELECT user, array_agg(ip ORDER BY ip, n) FROM t GROUP BY user",
    "SELECT CASE WHEN user = 'ann' THEN ip ELSE user END, count(*) FROM t GROUP BY 1",
    "SELECT count(*) FROM t GROUP BY user",
    "SELECT user, count(*) FROM t WHERE false GROUP BY user",
    // Conditions.
    "SELECT * FROM t WHERE user = 'ann'",
    "SELECT n, user, ip FROM t WHERE user IN ('ann', 'nobody') OR ip IN ('192.0.2.3', '192.0.2.77') OR n = 4",
    "SELECT n FROM t WHERE user IS NULL",
    "SELECT n FROM t WHERE user IS NOT NULL AND ip NOT IN ('192.0.2.1', '192.0.2.2')",
    "SELECT n FROM t WHERE coalesce(user, 'x') = 'x' AND NOT (ip LIKE '%.1')",
    "SELECT n FROM t WHERE user = ip OR user < ip",
    "SELECT n FROM t WHERE (lower(user) || 'x') = 'annx' AND text ILIKE '%LONG%'",
    "SELECT n FROM t WHERE (user = 'ann') IS TRUE OR (user > 'b') IS UNKNOWN",
    "SELECT n FROM t WHERE user IN (SELECT user FROM t WHERE n = 3)",
    "SELECT user, text FROM t WHERE text = 'short 3' AND user IS NOT NULL ORDER BY n LIMIT 2",
    "SELECT count(*) FROM t WHERE user LIKE 'a%'",
    "SELECT x.n, y.n FROM t x JOIN t y ON x.user = y.user WHERE x.ip = '192.0.2.1' AND y.ip = '192.0.2.2'",
    "SELECT n FROM t WHERE (user IS DISTINCT FROM 'ann') AND n < 20",
    "SELECT max(user), min(user), count(user) FROM t WHERE ip > '192.0.2.3'",
    // Distinct counts, beside a way of counting that no rule knows.
    "SELECT user, count(DISTINCT ip), count(*) FROM t GROUP BY user => SELECT user, {ip}, count(*) FROM t GROUP BY user",
    "SELECT user, count(DISTINCT ip), count(n), sum(n), min(n), max(ip), sum(f) FROM t GROUP BY user => SELECT user, {ip}, count(n), sum(n), min(n), max(ip), sum(f) FROM t GROUP BY user",
    "SELECT count(DISTINCT user), count(*) FROM t => SELECT {user}, count(*) FROM t",
    "SELECT count(DISTINCT user), count(*), count(n) FROM t WHERE n < 0 => SELECT {user}, count(*), count(n) FROM t WHERE n < 0",
    "SELECT count(DISTINCT text) FROM t => SELECT {text} FROM t",
    "SELECT user, count(DISTINCT ip), count(DISTINCT text), count(*), avg(n) FROM t GROUP BY user => SELECT user, {ip}, {text}, count(*), avg(n) FROM t GROUP BY user",
    "SELECT count(DISTINCT n), count(DISTINCT user) FROM t => SELECT {n}, {user} FROM t",
    "SELECT user, count(DISTINCT upper(ip)) FROM t GROUP BY user => SELECT user, {upper(ip)} FROM t GROUP BY user",
    "SELECT user, count(DISTINCT ip) FILTER (WHERE n > 5), count(*) FROM t GROUP BY user => SELECT user, coalesce(array_length(array_agg(DISTINCT ip) FILTER (WHERE n > 5 AND ip IS NOT NULL)), 0), count(*) FROM t GROUP BY user",
    "SELECT date_trunc('day', _time), count(DISTINCT user), count(*) FROM t GROUP BY 1 => SELECT date_trunc('day', _time), {user}, count(*) FROM t GROUP BY 1",
    "SELECT user, count(DISTINCT user), count(*) FROM t GROUP BY user => SELECT user, {user}, count(*) FROM t GROUP BY user",
    "SELECT user, sum(DISTINCT n), count(*) FROM t GROUP BY user",
];

#[test]
fn dictionaries_give_the_answers_that_rows_give() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let batches: Vec<RecordBatch> = [0..120, 120..121, 121..400].into_iter().map(events).collect();
    for batch in &batches {
        load(&store, "main.t", batch.clone());
    }
    for statement in STATEMENTS {
        let (ours, other) = statement.split_once(" => ").unwrap_or((statement, statement));
        assert_eq!(
            sorted(ask(&store, ours)),
            sorted(of_rows(&batches, &without_distinct(other))),
            "{statement}"
        );
    }
}

#[test]
fn plans_use_dictionaries() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "main.t", events(0..50));
    let plan = |statement: &str| format!("{:?}", ask(&store, &format!("EXPLAIN {statement}")));
    let grouped = plan("SELECT user, count(DISTINCT ip), count(*) FROM t WHERE ip LIKE '192%' GROUP BY user");
    for part in ["pair(code_of_text(t.user), code_of_text(t.ip))", "per_value"] {
        assert!(grouped.contains(part), "{part} is not in {grouped}");
    }
    // What repeats little is no dictionary.
    assert!(!plan("SELECT text, count(*) FROM t WHERE text LIKE 'a%' GROUP BY text").contains("code_of_text"));
}

#[test]
fn a_dictionary_of_many_values_is_grouped_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    // More than a page of a Parquet dictionary holds, so that later pages are plain text.
    let each: Vec<String> = (0..30_000).map(|number| format!("{:0>60}", number % 20_000)).collect();
    let texts: ArrayRef = Arc::new(
        each.iter()
            .map(|text| Some(text.as_str()))
            .collect::<DictionaryArray<Int32Type>>(),
    );
    let uids: ArrayRef = Arc::new(StringArray::from_iter_values((0..30_000).map(uid)));
    load(&store, "main.t", batch(vec![("_uid", uids), ("text", texts)]));
    assert_eq!(
        ask(
            &store,
            "SELECT c, count(*) FROM (SELECT text, count(*) AS c FROM t GROUP BY text) GROUP BY c ORDER BY c"
        ),
        [["1", "10000"], ["2", "10000"]]
    );
    assert_eq!(
        ask(&store, "SELECT count(DISTINCT text), count(*) FROM t"),
        [["20000", "30000"]]
    );
    assert_eq!(ask(&store, "SELECT count(*) FROM t WHERE text LIKE '%19'"), [["300"]]);
}

#[test]
fn groups_with_more_texts_than_memory_go_to_disk() {
    let (_dir, store) = long_texts();
    let limits = SqlLimits {
        max_memory_bytes: 24 * 1024 * 1024,
        ..SqlLimits::default()
    };
    let sql = "SELECT text, count(*) AS c FROM t GROUP BY text";
    let batches = store.sql(sql, limits).unwrap().collect::<Result<Vec<_>, _>>();
    let rows: usize = batches.unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows as u64, TEXTS);
}

/// Distinct texts that take 40 MB.
const TEXTS: u64 = 100_000;

/// A store of them.
fn long_texts() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for first in (0..TEXTS).step_by(20_000) {
        let each: Vec<String> = (first..first + 20_000)
            .map(|number| format!("{number:0>400}"))
            .collect();
        let texts: ArrayRef = Arc::new(
            each.iter()
                .map(|text| Some(text.as_str()))
                .collect::<DictionaryArray<Int32Type>>(),
        );
        let uids: ArrayRef = Arc::new(StringArray::from_iter_values((first..first + 20_000).map(uid)));
        load(&store, "main.t", batch(vec![("_uid", uids), ("text", texts)]));
    }
    (dir, store)
}

fn events(numbers: std::ops::Range<u64>) -> RecordBatch {
    let users = ["ann", "bob", "Cy", "dan the user with a long name", ""];
    let of = |number: u64, step: u64, count: u64| number.wrapping_mul(step) / 7 % count;
    let numbers: Vec<u64> = numbers.collect();
    let each = || numbers.iter().copied();
    let user = each().map(|number| (number % 6 != 5).then(|| users[of(number, 13, 5) as usize]));
    let ips: Vec<String> = each().map(|number| format!("192.0.2.{}", of(number, 31, 90))).collect();
    let ip = each()
        .zip(&ips)
        .map(|(number, ip)| (number % 11 != 3).then_some(ip.as_str()));
    let text = each().map(|number| {
        format!(
            "{} {}",
            ["short", "a text that is rather long"][(number % 2) as usize],
            number % 9
        )
    });
    let time = each().map(|number| (number % 13 != 0).then_some(START + number as i64 * 1_999_999_999));
    let n = each().map(|number| (number % 5 != 0).then_some((number % 100) as i64));
    batch(vec![
        ("_uid", Arc::new(StringArray::from_iter_values(each().map(uid)))),
        (
            "_time",
            Arc::new(TimestampMicrosecondArray::from_iter(time).with_timezone("UTC")),
        ),
        ("user", Arc::new(user.collect::<DictionaryArray<Int32Type>>())),
        ("ip", Arc::new(ip.collect::<DictionaryArray<Int32Type>>())),
        ("text", Arc::new(StringArray::from_iter_values(text))),
        ("n", Arc::new(n.collect::<Int64Array>())),
        // Halves add up to the same in any order.
        (
            "f",
            Arc::new(Float64Array::from_iter_values(each().map(|number| number as f64 / 2.0))),
        ),
    ])
}

/// Runs a statement over the rows in memory, as no store has them.
fn of_rows(batches: &[RecordBatch], statement: &str) -> Vec<Vec<String>> {
    let tables = vec![("main.t".to_owned(), batches[0].schema(), batches.to_vec())];
    let limits = SqlLimits {
        timeout: std::time::Duration::from_secs(280),
        ..SqlLimits::default()
    };
    texts(sql_over_batches(tables, statement, limits).unwrap().map(Result::unwrap))
}

/// Puts another way of counting distinct values in the place of each `{value}`.
fn without_distinct(statement: &str) -> String {
    let mut text = String::new();
    for (position, part) in statement.split(['{', '}']).enumerate() {
        if position % 2 == 0 {
            text.push_str(part);
        } else {
            text.push_str(&format!(
                "coalesce(array_length(array_agg(DISTINCT {part}) FILTER (WHERE {part} IS NOT NULL)), 0)"
            ));
        }
    }
    text
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}
