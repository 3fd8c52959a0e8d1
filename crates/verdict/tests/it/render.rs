//! The sheet as text: golden pages, and bounds that hold for any sheet.

use proptest::prelude::*;
use sekisho_event::text::Lang;
use sekisho_verdict::{FindingCounts, Sheet, render};
use unicode_width::UnicodeWidthStr;

use crate::events::{ALLOW, Event, Question, event, examine, question};

fn with(mut event: Event, pairs: &[(&'static str, &str)]) -> Event {
    for (name, value) in pairs {
        event.insert(name, (*value).to_owned());
    }
    event
}

/// Three Salesforce orgs, a GitLab and an AWS account, in small.
fn incident() -> Sheet {
    let connect = |org: &str, session: &str, ip: &str, time: &str| {
        with(
            event(&[
                ("action", "GET"),
                ("app", "Tsumugi Connect"),
                ("actor", "tsumugi.integration@kaede.example"),
                ("actor_id", "0055g00000AbCdE"),
                ("user_agent", "python-requests/2.32.3"),
                ("outcome", "success"),
            ]),
            &[("org", org), ("session_key", session), ("src_ip", ip), ("time", time)],
        )
    };
    let mut events = Vec::new();
    let objects = [
        ("Case", 18_400),
        ("Contact", 48_210),
        ("User", 312),
        ("Account", 9_120),
        ("ContentVersion", 40),
    ];
    for (number, (object, rows)) in objects.into_iter().enumerate() {
        let time = format!("2025-11-18T17:{number:02}:00Z");
        for (table, action) in [("salesforce_elf.RestApi", "GET"), ("salesforce.ApiEvent", "Query")] {
            let mut read = connect("kaede-japan", "Zk3+aB/19QxTr0Wd", "203.0.113.9", &time);
            read.extend([
                ("object", object.to_owned()),
                ("rows", rows.to_string()),
                ("table", table.to_owned()),
                ("action", action.to_owned()),
            ]);
            events.push(read);
        }
    }
    for part in 0..3 {
        let time = format!("2025-11-18T17:1{part}:00Z");
        events.push(with(
            connect("kaede-japan", "Zk3+aB/19QxTr0Wd", "203.0.113.9", &time),
            &[
                ("table", "salesforce.BulkApiResultEventStore"),
                ("query", "SELECT Id, Email, Phone FROM Contact"),
            ],
        ));
    }
    events.push(with(
        connect(
            "kaede-japan",
            "Zk3+aB/19QxTr0Wd",
            "203.0.113.77",
            "2025-11-18T17:30:00Z",
        ),
        &[
            ("table", "salesforce.ReportEvent"),
            ("action", "ReportExported"),
            ("object", "Case"),
            ("rows", "2000"),
        ],
    ));
    events.push(with(
        connect("kaede-us", "Q9pL0/ab+Xy2Kd7f", "203.0.113.21", "2025-11-19T03:00:00Z"),
        &[("object", "Case"), ("rows", "250")],
    ));
    for hour in 0..8 {
        let time = format!("2025-11-20T{hour:02}:00:00Z");
        let login = with(
            connect("kaede-emea", "", "198.51.100.200", &time),
            &[
                ("table", "salesforce.LoginHistory"),
                ("app", "Browser"),
                ("forwarded_ip", if hour == 3 { "203.0.113.9" } else { "198.51.100.200" }),
            ],
        );
        events.push(login);
    }
    for (number, path) in ["variables", "repository/archive.zip"].into_iter().enumerate() {
        let time = format!("2025-11-21T05:0{number}:00Z");
        let path = format!("/api/v4/projects/7/{path}");
        events.push(with(
            connect("gitlab.kaede.example", "", "203.0.113.40", &time),
            &[
                ("table", "gitlab.api_log"),
                ("query", &path),
                ("target", "shop/web"),
                ("token_id", "4711"),
                ("app", "ProjectAccessToken"),
                ("actor", "project_7_bot"),
                ("actor_id", "91"),
                ("bytes", "1834221"),
            ],
        ));
    }
    events.push(with(
        connect("kaede-aws", "", "198.51.100.7", "2025-11-21T06:00:00Z"),
        &[
            ("table", "aws.cloudtrail"),
            ("action", "ListBuckets"),
            ("object", "s3.amazonaws.com"),
            ("actor", "ci-deploy"),
            ("app", ""),
            ("token_id", "AKIAIOSFODNN7EXAMPLE"),
        ],
    ));
    for event in &mut events {
        event.retain(|_, value| !value.is_empty());
    }
    let mut question = Question {
        allow: ALLOW,
        from: Some("2025-10-27T00:00:00Z"),
        to: Some("2025-11-24T00:00:00Z"),
        ..question()
    };
    question.context.rules = 42;
    let findings = FindingCounts {
        critical: 1,
        high: 6,
        ..FindingCounts::default()
    };
    question.context.findings.insert("kaede-japan".to_owned(), findings);
    examine(&question, &events)
}

#[test]
fn the_page_in_english() {
    insta::assert_snapshot!(render(&incident(), Lang::En, 100));
}

#[test]
fn the_page_in_japanese() {
    insta::assert_snapshot!(render(&incident(), Lang::Ja, 100));
}

#[test]
fn five_orgs_fit_one_printed_page_in_both_languages() {
    let sheet = incident();
    for lang in [Lang::En, Lang::Ja] {
        let text = render(&sheet, lang, 100);
        assert!(text.lines().count() <= 70, "{lang:?}: {} lines", text.lines().count());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_of_an_attacker_breaks_the_page(texts in prop::collection::vec("[\\PC\u{1b}\u{202e}\n\r\t]{0,120}", 6), width in 0usize..200) {
        let names = ["org", "actor", "app", "object", "user_agent", "session_key"];
        let mut hostile = event(&[("src_ip", "203.0.113.9"), ("action", "GET"), ("rows", "5")]);
        for (name, text) in names.into_iter().zip(&texts) {
            hostile.insert(name, text.clone());
        }
        let sheet = examine(&question(), &[hostile]);
        for lang in [Lang::En, Lang::Ja] {
            let text = render(&sheet, lang, width);
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
            prop_assert!(widest <= width.clamp(60, 120), "{widest} columns of {width}\n{text}");
            prop_assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text:?}");
            let is_reordered = text.contains('\u{202e}');
            prop_assert!(!is_reordered);
        }
    }
}
