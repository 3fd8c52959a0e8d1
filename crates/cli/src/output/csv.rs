//! Rows as CSV.

use std::io::{self, Write};

use sekisho_operation::csv::{Cell, write_line};

use super::{Row, cell};

/// Writes the names of the columns.
pub(super) fn header(out: &mut impl Write, names: &[String]) -> io::Result<()> {
    write_line(out, names.iter().map(|name| Cell::Text(name.into())))
}

/// Writes a row under these columns.
pub(super) fn row(out: &mut impl Write, names: &[String], row: &Row) -> io::Result<()> {
    let cell_of = |name: &String| match (row.get(name), cell(row.get(name))) {
        (_, None) => Cell::Empty,
        (Some(value), Some(text)) if value.is_number() || value.is_boolean() => Cell::Plain(text.into()),
        (_, Some(text)) => Cell::Text(text.into()),
    };
    write_line(out, names.iter().map(cell_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_column_order_and_quote_what_needs_it() {
        let names = ["b".to_owned(), "a".to_owned(), "n".to_owned()];
        let mut out = Vec::new();
        header(&mut out, &names).unwrap();
        let value = serde_json::json!({"a": "=x,\"y\"\n", "b": null, "n": -3});
        row(&mut out, &names, value.as_object().unwrap()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "b,a,n\r\n,\"'=x,\"\"y\"\"\n\",-3\r\n");
    }
}
