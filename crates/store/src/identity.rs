//! Row identities: which rows are stored already, without holding them all in memory.
//!
//! Beside each segment lies its identity file: a header, the sorted 16-byte identities of its rows, and their filter.
//! Identities are the head of a SHA-256, so they are spread evenly and a guess by proportion lands within a page or two of
//! the answer.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use arrow::array::{Array, AsArray, RecordBatch};

use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::sums::{SummedFile, Sums};

/// The first 128 bits of a row's SHA-256.
pub(crate) type RowId = u128;

/// The extension of identity files.
pub(crate) const IDENTITY_EXTENSION: &str = "uids";

const MAGIC: &[u8; 8] = b"SKSHUID2";
/// Files as they were before they had filters.
const MAGIC_WITHOUT_FILTER: &[u8; 8] = b"SKSHUID1";
const HEADER_BYTES: u64 = 16;
const ID_BYTES: usize = 16;

/// Identities read at once: 4 KiB, one page of the page cache.
const PAGE_IDS: u64 = 256;

/// Guesses by proportion before halving: even spread needs two or three, anything else must still end quickly.
const MAX_GUESSES: u32 = 4;

/// Identities in memory.
pub(crate) type RowIds = HashSet<RowId, RowIdHashing>;

/// Hashes identities. They are hashes themselves, but rows are made by attackers, who could choose many whose heads agree;
/// so their bits are mixed with a number that nobody knows.
#[derive(Debug, Clone)]
pub(crate) struct RowIdHashing {
    seed: u64,
}

impl Default for RowIdHashing {
    fn default() -> Self {
        Self {
            seed: RandomState::new().hash_one(0_u64) | 1,
        }
    }
}

impl BuildHasher for RowIdHashing {
    type Hasher = RowIdHasher;

    fn build_hasher(&self) -> RowIdHasher {
        RowIdHasher { state: self.seed }
    }
}

/// Hashes one identity.
#[derive(Debug)]
pub(crate) struct RowIdHasher {
    state: u64,
}

impl Hasher for RowIdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u128(u128::from(*byte));
        }
    }

    fn write_u128(&mut self, id: u128) {
        let product = u128::from((id >> 64) as u64 ^ self.state) * u128::from(id as u64 ^ self.state.rotate_left(32));
        self.state = (product >> 64) as u64 ^ product as u64;
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

/// Returns the column that holds the identity of a table's rows.
pub(crate) fn identity_column(table: &str) -> &'static str {
    if table == "events" { "event_uid" } else { "_uid" }
}

/// Returns the identities of the rows of `batch`.
pub(crate) fn identities(table: &str, batch: &RecordBatch) -> Result<Vec<RowId>> {
    let column = identity_column(table);
    let bad = |row: usize, problem: &'static str| Error::Identity {
        table: table.to_owned(),
        column,
        row,
        problem,
    };
    let values = batch
        .column_by_name(column)
        .and_then(|values| values.as_string_opt::<i32>())
        .ok_or_else(|| bad(0, "there is no such text column"))?;
    (0..values.len())
        .map(|row| {
            if values.is_null(row) {
                return Err(bad(row, "it is null"));
            }
            parse(values.value(row)).ok_or_else(|| bad(row, "it is not 32 hex digits"))
        })
        .collect()
}

/// Writes the identity file of a segment and returns its checksums. It is not durable yet.
pub(crate) fn write(path: &Path, sorted: &[RowId]) -> Result<Sums> {
    let mut out = BufWriter::new(SummedFile::create(path)?);
    let count = sorted.len() as u64;
    let mut put = |bytes: &[u8]| out.write_all(bytes).map_err(Error::io("write", path));
    put(MAGIC)?;
    put(&count.to_be_bytes())?;
    for id in sorted {
        put(&id.to_be_bytes())?;
    }
    for word in Filter::of(sorted).to_bytes() {
        put(&word)?;
    }
    out.flush().map_err(Error::io("write", path))?;
    Ok(out.get_ref().sums())
}

/// Returns whether the file at `path` holds exactly these sorted identities, and their filter where it has one.
pub(crate) fn holds_exactly(path: &Path, sorted: &[RowId]) -> bool {
    let Ok(mut file) = IdentityFile::open(path) else {
        return false;
    };
    let is_filter_right = match file.filter() {
        Ok(Some(filter)) => filter.to_bytes().eq(Filter::of(sorted).to_bytes()),
        Ok(None) => true,
        Err(_) => false,
    };
    if file.count != sorted.len() as u64 || !is_filter_right {
        return false;
    }
    sorted.chunks(PAGE_IDS as usize).enumerate().all(|(chunk, ids)| {
        file.load(chunk as u64 * PAGE_IDS).is_ok()
            && ids
                .iter()
                .enumerate()
                .all(|(at, id)| file.page_id(at as u64) == Some(*id))
    })
}

/// An identity file open for probing.
#[derive(Debug)]
pub(crate) struct IdentityFile {
    path: PathBuf,
    file: File,
    count: u64,
    has_filter: bool,
    page: Vec<u8>,
    page_start: u64,
}

impl IdentityFile {
    /// Opens the identity file at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let mut header = [0u8; HEADER_BYTES as usize];
        file.read_exact_at(&mut header, 0).map_err(Error::io("read", path))?;
        let (magic, count) = header.split_at(MAGIC.len());
        let count = u64::from_be_bytes(count.try_into().unwrap_or_default());
        let bytes = file.metadata().map_err(Error::io("read", path))?.len();
        let has_filter = magic == MAGIC;
        let filter_bytes = if has_filter { Filter::bytes_for(count) } else { 0 };
        let wanted = count
            .checked_mul(ID_BYTES as u64)
            .and_then(|body| body.checked_add(HEADER_BYTES)?.checked_add(filter_bytes));
        if !has_filter && magic != MAGIC_WITHOUT_FILTER || wanted != Some(bytes) {
            return Err(Error::IdentityFile {
                path: path.to_path_buf(),
                problem: "its header does not fit its length",
            });
        }
        Ok(Self {
            path: path.to_path_buf(),
            file,
            count,
            has_filter,
            page: Vec::new(),
            page_start: 0,
        })
    }

    /// Returns the size of the filter.
    pub(crate) fn filter_bytes(&self) -> usize {
        if self.has_filter {
            Filter::bytes_for(self.count) as usize
        } else {
            0
        }
    }

    /// Reads the filter; files of older stores have none.
    pub(crate) fn filter(&self) -> Result<Option<Filter>> {
        if !self.has_filter {
            return Ok(None);
        }
        let mut bytes = vec![0; self.filter_bytes()];
        self.file
            .read_exact_at(&mut bytes, HEADER_BYTES + self.count * ID_BYTES as u64)
            .map_err(Error::io("read", &self.path))?;
        Ok(Some(Filter::from_bytes(&bytes)))
    }

    /// Calls `found` with the position of each of the sorted `ids` that the file holds.
    pub(crate) fn probe(&mut self, ids: &[RowId], mut found: impl FnMut(usize)) -> Result<()> {
        for (position, id) in ids.iter().enumerate() {
            if self.contains(*id)? {
                found(position);
            }
        }
        Ok(())
    }

    fn contains(&mut self, id: RowId) -> Result<bool> {
        if let Some(answer) = self.in_page(id) {
            return Ok(answer);
        }
        let (mut low, mut high) = (0u64, self.count);
        let mut guesses = 0;
        while low < high {
            // Clamped to what is left, a further guess takes the edge nearest to the first one and so walks to the answer.
            let middle = if guesses < MAX_GUESSES {
                proportional(id, self.count).clamp(low, high - 1)
            } else {
                low + (high - low) / 2
            };
            guesses += 1;
            self.load(middle.saturating_sub(PAGE_IDS / 2))?;
            if let Some(answer) = self.in_page(id) {
                return Ok(answer);
            }
            let Some(first) = self.page_id(0) else {
                return Ok(false);
            };
            if id < first {
                high = self.page_start;
            } else {
                low = self.page_start + self.page_len();
            }
        }
        Ok(false)
    }

    /// Returns the answer where the loaded page can give it.
    fn in_page(&self, id: RowId) -> Option<bool> {
        let len = self.page_len();
        let first = self.page_id(0)?;
        let last = self.page_id(len.checked_sub(1)?)?;
        if id < first {
            return (self.page_start == 0).then_some(false);
        }
        if id > last {
            return (self.page_start + len >= self.count).then_some(false);
        }
        let (mut low, mut high) = (0, len);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.page_id(middle)?.cmp(&id) {
                std::cmp::Ordering::Equal => return Some(true),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Some(false)
    }

    fn load(&mut self, start: u64) -> Result<()> {
        let len = PAGE_IDS.min(self.count.saturating_sub(start));
        self.page.resize(len as usize * ID_BYTES, 0);
        self.page_start = start;
        self.file
            .read_exact_at(&mut self.page, HEADER_BYTES + start * ID_BYTES as u64)
            .map_err(Error::io("read", &self.path))
    }

    fn page_len(&self) -> u64 {
        (self.page.len() / ID_BYTES) as u64
    }

    fn page_id(&self, index: u64) -> Option<RowId> {
        let start = usize::try_from(index).ok()?.checked_mul(ID_BYTES)?;
        let bytes = self.page.get(start..start + ID_BYTES)?;
        Some(RowId::from_be_bytes(bytes.try_into().ok()?))
    }
}

/// Returns where an identity would stand among `count` evenly spread ones.
fn proportional(id: RowId, count: u64) -> u64 {
    let head = (id >> 64) as u64;
    ((u128::from(head) * u128::from(count)) >> 64) as u64
}

fn parse(text: &str) -> Option<RowId> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != ID_BYTES || !rest.is_empty() {
        return None;
    }
    let mut id = [0; ID_BYTES];
    let mut seen = 0;
    for (byte, pair) in id.iter_mut().zip(pairs) {
        let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
        seen |= high | low;
        *byte = high << 4 | low;
    }
    (seen != NO_DIGIT).then(|| RowId::from_be_bytes(id))
}

/// Every bit is set, also where digits are joined to it; digits themselves have four.
const NO_DIGIT: u8 = 0xff;

/// The value of each hex digit.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        digits[b"0123456789abcdef"[digit] as usize] = digit as u8;
        digits[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
};

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mut ids: Vec<RowId>) {
        ids.sort_unstable();
        ids.dedup();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.uids");
        write(&path, &ids).unwrap();
        let mut file = IdentityFile::open(&path).unwrap();
        let mut probes: Vec<RowId> = ids
            .iter()
            .flat_map(|id| [*id, id.wrapping_add(1), id.wrapping_sub(1)])
            .collect();
        probes.extend([0, RowId::MAX, RowId::MAX / 2]);
        probes.sort_unstable();
        probes.dedup();
        let mut found = Vec::new();
        file.probe(&probes, |at| found.push(probes[at])).unwrap();
        assert_eq!(found, ids);
    }

    fn spread(count: u64) -> Vec<RowId> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        (0..count)
            .map(|_| (RowId::from(next()) << 64) | RowId::from(next()))
            .collect()
    }

    #[test]
    fn finds_spread_identities() {
        for count in [0, 1, 2, 255, 256, 257, 5_000] {
            check(spread(count));
        }
    }

    #[test]
    fn finds_crowded_identities() {
        check((0..5_000).collect());
        check((0..5_000).map(|n| RowId::MAX - n * 3).collect());
        check(spread(3_000).into_iter().chain(0..3_000).collect());
    }

    #[test]
    fn refuses_a_damaged_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.uids");
        write(&path, &[1, 2, 3]).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(40);
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(IdentityFile::open(&path), Err(Error::IdentityFile { .. })));
    }

    #[test]
    fn files_have_filters_and_older_ones_are_read_without() {
        let ids = {
            let mut ids = spread(1_000);
            ids.sort_unstable();
            ids
        };
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.uids");
        write(&path, &ids).unwrap();
        let filter = IdentityFile::open(&path).unwrap().filter().unwrap().unwrap();
        assert!(ids.iter().all(|id| filter.may_contain(*id)));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(16 + 16 * ids.len());
        bytes[7] = b'1';
        std::fs::write(&path, &bytes).unwrap();
        let mut old = IdentityFile::open(&path).unwrap();
        assert!(old.filter().unwrap().is_none());
        let mut found = 0;
        old.probe(&ids, |_| found += 1).unwrap();
        assert_eq!(found, ids.len());
    }

    #[test]
    fn only_32_hex_digits_are_an_identity() {
        assert_eq!(parse("0000000000000000000000000000000f"), Some(15));
        assert_eq!(
            parse("0123456789abcdefFEDCBA9876543210"),
            Some(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210)
        );
        for text in [
            "",
            "f",
            "+000000000000000000000000000000f",
            "0000000000000000000000000000000g",
            "00000000000000000000000000000001f",
            "あああああああああああ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
