//! JSON values of a stream that is not one object a line: pretty-printed objects, arrays, and bodies whose rows stand in
//! `records` (Salesforce REST) or `Records` (CloudTrail).
//!
//! Only the boundaries are found here, byte by byte and without recursion; what is between them is parsed later.

use std::io;

use memchr::{memchr_iter, memchr3};

use super::{Raw, Stream};
use crate::limits::MAX_ROW_BYTES;

/// Keys of a body whose array holds the rows.
const ROW_KEYS: [&str; 2] = ["records", "Records"];

/// The other keys of such a body. An object with any key more is a row itself, whatever it has in `records`.
const BODY_KEYS: [&str; 6] = [
    "totalSize",
    "done",
    "nextRecordsUrl",
    "entityTypeName",
    "size",
    "queryLocator",
];

/// Returns true for the key of a body whose array holds the rows.
pub(crate) fn is_row_key(key: &str) -> bool {
    ROW_KEYS.contains(&key)
}

/// Returns true for any key that a body has.
pub(crate) fn is_body_key(key: &str) -> bool {
    is_row_key(key) || BODY_KEYS.contains(&key)
}

/// Reads a stream value by value.
pub(crate) struct JsonValues<'r> {
    stream: Stream<'r>,
    line: u64,
    given: usize,
    /// Where false, an object is a row even if it looks like a body.
    opens_bodies: bool,
    /// Inside the array of a body: what follows the array is skipped up to the body's end.
    in_body: bool,
    in_array: bool,
}

/// Where a value ends, or that it is a body whose rows begin.
enum Cut {
    Value(usize),
    RowsBegin(usize),
    /// A string runs over a line's end, which no JSON does: the value is given up there.
    Broken(usize),
    TooLong,
    Unfinished,
}

impl<'r> JsonValues<'r> {
    pub(crate) fn new(stream: Stream<'r>, opens_bodies: bool) -> Self {
        Self {
            stream,
            line: 1,
            given: 0,
            opens_bodies,
            in_body: false,
            in_array: false,
        }
    }

    /// Returns the line that has been reached, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Returns the next value that is an object, with the line where it starts.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, Raw<'_>)>> {
        self.consume(self.given);
        self.given = 0;
        loop {
            let Some(byte) = self.next_byte()? else {
                let is_cut_off = std::mem::take(&mut self.in_array);
                let reason = "the file ends in the middle of a list";
                return Ok(is_cut_off.then(|| self.give(0, Some(reason))));
            };
            match byte {
                b'[' if !self.in_array => {
                    self.in_array = true;
                    self.consume(1);
                }
                b']' if self.in_array => {
                    self.consume(1);
                    self.in_array = false;
                    if std::mem::take(&mut self.in_body) {
                        self.skip_rest(Scan::inside_body())?;
                    }
                }
                b'{' => match self.cut()? {
                    Cut::RowsBegin(bytes) => {
                        self.consume(bytes);
                        (self.in_array, self.in_body) = (true, true);
                    }
                    Cut::Value(bytes) => return Ok(Some(self.give(bytes, None))),
                    Cut::Broken(bytes) => return Ok(Some(self.give(bytes, Some("a string is never closed")))),
                    Cut::Unfinished => {
                        let rest = self.stream.window().len();
                        self.in_array = false;
                        return Ok(Some(self.give(rest, Some("the file ends in the middle of a value"))));
                    }
                    Cut::TooLong => {
                        let line = self.line;
                        self.skip_rest(Scan::default())?;
                        let reason = "the value is longer than 16 MiB";
                        return Ok(Some((line, Raw::Broken { reason, bytes: b"" })));
                    }
                },
                _ => {
                    let bytes = self.garbage()?;
                    return Ok(Some(self.give(bytes, Some("this is no JSON object"))));
                }
            }
        }
    }

    fn give(&mut self, bytes: usize, broken: Option<&'static str>) -> (u64, Raw<'_>) {
        self.given = bytes;
        let bytes = &self.stream.window()[..bytes];
        let raw = match broken {
            Some(reason) => Raw::Broken { reason, bytes },
            None => Raw::Row(bytes),
        };
        (self.line, raw)
    }

    fn consume(&mut self, bytes: usize) {
        self.line += memchr_iter(b'\n', &self.stream.window()[..bytes]).count() as u64;
        self.stream.consume(bytes);
    }

    /// Returns the next byte that is neither space nor comma, which then starts the window.
    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        loop {
            let window = self.stream.window();
            let skipped = window
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace() || **byte == b',')
                .count();
            let found = window.get(skipped).copied();
            self.consume(skipped);
            if found.is_some() {
                return Ok(found);
            }
            if !self.stream.fill()? {
                return Ok(None);
            }
        }
    }

    /// Finds the end of the object that starts the window.
    fn cut(&mut self) -> io::Result<Cut> {
        let mut scan = Scan {
            may_be_body: self.opens_bodies && !self.in_array,
            ..Scan::default()
        };
        loop {
            if let Some(cut) = scan.go(self.stream.window()) {
                return Ok(cut);
            }
            if self.stream.window().len() > MAX_ROW_BYTES {
                return Ok(Cut::TooLong);
            }
            if !self.stream.fill()? {
                return Ok(Cut::Unfinished);
            }
        }
    }

    /// Skips up to the end that `scan` finds, without keeping what is passed over.
    fn skip_rest(&mut self, mut scan: Scan) -> io::Result<()> {
        loop {
            if let Some(Cut::Value(bytes) | Cut::Broken(bytes)) = scan.go(self.stream.window()) {
                self.consume(bytes);
                return Ok(());
            }
            let dropped = self.stream.window().len();
            scan.forget(dropped);
            self.consume(dropped);
            if !self.stream.fill()? {
                return Ok(());
            }
        }
    }

    /// Returns the length of what is no object: up to the line's end, or to the next object on the line.
    fn garbage(&mut self) -> io::Result<usize> {
        let mut searched = 1;
        loop {
            let window = self.stream.window();
            if let Some(end) = memchr3(b'\n', b'{', b']', &window[searched..]) {
                return Ok(searched + end);
            }
            searched = window.len();
            if searched > MAX_ROW_BYTES || !self.stream.fill()? {
                return Ok(searched);
            }
        }
    }
}

/// The state of the search for an object's end; it goes on where it stopped when more bytes have come.
#[derive(Default)]
struct Scan {
    at: usize,
    depth: usize,
    in_string: bool,
    string_start: usize,
    /// The string read last.
    key: Option<(usize, usize)>,
    /// Every key so far is one that a body has.
    may_be_body: bool,
    is_row_key: bool,
}

impl Scan {
    fn inside_body() -> Self {
        Self {
            depth: 1,
            ..Self::default()
        }
    }

    /// Says that the window's first bytes are dropped. An escaped byte may lie just behind them.
    fn forget(&mut self, dropped: usize) {
        self.at = self.at.saturating_sub(dropped);
        self.key = None;
    }

    fn go(&mut self, bytes: &[u8]) -> Option<Cut> {
        while self.at < bytes.len() {
            if self.in_string {
                if let Some(broken) = self.string(bytes) {
                    return Some(broken);
                }
                continue;
            }
            let byte = bytes[self.at];
            self.at += 1;
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.string_start = self.at;
                }
                b':' if self.depth == 1 && self.may_be_body => self.key_read(bytes),
                b'[' if self.depth == 1 && self.is_row_key => return Some(Cut::RowsBegin(self.at)),
                b'{' | b'[' => {
                    self.depth += 1;
                    self.is_row_key = false;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(Cut::Value(self.at));
                    }
                }
                b',' => self.is_row_key = false,
                _ => {}
            }
        }
        None
    }

    /// Goes on within a string, up to its end or the next escape.
    fn string(&mut self, bytes: &[u8]) -> Option<Cut> {
        let Some(found) = memchr3(b'"', b'\\', b'\n', &bytes[self.at..]) else {
            self.at = bytes.len();
            return None;
        };
        let at = self.at + found;
        self.at = at + 1;
        match bytes[at] {
            b'\n' => return Some(Cut::Broken(self.at)),
            // The escaped byte is stepped over, even where it has not been read yet.
            b'\\' => self.at = at + 2,
            _ => {
                self.in_string = false;
                self.key = Some((self.string_start, at));
            }
        }
        None
    }

    fn key_read(&mut self, bytes: &[u8]) {
        let key = self
            .key
            .and_then(|(start, end)| std::str::from_utf8(&bytes[start..end]).ok());
        self.is_row_key = key.is_some_and(is_row_key);
        self.may_be_body = key.is_some_and(is_body_key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values_of(mut bytes: &[u8]) -> Vec<(u64, Result<String, &'static str>)> {
        let mut values = JsonValues::new(Stream::new(&mut bytes), true);
        let mut all = Vec::new();
        while let Some((line, raw)) = values.next().unwrap() {
            let value = match raw {
                Raw::Row(row) => Ok(String::from_utf8_lossy(row).into_owned()),
                Raw::Broken { reason, .. } => Err(reason),
            };
            all.push((line, value));
        }
        all
    }

    fn texts(bytes: &[u8]) -> Vec<String> {
        values_of(bytes).into_iter().map(|(_, value)| value.unwrap()).collect()
    }

    #[test]
    fn arrays_bodies_and_bare_objects_give_their_objects() {
        assert_eq!(
            texts(br#"[{"a":1}, {"b":[{"c":2}]}]"#),
            [r#"{"a":1}"#, r#"{"b":[{"c":2}]}"#]
        );
        assert_eq!(
            texts(br#"{"totalSize":2,"records":[{"a":1},{"b":2}],"done":true} {"c":3}"#),
            [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]
        );
        assert_eq!(texts(br#"{"Records":[{"a":"}\"]"}]}"#), [r#"{"a":"}\"]"}"#]);
        assert_eq!(texts(br#"{"records":"no array","x":["records"]}"#).len(), 1);
        assert_eq!(texts(br#"[{"records":[1]}]"#), [r#"{"records":[1]}"#]);
        assert!(texts(b" \n[]").is_empty());
    }

    #[test]
    fn an_object_with_more_keys_than_a_body_is_a_row() {
        let row = r#"{"EventDate":"2025-01-01T00:00:00Z","Records":[{"a":1}]}"#;
        assert_eq!(texts(row.as_bytes()), [row]);
        let mut bytes = &br#"{"records":[{"a":1}]}"#[..];
        let mut values = JsonValues::new(Stream::new(&mut bytes), false);
        assert!(matches!(values.next().unwrap(), Some((1, Raw::Row(row))) if row.len() == 21));
    }

    #[test]
    fn what_is_between_objects_costs_only_itself() {
        let values = values_of(b"[1, {\"a\":1}, \"x\", {\"b\":2}]");
        let good: Vec<_> = values.iter().filter_map(|(_, value)| value.as_deref().ok()).collect();
        assert_eq!(good, [r#"{"a":1}"#, r#"{"b":2}"#]);
        assert_eq!(values.len(), 4);
    }

    #[test]
    fn a_string_that_is_never_closed_ends_with_its_line() {
        let values = values_of(b"{\"a\":\"x}\n{\"b\":2}\n");
        assert_eq!(values[0], (1, Err("a string is never closed")));
        assert_eq!(values[1], (2, Ok("{\"b\":2}".to_owned())));
    }

    #[test]
    fn a_list_that_is_cut_off_between_rows_is_reported() {
        let values = values_of(b"{\"records\":[{\"a\":1},\n");
        assert_eq!(values[1], (2, Err("the file ends in the middle of a list")));
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn values_have_the_line_where_they_start() {
        let lines: Vec<u64> = values_of(b"[\n{\n\"a\":1},\n\n{}]")
            .into_iter()
            .map(|(line, _)| line)
            .collect();
        assert_eq!(lines, [2, 5]);
    }

    #[test]
    fn what_is_no_object_is_reported_and_passed_over() {
        let values = values_of(b"nonsense\n{\"a\":1}\n{\"b\":");
        assert_eq!(values[0], (1, Err("this is no JSON object")));
        assert_eq!(values[1].0, 2);
        assert_eq!(values[2], (3, Err("the file ends in the middle of a value")));
    }

    #[test]
    fn a_value_past_the_limit_costs_only_itself() {
        let mut bytes = b"[{\"a\":\"".to_vec();
        bytes.resize(MAX_ROW_BYTES + (1 << 20), b'x');
        bytes.extend_from_slice(b"\"},{\"b\":2}]");
        let values = values_of(&bytes);
        assert_eq!(values.len(), 2);
        assert!(values[0].1.is_err());
        assert_eq!(values[1].1.as_deref(), Ok("{\"b\":2}"));
    }

    #[test]
    fn ten_thousand_levels_are_only_counted() {
        let deep = format!("{}{}", "{\"a\":".repeat(10_000), "1".to_owned() + &"}".repeat(10_000));
        assert_eq!(texts(deep.as_bytes()), [deep]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics_and_everything_ends(bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\",:\\ \na1".to_vec()), 0..300)) {
            values_of(&bytes);
        }
    }
}
