//! Streams whose first bytes are known before anything is consumed.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use crate::digest::RunningDigest;

/// A named stream of bytes with its beginning at hand.
pub struct PeekedStream {
    /// The name to show: the path as given, or `archive.zip!member`. Safe to print.
    pub name: String,
    /// The file on disk that the bytes come from; `-` for standard input.
    pub path: PathBuf,
    /// Copy of the first bytes, up to [`crate::HEAD_BYTES`]; shorter only where the stream ends or
    /// fails before that.
    pub head: Vec<u8>,
    /// The size of the file on disk; `None` for standard input and pipes.
    pub file_bytes: Option<u64>,
    /// The digest of the file on disk, once the stream has been read to its end; of members of an archive there is none.
    pub digest: RunningDigest,
    /// The whole stream from its first byte, `head` included. An [`io::Error`] from it may hold an
    /// [`crate::Error`]: see [`crate::Error::in_stream`].
    pub reader: Box<dyn BufRead + Send>,
}

impl fmt::Debug for PeekedStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PeekedStream")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("head_bytes", &self.head.len())
            .finish_non_exhaustive()
    }
}

/// A reader put back to its beginning after `head` was taken from it.
pub(crate) struct Rewound<R> {
    head: Vec<u8>,
    given: usize,
    /// The failure met while reading ahead, given after the bytes that came before it.
    failure: Option<io::Error>,
    failed: bool,
    rest: R,
}

impl<R: Read> Rewound<R> {
    /// Reads up to `count` bytes ahead.
    pub(crate) fn peek(mut rest: R, count: usize) -> Self {
        let mut head = vec![0; count];
        let mut filled = 0;
        let mut failure = None;
        while filled < count {
            match rest.read(&mut head[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        head.truncate(filled);
        Self {
            head,
            given: 0,
            failure,
            failed: false,
            rest,
        }
    }

    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Takes the failure met before the first byte, where there was one: such a stream never began.
    pub(crate) fn take_failure_at_start(&mut self) -> Option<io::Error> {
        if self.head.is_empty() {
            self.failure.take()
        } else {
            None
        }
    }

    fn in_head(&self) -> bool {
        self.given < self.head.len()
    }

    /// Hands out the kept failure once, then reports the end of the stream.
    fn stopped(&mut self) -> Option<io::Result<()>> {
        if let Some(error) = self.failure.take() {
            self.failed = true;
            return Some(Err(error));
        }
        self.failed.then_some(Ok(()))
    }
}

impl<R: Read> Read for Rewound<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.in_head() {
            let count = (&self.head[self.given..]).read(buffer)?;
            self.given += count;
            return Ok(count);
        }
        match self.stopped() {
            Some(stop) => stop.map(|()| 0),
            None => self.rest.read(buffer),
        }
    }
}

impl<R: BufRead> BufRead for Rewound<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.in_head() {
            return Ok(&self.head[self.given..]);
        }
        match self.stopped() {
            Some(stop) => stop.map(|()| &[][..]),
            None => self.rest.fill_buf(),
        }
    }

    fn consume(&mut self, count: usize) {
        if self.in_head() {
            self.given = (self.given + count).min(self.head.len());
        } else if !self.failed {
            self.rest.consume(count);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]
    use super::*;

    struct FailsAfter(&'static [u8]);

    impl Read for FailsAfter {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("broken cable")),
                count => Ok(count),
            }
        }
    }

    #[test]
    fn peeking_consumes_nothing() {
        let stream = Rewound::peek(io::BufReader::new(&b"one\ntwo\nthree\n"[..]), 5);
        assert_eq!(stream.head(), b"one\nt");
        let lines: Vec<String> = stream.lines().map(Result::unwrap).collect();
        assert_eq!(lines, ["one", "two", "three"]);
    }

    #[test]
    fn a_failure_while_peeking_comes_after_the_bytes_before_it_and_only_once() {
        let mut stream = Rewound::peek(io::BufReader::new(FailsAfter(b"row\n")), 100);
        assert!(stream.take_failure_at_start().is_none());
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert_eq!(line, "row\n");
        assert_eq!(stream.fill_buf().unwrap_err().to_string(), "broken cable");
        assert!(stream.fill_buf().unwrap().is_empty());
    }
}
