//! Checksums of the catalogue's pages, which SQLite has none of.
//!
//! `catalogue.sums` lies beside the catalogue. It is written before a checkpoint moves pages from the write-ahead log into the
//! database, from what stands in the log, so at any moment each page of the database either is still in the log, and what the
//! database has of it does not count, or is as the checksums say. A crash in between therefore looks like no damage. Pages that a checkpoint does not touch
//! keep the checksums they had: damage done to them meanwhile does not become right.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::wal::Wal;
use crate::durable;
use crate::error::{Error, Result};

const SUMS_FILE: &str = "catalogue.sums";
const NEW_SUMS_FILE: &str = "catalogue.sums.new";

const MAGIC: &[u8; 8] = b"SKSHPGS1";
const HEADER_BYTES: usize = 24;

/// The largest file of checksums that is read: of a catalogue of 256 GiB.
const MAX_SUMS_BYTES: u64 = 256 * 1024 * 1024;

/// Where a database says how large its pages are.
const PAGE_SIZE_AT: u64 = 16;

/// The page size where the database does not say a sensible one: SQLite's own, and that of every catalogue we make.
const USUAL_PAGE_BYTES: u32 = 4096;

/// The checksums of all pages of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageSums {
    pub(crate) page_bytes: u32,
    /// The newest snapshot when they were made.
    pub(crate) snapshot: i64,
    /// One for each page.
    pub(crate) pages: Vec<u32>,
}

/// What lies beside the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing: the catalogue is of an older version.
    Nothing,
    /// Something that is not what was written.
    Damaged { bytes: u64 },
    /// Checksums.
    Sums(PageSums),
}

/// Returns the path of the checksums of the catalogue at `path`.
pub(crate) fn sums_path(path: &Path) -> PathBuf {
    path.with_file_name(SUMS_FILE)
}

impl PageSums {
    /// Reads the checksums of the catalogue at `path`.
    pub(crate) fn read(path: &Path) -> Result<Found> {
        let path = sums_path(path);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(Error::io("open", &path)(error)),
        };
        let bytes = file.metadata().map_err(Error::io("read", &path))?.len();
        if bytes > MAX_SUMS_BYTES {
            return Ok(Found::Damaged { bytes });
        }
        let mut content = vec![0; usize::try_from(bytes).unwrap_or(0)];
        file.read_exact_at(&mut content, 0).map_err(Error::io("read", &path))?;
        Ok(Self::parse(&content).map_or(Found::Damaged { bytes }, Found::Sums))
    }

    /// Returns the checksums of a database as it lies on disk.
    pub(crate) fn of_file(file: &File, path: &Path, snapshot: i64) -> Result<Self> {
        let page_bytes = page_bytes(file);
        let bytes = file.metadata().map_err(Error::io("read", path))?.len();
        let mut pages = Vec::new();
        let mut page = vec![0; page_bytes as usize];
        for number in 0..bytes / u64::from(page_bytes) {
            file.read_exact_at(&mut page, number * u64::from(page_bytes))
                .map_err(Error::io("read", path))?;
            pages.push(crc32fast::hash(&page));
        }
        Ok(Self {
            page_bytes,
            snapshot,
            pages,
        })
    }

    /// Returns the pages of a database that are not as these checksums say, by number from 1.
    pub(crate) fn differing(&self, file: &File) -> BTreeSet<u32> {
        let mut page = vec![0; self.page_bytes as usize];
        let mut differs = |(position, sum): (u64, &u32)| {
            let from = position * u64::from(self.page_bytes);
            let is_right = file.read_exact_at(&mut page, from).is_ok() && crc32fast::hash(&page) == *sum;
            (!is_right).then_some(position as u32 + 1)
        };
        (0..).zip(&self.pages).filter_map(&mut differs).collect()
    }

    /// Makes the checksums of `pages` wrong, so that they stay known as hurt although they are written anew: what a writer
    /// puts on a hurt page keeps the hurt.
    pub(crate) fn spoil(&mut self, pages: &BTreeSet<u32>, wal: &Wal) {
        for page in pages.iter().filter(|page| wal.pages.contains_key(page)) {
            if let Some(sum) = self.pages.get_mut(*page as usize - 1) {
                *sum = !*sum;
            }
        }
    }

    /// Takes over the pages of a log; `None` where that leaves a page without a checksum.
    pub(crate) fn with(mut self, wal: &Wal) -> Option<Self> {
        if wal.is_empty() {
            return Some(self);
        }
        let had = self.pages.len() as u32;
        let is_whole = self.page_bytes == wal.page_bytes
            && (had + 1..=wal.database_pages).all(|page| wal.pages.contains_key(&page));
        if !is_whole {
            return None;
        }
        self.pages.resize(wal.database_pages as usize, 0);
        for (page, sum) in &wal.pages {
            if let Some(place) = self.pages.get_mut((*page as usize).checked_sub(1)?) {
                *place = *sum;
            }
        }
        Some(self)
    }

    /// Writes the checksums beside the catalogue at `path`: the old ones or the new ones are there at any moment.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let new = path.with_file_name(NEW_SUMS_FILE);
        let mut file = File::create(&new).map_err(Error::io("create", &new))?;
        file.write_all(&self.to_bytes()).map_err(Error::io("write", &new))?;
        file.sync_all().map_err(Error::io("sync", &new))?;
        drop(file);
        let sums = sums_path(path);
        std::fs::rename(&new, &sums).map_err(Error::io("rename", &new))?;
        durable::sync_all(&[sums.parent().unwrap_or(&sums).to_path_buf()])
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.pages.len() * 4 + 4);
        bytes.extend(MAGIC);
        bytes.extend(self.page_bytes.to_be_bytes());
        bytes.extend((self.pages.len() as u32).to_be_bytes());
        bytes.extend(self.snapshot.to_be_bytes());
        for sum in &self.pages {
            bytes.extend(sum.to_be_bytes());
        }
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, own) = bytes.split_last_chunk::<4>()?;
        let (head, pages) = body.split_at_checked(HEADER_BYTES)?;
        let (magic, numbers) = head.split_at(MAGIC.len());
        let number = |at: usize| Some(u32::from_be_bytes(numbers.get(at..at + 4)?.try_into().ok()?));
        let (sums, rest) = pages.as_chunks::<4>();
        let is_whole = magic == MAGIC
            && u32::from_be_bytes(*own) == crc32fast::hash(body)
            && rest.is_empty()
            && sums.len() == number(4)? as usize;
        (is_whole && number(0)? > 0).then_some(())?;
        Some(Self {
            page_bytes: number(0)?,
            snapshot: i64::from_be_bytes(numbers.get(8..16)?.try_into().ok()?),
            pages: sums.iter().map(|sum| u32::from_be_bytes(*sum)).collect(),
        })
    }
}

/// Returns how large the pages of a database are, as far as it says so.
fn page_bytes(file: &File) -> u32 {
    let mut size = [0u8; 2];
    if file.read_exact_at(&mut size, PAGE_SIZE_AT).is_err() {
        return USUAL_PAGE_BYTES;
    }
    match u32::from(u16::from_be_bytes(size)) {
        1 => 65_536,
        size if size >= 512 && size.is_power_of_two() => size,
        _ => USUAL_PAGE_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_byte_of_the_checksums_is_noticed() {
        let sums = PageSums {
            page_bytes: 4096,
            snapshot: 7,
            pages: vec![1, 2, 3],
        };
        let bytes = sums.to_bytes();
        assert_eq!(PageSums::parse(&bytes), Some(sums));
        for at in 0..bytes.len() {
            let mut hurt = bytes.clone();
            hurt[at] ^= 0x40;
            assert_eq!(PageSums::parse(&hurt), None, "byte {at}");
            assert_eq!(PageSums::parse(&bytes[..at]), None);
        }
    }
}
