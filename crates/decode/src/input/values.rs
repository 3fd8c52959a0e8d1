//! JSON values of a stream that is not one object a line: pretty-printed objects, arrays, and bodies whose rows stand in
//! `records` (Salesforce REST) or `Records` (CloudTrail).
//!
//! Only the boundaries are found here, byte by byte and without recursion; what is between them is parsed later.

use std::io;

use memchr::{memchr_iter, memchr2};

use super::{Raw, Stream};
use crate::limits::MAX_ROW_BYTES;

/// Keys of a body whose array holds the rows.
const ROW_KEYS: [&[u8]; 2] = [b"records", b"Records"];

/// Reads a stream value by value.
pub(crate) struct JsonValues<'r> {
    stream: Stream<'r>,
    next_line: u64,
    line: u64,
    given: usize,
    /// Inside the array of a body: what follows the array is skipped up to the body's end.
    in_body: bool,
    in_array: bool,
}

/// Where a value ends, or that it is a body whose rows begin.
enum Cut {
    Value(usize),
    RowsBegin(usize),
    TooLong,
    Unfinished,
}

impl<'r> JsonValues<'r> {
    pub(crate) fn new(stream: Stream<'r>) -> Self {
        Self {
            stream,
            next_line: 1,
            line: 0,
            given: 0,
            in_body: false,
            in_array: false,
        }
    }

    /// Returns the line where the value given out last starts, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Returns the next value that is an object.
    pub(crate) fn next(&mut self) -> io::Result<Option<Raw<'_>>> {
        self.consume(self.given);
        self.given = 0;
        loop {
            let Some(byte) = self.next_byte()? else { return Ok(None) };
            match byte {
                b'[' if !self.in_array => {
                    self.in_array = true;
                    self.consume(1);
                }
                b']' if self.in_array => {
                    self.consume(1);
                    self.in_array = false;
                    if std::mem::take(&mut self.in_body) {
                        self.skip_rest_of_body()?;
                    }
                }
                b'{' => match self.cut()? {
                    Cut::RowsBegin(bytes) => {
                        self.consume(bytes);
                        (self.in_array, self.in_body) = (true, true);
                    }
                    Cut::Value(bytes) => return Ok(Some(self.give(bytes, None))),
                    Cut::Unfinished => {
                        let rest = self.stream.window().len();
                        return Ok(Some(self.give(rest, Some("the file ends in the middle of a value"))));
                    }
                    Cut::TooLong => {
                        self.line = self.next_line;
                        self.skip_value()?;
                        return Ok(Some(Raw::Broken {
                            reason: "the value is longer than 16 MiB",
                            bytes: b"",
                        }));
                    }
                },
                _ => {
                    let bytes = self.rest_of_line()?;
                    return Ok(Some(self.give(bytes, Some("this is no JSON object"))));
                }
            }
        }
    }

    fn give(&mut self, bytes: usize, broken: Option<&'static str>) -> Raw<'_> {
        self.line = self.next_line;
        self.given = bytes;
        let bytes = &self.stream.window()[..bytes];
        match broken {
            Some(reason) => Raw::Broken { reason, bytes },
            None => Raw::Row(bytes),
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.next_line += memchr_iter(b'\n', &self.stream.window()[..bytes]).count() as u64;
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
        let mut scan = Scan::default();
        loop {
            let may_be_body = !self.in_array;
            if let Some(cut) = scan.go(self.stream.window(), may_be_body) {
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

    /// Skips a value that is too long to keep, without keeping it.
    fn skip_value(&mut self) -> io::Result<()> {
        let mut scan = Scan::default();
        loop {
            if let Some(Cut::Value(bytes)) = scan.go(self.stream.window(), false) {
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

    fn skip_rest_of_body(&mut self) -> io::Result<()> {
        let mut scan = Scan {
            depth: 1,
            ..Scan::default()
        };
        loop {
            if let Some(Cut::Value(bytes)) = scan.go(self.stream.window(), false) {
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

    fn rest_of_line(&mut self) -> io::Result<usize> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', self.stream.window()) {
                return Ok(end + 1);
            }
            let rest = self.stream.window().len();
            if rest > MAX_ROW_BYTES || !self.stream.fill()? {
                return Ok(rest);
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
    /// The string read last at depth 1, and whether a colon has followed it.
    key: Option<(usize, usize)>,
    is_row_key: bool,
}

impl Scan {
    /// Says that the window's first bytes are dropped. An escaped byte may lie just behind them.
    fn forget(&mut self, dropped: usize) {
        self.at = self.at.saturating_sub(dropped);
        self.key = None;
    }

    fn go(&mut self, bytes: &[u8], may_be_body: bool) -> Option<Cut> {
        while self.at < bytes.len() {
            if self.in_string {
                let Some(found) = memchr2(b'"', b'\\', &bytes[self.at..]) else {
                    self.at = bytes.len();
                    return None;
                };
                let at = self.at + found;
                if bytes[at] == b'\\' {
                    // The escaped byte is stepped over, even where it has not been read yet.
                    self.at = at + 2;
                    continue;
                }
                self.in_string = false;
                self.key = Some((self.string_start, at));
                self.at = at + 1;
                continue;
            }
            let byte = bytes[self.at];
            self.at += 1;
            match byte {
                b'"' => {
                    self.in_string = true;
                    self.string_start = self.at;
                }
                b':' if self.depth == 1 && may_be_body => {
                    self.is_row_key = self
                        .key
                        .is_some_and(|(start, end)| ROW_KEYS.contains(&&bytes[start..end]));
                }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values_of(mut bytes: &[u8]) -> Vec<(u64, Result<String, &'static str>)> {
        let mut values = JsonValues::new(Stream::new(&mut bytes));
        let mut all = Vec::new();
        loop {
            let value = match values.next().unwrap() {
                Some(Raw::Row(row)) => Ok(String::from_utf8_lossy(row).into_owned()),
                Some(Raw::Broken { reason, .. }) => Err(reason),
                None => return all,
            };
            all.push((values.line(), value));
        }
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
