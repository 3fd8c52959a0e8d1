//! Rows that did not fit, kept where they can be asked for.

use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The table of rows that did not fit.
pub const QUARANTINE_TABLE: &str = "sekisho.quarantine";

/// Bytes kept of a row's text: enough to see what it is, while a hostile file of huge bad rows stays small.
const EXCERPT_BYTES: usize = 1024;

/// Bytes kept of a file's name and of a reason.
const LABEL_BYTES: usize = 512;

/// Rows gathered before they are appended.
const QUARANTINE_BATCH_ROWS: usize = 1024;

/// A row that did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarantineRow<'a> {
    /// The org it belongs to; `unknown` where nothing says.
    pub org: &'a str,
    /// The name of its file as given.
    pub file: &'a str,
    /// The 1-based line at which it starts.
    pub line: u64,
    /// Why it did not fit.
    pub reason: &'a str,
    /// The head of its text.
    pub excerpt: &'a str,
}

/// The rows gathered so far.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    uids: Vec<String>,
    orgs: Vec<String>,
    files: Vec<String>,
    lines: Vec<i64>,
    reasons: Vec<String>,
    excerpts: Vec<String>,
}

impl Quarantine {
    /// Adds a row and returns the rows gathered once they are enough.
    pub(crate) fn push(&mut self, row: &QuarantineRow<'_>) -> Result<Option<RecordBatch>> {
        let excerpt = head(row.excerpt, EXCERPT_BYTES);
        let reason = head(row.reason, LABEL_BYTES);
        let (file, org) = (head(row.file, LABEL_BYTES), head(row.org, LABEL_BYTES));
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        self.uids
            .push(identity(&[org, file, &line.to_string(), reason, excerpt]));
        self.orgs.push(org.to_owned());
        self.files.push(file.to_owned());
        self.lines.push(line);
        self.reasons.push(reason.to_owned());
        self.excerpts.push(excerpt.to_owned());
        if self.uids.len() < QUARANTINE_BATCH_ROWS {
            return Ok(None);
        }
        self.take()
    }

    /// Returns the rows gathered, if any.
    pub(crate) fn take(&mut self) -> Result<Option<RecordBatch>> {
        if self.uids.is_empty() {
            return Ok(None);
        }
        let rows = std::mem::take(self);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("_uid", text(&rows.uids)),
            ("_org", repeated(&rows.orgs)),
            ("_file", repeated(&rows.files)),
            ("_line", Arc::new(Int64Array::from(rows.lines))),
            ("reason", repeated(&rows.reasons)),
            ("excerpt", text(&rows.excerpts)),
        ];
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, values)| Field::new(*name, values.data_type().clone(), true))
            .collect();
        let columns = columns.into_iter().map(|(_, values)| values).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
            .map(Some)
            .map_err(Error::columns("gather", QUARANTINE_TABLE))
    }
}

fn text(values: &[String]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn repeated(values: &[String]) -> ArrayRef {
    let values: DictionaryArray<Int32Type> = values.iter().map(String::as_str).collect();
    debug_assert_eq!(
        *arrow::array::Array::data_type(&values),
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
    );
    Arc::new(values)
}

/// Returns the identity of a quarantined row, so that loading a file twice keeps its bad rows once.
fn identity(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Returns the longest head of `text` that fits into `bytes` and ends between characters.
fn head(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        assert_eq!(head("関所", 4), "関");
        assert_eq!(head("ab", 4), "ab");
        assert_eq!(head("", 0), "");
    }

    #[test]
    fn identity_tells_parts_apart() {
        assert_ne!(identity(&["ab", "c"]), identity(&["a", "bc"]));
    }
}
