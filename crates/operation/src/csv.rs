//! CSV that does nothing when a spreadsheet opens it (CONTRACT.md, "CSV output").

use std::borrow::Cow;
use std::io::{self, Write};

/// A cell of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text, which may be anything that an attacker wrote.
    Text(Cow<'a, str>),
    /// What we printed ourselves of a number or a truth value.
    Plain(Cow<'a, str>),
}

/// Writes a line.
///
/// # Errors
/// The output takes no more.
pub fn write_line<'a>(out: &mut impl Write, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match &cell {
            Cell::Empty => {}
            Cell::Text(text) => out.write_all(quoted(&harmless(text)).as_bytes())?,
            Cell::Plain(text) => out.write_all(quoted(text).as_bytes())?,
        }
    }
    out.write_all(b"\r\n")
}

fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        return Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")));
    }
    Cow::Borrowed(text)
}

/// Puts `'` before text that a spreadsheet would run as a formula, and before text that starts with `'`, so that the
/// mark can be undone. Plain numbers are not touched.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_risky = text.starts_with(['=', '+', '-', '@', '|', '\t', '\r', '\'', '＝', '＋', '－', '＠', '｜']);
    if is_risky && !is_plain_number(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Digits, one point, one exponent: what a spreadsheet reads as a number and not as a formula.
fn is_plain_number(text: &str) -> bool {
    let starts_as_number = text
        .trim_start_matches(['-', '+'])
        .starts_with(|first: char| first.is_ascii_digit() || first == '.');
    starts_as_number && text.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn formulas_are_defused_and_can_be_told_back() {
        for text in [
            "=1+1", "+cmd", "-cmd|x", "@SUM(A1)", "|calc", "\t=1", "\r=1", "＝1", "＋1", "－a", "＠x", "｜x", "'quoted",
        ] {
            assert_eq!(harmless(text), format!("'{text}"), "{text:?}");
        }
        for text in ["plain", "", "-5", "+1.5", "-0.25", "-1e5", "192.0.2.1", "a=b"] {
            assert_eq!(harmless(text), text);
        }
        assert_eq!(harmless("-1-1"), "'-1-1");
        assert_eq!(harmless("-"), "'-");
    }

    #[test]
    fn cells_are_quoted_where_they_need_it() {
        let mut out = Vec::new();
        let cells = [
            Cell::Empty,
            Cell::Text("x,\"y\"\n".into()),
            Cell::Plain("-3".into()),
            Cell::Text("=1,2".into()),
        ];
        write_line(&mut out, cells.into_iter()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), ",\"x,\"\"y\"\"\n\",-3,\"'=1,2\"\r\n");
    }
}
