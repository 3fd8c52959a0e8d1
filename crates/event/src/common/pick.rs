//! Filling a common column from the candidates that the catalogue names, then from what `_extra` says: the first that has
//! a value wins, row by row.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringBuilder, StringDictionaryBuilder,
};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type};

use crate::{cells, layout};

/// The columns that may fill a common column, best first; only those with any value.
pub(super) struct Sources<'a> {
    rows: usize,
    columns: Vec<&'a ArrayRef>,
}

impl<'a> Sources<'a> {
    /// Returns the candidates that are in the batch, then what was found in `_extra`.
    pub(super) fn of(batch: &'a RecordBatch, candidates: &[String], found: Option<&'a ArrayRef>) -> Self {
        let present = candidates.iter().filter_map(|name| batch.column_by_name(name));
        Self {
            rows: batch.num_rows(),
            columns: present
                .chain(found)
                .filter(|column| column.null_count() < column.len())
                .collect(),
        }
    }

    /// Returns these columns, then others.
    pub(super) fn or(mut self, others: Self) -> Self {
        self.columns.extend(others.columns);
        self
    }
}

/// The two address columns of `events`.
pub(super) struct Addresses {
    pub(super) source: ArrayRef,
    pub(super) forwarded: ArrayRef,
}

/// Returns source and forwarded addresses. Rails logs write `client, proxy` into one cell: the first is the source, and
/// the whole list stays readable as forwarded.
pub(super) fn addresses(rows: usize, sources: &Sources<'_>, claims: &Sources<'_>) -> Addresses {
    let source = few(sources);
    let forwarded = few(claims);
    if !holds_lists(&source) {
        return Addresses { source, forwarded };
    }
    let mut first = StringDictionaryBuilder::<Int32Type>::new();
    let mut whole = StringDictionaryBuilder::<Int32Type>::new();
    for row in 0..rows {
        let list = cells::text(&source, row);
        let head = list
            .as_deref()
            .map(|list| list.split(',').next().unwrap_or(list).trim());
        first.append_option(head);
        let claimed = cells::text(&forwarded, row);
        whole.append_option(claimed.or_else(|| list.clone().filter(|list| list.contains(','))));
    }
    Addresses {
        source: Arc::new(first.finish()),
        forwarded: Arc::new(whole.finish()),
    }
}

fn holds_lists(column: &ArrayRef) -> bool {
    let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() else {
        return false;
    };
    let Some(values) = dictionary.values().as_string_opt::<i32>() else {
        return false;
    };
    values.iter().flatten().any(|text| text.contains(','))
}

/// Returns text whose values repeat, as a dictionary.
pub(super) fn few(sources: &Sources<'_>) -> ArrayRef {
    let columns = &sources.columns;
    if let Some(whole) = sole(columns, &layout::dictionary()) {
        return whole;
    }
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    for row in 0..sources.rows {
        builder.append_option(first_text(columns, row));
    }
    Arc::new(builder.finish())
}

/// Returns text.
pub(super) fn many(sources: &Sources<'_>) -> ArrayRef {
    let columns = &sources.columns;
    if let Some(whole) = sole(columns, &DataType::Utf8) {
        return whole;
    }
    let mut builder = StringBuilder::new();
    for row in 0..sources.rows {
        builder.append_option(first_text(columns, row));
    }
    Arc::new(builder.finish())
}

/// Returns whole numbers; a fraction is cut.
pub(super) fn whole(sources: &Sources<'_>) -> ArrayRef {
    let columns = &sources.columns;
    if let Some(whole) = sole_numbers(columns, &DataType::Int64) {
        return whole;
    }
    let numbers = (0..sources.rows).map(|row| columns.iter().find_map(|column| whole_at(column, row)));
    Arc::new(numbers.collect::<Int64Array>())
}

/// Returns numbers.
pub(super) fn decimal(sources: &Sources<'_>) -> ArrayRef {
    let columns = &sources.columns;
    if let Some(whole) = sole_numbers(columns, &DataType::Float64) {
        return whole;
    }
    let numbers = (0..sources.rows).map(|row| columns.iter().find_map(|column| decimal_at(column, row)));
    Arc::new(numbers.collect::<Float64Array>())
}

/// Returns the column itself where no other can add to it, so that its dictionary is shared and nothing is copied.
fn sole(columns: &[&ArrayRef], ty: &DataType) -> Option<ArrayRef> {
    sole_numbers(columns, ty).filter(|column| !has_blank(column))
}

/// Like [`sole`], for columns that have no blank values.
fn sole_numbers(columns: &[&ArrayRef], ty: &DataType) -> Option<ArrayRef> {
    let first = columns.first()?;
    let is_enough = columns.len() == 1 || first.null_count() == 0;
    (is_enough && first.data_type() == ty).then(|| Arc::clone(first))
}

fn has_blank(column: &ArrayRef) -> bool {
    let values = column
        .as_dictionary_opt::<Int32Type>()
        .map_or(column, |dictionary| dictionary.values());
    values
        .as_string_opt::<i32>()
        .is_none_or(|texts| texts.iter().flatten().any(str::is_empty))
}

fn first_text<'a>(columns: &[&'a ArrayRef], row: usize) -> Option<std::borrow::Cow<'a, str>> {
    columns
        .iter()
        .find_map(|column| cells::text(column, row).filter(|text| !text.is_empty()))
}

fn whole_at(column: &ArrayRef, row: usize) -> Option<i64> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row)),
        // `as` saturates, so a number out of range stays readable instead of wrapping.
        DataType::Float64 => Some(column.as_primitive::<Float64Type>().value(row) as i64),
        _ => cells::text(column, row)?.parse().ok(),
    }
}

fn decimal_at(column: &ArrayRef, row: usize) -> Option<f64> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row) as f64),
        DataType::Float64 => Some(column.as_primitive::<Float64Type>().value(row)),
        _ => cells::text(column, row)?.parse().ok(),
    }
}
