use std::io::Write;

use serde_json::json;

use crate::program::{Program, shared};
use crate::samples;

#[test]
fn the_same_input_twice_changes_nothing() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let first = program.run(&["ingest", "--format", "json", &log]).exits(0).json();
    assert_eq!(first["files"], 1);
    assert_eq!(first["events"], 2);
    assert_eq!(first["duplicates"], 0);
    assert_eq!(first["tables"], json!({"salesforce_elf.RestApi": 2}));
    let second = program.run(&["ingest", "--format", "json", &log]).exits(0).json();
    assert_eq!(
        (second["events"].as_u64(), second["duplicates"].as_u64()),
        (Some(0), Some(2))
    );
    assert_eq!(second["tables"], json!({}));
    let rows = program
        .run(&["query", "SELECT count(*) AS n FROM events"])
        .exits(0)
        .lines();
    assert_eq!(rows, [json!({"n": 2})]);
}

#[test]
fn a_renamed_and_an_archived_copy_are_the_same_events() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let copy = program.file("renamed.txt", samples::REST_API);
    program.run(&["ingest", &log]).exits(0);
    let again = program.run(&["ingest", "--format", "json", &copy]).exits(0).json();
    assert_eq!(again["duplicates"], 2);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(samples::REST_API.as_bytes()).unwrap();
    let packed = program.file("log.csv.gz", packed.finish().unwrap());
    assert_eq!(
        program.run(&["ingest", "--format", "json", &packed]).exits(0).json()["duplicates"],
        2
    );
}

#[test]
fn bad_rows_are_counted_kept_and_cost_only_themselves() {
    let program = Program::new();
    let mut broken = samples::REST_API.to_owned();
    broken.push_str("\"RestApi\",\"too\",\"short\"\n");
    let log = program.file("log.csv", broken);
    let report = program.run(&["ingest", "--format", "json", &log]).exits(4).json();
    assert_eq!(
        (report["events"].as_u64(), report["rejected"].as_u64()),
        (Some(2), Some(1))
    );
    assert_eq!(report["problems"][0]["line"], 4);
    assert!(report["problems"][0]["reason"].as_str().unwrap().contains("columns"));
    let kept = program
        .run(&["query", "SELECT reason, excerpt FROM sekisho.quarantine"])
        .exits(0)
        .lines();
    assert!(kept[0]["excerpt"].as_str().unwrap().contains("too"), "{kept:?}");
}

#[test]
fn a_file_of_unknown_kind_is_a_problem_and_not_an_end() {
    let program = Program::new();
    let log = program.file("in/log.csv", samples::REST_API);
    program.file("in/notes.txt", "shopping list\nmilk\n");
    program.file("in/picture.bin", [0, 1, 2, 0, 255]);
    let dir = program.path("in");
    let report = program
        .run(&["ingest", "--format", "json", dir.to_str().unwrap()])
        .exits(4)
        .json();
    assert_eq!(report["events"], 2);
    assert_eq!(report["problems"].as_array().unwrap().len(), 2);
    assert!(!log.is_empty());
}

#[test]
fn every_row_has_an_org() {
    let program = Program::new();
    let gitlab = program.file("audit.ndjson", samples::GITLAB);
    program.run(&["ingest", &gitlab]).exits(0);
    let orgs = "SELECT DISTINCT org FROM events";
    assert_eq!(
        program.run(&["query", orgs]).exits(0).lines(),
        [json!({"org": "unknown"})]
    );
    let named = Program::new();
    let gitlab = named.file("audit.ndjson", samples::GITLAB);
    named.run(&["ingest", "--org", "gitlab.example.com", &gitlab]).exits(0);
    assert_eq!(
        named.run(&["query", orgs]).exits(0).lines(),
        [json!({"org": "gitlab.example.com"})]
    );
}

#[test]
fn unknown_event_types_and_columns_are_kept() {
    let program = Program::new();
    let log = "\"EVENT_TYPE\",\"TIMESTAMP\",\"ORGANIZATION_ID\",\"BRAND_NEW\"\n\
               \"Teleport\",\"20251123070102.000\",\"00D5g00000AbCdE\",\"kept\"\n";
    let log = program.file("log.csv", log);
    program.run(&["ingest", &log]).exits(0);
    let rows = program
        .run(&["query", "SELECT \"_extra\" FROM \"salesforce_elf\".\"Teleport\""])
        .exits(0)
        .lines();
    assert_eq!(rows, [json!({"_extra": "{\"BRAND_NEW\":\"kept\"}"})]);
    let tables = program.run(&["tables"]).exits(0).lines();
    assert!(
        tables
            .iter()
            .any(|row| row["table"] == "salesforce_elf.Teleport" && row["events"] == 1)
    );
}

#[test]
fn the_shared_samples_load_whole_and_twice_only_as_duplicates() {
    let test = "the_shared_samples_load_whole_and_twice_only_as_duplicates";
    let Some(samples) = shared(test, "data/samples") else {
        return;
    };
    let program = Program::new();
    let below = [
        "salesforce/appomni/products/salesforce/event_examples",
        "salesforce/newrelic/src/tests",
        "gitlab/docs_examples",
    ];
    let mut paths: Vec<String> = below
        .iter()
        .map(|below| samples.join(below).to_str().unwrap().to_owned())
        .collect();
    let streamed = std::fs::read_dir(samples.join("gitlab/audit_stream"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let json = streamed.filter(|path| path.extension().is_some_and(|end| end == "json"));
    paths.extend(json.map(|path| path.to_str().unwrap().to_owned()));
    let ingest = |exit| {
        let mut call = vec!["ingest", "--format", "json"];
        call.extend(paths.iter().map(String::as_str));
        program.run(&call).exits(exit).json()
    };
    // Exit 4: the limits body among the samples holds no events, and says so.
    let first = ingest(4);
    assert_eq!(first["rejected"], 0);
    let problems = first["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0]["reason"].as_str().unwrap().contains("limits"));
    let second = ingest(4);
    assert_eq!(second["events"], 0);
    assert_eq!(
        second["duplicates"].as_u64(),
        first["events"]
            .as_u64()
            .zip(first["duplicates"].as_u64())
            .map(|(events, twice)| events + twice)
    );
}

#[test]
fn a_time_without_a_zone_is_said_and_tz_mends_it() {
    let log = "Username,Login Time,Source IP,Login Type,Status,Browser,Platform,Application,Login URL\n\
               a@example.com,2025-11-20 16:00:00,192.0.2.1,Application,Success,Chrome,Windows,Browser,login.example.com\n";
    let program = Program::new();
    let file = program.file("LoginHistory.csv", log);
    let report = program.run(&["ingest", "--format", "json", &file]).exits(4).json();
    assert_eq!(report["events"], 1, "the row is kept");
    assert!(
        report["problems"][0]["reason"].as_str().unwrap().contains("--tz"),
        "{report}"
    );
    let tokyo = Program::new();
    let file = tokyo.file("LoginHistory.csv", log);
    tokyo.run(&["ingest", "--tz", "Asia/Tokyo", &file]).exits(0);
    let rows = tokyo.run(&["query", "SELECT time FROM events"]).exits(0).lines();
    assert_eq!(rows, [json!({"time": "2025-11-20T07:00:00Z"})]);
}

#[test]
fn a_damaged_file_keeps_its_own_counts() {
    let program = Program::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(samples::REST_API.as_bytes()).unwrap();
    let mut packed = packed.finish().unwrap();
    let checksum_at = packed.len() - 8;
    packed[checksum_at] ^= 0xff;
    let damaged = program.file("a.csv.gz", packed);
    let whole = program.file("b.ndjson", samples::GITLAB);
    program.run(&["ingest", &damaged, &whole]).exits(4);
    let files = program
        .run(&["query", "SELECT name, events FROM sekisho.files ORDER BY name"])
        .exits(0)
        .lines();
    assert_eq!(
        files,
        [
            json!({"name": damaged, "events": 2}),
            json!({"name": whole, "events": 2})
        ]
    );
}
