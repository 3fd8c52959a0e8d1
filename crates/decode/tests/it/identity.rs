//! Row identity: rows equal in every column of one file kind and org are one event, and rows that differ in any are two.

use std::collections::HashSet;

use sekisho_event::ids::OrgId;

use crate::support::{Kept, decode, decode_with, fixture, named};

fn uid(line: &str) -> String {
    let kept = decode(line.as_bytes(), "x");
    assert_eq!(kept.rows(), 1, "{line}");
    let table = kept.counts().into_keys().next().unwrap();
    kept.table(&table).uids().remove(0)
}

fn csv_uid(header: &str, row: &str) -> String {
    uid(&format!("{header}\n{row}\n"))
}

fn uids_of(kept: &Kept, table: &str) -> HashSet<String> {
    kept.table(table).uids().into_iter().collect()
}

#[test]
fn the_same_rows_as_csv_json_and_lines_are_the_same_events() {
    let forms = ["hourly.csv", "rows.json", "rows.ndjson"];
    let sets = forms.map(|form| {
        uids_of(
            &fixture(&format!("salesforce/elf_rest_api_{form}")),
            "salesforce_elf.RestApi",
        )
    });
    assert_eq!(sets[0].len(), 3);
    assert!(sets.iter().all(|set| *set == sets[0]));
}

#[test]
fn history_of_an_object_is_the_same_event_from_csv_and_from_rest() {
    let rest = fixture("salesforce/contact_history_rest.json")
        .table("salesforce.FieldHistory")
        .uids();
    let csv = fixture("salesforce/contact_history.csv")
        .table("salesforce.FieldHistory")
        .uids();
    assert_eq!(rest, csv);
}

#[test]
fn the_order_of_columns_does_not_matter() {
    let header = "EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID,CUSTOM_B,CUSTOM_A";
    let one = csv_uid(header, "Login,20250101000000.000,00D1,b,a");
    let other = csv_uid(
        "CUSTOM_A,ORGANIZATION_ID,EVENT_TYPE,CUSTOM_B,TIMESTAMP",
        "a,00D1,Login,b,20250101000000.000",
    );
    assert_eq!(one, other);
}

#[test]
fn blank_and_absent_are_one_where_the_platform_cannot_tell_them_apart() {
    let absent = uid(r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20250101000000.000"}"#);
    let blank = uid(r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20250101000000.000","USER_ID":"","NEW_COLUMN":""}"#);
    let null = uid(r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20250101000000.000","USER_ID":null}"#);
    assert_eq!([&blank, &null], [&absent, &absent]);
    let absent = uid(r#"{"time":"2025-01-01T00:00:00Z","user":"a"}"#);
    let blank = uid(r#"{"time":"2025-01-01T00:00:00Z","user":"a","note":""}"#);
    assert_ne!(absent, blank, "generic JSON can tell them apart");
}

#[test]
fn any_differing_cell_is_another_event() {
    let header = "EVENT_TYPE,TIMESTAMP,ORGANIZATION_ID,RUN_TIME,SESSION_KEY,CUSTOM";
    let rows = [
        "Login,20250101000000.000,00D1,1,aB+/,x",
        "Logout,20250101000000.000,00D1,1,aB+/,x",
        "Login,20250101000000.001,00D1,1,aB+/,x",
        // The same instant in another spelling is another cell.
        "Login,20250101000000.0,00D1,1,aB+/,x",
        "Login,20250101000000.000,00D2,1,aB+/,x",
        "Login,20250101000000.000,00D1,01,aB+/,x",
        "Login,20250101000000.000,00D1,1.0,aB+/,x",
        "Login,20250101000000.000,00D1,1,ab+/,x",
        "Login,20250101000000.000,00D1,1,aB+/,y",
        "Login,20250101000000.000,00D1,1,aB+/,",
        "Login,20250101000000.000,00D1,1,aB+/ ,x",
    ];
    let uids: HashSet<String> = rows.iter().map(|row| csv_uid(header, row)).collect();
    assert_eq!(uids.len(), rows.len());
}

#[test]
fn names_of_unknown_columns_count() {
    let rows = [
        r#"{"EVENT_TYPE":"Login","A":"1"}"#,
        r#"{"EVENT_TYPE":"Login","B":"1"}"#,
        r#"{"EVENT_TYPE":"Login"}"#,
    ];
    assert_eq!(rows.map(uid).into_iter().collect::<HashSet<_>>().len(), 3);
}

#[test]
fn cells_cannot_be_shifted_into_each_other() {
    let header = "EVENT_TYPE,TIMESTAMP,CUSTOM_A,CUSTOM_B";
    assert_ne!(
        csv_uid(header, "Login,20250101000000.000,12,3"),
        csv_uid(header, "Login,20250101000000.000,1,23")
    );
}

#[test]
fn a_redelivered_message_is_the_same_event() {
    let table = "salesforce.LoginEventStream";
    let first = fixture("salesforce/rtem_login_event_cometd.json").table(table).uids();
    let again = fixture("salesforce/rtem_login_event_redelivered.ndjson")
        .table(table)
        .uids();
    assert_eq!(first, again);
}

#[test]
fn file_name_line_and_batch_do_not_count_but_the_org_does() {
    let row = "{\"EVENT_TYPE\":\"Login\",\"TIMESTAMP\":\"20250101000000.000\"}\n";
    let many = decode(row.repeat(3).as_bytes(), "one.json")
        .table("salesforce_elf.Login")
        .uids();
    let other = decode(row.as_bytes(), "other.json")
        .table("salesforce_elf.Login")
        .uids();
    assert!(many.iter().all(|uid| *uid == other[0]));
    let mut options = named("one.json");
    options.org = Some(OrgId::new("prod"));
    let elsewhere = decode_with(row.as_bytes(), &options)
        .table("salesforce_elf.Login")
        .uids();
    assert_ne!(elsewhere, other);
}

#[test]
fn a_duplicate_key_does_not_hide_behind_the_first() {
    let once = uid(r#"{"EVENT_TYPE":"Login","USER_ID":"a"}"#);
    let twice = uid(r#"{"EVENT_TYPE":"Login","USER_ID":"a","USER_ID":"b"}"#);
    assert_ne!(once, twice);
}

#[test]
fn identity_is_stable_across_releases() {
    // A store keeps these for years: a change here makes every stored row a stranger to its file.
    let row = r#"{"EVENT_TYPE":"Login","TIMESTAMP":"20250101000000.000","USER_ID":"0055g000001XyZa","CUSTOM":"x"}"#;
    assert_eq!(uid(row), "f0c6e79bcf408947711b09e8806d9569");
}
