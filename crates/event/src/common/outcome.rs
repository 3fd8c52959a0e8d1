//! `events.outcome`: success or failure, where the log says.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int32Array, RecordBatch, StringArray, new_null_array};
use arrow::datatypes::{DataType, Int32Type, Int64Type};

use crate::catalogue::{FailureValues, Outcome, OutcomeRule, Table};
use crate::{cells, layout};

/// The texts of the column; a row has its place here.
const OUTCOMES: [Outcome; 2] = [Outcome::Success, Outcome::Failure];

pub(super) fn outcome(table: &Table, batch: &RecordBatch) -> ArrayRef {
    let told = table
        .outcome
        .as_ref()
        .and_then(|rule| Some((rule, batch.column_by_name(&rule.column)?)));
    let Some((rule, column)) = told else {
        return new_null_array(&layout::dictionary(), batch.num_rows());
    };
    let words: ArrayRef = Arc::new(StringArray::from(OUTCOMES.map(Outcome::name).to_vec()));
    let rows = batch.num_rows();
    DictionaryArray::<Int32Type>::try_new(places(rule, column), words).map_or_else(
        |_| new_null_array(&layout::dictionary(), rows),
        |outcomes| Arc::new(outcomes) as ArrayRef,
    )
}

/// Judges each row; where values repeat, each value once.
fn places(rule: &OutcomeRule, column: &ArrayRef) -> Int32Array {
    let place = |outcome: Option<Outcome>| {
        let found = OUTCOMES.iter().position(|known| Some(*known) == outcome);
        found.and_then(|place| i32::try_from(place).ok())
    };
    let absent = place(rule.absent);
    let of_text = |text: Option<&str>| text.map_or(absent, |text| place(judge(rule, text)));
    if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
        let values = dictionary.values();
        let of_value = |value: usize| of_text(cells::text(values, value).as_deref());
        let judged: Vec<Option<i32>> = (0..values.len()).map(of_value).collect();
        let rows = dictionary.keys().iter();
        return rows
            .map(|key| key.map_or(absent, |key| judged.get(key as usize).copied().flatten()))
            .collect();
    }
    if let (DataType::Int64, Some(limit)) = (column.data_type(), rule.success_below) {
        let rows = column.as_primitive::<Int64Type>().iter();
        return rows
            .map(|number| number.map_or(absent, |number| place(Some(below(number as f64, limit)))))
            .collect();
    }
    (0..column.len())
        .map(|row| of_text(cells::text(column, row).as_deref()))
        .collect()
}

fn below(number: f64, limit: f64) -> Outcome {
    if number < limit {
        Outcome::Success
    } else {
        Outcome::Failure
    }
}

fn judge(rule: &OutcomeRule, value: &str) -> Option<Outcome> {
    let is_in = |values: &[String]| values.iter().any(|known| known.eq_ignore_ascii_case(value));
    if let Some(limit) = rule.success_below {
        return Some(below(value.parse().ok()?, limit));
    }
    if is_in(&rule.success) {
        return Some(Outcome::Success);
    }
    match &rule.failure {
        Some(FailureValues::Values(values)) => is_in(values).then_some(Outcome::Failure),
        Some(FailureValues::Word(_)) if !value.is_empty() => Some(Outcome::Failure),
        _ => None,
    }
}
