//! What counts share: where the common table is, and its rows as they are counted.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use sekisho_index::Index;

use super::INDEXED_TABLE;
use crate::catalogue::Segment;
use crate::name::{MAIN_SCHEMA, Name};
use crate::store::Inner;

/// The column that says when.
pub(super) const TIME: &str = "time";

/// The column that says where.
pub(super) const ORG: &str = "org";

/// Returns the name of the common table.
pub(super) fn common_name() -> Name {
    Name {
        schema: MAIN_SCHEMA.to_owned(),
        table: INDEXED_TABLE.to_owned(),
    }
}

/// Returns the index of a segment, where there is one.
pub(super) fn index_of(store: &Inner, segment: &Segment) -> Option<Arc<Index>> {
    super::open(&store.data_dir.join(&segment.path), segment.rows)
}

/// Returns how many rows the segments have.
pub(super) fn rows_of(segments: &[Segment]) -> u64 {
    segments.iter().map(|segment| segment.rows).sum()
}

/// A column of texts in any encoding.
pub(super) enum Texts<'a> {
    Plain(&'a StringArray),
    Dictionary(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Other,
}

impl<'a> Texts<'a> {
    pub(super) fn of(array: &'a ArrayRef) -> Self {
        if let Some(plain) = array.as_string_opt::<i32>() {
            return Self::Plain(plain);
        }
        let Some(dictionary) = array.as_dictionary_opt::<Int32Type>() else {
            return Self::Other;
        };
        match dictionary.values().as_string_opt::<i32>() {
            Some(values) => Self::Dictionary(dictionary, values),
            None => Self::Other,
        }
    }

    pub(super) fn at(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Plain(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::Dictionary(dictionary, values) => {
                let key = dictionary.key(row)?;
                (key < values.len() && values.is_valid(key)).then(|| values.value(key))
            }
            Self::Other => None,
        }
    }
}

/// The times of a batch's rows.
#[derive(Clone, Copy)]
pub(super) struct RowTimes<'a>(Option<&'a TimestampMicrosecondArray>);

impl<'a> RowTimes<'a> {
    pub(super) fn of(batch: &'a RecordBatch) -> Self {
        let times = batch.column_by_name(TIME);
        Self(times.and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>()))
    }

    pub(super) fn at(self, row: usize) -> Option<i64> {
        self.0.filter(|times| times.is_valid(row)).map(|times| times.value(row))
    }
}
