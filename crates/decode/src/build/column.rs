//! Building one column: text to its type, and whether the text can be printed back.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, DictionaryArray, Float64Array, Float64Builder, Int32Array, Int64Builder,
    StringArray, StringBuilder, TimestampMicrosecondBuilder, new_null_array,
};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};
use arrow::error::ArrowError;
use sekisho_event::catalogue::{Column, ColumnType, Distinct};
use sekisho_event::layout;
use sekisho_event::time::{CellZone, is_rfc3339_as_printed, parse_cell};

use super::words::Words;

/// Builds one catalogue column.
pub(crate) enum ColumnBuilder {
    Words(Box<Words>),
    Text(StringBuilder),
    Integer(Int64Builder),
    Decimal(Float64Builder, String),
    Boolean(BooleanBuilder),
    Time(Times),
}

/// A builder that knows what a time without a zone means in its column, and the time appended last.
pub(crate) struct Times {
    builder: TimestampMicrosecondBuilder,
    is_utc: bool,
    last: Option<i64>,
}

impl ColumnBuilder {
    pub(crate) fn new(column: &Column) -> Self {
        match (column.ty, column.distinct) {
            (ColumnType::Text | ColumnType::Id | ColumnType::Ip, Distinct::Few) => Self::Words(Box::default()),
            (ColumnType::Text | ColumnType::Id | ColumnType::Ip | ColumnType::Json, _) => {
                Self::Text(StringBuilder::new())
            }
            (ColumnType::Integer, _) => Self::Integer(Int64Builder::new()),
            (ColumnType::Decimal, _) => Self::Decimal(Float64Builder::new(), String::new()),
            (ColumnType::Boolean, _) => Self::Boolean(BooleanBuilder::new()),
            (ColumnType::Time, _) => Self::Time(Times {
                builder: TimestampMicrosecondBuilder::new().with_data_type(layout::instant()),
                is_utc: is_documented_utc(&column.name),
                last: None,
            }),
        }
    }

    /// Adds a cell; returns false where its text cannot be printed back from the typed value.
    pub(crate) fn append(&mut self, cell: Option<&str>, zone: CellZone<'_>) -> bool {
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
                let (value, is_kept) = cell.map_or((None, true), integer);
                builder.append_option(value);
                is_kept
            }
            Self::Decimal(builder, printed) => {
                let value = cell.and_then(decimal);
                builder.append_option(value);
                cell.is_none_or(|text| value.is_some_and(|value| prints_back(value, text, printed)))
            }
            Self::Boolean(builder) => {
                let value = cell.and_then(boolean);
                builder.append_option(value);
                matches!(cell, None | Some("true" | "false"))
            }
            Self::Time(times) => {
                let zone = if times.is_utc { CellZone::Utc } else { zone };
                times.last = cell.and_then(|text| parse_cell(text.as_bytes(), zone));
                times.builder.append_option(times.last);
                cell.is_none_or(|text| times.last.is_some() && is_rfc3339_as_printed(text))
            }
        }
    }

    /// Returns the time in the row appended last.
    pub(crate) fn last_time(&self) -> Option<i64> {
        match self {
            Self::Time(times) => times.last,
            _ => None,
        }
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Words(words) => words.finish(),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Decimal(builder, _) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Time(times) => Arc::new(times.builder.finish()),
        }
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

/// ELF writes `TIMESTAMP` without a zone, in GMT (EventLogFile documentation, common columns); Event Log Objects have it as
/// `Timestamp`.
fn is_documented_utc(column: &str) -> bool {
    matches!(column, "TIMESTAMP" | "Timestamp")
}

/// Returns the number and whether its text can be printed back from it.
fn integer(text: &str) -> (Option<i64>, bool) {
    if let Ok(number) = text.parse() {
        return (Some(number), prints_back_as_integer(text));
    }
    // `2692.0`: Salesforce writes whole numbers as doubles. Past 2^53 a double no longer says which number it was.
    let is_whole = |number: &f64| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    let number = decimal(text).filter(is_whole);
    (number.map(|number| number as i64), false)
}

/// Digits without leading zeros, with a minus sign where the number is below zero; the text has been read as a number.
fn prints_back_as_integer(text: &str) -> bool {
    match text.strip_prefix('-').unwrap_or(text).as_bytes() {
        [b'0'] => text == "0",
        [first, ..] => matches!(first, b'1'..=b'9'),
        [] => false,
    }
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

fn prints_back(value: f64, text: &str, printed: &mut String) -> bool {
    if let Some(known) = prints_back_by_form(text) {
        return known;
    }
    printed.clear();
    // Adding zero takes the sign off `-0`, as `cells::decimal` prints it. Writing to a string does not fail.
    write!(printed, "{}", value + 0.0).is_ok() && printed.as_str() == text
}

/// Up to this many digits a number has one shortest text, and a double tells it from its neighbours.
const SAFE_DIGITS: usize = 15;

/// Tells from its form whether a number is printed as it stands, where that is easy: `51.0` never is, `0.45` and `12` are.
fn prints_back_by_form(text: &str) -> Option<bool> {
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > SAFE_DIGITS || !are_digits(whole) || !are_digits(fraction.unwrap_or_default()) {
        return None;
    }
    let is_whole_spelled_so = whole == "0" || !whole.is_empty() && !whole.starts_with('0');
    let is_fraction_spelled_so = fraction.is_none_or(|fraction| !fraction.is_empty() && !fraction.ends_with('0'));
    Some(is_whole_spelled_so && is_fraction_spelled_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_platforms_write_them_and_nothing_else_is() {
        assert_eq!(
            ["12", "-3", "2692.0", "1e3"].map(|text| integer(text).0),
            [Some(12), Some(-3), Some(2692), Some(1000)]
        );
        assert_eq!(
            ["", "12.5", "inf", "NaN", "0x10", "1,000", "99999999999999999999"].map(|text| integer(text).0),
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
        assert!(kept(ColumnType::Decimal, "0.5") && kept(ColumnType::Decimal, "0"));
        assert!(!kept(ColumnType::Decimal, "51.0") && !kept(ColumnType::Decimal, "-0"));
        assert!(kept(ColumnType::Boolean, "true") && !kept(ColumnType::Boolean, "1"));
        assert!(kept(ColumnType::Time, "2024-03-11T16:00:00Z") && !kept(ColumnType::Time, "2024-03-11T16:00:00.000Z"));
        assert!(kept(ColumnType::Text, "anything"));
    }

    proptest::proptest! {
        #[test]
        fn the_form_of_a_decimal_tells_what_printing_tells(text in "-?[01]{0,3}[0-9]{0,14}(\\.[0-9]{0,6}[05]?)?(e3)?") {
            if let (Some(value), Some(told)) = (decimal(&text), prints_back_by_form(&text)) {
                proptest::prop_assert_eq!(told, format!("{value}") == text, "{}", text);
            }
        }

        #[test]
        fn the_form_of_an_integer_tells_what_printing_tells(text in "[-+]?[0-9]{1,19}") {
            if let (Some(value), is_kept) = integer(&text) {
                proptest::prop_assert_eq!(is_kept, value.to_string() == text, "{}", text);
            }
        }
    }
}
