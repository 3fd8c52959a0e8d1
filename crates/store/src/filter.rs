//! Which identities a segment surely lacks, told from memory: a blocked Bloom filter beside the identities.
//!
//! A row that is new costs one access to memory for each segment whose times it shares; the identities themselves are
//! read only where the filter does not exclude them, that is for repeated rows and for one in two hundred others.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::identity::{IdentityFile, RowId};

/// Filter bits for each identity: about one in two hundred absent identities passes.
const BITS_PER_ID: u64 = 12;

/// The bytes of filters held in memory: those of 100 million rows. Segments beyond are looked up on disk.
const MAX_BYTES_HELD: usize = 160 << 20;

/// A filter that one of so many last batches needed is not dropped for another one: batches that need more filters than
/// fit would else read all of them again each time.
const RECENT_BATCHES: u64 = 64;

/// Eight words, in each of which an identity sets one bit: half a cache line.
type Block = [u32; 8];

const BLOCK_BYTES: usize = size_of::<Block>();

/// Odd numbers that spread the bits of an identity, one for each word of a block (those of Parquet's filters).
const SALTS: Block = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// The filter of one segment.
#[derive(Debug)]
pub(crate) struct Filter {
    blocks: Vec<Block>,
}

impl Filter {
    /// Returns the filter of these identities. In their order it is built from its beginning to its end.
    pub(crate) fn of(ids: &[RowId]) -> Self {
        let blocks = Self::bytes_for(ids.len() as u64) as usize / BLOCK_BYTES;
        let mut filter = Self {
            blocks: vec![Block::default(); blocks],
        };
        for id in ids {
            let mask = mask_of(*id);
            let at = filter.block_of(*id);
            if let Some(block) = filter.blocks.get_mut(at) {
                block.iter_mut().zip(mask).for_each(|(word, bit)| *word |= bit);
            }
        }
        filter
    }

    /// Returns the size of a filter of so many identities.
    pub(crate) fn bytes_for(count: u64) -> u64 {
        let bits = BLOCK_BYTES as u64 * 8;
        count
            .saturating_mul(BITS_PER_ID)
            .div_ceil(bits)
            .saturating_mul(BLOCK_BYTES as u64)
    }

    fn bytes(&self) -> usize {
        self.blocks.len() * BLOCK_BYTES
    }

    /// Reads what `to_bytes` gave.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        let (blocks, _) = words.as_chunks::<8>();
        Self {
            blocks: blocks.iter().map(|block| block.map(u32::from_be_bytes)).collect(),
        }
    }

    /// Returns the filter as the identity file has it.
    pub(crate) fn to_bytes(&self) -> impl Iterator<Item = [u8; 4]> {
        self.blocks.iter().flatten().map(|word| word.to_be_bytes())
    }

    /// Returns false where the identity is none of the segment's.
    pub(crate) fn may_contain(&self, id: RowId) -> bool {
        let mask = mask_of(id);
        self.blocks
            .get(self.block_of(id))
            .is_some_and(|block| block.iter().zip(mask).all(|(word, bit)| word & bit != 0))
    }

    /// The head of an identity says which block; it is spread evenly.
    fn block_of(&self, id: RowId) -> usize {
        let head = u128::from((id >> 64) as u64);
        ((head * self.blocks.len() as u128) >> 64) as usize
    }
}

/// The tail of an identity says which bits.
fn mask_of(id: RowId) -> Block {
    SALTS.map(|salt| 1 << ((id as u32).wrapping_mul(salt) >> 27))
}

/// The filters in memory, over all tables and loads of a store.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    filters: HashMap<PathBuf, (Arc<Filter>, u64)>,
    bytes: usize,
    batch: u64,
}

impl Filters {
    /// Begins to look up a batch.
    pub(crate) fn begin_batch(&self) {
        self.lock().batch += 1;
    }

    /// Takes the mark off those rows that the segment at `path` has; `open` opens its identity file.
    pub(crate) fn unmark_known(
        &self,
        path: &Path,
        open: impl Fn() -> Result<IdentityFile>,
        ids: &[RowId],
        is_new: &mut [bool],
    ) -> Result<()> {
        let filter = self.of(path, &open)?;
        let may_be_known = |id: RowId| filter.as_ref().is_none_or(|filter| filter.may_contain(id));
        let rows = ids.iter().copied().zip(0..).zip(is_new.iter());
        let mut candidates: Vec<(RowId, usize)> = rows
            .filter(|((id, _), is_new)| **is_new && may_be_known(*id))
            .map(|(row, _)| row)
            .collect();
        if candidates.is_empty() {
            return Ok(());
        }
        // The file is sorted: in its order neighbours are found in one page.
        candidates.sort_unstable();
        let sorted: Vec<RowId> = candidates.iter().map(|(id, _)| *id).collect();
        open()?.probe(&sorted, |position| {
            if let Some(mark) = candidates.get(position).and_then(|(_, row)| is_new.get_mut(*row)) {
                *mark = false;
            }
        })
    }

    /// Returns the filter of the segment at `path`, whose identity file `open` opens where it is not held; `None` where it
    /// has none or there is no room for it.
    pub(crate) fn of(&self, path: &Path, open: impl FnOnce() -> Result<IdentityFile>) -> Result<Option<Arc<Filter>>> {
        let mut held = self.lock();
        if let Some(filter) = held.get(path) {
            return Ok(Some(filter));
        }
        let file = open()?;
        if !held.make_room(file.filter_bytes()) {
            return Ok(None);
        }
        Ok(file.filter()?.map(|filter| held.add(path, filter)))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn get(&mut self, path: &Path) -> Option<Arc<Filter>> {
        let (filter, used) = self.filters.get_mut(path)?;
        *used = self.batch;
        Some(Arc::clone(filter))
    }

    fn add(&mut self, path: &Path, filter: Filter) -> Arc<Filter> {
        let filter = Arc::new(filter);
        self.bytes += filter.bytes();
        self.filters
            .insert(path.to_path_buf(), (Arc::clone(&filter), self.batch));
        filter
    }

    fn make_room(&mut self, bytes: usize) -> bool {
        while self.bytes + bytes > MAX_BYTES_HELD {
            let oldest = self.filters.iter().min_by_key(|(_, (_, used))| *used);
            let Some((path, (_, used))) = oldest else { return false };
            if used + RECENT_BATCHES > self.batch {
                return false;
            }
            let path = path.clone();
            if let Some((filter, _)) = self.filters.remove(&path) {
                self.bytes -= filter.bytes();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::print_stdout, reason = "what is measured is told")]

    use std::time::{Duration, Instant};

    use super::*;
    use crate::identity;

    fn spread(count: usize, seed: u64) -> Vec<RowId> {
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            RowId::from(state.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        };
        (0..count).map(|_| next() << 64 | next()).collect()
    }

    #[test]
    fn what_is_in_it_passes_and_few_others_do() {
        let ids = spread(50_000, 7);
        let filter = Filter::of(&ids);
        let bytes: Vec<u8> = filter.to_bytes().flatten().collect();
        assert_eq!(bytes.len() as u64, Filter::bytes_for(50_000));
        let filter = Filter::from_bytes(&bytes);
        assert!(ids.iter().all(|id| filter.may_contain(*id)));
        let passing = spread(50_000, 99).iter().filter(|id| filter.may_contain(**id)).count();
        assert!(passing < 500, "{passing}");
        assert!(!Filter::of(&[]).may_contain(1));
    }

    #[test]
    fn filters_in_use_stay_and_others_make_room() {
        let mut held = Held::default();
        let large = || Filter {
            blocks: vec![Block::default(); MAX_BYTES_HELD / BLOCK_BYTES / 2 + 1],
        };
        let bytes = large().bytes();
        assert!(held.make_room(bytes));
        held.add(Path::new("a"), large());
        held.batch += RECENT_BATCHES - 1;
        assert!(!held.make_room(bytes), "one that was just used stays");
        assert!(held.get(Path::new("a")).is_some());
        held.batch += RECENT_BATCHES;
        assert!(held.make_room(bytes));
        assert!(held.get(Path::new("a")).is_none());
        assert_eq!(held.bytes, 0);
    }

    /// The n-th of evenly spread identities.
    fn id(n: u64) -> RowId {
        let mix = |n: u64| {
            let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            n ^ n >> 31
        };
        RowId::from(mix(2 * n + 1)) << 64 | RowId::from(mix(2 * n + 2))
    }

    /// Looks up batches in segments that all share their times, which is the worst case. Returns the time for each row.
    fn look_up(segments: u64, rows: u64) -> Duration {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..segments).map(|n| dir.path().join(format!("{n}.uids"))).collect();
        for (n, path) in paths.iter().enumerate() {
            let mut ids: Vec<RowId> = (0..rows).map(|row| id(n as u64 * rows + row)).collect();
            ids.sort_unstable();
            identity::write(path, &ids).unwrap();
        }
        let filters = Filters::default();
        let start = Instant::now();
        let (batches, batch_rows) = (16, 8_192);
        for batch in 0..batches {
            // One row in eight is stored; the others are new.
            let (all, first) = (segments * rows, batch * batch_rows);
            let ids: Vec<RowId> = (first..first + batch_rows)
                .map(|n| id(if n % 8 == 0 { n * 7_919 % all } else { all + n }))
                .collect();
            let mut is_new = vec![true; ids.len()];
            filters.begin_batch();
            for path in &paths {
                filters
                    .unmark_known(path, || IdentityFile::open(path), &ids, &mut is_new)
                    .unwrap();
            }
            let as_expected = (first..).zip(&is_new).all(|(n, is_new)| *is_new == (n % 8 != 0));
            assert!(as_expected);
        }
        start.elapsed() / (batches * batch_rows) as u32
    }

    #[test]
    fn known_rows_are_told_from_new_ones() {
        look_up(5, 4_000);
    }

    #[test]
    #[ignore = "measures 100 million identities: with --release, --nocapture and 2 GB of disk"]
    fn a_hundred_million_identities_stay_within_memory() {
        for segments in [20, 100] {
            let each = look_up(segments, 1_000_000);
            println!(
                "{segments} M identities: {each:?} a row, peak of the process {} MB",
                peak_kb() / 1_000
            );
        }
        assert!(peak_kb() < 300_000);
    }

    fn peak_kb() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
            .unwrap_or(0)
    }
}
