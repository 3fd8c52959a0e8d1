//! Picking the rows of a key out of common batches.

use std::borrow::Cow;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type};
use sekisho_event::cells;
use sekisho_event::time::Micros;

use crate::error::SessionError;

/// Returns the rows whose column is exactly this text; keys of a dictionary are compared once per distinct value.
pub(crate) fn rows_with(batch: &RecordBatch, name: &str, wanted: &str) -> Result<Vec<usize>, SessionError> {
    let column = column(batch, name)?;
    // An empty cell is the absence of a key, not the key of nothing.
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let is_wanted = |array: &ArrayRef, at: usize| cells::text(array, at).is_some_and(|text| text == wanted);
    let Some(dictionary) = dictionary(column) else {
        return Ok((0..column.len()).filter(|&row| is_wanted(column, row)).collect());
    };
    let values = dictionary.values();
    let wanted_codes: Vec<bool> = (0..values.len()).map(|code| is_wanted(values, code)).collect();
    if !wanted_codes.contains(&true) {
        return Ok(Vec::new());
    }
    let has = |row: &usize| {
        let code = dictionary.key(*row);
        code.is_some_and(|code| wanted_codes.get(code).copied().unwrap_or(false))
    };
    Ok((0..column.len()).filter(has).collect())
}

/// The cells of a batch that a tree is built from.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Self {
        Self { batch }
    }

    /// Returns the text of a cell; blank text says as little as none.
    pub(crate) fn text(&self, name: &str, row: usize) -> Option<Cow<'a, str>> {
        let column = self.batch.column_by_name(name)?;
        cells::text(column, row).filter(|text| !text.trim().is_empty())
    }

    pub(crate) fn owned(&self, name: &str, row: usize) -> Option<String> {
        self.text(name, row).map(|text| clip(&text).to_owned())
    }

    pub(crate) fn time(&self, row: usize) -> Option<Micros> {
        cells::time_us(self.batch.column_by_name("time")?, row)
    }
}

/// Most bytes of one text in a tree: attackers choose user agents.
const MAX_TEXT_BYTES: usize = 4 * 1024;

pub(crate) fn clip(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT_BYTES)]
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, SessionError> {
    batch.column_by_name(name).ok_or_else(|| SessionError::NotCommon {
        what: format!("it has no column `{name}`"),
    })
}

fn dictionary(column: &ArrayRef) -> Option<&arrow::array::DictionaryArray<Int32Type>> {
    match column.data_type() {
        DataType::Dictionary(_, _) => column.as_dictionary_opt::<Int32Type>(),
        _ => None,
    }
}
