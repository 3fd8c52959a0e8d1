//! Making text that an attacker may have written safe to look at.

/// Returns text without anything that moves the cursor, colours the terminal or reorders what is read: control
/// characters and bidirectional marks are spelled out.
pub(crate) fn printable(text: &str) -> String {
    let is_plain = |character: char| !character.is_control() && !is_reordering(character);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    let spell = |character: char| match character {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        character if is_plain(character) => character.to_string(),
        character => character.escape_unicode().to_string(),
    };
    text.chars().map(spell).collect()
}

/// Marks that make text read in another order than it is written (Unicode bidirectional controls), or that cannot be seen.
fn is_reordering(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_reordering_are_spelled_out_and_text_is_kept() {
        assert_eq!(printable("\u{1b}[31mred\u{1b}[0m"), "\\u{1b}[31mred\\u{1b}[0m");
        assert_eq!(printable("a\r\nb\tc"), "a\\r\\nb\\tc");
        assert_eq!(printable("user\u{202e}gpj.exe"), "user\\u{202e}gpj.exe");
        assert_eq!(printable("関所 Ünïcode"), "関所 Ünïcode");
    }
}
