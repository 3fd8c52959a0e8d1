//! The time of generic JSON, which has no columns of its own: found by name (CONTRACT.md, "Generic JSON").

use std::borrow::Cow;

use sekisho_event::time::{CellZone, parse_cell};

use super::layout::Layout;
use crate::Options;
use crate::build::RowTime;
use crate::json_text::{self, Member};
use crate::route::TIME_FIELDS;

/// Reads the time field of generic JSON.
pub(super) struct NamedTime<'o> {
    field: Option<&'o str>,
    zone: CellZone<'o>,
}

impl<'o> NamedTime<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        Self {
            field: options.time_field.as_deref(),
            zone: options.zone.as_ref().map_or(CellZone::Refuse, CellZone::In),
        }
    }

    /// Returns the time of a generic row; rows of other tables have it in their columns.
    pub(super) fn of<'a>(&self, layout: &Layout, members: &[Member<'a>]) -> RowTime<'a> {
        if !layout.is_generic {
            return RowTime::InColumns;
        }
        let fields = match &self.field {
            Some(field) => std::slice::from_ref(field),
            None => &TIME_FIELDS[..],
        };
        let mut unread = None;
        for text in fields.iter().filter_map(|field| text_of(field, members)) {
            if let Some(at_us) = parse_cell(text.as_bytes(), self.zone).or_else(|| epoch_us(&text)) {
                return RowTime::At(at_us);
            }
            unread.get_or_insert(text);
        }
        unread.map_or(RowTime::InColumns, RowTime::Unread)
    }
}

fn text_of<'a>(field: &str, members: &[Member<'a>]) -> Option<Cow<'a, str>> {
    let (_, raw) = members.iter().find(|(name, _)| name == field)?;
    json_text::cell(raw).filter(|text| !text.is_empty())
}

/// Numbers in a time field are seconds, milliseconds, microseconds or nanoseconds since 1970: told by their size, which
/// is unambiguous from 1973 to 5138.
fn epoch_us(text: &str) -> Option<i64> {
    let number: f64 = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0)?;
    let to_us = match number {
        number if number < 1e11 => 1e6,
        number if number < 1e14 => 1e3,
        number if number < 1e17 => 1.0,
        number if number < 1e20 => 1e-3,
        _ => return None,
    };
    Some((number * to_us) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_time_fields_are_told_by_size() {
        let second = 1_700_000_000_000_000;
        for text in [
            "1700000000",
            "1700000000000",
            "1700000000000000",
            "1700000000000000000",
            "1700000000.0",
        ] {
            assert_eq!(epoch_us(text), Some(second), "{text}");
        }
        assert_eq!(["-1", "0", "NaN", "1e300", "x"].map(epoch_us), [None; 5]);
    }
}
