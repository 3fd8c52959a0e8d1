//! Telling what a file is: from its header, from what the user says, and from its name.

use sekisho_decode::{DecodeError, Options};
use serde_json::json;

use crate::support::{as_kind, decode, decode_with, named, try_decode};

const ELF: &str = "EVENT_TYPE,TIMESTAMP,REQUEST_ID,USER_ID,CLIENT_IP\nLogin,20251120000000.000,R1,005,192.0.2.10\n";

/// Returns what is said of a file that is not known; nothing of it may have been read.
fn unknown(bytes: &[u8], options: &Options) -> String {
    let (result, kept) = try_decode(bytes, options);
    kept.only_nothing();
    match result {
        Err(DecodeError::UnknownKind { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn indicators_in_columns_that_a_table_does_not_know_reach_events() {
    for event_type in ["URI", "Login"] {
        let csv = format!("EVENT_TYPE,TIMESTAMP,USER_AGENT\n{event_type},20251120000000.000,curl/8\n");
        let table = format!("salesforce_elf.{event_type}");
        decode(csv.as_bytes(), "x")
            .only(&table, 1)
            .expect_event(0, &[("user_agent", "curl/8")]);
    }
    let json = br#"{"time":"2025-11-20T00:00:00Z","client":{"ip":"192.0.2.10"},"user":"alice"}"#;
    let rows = decode_with(json, &as_kind("json", "x")).only("json.events", 1);
    rows.expect_event(0, &[("src_ip", "192.0.2.10"), ("actor", "alice")]);
    let audit = br#"{"attributes":{"type":"SetupAuditTrail"},"Id":"0Ym","CreatedById":"005","CreatedBy":{"attributes":{"type":"User"},"Username":"alice@example.com"}}"#;
    let rows = decode(audit, "x").only("salesforce.SetupAuditTrail", 1);
    rows.expect_event(0, &[("actor", "alice@example.com"), ("actor_id", "005")]);
}

#[test]
fn the_kind_that_the_user_names_goes_before_the_event_type_column() {
    assert!(unknown(ELF.as_bytes(), &as_kind("salesforce-rtem", "x")).contains("fits no table of salesforce-rtem"));
    assert!(unknown(ELF.as_bytes(), &as_kind("salesforce-login-history", "x")).contains("fits no table"));
    let csv = "EVENT_TYPE,EventDate,EventIdentifier,Username,Query,RowsProcessed\nLogin,2025-11-20T00:00:00Z,1,alice,SELECT Id FROM A,7\n";
    let rows = decode_with(csv.as_bytes(), &as_kind("salesforce-rtem", "ApiEvent.csv")).only("salesforce.ApiEvent", 1);
    rows.expect(0, &[("Username", "alice"), ("RowsProcessed", "7")]);
    assert_eq!(rows.object(0, "_extra"), json!({"EVENT_TYPE": "Login"}));
    decode(ELF.as_bytes(), "x").only("salesforce_elf.Login", 1);
}

#[test]
fn csv_is_not_read_as_json() {
    for kind in ["json", "gitlab-audit", "gitlab-api-log", "aws-cloudtrail", "gcp-audit"] {
        assert_eq!(
            unknown(ELF.as_bytes(), &as_kind(kind, "x")),
            "this is CSV, not JSON",
            "{kind}"
        );
    }
}

#[test]
fn the_event_type_column_counts_in_any_case() {
    let (header, rows) = ELF.split_once('\n').unwrap();
    for header in [header.to_ascii_lowercase(), header.replace("EVENT_TYPE", "Event_Type")] {
        decode(format!("{header}\n{rows}").as_bytes(), "x").only("salesforce_elf.Login", 1);
    }
    let few = b"event_type,day\nLogin,1\n";
    decode_with(few, &as_kind("salesforce-elf", "x")).only("salesforce_elf.Login", 1);
    let other = unknown(b"day,event_type,note\n1,2,3\n", &named("x"));
    assert!(other.contains("header"), "{other}");
}

#[test]
fn a_header_that_fits_several_objects_needs_a_file_name() {
    let csv = "EventIdentifier,EventDate,UserId,Username\n1,2025-11-20T00:00:00Z,005,alice\n";
    for options in [named("export.csv"), as_kind("salesforce-rtem", "export.csv")] {
        let what = unknown(csv.as_bytes(), &options);
        assert!(what.contains("equally well") && what.contains(".csv"), "{what}");
    }
    for object in ["ApiEvent", "LoginEvent", "ReportEvent"] {
        let kept = decode(csv.as_bytes(), &format!("exports/{object}.csv"));
        kept.only(&format!("salesforce.{object}"), 1);
    }
    // A stream and its store are one object; what was exported was stored.
    let csv = "EventIdentifier,EventDate,CurrentIp,CurrentUserAgent,PreviousIp\n1,2025-11-20T00:00:00Z,192.0.2.10,curl/8,192.0.2.9\n";
    decode(csv.as_bytes(), "x").only("salesforce.SessionHijackingEventStore", 1);
}

#[test]
fn an_envelope_without_a_channel_is_told_by_the_name_of_its_event() {
    let envelope = |name: &str| {
        format!(
            r#"{{"schema":"s","payload":{{"EventDate":"2025-11-20T00:00:00Z","UserId":"005","Username":"alice"}},"event":{{"replayId":7,"EventApiName":"{name}"}}}}"#
        )
    };
    for name in ["LogoutEventStream", "ReportEventStream", "UriEventStream"] {
        decode(envelope(name).as_bytes(), "x").only(&format!("salesforce.{name}"), 1);
    }
    let wrapped = format!(r#"{{"data":{}}}"#, envelope("LogoutEventStream"));
    decode(wrapped.as_bytes(), "x").only("salesforce.LogoutEventStream", 1);
    let channel = format!(
        r#"{{"channel":"/event/Mine__chn","data":{}}}"#,
        envelope("LogoutEventStream")
    );
    decode(channel.as_bytes(), "x").only("salesforce.LogoutEventStream", 1);
}

#[test]
fn a_header_between_rows_is_no_event() {
    let again = format!(
        "{ELF}\u{feff}{ELF}\u{feff}{}",
        ELF.replace("EVENT_TYPE", "\"EVENT_TYPE\"")
    );
    let kept = decode(again.as_bytes(), "x");
    assert_eq!(kept.rejected, []);
    kept.only("salesforce_elf.Login", 3);
}

#[test]
fn marks_of_our_own_output_are_undone_and_vendors_text_is_not_touched() {
    let csv = |uid: &str| format!("{uid}EVENT_TYPE,TIMESTAMP,REQUEST_ID,USER_AGENT,URI\n");
    let row = "Login,20251120000000.000,'=1+1,''quoted,'plain\n";
    let own = csv("_uid,") + "0123," + row;
    let rows = decode(own.as_bytes(), "x").only("salesforce_elf.Login", 1);
    rows.expect(0, &[("REQUEST_ID", "=1+1"), ("URI", "'plain")]);
    rows.expect_event(0, &[("user_agent", "'quoted")]);
    let vendor = csv("") + row;
    let rows = decode(vendor.as_bytes(), "x").only("salesforce_elf.Login", 1);
    rows.expect(0, &[("REQUEST_ID", "'=1+1"), ("URI", "'plain")]);
}

#[test]
fn equal_lines_of_two_jobs_and_of_one_are_different_events() {
    let trace = b"Running with gitlab-runner 17\n$ make\n$ make\n";
    let of = |file: &str| decode(trace, file).only("gitlab.job_trace", 3);
    let (first, second) = (of("4711.log"), of("job-4712.txt"));
    first.expect(0, &[("job_id", "4711")]);
    second.expect_event(0, &[("record_id", "4712")]);
    let mut uids = [first.uids(), second.uids()].concat();
    assert_eq!(first.uids(), of("traces/4711_trace.txt").uids());
    uids.sort();
    uids.dedup();
    assert_eq!(uids.len(), 6);
}
