//! Parts of sentences in both languages.

use sekisho_event::text::Text;
use sekisho_event::time::{Micros, to_rfc3339};

/// Most characters of a name from outside inside a sentence.
const MAX_NAME_CHARS: usize = 60;
/// Most names that a sentence lists.
const MAX_LISTED: usize = 3;

/// Returns a sentence of two.
pub(crate) fn text(en: impl Into<String>, ja: impl Into<String>) -> Text {
    Text::of(en, ja)
}

/// Returns a name from outside, cut so that it cannot take over a sentence.
pub(crate) fn named(name: &str) -> String {
    if name.chars().count() <= MAX_NAME_CHARS {
        return name.to_owned();
    }
    let cut: String = name.chars().take(MAX_NAME_CHARS - 1).collect();
    format!("{cut}…")
}

/// Returns `a, b, c and 2 more` and `a、b、c ほか 2 件`.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> (String, String) {
    let names: Vec<String> = names.into_iter().map(named).collect();
    let shown = &names[..names.len().min(MAX_LISTED)];
    match names.len() - shown.len() {
        0 => (shown.join(", "), shown.join("、")),
        more => (
            format!("{} and {more} more", shown.join(", ")),
            format!("{} ほか {more} 件", shown.join("、")),
        ),
    }
}

/// Returns a number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns the day (UTC) of an instant.
pub(crate) fn day(at_us: Micros) -> String {
    to_rfc3339(at_us).chars().take_while(|letter| *letter != 'T').collect()
}

/// Returns `s` for every number but one.
pub(crate) fn plural(number: u64) -> &'static str {
    if number == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_numbers_and_names_read_well() {
        assert_eq!(listed(["a", "b"]).0, "a, b");
        assert_eq!(
            listed(["a", "b", "c", "d", "e"]),
            ("a, b, c and 2 more".to_owned(), "a、b、c ほか 2 件".to_owned())
        );
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(day(1_763_942_400_000_000), "2025-11-24");
        assert_eq!(named(&"あ".repeat(100)).chars().count(), 60);
    }
}
