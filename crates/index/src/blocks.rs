//! Where rows are: sets of blocks, in memory as bits, in the file as whichever of runs and bits is shorter.

use std::ops::Range;

use crate::BLOCK_ROWS;
use crate::error::Result;
use crate::varint::{self, Cursor};

const WORD_BITS: usize = u64::BITS as usize;

/// A set of blocks of one segment.
#[derive(Debug, Clone, Default)]
pub struct Blocks {
    words: Vec<u64>,
}

impl Blocks {
    /// Returns the set without a block.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns all blocks of a segment with `rows` rows.
    #[must_use]
    pub fn all(rows: u64) -> Self {
        let mut blocks = Self::none();
        blocks.insert(0..block_count(rows));
        blocks
    }

    /// Returns whether there is no block in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Returns how many blocks there are in it.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Adds the blocks of `other`.
    pub fn unite(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, others) in self.words.iter_mut().zip(&other.words) {
            *word |= others;
        }
    }

    /// Keeps the blocks that are in `other` too.
    pub fn intersect(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (word, others) in self.words.iter_mut().zip(&other.words) {
            *word &= others;
        }
    }

    /// Returns the rows of the blocks, in order, neighbours together, of a segment with `rows` rows.
    pub fn row_ranges(&self, rows: u64) -> impl Iterator<Item = Range<u64>> + '_ {
        self.runs().filter_map(move |run| {
            let start = run.start as u64 * BLOCK_ROWS;
            let end = (run.end as u64 * BLOCK_ROWS).min(rows);
            (start < end).then_some(start..end)
        })
    }

    /// Returns the runs of neighbours.
    fn runs(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut next = 0;
        std::iter::from_fn(move || {
            let start = self.find(next, true)?;
            next = self.find(start, false).unwrap_or(self.words.len() * WORD_BITS);
            Some(start..next)
        })
    }

    /// Returns the first place from `from` on that is in the set, or is not.
    fn find(&self, from: usize, is_in: bool) -> Option<usize> {
        let flip = if is_in { 0 } else { u64::MAX };
        let mut mask = u64::MAX << (from % WORD_BITS);
        for (position, word) in self.words.iter().enumerate().skip(from / WORD_BITS) {
            let found = (word ^ flip) & mask;
            if found != 0 {
                return Some(position * WORD_BITS + found.trailing_zeros() as usize);
            }
            mask = u64::MAX;
        }
        None
    }

    fn insert(&mut self, run: Range<usize>) {
        if run.is_empty() {
            return;
        }
        let words = run.end.div_ceil(WORD_BITS);
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
        let mut at = run.start;
        while at < run.end {
            let bit = at % WORD_BITS;
            let width = (WORD_BITS - bit).min(run.end - at);
            let mask = (u64::MAX >> (WORD_BITS - width)) << bit;
            if let Some(word) = self.words.get_mut(at / WORD_BITS) {
                *word |= mask;
            }
            at += width;
        }
    }

    /// Reads blocks of a segment with `rows` rows.
    pub(crate) fn read(cursor: &mut Cursor<'_>, rows: u64) -> Result<Self> {
        let limit = block_count(rows);
        let head = cursor.number()?;
        let mut blocks = Self::none();
        if head & 1 == 1 {
            if head != 1 {
                return Err(cursor.wrong("a set of blocks has no known form"));
            }
            for (position, byte) in cursor.take(limit.div_ceil(8))?.iter().enumerate() {
                for bit in (0..8).filter(|bit| byte & (1 << bit) != 0) {
                    let block = position * 8 + bit;
                    if block >= limit {
                        return Err(cursor.wrong("a block is outside the segment"));
                    }
                    blocks.insert(block..block + 1);
                }
            }
            return Ok(blocks);
        }
        let mut end = 0u64;
        for _ in 0..head >> 1 {
            let step = cursor.number()?;
            let start = end.saturating_add(step >> 1);
            let more = if step & 1 == 1 {
                cursor.number()?.saturating_add(1)
            } else {
                0
            };
            end = start.saturating_add(more).saturating_add(1);
            if end > limit as u64 {
                return Err(cursor.wrong("a block is outside the segment"));
            }
            blocks.insert(start as usize..end as usize);
        }
        Ok(blocks)
    }
}

/// Sets of the same blocks are equal, whatever room they take.
impl PartialEq for Blocks {
    fn eq(&self, other: &Self) -> bool {
        let longest = self.words.len().max(other.words.len());
        let word = |blocks: &Self, position: usize| blocks.words.get(position).copied().unwrap_or(0);
        (0..longest).all(|position| word(self, position) == word(other, position))
    }
}

impl Eq for Blocks {}

/// Returns the number of blocks of a segment with `rows` rows.
fn block_count(rows: u64) -> usize {
    usize::try_from(rows.div_ceil(BLOCK_ROWS)).unwrap_or(usize::MAX)
}

/// Blocks being gathered in ascending order. The run that is still growing is open, those before it are bytes already.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    start: u32,
    end: u32,
    closed_end: u32,
    closed_count: u32,
    closed: Vec<u8>,
}

impl Runs {
    /// Adds a block that is not before the last one, and returns by how many bytes that grew what is held.
    pub(crate) fn add(&mut self, block: u32) -> usize {
        if self.start == self.end {
            self.start = block;
            self.end = block + 1;
            return 0;
        }
        if block < self.end {
            return 0;
        }
        if block == self.end {
            self.end += 1;
            return 0;
        }
        let before = self.closed.capacity();
        put_run(&mut self.closed, self.closed_end, self.start, self.end);
        self.closed_end = self.end;
        self.closed_count += 1;
        self.start = block;
        self.end = block + 1;
        self.closed.capacity() - before
    }

    /// Returns about how many bytes they take in the file.
    pub(crate) fn bytes(&self) -> usize {
        self.closed.len()
    }

    /// Appends the blocks in the form that [`Blocks::read`] reads.
    pub(crate) fn write(&self, out: &mut Vec<u8>, rows: u64) {
        let has_open = self.start < self.end;
        let mut runs = Vec::with_capacity(self.closed.len() + 16);
        varint::put(&mut runs, (u64::from(self.closed_count) + u64::from(has_open)) << 1);
        runs.extend_from_slice(&self.closed);
        if has_open {
            put_run(&mut runs, self.closed_end, self.start, self.end);
        }
        let bitmap_bytes = block_count(rows).div_ceil(8);
        if runs.len() <= bitmap_bytes + 1 {
            out.extend_from_slice(&runs);
            return;
        }
        // Not readable they cannot be; if they were, everywhere is the answer that misses nothing.
        let blocks = Blocks::read(&mut Cursor::new("the blocks", &runs), rows).unwrap_or_else(|_| Blocks::all(rows));
        varint::put(out, 1);
        let bytes = blocks.words.iter().flat_map(|word| word.to_le_bytes());
        out.extend(bytes.chain(std::iter::repeat(0)).take(bitmap_bytes));
    }
}

/// Appends one run: how far it is from the last one's end, and how long it is where that is more than one block.
fn put_run(out: &mut Vec<u8>, last_end: u32, start: u32, end: u32) {
    let gap = u64::from(start - last_end);
    let length = end - start;
    varint::put(out, gap << 1 | u64::from(length > 1));
    if length > 1 {
        varint::put(out, u64::from(length - 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(blocks: &[u32], rows: u64) -> Blocks {
        let mut runs = Runs::default();
        for block in blocks {
            runs.add(*block);
            runs.add(*block);
        }
        let mut bytes = Vec::new();
        runs.write(&mut bytes, rows);
        let mut cursor = Cursor::new("it", &bytes);
        let read = Blocks::read(&mut cursor, rows).unwrap();
        cursor.end().unwrap();
        read
    }

    fn numbers(blocks: &Blocks) -> Vec<u32> {
        blocks.runs().flatten().map(|block| block as u32).collect()
    }

    #[test]
    fn blocks_come_back_in_either_form() {
        let rows = 700 * BLOCK_ROWS - 5;
        let every: Vec<u32> = (0..700).collect();
        let odd: Vec<u32> = (1..700).step_by(2).collect();
        for blocks in [
            vec![],
            vec![0],
            vec![699],
            vec![3, 4, 5, 9, 63, 64, 65, 128],
            every,
            odd,
        ] {
            let read = written(&blocks, rows);
            assert_eq!(numbers(&read), blocks);
            assert_eq!(read.count(), blocks.len() as u64);
        }
        let mut bytes = Vec::new();
        let mut runs = Runs::default();
        (1..700).step_by(2).for_each(|block| {
            runs.add(block);
        });
        runs.write(&mut bytes, rows);
        assert!(
            bytes.len() < 90,
            "alternating blocks are a bitmap, not {} bytes",
            bytes.len()
        );
    }

    #[test]
    fn sets_are_united_and_intersected() {
        let rows = 300 * BLOCK_ROWS;
        let a = written(&[1, 2, 3, 200], rows);
        let b = written(&[3, 4], rows);
        let mut both = a.clone();
        both.intersect(&b);
        assert_eq!(numbers(&both), [3]);
        let mut either = b.clone();
        either.unite(&a);
        assert_eq!(numbers(&either), [1, 2, 3, 4, 200]);
        both.intersect(&Blocks::none());
        assert_eq!(both, Blocks::none());
        assert!(both.is_empty());
        let mut all = Blocks::all(rows);
        all.intersect(&a);
        assert_eq!(all, a);
    }

    #[test]
    fn rows_end_with_the_segment() {
        let rows = 2 * BLOCK_ROWS + 10;
        let ranges: Vec<Range<u64>> = written(&[0, 2], rows).row_ranges(rows).collect();
        assert_eq!(ranges, [0..BLOCK_ROWS, 2 * BLOCK_ROWS..rows]);
        assert!(Blocks::all(rows).row_ranges(rows).eq(std::iter::once(0..rows)));
        assert_eq!(Blocks::all(0).row_ranges(0).count(), 0);
    }

    #[test]
    fn blocks_outside_the_segment_are_refused() {
        let rows = 10 * BLOCK_ROWS;
        for bytes in [
            vec![2, 20],
            vec![2, 1, 9],
            vec![1, 0xff, 0xff],
            vec![0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0],
            vec![1, 0xff],
        ] {
            assert!(Blocks::read(&mut Cursor::new("it", &bytes), rows).is_err(), "{bytes:?}");
        }
    }
}
