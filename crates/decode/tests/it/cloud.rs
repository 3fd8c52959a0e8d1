//! AWS CloudTrail, Google Cloud audit logs, and JSON of any origin.

use serde_json::json;

use crate::support::{as_kind, decode_with, fixture, fixture_bytes, named};

#[test]
fn cloudtrail_is_read_as_records_and_as_lines() {
    let file = fixture("cloud/cloudtrail_records.json").only("aws.cloudtrail", 2);
    let lines = fixture("cloud/cloudtrail.ndjson").only("aws.cloudtrail", 2);
    assert_eq!(file.uids()[0], lines.uids()[0], "one event, whatever stands around it");
    file.expect(
        0,
        &[
            ("_time", "2025-11-20T09:00:01Z"),
            ("_org", "111122223333"),
            ("userIdentity.sessionContext.sessionIssuer.userName", "Admin"),
            ("userIdentity.sessionContext.attributes.mfaAuthenticated", "false"),
            (
                "requestParameters",
                "{\"bucketName\":\"example-bucket\",\"key\":\"a b.csv\"}",
            ),
            ("responseElements", ""),
            ("readOnly", "true"),
        ],
    );
    file.expect_event(
        0,
        &[
            ("kind", "GetObject"),
            ("actor", "Admin"),
            ("src_ip", "192.0.2.10"),
            ("user_agent", "aws-cli/2.15"),
            ("token_id", "ASIAEXAMPLE"),
            ("outcome", "success"),
        ],
    );
    file.expect_event(1, &[("outcome", "failure")]);
    lines.expect(1, &[("recipientAccountId", ""), ("_org", "111122223333")]);
}

#[test]
fn gcp_audit_logs_are_read_and_their_project_is_the_org() {
    let rows = fixture("cloud/gcp_audit.ndjson").only("gcp.audit", 1);
    rows.expect(
        0,
        &[("_org", "example-project"), ("_time", "2025-11-20T09:00:00.123456Z")],
    );
    assert_eq!(
        rows.object(0, "_original")["timestamp"],
        "2025-11-20T09:00:00.123456789Z"
    );
    rows.expect_event(
        0,
        &[
            ("kind", "google.iam.admin.v1.CreateServiceAccountKey"),
            ("actor", "alice@example.com"),
            ("src_ip", "192.0.2.10"),
            ("outcome", "failure"),
            ("record_id", "projects/-/serviceAccounts/1"),
        ],
    );
}

#[test]
fn generic_json_keeps_every_key_and_finds_its_time() {
    let bytes = fixture_bytes("cloud/generic.ndjson");
    let rows = decode_with(&bytes, &as_kind("json", "generic.ndjson")).only("json.events", 3);
    rows.expect(0, &[("_time", "2025-11-20T09:00:00Z"), ("_org", "unknown")]);
    let first = json!({"time": "2025-11-20T09:00:00Z", "user": "alice", "n": 1.5, "nested": {"a": [1, 2]}});
    assert_eq!(rows.object(0, "_extra"), first);
    assert!(
        rows.cell(0, "_extra").unwrap().contains("1.50"),
        "numbers stay as they are written"
    );
    rows.expect(1, &[("_time", "2025-11-20T09:00:00Z")]);
    assert_eq!(rows.object(1, "_extra")["attributes"], json!({"type": "x"}));
    assert_eq!(rows.object(1, "_extra")["records"], json!([{"a": 1}]));
    rows.expect(2, &[("_time", "")]);
    let mut options = as_kind("json", "generic.ndjson");
    options.time_field = Some("when".to_owned());
    let rows = decode_with(&bytes, &options).only("json.events", 3);
    rows.expect(0, &[("_time", "")]);
    rows.expect(2, &[("_time", "2025-11-20T00:00:00Z")]);
}

#[test]
fn json_with_a_time_is_generic_without_a_hint() {
    let rows = decode_with(b"{\"time\":\"2025-11-20T09:00:00Z\",\"user\":\"a\"}\n", &named("x")).only("json.events", 1);
    rows.expect(0, &[("_time", "2025-11-20T09:00:00Z"), ("_source", "json")]);
}
