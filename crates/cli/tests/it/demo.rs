#![allow(clippy::disallowed_types, reason = "tests take ports as other programs do")]

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::Program;

/// The acts of the ground truth, by what is to see them.
fn acts(program: &Program, is_seen: bool) -> BTreeSet<String> {
    let truth = std::fs::read_to_string(program.path("logs/ground-truth.json")).unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let acts = truth["acts"].as_array().unwrap();
    assert!(acts.len() >= 15, "{}", acts.len());
    let expected = |act: &&Value| matches!(act["expect"].as_str().unwrap(), "list" | "allow_list" | "rule") == is_seen;
    acts.iter()
        .filter(expected)
        .map(|act| act["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_sheet_is_the_same_each_time_and_names_the_acts_that_nothing_saw() {
    let program = Program::new();
    program.run(&["demo", "--write", "logs"]).exits(0);
    let sheet = || program.run(&["demo", "--no-serve", "--format", "table"]).exits(0).out;
    // Two at a time, since each takes half a minute without optimisation.
    let (first, second) = std::thread::scope(|scope| {
        let (one, other) = (scope.spawn(sheet), scope.spawn(sheet));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!(first, second);
    for verdict in [
        "kaede-japan: hit",
        "kaede-us: clear",
        "kaede-emea: inconclusive",
        "gitlab.kaede.example: hit",
        "kaede-aws: hit",
    ] {
        assert!(first.contains(verdict), "{verdict}\n{first}");
    }
    let (_, not_found) = first.split_once("Not found:").unwrap();
    for id in acts(&program, false) {
        assert!(not_found.contains(&format!("{id}  ")), "{id} is not named\n{first}");
    }
    for id in acts(&program, true) {
        assert!(!not_found.contains(&format!("{id}  ")), "{id} was not found\n{first}");
    }
}

#[test]
fn findings_are_printed_in_the_shape_of_detect() {
    let program = Program::new();
    let run = program.run(&["demo", "--no-serve", "--format", "jsonl"]).exits(0);
    let findings = run.lines();
    assert!(findings.len() > 100, "{}", findings.len());
    for finding in &findings {
        let names: Vec<&str> = finding.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "rule_id",
            "rule",
            "author",
            "level",
            "time",
            "table",
            "event_uid",
            "org",
            "actor",
            "src_ip",
            "tags",
            "group",
        ];
        assert_eq!(names, expected);
    }
    let orgs: BTreeSet<&str> = findings
        .iter()
        .map(|finding| finding["org"].as_str().unwrap())
        .collect();
    assert_eq!(orgs.len(), 5, "{orgs:?}");
}

#[test]
fn an_address_that_cannot_be_had_is_refused_before_any_work() {
    let program = Program::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = program.run(&["demo", "--listen", &address]).exits(3);
    assert!(
        run.err.contains("--listen") && !run.err.contains("loading"),
        "{}",
        run.err
    );
    program.run(&["demo", "--listen", "0.0.0.0:0"]).exits(2);
    program.run(&["demo", "--listen", "nonsense"]).exits(2);
}
