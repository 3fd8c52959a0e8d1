//! Texts that repeat: each goes into the dictionary once, and a row has its place there.

use std::hash::BuildHasher;

use arrow::array::{Array, AsArray, DictionaryArray, StringArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::Int32Type;
use hashbrown::{DefaultHashBuilder, HashTable};

/// The bytes of a row group's dictionary. Texts that need more do not repeat enough to pay for it.
const MAX_DICTIONARY_BYTES: usize = 1 << 20;

/// A place of the batch's dictionary that no row has used yet.
const UNSEEN: u32 = u32::MAX;

/// What stands before each text of a dictionary page.
const LENGTH_BYTES: usize = size_of::<u32>();

/// Texts as batches have them.
pub(super) type Rows = DictionaryArray<Int32Type>;

/// The dictionary of a row group, and the places of a page's rows in it.
#[derive(Default)]
pub(super) struct Words {
    dictionary: Dictionary,
    /// Places of the batch's dictionary in ours.
    places: Vec<u32>,
    /// The page's rows.
    pub(super) keys: Vec<u32>,
}

/// The texts of a row group, each once.
#[derive(Default)]
struct Dictionary {
    /// As the dictionary page has them: each with its length before it.
    body: Vec<u8>,
    /// Where each text starts in `body`, behind its length.
    starts: Vec<u32>,
    lookup: HashTable<u32>,
    /// Seeded anew for each column: texts are attacker-written.
    hashing: DefaultHashBuilder,
}

impl Words {
    /// Adds rows to the page. Returns false, having added none, where the dictionary has no room for their texts.
    pub(super) fn append(&mut self, rows: &Rows, nulls: Option<&NullBuffer>) -> bool {
        let Some(texts) = rows.values().as_string_opt::<i32>() else {
            return false;
        };
        let before = self.keys.len();
        self.places.clear();
        self.places.resize(texts.len(), UNSEEN);
        let keys = rows.keys().values();
        self.keys.reserve(keys.len());
        let is_whole = match nulls {
            None => keys.iter().all(|key| self.push(*key, texts)),
            Some(nulls) => nulls.valid_indices().all(|row| self.push(keys[row], texts)),
        };
        if !is_whole {
            self.keys.truncate(before);
        }
        is_whole
    }

    /// Returns how many texts there are.
    pub(super) fn len(&self) -> usize {
        self.dictionary.starts.len()
    }

    /// Returns the dictionary page.
    pub(super) fn body(&self) -> &[u8] {
        &self.dictionary.body
    }

    /// Returns the least and the greatest text.
    pub(super) fn bounds(&self) -> Option<(&[u8], &[u8])> {
        let Dictionary { body, starts, .. } = &self.dictionary;
        let texts = || (0..starts.len() as u32).map(|place| text_at(body, starts, place));
        Some((texts().min()?, texts().max()?))
    }

    /// Starts the dictionary of the next row group.
    pub(super) fn clear(&mut self) {
        self.dictionary.body.clear();
        self.dictionary.starts.clear();
        self.dictionary.lookup.clear();
        self.keys.clear();
    }

    /// Gives memory back, but for so many bytes a buffer. Between row groups nothing is lost.
    pub(super) fn shrink(&mut self, kept_bytes: usize) {
        let kept = kept_bytes / size_of::<u32>();
        self.places.clear();
        self.places.shrink_to(kept);
        self.keys.shrink_to(kept);
        self.dictionary.body.shrink_to(kept_bytes);
        self.dictionary.starts.shrink_to(kept);
        self.dictionary.lookup.shrink_to(kept, |_| 0);
    }

    pub(super) fn bytes_held(&self) -> usize {
        let Dictionary {
            body, starts, lookup, ..
        } = &self.dictionary;
        let numbers = starts.capacity() + lookup.capacity() + self.places.capacity() + self.keys.capacity();
        body.capacity() + numbers * size_of::<u32>()
    }

    fn push(&mut self, key: i32, texts: &StringArray) -> bool {
        let Some(place) = self.places.get_mut(key as usize) else {
            return false;
        };
        if *place == UNSEEN {
            let text = texts.value(key as usize).as_bytes();
            let Some(known) = self.dictionary.place_of(text) else {
                return false;
            };
            *place = known;
        }
        self.keys.push(*place);
        true
    }
}

impl Dictionary {
    /// Returns the place of a text, which is added where it is new; `None` where there is no room for it.
    fn place_of(&mut self, text: &[u8]) -> Option<u32> {
        let Self {
            body,
            starts,
            lookup,
            hashing,
        } = self;
        let hash = hashing.hash_one(text);
        let is_it = |place: &u32| text_at(body, starts, *place) == text;
        if let Some(place) = lookup.find(hash, is_it) {
            return Some(*place);
        }
        if body.len() + text.len() > MAX_DICTIONARY_BYTES {
            return None;
        }
        let place = u32::try_from(starts.len()).ok()?;
        body.extend_from_slice(&(text.len() as u32).to_le_bytes());
        starts.push(body.len() as u32);
        body.extend_from_slice(text);
        lookup.insert_unique(hash, place, |place| hashing.hash_one(text_at(body, starts, *place)));
        Some(place)
    }
}

/// Returns a text of the dictionary; the length of the next one stands behind it.
fn text_at<'b>(body: &'b [u8], starts: &[u32], place: u32) -> &'b [u8] {
    let place = place as usize;
    let start = starts.get(place).map_or(0, |start| *start as usize);
    let end = starts
        .get(place + 1)
        .map_or(body.len(), |next| *next as usize - LENGTH_BYTES);
    body.get(start..end).unwrap_or_default()
}
