//! `sekisho store`: the check of the store.

use std::path::PathBuf;

use crate::program::Program;
use crate::samples;

#[test]
fn a_whole_store_verifies_and_a_flipped_byte_is_named() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
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
        (Some(0), Some(2))
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

fn segment(program: &Program, table: &str) -> PathBuf {
    let folder = program.path("sekisho-data/data").join(table);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .into_iter()
        .find(|path| path.extension().unwrap() == "parquet")
        .unwrap()
}
