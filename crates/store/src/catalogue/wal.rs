//! SQLite's write-ahead log, read as its file format is published: which pages it holds, and whether it is whole.
//!
//! A log ends where its chain of checksums breaks. That is usual after a crash, which leaves half of a commit that nobody
//! was told of. A frame that is right behind one that is not shows that the break is damage.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// The part of the index beside the log that says how far the log goes; it stands there twice.
const INDEX_HEADER_BYTES: usize = 48;

/// The page sizes that SQLite knows.
const PAGE_BYTES: std::ops::RangeInclusive<u32> = 512..=65_536;

/// What a log holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Wal {
    /// The CRC-32 of each page's newest committed content, by page number from 1.
    pub(crate) pages: BTreeMap<u32, u32>,
    /// The pages of the database after the last commit; 0 where there is no commit.
    pub(crate) database_pages: u32,
    pub(crate) page_bytes: u32,
    /// The bytes of the log.
    pub(crate) bytes: u64,
    /// The bytes that are hurt.
    pub(crate) damage: Option<(u64, u64)>,
    committed_frames: u64,
    salts: (u32, u32),
}

/// Returns the path of the log beside the database at `path`.
pub(crate) fn log_path(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// Returns the path of the log's index beside the database at `path`.
pub(crate) fn index_path(path: &Path) -> PathBuf {
    beside(path, "-shm")
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

impl Wal {
    /// Reads the log at `path`; one that is not there is empty.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Error::io("open", path)(error)),
        };
        let bytes = file.metadata().map_err(Error::io("read", path))?.len();
        let mut wal = Self {
            bytes,
            ..Self::default()
        };
        wal.read_frames(&mut BufReader::new(file))
            .map_err(Error::io("read", path))?;
        Ok(wal)
    }

    /// Returns whether nothing in the log is newer than the database.
    pub(crate) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Compares the log with its index, which knows how far it went when it was last written; `None` where it does not
    /// belong to this log or is not whole.
    pub(crate) fn lacks_frames_of(&self, index: &[u8]) -> Option<bool> {
        let first = index.get(..INDEX_HEADER_BYTES)?;
        let again = index.get(INDEX_HEADER_BYTES..2 * INDEX_HEADER_BYTES)?;
        // The index is memory of this machine, so its numbers have the machine's order; the salts are copied from the log.
        let number = |at: usize| Some(u32::from_ne_bytes(first.get(at..at + 4)?.try_into().ok()?));
        let is_whole = first == again && number(0)? == VERSION;
        let salts = (word(first, 32), word(first, 36));
        (is_whole && salts == self.salts && self.page_bytes > 0).then_some(())?;
        Some(u64::from(number(16)?) > self.committed_frames)
    }

    fn read_frames(&mut self, log: &mut impl Read) -> std::io::Result<()> {
        let mut header = [0u8; HEADER_BYTES];
        if !fill(log, &mut header)? {
            return Ok(());
        }
        let (magic, page_bytes) = (word(&header, 0), word(&header, 8));
        let is_big_endian = magic & 1 == 1;
        let mut sum = Sum {
            is_big_endian,
            value: (0, 0),
        };
        sum.add(header.get(..24).unwrap_or_default());
        let is_header_right = magic & !1 == MAGIC
            && word(&header, 4) == VERSION
            && PAGE_BYTES.contains(&page_bytes)
            && page_bytes.is_power_of_two()
            && sum.value == (word(&header, 24), word(&header, 28));
        if !is_header_right {
            // Frames follow only on a header that is on disk: without it they are lost.
            let has_frames = self.bytes > (HEADER_BYTES + FRAME_HEADER_BYTES) as u64;
            self.damage = has_frames.then_some((0, self.bytes));
            return Ok(());
        }
        self.page_bytes = page_bytes;
        self.salts = (word(&header, 16), word(&header, 20));
        self.read_chain(log, sum)
    }

    fn read_chain(&mut self, log: &mut impl Read, mut sum: Sum) -> std::io::Result<()> {
        let frame_bytes = FRAME_HEADER_BYTES + self.page_bytes as usize;
        let mut frame = vec![0u8; frame_bytes];
        let mut pending = BTreeMap::new();
        let mut at = HEADER_BYTES as u64;
        let mut frames = 0u64;
        let mut broken: Option<u64> = None;
        while fill(log, &mut frame)? {
            let (head, page) = frame.split_at(FRAME_HEADER_BYTES);
            let stored = (word(head, 16), word(head, 20));
            let has_salts = (word(head, 8), word(head, 12)) == self.salts;
            sum.add(head.get(..8).unwrap_or_default());
            sum.add(page);
            let is_right = has_salts && sum.value == stored;
            // What follows a break is measured from what the frame before it says of itself.
            sum.value = stored;
            match (is_right, broken) {
                (true, None) => {
                    frames += 1;
                    pending.insert(word(head, 0), crc32fast::hash(page));
                    let database_pages = word(head, 4);
                    if database_pages > 0 {
                        self.pages.append(&mut pending);
                        self.database_pages = database_pages;
                        self.committed_frames = frames;
                    }
                }
                (true, Some(from)) => {
                    self.damage = Some((from, at));
                    break;
                }
                (false, None) => broken = Some(at),
                (false, Some(_)) => {}
            }
            at += frame_bytes as u64;
        }
        Ok(())
    }

    /// Returns where the last commit ends.
    pub(crate) fn committed_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + self.committed_frames * (FRAME_HEADER_BYTES as u64 + u64::from(self.page_bytes))
    }
}

/// The running checksum of a log.
struct Sum {
    is_big_endian: bool,
    value: (u32, u32),
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let (mut a, mut b) = self.value;
        for [first, second] in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
            let (first, second) = if self.is_big_endian {
                (u32::from_be_bytes(*first), u32::from_be_bytes(*second))
            } else {
                (u32::from_le_bytes(*first), u32::from_le_bytes(*second))
            };
            a = a.wrapping_add(first).wrapping_add(b);
            b = b.wrapping_add(second).wrapping_add(a);
        }
        self.value = (a, b);
    }
}

/// Returns the big-endian number at `at`.
fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|word| word.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

/// Fills the buffer; false where the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a database with a log of several commits, and the connection that keeps the log there.
    fn logged(dir: &Path) -> (PathBuf, rusqlite::Connection) {
        let path = dir.join("a.sqlite");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a TEXT);")
            .unwrap();
        for number in 0..5 {
            let text = format!("{number}").repeat(3000);
            connection.execute("INSERT INTO t VALUES (?1)", [text]).unwrap();
        }
        (path, connection)
    }

    #[test]
    fn the_pages_of_a_log_are_those_that_a_checkpoint_writes() {
        let dir = tempfile::tempdir().unwrap();
        let (path, connection) = logged(dir.path());
        let wal = Wal::read(&log_path(&path)).unwrap();
        assert_eq!(wal.damage, None);
        assert_eq!(wal.committed_bytes(), wal.bytes);
        let index = std::fs::read(index_path(&path)).unwrap();
        assert_eq!(wal.lacks_frames_of(&index), Some(false));
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        drop(connection);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, u64::from(wal.database_pages) * 4096);
        assert!(wal.pages.len() > 3);
        for (page, sum) in &wal.pages {
            let at = (*page as usize - 1) * 4096;
            assert_eq!(crc32fast::hash(&bytes[at..at + 4096]), *sum);
        }
        assert!(Wal::read(&log_path(&path)).unwrap().is_empty());
    }

    #[test]
    fn a_flipped_byte_is_damage_and_a_torn_end_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let (path, _connection) = logged(dir.path());
        let whole = std::fs::read(log_path(&path)).unwrap();
        let index = std::fs::read(index_path(&path)).unwrap();
        let other = dir.path().join("other-wal");
        let read = |bytes: &[u8]| {
            std::fs::write(&other, bytes).unwrap();
            Wal::read(&other).unwrap()
        };
        for at in (0..whole.len()).step_by(97) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x04;
            let wal = read(&bytes);
            let is_last = at >= whole.len() - 4120;
            assert!(wal.damage.is_some() || is_last, "byte {at}");
            if wal.page_bytes > 0 {
                assert_eq!(wal.lacks_frames_of(&index), Some(true), "byte {at}");
            }
        }
        for end in [0, 10, 32, 40, 4000, whole.len() - 1, whole.len() - 4120] {
            assert_eq!(read(&whole[..end]).damage, None, "cut at {end}");
        }
    }
}
