//! What is left out, and that it is said to be.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use sekisho_index::{IndexBuilder, IndexError};

use crate::kit::{COLUMNS, Form, Row, batch, file_of, open, spec};

fn rows(count: usize, many: impl Fn(usize) -> String) -> Vec<Row> {
    (0..count)
        .map(|row| Row {
            time_us: Some(row as i64),
            texts: [Some("one".to_owned()), Some(many(row))],
        })
        .collect()
}

#[test]
fn a_column_with_a_value_for_each_row_is_given_up() {
    let all = rows(100_000, |row| format!("{row:08}"));
    let batches: Vec<RecordBatch> = all.chunks(8_192).map(|rows| batch(rows, Form::Plain)).collect();
    let (bytes, size) = file_of(&batches);
    assert_eq!(size.given_up, ["many"]);
    let index = open(&bytes);
    assert!(index.column("many").is_none());
    assert_eq!(
        index.column("few").unwrap().lookup("one").unwrap().unwrap().count,
        100_000
    );
    assert_eq!(index.columns().collect::<Vec<_>>(), [("few", true), ("many", false)]);
    // Its hours would be as many as its values.
    assert!(index.hours().unwrap().is_none() || bytes.len() < 4 * 1024 * 1024);
}

#[test]
fn what_takes_most_goes_first_when_room_is_short() {
    let mut builder = IndexBuilder::new(spec());
    let scrambled = |row: usize| format!("{:x}", (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    builder.push(&batch(&rows(5_000, scrambled), Form::Plain)).unwrap();
    let mut bytes = Vec::new();
    let size = builder.finish(&mut bytes, 10_000).unwrap();
    assert_eq!(size.given_up, ["many"]);
    assert!(bytes.len() < 10_500, "{} bytes", bytes.len());
    let index = open(&bytes);
    assert!(index.column("few").is_some());
    assert!(index.hours().unwrap().is_none());
}

#[test]
fn a_value_too_long_to_matter_gives_its_column_up() {
    let all = rows(10, |row| if row == 5 { "x".repeat(40_000) } else { String::new() });
    for form in [Form::Plain, Form::Dictionary] {
        let (bytes, size) = file_of(&[batch(&all, form)]);
        assert_eq!(size.given_up, ["many"]);
        assert!(open(&bytes).column("few").is_some());
    }
}

#[test]
fn long_values_are_kept_in_small_parts() {
    let all = rows(300, |row| format!("{row}{}", "あ".repeat(9_000)));
    let (bytes, size) = file_of(&[batch(&all, Form::Dictionary)]);
    assert!(size.given_up.is_empty());
    crate::kit::check_values(&open(&bytes), &all);
}

#[test]
fn memory_is_bounded() {
    let mut builder = IndexBuilder::new(spec());
    for start in 0..40 {
        let all: Vec<Row> = rows(4_000, |row| format!("{:0>1000}", (start * 4_000 + row) / 8))
            .into_iter()
            .map(|row| Row {
                texts: [row.texts[1].clone(), row.texts[1].clone()],
                ..row
            })
            .collect();
        builder.push(&batch(&all, Form::Dictionary)).unwrap();
        assert!(builder.memory_bytes() <= 64 * 1024 * 1024);
    }
}

#[test]
fn a_column_that_a_batch_lacks_is_given_up_and_a_wrong_time_is_an_error() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let schema = |fields: Vec<Field>| Arc::new(Schema::new(fields));
    let lacking = RecordBatch::try_new(schema(vec![Field::new("few", DataType::Utf8, true)]), vec![texts]).unwrap();
    let (bytes, size) = file_of(&[lacking]);
    assert_eq!(size.given_up, ["many"]);
    let index = open(&bytes);
    assert_eq!(index.column("few").unwrap().lookup("a").unwrap().unwrap().undated, 1);
    assert!(index.hours().unwrap().is_none());

    let wrong = RecordBatch::try_new(schema(vec![Field::new("time", DataType::Int64, true)]), vec![numbers]).unwrap();
    let error = IndexBuilder::new(spec()).push(&wrong).unwrap_err();
    assert!(matches!(error, IndexError::TimeType { .. }));
    assert_eq!(COLUMNS.len(), 2);
}
