//! The traps of the source documents that decoding touches: each has bitten someone.

use std::collections::BTreeMap;

use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::time::{TimeArgError, Zone, parse_instant, to_rfc3339};

use crate::support::{as_kind, decode, decode_with, fixture, named, try_decode};

fn table(name: &str) -> &'static Table {
    Catalogue::builtin().table(name).unwrap_or_else(|| panic!("{name}"))
}

fn one_elf_row(event_type: &str, columns: &str, cells: &str) -> crate::support::Rows {
    let csv = format!("EVENT_TYPE,TIMESTAMP,{columns}\n{event_type},20251120000000.000,{cells}\n");
    decode(csv.as_bytes(), "x").only(&format!("salesforce_elf.{event_type}"), 1)
}

#[test]
fn trap_db_total_time_is_milliseconds_in_some_types_and_nanoseconds_in_others() {
    for in_ms in ["ApexExecution", "ApexSoap", "ApexTrigger", "AsyncReportRun"] {
        one_elf_row(in_ms, "DB_TOTAL_TIME", "250").expect(0, &[("DB_TOTAL_TIME", "250"), ("DB_TOTAL_TIME_ms", "250")]);
    }
    for in_ns in [
        "ApexRestApi",
        "Report",
        "VisualforceRequest",
        "Console",
        "RestApi",
        "API",
        "AuraRequest",
    ] {
        let row = one_elf_row(in_ns, "DB_TOTAL_TIME", "250000000");
        row.expect(0, &[("DB_TOTAL_TIME", "250000000"), ("DB_TOTAL_TIME_ms", "250")]);
    }
}

#[test]
fn trap_an_effective_page_time_over_sixty_seconds_is_null_and_not_zero() {
    let columns = "EFFECTIVE_PAGE_TIME,DURATION";
    let slow = one_elf_row("LightningPageView", columns, ",61000");
    slow.expect(0, &[("EFFECTIVE_PAGE_TIME", "")]);
    let fast = one_elf_row("LightningPageView", columns, "0,10");
    fast.expect(0, &[("EFFECTIVE_PAGE_TIME", "0")]);
}

#[test]
fn trap_retention_differs_between_sources() {
    let days = |name: &str| {
        table(name)
            .retention
            .as_ref()
            .map(|kept| (kept.days, kept.extended_days))
    };
    let six_months = days("salesforce.ApiEvent").unwrap().0;
    assert!((180..=186).contains(&six_months));
    for ten_years in ["salesforce.LoginEvent", "salesforce.IdentityVerificationEvent"] {
        assert!(days(ten_years).unwrap().0 >= 3_650, "{ten_years}");
    }
    let (by_default, extended) = days("salesforce_elf.RestApi").unwrap();
    assert_eq!(by_default, 30, "the overview");
    assert!(extended.unwrap() >= 365, "the retrieval article");
}

#[test]
fn trap_the_limits_of_field_history_are_data_and_missing_history_is_not_invented() {
    let history = table("salesforce.AccountHistory");
    let retention = history.retention.as_ref().unwrap();
    assert!((540..=550).contains(&retention.days), "18 months in the user interface");
    assert!(
        retention.extended_days.is_some_and(|days| (725..=735).contains(&days)),
        "24 months by API"
    );
    let header = "Id,AccountId,CreatedDate,CreatedById,Field,OldValue,NewValue\n";
    decode_with(header.as_bytes(), &as_kind("salesforce-field-history", "x")).only_nothing();
}

#[test]
fn trap_keys_with_plus_slash_and_mixed_case_survive_every_form() {
    let keys = [
        "iK+3/QzXw9aB4cDe",
        "IK+3/QzXw9aB4cDe",
        "iK%2B3/QzXw9aB4c",
        "iK 3/QzXw9aB4cDe",
    ];
    for key in keys {
        let csv = one_elf_row("RestApi", "SESSION_KEY,LOGIN_KEY", &format!("{key},{key}"));
        let json = format!(
            "{{\"EVENT_TYPE\":\"RestApi\",\"SESSION_KEY\":\"{key}\",\"LOGIN_KEY\":\"{}\"}}",
            key.replace('/', "\\/")
        );
        let json = decode(json.as_bytes(), "x").only("salesforce_elf.RestApi", 1);
        for rows in [csv, json] {
            rows.expect(0, &[("SESSION_KEY", key), ("LOGIN_KEY", key)]);
            rows.expect_event(0, &[("session_key", key), ("login_key", key)]);
        }
    }
}

#[test]
fn trap_file_access_is_shown_by_file_event_and_by_content_transfer() {
    let file_event =
        r#"{"attributes":{"type":"FileEventStore","url":"/x"},"EventDate":"2025-11-20T00:00:00Z","FileName":"a.csv"}"#;
    decode(file_event.as_bytes(), "x").only("salesforce.FileEventStore", 1);
    one_elf_row("ContentTransfer", "DOCUMENT_ID", "0695g000001");
    assert!(Catalogue::builtin().table("salesforce.FileEvent").is_some());
}

#[test]
fn trap_api_event_is_blind_to_writes_and_to_the_clients_of_bulk_reads() {
    let blind = &table("salesforce.ApiEvent").blind;
    assert!(blind.iter().any(|blind| blind.what.as_deref() == Some("writes")));
    let columns = blind.iter().flat_map(|blind| &blind.columns);
    let columns: Vec<&str> = columns.map(String::as_str).collect();
    assert!(
        ["Client", "UserAgent", "LoginHistoryId"]
            .iter()
            .all(|column| columns.contains(column))
    );
    let has_writes = |name: &str| {
        table(name)
            .blind
            .iter()
            .all(|blind| blind.what.as_deref() != Some("writes"))
    };
    assert!(
        [
            "salesforce_elf.RestApi",
            "salesforce_elf.API",
            "salesforce_elf.BulkApi2"
        ]
        .iter()
        .all(|name| has_writes(name))
    );
}

#[test]
fn trap_numbers_with_thousands_separators_are_kept_as_text_and_not_cut() {
    let rows = decode(
        b"EVENT_TYPE,TIMESTAMP,ROW_COUNT\nReport,20251120000000.000,\"1,000\"\n",
        "x",
    )
    .only("salesforce_elf.Report", 1);
    rows.expect(0, &[("ROW_COUNT", "")]);
    assert_eq!(rows.object(0, "_original")["ROW_COUNT"], "1,000");
}

#[test]
fn trap_a_printed_weekday_is_no_time() {
    let rows = decode(
        "{\"EVENT_TYPE\":\"Login\",\"TIMESTAMP\":\"11月21日(木)\"}".as_bytes(),
        "x",
    )
    .only("salesforce_elf.Login", 1);
    rows.expect(0, &[("_time", ""), ("TIMESTAMP", "")]);
    assert_eq!(rows.object(0, "_original")["TIMESTAMP"], "11月21日(木)");
    assert!(matches!(
        parse_instant("11月21日(木)", Some(&Zone::utc())),
        Err(TimeArgError::NotATime(_))
    ));
}

#[test]
fn trap_us_time_without_a_zone_is_refused_until_someone_says_the_zone() {
    let header = "Username,Login Time,Source IP,Login Type,Status,Application\n";
    let row = "alice@example.com,2025-11-20 01:00:00,192.0.2.10,Application,Success,Browser\n";
    let csv = format!("{header}{row}");
    let refused = decode(csv.as_bytes(), "x").only("salesforce.LoginHistory", 1);
    refused.expect(0, &[("LoginTime", ""), ("_time", "")]);
    assert_eq!(refused.object(0, "_original")["LoginTime"], "2025-11-20 01:00:00");
    let mut options = named("x");
    options.zone = Some(Zone::named("America/Los_Angeles").unwrap());
    let pacific = decode_with(csv.as_bytes(), &options).only("salesforce.LoginHistory", 1);
    pacific.expect(0, &[("_time", "2025-11-20T09:00:00Z")]);
    assert_eq!(
        refused.uids(),
        pacific.uids(),
        "an assumption about the zone does not make another event"
    );
    assert!(matches!(
        parse_instant("2025-11-20 01:00", None),
        Err(TimeArgError::NoZone(_))
    ));
}

#[test]
fn rows_whose_time_cannot_be_read_are_counted() {
    let header = "Username,Login Time,Source IP,Login Type,Status,Application\n";
    let rest = "192.0.2.10,Application,Success,Browser\n";
    let row = |time: &str| format!("alice@example.com,{time},{rest}");
    let csv = [
        header,
        &row("2025-11-20T01:00:00Z"),
        &row(""),
        &row("2025-11-20 01:00"),
        &row("soon"),
    ]
    .concat();
    let summary = |bytes: &[u8], options: &_| try_decode(bytes, options).0.unwrap();
    let told = summary(csv.as_bytes(), &named("x"));
    assert_eq!((told.events(), told.undated), (4, 2));
    assert_eq!(told.first_undated, Some((4, "2025-11-20 01:00".to_owned())));
    let mut tokyo = named("x");
    tokyo.zone = Some(Zone::named("Asia/Tokyo").unwrap());
    let told = summary(csv.as_bytes(), &tokyo);
    assert_eq!((told.undated, told.first_undated), (1, Some((5, "soon".to_owned()))));
    let json = "{\"time\":\"2025-11-20 26:00\",\"a\":1}\n{\"time\":null,\"a\":1}\n{\"time\":7,\"a\":1}\n";
    let told = summary(json.as_bytes(), &as_kind("json", "x"));
    assert_eq!(
        (told.undated, told.first_undated),
        (1, Some((1, "2025-11-20 26:00".to_owned())))
    );
    tokyo.kind = Some("json".parse().unwrap());
    assert_eq!(summary(json.as_bytes(), &tokyo).undated, 0);
    let rows = decode_with(json.as_bytes(), &tokyo).only("json.events", 3);
    rows.expect(0, &[("_time", "2025-11-20T17:00:00Z")]);
}

#[test]
fn trap_elf_timestamps_are_gmt_whatever_zone_the_user_names() {
    let mut options = named("x");
    options.zone = Some(Zone::named("Asia/Tokyo").unwrap());
    let rows =
        decode_with(b"EVENT_TYPE,TIMESTAMP\nLogin,20251120000000.000\n", &options).only("salesforce_elf.Login", 1);
    rows.expect(0, &[("_time", "2025-11-20T00:00:00Z")]);
}

#[test]
fn trap_hours_past_midnight_are_the_next_day_in_japan() {
    let tokyo = Zone::named("Asia/Tokyo").unwrap();
    let at = |text: &str| to_rfc3339(parse_instant(text, Some(&tokyo)).unwrap());
    assert_eq!(at("2025-12-04 23:00"), "2025-12-04T14:00:00Z");
    assert_eq!(at("2025-12-04 26:00"), "2025-12-04T17:00:00Z");
}

#[test]
fn trap_japan_office_hours_and_the_us_morning_of_the_day_before_are_not_one_time() {
    let japan = parse_instant("2025-11-21T12:30:00+09:00", None).unwrap();
    let us_morning = parse_instant("2025-11-20T09:00:00-08:00", None).unwrap();
    assert_eq!(to_rfc3339(japan), "2025-11-21T03:30:00Z");
    assert_ne!(japan, us_morning);
}

#[test]
fn trap_spellings_of_event_types_are_one_table() {
    for (spelling, expected) in [
        (
            "DocumentAttachmentDownoads",
            "salesforce_elf.DocumentAttachmentDownloads",
        ),
        ("MultiblockReport", "salesforce_elf.MultiBlockReport"),
        ("restapi", "salesforce_elf.RestApi"),
    ] {
        let csv = format!("EVENT_TYPE,TIMESTAMP\n{spelling},20251120000000.000\n");
        assert_eq!(
            decode(csv.as_bytes(), "x").counts(),
            BTreeMap::from([(expected.to_owned(), 1)])
        );
    }
}

#[test]
fn trap_a_logout_row_without_a_user_is_kept() {
    let rows = decode(
        b"EVENT_TYPE,TIMESTAMP,USER_ID,SESSION_KEY\nLogout,20251120000000.000,,\n",
        "x",
    )
    .only("salesforce_elf.Logout", 1);
    rows.expect_event(0, &[("actor", ""), ("kind", "Logout")]);
}

#[test]
fn trap_an_address_may_be_the_words_salesforce_com_ip() {
    let rows = fixture("salesforce/elf_rest_api_hourly.csv").table("salesforce_elf.RestApi");
    rows.expect_event(1, &[("src_ip", "Salesforce.com IP")]);
}

#[test]
fn trap_a_duplicate_id_of_big_objects_does_not_merge_rows() {
    let row = |event: &str| {
        format!(
            "{{\"attributes\":{{\"type\":\"ApiEvent\",\"url\":\"/x\"}},\"Id\":\"000000000000000AAA\",\"EventIdentifier\":\"{event}\"}}\n"
        )
    };
    let both = row("a") + &row("b");
    let uids = decode(both.as_bytes(), "x").only("salesforce.ApiEvent", 2).uids();
    assert_ne!(uids[0], uids[1]);
}

#[test]
fn trap_audit_ids_are_text_in_documents_and_numbers_in_captures() {
    let row = |id: &str| {
        format!(
            "{{\"id\":{id},\"author_id\":1,\"entity_id\":1,\"entity_type\":\"Project\",\"details\":{{}},\"created_at\":\"2025-01-01T00:00:00Z\"}}\n"
        )
    };
    let rows = decode((row("7") + &row("\"7\"")).as_bytes(), "x").only("gitlab.audit_events", 2);
    assert_eq!(rows.uids()[0], rows.uids()[1], "the same event, delivered twice");
}

#[test]
fn trap_masking_is_no_protection_so_the_text_around_it_is_kept() {
    let rows = fixture("gitlab/job_trace.log").table("gitlab.job_trace");
    rows.expect(3, &[("text", "$ deploy --token [MASKED]"), ("masked", "true")]);
}
