//! Searches of the console that show the events behind a line of the sheet.

use std::collections::BTreeSet;
use std::ops::Range;

/// The longest search that the console takes, less what it adds itself.
pub(crate) const MAX_QUERY_BYTES: usize = 2_000;
/// Most keys that one search lists. The console accepts 2 KiB and 128 terms; beyond this a search by what else is known is
/// shorter and shows more.
pub(crate) const MAX_KEYS: usize = 60;
/// Most bytes of a value: keys, names and addresses are far shorter, and a value that somebody made long is left out.
const MAX_VALUE_BYTES: usize = 160;

/// A search under construction: terms that must all hold.
#[derive(Debug, Default)]
pub(crate) struct Search {
    terms: Vec<String>,
}

impl Search {
    /// Starts with the org.
    pub(crate) fn in_org(org: &str) -> Self {
        Self::default().is("org", org)
    }

    /// Adds `field:"value"`; values too long to be searched for are left out.
    pub(crate) fn is(mut self, field: &str, value: &str) -> Self {
        if value.len() <= MAX_VALUE_BYTES {
            self.terms.push(format!("{field}:{}", quote(value)));
        }
        self
    }

    /// Adds `field:"value"`; `None` where it is too long to be searched for.
    pub(crate) fn must_be(mut self, field: &str, value: &str) -> Option<Self> {
        self.terms.push(exactly(field, value)?);
        Some(self)
    }

    /// Adds what must hold of any of these.
    pub(crate) fn any(mut self, alternatives: &[String]) -> Self {
        match alternatives {
            [] => {}
            [only] if only.is_empty() => {}
            [only] => self.terms.push(only.clone()),
            several => self.terms.push(format!("({})", several.join(" OR "))),
        }
        self
    }

    pub(crate) fn finish(self) -> String {
        self.terms.join(" ")
    }

    /// Returns the terms as one of several alternatives.
    pub(crate) fn finish_one(self) -> String {
        match self.terms.as_slice() {
            [only] if !only.contains(' ') => only.clone(),
            terms => format!("({})", terms.join(" ")),
        }
    }
}

/// Returns `field:("a" OR "b")`; `None` where there are no values, or one that cannot be searched for: a search that left it
/// out would show less than it promises.
pub(crate) fn all_of(field: &str, values: &BTreeSet<String>) -> Option<String> {
    let fits = values.len() <= MAX_KEYS && values.iter().all(|value| value.len() <= MAX_VALUE_BYTES);
    let quoted: Vec<String> = values.iter().filter(|_| fits).map(|value| quote(value)).collect();
    match quoted.as_slice() {
        [] => None,
        [only] => Some(format!("{field}:{only}")),
        several => Some(format!("{field}:({})", several.join(" OR "))),
    }
}

/// Returns `field:"value"`; `None` where it is too long to be searched for.
pub(crate) fn exactly(field: &str, value: &str) -> Option<String> {
    (value.len() <= MAX_VALUE_BYTES).then(|| format!("{field}:{}", quote(value)))
}

/// Returns the search for texts that hold a part of this one at the same ends: `field:"*part"` where it ends the text,
/// `field:"*part/*"` where a slash follows. Without what follows, `Case` would find `CaseComment`.
pub(crate) fn around(field: &str, text: &str, part: Range<usize>) -> Option<String> {
    let (before, rest) = (text.get(..part.start)?, text.get(part.start..)?);
    let next = text.get(part.end..)?.chars().next();
    let shown = rest.get(..part.len() + next.map_or(0, char::len_utf8))?;
    if shown.len() > MAX_VALUE_BYTES {
        return None;
    }
    let start = if before.is_empty() { "" } else { "*" };
    let end = if next.is_some() { "*" } else { "" };
    let quoted = quote(shown);
    // A line break would be lost in a field of one line: any character stands for it.
    let inner = quoted[1..quoted.len() - 1].replace(|letter: char| letter.is_control(), "?");
    Some(format!("{field}:\"{start}{inner}{end}\""))
}

/// Returns a value in quotes, with what has a meaning in a search taken away from its meaning.
fn quote(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for letter in value.chars() {
        if matches!(letter, '\\' | '*' | '?' | '"') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_break_out_of_their_quotes() {
        let search = Search::in_org("a\" OR org:\"b").is("actor", "x*").finish();
        assert_eq!(search, r#"org:"a\" OR org:\"b" actor:"x\*""#);
        let keys = BTreeSet::from(["+dR/x".to_owned(), "b".to_owned()]);
        assert_eq!(all_of("session_key", &keys).unwrap(), r#"session_key:("+dR/x" OR "b")"#);
        assert_eq!(all_of("x", &BTreeSet::new()), None);
    }

    #[test]
    fn a_part_keeps_its_ends() {
        let of = |text: &str, part: &str| {
            let start = text.find(part).unwrap();
            around("query", text, start..start + part.len()).unwrap()
        };
        assert_eq!(of("SELECT Id FROM Case", "FROM Case"), r#"query:"*FROM Case""#);
        assert_eq!(
            of("SELECT Id FROM Case LIMIT 1", "FROM Case"),
            r#"query:"*FROM Case *""#
        );
        assert_eq!(of("FROM Case\nLIMIT 1", "FROM Case"), r#"query:"FROM Case?*""#);
        assert_eq!(of("/7?a*", "/7"), r#"query:"/7\?*""#);
        assert_eq!(of("x関y", "x"), r#"query:"x関*""#);
    }

    #[test]
    fn values_that_cannot_be_searched_for_are_not_left_out_in_silence() {
        let long = BTreeSet::from(["a".to_owned(), "x".repeat(5000)]);
        assert_eq!(all_of("session_key", &long), None);
        let many: BTreeSet<String> = (0..=MAX_KEYS).map(|number| number.to_string()).collect();
        assert_eq!(all_of("session_key", &many), None);
        assert_eq!(Search::in_org(&"x".repeat(5000)).finish(), "");
    }
}
