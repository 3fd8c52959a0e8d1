//! Physical lines of a stream.

use std::io;

use memchr::memchr;

use super::{Raw, Stream};
use crate::limits::{EXCERPT_BYTES, MAX_ROW_BYTES};

/// Reads a stream line by line.
pub(crate) struct Lines<'r> {
    stream: Stream<'r>,
    line: u64,
    offset: u64,
    /// Bytes of the window that hold the line given out last.
    given: usize,
    /// The beginning of a line that was too long to keep.
    beginning: Vec<u8>,
}

impl<'r> Lines<'r> {
    pub(crate) fn new(stream: Stream<'r>) -> Self {
        Self {
            stream,
            line: 0,
            offset: 0,
            given: 0,
            beginning: Vec::new(),
        }
    }

    /// Returns the number of the line given out last, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Returns where the line given out last ends and the next one starts, in bytes from the stream's start.
    pub(crate) fn end(&self) -> u64 {
        self.offset + self.given as u64
    }

    /// Returns the next line without its end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Raw<'_>>> {
        self.consume(self.given);
        self.given = 0;
        let mut searched = 0;
        loop {
            if let Some(found) = memchr(b'\n', &self.stream.window()[searched..]) {
                return Ok(Some(self.give(searched + found, 1)));
            }
            searched = self.stream.window().len();
            if searched > MAX_ROW_BYTES {
                return self.skip_long_line().map(Some);
            }
            if !self.stream.fill()? {
                let rest = self.stream.window().len();
                return Ok((rest > 0).then(|| self.give(rest, 0)));
            }
        }
    }

    fn give(&mut self, length: usize, ending: usize) -> Raw<'_> {
        self.line += 1;
        self.given = length + ending;
        let line = &self.stream.window()[..length];
        Raw::Row(line.strip_suffix(b"\r").unwrap_or(line))
    }

    fn skip_long_line(&mut self) -> io::Result<Raw<'_>> {
        self.line += 1;
        self.beginning.clear();
        self.beginning.extend_from_slice(&self.stream.window()[..EXCERPT_BYTES]);
        loop {
            if let Some(found) = memchr(b'\n', self.stream.window()) {
                self.consume(found + 1);
                break;
            }
            self.consume(self.stream.window().len());
            if !self.stream.fill()? {
                break;
            }
        }
        Ok(Raw::Broken {
            reason: "the line is longer than 16 MiB",
            bytes: &self.beginning,
        })
    }

    fn consume(&mut self, bytes: usize) {
        self.offset += bytes as u64;
        self.stream.consume(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(mut bytes: &[u8]) -> Vec<(u64, u64, String)> {
        let mut lines = Lines::new(Stream::new(&mut bytes));
        let mut all = Vec::new();
        loop {
            let start = lines.end();
            let text = match lines.next().unwrap() {
                Some(Raw::Row(row)) => String::from_utf8_lossy(row).into_owned(),
                Some(Raw::Broken { reason, .. }) => reason.to_owned(),
                None => return all,
            };
            all.push((lines.line(), start, text));
        }
    }

    #[test]
    fn lines_have_numbers_and_offsets() {
        let expected =
            [(1, 0, "a"), (2, 3, ""), (3, 4, "b")].map(|(line, offset, text)| (line, offset, text.to_owned()));
        assert_eq!(lines_of(b"a\r\n\nb"), expected);
        assert_eq!(lines_of(b""), []);
    }

    #[test]
    fn a_line_past_the_limit_costs_only_itself() {
        let mut bytes = vec![b'x'; MAX_ROW_BYTES * 2];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = lines_of(&bytes);
        assert_eq!(lines.len(), 2);
        assert!(lines[0].2.contains("longer"));
        assert_eq!((lines[1].0, lines[1].2.as_str()), (2, "next"));
    }
}
