//! Every conformance case, on JSON lines and on a typed table, by the batch path and by the one-row path.

use sekisho_sigma::{Detector, LoadOptions, Routing, RuleSet};
use serde::Deserialize;
use serde_json::Value;

use crate::support::{batch, load, matches, rule, table, view};

#[derive(Deserialize)]
struct Case {
    name: String,
    detection: Value,
    event: Value,
    expect: Value,
}

fn cases(text: &str) -> Vec<Case> {
    serde_json::from_str(text).unwrap()
}

fn check(case: &Case) -> Option<String> {
    let text = rule("r1", "{product: test}", &case.detection.to_string());
    let loaded = RuleSet::load([("case.yml", text.as_str())], &LoadOptions::default());
    if case.expect == "reject" {
        return loaded.is_ok().then(|| format!("{}: loads", case.name));
    }
    let rules = match loaded {
        Ok(rules) => rules,
        Err(error) => return Some(format!("{}: {error}", case.name)),
    };
    let expected = case.expect == 1;
    let event = case.event.to_string();
    let by_line = !matches(&rules, &[&event]).is_empty();
    let generic = table("json.events");
    let rows = batch(generic, 2, &[("_extra", vec![Some(&event), None])]);
    let mut detector = Detector::routed(&rules, view(generic), &Routing::All);
    let by_batch = detector.detect(&rows).iter().any(|hit| hit.row == 0);
    let by_row = !detector.detect_row(&rows, 0).is_empty();
    let answers = [by_line, by_batch, by_row];
    (answers != [expected; 3]).then(|| format!("{}: expected {expected}, got {answers:?}", case.name))
}

fn check_all(text: &str, count: usize) {
    let cases = cases(text);
    assert_eq!(cases.len(), count);
    let failures: Vec<String> = cases.iter().filter_map(check).collect();
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn stateless_cases() {
    check_all(include_str!("../fixtures/stateless.json"), 148);
}

#[test]
fn edge_cases() {
    check_all(include_str!("../fixtures/edges.json"), 77);
}

/// Cases of our own, beside the copied ones: event fields, one detection, expected.
#[test]
fn own_cases() {
    for (detection, event, expected) in [
        (r#"{"s": {"F|neq": null}, "condition": "s"}"#, r#"{"F": "x"}"#, true),
        (r#"{"s": {"F|neq": null}, "condition": "s"}"#, r#"{"G": "x"}"#, false),
        (
            r#"{"s": {"F|contains|all|neq": ["a", "b"]}, "condition": "s"}"#,
            r#"{"F": "a"}"#,
            true,
        ),
        (r#"{"s": {"F|gt": 3}, "condition": "s"}"#, r#"{"F": [1, 9]}"#, true),
        (r#"{"s": {"F": "a"}, "condition": "2 of s*"}"#, r#"{"F": "a"}"#, false),
        (
            r#"{"s1": {"F": "a"}, "s2": {"G": "b"}, "s3": {"H": "c"}, "condition": "2 of s*"}"#,
            r#"{"F": "a", "H": "c"}"#,
            true,
        ),
        (
            r#"{"s": {"F|exists": false}, "condition": "s"}"#,
            r#"{"F": null}"#,
            false,
        ),
        (
            r#"{"s": {"F|re|i": "^A"}, "condition": "s"}"#,
            r#"{"F": ["b", "aa"]}"#,
            true,
        ),
        (r#"{"s": {"F": [1, "x"]}, "condition": "s"}"#, r#"{"F": 1.0}"#, true),
        (
            r#"{"s": {"F|startswith": "-"}, "condition": "s"}"#,
            r#"{"F": -1}"#,
            true,
        ),
        (
            r#"{"s": {"F|fieldref|contains": "G"}, "condition": "s"}"#,
            r#"{"F": "xABCx", "G": "bc"}"#,
            true,
        ),
        (
            r#"{"s": {"F|fieldref|cased": "G"}, "condition": "s"}"#,
            r#"{"F": "A", "G": "a"}"#,
            false,
        ),
        (
            r#"{"s": {"F|fieldref|neq": "G"}, "condition": "s"}"#,
            r#"{"F": "a"}"#,
            true,
        ),
        (
            r#"{"s": {"|cidr": "192.0.2.0/24"}, "condition": "s"}"#,
            r#"{"a": {"ip": "192.0.2.7"}}"#,
            true,
        ),
        (
            r#"{"s": {"F|windash|contains": "-x"}, "condition": "s"}"#,
            "{\"F\": \"a \u{2014}X\"}",
            true,
        ),
        (
            r#"{"s": {"F|month|gte": 6}, "condition": "s"}"#,
            r#"{"F": "2026-05-31"}"#,
            false,
        ),
        (r#"{"s": {"F": true}, "condition": "s"}"#, r#"{"F": true}"#, true),
        (
            r#"{"s": {"F": {"a": 1}}, "condition": "s"}"#,
            r#"{"F": {"a": 1}}"#,
            false,
        ),
    ] {
        let text = rule("r1", "{product: test}", detection);
        let matched = RuleSet::load([("own.yml", text.as_str())], &LoadOptions::default())
            .is_ok_and(|rules| !matches(&rules, &[event]).is_empty());
        assert_eq!(matched, expected, "{detection} {event}");
    }
}

#[test]
fn matches_come_by_line_and_then_by_rule_id() {
    let detection = "{s: {F|contains: a}, condition: s}";
    let text = ["b", "c", "a"]
        .map(|id| rule(id, "{product: test}", detection))
        .join("---\n");
    let rules = load(&text);
    let found = matches(&rules, &[r#"{"F": "xax"}"#, "", r#"{"F": "b"}"#, r#"{"F": "A"}"#]);
    let expected = [(1, "a"), (1, "b"), (1, "c"), (4, "a"), (4, "b"), (4, "c")];
    assert_eq!(found, expected.map(|(line, id)| (line, id.to_owned())));
}
