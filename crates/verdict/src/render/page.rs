//! Lines of a bounded width, in terminals' columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Fewest columns of text beside a label.
const MIN_TEXT_WIDTH: usize = 12;

/// Lines under construction. Everything that comes in is made safe to print.
#[derive(Debug)]
pub(super) struct Page {
    width: usize,
    lines: Vec<String>,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            lines: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Adds the lines of another page.
    pub(super) fn append(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }

    pub(super) fn finish(self) -> String {
        let mut text = String::new();
        for line in self.lines {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Adds a line over the whole width.
    pub(super) fn rule(&mut self, with: char) {
        self.lines.push(with.to_string().repeat(self.width));
    }

    /// Returns whether two texts fit on one line.
    pub(super) fn has_room_between(&self, left: &str, right: &str) -> bool {
        safe(left).width() + safe(right).width() + 2 <= self.width
    }

    /// Adds a line with text at both ends; the right one goes below where there is no room.
    pub(super) fn line_between(&mut self, left: &str, right: &str) {
        let (left, right) = (safe(left), safe(right));
        let room = self.width.checked_sub(left.width() + right.width());
        match room {
            Some(room) if room >= 2 => self.lines.push(format!("{left}{}{right}", " ".repeat(room))),
            _ => {
                self.paragraph("", &left);
                self.paragraph("    ", &right);
            }
        }
    }

    /// Adds text behind a label, broken into lines that start below the text.
    pub(super) fn paragraph(&mut self, label: &str, text: &str) {
        let label = safe(label);
        let indent = label.width();
        // Under a label that leaves no room the text starts again at the left.
        if indent + MIN_TEXT_WIDTH > self.width {
            self.lines.push(clip(&label, self.width));
            return self.paragraph("    ", text);
        }
        let wrapped = wrap(&safe(text), self.width - indent);
        for (index, line) in wrapped.iter().enumerate() {
            let lead = if index == 0 { label.clone() } else { " ".repeat(indent) };
            self.lines.push(format!("{lead}{line}"));
        }
    }
}

/// Returns text without anything that moves the cursor, colours the terminal or reorders or hides what is read: such
/// characters are spelled out.
pub(super) fn safe(text: &str) -> String {
    let is_plain = |letter: char| !letter.is_control() && !is_hidden(letter);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_plain(letter) {
            shown.push(letter);
        } else {
            shown.extend(letter.escape_unicode());
        }
    }
    shown
}

/// Marks that change the order of what is read, break lines, cannot be seen, or make the letter before them wider.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Returns text of at most `width` columns, with a mark where it was cut.
pub(super) fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut columns = 0;
    for letter in text.chars() {
        let letter_columns = letter.width().unwrap_or(0);
        if columns + letter_columns > width.saturating_sub(2) {
            break;
        }
        columns += letter_columns;
        kept.push(letter);
    }
    kept.push_str("..");
    kept
}

/// Returns a cell of exactly `width` columns.
pub(super) fn cell(text: &str, width: usize) -> String {
    let text = clip(&safe(text), width);
    let room = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(room))
}

/// Returns a cell of exactly `width` columns with its text at the right.
pub(super) fn cell_right(text: &str, width: usize) -> String {
    let text = clip(&safe(text), width);
    let room = width.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(room))
}

/// Breaks text into lines: at spaces, and between characters of scripts that write none.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let columns = line.width();
        if columns + piece.trim_end().width() <= width {
            line.push_str(piece);
            continue;
        }
        if !line.trim().is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        line.clear();
        // A word longer than a line is cut: nothing that somebody wrote may push the page apart.
        let mut rest = piece;
        while rest.trim_end().width() > width {
            let at = fitting(rest, width);
            lines.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
        line.push_str(rest);
    }
    if !line.trim().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Returns how many bytes fit into so many columns, at least one character.
fn fitting(text: &str, width: usize) -> usize {
    let mut columns = 0;
    for (at, letter) in text.char_indices() {
        columns += letter.width().unwrap_or(0);
        if columns > width && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Returns the parts of a text that must not be broken, each with the spaces behind it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, letter) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, letter)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(letter);
    }
    pieces.push(&text[start..]);
    pieces
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' {
        return false;
    }
    if before == ' ' {
        return true;
    }
    let is_wide = |letter: char| letter.width() == Some(2);
    (is_wide(before) || is_wide(after)) && !must_not_start(after) && !must_not_end(before)
}

/// Japanese lines do not start with closing marks, small kana or the long-vowel mark.
fn must_not_start(letter: char) -> bool {
    "、。，．・：；？！）」』】〕］｝〉》ー々ゝゞぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ),.:;!?]}%"
        .contains(letter)
}

/// And do not end with opening ones.
fn must_not_end(letter: char) -> bool {
    "（「『【〔［｛〈《([{".contains(letter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn japanese_breaks_anywhere_but_before_closing_marks() {
        assert_eq!(wrap("ログを、見る。", 6), ["ログ", "を、見", "る。"]);
        assert_eq!(wrap("（ログ）", 4), ["（ロ", "グ）"]);
        assert_eq!(wrap("RestApi を見る", 9), ["RestApi", "を見る"]);
        assert_eq!(wrap("EventLogFileのログ", 14), ["EventLogFileの", "ログ"]);
    }

    #[test]
    fn english_breaks_at_spaces_and_long_words_are_cut() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("   ", 4), [""]);
    }

    #[test]
    fn hidden_and_moving_characters_are_spelled_out() {
        assert_eq!(
            safe("a\u{1b}[2J\u{202e}b\u{2028}\nc"),
            "a\\u{1b}[2J\\u{202e}b\\u{2028}\\u{a}c"
        );
        assert_eq!(safe("関所 Ünïcode"), "関所 Ünïcode");
    }

    #[test]
    fn a_selector_that_widens_a_digit_does_not_widen_the_page() {
        let text = safe("0\u{fe0f}0\u{fe0f}0\u{fe0f}");
        assert!(wrap(&text, 10).iter().all(|line| line.width() <= 10));
    }

    #[test]
    fn cells_have_their_width_whatever_the_script() {
        assert_eq!(cell("関所関所", 6).width(), 6);
        assert_eq!(cell("関所", 5), "関所 ");
        assert_eq!(cell_right("12", 4), "  12");
        assert_eq!(clip("abcdef", 4), "ab..");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(text in "\\PC{0,200}", width in 10usize..40) {
            for line in wrap(&safe(&text), width) {
                prop_assert!(line.width() <= width, "{line:?}");
            }
        }

        #[test]
        fn nothing_is_lost_but_spaces(text in "[a-z あいう、。（）]{0,80}", width in 6usize..40) {
            let joined: String = wrap(&text, width).concat();
            let squeeze = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeeze(&joined), squeeze(&text));
        }
    }
}
