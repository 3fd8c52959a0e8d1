//! Records that need no decoding, cut where they stand: every cell is quoted without a quote inside, or has no quote. They
//! are nearly all records of vendors' exports, and cutting them costs a fraction of reading them byte by byte.

use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::limits::MAX_COLUMNS;

/// Cuts the record that starts the window into `cells` and returns its length with the line's end. `None` where it is not
/// that plain or not whole: then it is read by `csv-core`, which says what it means.
pub(super) fn cut(window: &[u8], delimiter: u8, cells: &mut Vec<Range<usize>>) -> Option<usize> {
    cells.clear();
    let mut at = 0;
    loop {
        let cell = match window.get(at)? {
            b'"' => at + 1..at + 1 + memchr(b'"', &window[at + 1..])?,
            _ => unquoted(window, at, delimiter)?,
        };
        let is_quoted = cell.start > at;
        at = cell.end + usize::from(is_quoted);
        if cells.len() == MAX_COLUMNS {
            return None;
        }
        cells.push(cell);
        match window.get(at)? {
            b'\n' => return Some(at + 1),
            b'\r' if *window.get(at + 1)? == b'\n' => return Some(at + 2),
            byte if *byte == delimiter => at += 1,
            _ => return None,
        }
    }
}

/// A lone carriage return ends a record for `csv-core`, so a cell with one is not plain.
fn unquoted(window: &[u8], start: usize, delimiter: u8) -> Option<Range<usize>> {
    let rest = &window[start..];
    let length = memchr3(delimiter, b'\n', b'"', rest)?;
    if rest[length] == b'"' {
        return None;
    }
    let cell = &rest[..length];
    let cell = if rest[length] == b'\n' {
        cell.strip_suffix(b"\r").unwrap_or(cell)
    } else {
        cell
    };
    memchr(b'\r', cell).is_none().then_some(start..start + cell.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Option<(Vec<&str>, usize)> {
        let mut cells = Vec::new();
        let bytes = cut(text.as_bytes(), b',', &mut cells)?;
        Some((cells.into_iter().map(|cell| &text[cell]).collect(), bytes))
    }

    #[test]
    fn plain_records_are_cut() {
        assert_eq!(cells("\"a\",b,\"\",\r\nrest"), Some((vec!["a", "b", "", ""], 11)));
        assert_eq!(cells("\"a,\nb\"\n"), Some((vec!["a,\nb"], 7)));
        assert_eq!(cells("a\n"), Some((vec!["a"], 2)));
    }

    #[test]
    fn everything_else_is_left_to_the_reader() {
        for text in [
            "",
            "a",
            "\"a\"",
            "\"a",
            "\"a\"\"b\"\n",
            "\"a\"b\n",
            "a\"b\n",
            "a\rb\n",
            "\"a\"\rb\n",
            "a,b",
        ] {
            assert_eq!(cells(text), None, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_cut_is_what_csv_core_reads(text in r#"[ab",\r\n]{0,40}"#) {
            let Some((cut, bytes)) = cells(&text) else { return Ok(()) };
            let mut reader = csv_core::Reader::new();
            let (mut output, mut ends) = ([0; 64], [0; 64]);
            // `csv-core` passes over empty lines before a record; the caller has done so already.
            proptest::prop_assume!(!text.starts_with(['\r', '\n']));
            let (result, _, _, columns) = reader.read_record(text.as_bytes(), &mut output, &mut ends);
            proptest::prop_assert_eq!(result, csv_core::ReadRecordResult::Record);
            let starts = std::iter::once(0).chain(ends);
            let read: Vec<&str> = starts.zip(ends).take(columns).map(|(start, end)| std::str::from_utf8(&output[start..end]).unwrap()).collect();
            proptest::prop_assert_eq!(cut, read);
            proptest::prop_assert!(text.as_bytes()[bytes - 1] == b'\n');
        }
    }
}
