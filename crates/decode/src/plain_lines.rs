//! Lines for callers that read JSON lines without a table: the same bounds as the decoders.

use std::io::{self, BufRead};

use crate::input::{Lines, Raw, Stream};

/// A line's number, from 1, and its bytes or why they were not kept.
pub type PlainLine = (u64, Result<Vec<u8>, &'static str>);

/// Reads a stream line by line; a line past [`crate::limits::MAX_ROW_BYTES`] costs only itself.
pub struct PlainLines<'r>(Lines<'r>);

impl<'r> PlainLines<'r> {
    /// Starts at the reader's next byte.
    #[must_use]
    pub fn new(reader: &'r mut dyn BufRead) -> Self {
        Self(Lines::new(Stream::new(reader)))
    }

    /// Returns the number of the next line, from 1, and its bytes or why they were not kept.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn next_line(&mut self) -> io::Result<Option<PlainLine>> {
        let number = self.0.line() + 1;
        let line = self.0.next()?.map(|raw| match raw {
            Raw::Row(bytes) => Ok(bytes.to_vec()),
            Raw::Broken { reason, .. } => Err(reason),
        });
        Ok(line.map(|line| (number, line)))
    }
}
