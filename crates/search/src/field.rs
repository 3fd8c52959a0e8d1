//! The fields that a search can name: the common columns.

use std::fmt;

use arrow::datatypes::DataType;
use sekisho_event::common::{self, COLUMNS};

/// What a field holds, and so what can be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Words, compared without regard to case.
    Text,
    /// Keys and ids, whose case counts: two that differ only in it are two.
    Key,
    /// Addresses; text, because platforms also write words there.
    Address,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Decimal,
    /// Points in time.
    Time,
}

/// A common column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field {
    name: &'static str,
    ty: FieldType,
}

/// The columns whose values are keys and ids of the platform or of ours.
const KEYS: [&str; 9] = [
    "event_uid",
    "actor_id",
    "app_id",
    "token_id",
    "login_key",
    "session_key",
    "record_id",
    "request_id",
    "related_uid",
];

/// The columns that hold addresses.
const ADDRESSES: [&str; 2] = ["src_ip", "forwarded_ip"];

/// The columns in which words without a field are looked for.
pub(crate) const WORD_FIELDS: [&str; 12] = [
    "actor",
    "src_ip",
    "user_agent",
    "app",
    "object",
    "target",
    "query",
    "message",
    "action",
    "record_id",
    "session_key",
    "login_key",
];

/// What other tools call our columns.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("agent", "user_agent"),
    ("application", "app"),
    ("date", "time"),
    ("event_type", "kind"),
    ("ip", "src_ip"),
    ("login", "login_key"),
    ("session", "session_key"),
    ("timestamp", "time"),
    ("ua", "user_agent"),
    ("uid", "event_uid"),
    ("user", "actor"),
    ("username", "actor"),
];

impl Field {
    /// Returns the field of a name, in any case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let column = COLUMNS.iter().find(|column| column.name.eq_ignore_ascii_case(name))?;
        let ty = match column.name {
            name if KEYS.contains(&name) => FieldType::Key,
            name if ADDRESSES.contains(&name) => FieldType::Address,
            name => plain_type(name),
        };
        Some(Self { name: column.name, ty })
    }

    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Returns what it holds.
    #[must_use]
    pub fn ty(self) -> FieldType {
        self.ty
    }

    /// Returns the fields in which words without a field are looked for.
    pub(crate) fn of_words() -> impl Iterator<Item = Self> {
        WORD_FIELDS.iter().filter_map(|name| Self::named(name))
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

fn plain_type(name: &str) -> FieldType {
    let schema = common::schema();
    match schema.field_with_name(name).map(arrow::datatypes::Field::data_type) {
        Ok(DataType::Int64) => FieldType::Integer,
        Ok(DataType::Float64) => FieldType::Decimal,
        Ok(DataType::Timestamp(..)) => FieldType::Time,
        _ => FieldType::Text,
    }
}

/// Returns the field that someone who wrote `name` most likely means.
pub(crate) fn nearest(name: &str) -> &'static str {
    let name = name.to_ascii_lowercase();
    if let Some((_, field)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
        return field;
    }
    let columns = COLUMNS.iter().map(|column| column.name);
    columns.min_by_key(|column| distance(&name, column)).unwrap_or_default()
}

/// The characters of a name that are looked at: more than our longest.
const MAX_NAME_CHARS: usize = 32;

/// Returns how many letters must be put in, taken out or changed to make one name of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, letter) in from.chars().take(MAX_NAME_CHARS).enumerate() {
        let mut diagonal = done;
        let mut left = done + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&to) {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            *cell = changed.min(diagonal + 1).min(left + 1);
            left = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("actor", "actor"), 0);
        assert_eq!(distance("acter", "actor"), 1);
        assert_eq!(distance("", "app"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_nearest_field_is_the_one_that_was_meant() {
        assert_eq!(nearest("acter"), "actor");
        assert_eq!(nearest("srcip"), "src_ip");
        assert_eq!(nearest("User"), "actor");
        assert_eq!(nearest("sesion_key"), "session_key");
        assert!(!nearest(&"x".repeat(10_000)).is_empty());
    }

    #[test]
    fn every_named_list_holds_fields() {
        let names = KEYS.iter().chain(&ADDRESSES).chain(&WORD_FIELDS);
        for name in names.chain(OTHER_NAMES.iter().map(|(_, field)| field)) {
            assert!(Field::named(name).is_some(), "{name}");
        }
        assert_eq!(Field::named("ROWS").map(Field::ty), Some(FieldType::Integer));
        assert_eq!(Field::named("time").map(Field::ty), Some(FieldType::Time));
        assert_eq!(Field::named("duration_ms").map(Field::ty), Some(FieldType::Decimal));
    }
}
