//! What a question's rows add up to, so that two engines' answers can be told apart whatever the order of their rows.

use std::fmt;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};

/// Rows, and for each column its sum (of text: of the lengths in bytes) and, for text, the least and the greatest.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    rows: usize,
    columns: Vec<Column>,
}

#[derive(Debug, Default)]
struct Column {
    sum: i128,
    range: Option<(String, String)>,
}

impl Answer {
    pub(crate) fn of(batches: &[RecordBatch]) -> Self {
        let mut answer = Self::default();
        for batch in batches {
            answer.rows += batch.num_rows();
            answer.columns.resize_with(batch.num_columns(), Column::default);
            for (column, values) in answer.columns.iter_mut().zip(batch.columns()) {
                column.add(values);
            }
        }
        answer
    }
}

impl Column {
    fn add(&mut self, values: &ArrayRef) {
        if matches!(
            values.data_type(),
            DataType::Utf8View | DataType::Utf8 | DataType::Dictionary(..)
        ) {
            let Ok(texts) = cast(values, &DataType::Utf8View) else {
                return;
            };
            for text in texts.as_string_view().iter().flatten() {
                self.sum += text.len() as i128;
                self.widen(text);
            }
        } else if let Ok(numbers) = cast(values, &DataType::Int64) {
            self.sum += numbers
                .as_primitive::<Int64Type>()
                .iter()
                .flatten()
                .map(i128::from)
                .sum::<i128>();
        }
    }

    fn widen(&mut self, text: &str) {
        match &mut self.range {
            None => self.range = Some((text.to_owned(), text.to_owned())),
            Some((least, _)) if text < least.as_str() => text.clone_into(least),
            Some((_, greatest)) if text > greatest.as_str() => text.clone_into(greatest),
            Some(_) => {}
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rows)?;
        for column in &self.columns {
            write!(f, "|{}", column.sum)?;
            if let Some((least, greatest)) = &column.range {
                write!(f, ",{},{}", least.replace(' ', "_"), greatest.replace(' ', "_"))?;
            }
        }
        Ok(())
    }
}

/// Returns the text of a plan.
pub(crate) fn plan(batches: &[RecordBatch]) -> String {
    let mut text = String::new();
    for batch in batches {
        let Some(lines) = batch
            .columns()
            .last()
            .and_then(|lines| cast(lines, &DataType::Utf8).ok())
        else {
            continue;
        };
        for line in lines.as_string::<i32>().iter().flatten() {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
