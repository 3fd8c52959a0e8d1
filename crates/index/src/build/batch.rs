//! A batch's columns as they are counted.

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch, StringArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{Int32Type, TimestampMicrosecondType};

use crate::error::{IndexError, Result};

/// The times of a batch's rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times<'a> {
    values: &'a [i64],
    nulls: Option<&'a NullBuffer>,
}

impl<'a> Times<'a> {
    /// Returns the times in `column`; without the column there are none.
    pub(crate) fn of(batch: &'a RecordBatch, column: &str) -> Result<Self> {
        let Some(array) = batch.column_by_name(column) else {
            return Ok(Self {
                values: &[],
                nulls: None,
            });
        };
        let times = array
            .as_primitive_opt::<TimestampMicrosecondType>()
            .ok_or_else(|| IndexError::TimeType {
                column: column.to_owned(),
                found: array.data_type().to_string(),
            })?;
        Ok(Self {
            values: times.values(),
            nulls: times.nulls(),
        })
    }

    /// Returns the time of a row.
    #[inline]
    pub(crate) fn at(&self, row: usize) -> Option<i64> {
        match self.nulls {
            Some(nulls) if nulls.is_null(row) => None,
            _ => self.values.get(row).copied(),
        }
    }
}

/// A column of texts in either encoding.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TextColumn<'a> {
    /// Each row names its text by a number.
    Dictionary(&'a DictionaryArray<Int32Type>, &'a StringArray),
    /// Each row has its text.
    Plain(&'a StringArray),
}

impl<'a> TextColumn<'a> {
    /// Returns the texts of `array`, where it holds some.
    pub(crate) fn of(array: &'a ArrayRef) -> Option<Self> {
        if let Some(plain) = array.as_string_opt::<i32>() {
            return Some(Self::Plain(plain));
        }
        let dictionary = array.as_dictionary_opt::<Int32Type>()?;
        let values = dictionary.values().as_string_opt::<i32>()?;
        Some(Self::Dictionary(dictionary, values))
    }

    /// Returns a number that rows with different texts do not share; what is null may have several.
    #[inline]
    pub(crate) fn local(&self, row: usize) -> u32 {
        match self {
            Self::Dictionary(dictionary, _) if dictionary.is_null(row) => u32::MAX,
            Self::Dictionary(dictionary, _) => dictionary.keys().values().get(row).map_or(u32::MAX, |key| *key as u32),
            Self::Plain(_) => row as u32,
        }
    }

    /// Returns the text of a row.
    pub(crate) fn at(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::Dictionary(dictionary, values) => {
                let key = dictionary.key(row)?;
                (key < values.len() && values.is_valid(key)).then(|| values.value(key))
            }
            Self::Plain(values) => values.is_valid(row).then(|| values.value(row)),
        }
    }
}
