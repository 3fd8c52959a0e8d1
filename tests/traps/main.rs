//! Traps of the source documents (domain notes, "Traps"), each a named test through the program. Traps of single cells
//! and times stand with the decoders.
#![allow(clippy::disallowed_methods, reason = "tests write their own files")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../../crates/cli/tests/it/program.rs"]
mod program;

use program::Program;
use serde_json::{Value, json};

/// Loads one ELF file and returns the rows of its table.
fn elf_rows(event_type: &str, header: &str, rows: &[&str]) -> Vec<Value> {
    let program = Program::new();
    let mut text = format!("EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID,{header}\n");
    for row in rows {
        text.push_str(&format!("{event_type},20251123070102.000,00D5g00000AbCdE,{row}\n"));
    }
    let file = program.file("elf.csv", text);
    program.run(&["ingest", &file]).exits(0);
    let sql = format!("SELECT * FROM \"salesforce_elf\".\"{event_type}\" ORDER BY \"_line\"");
    program.run(&["query", &sql]).exits(0).lines()
}

#[test]
fn trap_db_total_time_is_ms_in_some_types_and_ns_in_others() {
    for event_type in ["ApexExecution", "ApexSoap", "ApexTrigger", "AsyncReportRun"] {
        assert_eq!(
            elf_rows(event_type, "DB_TOTAL_TIME", &["1500"])[0]["DB_TOTAL_TIME_ms"],
            1500.0,
            "{event_type}"
        );
    }
    for event_type in ["ApexRestApi", "Report", "VisualforceRequest", "Console"] {
        let row = &elf_rows(event_type, "DB_TOTAL_TIME", &["1500000000"])[0];
        assert_eq!(row["DB_TOTAL_TIME_ms"], 1500.0, "{event_type}");
        assert_eq!(row["DB_TOTAL_TIME"], 1_500_000_000_u64, "{event_type}");
    }
}

#[test]
fn trap_effective_page_time_null_is_not_zero() {
    let rows = elf_rows("LightningPageView", "EFFECTIVE_PAGE_TIME", &["", "0"]);
    assert_eq!(rows[0]["EFFECTIVE_PAGE_TIME"], Value::Null);
    assert_eq!(rows[0]["EFFECTIVE_PAGE_TIME_ms"], Value::Null);
    assert_eq!(rows[1]["EFFECTIVE_PAGE_TIME_ms"], 0.0);
}

#[test]
fn trap_retention_is_stated_three_ways() {
    let rows = Program::new().run(&["tables"]).exits(0).lines();
    let days = |name: &str| rows.iter().find(|row| row["table"] == name).unwrap()["retention_days"].clone();
    assert_eq!(days("salesforce.ApiEvent"), 183, "RTEM: 6 months");
    assert_eq!(days("salesforce.LoginEvent"), 3650, "authentication: 10 years");
    assert_eq!(days("salesforce_elf.Report"), 30, "ELF: 30 days unless extended");
}

#[test]
fn trap_same_login_key_new_session_key_is_frontdoor_or_login_as() {
    let program = Program::new();
    let header = "EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID,USER_ID,LOGIN_KEY,SESSION_KEY,CLIENT_IP,USER_AGENT,URI";
    let rows = [
        "URI,20251123070000.000,00D5g00000AbCdE,0055g00000AAAAA,LLLLLLLLLLLLLLLL,S1S1S1S1S1S1S1S1,192.0.2.1,Mozilla/5.0,/home",
        "URI,20251123071000.000,00D5g00000AbCdE,0055g00000BBBBB,LLLLLLLLLLLLLLLL,S2S2S2S2S2S2S2S2,192.0.2.1,Mozilla/5.0,/home",
        "URI,20251123072000.000,00D5g00000AbCdE,0055g00000AAAAA,LLLLLLLLLLLLLLLL,S3S3S3S3S3S3S3S3,203.0.113.9,curl/8.6.0,/secur/frontdoor.jsp",
    ];
    let file = program.file("uri.csv", format!("{header}\n{}\n", rows.join("\n")));
    let tree = program
        .run(&["session", "--format", "json", "LLLLLLLLLLLLLLLL", &file])
        .exits(0)
        .json();
    let kind = |key: &str| {
        let sessions = tree["sessions"].as_array().unwrap();
        sessions.iter().find(|session| session["session_key"] == key).unwrap()["kind"].clone()
    };
    assert_eq!(kind("S2S2S2S2S2S2S2S2"), "login_as", "{tree:#}");
    assert_eq!(kind("S3S3S3S3S3S3S3S3"), "frontdoor", "{tree:#}");
}

#[test]
fn trap_keys_contain_plus_slash_and_mixed_case() {
    let keys = ["aB+/c1D2e3F4g5H6,Zx9+/Yw8Vu7Ts6Rq", "ab+/c1D2e3F4g5H6,zx9+/Yw8Vu7Ts6Rq"];
    let rows = elf_rows("URI", "SESSION_KEY,LOGIN_KEY", &keys);
    assert_eq!(rows[0]["SESSION_KEY"], "aB+/c1D2e3F4g5H6");
    assert_eq!(rows[1]["SESSION_KEY"], "ab+/c1D2e3F4g5H6");
    assert_ne!(rows[0]["_uid"], rows[1]["_uid"]);
}

#[test]
fn trap_file_access_is_in_elf_and_in_newer_releases_in_file_event() {
    let rows = Program::new().run(&["tables"]).exits(0).lines();
    for name in [
        "salesforce_elf.ContentTransfer",
        "salesforce_elf.DocumentAttachmentDownloads",
        "salesforce.FileEventStore",
    ] {
        assert!(rows.iter().any(|row| row["table"] == name), "{name}");
    }
    assert_eq!(
        elf_rows_of_misspelt_type(),
        "salesforce_elf.DocumentAttachmentDownloads"
    );
}

/// The documentation prints `DocumentAttachmentDownoads`.
fn elf_rows_of_misspelt_type() -> String {
    let program = Program::new();
    let file = program.file(
        "elf.csv",
        "EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID\nDocumentAttachmentDownoads,20251123070102.000,00D5g00000AbCdE\n",
    );
    let report = program.run(&["ingest", "--format", "json", &file]).exits(0).json();
    report["tables"].as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn trap_api_event_holds_reads_only() {
    let program = Program::new();
    let row = json!({"attributes": {"type": "ApiEvent"}, "EventIdentifier": "e1", "EventDate": "2025-11-23T07:00:00.000+0000",
        "SourceIp": "192.0.2.1", "UserAgent": "curl/8.6.0", "Username": "a@example.com", "Operation": "Query"});
    let file = program.file(
        "ApiEvent.json",
        json!({"totalSize": 1, "done": true, "records": [row]}).to_string(),
    );
    let list = program.file("ip.txt", "203.0.113.9\n");
    let answer = program.run(&["hunt", "--ioc", &list, "--format", "json", &file]).json();
    let blind = answer["coverage"][0]["blind"].as_array().unwrap();
    assert!(blind.iter().any(|blind| blind["what"] == "writes"), "{blind:?}");
}

#[test]
fn trap_hours_past_midnight_in_japan() {
    let program = Program::new();
    let list = program.file("ip.txt", "203.0.113.9\n");
    let file = program.file(
        "elf.csv",
        "EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID,CLIENT_IP\nURI,20251204165900.000,00D5g00000AbCdE,203.0.113.9\n",
    );
    let hunt = |to: &str| {
        let range = ["--tz", "Asia/Tokyo", "--from", "2025-12-04 23:00", "--to", to];
        program
            .run(&[&["hunt", "--ioc", &list, "--format", "json"], &range[..], &[&file]].concat())
            .json()["hit_count"]
            .clone()
    };
    assert_eq!(hunt("2025-12-04 26:00"), 1, "26:00 in Japan is 17:00 UTC");
    assert_eq!(hunt("2025-12-04 25:59"), 0);
}

#[test]
fn trap_a_time_without_a_zone_is_never_guessed() {
    let program = Program::new();
    let list = program.file("ip.txt", "203.0.113.9\n");
    program
        .run(&["hunt", "--ioc", &list, "--from", "2025-11-20T09:00", "x.csv"])
        .exits(2);
}

#[test]
fn trap_fragments_of_browsers_do_not_hit_ordinary_browsers() {
    let program = Program::new();
    let list = "name: f\nindicators:\n  - {kind: user_agent, value: Safari/537.36, match: exact}\n";
    let list = program.file("list.yaml", list);
    let browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML; like Gecko) Chrome/130.0 Safari/537.36";
    let file = program.file(
        "elf.csv",
        format!("EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID,USER_AGENT,CLIENT_IP\nRestApi,20251123070102.000,00D5g00000AbCdE,{browser},192.0.2.1\n"),
    );
    let answer = program.run(&["hunt", "--ioc", &list, "--format", "json", &file]).json();
    assert_eq!(
        answer["hit_count"], 0,
        "an exact fragment is matched as a whole user agent only"
    );
}

#[test]
fn trap_streamed_only_types_are_blind_where_only_rest_was_loaded() {
    let program = Program::new();
    let row = json!({"id": 1, "author_id": 1, "entity_id": 6, "entity_type": "Project", "event_name": "project_archived",
        "details": {"custom_message": "Project archived", "author_name": "root", "ip_address": "192.0.2.1", "entity_path": "g/p"},
        "created_at": "2025-11-23T07:00:00.000Z"});
    let file = program.file("audit.json", json!([row]).to_string());
    let list = program.file("ip.txt", "203.0.113.9\n");
    let answer = program
        .run(&["hunt", "--ioc", &list, "--format", "json", &file])
        .exits(4)
        .json();
    assert_eq!(
        answer["verdict"], "inconclusive",
        "clones are only streamed, and no stream was loaded"
    );
}
