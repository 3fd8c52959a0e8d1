//! Distinct texts, numbered in the order of their first sight, one after the other in one piece of memory.

use std::cmp::Ordering;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Distinct texts.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    bytes: String,
    ends: Vec<usize>,
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Texts {
    /// Returns the number of the text, taking it in where it is new.
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text);
        let (bytes, ends) = (&self.bytes, &self.ends);
        if let Some(number) = self.numbers.find(hash, |number| text_at(bytes, ends, *number) == text) {
            return *number;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        self.numbers
            .insert_unique(hash, number, |number| hasher.hash_one(text_at(bytes, ends, *number)));
        number
    }

    /// Returns the text with this number, empty where there is none.
    pub(crate) fn get(&self, number: u32) -> &str {
        text_at(&self.bytes, &self.ends, number)
    }

    /// Returns how many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns the numbers in the order in which their texts stand in a file.
    pub(crate) fn sorted(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.len() as u32).collect();
        numbers.sort_unstable_by(|a, b| order(self.get(*a).as_bytes(), self.get(*b).as_bytes()));
        numbers
    }

    /// Returns the memory that they take.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>() + self.numbers.allocation_size()
    }
}

/// Compares texts in the order of a file: those that differ in the case of Latin letters alone stand together, so that one
/// look finds them whatever their case.
pub(crate) fn order(a: &[u8], b: &[u8]) -> Ordering {
    folded(a).cmp(folded(b)).then_with(|| a.cmp(b))
}

/// Returns the bytes of a text in which letters of ASCII are small. The Kelvin sign and the long s count as `k` and `s`, as
/// they do wherever case is ignored.
pub(crate) fn folded(text: &[u8]) -> impl Iterator<Item = u8> + Clone + '_ {
    let mut rest = text;
    std::iter::from_fn(move || match rest {
        [0xe2, 0x84, 0xaa, after @ ..] => {
            rest = after;
            Some(b'k')
        }
        [0xc5, 0xbf, after @ ..] => {
            rest = after;
            Some(b's')
        }
        [first, after @ ..] => {
            rest = after;
            Some(first.to_ascii_lowercase())
        }
        [] => None,
    })
}

fn text_at<'a>(bytes: &'a str, ends: &[usize], number: u32) -> &'a str {
    let number = number as usize;
    let start = number
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    let end = ends.get(number).copied().unwrap_or(start);
    bytes.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_case_stand_together() {
        let mut texts = ["b", "B", "Ab", "aB", "ac", "\u{212a}", "k", "K", "\u{17f}", "関", "t"];
        texts.sort_by(|a, b| order(a.as_bytes(), b.as_bytes()));
        assert_eq!(
            texts,
            ["Ab", "aB", "ac", "B", "b", "K", "k", "\u{212a}", "\u{17f}", "t", "関"]
        );
    }

    #[test]
    fn texts_are_numbered_once() {
        let mut texts = Texts::default();
        for (text, number) in [("b", 0), ("", 1), ("関所", 2), ("b", 0), ("a", 3), ("", 1)] {
            assert_eq!(texts.number(text), number, "{text}");
            assert_eq!(texts.get(number), text);
        }
        assert_eq!(texts.sorted(), [1, 3, 0, 2]);
        assert_eq!(texts.get(99), "");
        (0..10_000).for_each(|number| {
            texts.number(&number.to_string());
        });
        assert_eq!((texts.len(), texts.number("9999")), (10_004, 10_003));
    }
}
