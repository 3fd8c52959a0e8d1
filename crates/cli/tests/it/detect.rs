use crate::program::Program;
use crate::samples;

const BROKEN_RULE: &str = "title: Broken\nid: 5d2b3c1e-7a68-4d0f-9a52-0c8a4f2e9b12\nlogsource: {product: gitlab}\ndetection:\n    selection:\n        a|nonsense: b\n    condition: selection\n";

#[test]
fn a_match_is_one_finding_with_its_author_on_files_and_on_the_store() {
    let program = Program::new();
    let rule = program.file("rules/token.yml", samples::RULE);
    let log = program.file("audit.ndjson", samples::GITLAB);
    let on_files = program.run(&["detect", "--rules", &rule, &log]).exits(1).lines();
    assert_eq!(on_files.len(), 1);
    let finding = &on_files[0];
    assert_eq!(finding["rule_id"], "5d2b3c1e-7a68-4d0f-9a52-0c8a4f2e9b11");
    assert_eq!(finding["author"], "Sekisho");
    assert_eq!(finding["level"], "medium");
    assert_eq!(finding["time"], "2025-11-23T08:00:00Z");
    assert_eq!(finding["table"], "gitlab.audit_events");
    assert_eq!(finding["actor"], "root");
    assert_eq!(finding["src_ip"], "198.51.100.7");
    assert_eq!(finding["event_uid"].as_str().unwrap().len(), 32);
    assert!(finding["group"].as_object().unwrap().is_empty());
    program.run(&["ingest", &log]).exits(0);
    let on_store = program.run(&["detect", "--rules", &rule]).exits(1).lines();
    assert_eq!(on_store, on_files, "the store and bare files give one answer");
}

#[test]
fn nothing_found_is_0_and_a_range_leaves_out_what_is_outside() {
    let program = Program::new();
    let rule = program.file("token.yml", samples::RULE);
    let salesforce = program.file("log.csv", samples::REST_API);
    program.run(&["detect", "--rules", &rule, &salesforce]).exits(0);
    let log = program.file("audit.ndjson", samples::GITLAB);
    program
        .run(&["detect", "--rules", &rule, "--from", "2025-11-23T08:00:00Z", &log])
        .exits(1);
    program
        .run(&["detect", "--rules", &rule, "--to", "2025-11-23T08:00:00Z", &log])
        .exits(0);
}

#[test]
fn one_event_in_two_files_is_one_finding() {
    let program = Program::new();
    let rule = program.file("token.yml", samples::RULE);
    let hourly = program.file("hourly.ndjson", samples::GITLAB);
    let daily = program.file("daily.ndjson", samples::GITLAB);
    assert_eq!(
        program
            .run(&["detect", "--rules", &rule, &hourly, &daily])
            .exits(1)
            .lines()
            .len(),
        1
    );
}

#[test]
fn a_rule_that_does_not_load_refuses_all_unless_skipped() {
    let program = Program::new();
    let rule = program.file("rules/token.yml", samples::RULE);
    program.file("rules/broken.yml", BROKEN_RULE);
    let rules = program.path("rules");
    let rules = rules.to_str().unwrap();
    let log = program.file("audit.ndjson", samples::GITLAB);
    let refused = program.run(&["detect", "--rules", rules, &log]).exits(2);
    assert!(
        refused.out.is_empty() && refused.err.contains("broken.yml"),
        "{}",
        refused.err
    );
    let found = program
        .run(&["detect", "--rules", rules, "--skip-invalid", &log])
        .exits(1);
    assert!(found.err.contains("nonsense"), "{}", found.err);
    let quiet = program.file("quiet.csv", samples::REST_API);
    program
        .run(&["detect", "--rules", rules, "--skip-invalid", &quiet])
        .exits(4);
    assert!(!rule.is_empty());
}

#[test]
fn generic_json_is_what_the_user_says_it_is() {
    let program = Program::new();
    let rule = program.file("token.yml", samples::RULE);
    let event = r#"{"time":"2025-11-23T08:00:00Z","event_type":"project_access_token_created","details":{"custom_message":"[:api]"}}"#;
    let log = program.file("events.ndjson", format!("{event}\n"));
    let detect = ["detect", "--rules", &rule, "--as", "json"];
    let finding = &program.run(&[&detect[..], &[&log]].concat()).exits(1).lines()[0];
    assert_eq!(
        (finding["table"].as_str(), finding["time"].as_str()),
        (Some("json.events"), Some("2025-11-23T08:00:00Z"))
    );
    program
        .run(&[&detect[..], &["--logsource", "product=gitlab,service=audit", &log]].concat())
        .exits(1);
    program
        .run(&[&detect[..], &["--logsource", "product=aws", &log]].concat())
        .exits(0);
}

#[test]
fn without_rules_the_shipped_ones_run() {
    let program = Program::new();
    let log = program.file("audit.ndjson", samples::GITLAB);
    let findings = program.run(&["detect", &log]).exits(1).lines();
    let titles: Vec<_> = findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "GitLab access token created",
            "Powerful GitLab project or group token created"
        ]
    );
    for finding in &findings {
        assert_eq!(finding["author"], "Sekisho project");
        assert_eq!(finding["table"], "gitlab.audit_events");
    }
    program.run(&["ingest", &log]).exits(0);
    assert_eq!(program.run(&["detect"]).exits(1).lines(), findings);
    let quiet = program.file("quiet.csv", samples::REST_API);
    program.run(&["detect", &quiet]).exits(0);
}
