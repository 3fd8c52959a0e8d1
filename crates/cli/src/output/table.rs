//! Columns for people: aligned by display width, so that Japanese text lines up.

use std::io::{self, Write};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::safe::printable;
use super::{Row, cell};

/// The widest a column gets; longer text is cut with a mark. `--format json` shows all of it.
const MAX_WIDTH: usize = 60;

/// Returns the width of each column over its name and these rows.
pub(super) fn widths(names: &[String], rows: &[Row]) -> Vec<usize> {
    let width = |name: &String| {
        let cells = rows
            .iter()
            .filter_map(|row| cell(row.get(name)))
            .map(|text| printable(&text).width());
        cells.chain([name.width()]).max().unwrap_or_default().min(MAX_WIDTH)
    };
    names.iter().map(width).collect()
}

/// Writes the names and a rule below them.
pub(super) fn header(out: &mut impl Write, names: &[String], widths: &[usize]) -> io::Result<()> {
    line(
        out,
        names.iter().map(|name| printable(name)).zip(widths.iter().copied()),
    )?;
    line(out, widths.iter().map(|width| ("-".repeat(*width), *width)))
}

/// Writes a row.
pub(super) fn row(out: &mut impl Write, names: &[String], widths: &[usize], row: &Row) -> io::Result<()> {
    let cells = names
        .iter()
        .map(|name| printable(&cell(row.get(name)).unwrap_or_default()));
    line(out, cells.zip(widths.iter().copied()))
}

fn line(out: &mut impl Write, cells: impl Iterator<Item = (String, usize)>) -> io::Result<()> {
    let padded: Vec<String> = cells.map(|(text, width)| pad(&cut(&text, width), width)).collect();
    writeln!(out, "{}", padded.join("  ").trim_end())
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        used += character.width().unwrap_or_default();
        if used >= width {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_line_up_and_long_text_is_cut() {
        assert_eq!(pad("関所", 6), "関所  ");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("関所関所", 5).width(), 5);
    }
}
