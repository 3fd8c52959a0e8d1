//! Case folding: one form for all spellings of a text that differ in case only.

use std::borrow::Cow;

/// Returns the text with case removed: Unicode simple case folding, and `İ` to the two characters that it lowers to.
///
/// `ß` and `ss` stay different: full folding would change lengths, and rules that mean both can say both.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        push_folded(character, &mut folded);
    }
    Cow::Owned(folded)
}

/// Through upper case first, because some letters share only that: `ſ` and `s`, `ς` and `σ`, `µ` and `μ`.
fn push_folded(character: char, into: &mut String) {
    /// Its upper case is `I`, but folding keeps the two apart.
    const DOTLESS_I: char = 'ı';
    if character.is_ascii() {
        into.push(character.to_ascii_lowercase());
        return;
    }
    let mut upper = character.to_uppercase();
    let one = match (upper.next(), upper.next()) {
        (Some(only), None) if character != DOTLESS_I => only,
        _ => character,
    };
    into.extend(one.to_lowercase());
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn spellings_that_differ_in_case_fold_to_one() {
        for (one, other) in [
            ("FooBar", "fOObAR"),
            ("ÄÖÜß", "äöüß"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟΣ", "οδοσ"),
            ("\u{212a}", "k"),
            ("İstanbul", "i\u{307}stanbul"),
            ("ПРИВЕТ", "привет"),
            ("ſ", "S"),
            ("µ", "μ"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn letters_that_only_look_alike_stay_apart() {
        for (one, other) in [("STRASSE", "straße"), ("ı", "i"), ("é", "e"), ("Ａ", "a")] {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in ".*") {
            let once = fold(&text).into_owned();
            proptest::prop_assert_eq!(fold(&once).into_owned(), once);
        }
    }
}
