//! The least and the greatest value of a page and of a row group.

use super::chunk::PageBounds;

/// A value that has an order.
pub(super) trait Ordered: Copy + PartialOrd {
    /// Returns the value as the file has it.
    fn bytes(self) -> Vec<u8>;

    /// Returns bounds as the format wants them; `None` for values that have no place in the order.
    fn settled(min: Self, max: Self) -> Option<(Self, Self)>;
}

impl Ordered for i64 {
    fn bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }

    fn settled(min: Self, max: Self) -> Option<(Self, Self)> {
        Some((min, max))
    }
}

impl Ordered for bool {
    fn bytes(self) -> Vec<u8> {
        vec![u8::from(self)]
    }

    fn settled(min: Self, max: Self) -> Option<(Self, Self)> {
        Some((min, max))
    }
}

impl Ordered for f64 {
    fn bytes(self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }

    /// Both zeros must lie within bounds that are zero.
    fn settled(min: Self, max: Self) -> Option<(Self, Self)> {
        let is_known = !min.is_nan() && !max.is_nan();
        let min = if min == 0.0 { -0.0 } else { min };
        let max = if max == 0.0 { 0.0 } else { max };
        is_known.then_some((min, max))
    }
}

/// Bounds of the page being built and of the row group.
pub(super) struct Bounds<T> {
    page: Option<(T, T)>,
    group: Option<(T, T)>,
    /// A page had values without an order.
    is_unknown: bool,
}

impl<T> Default for Bounds<T> {
    fn default() -> Self {
        Self {
            page: None,
            group: None,
            is_unknown: false,
        }
    }
}

impl<T: Ordered> Bounds<T> {
    /// Adds a value of the page.
    pub(super) fn add(&mut self, value: T) {
        self.page = Some(widened(self.page, value, value));
    }

    /// Adds the values of a page and ends it.
    pub(super) fn add_page(&mut self, values: &[T]) -> Option<PageBounds> {
        let (first, rest) = values.split_first()?;
        let (mut min, mut max) = (*first, *first);
        for value in rest {
            min = if *value < min { *value } else { min };
            max = if *value > max { *value } else { max };
        }
        // What is not comparable is not less and not greater; it must not be overlooked.
        let is_ordered = values.iter().all(|value| value.partial_cmp(value).is_some());
        if !is_ordered {
            self.is_unknown = true;
            return None;
        }
        self.page = Some((min, max));
        self.end_page()
    }

    /// Ends the page and returns its bounds, where it has any.
    pub(super) fn end_page(&mut self) -> Option<PageBounds> {
        let (min, max) = self.page.take()?;
        let (min, max) = T::settled(min, max)?;
        self.group = Some(widened(self.group, min, max));
        Some(PageBounds {
            min: min.bytes(),
            max: max.bytes(),
        })
    }

    /// Returns the bounds of the row group and starts the next one's.
    pub(super) fn take(&mut self) -> (Option<T>, Option<T>) {
        let Self { group, is_unknown, .. } = std::mem::take(self);
        group.filter(|_| !is_unknown).unzip()
    }
}

fn widened<T: PartialOrd + Copy>(known: Option<(T, T)>, min: T, max: T) -> (T, T) {
    match known {
        None => (min, max),
        Some((least, greatest)) => (
            if min < least { min } else { least },
            if max > greatest { max } else { greatest },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_every_value_or_are_not_known() {
        let mut bounds = Bounds::<f64>::default();
        assert!(bounds.add_page(&[]).is_none());
        let page = bounds.add_page(&[0.0, 2.5]).unwrap();
        assert_eq!(page.min, (-0.0_f64).to_le_bytes());
        assert!(bounds.add_page(&[-1.0]).is_some());
        assert_eq!(bounds.take(), (Some(-1.0), Some(2.5)));
        assert!(bounds.add_page(&[1.0, f64::NAN]).is_none());
        assert!(bounds.add_page(&[1.0]).is_some());
        assert_eq!(bounds.take(), (None, None));
        assert!(bounds.add_page(&[3.0]).is_some());
        assert_eq!(bounds.take(), (Some(3.0), Some(3.0)));
    }
}
