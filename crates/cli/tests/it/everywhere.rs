//! What holds for every command: exit codes, languages, help, pipes.

use std::io::Read;
use std::process::Stdio;

use crate::program::Program;
use crate::samples;

#[test]
fn wrong_usage_and_missing_files_exit_2_and_do_nothing() {
    let program = Program::new();
    let calls: [&[&str]; 8] = [
        &[],
        &["nonsense"],
        &["ingest"],
        &["ingest", "missing.csv"],
        &["tables", "--format", "xml"],
        &["hunt", "--ioc", "missing.yaml"],
        &["detect", "--rules", "missing.yml", "--since", "soon"],
        &["ingest", "--as", "salesforce", "missing.csv"],
    ];
    for call in calls {
        let run = program.run(call).exits(2);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{call:?}: {}", run.out);
    }
    assert!(
        !program.path("sekisho-data").exists(),
        "a mistyped path must not make a store"
    );
}

#[test]
fn no_store_exits_3() {
    let program = Program::new();
    let run = program.run(&["query", "SELECT 1"]).exits(3);
    assert!(run.err.contains("sekisho ingest"), "{}", run.err);
}

#[test]
fn a_time_without_a_zone_is_refused_and_tz_mends_it() {
    let program = Program::new();
    let list = program.file("list.yaml", samples::LIST);
    let log = program.file("log.csv", samples::REST_API);
    let hunt = ["hunt", "--ioc", &list, "--from", "2025-11-23 16:00"];
    let run = program.run(&[&hunt[..], &[&log]].concat()).exits(2);
    assert!(run.err.contains("--tz"), "{}", run.err);
    program
        .run(&[&hunt[..], &["--tz", "Asia/Tokyo", &log]].concat())
        .exits(1);
}

#[test]
fn help_and_errors_speak_both_languages() {
    let program = Program::new();
    let english = program.run(&["ingest", "--help"]).exits(0);
    assert!(english.out.contains("Examples:") && english.out.contains("Loads files"));
    let japanese = program.run(&["ingest", "--help", "--lang", "ja"]).exits(0);
    for heading in ["使い方: ", "引数:", "オプション:", "例:", "取り込みます"] {
        assert!(japanese.out.contains(heading), "{heading}: {}", japanese.out);
    }
    assert!(
        !japanese.out.contains("Usage:") && !japanese.out.contains("Options:"),
        "{}",
        japanese.out
    );
    let error = program.run(&["--lang", "ja", "query", "DROP TABLE x"]);
    assert!(
        error.err.starts_with("エラー: ストアがありません") || error.err.contains("ストアがありません"),
        "{}",
        error.err
    );
    let missing = program.run(&["--lang", "ja", "ingest", "nowhere.csv"]).exits(2).err;
    assert!(
        missing.contains("見つかりません") && missing.contains("ヒント: "),
        "{missing}"
    );
    let no_zone = program
        .run(&["--lang", "ja", "detect", "--rules", "x", "--from", "2025-11-20 10:00"])
        .exits(2)
        .err;
    assert!(no_zone.contains("タイムゾーンがありません"), "{no_zone}");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let program = Program::new();
    for call in [&["tables", "--format", "jsonl"][..], &["completions", "bash"]] {
        closes_early(&program, call);
    }
}

fn closes_early(program: &Program, call: &[&str]) {
    let mut child = program.command(call).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn completions_and_manual_pages_are_made() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(program.run(&["completions", shell]).exits(0).out.contains("sekisho"));
    }
    program.run(&["man", "pages"]).exits(0);
    let page = std::fs::read_to_string(program.path("pages/sekisho-sigma-match.1")).unwrap();
    assert!(page.contains("logsource"));
}

#[test]
fn variables_that_are_empty_are_not_set_and_a_blank_org_is_none() {
    let program = Program::new();
    let run = program
        .command(&["tables"])
        .env("SEKISHO_DATA", "")
        .env("SEKISHO_LANG", "")
        .output()
        .unwrap();
    assert!(run.status.success());
    program.run(&["ingest", "--org", " ", "x.csv"]).exits(2);
}

#[test]
fn a_store_that_cannot_be_used_exits_3() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let file = program.file("no-directory", "");
    program.run(&["--data", &file, "ingest", &log]).exits(3);
}
