//! Texts as numbers: each distinct text of a query's column gets one, and the number leads back to the text.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, Int32Array, StringViewArray, make_view};
use arrow::buffer::{Buffer, ScalarBuffer};
use datafusion::common::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use hashbrown::{DefaultHashBuilder, HashTable};

/// Texts are kept in blocks of this size, which results share: few enough to list with each batch of a result.
const BLOCK_BYTES: usize = 1024 * 1024;

/// Memory is asked of the query's pool in such steps.
const STEP_BYTES: usize = 256 * 1024;

/// What a text takes beside its bytes: its place, and its entry in the table with the table's slack.
const ENTRY_BYTES: usize = size_of::<Place>() + 3 * size_of::<i32>();

/// The distinct texts of one column of a query.
#[derive(Debug)]
pub(super) struct Texts {
    kept: Mutex<Kept>,
    is_full: Arc<AtomicBool>,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    block: u32,
    offset: u32,
    length: u32,
}

#[derive(Debug)]
struct Kept {
    places: Vec<Place>,
    /// Blocks that are full.
    blocks: Vec<Buffer>,
    /// The block being filled.
    open: Vec<u8>,
    codes: HashTable<i32>,
    hasher: DefaultHashBuilder,
    reservation: MemoryReservation,
    used_bytes: usize,
}

impl Texts {
    /// Returns no texts yet. Memory comes from `pool`; `is_full` is set when it has no more.
    pub(super) fn new(pool: &Arc<dyn MemoryPool>, is_full: Arc<AtomicBool>) -> Self {
        let kept = Kept {
            places: Vec::new(),
            blocks: Vec::new(),
            open: Vec::new(),
            codes: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            reservation: MemoryConsumer::new("distinct texts of groups").register(pool),
            used_bytes: 0,
        };
        Self {
            kept: Mutex::new(kept),
            is_full,
        }
    }

    /// Calls `set` with the code of each of the texts, in their order.
    pub(super) fn codes_of<'a>(
        &self,
        texts: impl Iterator<Item = &'a str>,
        mut set: impl FnMut(i32),
    ) -> Result<(), DataFusionError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for text in texts {
            match kept.code_of(text) {
                Ok(code) => set(code),
                Err(error) => {
                    self.is_full.store(true, Ordering::Release);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Returns the texts of codes.
    pub(super) fn texts_of(&self, codes: &Int32Array) -> Result<ArrayRef, DataFusionError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.close_block();
        let views: ScalarBuffer<u128> = codes.iter().map(|code| kept.view(code)).collect();
        let blocks = kept.blocks.clone();
        drop(kept);
        let texts = StringViewArray::try_new(views, blocks, codes.nulls().cloned())?;
        Ok(Arc::new(texts))
    }
}

impl Kept {
    fn code_of(&mut self, text: &str) -> Result<i32, DataFusionError> {
        let hash = self.hasher.hash_one(text.as_bytes());
        let found = self.codes.find(hash, |code| self.text(*code) == text.as_bytes());
        if let Some(code) = found {
            return Ok(*code);
        }
        self.reserve(text.len() + ENTRY_BYTES)?;
        let code = i32::try_from(self.places.len()).map_err(|_| too_many())?;
        let place = self.push(text)?;
        self.places.push(place);
        let Self {
            codes,
            places,
            blocks,
            open,
            hasher,
            ..
        } = self;
        codes.insert_unique(hash, code, |code| hasher.hash_one(slice(places, blocks, open, *code)));
        Ok(code)
    }

    fn reserve(&mut self, bytes: usize) -> Result<(), DataFusionError> {
        self.used_bytes += bytes;
        if self.used_bytes > self.reservation.size() {
            let missing = self.used_bytes - self.reservation.size();
            self.reservation.try_grow(missing.max(STEP_BYTES))?;
        }
        Ok(())
    }

    fn push(&mut self, text: &str) -> Result<Place, DataFusionError> {
        if !self.open.is_empty() && self.open.len() + text.len() > BLOCK_BYTES {
            self.close_block();
        }
        let place = Place {
            block: u32::try_from(self.blocks.len()).map_err(|_| too_many())?,
            offset: u32::try_from(self.open.len()).map_err(|_| too_many())?,
            length: u32::try_from(text.len()).map_err(|_| too_many())?,
        };
        self.open.extend_from_slice(text.as_bytes());
        Ok(place)
    }

    fn close_block(&mut self) {
        if !self.open.is_empty() {
            self.blocks.push(Buffer::from_vec(std::mem::take(&mut self.open)));
        }
    }

    fn text(&self, code: i32) -> &[u8] {
        slice(&self.places, &self.blocks, &self.open, code)
    }

    fn view(&self, code: Option<i32>) -> u128 {
        let place = code.and_then(|code| self.places.get(usize::try_from(code).ok()?));
        match (code, place) {
            (Some(code), Some(place)) => make_view(self.text(code), place.block, place.offset),
            _ => 0,
        }
    }
}

fn slice<'a>(places: &[Place], blocks: &'a [Buffer], open: &'a [u8], code: i32) -> &'a [u8] {
    let place = usize::try_from(code).ok().and_then(|code| places.get(code));
    let Some(place) = place else { return &[] };
    let block = blocks.get(place.block as usize).map_or(open, Buffer::as_slice);
    let start = place.offset as usize;
    block.get(start..start + place.length as usize).unwrap_or_default()
}

fn too_many() -> DataFusionError {
    DataFusionError::ResourcesExhausted("more distinct texts than can be numbered".to_owned())
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use datafusion::execution::memory_pool::GreedyMemoryPool;

    use super::*;

    fn texts(bytes: usize) -> Texts {
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(bytes));
        Texts::new(&pool, Arc::default())
    }

    #[test]
    fn numbers_lead_back_to_texts_whatever_their_length() {
        let texts = texts(16 * BLOCK_BYTES);
        let long = "x".repeat(BLOCK_BYTES + 7);
        let given = ["", "short", "a text that is longer than a view", &long, "short", "é"];
        let mut codes = Vec::new();
        texts.codes_of(given.into_iter(), |code| codes.push(code)).unwrap();
        assert_eq!(codes, [0, 1, 2, 3, 1, 4]);
        // A second time, and after a result has closed the block.
        let column = Int32Array::from(vec![Some(4), None, Some(3), Some(0), Some(2)]);
        let back = texts.texts_of(&column).unwrap();
        let back: Vec<Option<&str>> = back.as_string_view().iter().collect();
        assert_eq!(back, [Some("é"), None, Some(long.as_str()), Some(""), Some(given[2])]);
        texts
            .codes_of(["new", "short"].into_iter(), |code| codes.push(code))
            .unwrap();
        assert_eq!(codes[6..], [5, 1]);
    }

    #[test]
    fn many_texts_keep_their_numbers_while_the_table_grows() {
        let texts = texts(64 * BLOCK_BYTES);
        let given: Vec<String> = (0..100_000).map(|number| format!("text {number}")).collect();
        let mut codes = Vec::new();
        for _ in 0..2 {
            codes.clear();
            let each = given.iter().map(String::as_str);
            texts.codes_of(each, |code| codes.push(code)).unwrap();
        }
        assert_eq!(codes, Vec::from_iter(0..100_000));
    }

    #[test]
    fn memory_is_the_pools() {
        let texts = texts(4 * BLOCK_BYTES);
        let given: Vec<String> = (0..10_000).map(|number| format!("{number:0>1000}")).collect();
        let error = texts.codes_of(given.iter().map(String::as_str), |_| {}).unwrap_err();
        assert!(matches!(error, DataFusionError::ResourcesExhausted(_)));
        assert!(texts.is_full.load(Ordering::Acquire));
    }
}
