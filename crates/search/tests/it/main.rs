//! Tests of the search crate as its callers use it. That searches find what they should is tested where there is an
//! engine, in `operation`, over the same text files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::{any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy;
use sekisho_search::{Condition, Field, MAX_DEPTH, MAX_QUERY_BYTES, MAX_TERMS, MAX_WORDS, Test, parse, quote, to_sql};

/// What the store takes of one statement, less what stands around the condition.
const MAX_SQL_BYTES: usize = 62 * 1024;

#[test]
fn what_is_refused_says_where_and_why() {
    let mut search = None;
    let mut seen = 0;
    for line in include_str!("../cases/refused.txt").lines() {
        if let Some(text) = line.strip_prefix("q ") {
            search = Some(text);
        } else if let Some(expected) = line.strip_prefix("! ") {
            let text = search.take().unwrap();
            let error = parse(text).expect_err(text);
            let (part, words) = expected[1..].rsplit_once("` ").unwrap();
            assert_eq!(&text[error.start..error.end], part, "{text}: {error}");
            assert!(error.to_string().contains(words), "{text}: {error}");
            let japanese = error.message.ja.as_deref().unwrap();
            assert!(japanese.ends_with('。'), "{japanese}");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} searches");
}

#[test]
fn limits_are_errors_that_say_the_limit() {
    let too_much = [
        ("x".repeat(MAX_QUERY_BYTES + 1), MAX_QUERY_BYTES),
        ("(".repeat(MAX_DEPTH + 1), MAX_DEPTH),
        (format!("{}x", "-".repeat(MAX_DEPTH + 1)), MAX_DEPTH),
        ("NOT ".repeat(MAX_DEPTH + 1), MAX_DEPTH),
        ("x ".repeat(MAX_WORDS + 1), MAX_WORDS),
        (format!("app:({})", "x ".repeat(MAX_TERMS + 1)), MAX_TERMS),
    ];
    for (text, limit) in too_much {
        let error = parse(&text).unwrap_err();
        assert!(error.to_string().contains(&limit.to_string()), "{error}");
    }
    let much = [
        format!("{}x{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH)),
        "x ".repeat(MAX_WORDS),
        format!("app:({})", "x ".repeat(MAX_TERMS)),
        "x".repeat(MAX_QUERY_BYTES),
    ];
    for text in much {
        parse(&text).unwrap();
    }
}

#[test]
fn the_longest_search_still_fits_a_statement() {
    let word = "_".repeat(MAX_QUERY_BYTES / MAX_WORDS - 1);
    let text = vec![word; MAX_WORDS].join(" ");
    assert!(to_sql(&parse(&text).unwrap()).len() < MAX_SQL_BYTES);
    let quoted = format!("\"{}\"", "'".repeat(MAX_QUERY_BYTES - 2));
    assert!(to_sql(&parse(&quoted).unwrap()).len() < MAX_SQL_BYTES);
}

#[test]
fn what_the_sql_looks_like() {
    let sql = |text: &str| to_sql(&parse(text).unwrap());
    assert_eq!(sql(""), "TRUE");
    assert_eq!(
        sql("-actor:o'neil_* rows>5"),
        r#"((("actor" ILIKE 'o''neil\_%') IS NOT TRUE) AND ("rows" > 5))"#
    );
    assert_eq!(sql("login_key:a*"), r#"("login_key" LIKE 'a%')"#);
    assert_eq!(sql("src_ip:192.0.2.7/24"), r#"(ip_in_cidr("src_ip", '192.0.2.7/24'))"#);
    assert_eq!(sql("src_ip:::ffff:192.0.2.0/120"), sql("src_ip:192.0.2.0/24"));
    assert_eq!(
        sql("time<1970-01-02"),
        r#"("time" < arrow_cast(86400000000, 'Timestamp(Microsecond, Some("UTC"))'))"#
    );
}

/// Anything, and what looks like a search.
fn searches() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "\\PC{0,8}",
        "[a-z'\"\\\\%_*?;()-]{0,8}",
        proptest::sample::select(vec![
            "AND",
            "OR",
            "NOT",
            "-",
            "(",
            ")",
            "actor:",
            "login_key:",
            "rows>",
            "rows:",
            "time<",
            "src_ip:",
            "\"",
            "'",
            "--",
            "/*",
            ";",
            "\\",
            "1",
            "192.0.2.0/24",
            "2025-11-20",
            "\0",
            "\n",
        ])
        .prop_map(str::to_owned),
    ];
    let glue = proptest::sample::select(vec!["", "", " "]);
    proptest::collection::vec((part, glue), 0..12)
        .prop_map(|parts| parts.into_iter().map(|(part, glue)| part + glue).collect())
}

/// Returns what of the SQL stands outside its quotes; `None` where a quote is left open.
fn outside_quotes(sql: &str) -> Option<String> {
    let mut outside = String::new();
    let mut quote = None;
    for character in sql.chars() {
        match quote {
            None if character == '\'' || character == '"' => quote = Some(character),
            None => outside.push(character),
            // A doubled quote closes and opens again: the same in the end.
            Some(open) if open == character => quote = None,
            Some(_) => {}
        }
    }
    quote.is_none().then_some(outside)
}

/// The words that the SQL may have outside quotes.
const SQL_WORDS: [&str; 14] = [
    "TRUE",
    "AND",
    "OR",
    "IS",
    "NOT",
    "NULL",
    "LIKE",
    "ILIKE",
    "ip_in_cidr",
    "arrow_cast",
    "CAST",
    "AS",
    "DOUBLE",
    "",
];

proptest! {
    #[test]
    fn nothing_typed_stands_in_the_sql_outside_quotes(text in searches()) {
        let Ok(query) = parse(&text) else { return Ok(()) };
        let sql = to_sql(&query);
        let outside = outside_quotes(&sql);
        prop_assert!(outside.is_some(), "{}", sql);
        let outside = outside.unwrap();
        for word in outside.split(|character: char| " (),<>=-".contains(character)) {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert!(is_number || SQL_WORDS.contains(&word), "{} in {}", word, sql);
        }
        let (opened, closed) = (outside.matches('(').count(), outside.matches(')').count());
        prop_assert_eq!(opened, closed);
        prop_assert!(!outside.contains("--") && !outside.contains("/*"));
    }

    #[test]
    fn errors_point_into_the_text(text in searches()) {
        if let Err(error) = parse(&text) {
            prop_assert!(text.get(error.start..error.end).is_some(), "{:?}", error);
        }
    }

    #[test]
    fn quoted_text_means_itself(text in any::<String>().prop_filter("values are not empty", |text| !text.is_empty() && text.len() < 300)) {
        let query = parse(&format!("actor:{}", quote(&text))).unwrap();
        match query.condition {
            Condition::Field(field, Test::Is(pattern)) => {
                prop_assert_eq!(Some(field), Field::named("actor"));
                prop_assert_eq!(pattern.plain(), Some(text.as_str()));
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
