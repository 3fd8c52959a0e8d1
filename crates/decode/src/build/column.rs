//! Building one column: text to its type, and whether the text can be printed back.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, DictionaryArray, Float64Array, Float64Builder, Int32Array, Int64Builder,
    StringArray, StringBuilder, StringDictionaryBuilder, TimestampMicrosecondBuilder, new_null_array,
};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use arrow::error::ArrowError;
use sekisho_event::catalogue::{Column, ColumnType, Distinct};
use sekisho_event::layout;
use sekisho_event::time::{CellZone, is_rfc3339_of, parse_cell};

/// Builds one catalogue column.
pub(crate) enum ColumnBuilder {
    Words(Box<Words>),
    Text(StringBuilder),
    Integer(Int64Builder),
    Decimal(Float64Builder, String),
    Boolean(BooleanBuilder),
    Time(TimestampMicrosecondBuilder, bool),
}

/// A dictionary builder that remembers the last value: neighbours are often equal, and comparing is cheaper than hashing.
pub(crate) struct Words {
    builder: StringDictionaryBuilder<Int32Type>,
    keys: Vec<Option<i32>>,
    last: Option<(String, i32)>,
}

impl ColumnBuilder {
    pub(crate) fn new(column: &Column) -> Self {
        match (column.ty, column.distinct) {
            (ColumnType::Text | ColumnType::Id | ColumnType::Ip, Distinct::Few) => Self::Words(Box::new(Words::new())),
            (ColumnType::Text | ColumnType::Id | ColumnType::Ip | ColumnType::Json, _) => {
                Self::Text(StringBuilder::new())
            }
            (ColumnType::Integer, _) => Self::Integer(Int64Builder::new()),
            (ColumnType::Decimal, _) => Self::Decimal(Float64Builder::new(), String::new()),
            (ColumnType::Boolean, _) => Self::Boolean(BooleanBuilder::new()),
            (ColumnType::Time, _) => {
                let builder = TimestampMicrosecondBuilder::new().with_data_type(layout::instant());
                Self::Time(builder, is_documented_utc(&column.name))
            }
        }
    }

    /// Adds a cell; returns false where its text cannot be printed back from the typed value.
    pub(crate) fn append(&mut self, cell: Option<&str>, zone: CellZone) -> bool {
        match self {
            Self::Words(words) => {
                words.append(cell);
                true
            }
            Self::Text(builder) => {
                builder.append_option(cell);
                true
            }
            Self::Integer(builder) => {
                let value = cell.and_then(integer);
                builder.append_option(value);
                cell.is_none_or(prints_back_as_integer)
            }
            Self::Decimal(builder, printed) => {
                let value = cell.and_then(decimal);
                builder.append_option(value);
                cell.is_none_or(|text| value.is_some_and(|value| prints_back_as_decimal(value, text, printed)))
            }
            Self::Boolean(builder) => {
                let value = cell.and_then(boolean);
                builder.append_option(value);
                matches!(cell, None | Some("true" | "false"))
            }
            Self::Time(builder, is_utc) => {
                let zone = if *is_utc { CellZone::Utc } else { zone };
                let value = cell.and_then(|text| parse_cell(text.as_bytes(), zone));
                builder.append_option(value);
                cell.is_none_or(|text| value.is_some_and(|value| is_rfc3339_of(value, text)))
            }
        }
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Words(words) => words.finish(),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Decimal(builder, _) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Time(builder, _) => Arc::new(builder.finish()),
        }
    }
}

impl Words {
    fn new() -> Self {
        Self {
            builder: StringDictionaryBuilder::new(),
            keys: Vec::new(),
            last: None,
        }
    }

    fn append(&mut self, cell: Option<&str>) {
        let Some(text) = cell else {
            self.keys.push(None);
            return;
        };
        if let Some((last, key)) = &self.last
            && last == text
        {
            self.keys.push(Some(*key));
            return;
        }
        // A batch has far fewer rows than an `i32` has keys, so this does not overflow.
        let key = self.builder.append(text).ok();
        self.keys.push(key);
        if let Some(key) = key {
            let mut last = self.last.take().map(|(last, _)| last).unwrap_or_default();
            last.clear();
            last.push_str(text);
            self.last = Some((last, key));
        }
    }

    fn finish(&mut self) -> ArrayRef {
        self.last = None;
        let keys = Int32Array::from(std::mem::take(&mut self.keys));
        let values = Arc::clone(self.builder.finish().values());
        let rows = keys.len();
        DictionaryArray::<Int32Type>::try_new(keys, values).map_or_else(
            |_| new_null_array(&layout::dictionary(), rows),
            |words| Arc::new(words) as ArrayRef,
        )
    }
}

/// Returns a dictionary column with one word in every row.
pub(crate) fn word(word: &str, rows: usize) -> Result<ArrayRef, ArrowError> {
    let values: ArrayRef = Arc::new(StringArray::from(vec![word]));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(
        Int32Array::from(vec![0; rows]),
        values,
    )?))
}

/// Returns a number column multiplied by `factor`.
pub(crate) fn scaled(column: &ArrayRef, factor: f64) -> ArrayRef {
    match column.data_type() {
        DataType::Int64 => {
            let numbers = column.as_primitive::<Int64Type>().iter();
            Arc::new(
                numbers
                    .map(|number| number.map(|number| number as f64 * factor))
                    .collect::<Float64Array>(),
            )
        }
        DataType::Float64 => {
            let numbers = column.as_primitive::<Float64Type>().iter();
            Arc::new(
                numbers
                    .map(|number| number.map(|number| number * factor))
                    .collect::<Float64Array>(),
            )
        }
        _ => new_null_array(&DataType::Float64, column.len()),
    }
}

/// Returns what a time without a zone means in a column.
pub(crate) fn zone_of(column: &str, zone: CellZone) -> CellZone {
    if is_documented_utc(column) { CellZone::Utc } else { zone }
}

/// ELF writes `TIMESTAMP` without a zone, in GMT (EventLogFile documentation, common columns); Event Log Objects have it as
/// `Timestamp`.
fn is_documented_utc(column: &str) -> bool {
    matches!(column, "TIMESTAMP" | "Timestamp")
}

fn integer(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    // `2692.0`: Salesforce writes whole numbers as doubles. Past 2^53 a double no longer says which number it was.
    let number = decimal(text)?;
    let is_whole = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    is_whole.then_some(number as i64)
}

fn decimal(text: &str) -> Option<f64> {
    // Rust reads `inf` and `nan`, which no log means as a number.
    let starts_as_number = matches!(text.as_bytes().first()?, b'0'..=b'9' | b'-' | b'+' | b'.');
    text.parse()
        .ok()
        .filter(|number: &f64| starts_as_number && number.is_finite())
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// `i64` prints digits without leading zeros, with a minus sign where it is below zero.
fn prints_back_as_integer(text: &str) -> bool {
    match text.strip_prefix('-').unwrap_or(text).as_bytes() {
        [b'0'] => text == "0",
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit) && text.parse::<i64>().is_ok(),
        _ => false,
    }
}

fn prints_back_as_decimal(value: f64, text: &str, printed: &mut String) -> bool {
    printed.clear();
    // Writing to a string does not fail.
    write!(printed, "{value}").is_ok() && printed.as_str() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_platforms_write_them_and_nothing_else_is() {
        assert_eq!(
            ["12", "-3", "2692.0", "1e3"].map(integer),
            [Some(12), Some(-3), Some(2692), Some(1000)]
        );
        assert_eq!(
            ["", "12.5", "inf", "NaN", "0x10", "1,000", "99999999999999999999"].map(integer),
            [None; 7]
        );
        assert_eq!(["0.45", "1e400", "infinity"].map(decimal), [Some(0.45), None, None]);
        let truths = [Some(true), Some(false), Some(true), Some(false), None, None];
        assert_eq!(["1", "0", "true", "False", "yes", ""].map(boolean), truths);
    }

    #[test]
    fn only_text_that_prints_back_is_not_kept_twice() {
        let column = |ty| Column {
            name: "X".into(),
            ty,
            unit: None,
            distinct: Distinct::Few,
            meaning: Default::default(),
            doubt: vec![],
            aliases: vec![],
            sensitive: false,
        };
        let kept = |ty, text| ColumnBuilder::new(&column(ty)).append(Some(text), CellZone::Refuse);
        assert!(
            kept(ColumnType::Integer, "12") && !kept(ColumnType::Integer, "012") && !kept(ColumnType::Integer, "x")
        );
        assert!(kept(ColumnType::Integer, "-9223372036854775808") && !kept(ColumnType::Integer, "9223372036854775808"));
        assert!(
            ["-0", "+1", "1.0", ""]
                .iter()
                .all(|text| !kept(ColumnType::Integer, text))
        );
        assert!(kept(ColumnType::Decimal, "0.5") && !kept(ColumnType::Decimal, "51.0"));
        assert!(kept(ColumnType::Boolean, "true") && !kept(ColumnType::Boolean, "1"));
        assert!(kept(ColumnType::Time, "2024-03-11T16:00:00Z") && !kept(ColumnType::Time, "2024-03-11T16:00:00.000Z"));
        assert!(kept(ColumnType::Text, "anything"));
    }

    #[test]
    fn words_are_shared_within_a_batch() {
        let mut words = Words::new();
        for word in [Some("a"), Some("a"), None, Some("b"), Some("a")] {
            words.append(word);
        }
        let array = words.finish();
        assert_eq!(array.as_dictionary::<Int32Type>().values().len(), 2);
        let texts: Vec<_> = (0..5)
            .map(|row| sekisho_event::cells::text(&array, row).map(|text| text.into_owned()))
            .collect();
        assert_eq!(
            texts,
            [
                Some("a".into()),
                Some("a".into()),
                None,
                Some("b".into()),
                Some("a".into())
            ]
        );
        words.append(Some("a"));
        assert_eq!(words.finish().len(), 1, "a new batch starts with its own dictionary");
    }
}
