//! GitLab audit events, Rails logs and job traces.

use serde_json::json;

use crate::support::{as_kind, decode, decode_with, fixture, fixture_bytes};

const AUDIT: &str = "gitlab.audit_events";

#[test]
fn streamed_audit_events_are_read() {
    let rows = fixture("gitlab/audit_stream.ndjson").only(AUDIT, 2);
    rows.expect(
        0,
        &[
            ("_time", "2025-11-20T03:57:21.347Z"),
            ("details.failed_login", "STANDARD"),
            ("author_id", "-1"),
            ("_source", "gitlab-audit"),
            ("_org", "unknown"),
        ],
    );
    rows.expect_event(
        0,
        &[
            ("kind", "login_failed_with_standard_authentication"),
            ("outcome", "failure"),
            ("actor", "root"),
            ("src_ip", "198.51.100.40"),
            ("message", "Failed to login with STANDARD authentication"),
        ],
    );
    rows.expect(
        1,
        &[
            ("details.custom_message.action", "git-upload-pack"),
            ("details.custom_message.protocol", "ssh"),
        ],
    );
    assert_eq!(
        rows.object(1, "details")["custom_message"],
        json!({"protocol": "ssh", "action": "git-upload-pack"})
    );
}

#[test]
fn audit_events_of_rest_name_their_type_in_another_key() {
    let rows = fixture("gitlab/audit_rest.json").only(AUDIT, 1);
    rows.expect_event(
        0,
        &[
            ("kind", "project_archived"),
            ("actor", "Administrator"),
            ("src_ip", "127.0.0.1"),
            ("target", "group/demo"),
        ],
    );
}

#[test]
fn the_audit_log_file_is_audit_events_too() {
    let rows = fixture("gitlab/audit_json.log").only(AUDIT, 1);
    rows.expect(0, &[("_time", "2025-11-20T08:00:00.100Z"), ("meta.user", "alice")]);
    rows.expect_event(
        0,
        &[
            ("actor", "Alice Example"),
            ("src_ip", "192.0.2.55"),
            ("request_id", "01HF0000000000000000000001"),
        ],
    );
}

#[test]
fn the_api_log_names_token_and_first_address() {
    let rows = fixture("gitlab/api_json.log").only("gitlab.api_log", 1);
    rows.expect(
        0,
        &[
            ("remote_ip", "203.0.113.9, 127.0.0.1"),
            ("duration_s_ms", "709.08"),
            ("_source", "gitlab-api-log"),
        ],
    );
    rows.expect_event(
        0,
        &[
            ("actor", "alice"),
            ("src_ip", "203.0.113.9"),
            ("forwarded_ip", "203.0.113.9, 127.0.0.1"),
            ("user_agent", "curl/8.6.0"),
            ("token_id", "42"),
            ("outcome", "success"),
            ("query", "/api/v4/projects/29/repository/archive"),
            ("request_id", "01HF0000000000000000000002"),
        ],
    );
}

#[test]
fn every_rails_log_finds_its_table() {
    let logs = [
        (
            "production_json.log",
            "gitlab.production_log",
            "action",
            "git_upload_pack",
        ),
        ("auth_json.log", "gitlab.auth_log", "outcome", "failure"),
        (
            "application_json.log",
            "gitlab.application_log",
            "message",
            "User \"Bob Example\" (bob@example.com) was created",
        ),
        ("gitlab-shell.log", "gitlab.shell_log", "target", "group/demo"),
        ("graphql_json.log", "gitlab.graphql_log", "action", "destroySnippet"),
        ("web_hooks.log", "gitlab.web_hooks_log", "action", "disable"),
        (
            "exceptions_json.log",
            "gitlab.exceptions_log",
            "object",
            "NoMethodError",
        ),
        ("features_json.log", "gitlab.features_log", "target", "example_flag"),
        ("sidekiq.log", "gitlab.sidekiq_log", "outcome", "success"),
    ];
    for (file, table, column, value) in logs {
        // The name of the file must not be what tells.
        let bytes = fixture_bytes(&format!("gitlab/{file}"));
        for options in [crate::support::named("x"), as_kind("gitlab-api-log", "x")] {
            let rows = decode_with(&bytes, &options).only(table, 1);
            rows.expect_event(0, &[(column, value)]);
            assert!(rows.event(0, "time").is_some(), "{file}");
        }
    }
}

#[test]
fn one_stream_of_all_logs_is_told_apart_row_by_row() {
    let logs = [
        "api_json.log",
        "auth_json.log",
        "audit_json.log",
        "gitlab-shell.log",
        "sidekiq.log",
    ];
    let mixed: Vec<u8> = logs
        .iter()
        .flat_map(|log| fixture_bytes(&format!("gitlab/{log}")))
        .collect();
    let kept = decode(&mixed.repeat(3), "all.log");
    assert_eq!(kept.counts().len(), 5);
    assert!(kept.counts().values().all(|rows| *rows == 3));
}

#[test]
fn a_job_trace_is_visible_lines_with_section_line_and_offset() {
    let bytes = fixture_bytes("gitlab/job_trace.log");
    let rows = fixture("gitlab/job_trace.log").only("gitlab.job_trace", 8);
    let texts: Vec<_> = (0..8).map(|row| rows.cell(row, "text").unwrap()).collect();
    assert_eq!(
        texts,
        [
            "Running with gitlab-runner 17.5.0 (abcdef01)",
            "Preparing environment",
            "Running on runner-1",
            "$ deploy --token [MASKED]",
            "10%",
            "50%",
            "100% done",
            "東京",
        ]
    );
    rows.expect(
        0,
        &[("section", ""), ("_line", "1"), ("byte_offset", "0"), ("_time", "")],
    );
    rows.expect(1, &[("section", "prepare_script"), ("_line", "2")]);
    rows.expect(3, &[("section", ""), ("masked", "true")]);
    for (row, text) in texts.iter().enumerate().skip(4).take(3) {
        let offset: usize = rows.cell(row, "byte_offset").unwrap().parse().unwrap();
        assert!(
            bytes[offset..].starts_with(text.as_bytes()),
            "the offset leads to {text}"
        );
    }
}

#[test]
fn runner_timestamps_give_time_stream_and_continuation() {
    let rows = fixture("gitlab/job_trace_timestamps.log").only("gitlab.job_trace", 4);
    rows.expect(
        0,
        &[
            ("_time", "2025-11-20T09:10:00.000001Z"),
            ("stream", "00O"),
            ("continued", ""),
        ],
    );
    rows.expect(1, &[("text", "partial"), ("section", "build")]);
    rows.expect(2, &[("text", " line"), ("continued", "true"), ("stream", "01O")]);
    rows.expect(3, &[("text", "warning"), ("stream", "01E")]);
}
