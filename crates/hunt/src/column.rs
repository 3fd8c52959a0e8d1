//! Text columns of a batch, whatever Arrow type holds them: every row has a code, every code a text, so that a test
//! runs once per distinct value where the column is a dictionary.

use arrow::array::{Array, ArrayRef, AsArray, Int32Array, LargeStringArray, RecordBatch, StringArray, StringViewArray};
use arrow::datatypes::{DataType, Int32Type};

use crate::error::HuntError;

/// One text column.
#[derive(Debug, Clone)]
pub struct TextColumn {
    /// Codes of a dictionary; without one, the row is its own code.
    keys: Option<Int32Array>,
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    Small(StringArray),
    Large(LargeStringArray),
    View(StringViewArray),
    /// A column of nulls.
    Nothing,
}

impl TextColumn {
    /// Returns the column of this name; a column that the batch does not have holds nothing.
    pub fn of(batch: &RecordBatch, name: &str) -> Result<Self, HuntError> {
        match batch.column_by_name(name) {
            Some(column) => Self::new(column, name),
            None => Ok(Self {
                keys: None,
                values: Values::Nothing,
            }),
        }
    }

    fn new(column: &ArrayRef, name: &str) -> Result<Self, HuntError> {
        let wrong = || HuntError::NotCommon {
            what: format!("column `{name}` is {}, not text", column.data_type()),
        };
        if let DataType::Dictionary(_, value_type) = column.data_type() {
            let wanted = DataType::Dictionary(Box::new(DataType::Int32), value_type.clone());
            let cast = arrow::compute::cast(column, &wanted).map_err(|_| wrong())?;
            let dictionary = cast.as_dictionary_opt::<Int32Type>().ok_or_else(wrong)?;
            return Ok(Self {
                keys: Some(dictionary.keys().clone()),
                values: Values::of(dictionary.values()).ok_or_else(wrong)?,
            });
        }
        Ok(Self {
            keys: None,
            values: Values::of(column).ok_or_else(wrong)?,
        })
    }

    /// Returns how many codes there are.
    pub fn code_count(&self) -> usize {
        match &self.values {
            Values::Small(array) => array.len(),
            Values::Large(array) => array.len(),
            Values::View(array) => array.len(),
            Values::Nothing => 0,
        }
    }

    /// Returns the code of a row; `None` where the row has no value.
    pub fn code(&self, row: usize) -> Option<usize> {
        match &self.keys {
            Some(keys) => keys
                .is_valid(row)
                .then(|| usize::try_from(keys.value(row)).ok())
                .flatten(),
            None => (row < self.code_count()).then_some(row),
        }
    }

    /// Returns the text of a code; `None` for null and for blank text, which says as little.
    pub fn text(&self, code: usize) -> Option<&str> {
        let text = match &self.values {
            Values::Small(array) => array.is_valid(code).then(|| array.value(code)),
            Values::Large(array) => array.is_valid(code).then(|| array.value(code)),
            Values::View(array) => array.is_valid(code).then(|| array.value(code)),
            Values::Nothing => None,
        }?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// Returns the text of a row.
    pub fn at(&self, row: usize) -> Option<&str> {
        self.text(self.code(row)?)
    }

    /// Returns how many rows of the first `rows` have each code, and how many have none.
    pub(crate) fn counts(&self, rows: usize) -> Counts {
        let mut counts = Counts {
            by_code: vec![0; self.code_count()],
            without: 0,
        };
        for row in 0..rows {
            match self.code(row).and_then(|code| counts.by_code.get_mut(code)) {
                Some(count) => *count += 1,
                None => counts.without += 1,
            }
        }
        counts
    }
}

/// Rows per code of a column.
#[derive(Debug)]
pub(crate) struct Counts {
    pub(crate) by_code: Vec<u32>,
    pub(crate) without: u64,
}

impl Values {
    fn of(array: &ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Utf8 => Some(Self::Small(array.as_string::<i32>().clone())),
            DataType::LargeUtf8 => Some(Self::Large(array.as_string::<i64>().clone())),
            DataType::Utf8View => Some(Self::View(array.as_string_view().clone())),
            DataType::Null => Some(Self::Nothing),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, Int64Array};
    use arrow::datatypes::{Int8Type, UInt16Type};

    use super::*;

    #[test]
    fn every_text_type_reads_alike() {
        let words = vec![Some("a"), None, Some(""), Some("a")];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(words.clone())),
            Arc::new(LargeStringArray::from(words.clone())),
            Arc::new(StringViewArray::from(words.clone())),
            Arc::new(words.iter().copied().collect::<DictionaryArray<Int32Type>>()),
            Arc::new(words.iter().copied().collect::<DictionaryArray<Int8Type>>()),
            Arc::new(words.iter().copied().collect::<DictionaryArray<UInt16Type>>()),
        ];
        for column in columns {
            let text = TextColumn::new(&column, "x").unwrap();
            let read: Vec<Option<&str>> = (0..4).map(|row| text.at(row)).collect();
            assert_eq!(read, [Some("a"), None, None, Some("a")], "{}", column.data_type());
        }
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert!(TextColumn::new(&numbers, "x").is_err());
    }
}
