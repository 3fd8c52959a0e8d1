//! `sekisho store retention` and `hold`: what is kept how long.

use crate::program::Program;
use crate::samples;

const RULE: [&str; 8] = [
    "store",
    "retention",
    "set",
    "salesforce_elf.*",
    "--keep",
    "1d",
    "--reason",
    "house rule",
];

fn loaded() -> Program {
    let program = Program::new();
    let (reads, logins) = (
        program.file("reads.csv", samples::REST_API),
        program.file("logins.csv", samples::LOGIN),
    );
    program.run(&["ingest", &reads, &logins]).exits(0);
    program
}

fn events(program: &Program) -> u64 {
    let sql = "SELECT count(*) AS n FROM events";
    program.run(&["query", sql]).exits(0).lines()[0]["n"].as_u64().unwrap()
}

#[test]
fn what_is_older_than_set_goes_but_for_what_is_held() {
    let program = loaded();
    program.run(&RULE).exits(0);
    program
        .run(&[
            "store",
            "hold",
            "place",
            "case-12",
            "--table",
            "salesforce_elf.Login",
            "--reason",
            "case 12",
        ])
        .exits(0);
    let planned = program
        .run(&["store", "retention", "apply", "--dry-run", "--format", "json"])
        .exits(0)
        .json();
    let of = |answer: &serde_json::Value, table: &str| {
        let tables = answer["tables"].as_array().unwrap().clone();
        tables.into_iter().find(|row| row["table"] == table).unwrap()
    };
    let reads = of(&planned, "salesforce_elf.RestApi");
    assert_eq!((reads["rows"].as_u64(), reads["held"].as_u64()), (Some(2), Some(0)));
    assert_eq!(reads["from"], "2025-11-23T07:01:02.130Z");
    assert_eq!(of(&planned, "salesforce_elf.Login")["held"], 1);
    assert_eq!(events(&program), 3, "nothing was done yet");
    let done = program
        .run(&["store", "retention", "apply", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(done["tables"], planned["tables"]);
    assert_eq!(
        (
            done["is_scrubbed"].as_bool(),
            done["waiting_files"].as_array().unwrap().len()
        ),
        (Some(true), 0)
    );
    assert_eq!(events(&program), 1);
    let record = "SELECT \"table\", rows, cause FROM sekisho.deletions WHERE \"table\" LIKE 'salesforce%'";
    let record = program.run(&["query", record]).exits(0).lines();
    assert_eq!(record[0]["cause"], "retention salesforce_elf.* 1d: house rule");
    program
        .run(&["store", "hold", "release", "case-12", "--reason", "closed"])
        .exits(0);
    let held = program.run(&["store", "hold", "list"]).exits(0).lines();
    assert_eq!((held.len(), held[0]["release_reason"].as_str()), (1, Some("closed")));
    let told = program
        .run(&["store", "retention", "apply", "--format", "table", "--lang", "ja"])
        .exits(0);
    assert!(told.err.contains("削除しました"), "{}", told.err);
    assert_eq!(events(&program), 0);
}

#[test]
fn tables_say_where_and_when_rows_age_out() {
    let program = loaded();
    let row = || {
        let rows = program.run(&["tables"]).exits(0).lines();
        rows.into_iter()
            .find(|row| row["table"] == "salesforce_elf.RestApi")
            .unwrap()
    };
    let usual = row();
    assert_eq!(
        (usual["ages_out_at"].as_str(), usual["keeps_days"].as_u64()),
        (Some("platform"), None)
    );
    let set = [
        "store",
        "retention",
        "set",
        "salesforce_elf.*",
        "--platform",
        "365d",
        "--reason",
        "retained",
    ];
    program.run(&set).exits(0);
    let longer = row();
    assert_eq!(longer["ages_out"], "2026-11-23T07:01:02.130Z");
    assert_eq!(longer["retention_days"], 365);
    program.run(&RULE).exits(0);
    let here = row();
    assert_eq!(
        (here["ages_out_at"].as_str(), here["keeps_days"].as_u64()),
        (Some("store"), Some(1))
    );
    assert_eq!(here["ages_out"], "2025-11-24T07:01:02.130Z");
    let mut for_ever = RULE;
    for_ever[5] = "forever";
    program.run(&for_ever).exits(0);
    assert_eq!(row()["ages_out_at"], "platform");
    let settings = program.run(&["store", "retention"]).exits(0).lines();
    let in_force: Vec<bool> = settings.iter().map(|row| row["in_force"].as_bool().unwrap()).collect();
    assert_eq!(in_force, [true, false, true], "an earlier setting stays in the list");
}

#[test]
fn what_means_nothing_is_refused_before_anything_is_done() {
    let program = loaded();
    for wrong in [
        &["store", "retention", "set", "events", "--keep", "5d", "--reason", "r"][..],
        &["store", "retention", "set", "a.b", "--keep", "5y", "--reason", "r"],
        &["store", "retention", "set", "a.b", "--keep", "0d", "--reason", "r"],
        &["store", "retention", "set", "a.b", "--keep", "5d"],
        &["store", "retention", "set", "a.b", "--reason", "r"],
        &["store", "hold", "release", "none", "--reason", "r"],
        &["store", "hold", "place", "x", "--reason", " "],
        &["store", "hold"],
    ] {
        program.run(wrong).exits(2);
    }
    assert_eq!(program.run(&["store", "retention"]).exits(0).lines().len(), 0);
    let empty = Program::new();
    empty.run(&RULE).exits(3);
    assert!(!empty.path("sekisho-data").exists(), "no store is made for a setting");
}
