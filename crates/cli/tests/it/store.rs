//! `sekisho store`: the check of the store.

use std::path::PathBuf;

use crate::program::Program;
use crate::samples;

#[test]
fn a_whole_store_verifies_and_a_flipped_byte_is_named() {
    let program = Program::new();
    let log = many(&program);
    program.run(&["ingest", &log]).exits(0);
    let whole = program.run(&["store", "verify", "--format", "json"]).exits(0).json();
    assert_eq!(
        (whole["ok"].as_bool(), whole["damage"].as_array().unwrap().len()),
        (Some(true), 0)
    );
    assert!(whole["files"].as_u64().unwrap() >= 3, "{whole}");
    let segment = segment(&program, "salesforce_elf/RestApi");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[100] ^= 0x10;
    std::fs::write(&segment, bytes).unwrap();
    let hurt = program.run(&["store", "verify", "--format", "json"]).exits(1).json();
    let damage = &hurt["damage"][0];
    assert_eq!(damage["table"], "salesforce_elf.RestApi");
    assert_eq!(damage["part"], "rows");
    assert_eq!(
        (damage["rows_from"].as_u64(), damage["rows_to"].as_u64()),
        (Some(0), Some(ROWS))
    );
    assert!(damage["from"].as_str().unwrap().starts_with("2025-"), "{damage}");
    let told = program
        .run(&["store", "verify", "--format", "table", "--lang", "ja"])
        .exits(1);
    assert!(
        told.out.contains("checksum") && told.err.contains("バックアップ"),
        "{}{}",
        told.out,
        told.err
    );
}

#[test]
fn there_is_nothing_to_verify_without_a_store() {
    let program = Program::new();
    let run = program.run(&["store", "verify"]).exits(3);
    assert!(run.err.contains("sekisho ingest"), "{}", run.err);
    program.run(&["store"]).exits(2);
}

/// Rows enough for files of their own: a smaller load stays in the catalogue.
const ROWS: u64 = 1_200;

/// Writes a log of many API reads.
fn many(program: &Program) -> String {
    let mut lines = samples::REST_API.lines();
    let (head, row) = (lines.next().unwrap(), lines.next().unwrap());
    let rows = (0..ROWS).map(|number| row.replace("TID:1", &format!("TID:{number}")));
    let log: Vec<String> = std::iter::once(head.to_owned()).chain(rows).collect();
    program.file("log.csv", log.join("\n"))
}

fn segment(program: &Program, table: &str) -> PathBuf {
    let folder = program.path("sekisho-data/data").join(table);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .into_iter()
        .find(|path| path.extension().unwrap() == "parquet")
        .unwrap()
}

const COUNT: &str = "SELECT count(*) AS n FROM events";

#[test]
fn a_backup_is_restored_into_a_new_place_and_never_over_a_store() {
    let program = Program::new();
    let log = many(&program);
    program.run(&["ingest", &log]).exits(0);
    let made = program
        .run(&["store", "backup", "b", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(made["files"], made["copied_files"]);
    let again = program
        .run(&["store", "backup", "b", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(again["copied_files"], 1, "the catalogue alone: {again}");
    let back = program
        .run(&["store", "restore", "b", "--data", "r", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!((&back["snapshot"], &back["files"]), (&made["snapshot"], &made["files"]));
    let rows = |data: &str| program.run(&["query", "--data", data, COUNT]).exits(0).out;
    assert_eq!(rows("r"), rows("sekisho-data"));
    program.run(&["store", "verify", "--data", "r"]).exits(0);
    let over = program.run(&["store", "restore", "b", "--data", "r"]).exits(3);
    assert!(over.err.contains("new or empty"), "{}", over.err);
    let over = program.run(&["--lang", "ja", "store", "backup", "r"]).exits(3);
    assert!(over.err.contains("空のフォルダー"), "{}", over.err);
    std::fs::remove_file(program.path("b/backup.json")).unwrap();
    let half = program.run(&["store", "restore", "b", "--data", "x"]).exits(3);
    assert!(half.err.contains("not complete"), "{}", half.err);
    assert!(!program.path("x").exists());
    let told = program.run(&["store", "backup", "b", "--format", "table"]).exits(0);
    assert!(
        told.out.is_empty() && told.err.contains("holds a backup of"),
        "{}",
        told.err
    );
}

#[test]
fn an_export_takes_tables_times_and_orgs_and_a_lake_takes_all() {
    let program = Program::new();
    let log = many(&program);
    program.run(&["ingest", &log]).exits(0);
    let audit = program.file("audit.ndjson", samples::GITLAB);
    program.run(&["ingest", "--org", "gitlab.example.com", &audit]).exits(0);
    let export = |arguments: &[&str]| {
        let call = [&["store", "export", "--format", "json"], arguments].concat();
        program.run(&call).exits(0).json()
    };
    let all = export(&["all"]);
    assert_eq!(all["tables"]["salesforce_elf.RestApi"], ROWS);
    assert!(program.path("all/salesforce_elf/RestApi/part-00001.parquet").is_file());
    assert!(program.path("all/main/events/part-00001.parquet").is_file());
    let elf = export(&["elf", "--table", "salesforce_elf.*"]);
    assert_eq!(elf["tables"].as_object().unwrap().len(), 1, "{elf}");
    let org = export(&["org", "--org", "gitlab.example.com", "--into", "parquet"]);
    assert_eq!(
        org["tables"]["salesforce_elf.RestApi"],
        serde_json::Value::Null,
        "{org}"
    );
    assert_eq!(org["tables"]["events"], org["tables"]["gitlab.audit_events"], "{org}");
    let late = export(&["late", "--from", "2030-01-01"]);
    assert_eq!(late["rows"], 0);
    assert!(!program.path("late").exists());
    let lake = export(&["lake", "--into", "ducklake"]);
    assert!(lake["files"].as_u64().unwrap() > 3, "{lake}");
    program.run(&["store", "verify", "--data", "lake"]).exits(0);
    for refused in [
        &["lake2", "--into", "ducklake", "--org", "gitlab.example.com"][..],
        &["lake2", "--into", "ducklake", "--since", "1d"],
        &["lake2", "--table", "nonsense.*"],
    ] {
        program.run(&[&["store", "export"], refused].concat()).exits(2);
        assert!(!program.path("lake2").exists(), "{refused:?}");
    }
}

#[test]
fn repair_makes_identities_anew_and_tells_what_it_did() {
    let program = Program::new();
    let log = many(&program);
    program.run(&["ingest", &log]).exits(0);
    let uids = segment(&program, "salesforce_elf/RestApi").with_extension("uids");
    std::fs::write(&uids, b"nonsense").unwrap();
    program.run(&["store", "verify"]).exits(1);
    let mended = program
        .run(&["store", "verify", "--repair", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(mended["mended"]["rebuilt"].as_array().unwrap().len(), 1, "{mended}");
    let whole = program.run(&["store", "verify", "--format", "json"]).exits(0).json();
    assert_eq!(whole["mended"], serde_json::Value::Null);
    let again = program.run(&["ingest", "--format", "json", &log]).exits(0).json();
    assert_eq!(again["duplicates"], ROWS);
}
