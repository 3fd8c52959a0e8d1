//! Numbers compared exactly: whole numbers are not rounded through floating point.

use std::cmp::Ordering;

/// A number of a rule or an event.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A whole number; wide enough for signed and unsigned 64-bit numbers.
    Integer(i128),
    /// A number with a fraction or an exponent.
    Float(f64),
}

impl Number {
    /// Returns the number that a text is, or `None`. Surrounding blanks, `inf` and `nan` are not numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let starts_like_one = text
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.'));
        if !starts_like_one {
            return None;
        }
        if let Ok(whole) = text.parse::<i128>() {
            return Some(Self::Integer(whole));
        }
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
        Some(Self::Float(float))
    }

    /// Returns how this number stands to another; `None` where one is not a number.
    #[must_use]
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => Some(one.cmp(&two)),
            (Self::Float(one), Self::Float(two)) => one.partial_cmp(&two),
            (Self::Integer(one), Self::Float(two)) => compare_mixed(one, two),
            (Self::Float(one), Self::Integer(two)) => compare_mixed(two, one).map(Ordering::reverse),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.compare(*other) == Some(Ordering::Equal)
    }
}

/// Compares without rounding the whole number: its integral part first, the fraction where those are equal.
fn compare_mixed(whole: i128, float: f64) -> Option<Ordering> {
    /// Beyond this a float is larger than any 64-bit number, and the cast below would saturate.
    const LARGEST: f64 = 1e30;
    if float.is_nan() {
        return None;
    }
    if float >= LARGEST {
        return Some(Ordering::Less);
    }
    if float <= -LARGEST {
        return Some(Ordering::Greater);
    }
    let truncated = float.trunc() as i128;
    Some(
        whole
            .cmp(&truncated)
            .then_with(|| 0.0_f64.total_cmp(&(float.fract() + 0.0))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_not_rounded() {
        let one = Number::Integer(9_007_199_254_740_993);
        let two = Number::Integer(9_007_199_254_740_992);
        assert_ne!(one, two);
        assert_eq!(two, Number::Float(9_007_199_254_740_992.0));
        assert_eq!(
            one.compare(Number::Float(9_007_199_254_740_992.0)),
            Some(Ordering::Greater)
        );
    }

    #[test]
    fn whole_and_broken_numbers_compare_by_value() {
        assert_eq!(Number::Integer(1), Number::Float(1.0));
        assert_eq!(Number::Integer(0), Number::Float(-0.0));
        assert_eq!(Number::Float(1.5).compare(Number::Integer(1)), Some(Ordering::Greater));
        assert_eq!(
            Number::Integer(-1).compare(Number::Float(-1.5)),
            Some(Ordering::Greater)
        );
        assert_eq!(Number::Integer(-2).compare(Number::Float(-1.5)), Some(Ordering::Less));
        assert_eq!(
            Number::Integer(i128::from(u64::MAX)).compare(Number::Float(1e300)),
            Some(Ordering::Less)
        );
        assert_eq!(Number::Integer(1).compare(Number::Float(f64::NAN)), None);
    }

    #[test]
    fn words_are_not_numbers() {
        for text in ["", "abc", "inf", "-inf", "nan", " 1", "1 ", "1,000", "0x10", "1e999"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
        assert_eq!(Number::parse("1e3"), Some(Number::Integer(1000)));
        assert_eq!(Number::parse("-7"), Some(Number::Integer(-7)));
        assert_eq!(Number::parse("007"), Some(Number::Integer(7)));
    }
}
