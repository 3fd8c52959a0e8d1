//! Checksums of the store's files, block by block, so that damage is found and its place is known.
//!
//! A CRC-32 finds every single flipped byte of a block and all but one in four billion of other changes. It is no proof
//! against somebody who changes a file on purpose.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crc32fast::Hasher;

use crate::error::{Error, Result};

/// The bytes that one checksum covers: small enough to name the rows that are hurt, large enough that the checksums of a
/// hundred gigabytes are a few megabytes.
pub(crate) const BLOCK_BYTES: usize = 64 * 1024;

/// The checksums of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// The file's length.
    pub(crate) bytes: u64,
    /// One for each block; the last block may be short.
    pub(crate) blocks: Vec<u32>,
}

impl Sums {
    /// Returns the checksums of a file as it is now.
    pub(crate) fn of_file(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        let mut sums = Self::default();
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let mut filled = 0;
            while let Some(room) = block.get_mut(filled..).filter(|room| !room.is_empty()) {
                match file.read(room) {
                    Ok(0) => break,
                    Ok(read) => filled += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(Error::io("read", path)(error)),
                }
            }
            if filled == 0 {
                return Ok(sums);
            }
            sums.bytes += filled as u64;
            sums.blocks
                .push(crc32fast::hash(block.get(..filled).unwrap_or_default()));
        }
    }

    /// Returns the checksums in the form the catalogue keeps.
    pub(crate) fn to_blob(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|sum| sum.to_be_bytes()).collect()
    }

    /// Reads what `to_blob` wrote; `None` where it cannot be of a file of `bytes`.
    pub(crate) fn from_blob(bytes: u64, blob: &[u8]) -> Option<Self> {
        let (sums, rest) = blob.as_chunks::<4>();
        let is_whole = rest.is_empty() && sums.len() as u64 == bytes.div_ceil(BLOCK_BYTES as u64);
        is_whole.then(|| Self {
            bytes,
            blocks: sums.iter().map(|sum| u32::from_be_bytes(*sum)).collect(),
        })
    }
}

/// Checksums being made of bytes that come one after the other.
#[derive(Debug, Default)]
pub(crate) struct Summing {
    sums: Sums,
    block: Hasher,
    in_block: usize,
}

/// A new file whose checksums are made while it is written from its first byte to its last.
#[derive(Debug)]
pub(crate) struct SummedFile {
    file: File,
    summing: Summing,
}

impl SummedFile {
    /// Creates the file at `path`, which must not be there.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let file = File::create_new(path).map_err(Error::io("create", path))?;
        Ok(Self {
            file,
            summing: Summing::default(),
        })
    }

    /// Returns the checksums of what was written.
    pub(crate) fn sums(&self) -> Sums {
        self.summing.sums()
    }
}

impl Summing {
    /// Returns the checksums of what was added.
    pub(crate) fn sums(&self) -> Sums {
        let mut sums = self.sums.clone();
        if self.in_block > 0 {
            sums.blocks.push(self.block.clone().finalize());
        }
        sums
    }

    /// Adds the bytes that come next.
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        self.sums.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK_BYTES - self.in_block));
            self.block.update(now);
            self.in_block += now.len();
            if self.in_block == BLOCK_BYTES {
                self.sums.blocks.push(std::mem::take(&mut self.block).finalize());
                self.in_block = 0;
            }
            bytes = later;
        }
    }
}

impl Write for SummedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.summing.add(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_how_the_file_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..3 * BLOCK_BYTES + 17).map(|n| (n * 7 % 251) as u8).collect();
        let written = |name: &str, piece: usize| {
            let mut file = SummedFile::create(&dir.path().join(name)).unwrap();
            for chunk in bytes.chunks(piece) {
                file.write_all(chunk).unwrap();
            }
            file.sums()
        };
        let sums = written("a", 1000);
        assert_eq!(sums, written("b", bytes.len()));
        assert_eq!((sums.bytes, sums.blocks.len()), (bytes.len() as u64, 4));
        assert_eq!(sums.blocks[3], crc32fast::hash(&bytes[3 * BLOCK_BYTES..]));
        assert_eq!(Sums::of_file(&dir.path().join("b")).unwrap(), sums);
        assert_eq!(Sums::from_blob(sums.bytes, &sums.to_blob()).as_ref(), Some(&sums));
        assert_eq!(Sums::from_blob(sums.bytes, &[]), None);
        assert_eq!(Sums::from_blob(0, &[]), Some(Sums::default()));
    }
}
