//! The file as bytes: what stands where, and the one way in which parts are compressed and checked.
//!
//! ```text
//! MAGIC, version · parts · footer · offset and lengths of the footer, its checksum, MAGIC
//! ```
//!
//! Every part is named by its place, its two lengths and its checksum in the part that leads to it; the footer is named
//! at the file's end. So each byte is checked before it is believed, and only what is asked for is read.

use crate::error::{IndexError, Result, damaged};
use crate::read::ReadAt;
use crate::varint::{self, Cursor};

/// What index files begin and end with.
pub(crate) const MAGIC: &[u8; 8] = b"SKSHVALS";

/// The version of the format.
pub(crate) const VERSION: u32 = 1;

/// The bytes before the first part.
pub(crate) const HEAD_BYTES: usize = MAGIC.len() + 4;

/// The bytes after the footer: its offset, its two lengths, its checksum, and the magic.
pub(crate) const TAIL_BYTES: usize = 8 + 4 + 4 + 4 + MAGIC.len();

/// The most bytes of a part before compression: a part is read whole, and no file makes a reader take more memory.
pub(crate) const MAX_PART_BYTES: usize = 4 * 1024 * 1024;

/// Higher levels cost more time than the few percent are worth: most of a part is numbers that do not compress.
const ZSTD_LEVEL: i32 = 3;

/// Where a part is, and what tells that it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) offset: u64,
    /// Its bytes in the file.
    pub(crate) stored: u32,
    /// Its bytes before compression; equal where compression did not pay.
    pub(crate) raw: u32,
    pub(crate) checksum: u32,
}

impl Part {
    /// Appends what leads to the part.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        varint::put(out, self.offset);
        self.put_placed(out);
    }

    /// Appends what leads to a part whose place is known: it follows another one.
    pub(crate) fn put_placed(&self, out: &mut Vec<u8>) {
        varint::put(out, u64::from(self.stored));
        varint::put(out, u64::from(self.raw));
        out.extend_from_slice(&self.checksum.to_le_bytes());
    }

    /// Reads what leads to a part.
    pub(crate) fn take(cursor: &mut Cursor<'_>) -> Result<Self> {
        let offset = cursor.number()?;
        Self::take_placed(cursor, offset)
    }

    /// Reads what leads to a part at `offset`.
    pub(crate) fn take_placed(cursor: &mut Cursor<'_>, offset: u64) -> Result<Self> {
        let length = |value: u64| {
            u32::try_from(value)
                .ok()
                .filter(|length| *length as usize <= MAX_PART_BYTES)
        };
        let (stored, raw) = (length(cursor.number()?), length(cursor.number()?));
        let checksum = cursor.fixed32()?;
        match (stored, raw) {
            (Some(stored), Some(raw)) if stored <= raw => Ok(Self {
                offset,
                stored,
                raw,
                checksum,
            }),
            _ => Err(cursor.wrong("it leads to a part that is too long")),
        }
    }

    /// Returns the place after the part.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(u64::from(self.stored))
    }

    /// Reads the part, checks it and unpacks it.
    pub(crate) fn load(&self, file: &dyn ReadAt, name: &'static str) -> Result<Vec<u8>> {
        let mut stored = vec![0; self.stored as usize];
        file.read_exact_at(&mut stored, self.offset)
            .map_err(|source| IndexError::Read { part: name, source })?;
        if crc32fast::hash(&stored) != self.checksum {
            return Err(damaged(name)("its checksum is wrong"));
        }
        if self.stored == self.raw {
            return Ok(stored);
        }
        let raw =
            zstd::bulk::decompress(&stored, self.raw as usize).map_err(|_| damaged(name)("it does not unpack"))?;
        if raw.len() != self.raw as usize {
            return Err(damaged(name)("it unpacks to another length"));
        }
        Ok(raw)
    }
}

/// Packs parts one after the other.
pub(crate) struct Packer {
    compressor: zstd::bulk::Compressor<'static>,
}

impl Packer {
    pub(crate) fn new() -> Result<Self> {
        let compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(IndexError::Compress)?;
        Ok(Self { compressor })
    }

    /// Appends `raw` to `out` as a part and returns where it stands, counted from the beginning of `out`.
    pub(crate) fn pack(&mut self, out: &mut Vec<u8>, raw: &[u8]) -> Result<Part> {
        let packed = self.compressor.compress(raw).map_err(IndexError::Compress)?;
        let stored = if packed.len() < raw.len() {
            packed.as_slice()
        } else {
            raw
        };
        let part = Part {
            offset: out.len() as u64,
            stored: stored.len() as u32,
            raw: raw.len() as u32,
            checksum: crc32fast::hash(stored),
        };
        out.extend_from_slice(stored);
        Ok(part)
    }
}

/// Returns the first bytes of a file.
pub(crate) fn head() -> Vec<u8> {
    let mut head = MAGIC.to_vec();
    head.extend_from_slice(&VERSION.to_le_bytes());
    head
}

/// Returns the last bytes of a file with this footer.
pub(crate) fn tail(footer: &Part) -> Vec<u8> {
    let mut tail = footer.offset.to_le_bytes().to_vec();
    for number in [footer.stored, footer.raw, footer.checksum] {
        tail.extend_from_slice(&number.to_le_bytes());
    }
    tail.extend_from_slice(MAGIC);
    tail
}

/// Checks the first and last bytes and returns where the footer is.
pub(crate) fn find_footer(file: &dyn ReadAt) -> Result<Part> {
    const PART: &str = "the ends";
    let wrong = damaged(PART);
    let read = |buffer: &mut [u8], offset| {
        file.read_exact_at(buffer, offset)
            .map_err(|source| IndexError::Read { part: PART, source })
    };
    let bytes = file
        .len_bytes()
        .map_err(|source| IndexError::Read { part: PART, source })?;
    let tail_offset = bytes
        .checked_sub(TAIL_BYTES as u64)
        .filter(|offset| *offset >= HEAD_BYTES as u64)
        .ok_or_else(|| wrong("it is too short"))?;
    let mut head = [0; HEAD_BYTES];
    read(&mut head, 0)?;
    let (magic, version) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(wrong("it is no index file"));
    }
    let found = u32::from_le_bytes(version.try_into().unwrap_or_default());
    if found != VERSION {
        return Err(IndexError::Version { found, known: VERSION });
    }
    let mut tail = [0; TAIL_BYTES];
    read(&mut tail, tail_offset)?;
    let (numbers, magic) = tail.split_at(TAIL_BYTES - MAGIC.len());
    let (offset, rest) = numbers.split_at(8);
    let number = |at: usize| {
        let bytes = rest.get(at * 4..at * 4 + 4).unwrap_or_default();
        u32::from_le_bytes(bytes.try_into().unwrap_or_default())
    };
    let footer = Part {
        offset: u64::from_le_bytes(offset.try_into().unwrap_or_default()),
        stored: number(0),
        raw: number(1),
        checksum: number(2),
    };
    let is_sound = magic == MAGIC
        && footer.end() == tail_offset
        && footer.offset >= HEAD_BYTES as u64
        && footer.stored <= footer.raw
        && footer.raw as usize <= MAX_PART_BYTES;
    if is_sound {
        Ok(footer)
    } else {
        Err(wrong("its end is not an index file's"))
    }
}
