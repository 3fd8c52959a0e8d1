//! Dictionary columns: each text once, and a key for each row.

use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int32Builder, StringBuilder, new_null_array};
use arrow::datatypes::Int32Type;
use hashbrown::{DefaultHashBuilder, HashTable};
use sekisho_event::layout;

/// Builds a dictionary column. It remembers the last text: neighbours are often equal, and comparing is cheaper than hashing.
#[derive(Default)]
pub(crate) struct Words {
    keys: Int32Builder,
    texts: StringBuilder,
    lookup: HashTable<i32>,
    /// Seeded anew for each column: texts are attacker-written.
    hashing: DefaultHashBuilder,
    last: Option<i32>,
}

impl Words {
    /// Adds a row.
    pub(crate) fn append(&mut self, cell: Option<&str>) {
        let Some(text) = cell else {
            return self.keys.append_null();
        };
        if let Some(last) = self.last.filter(|last| text_at(&self.texts, *last) == text.as_bytes()) {
            return self.keys.append_value(last);
        }
        let hash = self.hashing.hash_one(text.as_bytes());
        let is_it = |key: &i32| text_at(&self.texts, *key) == text.as_bytes();
        let key = match self.lookup.find(hash, is_it) {
            Some(key) => *key,
            None => self.add(hash, text),
        };
        self.last = Some(key);
        self.keys.append_value(key);
    }

    /// Returns the rows so far and starts a new dictionary.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        self.last = None;
        self.lookup.clear();
        let keys = self.keys.finish();
        let texts = Arc::new(self.texts.finish());
        let rows = keys.len();
        DictionaryArray::<Int32Type>::try_new(keys, texts).map_or_else(
            |_| new_null_array(&layout::dictionary(), rows),
            |words| Arc::new(words) as ArrayRef,
        )
    }

    fn add(&mut self, hash: u64, text: &str) -> i32 {
        // A batch has far fewer rows than an `i32` has values.
        let key = i32::try_from(self.texts.offsets_slice().len() - 1).unwrap_or(i32::MAX);
        self.texts.append_value(text);
        let (texts, hashing) = (&self.texts, &self.hashing);
        self.lookup
            .insert_unique(hash, key, |key| hashing.hash_one(text_at(texts, *key)));
        key
    }
}

fn text_at(texts: &StringBuilder, key: i32) -> &[u8] {
    let offsets = texts.offsets_slice();
    let place = usize::try_from(key).unwrap_or_default();
    match (offsets.get(place), offsets.get(place + 1)) {
        (Some(start), Some(end)) => &texts.values_slice()[*start as usize..*end as usize],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use arrow::array::{Array, AsArray};

    use super::*;

    fn texts(array: &ArrayRef) -> Vec<Option<String>> {
        (0..array.len())
            .map(|row| sekisho_event::cells::text(array, row).map(|text| text.into_owned()))
            .collect()
    }

    #[test]
    fn words_are_shared_within_a_batch() {
        let mut words = Words::default();
        let rows = [Some("a"), Some("a"), None, Some(""), Some("b"), Some("a")];
        rows.iter().for_each(|word| words.append(*word));
        let array = words.finish();
        assert_eq!(array.as_dictionary::<Int32Type>().values().len(), 3);
        assert_eq!(texts(&array), rows.map(|word| word.map(str::to_owned)));
        words.append(Some("a"));
        let next = words.finish();
        assert_eq!(
            texts(&next),
            [Some("a".to_owned())],
            "a new batch starts with its own dictionary"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_words_come_back(rows in proptest::collection::vec(proptest::option::of("[ab]{0,3}"), 0..200)) {
            let mut words = Words::default();
            rows.iter().for_each(|word| words.append(word.as_deref()));
            let array = words.finish();
            let distinct: std::collections::HashSet<_> = rows.iter().flatten().collect();
            proptest::prop_assert_eq!(array.as_dictionary::<Int32Type>().values().len(), distinct.len());
            proptest::prop_assert_eq!(texts(&array), rows);
        }
    }
}
