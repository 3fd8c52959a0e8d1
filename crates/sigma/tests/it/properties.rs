//! What holds for all events and all texts.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use sekisho_sigma::{Detector, LoadOptions, Routing, RuleSet, check};
use serde_json::Value;

use crate::support::{batch, load, matches, rule, table, view};

/// Objects whose keys and values meet those of the rules below often.
fn event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..4).prop_map(Value::from),
        (-2.0f64..2.0).prop_map(Value::from),
        "[aAbBé1.*-]{0,3}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![vec(inner.clone(), 0..3).prop_map(Value::from), object(inner).boxed(),]
    });
    object(value)
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("F"),
        Just("G"),
        Just("a"),
        Just("a.b"),
        Just("b"),
        Just("b.c"),
        Just("New Value")
    ];
    btree_map(key.prop_map(str::to_owned), value, 0..4).prop_map(|members| Value::Object(members.into_iter().collect()))
}

const DETECTIONS: [&str; 16] = [
    "{s: {F: a}, condition: s}",
    "{s: {F: [1, true, 'b*']}, condition: not s}",
    "{s: {a.b|contains: A}, condition: s}",
    "{s: {a.b.c|contains|all: [a, b]}, condition: s}",
    "{s: {F: null}, t: {G|exists: true}, condition: s or t}",
    "{s: {F|gt: 0}, condition: s}",
    "{s: {F|neq: a}, condition: s}",
    "{s: {F|fieldref: G}, condition: s}",
    "{s: [ab, 1], condition: s}",
    "{s: {'|all': [a, b]}, condition: s}",
    "{s: {F|re|i: '^[ab]+$'}, condition: s}",
    "{s: {F|contains: '?b'}, condition: s}",
    "{s1: {F: a}, s2: {G: b}, s3: {a: 1}, condition: 2 of s*}",
    "{s: {b|contains: '\"a\"'}, condition: s}",
    "{s: {New Value|startswith: a}, condition: s}",
    "{s: {b.c|exists: false}, condition: s}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn lines_batches_and_rows_agree(events in vec(event(), 1..6)) {
        let text = DETECTIONS
            .iter()
            .enumerate()
            .map(|(number, detection)| rule(&format!("r{number:02}"), "{product: test}", detection))
            .collect::<Vec<_>>()
            .join("---\n");
        let rules = load(&text);
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let by_line = matches(&rules, &lines);
        let generic = table("json.events");
        let rows = batch(generic, lines.len(), &[("_extra", lines.iter().copied().map(Some).collect())]);
        let mut detector = Detector::routed(&rules, view(generic), &Routing::All);
        let id = |row: usize, rule| (row as u64 + 1, rules.rule(rule).unwrap().id.clone());
        let by_batch: Vec<_> = detector.detect(&rows).iter().map(|hit| id(hit.row, hit.rule)).collect();
        let by_row: Vec<_> = (0..lines.len())
            .flat_map(|row| detector.detect_row(&rows, row).into_iter().map(move |rule| (row, rule)))
            .map(|(row, rule)| id(row, rule))
            .collect();
        prop_assert_eq!(&by_batch, &by_line);
        prop_assert_eq!(&by_row, &by_line);
    }

    #[test]
    fn no_detection_panics(
        key in "(F|)(\\|(contains|re|all|cidr|base64offset|windash|expand|exists|gt|hour|wide|neq|x|i))*",
        value in "[-a*?\\\\%/0-9é]{0,6}",
        condition in "(s|t|not|and|or|1|of|all|them|s\\*|\\(|\\)| )*",
    ) {
        let detection = serde_json::json!({"s": {key: value}, "condition": condition});
        let text = rule("r", "{product: p}", &detection.to_string());
        let problems = check("r.yml", &text);
        let loaded = RuleSet::load([("r.yml", text.as_str())], &LoadOptions::default());
        let errors = problems.iter().any(|problem| problem.severity == sekisho_sigma::Severity::Error);
        prop_assert_eq!(loaded.is_err(), errors);
        if let Ok(rules) = loaded {
            matches(&rules, &[r#"{"F": "-a/é0*"}"#]);
        }
    }
}
