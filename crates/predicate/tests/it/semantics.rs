//! What single tests answer.

use sekisho_predicate::{Anchor, Case, Cell, Comparison, Missing, Number, PredicateError, RegexFlags, Test, TestSpec};

fn text(literals: &[&str], anchor: Anchor, case: Case) -> Test {
    let literals = literals.iter().map(|literal| (*literal).to_owned()).collect();
    Test::compile(&TestSpec::Text {
        literals,
        anchor,
        case,
        missing: Missing::Fails,
    })
    .unwrap()
}

#[test]
fn anchors_and_case_rules_are_obeyed() {
    for (literal, anchor, case, value, expected) in [
        ("FOO", Anchor::Start, Case::Folded, "foobar", true),
        ("FOO", Anchor::Start, Case::Exact, "foobar", false),
        ("bar", Anchor::End, Case::Exact, "foobar", true),
        ("bar", Anchor::Start, Case::Exact, "foobar", false),
        ("oba", Anchor::Anywhere, Case::Exact, "foobar", true),
        ("oba", Anchor::Whole, Case::Exact, "foobar", false),
        ("ΟΔΟΣ", Anchor::End, Case::Folded, "x οδος", true),
        ("é", Anchor::End, Case::Folded, "É", true),
        ("", Anchor::Anywhere, Case::Folded, "x", true),
    ] {
        assert_eq!(
            text(&[literal], anchor, case).matches(&Cell::Text(value)),
            expected,
            "{literal} {value}"
        );
    }
}

#[test]
fn many_literals_match_as_few_do() {
    let literals: Vec<String> = (0..50).map(|number| format!("word{number}é")).collect();
    let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
    for anchor in [Anchor::Whole, Anchor::Start, Anchor::End, Anchor::Anywhere] {
        let test = text(&literals, anchor, Case::Folded);
        assert!(test.matches(&Cell::Text("WORD49É")), "{anchor:?}");
        assert!(!test.matches(&Cell::Text("word50é")), "{anchor:?}");
        assert!(!test.matches(&Cell::Text("é")), "{anchor:?}");
    }
}

#[test]
fn numbers_and_booleans_have_a_text_form() {
    let whole = |value: &str| text(&[value], Anchor::Whole, Case::Folded);
    assert!(whole("4625").matches(&Cell::Integer(4625)));
    assert!(whole("TRUE").matches(&Cell::Boolean(true)));
    assert!(whole("1.5").matches(&Cell::Float(1.5)));
    assert!(whole("1").matches(&Cell::Float(1.0)));
    assert!(whole("1.0").matches(&Cell::Float(1.0)));
    assert!(whole("2023-03-16T19:41:07.645Z").matches(&Cell::Time(1_678_995_667_645_000)));
    assert!(!whole("").matches(&Cell::Null));
}

#[test]
fn number_equality_holds_for_numbers_only() {
    let seven = Test::compile(&TestSpec::OneOf {
        texts: vec!["7".to_owned()],
        numbers: vec![Number::Integer(7)],
        case: Case::Folded,
        missing: Missing::Fails,
    })
    .unwrap();
    assert!(seven.matches(&Cell::Float(7.0)));
    assert!(seven.matches(&Cell::Text("7")));
    assert!(!seven.matches(&Cell::Text("007")));
}

#[test]
fn comparisons_read_numbers_out_of_text() {
    let over = Test::compile(&TestSpec::Compare {
        comparison: Comparison::Greater,
        numbers: vec![Number::Integer(100)],
        missing: Missing::Fails,
    })
    .unwrap();
    assert!(over.matches(&Cell::Text("1e3")));
    assert!(over.matches(&Cell::Integer(101)));
    assert!(!over.matches(&Cell::Text("abc")));
    assert!(!over.matches(&Cell::Null));
}

#[test]
fn networks_contain_addresses_and_nothing_else() {
    let networks = Test::compile(&TestSpec::Networks {
        networks: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        missing: Missing::Fails,
    })
    .unwrap();
    for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8:1::1"] {
        assert!(networks.matches(&Cell::Text(inside)), "{inside}");
    }
    for outside in ["11.1.2.3", "10.1.2.3:443", "Salesforce.com IP", "10.x", ""] {
        assert!(!networks.matches(&Cell::Text(outside)), "{outside}");
    }
}

#[test]
fn what_cannot_be_compiled_is_named() {
    let regex = |expression: &str| {
        Test::compile(&TestSpec::Regexes {
            expressions: vec![expression.to_owned()],
            flags: RegexFlags::default(),
            missing: Missing::Fails,
        })
    };
    assert!(matches!(regex("a(b"), Err(PredicateError::Regex { reason, .. }) if reason == "unclosed group"));
    assert!(
        matches!(regex("(\\w{200}){200}"), Err(PredicateError::Regex { reason, .. }) if reason.contains("size limit"))
    );
    let long = "x".repeat(sekisho_predicate::TEXT_LIMIT_BYTES + 1);
    assert!(matches!(regex(&long), Err(PredicateError::TooLong { .. })));
    let none = Test::compile(&TestSpec::Networks {
        networks: Vec::new(),
        missing: Missing::Fails,
    });
    assert!(matches!(none, Err(PredicateError::NoValues)));
}
