//! CSV that does nothing when a spreadsheet opens it (CONTRACT.md, "CSV output").

use std::io::{self, Write};

use super::{Row, cell};

/// Writes the names of the columns.
pub(super) fn header(out: &mut impl Write, names: &[String]) -> io::Result<()> {
    line(out, names.iter().map(|name| Some(harmless(name))))
}

/// Writes a row under these columns.
pub(super) fn row(out: &mut impl Write, names: &[String], row: &Row) -> io::Result<()> {
    let is_text = |name: &String| {
        row.get(name)
            .is_some_and(|value| !value.is_number() && !value.is_boolean())
    };
    line(
        out,
        names
            .iter()
            .map(|name| cell(row.get(name)).map(|text| if is_text(name) { harmless(&text) } else { text })),
    )
}

fn line(out: &mut impl Write, cells: impl Iterator<Item = Option<String>>) -> io::Result<()> {
    for (index, text) in cells.enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        out.write_all(quoted(&text.unwrap_or_default()).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

/// Puts `'` before text that a spreadsheet would run as a formula, and before text that starts with `'`, so that the
/// mark can be undone. Plain numbers are not touched.
fn harmless(text: &str) -> String {
    let is_risky = text.starts_with(['=', '+', '-', '@', '|', '\t', '\r', '\'', '＝', '＋', '－', '＠', '｜']);
    if is_risky && !is_plain_number(text) {
        format!("'{text}")
    } else {
        text.to_owned()
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
    fn rows_keep_column_order_and_quote_what_needs_it() {
        let names = ["b".to_owned(), "a".to_owned(), "n".to_owned()];
        let mut out = Vec::new();
        header(&mut out, &names).unwrap();
        let value = serde_json::json!({"a": "x,\"y\"\n", "b": null, "n": -3});
        row(&mut out, &names, value.as_object().unwrap()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "b,a,n\r\n,\"x,\"\"y\"\"\n\",-3\r\n");
    }
}
