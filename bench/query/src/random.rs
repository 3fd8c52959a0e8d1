//! The same numbers on every machine.

/// Xorshift with a multiplier: quick, and good enough that text made of it does not compress by accident.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below `bound`, each as likely.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Returns a number below `bound`, the small ones far more often.
    pub(crate) fn skewed(&mut self, bound: u64) -> u64 {
        let first = self.below(bound);
        let second = self.below(first + 1);
        self.below(second + 1)
    }
}
