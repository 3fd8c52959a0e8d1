//! Objects that need no parser: their values are texts without escapes, numbers, truth values and null. They are nearly all
//! rows of vendors' exports, and cutting them at their quotes costs a fraction of parsing them byte by byte.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::{Member, USUAL_KEYS};
use crate::limits::MAX_KEYS;

/// Returns the members of an object; `None` where it is not that plain, or no object: then the parser says what it is.
pub(super) fn members(text: &str) -> Option<Vec<Member<'_>>> {
    let bytes = text.as_bytes();
    // A control character must be escaped within a text, and between tokens it is rare.
    let is_plain = memchr(b'\\', bytes).is_none() && bytes.iter().fold(true, |plain, byte| plain & (*byte >= b' '));
    if !is_plain {
        return None;
    }
    let mut members = Vec::with_capacity(USUAL_KEYS);
    let mut quotes = memchr_iter(b'"', bytes);
    let mut at = after_spaces(bytes, 0);
    if *bytes.get(at)? != b'{' {
        return None;
    }
    loop {
        at = after_spaces(bytes, at + 1);
        let key_end = quoted(&mut quotes, at)?;
        let key = text.get(at + 1..key_end - 1)?;
        at = after_spaces(bytes, key_end);
        if *bytes.get(at)? != b':' || members.len() == MAX_KEYS {
            return None;
        }
        let start = after_spaces(bytes, at + 1);
        let end = match bytes.get(start)? {
            b'"' => quoted(&mut quotes, start)?,
            _ => start + literal(&bytes[start..])?,
        };
        members.push((Cow::Borrowed(key), text.get(start..end)?));
        at = after_spaces(bytes, end);
        match bytes.get(at)? {
            b',' => {}
            b'}' => return (after_spaces(bytes, at + 1) == bytes.len()).then_some(members),
            _ => return None,
        }
    }
}

/// Returns where the text ends that starts with the next quote, which must stand at `start`.
fn quoted(quotes: &mut impl Iterator<Item = usize>, start: usize) -> Option<usize> {
    let open = quotes.next()?;
    let close = quotes.next()?;
    (open == start).then_some(close + 1)
}

fn after_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// Returns the length of the number, truth value or null that starts there.
fn literal(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().position(|byte| matches!(byte, b',' | b'}' | b' '))?;
    let is_one = match &bytes[..end] {
        b"null" | b"true" | b"false" => true,
        number => is_number(number),
    };
    is_one.then_some(end)
}

fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = digits(text);
    let is_whole = whole == 1 || whole > 1 && text.first() != Some(&b'0');
    let (has_fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => {
            let (count, rest) = digits(rest);
            (count > 0, rest)
        }
        None => (true, rest),
    };
    is_whole && has_fraction && (rest.is_empty() || is_exponent(rest))
}

fn is_exponent(text: &[u8]) -> bool {
    let Some((b'e' | b'E', rest)) = text.split_first() else {
        return false;
    };
    let rest = match rest.split_first() {
        Some((b'+' | b'-', rest)) => rest,
        _ => rest,
    };
    let (count, rest) = digits(rest);
    count > 0 && rest.is_empty()
}

/// Returns how many digits the text starts with, and what follows them.
fn digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, &text[count..])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::parsed;
    use super::*;

    #[test]
    fn plain_objects_are_cut_and_others_left_to_the_parser() {
        let cut = |text| members(text).map(|members| members.into_iter().map(|(_, raw)| raw).collect::<Vec<_>>());
        assert_eq!(
            cut(r#"{"a": "x,}", "b":-1.5e3 ,"a":null,"c":"あ"}"#).unwrap(),
            ["\"x,}\"", "-1.5e3", "null", "\"あ\""]
        );
        for text in [
            "",
            "{}",
            "[]",
            r#"{"a":[]}"#,
            r#"{"a":{}}"#,
            r#"{"a":"\n"}"#,
            "{\"a\":\"\t\"}",
            r#"{"a":1}x"#,
            r#"{"a":1"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":tru}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            r#"{"a":1,}"#,
            r#"{"a":1 2}"#,
            r#"{"a":"b""c":1}"#,
            r#"{"a":+1}"#,
            r#"{"a":.5}"#,
            r#"{"a":1e}"#,
            r#"{"a":-}"#,
        ] {
            assert!(cut(text).is_none(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_cut_is_what_the_parser_reads(text in r#"\{("[ab]?" ?:? ?("[a-c,:} ]?"|-?[0-9.eE]{0,4}|null|true|\[\]),? ?){0,3}\}? ?"#) {
            if let Some(cut) = members(&text) {
                proptest::prop_assert_eq!(cut, parsed(&text).unwrap());
            }
        }
    }
}
