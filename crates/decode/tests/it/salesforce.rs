//! Salesforce in every form that admins and vendors hand over.

use serde_json::json;

use crate::support::{as_kind, decode_with, fixture, fixture_bytes, try_decode};

const REST_API: &str = "salesforce_elf.RestApi";

#[test]
fn hourly_elf_csv_is_typed_and_keeps_what_the_types_lose() {
    let rows = fixture("salesforce/elf_rest_api_hourly.csv").only(REST_API, 3);
    rows.expect(
        0,
        &[
            ("TIMESTAMP", "2025-11-20T09:30:15.130Z"),
            ("_time", "2025-11-20T09:30:15.130Z"),
            ("_org", "00D5g00000AbCdE"),
            ("_source", "salesforce-elf"),
            ("_file", "salesforce/elf_rest_api_hourly.csv"),
            ("_line", "2"),
            ("RUN_TIME", "812"),
            ("RUN_TIME_ms", "812"),
            ("DB_TOTAL_TIME", "120500000"),
            ("DB_TOTAL_TIME_ms", "120.5"),
            ("STATUS_CODE", "200"),
            ("USER_AGENT", "9999"),
            ("SESSION_KEY", "iK+3/QzXw9aB4cDe"),
            ("URI_ID_DERIVED", ""),
            ("QUERY", "SELECT Id, Name FROM Account WHERE Name LIKE 'A%'"),
        ],
    );
    assert_eq!(rows.object(0, "_original"), json!({"TIMESTAMP": "20251120093015.13"}));
    assert_eq!(rows.object(0, "_extra"), json!({"MARKETING_TAG": "spring"}));
    rows.expect(
        1,
        &[
            ("URI", "\"/services/data/v58.0/sobjects/Case\""),
            ("CLIENT_IP", "Salesforce.com IP"),
            ("USER_AGENT", "python-requests/2.28.2"),
            ("ROWS_PROCESSED", ""),
            ("_line", "3"),
        ],
    );
    rows.expect(
        2,
        &[
            ("QUERY", "line one\nline \"two\""),
            ("RUN_TIME", ""),
            ("ROWS_PROCESSED", "12"),
            ("TIMESTAMP", "2025-11-20T09:30:17Z"),
            ("_time", "2025-11-20T09:30:17Z"),
            ("_extra", ""),
            ("_line", "4"),
        ],
    );
    let kept = json!({"RUN_TIME": "n/a", "ROWS_PROCESSED": "12.0", "TIMESTAMP": "20251120093017"});
    assert_eq!(rows.object(2, "_original"), kept);
}

#[test]
fn elf_rows_project_to_events() {
    let rows = fixture("salesforce/elf_rest_api_hourly.csv").only(REST_API, 3);
    rows.expect_event(
        0,
        &[
            ("time", "2025-11-20T09:30:15.130Z"),
            ("org", "00D5g00000AbCdE"),
            ("source", "salesforce-elf"),
            ("table", REST_API),
            ("kind", "RestApi"),
            ("action", "GET"),
            ("outcome", "success"),
            ("actor", "0055g000001XyZaAAK"),
            ("src_ip", "192.0.2.10"),
            ("user_agent", "9999"),
            ("app", "Example Connector"),
            ("app_id", "0H45g000000AppA"),
            ("login_key", "aB+7/kLmNoPqRsTu"),
            ("session_key", "iK+3/QzXw9aB4cDe"),
            ("object", "Account"),
            ("rows", "2000"),
            ("bytes", "412345"),
            ("duration_ms", "812"),
            ("query", "SELECT Id, Name FROM Account WHERE Name LIKE 'A%'"),
            ("request_id", "4oVZ9aB1cD2eF3-A"),
            ("line", "2"),
        ],
    );
    rows.expect_event(
        1,
        &[("outcome", "failure"), ("src_ip", "Salesforce.com IP"), ("rows", "")],
    );
    rows.expect_event(
        2,
        &[
            ("query", "line one\nline \"two\""),
            ("session_key", ""),
            ("duration_ms", ""),
        ],
    );
    assert_eq!(rows.event(0, "event_uid"), rows.cell(0, "_uid"));
}

#[test]
fn daily_elf_csv_has_the_unit_of_its_type() {
    let apex = fixture("salesforce/elf_apex_execution_daily.csv").only("salesforce_elf.ApexExecution", 2);
    apex.expect(
        0,
        &[
            ("DB_TOTAL_TIME", "250"),
            ("DB_TOTAL_TIME_ms", "250"),
            ("IS_LONG_RUNNING_REQUEST", "false"),
        ],
    );
    assert_eq!(apex.object(0, "_original")["IS_LONG_RUNNING_REQUEST"], "0");
    let report = fixture("salesforce/elf_report_daily.csv").only("salesforce_elf.Report", 1);
    report.expect(0, &[("DB_TOTAL_TIME", "250000000"), ("DB_TOTAL_TIME_ms", "250")]);
    report.expect_event(
        0,
        &[
            ("rows", "15000"),
            ("record_id", "00O5g000001RepAEAS"),
            ("outcome", "success"),
        ],
    );
}

#[test]
fn elf_rows_as_json_are_the_same_table() {
    for form in ["json", "ndjson"] {
        let rows = fixture(&format!("salesforce/elf_rest_api_rows.{form}")).only(REST_API, 3);
        rows.expect(
            0,
            &[
                ("RUN_TIME", "812"),
                ("DB_TOTAL_TIME_ms", "120.5"),
                ("_org", "00D5g00000AbCdE"),
            ],
        );
        rows.expect(1, &[("CLIENT_IP", "Salesforce.com IP"), ("ROWS_PROCESSED", "")]);
    }
}

#[test]
fn event_log_file_records_give_the_rows_of_the_file_inside() {
    for path in ["event_log_file_base64.json", "event_log_file_data_loader.csv"] {
        let rows = fixture(&format!("salesforce/{path}")).only("salesforce_elf.Login", 2);
        rows.expect_event(
            0,
            &[
                ("actor", "alice@example.com"),
                ("src_ip", "203.0.113.9"),
                ("outcome", "success"),
                ("user_agent", "curl/8.6.0"),
            ],
        );
        rows.expect_event(
            1,
            &[
                ("actor", "mallory@example.com"),
                ("outcome", "failure"),
                ("actor_id", ""),
            ],
        );
        assert_eq!(rows.cell(0, "_line"), rows.cell(1, "_line"), "both stand in one record");
    }
}

#[test]
fn event_log_file_records_with_a_path_are_rows_of_event_log_file() {
    let rows = fixture("salesforce/event_log_file_paths.json").only("salesforce.EventLogFile", 1);
    rows.expect(
        0,
        &[
            ("EventType", "Login"),
            ("Sequence", "1"),
            ("LogFileLength", "2692"),
            ("_time", "2025-11-20T09:00:00Z"),
            (
                "LogFile",
                "/services/data/v60.0/sobjects/EventLogFile/0AT5g00000LogAAA/LogFile",
            ),
            ("_extra", ""),
        ],
    );
}

#[test]
fn the_limits_body_holds_no_events() {
    let (result, kept) = try_decode(
        &fixture_bytes("salesforce/limits.json"),
        &crate::support::named("limits.json"),
    );
    assert!(matches!(result, Err(sekisho_decode::DecodeError::NotEvents { .. })));
    assert_eq!(kept.rows(), 0);
}

#[test]
fn rtem_is_read_from_data_loader_rest_and_bare_lines() {
    let loader = fixture("salesforce/rtem_api_event_data_loader.csv").only("salesforce.ApiEvent", 1);
    let rest = fixture("salesforce/rtem_api_event_rest.json").only("salesforce.ApiEvent", 2);
    let bare = fixture("salesforce/rtem_api_event_bare.ndjson").only("salesforce.ApiEvent", 2);
    for rows in [&loader, &rest, &bare] {
        rows.expect(
            0,
            &[
                ("_time", "2025-11-20T09:30:15.130Z"),
                ("_org", "unknown"),
                ("_source", "salesforce-rtem"),
                ("RowsProcessed", "2000"),
                ("ElapsedTime_ms", "812"),
                (
                    "Records",
                    "{\"totalSize\":1,\"done\":true,\"records\":[{\"Id\":\"0015g00000AccA\"}]}",
                ),
            ],
        );
        rows.expect_event(
            0,
            &[
                ("kind", "ApiEvent"),
                ("actor", "alice@example.com"),
                ("actor_id", "0055g000001XyZaAAK"),
                ("app", "Example Connector"),
                ("action", "Query"),
                ("outcome", "success"),
                ("object", "Account"),
                ("rows", "2000"),
                ("session_key", "iK+3/QzXw9aB4cDe"),
                ("session_level", "STANDARD"),
            ],
        );
    }
    assert_eq!(rest.object(1, "_extra"), json!({"AgentPlan": "new in a later release"}));
    rest.expect(1, &[("Client", ""), ("UserAgent", "")]);
    assert_eq!(rest.object(0, "_original")["EventDate"], "2025-11-20T09:30:15.130+0000");
}

#[test]
fn streaming_envelopes_are_opened() {
    let cometd = fixture("salesforce/rtem_login_event_cometd.json").only("salesforce.LoginEventStream", 1);
    cometd.expect_event(
        0,
        &[
            ("actor", "alice@example.com"),
            ("src_ip", "203.0.113.9"),
            ("country", "NL"),
            ("outcome", "success"),
            ("user_agent", "curl/8.6.0"),
        ],
    );
    let delivery = cometd.object(0, "_extra");
    assert_eq!(delivery["event"]["replayId"], 1201);
    assert_eq!(delivery["schema"], "oYH9cV8bQ2");
    let bare = fixture("salesforce/rtem_login_event_bare_envelope.ndjson").only("salesforce.LoginEventStream", 1);
    bare.expect(
        0,
        &[("Username", "alice@example.com"), ("_time", "2025-11-20T09:00:00Z")],
    );
}

#[test]
fn login_history_is_read_from_rest_and_from_the_setup_page() {
    let rest = fixture("salesforce/login_history_rest.json").only("salesforce.LoginHistory", 2);
    rest.expect(
        0,
        &[
            ("OptionsIsPost", "true"),
            ("_time", "2025-11-20T09:00:00Z"),
            ("_source", "salesforce-login-history"),
        ],
    );
    rest.expect_event(
        1,
        &[
            ("actor", "0055g000001XyZbAAK"),
            ("outcome", "failure"),
            ("src_ip", "203.0.113.9"),
        ],
    );
    let page = fixture("salesforce/login_history_setup_page.csv").only("salesforce.LoginHistory", 2);
    page.expect(
        0,
        &[
            ("Username", "alice@example.com"),
            ("_time", "2025-11-20T09:00:00Z"),
            ("LoginUrl", "example.my.salesforce.com"),
        ],
    );
    page.expect_event(
        0,
        &[
            ("actor", "alice@example.com"),
            ("outcome", "success"),
            ("app", "Example Connector"),
        ],
    );
    page.expect(
        1,
        &[("LoginTime", "2025-11-20T09:01:00Z"), ("_time", "2025-11-20T09:01:00Z")],
    );
    assert_eq!(page.object(1, "_original")["LoginTime"], "11/20/2025, 1:01:00 AM PST");
}

#[test]
fn the_setup_audit_trail_is_read_in_three_spellings() {
    let table = "salesforce.SetupAuditTrail";
    let rest = fixture("salesforce/setup_audit_trail_rest.json").only(table, 1);
    rest.expect_event(
        0,
        &[
            ("action", "PermSetEnableUserPerm"),
            ("actor", "0055g000001XyZaAAK"),
            ("object", "Manage Users"),
        ],
    );
    let page = fixture("salesforce/setup_audit_trail_setup_page.csv").only(table, 1);
    page.expect_event(
        0,
        &[
            ("actor", "alice@example.com"),
            ("object", "Manage Users"),
            ("time", "2025-11-20T10:00:00Z"),
        ],
    );
    let snake = fixture("salesforce/setup_audit_trail_snake_case.ndjson").only(table, 1);
    snake.expect(
        0,
        &[
            ("Action", "createduser"),
            ("CreatedDate", "2025-11-20T10:05:00Z"),
            ("Id", "0Ym5g00000AudB"),
            ("_extra", ""),
        ],
    );
    snake.expect_event(
        0,
        &[
            ("actor", "alice@example.com"),
            ("message", "Created new user Bob Example"),
        ],
    );
}

#[test]
fn field_history_is_read_in_every_form() {
    let account = fixture("salesforce/account_history.csv").only("salesforce.AccountHistory", 2);
    account.expect(
        0,
        &[
            ("Field", "Phone"),
            ("OldValue", "03-0000-0001"),
            ("NewValue", "03-0000-0002"),
            ("IsDeleted", "false"),
        ],
    );
    account.expect(1, &[("Field", "created"), ("OldValue", "")]);
    account.expect_event(
        0,
        &[("record_id", "0015g00000AccAAAU"), ("time", "2019-01-15T08:00:00Z")],
    );
    for path in ["contact_history_rest.json", "contact_history.csv"] {
        let contact = fixture(&format!("salesforce/{path}")).only("salesforce.FieldHistory", 1);
        contact.expect(
            0,
            &[
                ("ParentId", "0035g00000ConAAAU"),
                ("ParentType", "Contact"),
                ("NewValue", "new@example.com"),
                ("_extra", ""),
            ],
        );
    }
    let header = fixture_bytes("salesforce/contact_history.csv").to_ascii_uppercase();
    let loader = crate::support::decode(&header, "x").only("salesforce.FieldHistory", 1);
    loader.expect(0, &[("ParentId", "0035G00000CONAAAU"), ("ParentType", "Contact")]);
    let custom = fixture("salesforce/custom_history_rest.ndjson").only("salesforce.FieldHistory", 1);
    custom.expect(
        0,
        &[
            ("ParentId", "a015g00000InvAAAU"),
            ("ParentType", "Invoice__c"),
            ("Field", "Amount__c"),
        ],
    );
    let archive = fixture("salesforce/field_history_archive.csv").only("salesforce.FieldHistoryArchive", 1);
    archive.expect(
        0,
        &[
            ("FieldHistoryType", "Account"),
            ("_time", "2016-05-01T00:00:00Z"),
            ("OldValue", "Example Ltd"),
        ],
    );
}

#[test]
fn event_log_objects_have_their_own_schema() {
    let rows = fixture("salesforce/login_event_log_rest.json").only("salesforce_event_log.LoginEventLog", 1);
    rows.expect(
        0,
        &[
            ("_source", "salesforce-event-log-object"),
            ("DatabaseTotalTime_ms", "72.839779"),
        ],
    );
    rows.expect_event(
        0,
        &[
            ("actor", "alice@example.com"),
            ("outcome", "success"),
            ("src_ip", "203.0.113.9"),
        ],
    );
}

#[test]
fn shift_jis_from_a_japanese_spreadsheet_is_read() {
    let rows = fixture("salesforce/setup_audit_trail_shift_jis.csv").only("salesforce.SetupAuditTrail", 2);
    rows.expect(
        0,
        &[
            ("Display", ""),
            ("Action", "新規ユーザー 山田太郎 を作成しました"),
            ("_time", "2025-11-20T01:00:00Z"),
        ],
    );
    rows.expect(1, &[("Section", "ソース表示")]);
}

#[test]
fn a_corrupt_key_is_an_unknown_column() {
    let rows = fixture("salesforce/elf_logout_corrupt_key.json").only("salesforce_elf.Logout", 1);
    assert_eq!(
        rows.object(0, "_extra"),
        json!({"API_VERSION,USER_INITIATED_LOGOUT": "1"})
    );
}

#[test]
fn unknown_event_types_keep_their_name_and_columns() {
    let rows = fixture("salesforce/elf_unknown_type.csv").only("salesforce_elf.QuantumSync", 1);
    assert_eq!(rows.object(0, "_extra"), json!({"QUANTUM_STATE": "up"}));
    rows.expect_event(
        0,
        &[
            ("kind", "QuantumSync"),
            ("src_ip", "192.0.2.10"),
            ("org", "00D5g00000AbCdE"),
        ],
    );
}

#[test]
fn the_kind_that_the_user_names_goes_before_content() {
    let bytes = fixture_bytes("salesforce/rtem_api_event_bare.ndjson");
    let generic = decode_with(&bytes, &as_kind("json", "x")).only("json.events", 2);
    assert_eq!(generic.object(0, "_extra")["Username"], "alice@example.com");
    let history = b"LoginTime,UserId,SourceIp,B\n2025-11-20T00:00:00Z,005,192.0.2.10,2\n";
    let rows = decode_with(history, &as_kind("salesforce-login-history", "x")).only("salesforce.LoginHistory", 1);
    assert_eq!(rows.object(0, "_extra"), json!({"B": "2"}));
}

#[test]
fn the_org_that_the_user_names_goes_before_cells_and_both_spellings_of_a_cell_are_one() {
    let bytes = fixture_bytes("salesforce/elf_report_daily.csv");
    let mut options = crate::support::named("x");
    options.org = Some(sekisho_event::ids::OrgId::new("prod"));
    decode_with(&bytes, &options)
        .only("salesforce_elf.Report", 1)
        .expect(0, &[("_org", "prod")]);
    let long = String::from_utf8(bytes)
        .unwrap()
        .replace("00D5g00000AbCdE", "00D5g00000AbCdEEAV");
    let rows = decode_with(long.as_bytes(), &crate::support::named("x")).only("salesforce_elf.Report", 1);
    rows.expect(
        0,
        &[("_org", "00D5g00000AbCdE"), ("ORGANIZATION_ID", "00D5g00000AbCdEEAV")],
    );
}
