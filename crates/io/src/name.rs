//! Names as people see them.

use crate::limits::MAX_NAME_CHARS;

/// Returns `name` fit for a terminal, a log line and a table cell.
///
/// Names in archives and on disk are written by whoever made the file: control characters could
/// steer a terminal and direction marks could make `gpj.exe` read as `exe.jpg`, so both are shown
/// as `\u{..}`. A name longer than [`MAX_NAME_CHARS`] keeps its two ends.
#[must_use]
pub fn printable(name: &str) -> String {
    let shortened = shorten(name);
    let text = shortened.as_deref().unwrap_or(name);
    if !text.chars().any(is_unsafe) {
        return shortened.unwrap_or_else(|| name.to_owned());
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_unsafe(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Returns the name of an archive member from its bytes.
///
/// Zip has one flag for UTF-8 and no word on anything else. Many tools write UTF-8 without the
/// flag; Japanese Windows writes Shift_JIS, the rest of Windows code page 437 (`fallback`).
pub(crate) fn member_name(raw: &[u8], fallback: &str) -> String {
    if let Ok(text) = std::str::from_utf8(raw) {
        return text.to_owned();
    }
    encoding_rs::SHIFT_JIS
        .decode_without_bom_handling_and_without_replacement(raw)
        .map_or_else(|| fallback.to_owned(), std::borrow::Cow::into_owned)
}

fn shorten(name: &str) -> Option<String> {
    if name.len() <= MAX_NAME_CHARS {
        return None; // as many bytes or fewer cannot be more characters
    }
    let count = name.chars().count();
    if count <= MAX_NAME_CHARS {
        return None;
    }
    let end = MAX_NAME_CHARS / 2;
    let start = MAX_NAME_CHARS - end - 1;
    let mut shortened: String = name.chars().take(start).collect();
    shortened.push('…');
    shortened.extend(name.chars().skip(count - end));
    Some(shortened)
}

/// Whether a character does something other than show itself.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_left_alone() {
        assert_eq!(printable("ログ/2025-08-09_API.csv"), "ログ/2025-08-09_API.csv");
    }

    #[test]
    fn control_characters_and_direction_marks_are_spelled_out() {
        assert_eq!(printable("a\u{1b}[2Jb\n.csv"), "a\\u{1b}[2Jb\\u{a}.csv");
        assert_eq!(printable("exe\u{202e}gpj"), "exe\\u{202e}gpj");
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let shown = printable(&format!("start{}end.csv", "x".repeat(70_000)));
        assert_eq!(shown.chars().count(), MAX_NAME_CHARS);
        assert!(shown.starts_with("startx") && shown.ends_with("xend.csv") && shown.contains('…'));
    }

    #[test]
    fn member_names_are_utf8_then_shift_jis_then_the_fallback() {
        assert_eq!(member_name("監査.csv".as_bytes(), "?"), "監査.csv");
        assert_eq!(member_name(b"\x8a\xc4\x8d\xb8.csv", "?"), "監査.csv");
        assert_eq!(member_name(b"\xff\xfe.csv", "cp437"), "cp437");
    }
}
