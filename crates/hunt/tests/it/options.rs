//! What callers know beside the rows, and the shape of the answer.

use sekisho_event::time::{MICROS_PER_HOUR, Range, parse_instant};
use sekisho_hunt::scenario::Scenario;
use sekisho_hunt::{DoubtReason, FileSpan, GapReason, HuntOptions, HuntResult, KnownLoss, Verdict};

fn run(text: &str, options: HuntOptions) -> HuntResult {
    Scenario::parse(text).unwrap().run(options).unwrap()
}

fn instant(text: &str) -> i64 {
    parse_instant(text, None).unwrap()
}

/// Hourly files of one day, as their names tell; rows only in some of them.
fn spans(missing: &[i64]) -> Vec<FileSpan> {
    (0..24)
        .filter(|hour| !missing.contains(hour))
        .map(|hour| {
            let name = format!("in/2025-11-03T{hour:02}_API.csv.gz");
            let (from_us, to_us) = FileSpan::interval_of_name(&name).unwrap();
            FileSpan {
                table: "salesforce_elf.API".to_owned(),
                org: "A".to_owned(),
                from_us,
                to_us,
                sequence: Some(1),
            }
        })
        .collect()
}

const SPARSE: &str = "list\n ip 192.0.2.7\nrows\n table=salesforce_elf.API org=A time=2025-11-03T01:00:00Z src_ip=198.51.100.1\n table=salesforce_elf.API org=A time=2025-11-03T22:00:00Z src_ip=198.51.100.1\n";

#[test]
fn files_without_rows_prove_that_nothing_was_lost_and_a_missing_one_that_something_was() {
    let options = |missing: &[i64]| HuntOptions {
        file_spans: spans(missing),
        ..HuntOptions::default()
    };
    assert_eq!(run(SPARSE, options(&[])).verdict, Verdict::Clear);
    let result = run(SPARSE, options(&[12]));
    assert_eq!(result.verdict, Verdict::Inconclusive);
    let gap = &result.coverage[0].gaps[0];
    assert_eq!(
        (gap.from.0, gap.reason),
        (instant("2025-11-03T12:00:00Z"), GapReason::MissingFile)
    );
    assert_eq!(gap.to.0 - gap.from.0, MICROS_PER_HOUR);
}

#[test]
fn known_losses_decide_where_they_concern_the_table() {
    let loss = |table: &str| HuntOptions {
        known_losses: vec![KnownLoss {
            table: Some(table.to_owned()),
            ..KnownLoss::default()
        }],
        ..HuntOptions::default()
    };
    assert_eq!(run(SPARSE, loss("salesforce_elf.API")).verdict, Verdict::Inconclusive);
    assert_eq!(run(SPARSE, loss("salesforce_elf.Login")).verdict, Verdict::Clear);
}

#[test]
fn a_loaded_stream_lifts_the_blindness_of_rest() {
    let text = "list\n ip 192.0.2.7\nrows\n table=gitlab.audit_events org=G time=2025-11-03T10:00:00Z kind=user_created src_ip=198.51.100.1\n";
    let options = HuntOptions {
        streamed: vec![("G".to_owned(), "gitlab.audit_events".to_owned())],
        ..HuntOptions::default()
    };
    assert_eq!(run(text, options).verdict, Verdict::Clear);
}

#[test]
fn an_org_that_was_asked_about_and_has_no_data_is_inconclusive() {
    let options = HuntOptions {
        orgs: vec!["B".to_owned()],
        ..HuntOptions::default()
    };
    let result = run(SPARSE, options);
    assert_eq!(result.verdict, Verdict::Inconclusive);
    let org = result.orgs.iter().find(|org| org.org == "B").unwrap();
    assert_eq!(org.doubts[0].reason, DoubtReason::NoData);
}

#[test]
fn a_list_with_entries_that_no_log_shows_is_never_clear() {
    let bundle = br#"{"type":"bundle","objects":[{"type":"indicator","pattern":"[ipv4-addr:value='192.0.2.7']"},
        {"type":"indicator","pattern":"[file:hashes.MD5='aa']"}]}"#;
    let list = sekisho_hunt::lists::parse("b.json", bundle).unwrap();
    let batch = Scenario::parse(SPARSE).unwrap().batch().unwrap();
    let result = sekisho_hunt::hunt(&[list], [batch], Range::default(), HuntOptions::default()).unwrap();
    assert_eq!(result.verdict, Verdict::Inconclusive);
    assert_eq!(result.lists[0].unusable, 1);
}

#[test]
fn a_hit_says_what_its_list_says_about_the_indicator() {
    let list = b"kind,value,note\nip,198.51.100.1,a shared exit\n";
    let list = sekisho_hunt::lists::parse("l.csv", list).unwrap();
    let batch = Scenario::parse(SPARSE).unwrap().batch().unwrap();
    let result = sekisho_hunt::hunt(&[list], [batch], Range::default(), HuntOptions::default()).unwrap();
    let json = serde_json::to_value(&result.hits[0]).unwrap();
    assert_eq!(json["note"], "a shared exit");
}

#[test]
fn the_answer_has_the_shape_of_the_contract() {
    let text = "list\n ip 192.0.2.7\nrows\n event_uid=1 table=salesforce.ApiEvent org=A time=2025-11-03T10:00:00Z src_ip=192.0.2.7 actor=ann@example.com user_agent=x app=y session_key=S+/1\n";
    let json = serde_json::to_value(run(text, HuntOptions::default())).unwrap();
    assert_eq!(json["verdict"], "hit");
    let has = |value: &serde_json::Value, names: &[&str]| {
        for name in names {
            assert!(value.get(name).is_some(), "{name} in {value}");
        }
    };
    has(&json["lists"][0], &["name", "version", "indicators"]);
    let hit = &json["hits"][0];
    let names = [
        "indicator",
        "kind",
        "match",
        "time",
        "table",
        "event_uid",
        "org",
        "actor",
        "src_ip",
        "user_agent",
        "app",
        "session_key",
    ];
    has(hit, &names);
    assert_eq!((&hit["match"], &hit["kind"]), (&"exact".into(), &"ip".into()));
    assert_eq!(hit["time"], "2025-11-03T10:00:00Z");
    assert_eq!(hit["session_key"], "S+/1");
    has(
        &json["coverage"][0],
        &["table", "from", "to", "events", "gaps", "blind"],
    );
    has(
        &json["breadth"][0],
        &["indicator", "events", "users", "days", "orgs", "warnings"],
    );
    has(&json["orgs"][0], &["org", "verdict"]);
}

/// An org without event monitoring: logins of four weeks, and calls of the days that are given.
fn without_shield(days_with_calls: std::ops::RangeInclusive<u32>) -> String {
    let row =
        |table: &str, day: u32| format!(" table={table} org=A time=2025-11-{day:02}T09:00:00Z src_ip=198.51.100.1\n");
    let logins = (1..=28).map(|day| row("salesforce.LoginHistory", day));
    let calls = days_with_calls.map(|day| row("salesforce_elf.ApiTotalUsage", day));
    let rows: String = logins.chain(calls).collect();
    format!("list\n ip 192.0.2.7\nrows\n{rows}")
}

#[test]
fn a_login_history_clears_nobody_on_days_whose_calls_are_not_logged() {
    let verdict_of = |days| {
        let result = run(&without_shield(days), HuntOptions::default());
        let doubts: Vec<_> = result.orgs[0].doubts.iter().map(|doubt| doubt.reason).collect();
        (result.verdict, doubts)
    };
    assert_eq!(verdict_of(28..=28), (Verdict::Inconclusive, vec![DoubtReason::Blind]));
    let (verdict, doubts) = verdict_of(1..=20);
    assert!(
        verdict == Verdict::Inconclusive && doubts.contains(&DoubtReason::Blind),
        "{doubts:?}"
    );
    assert_eq!(verdict_of(1..=28), (Verdict::Clear, vec![]));
}

#[test]
fn a_login_history_alone_is_inconclusive() {
    let rows = without_shield(1..=1).replace("salesforce_elf.ApiTotalUsage", "salesforce.LoginHistory");
    let result = run(&rows, HuntOptions::default());
    assert_eq!(result.verdict, Verdict::Inconclusive);
    let decides: Vec<_> = result.coverage[0].blind.iter().filter(|blind| blind.decides).collect();
    assert_eq!(decides.len(), 1);
    assert_eq!(decides[0].what.as_deref(), Some("data_access"));
}
