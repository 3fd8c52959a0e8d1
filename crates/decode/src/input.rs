//! Cutting a stream into raw rows, each bounded, so that a broken row costs only itself.

mod csv;
mod lines;
mod stream;
mod text;
mod values;

pub(crate) use csv::{CsvRecord, CsvRecords};
pub(crate) use lines::Lines;
pub(crate) use stream::Stream;
pub(crate) use text::{TextDecoder, excerpt};
pub(crate) use values::{JsonValues, is_body_key, is_row_key};

/// A raw row, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw<'a> {
    /// The bytes of a row.
    Row(&'a [u8]),
    /// What could not be cut into a row.
    Broken { reason: &'static str, bytes: &'a [u8] },
}
