//! Reading cells of a batch as text, whatever Arrow type holds them.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType};

use crate::time::to_rfc3339;

/// Returns the text of a cell: numbers and booleans as JSON writes them, times as RFC 3339; `None` for null and for
/// types that no table has.
#[must_use]
pub fn text(column: &ArrayRef, row: usize) -> Option<Cow<'_, str>> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(Cow::Borrowed(column.as_string::<i32>().value(row))),
        DataType::LargeUtf8 => Some(Cow::Borrowed(column.as_string::<i64>().value(row))),
        DataType::Utf8View => Some(Cow::Borrowed(column.as_string_view().value(row))),
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_dictionary_opt::<Int32Type>()?;
            text(dictionary.values(), dictionary.key(row)?)
        }
        DataType::Int64 => Some(Cow::Owned(column.as_primitive::<Int64Type>().value(row).to_string())),
        DataType::Float64 => Some(Cow::Owned(decimal(column.as_primitive::<Float64Type>().value(row)))),
        DataType::Boolean => Some(Cow::Borrowed(if column.as_boolean().value(row) {
            "true"
        } else {
            "false"
        })),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Some(Cow::Owned(to_rfc3339(
            column.as_primitive::<TimestampMicrosecondType>().value(row),
        ))),
        _ => None,
    }
}

/// Returns the time of a cell in microseconds; `None` for null and for columns that hold no times.
#[must_use]
pub fn time_us(column: &ArrayRef, row: usize) -> Option<i64> {
    let times = column.as_primitive_opt::<TimestampMicrosecondType>()?;
    times.is_valid(row).then(|| times.value(row))
}

/// Returns a number as JSON writes it: the shortest text that reads back, without an exponent and without the sign of zero.
#[must_use]
pub fn decimal(value: f64) -> String {
    format!("{}", value + 0.0)
}
