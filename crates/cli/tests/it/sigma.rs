use serde_json::json;

use crate::program::Program;
use crate::samples;

#[test]
fn matches_are_by_line_then_rule_and_bad_lines_cost_only_themselves() {
    let program = Program::new();
    let rule = program.file("a.yml", samples::RULE);
    let other = samples::RULE.replace("9b11", "9b10").replace(":api", "token");
    let other = program.file("b.yml", other);
    let event = r#"{"event_type":"PROJECT_access_token_created","details":{"custom_message":"token with [:api]"}}"#;
    let events = program.file("events.ndjson", format!("{{\"x\":1}}\nnot json\n\n{event}\n"));
    let call = ["sigma", "match", "--rules", &rule, "--rules", &other, &events];
    let run = program.run(&call).exits(1);
    assert_eq!(
        run.lines(),
        [
            json!({"rule_id": "5d2b3c1e-7a68-4d0f-9a52-0c8a4f2e9b10", "line": 4}),
            json!({"rule_id": "5d2b3c1e-7a68-4d0f-9a52-0c8a4f2e9b11", "line": 4}),
        ]
    );
    assert!(run.err.contains(":2:"), "{}", run.err);
    program
        .run(&[&call[..2], &["--logsource", "product=gitlab,service=audit"], &call[2..]].concat())
        .exits(1);
    program
        .run(&[&call[..2], &["--logsource", "product=okta"], &call[2..]].concat())
        .exits(4);
    program
        .run(&[&call[..2], &["--logsource", "vendor=okta"], &call[2..]].concat())
        .exits(2);
}

#[test]
fn nothing_matched_is_0() {
    let program = Program::new();
    let rule = program.file("a.yml", samples::RULE);
    let events = program.file("events.ndjson", "{\"event_type\":\"other\"}\n");
    assert!(
        program
            .run(&["sigma", "match", "--rules", &rule, &events])
            .exits(0)
            .out
            .is_empty()
    );
}

#[test]
fn check_names_file_and_line() {
    let program = Program::new();
    let good = program.file("good.yml", samples::RULE);
    program.run(&["sigma", "check", &good]).exits(0);
    let bad = program.file("bad.yml", samples::RULE.replace("|contains", "|contians"));
    let problems = program.run(&["sigma", "check", &bad]).exits(2).lines();
    assert!(problems[0]["file"].as_str().unwrap().ends_with("bad.yml"));
    assert_eq!(problems[0]["line"], 11);
    assert!(problems[0]["message"].as_str().unwrap().contains("contians"));
}

#[test]
fn a_file_named_twice_is_one_file_and_a_folder_without_rules_is_refused() {
    let program = Program::new();
    let rule = program.file("rules/a.yml", samples::RULE);
    let events = program.file(
        "events.ndjson",
        r#"{"event_type":"project_access_token_created","details.custom_message":"[:api]"}"#,
    );
    let rules = program.path("rules");
    let call = [
        "sigma",
        "match",
        "--rules",
        &rule,
        "--rules",
        rules.to_str().unwrap(),
        &events,
    ];
    assert_eq!(program.run(&call).exits(1).lines().len(), 1);
    std::fs::create_dir(program.path("none")).unwrap();
    program
        .run(&["sigma", "check", program.path("none").to_str().unwrap()])
        .exits(2);
}
