//! The identity of a file as it lies on disk.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::bounded::Tally;

use crate::error::Error;
use crate::name::printable;
use crate::packing::BUFFER_BYTES;
use crate::whole::open;

/// SHA-256 and size of a file's bytes as they lie on disk, packed or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileDigest {
    /// The digest.
    pub sha256: [u8; 32],
    /// The size.
    pub bytes: u64,
}

impl FileDigest {
    /// Returns the digest as 64 lowercase hex digits.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.sha256)
    }
}

impl fmt::Debug for FileDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FileDigest({}, {} bytes)", self.hex(), self.bytes)
    }
}

/// The digest of bytes that are being read, made on the way so that they need not be read twice.
#[derive(Debug, Clone, Default)]
pub struct RunningDigest(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    hasher: Sha256,
    bytes: u64,
    is_ended: bool,
}

impl RunningDigest {
    /// Returns the digest, once the bytes have been read to their end; `None` for members of an archive, which are read
    /// out of order.
    #[must_use]
    pub fn finished(&self) -> Option<FileDigest> {
        let running = self.state();
        running.is_ended.then(|| FileDigest {
            sha256: running.hasher.clone().finalize().into(),
            bytes: running.bytes,
        })
    }

    /// Returns the bytes read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.state().bytes
    }

    fn state(&self) -> MutexGuard<'_, Running> {
        // The state is whole between two updates, whoever panicked elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes read from the first to the last, into a digest and into the count of what was read.
pub(crate) struct Digested<R> {
    inner: R,
    digest: RunningDigest,
    tally: Tally,
}

impl<R> Digested<R> {
    pub(crate) fn new(inner: R, tally: Tally) -> (Self, RunningDigest) {
        let digest = RunningDigest::default();
        let digested = Self {
            inner,
            digest: digest.clone(),
            tally,
        };
        (digested, digest)
    }
}

impl<R: Read> Read for Digested<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut running = self.digest.state();
        if let Some(read) = buffer.get(..count) {
            running.hasher.update(read);
        }
        running.bytes += count as u64;
        running.is_ended |= count == 0 && !buffer.is_empty();
        drop(running);
        self.tally.add(count as u64);
        Ok(count)
    }
}

/// Returns the digest of the file at `path`, reading it once.
///
/// # Errors
/// Where it is missing or cannot be read.
pub fn sha256_file(path: &Path) -> Result<FileDigest, Error> {
    let mut file = open(path)?;
    let mut hasher = Sha256::new();
    let mut bytes: u64 = 0;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes = bytes.saturating_add(count as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => {
                return Err(Error::Read {
                    name: printable(&path.to_string_lossy()),
                    source,
                });
            }
        }
    }
    Ok(FileDigest {
        sha256: hasher.finalize().into(),
        bytes,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]
    use super::*;

    #[test]
    fn a_digest_is_known_at_the_end_alone() {
        let (mut reader, digest) = Digested::new(&b"rows of a file"[..], Tally::default());
        let mut four = [0; 4];
        reader.read_exact(&mut four).unwrap();
        assert_eq!((digest.bytes(), digest.finished()), (4, None));
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        let whole = FileDigest {
            sha256: Sha256::digest(b"rows of a file").into(),
            bytes: 14,
        };
        assert_eq!(digest.finished(), Some(whole));
    }
}
