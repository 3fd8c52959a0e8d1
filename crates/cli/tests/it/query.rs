use serde_json::json;

use crate::program::Program;
use crate::samples;

fn loaded() -> Program {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let gitlab = program.file("audit.ndjson", samples::GITLAB);
    program.run(&["ingest", &log, &gitlab]).exits(0);
    program
}

#[test]
fn every_way_to_name_a_table_works_and_original_text_is_kept() {
    let program = loaded();
    for name in [
        "\"salesforce_elf\".\"RestApi\"",
        "\"salesforce_elf.RestApi\"",
        "salesforce_elf.RestApi",
    ] {
        let rows = program
            .run(&["query", &format!("SELECT * FROM {name} ORDER BY \"_line\"")])
            .exits(0)
            .lines();
        assert_eq!(rows.len(), 2, "{name}");
        assert_eq!(rows[0]["RUN_TIME"], 120);
        assert_eq!(rows[0]["DB_TOTAL_TIME_ms"], 5.0);
        assert_eq!(rows[0]["SESSION_KEY"], "aB+/c1D2e3F4g5H6");
        assert!(rows[0]["_original"].as_str().unwrap().contains("20251123070102.13"));
        assert_eq!(rows[1]["USER_AGENT"], "9999");
        assert_eq!(rows[1]["CLIENT_IP"], "Salesforce.com IP");
    }
}

#[test]
fn a_table_without_rows_can_be_asked() {
    let program = loaded();
    let rows = program
        .run(&["query", "SELECT count(*) AS n FROM \"salesforce\".\"ApiEvent\""])
        .exits(0)
        .lines();
    assert_eq!(rows, [json!({"n": 0})]);
    program
        .run(&["query", "SELECT * FROM \"salesforce\".\"NoSuchThing\""])
        .exits(2);
}

#[test]
fn whatever_does_more_than_read_is_refused() {
    let program = loaded();
    for sql in [
        "DROP TABLE events",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO events SELECT * FROM events",
        "COPY events TO 'out.csv'",
        "SET datafusion.execution.batch_size = 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "DELETE FROM events",
        "not sql",
        "",
    ] {
        let run = program.run(&["query", sql]).exits(2);
        assert!(run.out.is_empty(), "{sql}: {}", run.out);
    }
}

#[test]
fn memory_and_time_are_bounded() {
    let program = loaded();
    let endless = "SELECT count(*) FROM generate_series(1, 10000000000) AS a";
    let run = program.run(&["query", "--timeout", "1s", endless]);
    assert_eq!(run.exit, 2, "{}", run.err);
    assert!(
        run.err.contains("--timeout") || run.err.contains("not found") || run.err.contains("refused"),
        "{}",
        run.err
    );
}

#[test]
fn csv_is_safe_to_open_and_tables_are_safe_to_look_at() {
    let program = loaded();
    let sql = "SELECT \"details.custom_message\" AS text FROM gitlab.audit_events ORDER BY \"_line\"";
    let csv = program.run(&["query", "--format", "csv", sql]).exits(0).out;
    assert!(
        csv.contains("\"'=cmd|'/c calc'!A1\"") || csv.contains("'=cmd|'/c calc'!A1"),
        "{csv}"
    );
    let hostile = program.file(
        "hostile.ndjson",
        "{\"time\":\"2025-11-23T00:00:00Z\",\"note\":\"\\u001b[31mred\"}\n",
    );
    program.run(&["ingest", "--as", "json", &hostile]).exits(0);
    let table = program
        .run(&["query", "--format", "table", "SELECT \"_extra\" FROM json.events"])
        .exits(0)
        .out;
    assert!(!table.contains('\u{1b}'), "{table:?}");
}

#[test]
fn formats_agree() {
    let program = loaded();
    let sql = "SELECT actor, src_ip FROM events WHERE \"table\" = 'gitlab.audit_events' ORDER BY actor";
    let expected = json!([{"actor": "bob", "src_ip": "198.51.100.8"}, {"actor": "root", "src_ip": "198.51.100.7"}]);
    assert_eq!(
        program.run(&["query", "--format", "json", sql]).exits(0).json(),
        expected
    );
    assert_eq!(json!(program.run(&["query", sql]).exits(0).lines()), expected);
    let csv = program.run(&["query", "--format", "csv", sql]).exits(0).out;
    assert_eq!(csv, "actor,src_ip\r\nbob,198.51.100.8\r\nroot,198.51.100.7\r\n");
    let empty = program
        .run(&["query", "--format", "csv", "SELECT actor FROM events WHERE false"])
        .exits(0)
        .out;
    assert_eq!(empty, "actor\r\n");
}

#[test]
fn numbers_times_and_lists_are_printed_as_json_means_them() {
    let program = loaded();
    let one = |sql: &str| program.run(&["query", &format!("SELECT {sql} AS v")]).exits(0).lines()[0]["v"].clone();
    assert_eq!(one("CAST(2000 AS DOUBLE)").to_string(), "2000");
    assert_eq!(one("CAST(0.5 AS DOUBLE)").to_string(), "0.5");
    assert_eq!(one("make_array(1, 2)"), json!([1, 2]));
    assert_eq!(one("named_struct('a', 1)"), json!({"a": 1}));
    assert_eq!(one("CAST('2025-11-23T07:00:00Z' AS TIMESTAMP)"), "2025-11-23T07:00:00Z");
    assert!(one("now()").as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_mistake_of_the_statement_is_the_users() {
    let program = loaded();
    for sql in ["SELECT 1 / 0", "SELECT CAST('a' AS INT)", "SELECT nothing FROM events"] {
        program.run(&["query", sql]).exits(2);
    }
    let long = format!("SELECT {}", vec!["1"; 2_000].join("+"));
    // Depth is what is asked here, not speed: an unoptimised engine on a busy machine takes its time.
    let run = program.run(&["query", "--timeout", "280s", &long]);
    assert_eq!(run.exits(0).lines().len(), 1);
}
