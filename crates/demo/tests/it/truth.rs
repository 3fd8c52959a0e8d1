//! The ground truth is complete and true of the files.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_demo::{Expect, GroundTruth};

use crate::support::{places, small, whole};

/// Attackers' network: nobody else comes from there.
const ATTACKERS: &str = "203.0.113.";

#[test]
fn every_act_is_named_in_two_languages_and_lies_within_the_period() {
    let truth = &small().truth;
    assert_eq!(
        (truth.from.as_str(), truth.to.as_str()),
        ("2025-10-27T00:00:00Z", "2025-11-24T00:00:00Z")
    );
    let ids: Vec<&str> = truth.acts.iter().map(|act| act.id.as_str()).collect();
    let expected: Vec<String> = (1..=28).map(|number| format!("A{number:02}")).collect();
    assert_eq!(ids, expected);
    for act in &truth.acts {
        assert!(
            act.from >= truth.from && act.from <= act.to && act.to < truth.to,
            "{}",
            act.id
        );
        assert!(
            !act.name.en.is_empty() && act.name.ja.as_deref().is_some_and(|ja| !ja.is_ascii()),
            "{}",
            act.id
        );
        assert!(act.technique.starts_with('T'), "{}", act.id);
        assert_eq!(act.events.is_empty(), act.expect == Expect::Invisible, "{}", act.id);
    }
    let kinds: BTreeSet<Expect> = truth.acts.iter().map(|act| act.expect).collect();
    assert_eq!(kinds.len(), 5);
}

#[test]
fn every_row_of_an_act_is_there_and_is_no_other_acts() {
    let demo = small();
    let mut owners = BTreeMap::new();
    for act in &demo.truth.acts {
        for (path, line) in places(act) {
            assert!(path.starts_with(&format!("{}/", act.org)), "{path}");
            let text = demo.line(&path, line);
            assert!(
                !text.is_empty() && !text.starts_with("\"EVENT_TYPE\",\"TIMESTAMP\""),
                "{path}:{line}"
            );
            if let Some(other) = owners.insert((path.clone(), line), &act.id) {
                panic!("{path}:{line} is of {other} and of {}", act.id);
            }
        }
    }
    assert!(
        owners.len() * 100 < usize::try_from(whole().truth.events).unwrap(),
        "{}",
        owners.len()
    );
}

#[test]
fn rows_of_acts_show_where_they_came_from() {
    let demo = small();
    // Neither address nor session stands in these.
    let blind = ["ContentTransfer", "SetupAuditTrail", "/traces/"];
    for act in &demo.truth.acts {
        for (path, line) in places(act) {
            let text = demo.line(&path, line);
            let is_seen = act
                .src_ips
                .iter()
                .chain(&act.session_keys)
                .any(|word| text.contains(word));
            assert!(
                is_seen || blind.iter().any(|word| path.contains(word)),
                "{} {path}:{line}",
                act.id
            );
        }
    }
}

#[test]
fn nobody_but_attackers_comes_from_their_network() {
    let demo = whole();
    let acts: BTreeSet<(String, u64)> = demo.truth.acts.iter().flat_map(places).collect();
    let mut weak = Vec::new();
    for (path, (org, bytes)) in &demo.files {
        let text = std::str::from_utf8(bytes).unwrap();
        for (line, row) in (1..).zip(text.lines()) {
            if row.contains(ATTACKERS) && !acts.contains(&(path.clone(), line)) {
                weak.push((*org, path.rsplit('/').next().unwrap().to_owned()));
            }
        }
    }
    // One forwarded address in two logs, and two searches of an analyst.
    assert_eq!(weak.len(), 4, "{weak:?}");
    assert!(weak.iter().all(|(org, _)| *org == "kaede-us"), "{weak:?}");
}

#[test]
fn the_vendors_app_comes_from_the_vendors_networks_in_normal_life() {
    let demo = small();
    let acts: BTreeSet<(String, u64)> = demo.truth.acts.iter().flat_map(places).collect();
    let mut calls = 0;
    for (path, (_, bytes)) in &demo.files {
        let text = std::str::from_utf8(bytes).unwrap();
        for (line, row) in (1..).zip(text.lines()) {
            if row.contains("\"Tsumugi Connect\"") && !acts.contains(&(path.clone(), line)) {
                calls += 1;
                assert!(row.contains("\"192.0.2."), "{path}:{line}");
            }
        }
    }
    assert!(calls > 4_000, "{calls}");
}

#[test]
fn the_files_of_three_hours_are_missing_where_an_act_was() {
    let demo = whole();
    let has = |kind: &str, hour: u32| {
        demo.files
            .contains_key(&format!("kaede-emea/elf/hourly/{kind}_2025-11-12T{hour:02}.csv"))
    };
    for kind in ["ApiTotalUsage", "Login", "RestApi"] {
        assert_eq!(
            [0, 1, 2, 3, 4].map(|hour| has(kind, hour)),
            [true, false, false, false, true],
            "{kind}"
        );
    }
    let act = demo
        .truth
        .acts
        .iter()
        .find(|act| act.expect == Expect::Invisible)
        .unwrap();
    assert_eq!(act.org, "kaede-emea");
    assert!(
        act.from.as_str() > "2025-11-12T01" && act.to.as_str() < "2025-11-12T04",
        "{} {}",
        act.from,
        act.to
    );
}

#[test]
fn the_ground_truth_survives_being_written() {
    let truth = &small().truth;
    let written = serde_json::to_string_pretty(truth).unwrap();
    assert_eq!(serde_json::from_str::<GroundTruth>(&written).unwrap(), *truth);
    assert!(written.contains("\"allow_list\"") && written.contains("\"A21\""));
}
