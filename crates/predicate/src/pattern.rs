//! Wildcard patterns over whole texts.

use memchr::memmem;

use crate::fold::fold;
use crate::spec::{Anchor, Case};

/// One part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PatternPart {
    /// These characters.
    Literal(String),
    /// Any one character.
    One,
    /// Any number of characters, none included.
    Many,
    /// One of the five characters that stand for a dash on a command line: `-`, `/`, en dash, em dash, horizontal bar.
    Dash,
}

const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A wildcard pattern that must fit the whole text.
///
/// Between two `Many` the leftmost fit is taken, which is right because all other parts have a fixed number of
/// characters; so matching never backtracks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    segments: Vec<Vec<PatternPart>>,
    open_start: bool,
    open_end: bool,
}

impl Pattern {
    /// Returns the pattern of these parts.
    #[must_use]
    pub fn new(parts: Vec<PatternPart>) -> Self {
        let open_start = parts.first() == Some(&PatternPart::Many);
        let open_end = parts.last() == Some(&PatternPart::Many);
        let mut segments: Vec<Vec<PatternPart>> = vec![Vec::new()];
        for part in parts {
            match (part, segments.last_mut()) {
                (PatternPart::Many, _) | (_, None) => segments.push(Vec::new()),
                (part, Some(segment)) => push_joined(segment, part),
            }
        }
        segments.retain(|segment| !segment.is_empty());
        Self {
            segments,
            open_start,
            open_end,
        }
    }

    /// Returns the pattern with more text allowed where the anchor leaves room.
    #[must_use]
    pub fn anchored(mut self, anchor: Anchor) -> Self {
        self.open_start |= matches!(anchor, Anchor::End | Anchor::Anywhere);
        self.open_end |= matches!(anchor, Anchor::Start | Anchor::Anywhere);
        self
    }

    /// Returns the literal and the anchor that mean the same, where there are such: they are much cheaper to test.
    #[must_use]
    pub fn as_literal(&self) -> Option<(Anchor, &str)> {
        let literal = match self.segments.as_slice() {
            [] => "",
            [segment] => match segment.as_slice() {
                [PatternPart::Literal(literal)] => literal,
                _ => return None,
            },
            _ => return None,
        };
        let anchor = match (self.open_start, self.open_end) {
            (false, false) => Anchor::Whole,
            (false, true) => Anchor::Start,
            (true, false) => Anchor::End,
            (true, true) => Anchor::Anywhere,
        };
        Some((anchor, literal))
    }

    /// Returns the pattern with its literals in the form that the case rule compares.
    #[must_use]
    pub fn cased(mut self, case: Case) -> Self {
        if case == Case::Folded {
            for part in self.segments.iter_mut().flatten() {
                if let PatternPart::Literal(literal) = part {
                    *literal = fold(literal).into_owned();
                }
            }
        }
        self
    }

    /// Returns how many bytes of literals the pattern has.
    #[must_use]
    pub fn literal_bytes(&self) -> usize {
        let parts = self.segments.iter().flatten();
        parts
            .map(|part| match part {
                PatternPart::Literal(literal) => literal.len(),
                _ => 1,
            })
            .sum()
    }

    /// Returns whether the whole text fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut middle = self.segments.as_slice();
        let mut start = 0;
        let mut end = text.len();
        if !self.open_start {
            let Some((first, rest)) = middle.split_first() else {
                return text.is_empty() || self.open_end;
            };
            match fit_forward(first, text, 0) {
                Some(after) => start = after,
                None => return false,
            }
            middle = rest;
        }
        if !self.open_end {
            let Some((last, rest)) = middle.split_last() else {
                // The first segment was the last as well, or there is nothing after a leading `Many`.
                return self.open_start || start == text.len();
            };
            match fit_backward(last, text) {
                Some(before) if before >= start => end = before,
                _ => return false,
            }
            middle = rest;
        }
        let mut room = &text[start..end];
        for segment in middle {
            match find(segment, room) {
                Some(after) => room = &room[after..],
                None => return false,
            }
        }
        true
    }
}

fn push_joined(segment: &mut Vec<PatternPart>, part: PatternPart) {
    match (segment.last_mut(), part) {
        (Some(PatternPart::Literal(before)), PatternPart::Literal(more)) => before.push_str(&more),
        (_, PatternPart::Literal(empty)) if empty.is_empty() => {}
        (_, part) => segment.push(part),
    }
}

/// Returns where the segment ends if it fits at `at`.
fn fit_forward(segment: &[PatternPart], text: &str, at: usize) -> Option<usize> {
    segment.iter().try_fold(at, |at, part| {
        let rest = &text[at..];
        match part {
            PatternPart::Literal(literal) => rest.starts_with(literal.as_str()).then(|| at + literal.len()),
            PatternPart::One | PatternPart::Many => rest.chars().next().map(|one| at + one.len_utf8()),
            PatternPart::Dash => rest
                .chars()
                .next()
                .filter(|one| DASHES.contains(one))
                .map(|one| at + one.len_utf8()),
        }
    })
}

/// Returns where the segment starts if it fits at the end.
fn fit_backward(segment: &[PatternPart], text: &str) -> Option<usize> {
    segment.iter().rev().try_fold(text.len(), |end, part| {
        let rest = &text[..end];
        match part {
            PatternPart::Literal(literal) => rest.ends_with(literal.as_str()).then(|| end - literal.len()),
            PatternPart::One | PatternPart::Many => rest.chars().next_back().map(|one| end - one.len_utf8()),
            PatternPart::Dash => rest
                .chars()
                .next_back()
                .filter(|one| DASHES.contains(one))
                .map(|one| end - one.len_utf8()),
        }
    })
}

/// Returns where the leftmost fit of the segment ends.
fn find(segment: &[PatternPart], text: &str) -> Option<usize> {
    let mut from = 0;
    while from <= text.len() {
        let at = match segment.first() {
            Some(PatternPart::Literal(literal)) => from + memmem::find(&text.as_bytes()[from..], literal.as_bytes())?,
            _ => from,
        };
        if let Some(end) = fit_forward(segment, text, at) {
            return Some(end);
        }
        from = at + text[at..].chars().next()?.len_utf8();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let parts = text.chars().map(|character| match character {
            '*' => PatternPart::Many,
            '?' => PatternPart::One,
            '~' => PatternPart::Dash,
            other => PatternPart::Literal(other.to_string()),
        });
        Pattern::new(parts.collect())
    }

    #[test]
    fn wildcards_fit_as_they_say() {
        for (text, value, expected) in [
            ("foo*bar", "foobar", true),
            ("foo*bar", "fooXXbar", true),
            ("foo*bar", "fobar", false),
            ("fo*oo", "foo", false),
            ("a?b", "aéb", true),
            ("a?b", "a😀b", true),
            ("a?b", "ab", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("?", "", false),
            ("*a*b*", "xbxaxb", true),
            ("*a*b*", "xbxax", false),
            ("*?a", "a", false),
            ("*a?", "xaay", true),
            ("a*a", "a", false),
            ("*~e*", "x /e", true),
            ("*~e*", "x +e", false),
        ] {
            assert_eq!(pattern(text).matches(value), expected, "{text} {value}");
        }
    }

    #[test]
    fn patterns_with_wildcards_at_the_ends_only_are_literals() {
        assert_eq!(pattern("*ab*").as_literal(), Some((Anchor::Anywhere, "ab")));
        assert_eq!(pattern("ab*").as_literal(), Some((Anchor::Start, "ab")));
        assert_eq!(pattern("*").as_literal(), Some((Anchor::Anywhere, "")));
        assert_eq!(pattern("").as_literal(), Some((Anchor::Whole, "")));
        assert_eq!(pattern("a*b").as_literal(), None);
    }

    /// The textbook recursion, too slow for use and hard to get wrong.
    fn slow(parts: &[char], text: &[char]) -> bool {
        match (parts.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => slow(&parts[1..], text) || (!text.is_empty() && slow(parts, &text[1..])),
            (Some('?'), Some(_)) => slow(&parts[1..], &text[1..]),
            (Some('~'), Some(one)) => DASHES.contains(one) && slow(&parts[1..], &text[1..]),
            (Some(wanted), Some(one)) => wanted == one && slow(&parts[1..], &text[1..]),
            _ => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_the_textbook(text in "[ab*?~é]{0,7}", value in "[ab/é–]{0,8}") {
            let parts: Vec<char> = text.chars().collect();
            let characters: Vec<char> = value.chars().collect();
            proptest::prop_assert_eq!(pattern(&text).matches(&value), slow(&parts, &characters));
        }
    }
}
