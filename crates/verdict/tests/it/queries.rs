//! The searches of the sheet find what their lines count, and nothing else.

use std::collections::BTreeSet;
use std::net::IpAddr;

use proptest::prelude::*;
use sekisho_search::{Comparison, Condition, FieldType, Pattern, Piece, Test, parse};
use sekisho_verdict::{OrgSheet, RuleFinding, StepCode};

use crate::events::{Event, at, event, examine, org, question};

/// Returns how many events a search finds.
fn found(events: &[Event], search: &str) -> usize {
    let query = parse(search).unwrap_or_else(|error| panic!("{search}: {error}"));
    events.iter().filter(|event| holds(event, &query.condition)).count()
}

/// The search language over events in memory; only what the sheet writes.
fn holds(event: &Event, condition: &Condition) -> bool {
    match condition {
        Condition::Any => true,
        Condition::All(all) => all.iter().all(|one| holds(event, one)),
        Condition::Either(any) => any.iter().any(|one| holds(event, one)),
        Condition::Not(not) => !holds(event, not),
        Condition::Word(_) => panic!("the sheet asks for fields"),
        Condition::Field(field, test) => {
            let Some(value) = event.get(field.name()) else {
                return false;
            };
            match test {
                Test::HasValue => true,
                Test::Is(pattern) if field.ty() == FieldType::Key => is(pattern, value),
                Test::Is(pattern) => is(&lower(pattern), &value.to_lowercase()),
                Test::InNetwork(network) => value.parse::<IpAddr>().is_ok_and(|ip| network.contains(&ip)),
                Test::Time(comparison, at_us) => match comparison {
                    Comparison::Equal => at(value) == *at_us,
                    Comparison::Less => at(value) < *at_us,
                    Comparison::AtMost => at(value) <= *at_us,
                    Comparison::Greater => at(value) > *at_us,
                    Comparison::AtLeast => at(value) >= *at_us,
                },
                Test::Integer(..) | Test::Decimal(..) => panic!("the sheet does not ask for numbers"),
            }
        }
    }
}

fn lower(pattern: &Pattern) -> Vec<Piece> {
    let lower = |piece: &Piece| match piece {
        Piece::Text(text) => Piece::Text(text.to_lowercase()),
        other => other.clone(),
    };
    pattern.pieces().iter().map(lower).collect()
}

fn is(pattern: &(impl AsPieces + ?Sized), value: &str) -> bool {
    fn matches(pieces: &[Piece], value: &str) -> bool {
        match pieces.split_first() {
            None => value.is_empty(),
            Some((Piece::Text(text), rest)) => value
                .strip_prefix(text.as_str())
                .is_some_and(|value| matches(rest, value)),
            Some((Piece::Character, rest)) => value
                .chars()
                .next()
                .is_some_and(|letter| matches(rest, &value[letter.len_utf8()..])),
            Some((Piece::Characters, rest)) => (0..=value.len())
                .filter(|at| value.is_char_boundary(*at))
                .any(|at| matches(rest, &value[at..])),
        }
    }
    matches(pattern.pieces_of(), value)
}

trait AsPieces {
    fn pieces_of(&self) -> &[Piece];
}

impl AsPieces for Pattern {
    fn pieces_of(&self) -> &[Piece] {
        self.pieces()
    }
}

impl AsPieces for Vec<Piece> {
    fn pieces_of(&self) -> &[Piece] {
        self
    }
}

fn with(mut event: Event, pairs: &[(&'static str, &str)]) -> Event {
    for (name, value) in pairs {
        event.insert(name, (*value).to_owned());
    }
    event
}

fn check_actors(events: &[Event], org: &OrgSheet) {
    for actor in &org.actors {
        assert_eq!(found(events, &actor.query) as u64, actor.events, "{actor:#?}");
    }
}

fn object<'a>(org: &'a OrgSheet, name: &str) -> &'a sekisho_verdict::Touched {
    org.objects.iter().find(|object| object.object == name).unwrap()
}

fn key(time: &str, ip: &str, action: &str, query: &str) -> Event {
    let mut call = event(&[
        ("table", "aws.cloudtrail"),
        ("org", "kaede-aws"),
        ("token_id", "AKIAIOSFODNN7EXAMPLE"),
        ("actor", "ci-deploy"),
        ("object", "s3.amazonaws.com"),
        ("action", action),
        ("src_ip", ip),
        ("time", time),
    ]);
    if !query.is_empty() {
        call.insert("query", query.to_owned());
    }
    call
}

#[test]
fn a_stolen_key_is_searched_for_without_its_owners_use() {
    let backups = r#"{"bucketName":"backups","key":"a"}"#;
    let events = [
        // The owner, before and after the theft.
        key("2025-10-28T10:00:00Z", "198.51.100.30", "GetObject", backups),
        key("2025-11-18T10:30:00Z", "198.51.100.30", "ListBuckets", ""),
        // Long before it from where the thief is: nobody's loss.
        key("2025-11-01T10:00:00Z", "203.0.113.9", "ListBuckets", ""),
        key("2025-11-18T10:00:00Z", "203.0.113.9", "ListBuckets", ""),
        key("2025-11-18T10:01:00Z", "203.0.113.9", "GetObject", backups),
        key(
            "2025-11-18T10:02:00Z",
            "198.18.0.5",
            "GetObject",
            r#"{"bucketName":"backups-2"}"#,
        ),
    ];
    let question = crate::events::Question {
        indicators: "name: a\nindicators:\n  - {kind: ip, value: 203.0.113.9, from: 2025-11-18T00:00:00Z}\n",
        ..question()
    };
    let sheet = examine(&question, &events);
    let aws = org(&sheet, "kaede-aws");
    let counts: Vec<(u64, usize)> = aws
        .actors
        .iter()
        .map(|actor| (actor.events, found(&events, &actor.query)))
        .collect();
    assert!(
        counts.iter().all(|(events, found)| *events == *found as u64),
        "{counts:?} {:#?}",
        aws.actors
    );
    for name in ["s3.amazonaws.com", "s3://backups", "s3://backups-2"] {
        let touched = object(aws, name);
        assert_eq!(found(&events, &touched.query) as u64, touched.accessed, "{touched:?}");
    }
}

#[test]
fn an_object_is_searched_for_where_the_trail_touched_it() {
    let read = |session: &str, ip: &str, query: &str| {
        with(
            event(&[("table", "salesforce.ApiEvent"), ("action", "Query")]),
            &[("session_key", session), ("src_ip", ip), ("query", query)],
        )
    };
    let events = [
        read("s1", "203.0.113.9", "SELECT Id FROM Case"),
        read("s1", "203.0.113.9", "SELECT Id FROM Case LIMIT 5"),
        read("s1", "203.0.113.9", "SELECT Id FROM CaseComment"),
        read("s1", "203.0.113.9", "SELECT Id\nFROM Lead\nLIMIT 1"),
        with(read("s1", "203.0.113.9", ""), &[("object", "Case"), ("query", "x")]),
        read("s2", "198.51.100.9", "SELECT Id FROM Case"),
        with(read("", "198.51.100.9", ""), &[("object", "Case")]),
        // No key at all: found by its address alone.
        with(
            read("", "203.0.113.9", ""),
            &[("object", "Case"), ("actor", "a@kaede.example")],
        ),
    ];
    let mut events = events.to_vec();
    for event in &mut events {
        event.retain(|_, value| !value.is_empty());
    }
    let sheet = examine(&question(), &events);
    let japan = org(&sheet, "kaede-japan");
    check_actors(&events, japan);
    let case = object(japan, "Case");
    assert_eq!((case.accessed, found(&events, &case.query)), (4, 4), "{}", case.query);
    let lead = object(japan, "Lead");
    assert_eq!((lead.accessed, found(&events, &lead.query)), (1, 1), "{}", lead.query);
    let comments = object(japan, "CaseComment");
    assert_eq!(
        (comments.accessed, found(&events, &comments.query)),
        (1, 1),
        "{}",
        comments.query
    );
}

#[test]
fn one_user_under_two_names_is_one_actor() {
    let of = |table: &'static str, actor: &str, ip: &str, time: &str| {
        event(&[
            ("table", table),
            ("org", "gitlab.kaede.example"),
            ("actor", actor),
            ("actor_id", "211"),
            ("target", "shop/web"),
            ("src_ip", ip),
            ("time", time),
        ])
    };
    let token = |ip: &str, time: &str| {
        let call = of("gitlab.api_log", "project_7_bot", ip, time);
        with(
            call,
            &[("token_id", "77"), ("app", "PersonalAccessToken"), ("action", "GET")],
        )
    };
    let audit = |ip: &str, time: &str| of("gitlab.audit_events", "release-publisher", ip, time);
    let events = [
        audit("198.51.100.7", "2025-10-28T10:00:00Z"),
        token("203.0.113.9", "2025-11-18T10:00:00Z"),
        token("203.0.113.9", "2025-11-18T10:01:00Z"),
        audit("203.0.113.9", "2025-11-18T10:01:01Z"),
        // The token is followed to a new place, and what its user did there without naming a token with it.
        token("198.18.0.5", "2025-11-18T11:00:00Z"),
        audit("198.18.0.5", "2025-11-18T11:00:01Z"),
        // The user's own work, from where it always was.
        audit("198.51.100.7", "2025-11-18T11:30:00Z"),
    ];
    let sheet = examine(&question(), &events);
    let gitlab = org(&sheet, "gitlab.kaede.example");
    assert_eq!(gitlab.actor_count, 1, "{:#?}", gitlab.actors);
    let actor = &gitlab.actors[0];
    assert_eq!((actor.user.as_deref(), actor.events), (Some("project_7_bot"), 5));
    assert_eq!(actor.app.as_deref(), Some("PersonalAccessToken"));
    check_actors(&events, gitlab);
    let project = object(gitlab, "shop/web");
    assert_eq!(found(&events, &project.query), 5, "{}", project.query);
}

#[test]
fn the_range_that_was_asked_for_is_in_the_searches() {
    let read = |time: &str| {
        event(&[
            ("session_key", "s1"),
            ("src_ip", "203.0.113.9"),
            ("object", "Case"),
            ("time", time),
        ])
    };
    let events = [
        read("2025-11-17T10:00:00Z"),
        read("2025-11-18T10:00:00Z"),
        read("2025-11-19T00:00:00Z"),
    ];
    let question = crate::events::Question {
        from: Some("2025-11-18T00:00:00Z"),
        to: Some("2025-11-19T00:00:00Z"),
        ..question()
    };
    let sheet = examine(&question, &events);
    check_actors(&events, &sheet.orgs[0]);
    assert_eq!(found(&events, &object(&sheet.orgs[0], "Case").query), 1);
}

#[test]
fn too_many_sessions_for_a_search_are_searched_for_by_time() {
    let events: Vec<Event> = (0..300)
        .map(|number| {
            let session = format!("session-{number}");
            event(&[
                ("session_key", &session),
                ("src_ip", "203.0.113.9"),
                ("object", "Case"),
                ("actor", "a@kaede.example"),
            ])
        })
        .collect();
    let sheet = examine(&question(), &events);
    let japan = &sheet.orgs[0];
    for query in [&japan.actors[0].query, &japan.objects[0].query] {
        assert!(query.len() <= 2048 && query.contains("time>="), "{query}");
        assert_eq!(found(&events, query), 300);
    }
}

#[test]
fn what_rules_found_elsewhere_is_a_step_of_a_hit() {
    let finding = |is_grave, actor: &str, session: &str, ip: &str| RuleFinding {
        org: "kaede-japan".to_owned(),
        is_grave,
        actor: Some(actor.to_owned()),
        sessions: [session.to_owned()].into_iter().filter(|key| !key.is_empty()).collect(),
        src_ips: BTreeSet::from([ip.to_owned()]),
    };
    let mut question = question();
    question.context.rule_findings = vec![
        finding(true, "a@kaede.example", "s1", ""),
        finding(true, "a@kaede.example", "", "203.0.113.9"),
        finding(true, "admin@kaede.example", "s7", "203.0.113.88"),
        finding(false, "sales@kaede.example", "s8", "203.0.113.88"),
    ];
    let read = event(&[
        ("session_key", "s1"),
        ("src_ip", "203.0.113.9"),
        ("object", "Case"),
        ("rows", "5"),
        ("action", "GET"),
        ("actor", "a@kaede.example"),
    ]);
    let sheet = examine(&question, std::slice::from_ref(&read));
    let next = &sheet.orgs[0].next;
    let review = next.iter().find(|step| step.code == StepCode::ReviewFindings).unwrap();
    assert!(
        review
            .text
            .en
            .starts_with("Look at the critical or high finding (admin@kaede.example) and 1 medium one of"),
        "{}",
        review.text.en
    );
    let page = sekisho_verdict::render(&sheet, sekisho_event::text::Lang::En, 100);
    assert!(page.contains("admin@kaede.example"), "{page}");
    question.context.rule_findings.truncate(2);
    let sheet = examine(&question, &[read]);
    let codes: Vec<StepCode> = sheet.orgs[0].next.iter().map(|step| step.code).collect();
    assert!(!codes.contains(&StepCode::ReviewFindings), "{codes:?}");
}

#[test]
fn the_hit_with_most_finds_comes_first() {
    let of = |org: &str, session: &str| event(&[("org", org), ("session_key", session), ("src_ip", "203.0.113.9")]);
    let sheet = examine(&question(), &[of("a", "1"), of("b", "2"), of("b", "2"), of("c", "3")]);
    let orgs: Vec<&str> = sheet.orgs.iter().map(|org| org.org.as_str()).collect();
    assert_eq!(orgs, ["b", "a", "c"]);
}

/// Events of few sessions, logins, tokens, users and places, so that they meet in every way.
fn any_event() -> impl Strategy<Value = Event> {
    let pick = |values: &'static [&'static str]| proptest::sample::select(values);
    (
        pick(&["", "", "s1", "s2", "s3"]),
        pick(&["", "", "L1", "L2"]),
        pick(&["", "t1", "t2"]),
        pick(&["", "a", "b"]),
        pick(&["", "198.51.100.7", "198.18.0.5", "203.0.113.9"]),
        pick(&["", "app"]),
        pick(&["Case", "Contact"]),
        pick(&["2025-11-01", "2025-11-17", "2025-11-18", "2025-11-19"]),
        0u32..24,
    )
        .prop_map(|(session, login, token, actor, ip, app, object, day, hour)| {
            let time = format!("{day}T{hour:02}:00:00Z");
            let mut event = event(&[
                ("session_key", session),
                ("login_key", login),
                ("token_id", token),
                ("actor", actor),
                ("src_ip", ip),
                ("app", app),
                ("object", object),
                ("time", &time),
                ("table", "x.y"),
            ]);
            event.retain(|_, value| !value.is_empty());
            event
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn searches_find_what_their_lines_count(events in prop::collection::vec(any_event(), 1..40)) {
        let sheet = examine(&question(), &events);
        for org in &sheet.orgs {
            for actor in org.actors.iter().filter(|_| org.actor_count <= org.actors.len()) {
                prop_assert_eq!(found(&events, &actor.query) as u64, actor.events, "{:#?} {:#?}", actor, events);
            }
            for object in &org.objects {
                prop_assert_eq!(found(&events, &object.query) as u64, object.accessed, "{:#?} {:#?}", object, events);
            }
        }
    }
}
