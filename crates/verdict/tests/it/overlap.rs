//! Logs that record the same calls are never added up.

use proptest::prelude::*;
use sekisho_event::common;

use crate::events::{Event, event, examine, question};

/// The same reads of Case, as several logs write them.
const LOGS: [(&str, &str, &str); 5] = [
    ("salesforce.ApiEvent", "object", "Query"),
    ("salesforce_elf.API", "object", "query"),
    ("salesforce_elf.RestApi", "object", "GET"),
    ("salesforce_elf.BulkApi2", "object", "query"),
    ("salesforce_event_log.RestApiEventLog", "object", "GET"),
];

fn read(log: usize, number: usize, rows: u64) -> Event {
    let (table, object, action) = LOGS[log];
    let mut event = event(&[
        ("table", table),
        (object, "Case"),
        ("action", action),
        ("outcome", "success"),
        ("session_key", "s1"),
        ("src_ip", "203.0.113.9"),
    ]);
    event.insert("rows", rows.to_string());
    event.insert("event_uid", format!("{log}-{number}"));
    event.insert("record_id", format!("job{number:012}"));
    event
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn returned_is_the_largest_log_and_never_the_sum(calls in prop::collection::vec((0usize..5, 1u64..5000), 1..40)) {
        let events: Vec<Event> = calls.iter().enumerate().map(|(number, (log, rows))| read(*log, number, *rows)).collect();
        let mut by_log = [0u64; 5];
        let mut calls_by_log = [0u64; 5];
        for (log, rows) in &calls {
            by_log[*log] += rows;
            calls_by_log[*log] += 1;
        }
        let sheet = examine(&question(), &events);
        let case = &sheet.orgs[0].objects[0];
        prop_assert_eq!(case.returned_rows, by_log.iter().copied().max());
        let table = case.returned_table.as_deref().unwrap();
        let named = LOGS.iter().position(|log| log.0 == table).unwrap();
        prop_assert_eq!(Some(by_log[named]), case.returned_rows);
        prop_assert_eq!(Some(case.accessed), calls_by_log.iter().copied().max());
        let sum: u64 = by_log.iter().sum();
        let logs_used = by_log.iter().filter(|rows| **rows > 0).count();
        prop_assert!(logs_used < 2 || case.returned_rows.unwrap() < sum);
    }

    #[test]
    fn weak_matches_change_neither_verdict_nor_trail(calls in prop::collection::vec((0usize..5, 1u64..50), 0..20), weak in 1usize..10) {
        let events: Vec<Event> = calls.iter().enumerate().map(|(number, (log, rows))| read(*log, number, *rows)).collect();
        let quiet = event(&[("src_ip", "198.51.100.7"), ("session_key", "s9"), ("event_uid", "q"), ("action", "GET")]);
        let mut without = events.clone();
        without.push(quiet.clone());
        let mut with = without.clone();
        // The same event again, claiming the attacker's address in a header: it replaces nothing and adds only itself.
        for number in 0..weak {
            let mut claim = quiet.clone();
            claim.insert("event_uid", format!("w{number}"));
            claim.insert("forwarded_ip", "203.0.113.9".to_owned());
            with.push(claim);
        }
        let (without, with) = (examine(&question(), &without), examine(&question(), &with));
        prop_assert_eq!(without.verdict, with.verdict);
        prop_assert_eq!(&without.orgs[0].actors, &with.orgs[0].actors);
        prop_assert_eq!(&without.orgs[0].objects, &with.orgs[0].objects);
        prop_assert_eq!(&without.orgs[0].because, &with.orgs[0].because);
        prop_assert_eq!(with.orgs[0].weak_hits, weak as u64);
        prop_assert_eq!(with.orgs[0].weak[0].events, weak as u64);
    }

    #[test]
    fn nothing_written_by_an_attacker_harms(texts in prop::collection::vec("\\PC{0,300}", 12)) {
        let mut hostile = event(&[]);
        for (column, text) in common::COLUMNS.iter().filter(|column| !matches!(column.name,
            "time" | "rows" | "bytes" | "line" | "duration_ms" | "ocsf_class_uid" | "ocsf_activity_id" | "event_uid" | "src_ip"))
            .zip(texts.iter().cycle())
        {
            hostile.insert(column.name, text.clone());
        }
        hostile.insert("src_ip", "203.0.113.9".to_owned());
        let mut of_gitlab = hostile.clone();
        of_gitlab.insert("table", "gitlab.api_log".to_owned());
        let mut of_aws = hostile.clone();
        of_aws.insert("table", "aws.cloudtrail".to_owned());
        let sheet = examine(&question(), &[hostile, of_gitlab, of_aws]);
        for org in &sheet.orgs {
            prop_assert!(!org.next.is_empty());
            for query in org.actors.iter().map(|actor| &actor.query).chain(org.objects.iter().map(|object| &object.query)) {
                prop_assert!(sekisho_search::parse(query).is_ok(), "{query}");
            }
        }
    }
}

#[test]
fn every_step_of_a_bulk_job_counts_its_rows_once() {
    let step = |state: &str, rows: u64, uid: &str| {
        let mut event = read(3, 1, rows);
        event.insert("message", state.to_owned());
        event.insert("event_uid", uid.to_owned());
        event
    };
    let events = [
        step("InProgress", 4_000, "a"),
        step("JobComplete", 9_000, "b"),
        step("deleted", 9_000, "c"),
    ];
    let sheet = examine(&question(), &events);
    let org = &sheet.orgs[0];
    assert_eq!(org.objects[0].returned_rows, Some(9_000));
    assert_eq!(org.objects[0].taken_events, 0);
    let texts: Vec<&str> = org.unseen.iter().map(|unseen| unseen.text.en.as_str()).collect();
    assert!(
        texts
            .iter()
            .any(|text| text.contains("whether the result was downloaded")),
        "{texts:?}"
    );
    assert!(texts.iter().any(|text| text.contains("was deleted")), "{texts:?}");
}

#[test]
fn one_export_in_three_logs_is_one() {
    let report = "00O000000000001";
    let of = |table: &'static str, more: &[(&'static str, &str)]| {
        let mut pairs = vec![
            ("table", table),
            ("session_key", "s1"),
            ("src_ip", "203.0.113.9"),
            ("record_id", report),
        ];
        pairs.extend(more);
        let mut event = event(&pairs);
        event.insert("event_uid", table.to_owned());
        event
    };
    let events = [
        of(
            "salesforce.ReportEvent",
            &[
                ("action", "ReportExported"),
                ("object", "Contact"),
                ("rows", "2000"),
                ("record_id", "00O000000000001AAA"),
            ],
        ),
        of("salesforce_elf.ReportExport", &[]),
        of(
            "salesforce_elf.Report",
            &[("action", "X"), ("object", "Contact"), ("rows", "2000")],
        ),
    ];
    let sheet = examine(&question(), &events);
    let org = &sheet.orgs[0];
    assert_eq!(org.object_count, 1, "{:?}", org.objects);
    let contact = &org.objects[0];
    assert_eq!(
        (contact.object.as_str(), contact.taken_events, contact.taken_rows),
        ("Contact", 1, Some(2000))
    );
    assert_eq!((contact.accessed, contact.returned_rows), (1, Some(2000)));
}
