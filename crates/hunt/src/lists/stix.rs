//! STIX 2.1 bundles and single indicator objects.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::builder::Builder;
use super::misp::{add_address, add_one, add_url};
use super::stix_pattern::{Expression, Observation, Operator, Test, parse};
use super::{Kind, Mode};

/// Reads a bundle, or one indicator on its own.
pub(super) fn read(content: &str, builder: &mut Builder) {
    match serde_json::from_str::<Bundle<'_>>(content) {
        Ok(bundle) if bundle.objects.is_empty() => match serde_json::from_str::<Object>(content) {
            Ok(object) => add_object(&object, builder),
            Err(error) => builder.refuse_json(&error),
        },
        Ok(bundle) => {
            for (index, raw) in bundle.objects.iter().enumerate() {
                match serde_json::from_str::<Object>(raw.get()) {
                    Ok(object) => add_object(&object, builder),
                    Err(error) => builder.refuse(None, Some(index + 1), format!("not a STIX object: {error}")),
                }
            }
        }
        Err(error) => builder.refuse_json(&error),
    }
}

#[derive(Deserialize)]
struct Bundle<'a> {
    #[serde(borrow, default)]
    objects: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    pattern: Option<String>,
    pattern_type: Option<String>,
    revoked: Option<bool>,
}

fn add_object(object: &Object, builder: &mut Builder) {
    match object.kind.as_str() {
        // A report names the whole; without one the file's name does.
        "report" if builder.list().name.is_empty() => {
            let list = builder.list();
            list.name = object.name.clone().unwrap_or_default();
            list.version = object.modified.clone();
            list.as_of = object.published.clone();
        }
        "indicator" => add_indicator(object, builder),
        _ => {}
    }
}

fn add_indicator(object: &Object, builder: &mut Builder) {
    let pattern = object.pattern.as_deref().unwrap_or_default();
    if object.revoked == Some(true) {
        return builder.list().skipped.push(pattern, "revoked");
    }
    if object.pattern_type.as_deref().is_some_and(|kind| kind != "stix") {
        return builder.list().unusable.push(pattern, "pattern_language");
    }
    match parse(pattern) {
        Ok(observation) => add_observation(&observation, pattern, object.name.as_deref(), builder),
        Err(reason) => builder.list().unusable.push(pattern, reason),
    }
}

fn add_observation(observation: &Observation, pattern: &str, note: Option<&str>, builder: &mut Builder) {
    match observation {
        Observation::One(expression) => add_expression(expression, pattern, note, builder),
        Observation::Any(alternatives) => {
            for alternative in alternatives {
                add_observation(alternative, pattern, note, builder);
            }
        }
        Observation::Beyond(reason) => builder.list().unusable.push(pattern, reason),
    }
}

fn add_expression(expression: &Expression, pattern: &str, note: Option<&str>, builder: &mut Builder) {
    match expression {
        Expression::Test(test) => add_test(test, pattern, note, builder),
        Expression::Any(alternatives) => {
            for alternative in alternatives {
                add_expression(alternative, pattern, note, builder);
            }
        }
        Expression::All(parts) => add_all(parts, pattern, note, builder),
    }
}

/// A conjunction is one of our indicators only where it is one user agent in parts; `X_ref.type = '...'` beside
/// `X_ref.value = '...'` says nothing more.
fn add_all(parts: &[Expression], pattern: &str, note: Option<&str>, builder: &mut Builder) {
    let mut tests = Vec::new();
    for part in parts {
        match part {
            Expression::Test(test) if test.path.ends_with("_ref.type") => {}
            Expression::Test(test) => tests.push(test),
            Expression::Any(_) | Expression::All(_) => {
                return builder.list().unusable.push(pattern, "nested_conjunction");
            }
        }
    }
    if let [only] = tests.as_slice() {
        return add_test(only, pattern, note, builder);
    }
    let fragments: Option<Vec<&str>> = tests.iter().map(|test| user_agent_fragment(test)).collect();
    match fragments {
        Some(fragments) if !fragments.is_empty() => {
            builder.add_or_remark(Kind::UserAgentAllOf, Mode::Contains, &fragments, note);
        }
        _ => builder.list().unusable.push(pattern, "conjunction_of_different_things"),
    }
}

fn user_agent_fragment(test: &Test) -> Option<&str> {
    let is_plain = is_user_agent(&test.path) && !test.is_negated && test.operator == Operator::Like;
    let [value] = test.values.as_slice() else {
        return None;
    };
    let fragment = value.strip_prefix('%')?.strip_suffix('%')?;
    (is_plain && !fragment.contains(['%', '_'])).then_some(fragment)
}

fn add_test(test: &Test, pattern: &str, note: Option<&str>, builder: &mut Builder) {
    if test.is_negated {
        return builder.list().unusable.push(pattern, "negation");
    }
    let subject = subject_of(&test.path);
    for value in &test.values {
        match (subject, test.operator) {
            (Some(Subject::Address), Operator::Equal | Operator::IsSubset) => add_address(value, note, builder),
            (Some(Subject::Url), Operator::Equal) => add_url(value, note, builder),
            (Some(Subject::Text(kind)), Operator::Equal) => add_one(kind, Mode::Exact, value, note, builder),
            (Some(Subject::Text(kind)), Operator::Like) => add_like(kind, value, pattern, note, builder),
            (Some(_), _) => builder.list().unusable.push(pattern, "operator"),
            (None, _) => builder.list().unusable.push(pattern, "object_not_in_logs"),
        }
    }
}

fn add_like(kind: Kind, value: &str, pattern: &str, note: Option<&str>, builder: &mut Builder) {
    let inner = value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    let has_wildcards = |text: &str| text.contains(['%', '_']);
    match inner {
        Some(inner) if !has_wildcards(inner) => add_one(kind, Mode::Contains, inner, note, builder),
        None if !has_wildcards(value) => add_one(kind, Mode::Exact, value, note, builder),
        _ => builder.list().unusable.push(pattern, "wildcard"),
    }
}

#[derive(Debug, Clone, Copy)]
enum Subject {
    Address,
    Url,
    Text(Kind),
}

fn subject_of(path: &str) -> Option<Subject> {
    match path {
        "ipv4-addr:value" | "ipv6-addr:value" | "network-traffic:src_ref.value" | "network-traffic:dst_ref.value" => {
            Some(Subject::Address)
        }
        "domain-name:value" => Some(Subject::Text(Kind::Domain)),
        "url:value" => Some(Subject::Url),
        "email-addr:value" | "user-account:user_id" | "user-account:account_login" => Some(Subject::Text(Kind::User)),
        _ if is_user_agent(path) => Some(Subject::Text(Kind::UserAgent)),
        _ => None,
    }
}

fn is_user_agent(path: &str) -> bool {
    path.eq_ignore_ascii_case("network-traffic:extensions.http-request-ext.request_header.user-agent")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{IndicatorList, parse};
    use super::*;

    fn bundle(patterns: &[&str]) -> IndicatorList {
        let objects: Vec<serde_json::Value> = patterns
            .iter()
            .map(|pattern| serde_json::json!({"type":"indicator","pattern":pattern,"pattern_type":"stix"}))
            .collect();
        let text = serde_json::json!({"type":"bundle","id":"bundle--1","objects":objects}).to_string();
        parse("b.json", text.as_bytes()).unwrap()
    }

    fn labels(list: &IndicatorList) -> Vec<(Kind, Mode, String)> {
        list.indicators
            .iter()
            .map(|one| (one.kind, one.mode, one.label()))
            .collect()
    }

    #[test]
    fn simple_comparisons_and_alternatives_become_indicators() {
        let list = bundle(&[
            "[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '198.51.100.0/24']",
            "[domain-name:value = 'evil.example.com'] OR [ipv6-addr:value IN ('2001:db8::1', '2001:db8::2')]",
            "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'It''s/1']",
            "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Fetcher/1.0']",
            "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.9']",
            "[url:value = 'http://a.example.com/x']",
        ]);
        let expected = [
            (Kind::Ip, Mode::Exact, "192.0.2.1"),
            (Kind::Cidr, Mode::Exact, "198.51.100.0/24"),
            (Kind::Domain, Mode::Exact, "evil.example.com"),
            (Kind::Ip, Mode::Exact, "2001:db8::1"),
            (Kind::Ip, Mode::Exact, "2001:db8::2"),
            (Kind::UserAgent, Mode::Exact, "Fetcher/1.0"),
            (Kind::Ip, Mode::Exact, "192.0.2.9"),
            (Kind::Domain, Mode::Exact, "a.example.com"),
        ];
        assert_eq!(
            labels(&list),
            expected.map(|(kind, mode, label)| (kind, mode, label.to_owned()))
        );
        // Two quotes in a row are not how STIX writes a quote.
        assert_eq!(list.unusable.total, 1);
    }

    #[test]
    fn parts_of_one_user_agent_become_a_composite() {
        let agent = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'";
        let list = bundle(&[&format!("[{agent} LIKE '%X11%' AND {agent} LIKE '%Headless/1%']")]);
        assert_eq!(list.indicators[0].kind, Kind::UserAgentAllOf);
        assert_eq!(list.indicators[0].values, ["X11", "Headless/1"]);
    }

    #[test]
    fn what_cannot_be_expressed_is_listed_with_its_reason() {
        let list = bundle(&[
            "[ipv4-addr:value = '192.0.2.1']",
            "[file:hashes.'SHA-256' = 'aa']",
            "[ipv4-addr:value != '192.0.2.2']",
            "[ipv4-addr:value = '192.0.2.3' AND network-traffic:dst_port = 443]",
            "[ipv4-addr:value = '192.0.2.4'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.5']",
            "[ipv4-addr:value = '192.0.2.6'] REPEATS 5 TIMES WITHIN 60 SECONDS",
            "[domain-name:value MATCHES '^a']",
            "[ipv4-addr:value = ",
        ]);
        assert_eq!(list.indicators.len(), 1);
        let reasons: Vec<&str> = list.unusable.shown.iter().map(|remark| remark.reason).collect();
        let expected = [
            "object_not_in_logs",
            "negation",
            "conjunction_of_different_things",
            "sequence",
            "qualifier",
            "operator",
            "syntax",
        ];
        assert_eq!(reasons, expected);
    }

    #[test]
    fn revoked_and_foreign_patterns_are_told_apart() {
        let text = r#"{"type":"bundle","objects":[
            {"type":"report","name":"R","modified":"2025-11-24T00:00:00Z","published":"2025-11-23T00:00:00Z"},
            {"type":"indicator","pattern":"[ipv4-addr:value='192.0.2.1']"},
            {"type":"indicator","pattern":"[ipv4-addr:value='192.0.2.2']","revoked":true},
            {"type":"indicator","pattern":"alert tcp any","pattern_type":"snort"}]}"#;
        let list = parse("b.json", text.as_bytes()).unwrap();
        assert_eq!(
            (list.name.as_str(), list.version.as_deref()),
            ("R", Some("2025-11-24T00:00:00Z"))
        );
        assert_eq!(
            (list.indicators.len(), list.skipped.total, list.unusable.total),
            (1, 1, 1)
        );
    }

    #[test]
    fn a_list_of_file_hashes_is_refused_because_no_log_shows_them() {
        let text = r#"{"type":"bundle","objects":[{"type":"indicator","pattern":"[file:hashes.MD5='aa']"}]}"#;
        let error = parse("b.json", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("object_not_in_logs"), "{error}");
    }
}
