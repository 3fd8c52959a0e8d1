//! What must hold for every hunt, on many small random ones.

use arrow::array::RecordBatch;
use proptest::prelude::*;
use sekisho_event::time::{Range, parse_instant};
use sekisho_hunt::scenario::Scenario;
use sekisho_hunt::{Hunt, HuntOptions, HuntResult, Matcher, Verdict};

const LIST: &str = "list\n ip 192.0.2.7\n cidr 198.51.100.0/28\n user_agent token Fetcher/1.0\n domain evil.example.com\n user mallory@example.com\n";

/// A row as `key=value` words; the number makes its identity.
fn row() -> impl Strategy<Value = String> {
    let table = prop::sample::select(vec![
        "salesforce.ApiEvent",
        "salesforce.LoginEvent",
        "salesforce_elf.API",
        "gitlab.audit_events",
        "gitlab.api_log",
        "salesforce.SetupAuditTrail",
    ]);
    let org = prop::sample::select(vec!["A", "B"]);
    let address = prop::sample::select(vec![
        "",
        "203.0.113.1",
        "203.0.113.2",
        "198.51.100.77",
        "Salesforce.com IP",
    ]);
    let agent = prop::sample::select(vec!["", "curl/8", "MyFetcher/1.0", "Fetcher/1.01", "4001"]);
    let actor = prop::sample::select(vec!["", "ann@example.com", "bob@example.com"]);
    (table, org, 0u32..14 * 24 * 60, address, agent, actor).prop_map(|(table, org, minute, address, agent, actor)| {
        let at_us = parse_instant("2025-11-03T00:00:00Z", None).unwrap() + i64::from(minute) * 60_000_000;
        let time = sekisho_event::time::to_rfc3339(at_us);
        format!("table={table} org={org} time={time} src_ip=\"{address}\" user_agent=\"{agent}\" actor=\"{actor}\"")
    })
}

fn scenario(rows: &[String]) -> Scenario {
    let numbered: String = rows
        .iter()
        .enumerate()
        .map(|(number, row)| format!("event_uid={number} {row}\n"))
        .collect();
    Scenario::parse(&format!("{LIST}rows\n{numbered}")).unwrap()
}

fn run(scenario: &Scenario, batches: &[RecordBatch], range: Range) -> HuntResult {
    let matcher = Matcher::new(std::slice::from_ref(scenario.list())).unwrap();
    let mut hunt = Hunt::new(&matcher, range, HuntOptions::default());
    for batch in batches {
        hunt.push(batch).unwrap();
    }
    hunt.finish()
}

fn verdicts(result: &HuntResult) -> Vec<(String, Verdict)> {
    let orgs = result.orgs.iter().map(|org| (org.org.clone(), org.verdict));
    std::iter::once((String::new(), result.verdict)).chain(orgs).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// How rows are cut into batches, and in which order they come, changes nothing.
    #[test]
    fn batches_do_not_matter(
        rows in prop::collection::vec(row(), 1..60),
        hits in prop::collection::vec(0usize..60, 0..4),
        cut in 1usize..9,
    ) {
        let mut rows = rows;
        for hit in hits {
            let count = rows.len();
            rows[hit % count].push_str(" forwarded_ip=192.0.2.7 actor=mallory@example.com");
        }
        let scenario = scenario(&rows);
        let whole = scenario.batch().unwrap();
        let mut parts: Vec<RecordBatch> = (0..whole.num_rows())
            .step_by(cut)
            .map(|at| whole.slice(at, cut.min(whole.num_rows() - at)))
            .collect();
        parts.reverse();
        let expected = run(&scenario, &[whole], Range::default());
        prop_assert_eq!(run(&scenario, &parts, Range::default()), expected);
    }

    /// What anyone can write changes no verdict.
    #[test]
    fn weak_finds_change_no_verdict(rows in prop::collection::vec(row(), 1..40), which in prop::collection::vec(any::<bool>(), 40)) {
        let plain = scenario(&rows);
        let before = run(&plain, &[plain.batch().unwrap()], Range::default());
        let poisoned: Vec<String> = rows
            .iter()
            .zip(which)
            .map(|(row, is_poisoned)| {
                let extra = " forwarded_ip=192.0.2.7 query=\"x 192.0.2.7 evil.example.com\" message=198.51.100.3";
                format!("{row}{}", if is_poisoned { extra } else { "" })
            })
            .collect();
        let poisoned = scenario(&poisoned);
        let after = run(&poisoned, &[poisoned.batch().unwrap()], Range::default());
        prop_assert_eq!(verdicts(&before), verdicts(&after));
        prop_assert_eq!(after.hit_count, before.hit_count);
    }

    /// One more event from an indicator's address is a hit of its org, and of the whole, whatever else is there.
    #[test]
    fn one_find_is_a_hit(rows in prop::collection::vec(row(), 1..40)) {
        let mut rows = rows;
        rows.push("table=gitlab.api_log org=A time=2025-11-05T00:00:00Z src_ip=::ffff:192.0.2.7".to_owned());
        let scenario = scenario(&rows);
        let result = run(&scenario, &[scenario.batch().unwrap()], Range::default());
        prop_assert_eq!(result.verdict, Verdict::Hit);
        let other: Vec<Verdict> = result.orgs.iter().filter(|org| org.org != "A").map(|org| org.verdict).collect();
        prop_assert!(other.iter().all(|verdict| *verdict != Verdict::Hit));
    }

    /// The whole is clear only where every org is, and every event in the range is accounted for.
    #[test]
    fn nothing_is_clearer_than_its_parts(rows in prop::collection::vec(row(), 0..40), from in 0i64..14, days in 0i64..14) {
        let scenario = scenario(&rows);
        let start = parse_instant("2025-11-03T00:00:00Z", None).unwrap();
        let range = Range { from_us: Some(start + from * 86_400_000_000), to_us: Some(start + (from + days) * 86_400_000_000) };
        let batch = scenario.batch().unwrap();
        let result = run(&scenario, std::slice::from_ref(&batch), range);
        let all_clear = !result.orgs.is_empty() && result.orgs.iter().all(|org| org.verdict == Verdict::Clear);
        prop_assert_eq!(result.verdict == Verdict::Clear, all_clear);
        let inside = (0..batch.num_rows())
            .filter(|&row| range.contains(sekisho_event::cells::time_us(batch.column_by_name("time").unwrap(), row)))
            .count() as u64;
        prop_assert_eq!(result.coverage.iter().map(|table| table.events).sum::<u64>(), inside);
        for table in &result.coverage {
            for gap in &table.gaps {
                prop_assert!(gap.from < gap.to && range.contains(Some(gap.from.0)), "{gap:?}");
            }
        }
    }
}
