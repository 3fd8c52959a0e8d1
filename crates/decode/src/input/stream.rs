//! A window over the stream: bytes are appended at its end and dropped at its start, and nothing else is kept.

use std::io::{self, BufRead};

use crate::limits::HEAD_BYTES;

/// How many bytes are read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// A stream and the part of it that is in memory.
pub(crate) struct Stream<'r> {
    reader: &'r mut dyn BufRead,
    buffer: Vec<u8>,
    start: usize,
    at_end: bool,
    /// Why reading ahead stopped: said once the rows before it have been read.
    failure: Option<io::Error>,
}

impl<'r> Stream<'r> {
    pub(crate) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            at_end: false,
            failure: None,
        }
    }

    /// Returns the beginning of the stream without consuming it. Where the stream breaks off before its end, what was read
    /// stays, and reading on gives the error.
    pub(crate) fn head(&mut self) -> &[u8] {
        while self.window().len() < HEAD_BYTES {
            match self.fill() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        let head = self.window();
        &head[..head.len().min(HEAD_BYTES)]
    }

    /// Takes the error at which reading ahead stopped.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Returns the bytes in memory that have not been consumed.
    pub(crate) fn window(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Drops bytes from the window's start.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.buffer.len());
    }

    /// Appends more of the stream to the window; returns false at the stream's end.
    pub(crate) fn fill(&mut self) -> io::Result<bool> {
        if let Some(failure) = self.failure.take() {
            self.at_end = true;
            return Err(failure);
        }
        if self.at_end {
            return Ok(false);
        }
        // Moving the rest costs its length; it is moved only when at least as much has been consumed.
        if self.start > 0 && self.start >= self.buffer.len() - self.start {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        let chunk = self.reader.fill_buf()?;
        let taken = chunk.len().min(CHUNK_BYTES);
        self.buffer.extend_from_slice(&chunk[..taken]);
        self.reader.consume(taken);
        self.at_end = taken == 0;
        Ok(!self.at_end)
    }
}
