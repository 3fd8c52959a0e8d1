//! What does not load is refused by name, file and line.

use sekisho_sigma::{Level, LineResult, LoadOptions, Routing, RuleSet, Severity, SigmaError, check, match_ndjson};

use crate::support::{load, matches, rule};

const GOOD: &str = "title: Good
id: 5f0c7d0e-2a3b-4c5d-8e9f-000000000001
status: test
author: Someone
logsource:
  product: gitlab
  service: audit
detection:
  sel:
    event_name: project_destroyed
  condition: sel
level: high
tags:
  - attack.impact
";

fn problems_of(text: &str) -> Vec<(usize, String)> {
    match RuleSet::load([("bad.yml", text)], &LoadOptions::default()) {
        Err(SigmaError::Refused { problems }) => problems
            .into_iter()
            .map(|problem| (problem.line, problem.message))
            .collect(),
        Err(error) => panic!("{error}"),
        Ok(_) => Vec::new(),
    }
}

fn with_detection(lines: &str) -> String {
    format!("title: Bad\nlogsource: {{product: p}}\ndetection:\n{lines}")
}

#[test]
fn every_broken_construct_is_named_with_its_line() {
    for (lines, line, word) in [
        ("  s:\n    F|expand: '%admins%'\n  condition: s\n", 5, "%admins%"),
        ("  s:\n    F|bogus: x\n  condition: s\n", 5, "unknown modifier `bogus`"),
        ("  s:\n    F: x\n  condition: s and other\n", 6, "`other`"),
        ("  s:\n    F: x\n  condition: 1 of zzz*\n", 6, "of zzz*"),
        ("  s:\n    F:\n      - x\n      -\n  condition: s\n", 7, "null"),
        ("  s:\n    F: []\n  condition: s\n", 5, "empty"),
        ("  s:\n    F: x\n  condition: s | count() > 5\n", 6, "correlation"),
        ("  s:\n    F|all: x\n  condition: s\n", 5, "`all`"),
        ("  s:\n    F: x\n", 4, "`condition`"),
        ("  s: {}\n  condition: s\n", 4, "empty"),
        ("  s:\n    F|re: 'a(b'\n  condition: s\n", 5, "a(b"),
        ("  s:\n    F: x\n    F: y\n  condition: s\n", 6, "twice"),
    ] {
        let problems = problems_of(&with_detection(lines));
        let found = problems
            .iter()
            .any(|(at, message)| *at == line && message.contains(word));
        assert!(found, "{lines}: {problems:?}");
    }
}

#[test]
fn all_problems_of_a_rule_are_listed() {
    let text = "logsource: {}\ndetection:\n  s:\n    F|bogus: x\n    G|cidr: y\n  condition: s and t\n";
    let messages: Vec<String> = problems_of(text).into_iter().map(|(_, message)| message).collect();
    for word in ["title", "logsource", "bogus", "cidr", "`t`"] {
        assert!(
            messages.iter().any(|message| message.contains(word)),
            "{word}: {messages:?}"
        );
    }
}

#[test]
fn what_is_not_supported_yet_is_refused_by_name() {
    for (text, word) in [
        ("title: C\ncorrelation:\n  type: event_count\n", "correlation rules"),
        ("title: F\nfilter:\n  rules: [a]\n", "filters"),
        ("action: global\ntitle: A\n", "rule collections"),
    ] {
        let problems = problems_of(text);
        assert!(
            problems[0].1.contains(word) && problems[0].1.contains("not supported yet"),
            "{problems:?}"
        );
    }
}

#[test]
fn one_bad_rule_refuses_all_unless_it_is_to_be_skipped() {
    let bad = with_detection("  s:\n    F|bogus: x\n  condition: s\n");
    let text = format!("{GOOD}---\n{bad}");
    let sources = [
        ("good.yml", GOOD),
        ("bad.yml", text.as_str()),
        ("empty.yml", "# nothing\n"),
        ("no.yml", "- a\n"),
    ];
    let refused = RuleSet::load(sources, &LoadOptions::default());
    assert!(matches!(refused, Err(SigmaError::Refused { problems }) if problems.len() == 3));
    let options = LoadOptions {
        skip_invalid: true,
        ..LoadOptions::default()
    };
    let rules = RuleSet::load(sources, &options).unwrap();
    assert_eq!(rules.rules().len(), 2);
    let files: Vec<&str> = rules.skipped().iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(files, ["bad.yml", "empty.yml", "no.yml"]);
}

#[test]
fn what_a_rule_says_of_itself_is_kept() {
    let rules = load(GOOD);
    let rule = &rules.rules()[0];
    assert_eq!(rule.id, "5f0c7d0e-2a3b-4c5d-8e9f-000000000001");
    assert_eq!((rule.title.as_str(), rule.author.as_deref()), ("Good", Some("Someone")));
    assert_eq!(
        (rule.level, rule.tags.as_slice()),
        (Some(Level::High), ["attack.impact".to_owned()].as_slice())
    );
    assert_eq!(rule.logsource.service.as_deref(), Some("audit"));
    assert_eq!(
        load("title: No id\nlogsource: {product: p}\ndetection: {s: {a: b}, condition: s}").rules()[0].id,
        "No id"
    );
}

#[test]
fn placeholders_with_values_load() {
    let mut options = LoadOptions::default();
    options
        .placeholders
        .insert("admins".to_owned(), vec!["root".to_owned(), "adm*".to_owned()]);
    let text = rule("r", "{product: p}", "{s: {F|expand: '%admins%'}, condition: s}");
    let rules = RuleSet::load([("r.yml", text.as_str())], &options).unwrap();
    let found = matches(&rules, &[r#"{"F": "ROOT"}"#, r#"{"F": "admin"}"#, r#"{"F": "user"}"#]);
    assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn lines_that_are_no_events_are_rejected_and_the_rest_is_read() {
    let rules = load(&rule("r", "{product: p}", "{s: {F: a}, condition: s}"));
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let long = format!("{{\"F\": \"{}\"}}", "a".repeat(sekisho_sigma::LINE_LIMIT_BYTES));
    let lines: Vec<&[u8]> = vec![
        b"{\"F\": \"a\"}\r",
        b"not json",
        b"[1, 2]",
        b"\xff\xfe",
        deep.as_bytes(),
        deep_object.as_bytes(),
        long.as_bytes(),
        b"  ",
        b"\xef\xbb\xbf{\"F\": \"A\"}",
    ];
    let results: Vec<LineResult> = match_ndjson(&rules, &Routing::All, (1..).zip(lines)).collect();
    let matched: Vec<u64> = results
        .iter()
        .filter_map(|result| match result {
            LineResult::Match { line, .. } => Some(*line),
            LineResult::Rejected { .. } => None,
        })
        .collect();
    let rejected: Vec<u64> = results
        .iter()
        .filter_map(|result| match result {
            LineResult::Rejected { line, reason } => {
                assert!(!reason.is_empty());
                Some(*line)
            }
            LineResult::Match { .. } => None,
        })
        .collect();
    assert_eq!(matched, [1, 9]);
    assert_eq!(rejected, [2, 3, 4, 5, 6, 7]);
}

#[test]
fn check_tells_errors_from_warnings() {
    assert_eq!(check("good.yml", GOOD), []);
    let text = "title: T\nid: x\nlevel: sever\nlogsource: {product: p}\ndetection:\n  s:\n    F|bogus: x\n  spare:\n    G: y\n  timeframe: 5m\n  condition: s\n";
    let problems = check("t.yml", text);
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for expected in [
        "t.yml:7: error",
        "t.yml:2: warning",
        "t.yml:3: warning",
        "t.yml:8: warning",
        "t.yml:10: warning",
    ] {
        assert!(
            shown.iter().any(|problem| problem.starts_with(expected)),
            "{expected}: {shown:#?}"
        );
    }
    assert_eq!(
        problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .count(),
        1
    );
    assert!(
        check("e.yml", "")
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    );
    assert!(
        check("e.yml", "a: [\n")
            .iter()
            .any(|problem| problem.line >= 1 && problem.message.contains("YAML"))
    );
}

#[test]
fn texts_in_japanese_are_read_and_other_fields_of_authors_are_let_be() {
    let text = format!("{GOOD}x_title_ja: 良い例\nx_description_ja: 説明\nx_anything: {{deep: [1, 2]}}\n");
    let rules = load(&text);
    let rule = &rules.rules()[0];
    assert_eq!(rule.title_ja.as_deref(), Some("良い例"));
    assert_eq!(rule.description_ja.as_deref(), Some("説明"));
    assert_eq!(load(GOOD).rules()[0].title_ja, None);
    assert!(check("good.yml", &text).is_empty());
}
