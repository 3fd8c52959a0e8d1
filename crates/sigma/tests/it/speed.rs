//! A first figure, printed: `cargo test --release -p sekisho-sigma -- --ignored --nocapture speed`.
#![allow(clippy::disallowed_methods, reason = "measuring needs the clock")]

use std::fmt::Write as _;
use std::time::Instant;

use sekisho_sigma::{Detector, LoadOptions, Routing, RuleSet, match_ndjson};

use crate::public_rules;
use crate::support::{batch, load, rule, table, view};

const ROWS: usize = 100_000;

fn cells(distinct: usize, name: &str) -> Vec<String> {
    let mut state = 88_172_645_463_325_252_u64;
    (0..ROWS)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            format!("{name}{}", state as usize % distinct)
        })
        .collect()
}

/// A hundred rules of the usual shapes: a name and a source, some with a filter, some with a substring or a keyword.
fn hundred_rules() -> RuleSet {
    let mut text = String::new();
    for number in 0..100 {
        let detection = match number % 10 {
            0..=5 => format!(
                "{{s: {{eventName: Name{number}, eventSource: Source{}}}, condition: s}}",
                number % 40
            ),
            6 => format!(
                "{{s: {{eventName: [Name{number}, Name1{number}]}}, f: {{userAgent|contains: Agent{number}}}, condition: s and not f}}"
            ),
            7 => format!("{{s: {{userAgent|contains: gent{number}}}, condition: s}}"),
            8 => {
                format!("{{s: {{userIdentity.arn|endswith: arn{number}}}, f: {{errorCode: null}}, condition: s and f}}")
            }
            _ => format!(
                "{{s: {{requestParameters|contains: policy{number}}}, t: {{eventName|startswith: Name{number}}}, condition: s and t}}"
            ),
        };
        let _ = write!(
            text,
            "---\n{}",
            rule(&format!("r{number}"), "{product: aws}", &detection)
        );
    }
    load(&text)
}

#[test]
#[ignore = "a measurement"]
fn speed_of_a_hundred_rules_over_a_hundred_thousand_rows() {
    let aws = table("aws.cloudtrail");
    let columns = [
        ("eventName", cells(300, "Name")),
        ("eventSource", cells(40, "source")),
        ("userAgent", cells(500, "agent")),
        ("userIdentity.arn", cells(2_000, "arn")),
        ("requestParameters", cells(ROWS, "{\"policy\":\"x")),
    ];
    let columns: Vec<(&str, Vec<Option<&str>>)> = columns
        .iter()
        .map(|(name, cells)| (*name, cells.iter().map(|cell| Some(cell.as_str())).collect()))
        .collect();
    let batch = batch(aws, ROWS, &columns);
    let rules = hundred_rules();
    let mut detector = Detector::new(&rules, view(aws));
    let mut best = f64::MAX;
    let mut hits = 0;
    for _ in 0..5 {
        let started = Instant::now();
        hits = (0..ROWS)
            .step_by(8_192)
            .map(|start| detector.detect(&batch.slice(start, 8_192.min(ROWS - start))).len())
            .sum();
        best = best.min(started.elapsed().as_secs_f64());
    }
    println!(
        "typed rows: {:.0} events/s with {} rules, {hits} hits",
        ROWS as f64 / best,
        rules.rules().len()
    );
}

#[test]
#[ignore = "a measurement"]
fn speed_of_json_lines() {
    let Some(files) = public_rules::files("speed_of_json_lines") else {
        return;
    };
    let sources = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let started = Instant::now();
    let rules = RuleSet::load(sources, &LoadOptions::default()).unwrap();
    println!(
        "348 rules load in {:.3} s, {} distinct tests",
        started.elapsed().as_secs_f64(),
        rules.plan().atom_count()
    );
    let line = |number: usize| {
        format!(
            r#"{{"eventVersion":"1.08","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::123456789012:user/u{number}","accountId":"123456789012"}},"eventTime":"2026-08-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.{}","userAgent":"aws-cli/2.1","requestParameters":{{"bucketName":"b","key":"{}"}},"responseElements":null,"readOnly":true}}"#,
            number % 250,
            "k".repeat(400)
        )
    };
    let lines: Vec<(u64, String)> = (0..20_000).map(|number| (number as u64, line(number))).collect();
    for (name, routing) in [
        ("all rules", Routing::All),
        ("routed", view(table("aws.cloudtrail")).routing().clone()),
    ] {
        let started = Instant::now();
        let found = match_ndjson(&rules, &routing, lines.clone()).count();
        println!(
            "{name}: {:.0} lines/s, {found} matches",
            lines.len() as f64 / started.elapsed().as_secs_f64()
        );
    }
}
