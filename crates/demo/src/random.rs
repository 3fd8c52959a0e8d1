//! Randomness that stays the same forever.
//!
//! SplitMix64 (Steele, Lea, Flood 2014) written out, and whole numbers only: no library's next version and no
//! platform's floating point can change what a seed gives.

/// Letters of Salesforce's keys: case matters, and `+` and `/` occur.
const KEY_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const KEY_LENGTH: usize = 16;

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Returns the stream of a seed and a label: streams of different labels have nothing to do with each other, so that
    /// more normal life does not change what attackers do.
    pub(crate) fn new(seed: u64, label: &str) -> Self {
        // FNV-1a.
        let mixed = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state: seed ^ mixed }
    }

    /// Returns 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from `low` to `high`, both inside; `low` where they are the wrong way round.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low))
            .unwrap_or(0)
            .min(u64::from(u32::MAX) - 1)
            + 1;
        let offset = (u128::from(self.bits()) * u128::from(width)) >> 64;
        low + i64::try_from(offset).unwrap_or(0)
    }

    /// Returns true so many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: i64) -> bool {
        self.between(0, 999) < per_mille
    }

    /// Returns an index below `length`; 0 where there is none.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        let last = i64::try_from(length).unwrap_or(i64::MAX).saturating_sub(1);
        usize::try_from(self.between(0, last)).unwrap_or(0)
    }

    /// Returns one of `choices`, which are constants of ours and never empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// Returns the index of a choice by its weight.
    pub(crate) fn weighted(&mut self, weights: &[i64]) -> usize {
        let total: i64 = weights.iter().sum();
        let mut at = self.between(0, total - 1);
        for (index, weight) in weights.iter().enumerate() {
            if at < *weight {
                return index;
            }
            at -= weight;
        }
        0
    }

    /// Returns a count between half and one and a half of `mean_percent` hundredths.
    pub(crate) fn about(&mut self, mean_percent: i64) -> i64 {
        let drawn = self.between(mean_percent / 2, mean_percent + mean_percent / 2);
        let rest = drawn % 100;
        drawn / 100 + i64::from(self.between(0, 99) < rest)
    }

    /// Returns a login or session key: 16 characters as the platform makes them.
    pub(crate) fn key(&mut self) -> String {
        (0..KEY_LENGTH)
            .map(|_| char::from(KEY_LETTERS[(self.bits() >> 58) as usize]))
            .collect()
    }

    /// Returns `length` hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let bits = self.bits();
            let digits = format!("{bits:016x}");
            let rest = length - text.len();
            text.push_str(&digits[..rest.min(digits.len())]);
        }
        text
    }

    /// Returns a random (version 4) UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }

    /// Returns a transaction id as EventLogFile rows carry it: 22 characters.
    pub(crate) fn request_id(&mut self) -> String {
        const LETTERS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
        let mut text = String::with_capacity(22);
        text.push_str("4p");
        let (mut high, mut low) = (self.bits(), self.bits());
        for _ in 0..10 {
            text.push(char::from(LETTERS[(high & 63) as usize]));
            text.push(char::from(LETTERS[(low & 63) as usize]));
            high >>= 6;
            low >>= 6;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // First outputs for state 1234567, as published with the reference implementation.
        let mut random = Random { state: 1_234_567 };
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut random = Random::new(1, "test");
        for _ in 0..2_000 {
            assert!((-3..=3).contains(&random.between(-3, 3)));
            assert!((2..=9).contains(&random.about(500)));
        }
        assert_eq!(random.between(5, 5), 5);
        assert_eq!(random.key().len(), 16);
        assert_eq!(random.request_id().len(), 22);
        assert_eq!(random.uuid().len(), 36);
        assert_eq!(random.hex(20).len(), 20);
    }

    #[test]
    fn labels_make_streams_of_their_own() {
        assert_ne!(Random::new(1, "a").bits(), Random::new(1, "b").bits());
    }
}
