//! `events.outcome`: success or failure, where the log says.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringDictionaryBuilder, new_null_array};
use arrow::datatypes::Int32Type;

use crate::catalogue::{FailureValues, Outcome, OutcomeRule, Table};
use crate::{cells, layout};

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
        let outcome = match cells::text(column, row) {
            Some(value) => judge(rule, &value),
            None => rule.absent,
        };
        outcomes.append_option(outcome.map(Outcome::name));
    }
    Arc::new(outcomes.finish())
}

fn judge(rule: &OutcomeRule, value: &str) -> Option<Outcome> {
    let is_in = |values: &[String]| values.iter().any(|known| known.eq_ignore_ascii_case(value));
    if let Some(limit) = rule.success_below {
        let number: f64 = value.parse().ok()?;
        return Some(if number < limit {
            Outcome::Success
        } else {
            Outcome::Failure
        });
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
