//! What is kept of the files that rows came from: which hour or day each covers, and in which files a row stood.
//!
//! Salesforce delivers the same row several times: in an hourly file, in a later one, in the daily file, in the file that
//! replaces that. The row is stored once and names the file that it first came in. Where it stood besides is kept in
//! [`DELIVERIES_TABLE`], so that hourly and daily files can be compared whatever order they came in.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};

use crate::error::{Error, Result};
use crate::report::FileRecord;

/// The table of the files in which stored rows stood besides the one that they name.
pub const DELIVERIES_TABLE: &str = "sekisho.deliveries";

/// How much of time a file covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReachKind {
    /// An hour.
    Hour,
    /// A day, or a part of a day's file.
    Day,
}

impl ReachKind {
    /// Returns its name in the catalogue.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Hour, Self::Day].into_iter().find(|kind| kind.name() == name)
    }
}

/// What says how much of time a file covers; the first that says it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReachBy {
    /// The file's name.
    Name,
    /// The platform's own list of its files.
    Metadata,
    /// The times of the file's rows.
    Rows,
}

impl ReachBy {
    /// Returns its name in the catalogue.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Metadata => "metadata",
            Self::Rows => "rows",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Name, Self::Metadata, Self::Rows]
            .into_iter()
            .find(|by| by.name() == name)
    }
}

/// The hour or day that a file covers. They are ordered by how far they are to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reach {
    /// What says so.
    pub by: ReachBy,
    /// An hour or a day.
    pub kind: ReachKind,
    /// Its start, in microseconds since 1970 UTC.
    pub from_us: i64,
}

/// A stream of an input file, and a name that it was loaded by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamName {
    /// The SHA-256 of the file.
    pub sha256: String,
    /// Which stream of it.
    pub part: String,
    /// The name.
    pub name: String,
}

/// The rows of one table and org in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// The table.
    pub table: String,
    /// The org.
    pub org: String,
    /// The rows, stored before or not.
    pub rows: u64,
    /// The first and last time among them, in microseconds since 1970 UTC.
    pub times: Option<(i64, i64)>,
    /// The rows without a time.
    pub undated: u64,
}

/// A stream of an input file that was read: the file itself, or a member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRecord {
    /// What is remembered of it in `sekisho.files`.
    pub record: FileRecord,
    /// Which stream of the file it is; empty where it is the whole of it.
    pub part: String,
    /// How it was read: the same bytes read the same way give the same rows.
    pub reading: String,
    /// What its deliveries are kept under.
    pub key: String,
    /// Whether it was read to its end and nothing was wrong with it.
    pub is_whole: bool,
    /// The hour or day that it covers, as its name and as its rows say it.
    pub reaches: Vec<Reach>,
    /// What is in it, for the tables whose files are compared.
    pub covers: Vec<Cover>,
}

/// Returns the deliveries of rows: of `batch` those where `is_wanted`.
pub(crate) fn deliveries(
    table: &str,
    batch: &RecordBatch,
    is_wanted: &BooleanArray,
    key: &str,
    is_first: bool,
) -> Result<RecordBatch> {
    let rows = arrow::compute::filter_record_batch(batch, is_wanted).map_err(Error::columns("filter", table))?;
    let count = rows.num_rows();
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut push = |name: &str, values: ArrayRef| {
        fields.push(Field::new(name, values.data_type().clone(), true));
        columns.push(values);
    };
    for (from, to) in [
        ("_uid", "row"),
        ("_time", "_time"),
        ("_org", "_org"),
        ("_file", "_file"),
        ("_line", "_line"),
    ] {
        let wanted = match from {
            "_uid" => DataType::Utf8,
            "_time" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "_line" => DataType::Int64,
            _ => word_type(),
        };
        let values = match rows.column_by_name(from) {
            Some(values) => arrow::compute::cast(values, &wanted).map_err(Error::columns("convert", table))?,
            None => arrow::array::new_null_array(&wanted, count),
        };
        push(to, values);
    }
    push("table", word(table, count));
    push("key", word(key, count));
    push("is_first", Arc::new(BooleanArray::from(vec![is_first; count])));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(Error::columns("gather", DELIVERIES_TABLE))
}

fn word_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Returns a column of one word.
fn word(word: &str, rows: usize) -> ArrayRef {
    let keys = Int32Array::from(vec![0; rows]);
    let values: ArrayRef = Arc::new(StringArray::from(vec![word]));
    match DictionaryArray::<Int32Type>::try_new(keys, values) {
        Ok(column) => Arc::new(column),
        // Every key is in the dictionary of one; nulls would be refused by nobody.
        Err(_) => arrow::array::new_null_array(&word_type(), rows),
    }
}
