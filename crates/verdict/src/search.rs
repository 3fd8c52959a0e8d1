//! Searches of the console that show the events behind a line of the sheet.

/// The longest search that the console takes, less what it adds itself.
pub(crate) const MAX_QUERY_BYTES: usize = 2_000;
/// Most keys that one search lists. The console accepts 2 KiB and 128 terms; beyond this a search by what else is known is
/// shorter and shows more.
pub(crate) const MAX_KEYS: usize = 20;
/// Most bytes of all of them, so that a search of two such lists stays within what the console accepts.
const MAX_LIST_BYTES: usize = 700;
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
}

/// Returns `field:("a" OR "b")` over the values that can be searched for; `None` where there are none.
pub(crate) fn one_of<'a>(field: &str, values: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut bytes = 0;
    let quoted: Vec<String> = values
        .filter(|value| value.len() <= MAX_VALUE_BYTES)
        .take(MAX_KEYS)
        .map(quote)
        .take_while(|value| {
            bytes += value.len() + 4;
            bytes <= MAX_LIST_BYTES
        })
        .collect();
    match quoted.as_slice() {
        [] => None,
        [only] => Some(format!("{field}:{only}")),
        several => Some(format!("{field}:({})", several.join(" OR "))),
    }
}

/// Returns `field:"*value*"`.
pub(crate) fn contains(field: &str, value: &str) -> Option<String> {
    (value.len() <= MAX_VALUE_BYTES).then(|| {
        let quoted = quote(value);
        format!("{field}:\"*{}*\"", &quoted[1..quoted.len() - 1])
    })
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
        assert_eq!(
            one_of("session_key", ["+dR/x", "b"].into_iter()).unwrap(),
            r#"session_key:("+dR/x" OR "b")"#
        );
        assert_eq!(one_of("x", std::iter::empty()), None);
        assert_eq!(contains("query", "a*").unwrap(), r#"query:"*a\**""#);
    }

    #[test]
    fn searches_stay_short() {
        let keys: Vec<String> = (0..1000).map(|number| format!("{number:0>160}")).collect();
        let search = one_of("session_key", keys.iter().map(String::as_str)).unwrap();
        assert!(search.len() < MAX_LIST_BYTES + 20 && search.contains(" OR "));
        assert_eq!(Search::in_org(&"x".repeat(5000)).finish(), "");
    }
}
