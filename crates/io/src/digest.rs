//! The identity of a file as it lies on disk.

use std::fmt;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

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
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
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
