//! Readers that count what goes in and out of a decompressor and stop it at a limit.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::limits::Limits;

/// The limits of one input and what its streams have unpacked to so far.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    pub(crate) tally: Tally,
    total: Arc<AtomicU64>,
}

/// Where the bytes read from disk are counted for whoever wants to know how far reading has come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally(Option<Arc<AtomicU64>>);

impl Tally {
    pub(crate) fn into_counter(counter: Arc<AtomicU64>) -> Self {
        Self(Some(counter))
    }

    pub(crate) fn add(&self, bytes: u64) {
        if let Some(counter) = &self.0 {
            counter.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Takes back bytes that will be read and counted again.
    pub(crate) fn take_back(&self, bytes: u64) {
        if let Some(counter) = &self.0 {
            counter.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            tally: Tally::default(),
            total: Arc::default(),
        }
    }

    /// Books `count` unpacked bytes; returns whether the whole input is now over its limit.
    fn spend(&self, count: u64) -> bool {
        let before = self.total.fetch_add(count, Ordering::Relaxed);
        before.saturating_add(count) > self.limits.total_decompressed_bytes
    }
}

/// How many packed bytes have been read below a decompressor.
pub(crate) type Consumed = Arc<AtomicU64>;

/// Counts the packed bytes on their way into a decompressor.
pub(crate) struct Counted<R> {
    inner: R,
    name: String,
    consumed: Consumed,
    tally: Tally,
}

impl<R> Counted<R> {
    pub(crate) fn new(inner: R, name: &str, tally: Tally) -> (Self, Consumed) {
        let consumed = Consumed::default();
        (
            Self {
                inner,
                name: name.to_owned(),
                consumed: Arc::clone(&consumed),
                tally,
            },
            consumed,
        )
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(count) => {
                self.consumed.fetch_add(count as u64, Ordering::Relaxed);
                self.tally.add(count as u64);
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            // Named here, so that a bad disk is not taken for a damaged file above.
            Err(error) => Err(Error::while_reading(&self.name, error).into()),
        }
    }
}

/// Bytes asked of a decompressor at once. One that meets damage gives an error instead of what it has unpacked for that
/// call, so a call costs at most this many good bytes.
const PIECE_BYTES: usize = 4 * 1024;

/// Bounds what comes out of a decompressor.
///
/// The bytes up to the limit are delivered; then comes one error, then the end.
pub(crate) struct Guarded<R> {
    inner: R,
    name: String,
    consumed: Consumed,
    produced: u64,
    budget: Budget,
    state: State,
}

enum State {
    Open,
    /// A limit was passed by the bytes just delivered.
    Stopping(Error),
    Stopped,
}

impl<R: Read> Guarded<R> {
    pub(crate) fn new(inner: R, name: &str, consumed: Consumed, budget: Budget) -> Self {
        Self {
            inner,
            name: name.to_owned(),
            consumed,
            produced: 0,
            budget,
            state: State::Open,
        }
    }

    fn limit_passed(&self, count: u64) -> Option<Error> {
        let name = || self.name.clone();
        let limits = &self.budget.limits;
        let over_total = self.budget.spend(count);
        if self.produced > limits.ratio_free_bytes {
            let allowed = self
                .consumed
                .load(Ordering::Relaxed)
                .saturating_mul(limits.expansion_ratio);
            if self.produced > allowed {
                return Some(Error::SuspiciousRatio {
                    name: name(),
                    limit: limits.expansion_ratio,
                });
            }
        }
        if self.produced > limits.decompressed_bytes {
            return Some(Error::TooLarge {
                name: name(),
                limit_bytes: limits.decompressed_bytes,
            });
        }
        over_total.then(|| Error::TotalTooLarge {
            name: name(),
            limit_bytes: limits.total_decompressed_bytes,
        })
    }

    fn failed(&mut self, error: io::Error) -> io::Error {
        self.state = State::Stopped;
        match error.downcast::<Error>() {
            Ok(own) => own.into(),
            Err(error) => Error::Corrupt {
                name: self.name.clone(),
                reason: damage(&error),
            }
            .into(),
        }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match std::mem::replace(&mut self.state, State::Open) {
            State::Open => {}
            State::Stopping(error) => {
                self.state = State::Stopped;
                return Err(error.into());
            }
            State::Stopped => {
                self.state = State::Stopped;
                return Ok(0);
            }
        }
        let piece = buffer.len().min(PIECE_BYTES);
        match self.inner.read(&mut buffer[..piece]) {
            Ok(count) => {
                self.produced = self.produced.saturating_add(count as u64);
                if let Some(error) = self.limit_passed(count as u64) {
                    self.state = State::Stopping(error);
                }
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.failed(error)),
        }
    }
}

/// Compares what an archive member unpacks to with what the archive's directory says of it.
pub(crate) struct Verified<R> {
    inner: R,
    seen: flate2::Crc,
    seen_bytes: u64,
    /// More came out than was declared; what was declared has been delivered.
    excess: bool,
    crc: u32,
    bytes: u64,
}

impl<R> Verified<R> {
    pub(crate) fn new(inner: R, crc: u32, bytes: u64) -> Self {
        Self {
            inner,
            seen: flate2::Crc::new(),
            seen_bytes: 0,
            excess: false,
            crc,
            bytes,
        }
    }

    /// The deflate decoder takes a missing end for the end, so the size must be compared too.
    fn check_end(&self) -> io::Result<usize> {
        let wrong = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what));
        if self.excess {
            return wrong("it holds more than its archive says");
        }
        if self.seen_bytes < self.bytes {
            return wrong("it ends too early");
        }
        if self.seen.sum() != self.crc {
            return wrong("its checksum does not match");
        }
        Ok(0)
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            return self.check_end();
        }
        let declared_left = usize::try_from(self.bytes - self.seen_bytes).unwrap_or(usize::MAX);
        let expected = count.min(declared_left);
        if expected == 0 && count > 0 {
            self.excess = true;
            return self.check_end();
        }
        self.excess |= expected < count;
        self.seen.update(&buffer[..expected]);
        self.seen_bytes += expected as u64;
        Ok(expected)
    }
}

/// Says in words what a decompressor's error means for the file.
fn damage(error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        "it ends too early".to_owned()
    } else {
        error.to_string()
    }
}
