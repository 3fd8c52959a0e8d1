//! `events.outcome`: success or failure, where the log says.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringDictionaryBuilder, new_null_array};
use arrow::datatypes::Int32Type;

use crate::catalogue::{FailureValues, OutcomeRule, Table};
use crate::{cells, layout};

const SUCCESS: &str = "success";
const FAILURE: &str = "failure";

pub(super) fn outcome(table: &Table, batch: &RecordBatch) -> ArrayRef {
    let told = table
        .outcome
        .as_ref()
        .and_then(|rule| Some((rule, batch.column_by_name(&rule.column)?)));
    let Some((rule, column)) = told else {
        return new_null_array(&layout::dictionary(), batch.num_rows());
    };
    let mut outcomes = StringDictionaryBuilder::<Int32Type>::new();
    for row in 0..batch.num_rows() {
        outcomes.append_option(cells::text(column, row).and_then(|value| judge(rule, &value)));
    }
    Arc::new(outcomes.finish())
}

fn judge(rule: &OutcomeRule, value: &str) -> Option<&'static str> {
    let is_in = |values: &[String]| values.iter().any(|known| known.eq_ignore_ascii_case(value));
    if let Some(limit) = rule.success_below {
        let number: f64 = value.parse().ok()?;
        return Some(if number < limit { SUCCESS } else { FAILURE });
    }
    if is_in(&rule.success) {
        return Some(SUCCESS);
    }
    match &rule.failure {
        Some(FailureValues::Values(values)) => is_in(values).then_some(FAILURE),
        Some(FailureValues::Word(_)) if !value.is_empty() => Some(FAILURE),
        _ => None,
    }
}
