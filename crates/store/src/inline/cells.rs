//! Cells of inlined rows: out of columns into SQLite and back.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, DictionaryArray, Float64Array, Float64Builder, Int64Array,
    Int64Builder, StringArray, StringBuilder, StringDictionaryBuilder, TimestampMicrosecondArray,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use rusqlite::Statement;
use rusqlite::types::ValueRef;

use super::value;

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Null,
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Time(i64),
}

/// The cells of a column.
pub(crate) enum Cells<'a> {
    Text(&'a StringArray),
    Coded(&'a DictionaryArray<Int32Type>, &'a StringArray),
    Integer(&'a Int64Array),
    Float(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Time(&'a TimestampMicrosecondArray),
}

impl<'a> Cells<'a> {
    /// Returns the cells of a column of one of the types that the store keeps.
    pub(crate) fn of(values: &'a ArrayRef) -> Option<Self> {
        match values.data_type() {
            DataType::Utf8 => values.as_string_opt().map(Self::Text),
            DataType::Dictionary(..) => {
                let coded = values.as_dictionary_opt::<Int32Type>()?;
                Some(Self::Coded(coded, coded.values().as_string_opt()?))
            }
            DataType::Int64 => values.as_primitive_opt::<Int64Type>().map(Self::Integer),
            DataType::Float64 => values.as_primitive_opt::<Float64Type>().map(Self::Float),
            DataType::Boolean => values.as_boolean_opt().map(Self::Boolean),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                values.as_primitive_opt::<TimestampMicrosecondType>().map(Self::Time)
            }
            _ => None,
        }
    }

    /// Returns the cell of a row, which must be there.
    pub(crate) fn get(&self, row: usize) -> Cell<'a> {
        match self {
            Self::Text(texts) if texts.is_valid(row) => Cell::Text(texts.value(row)),
            Self::Coded(coded, texts) => match coded.key(row) {
                Some(key) if texts.is_valid(key) => Cell::Text(texts.value(key)),
                _ => Cell::Null,
            },
            Self::Integer(values) if values.is_valid(row) => Cell::Integer(values.value(row)),
            Self::Float(values) if values.is_valid(row) => Cell::Float(values.value(row)),
            Self::Boolean(values) if values.is_valid(row) => Cell::Boolean(values.value(row)),
            Self::Time(values) if values.is_valid(row) => Cell::Time(values.value(row)),
            _ => Cell::Null,
        }
    }
}

impl Cell<'_> {
    /// Binds the cell to a parameter in the form of DuckDB; `text` is room to write in.
    pub(crate) fn bind(self, statement: &mut Statement<'_>, at: usize, text: &mut String) -> rusqlite::Result<()> {
        text.clear();
        match self {
            Cell::Null => statement.raw_bind_parameter(at, rusqlite::types::Null),
            Cell::Text(text) => statement.raw_bind_parameter(at, text),
            Cell::Integer(value) => statement.raw_bind_parameter(at, value),
            Cell::Boolean(value) => statement.raw_bind_parameter(at, i64::from(value)),
            Cell::Float(number) => {
                value::write_float(text, number);
                statement.raw_bind_parameter(at, text.as_str())
            }
            Cell::Time(micros) => {
                value::write_time(text, micros);
                statement.raw_bind_parameter(at, text.as_str())
            }
        }
    }
}

/// A column being read.
pub(crate) enum Builder {
    Text(StringBuilder),
    Coded(StringDictionaryBuilder<Int32Type>),
    Integer(Int64Builder),
    Float(Float64Builder),
    Boolean(BooleanBuilder),
    Time(TimestampMicrosecondBuilder),
}

impl Builder {
    /// Returns a builder for columns of `data_type`, one of the types that the store keeps.
    pub(crate) fn new(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Utf8 => Some(Self::Text(StringBuilder::new())),
            DataType::Dictionary(..) => Some(Self::Coded(StringDictionaryBuilder::new())),
            DataType::Int64 => Some(Self::Integer(Int64Builder::new())),
            DataType::Float64 => Some(Self::Float(Float64Builder::new())),
            DataType::Boolean => Some(Self::Boolean(BooleanBuilder::new())),
            DataType::Timestamp(TimeUnit::Microsecond, _) => Some(Self::Time(
                TimestampMicrosecondBuilder::new().with_data_type(data_type.clone()),
            )),
            _ => None,
        }
    }

    /// Appends a null.
    pub(crate) fn push_null(&mut self) {
        match self {
            Self::Text(builder) => builder.append_null(),
            Self::Coded(builder) => builder.append_null(),
            Self::Integer(builder) => builder.append_null(),
            Self::Float(builder) => builder.append_null(),
            Self::Boolean(builder) => builder.append_null(),
            Self::Time(builder) => builder.append_null(),
        }
    }

    /// Appends what SQLite holds; `None` where it cannot be of this column.
    pub(crate) fn push(&mut self, value: ValueRef<'_>) -> Option<()> {
        if value == ValueRef::Null {
            self.push_null();
            return Some(());
        }
        match self {
            Self::Text(builder) => builder.append_value(text_of(value)?),
            Self::Coded(builder) => {
                builder.append(text_of(value)?).ok()?;
            }
            Self::Integer(builder) => builder.append_value(value.as_i64().ok()?),
            Self::Boolean(builder) => builder.append_value(value.as_i64().ok()? != 0),
            Self::Float(builder) => builder.append_value(match value {
                ValueRef::Real(number) => number,
                ValueRef::Integer(number) => number as f64,
                other => value::parse_float(text_of(other)?)?,
            }),
            Self::Time(builder) => builder.append_value(value::parse_time(text_of(value)?)?),
        }
        Some(())
    }

    /// Ends the column.
    pub(crate) fn finish(mut self) -> ArrayRef {
        match &mut self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Coded(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
        }
    }
}

/// Returns text; a blob of text is text too, since SQLite does not hold writers to the declared type.
fn text_of(value: ValueRef<'_>) -> Option<&str> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}
