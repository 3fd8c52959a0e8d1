//! Stores and batches for the tests.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use sekisho_store::{Mode, NoKnownTables, SqlLimits, Store};

pub(crate) const DAY: i64 = 86_400_000_000;
/// 2024-03-11T00:00:00Z.
pub(crate) const START: i64 = 1_710_115_200_000_000;

pub(crate) fn open(dir: &Path) -> Store {
    Store::open(dir, Mode::ReadWrite, Arc::new(NoKnownTables)).unwrap()
}

pub(crate) fn read(dir: &Path) -> Store {
    Store::open(dir, Mode::ReadOnly, Arc::new(NoKnownTables)).unwrap()
}

pub(crate) fn uid(number: u64) -> String {
    // Spread like a hash, so that identity files are searched as they will be.
    let head = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("{head:016x}{number:016x}")
}

pub(crate) fn dictionary(values: impl Iterator<Item = Option<&'static str>>) -> ArrayRef {
    Arc::new(values.collect::<DictionaryArray<Int32Type>>())
}

/// Returns rows `numbers`, one an hour from `START`; every tenth row has no time where `has_gaps`.
pub(crate) fn rows(numbers: std::ops::Range<u64>, has_gaps: bool) -> RecordBatch {
    let list: Vec<u64> = numbers.collect();
    let times = list
        .iter()
        .map(|n| (!has_gaps || n % 10 != 0).then_some(START + i64::try_from(*n).unwrap() * 3_600_000_000));
    batch(vec![
        (
            "_uid",
            Arc::new(StringArray::from_iter_values(list.iter().map(|n| uid(*n)))),
        ),
        (
            "_time",
            Arc::new(TimestampMicrosecondArray::from_iter(times).with_timezone("UTC")),
        ),
        ("_org", dictionary(list.iter().map(|_| Some("00D000000000001")))),
        (
            "USER_TYPE",
            dictionary(
                list.iter()
                    .map(|n| [Some("Standard"), Some("Guest"), None][(n % 3) as usize]),
            ),
        ),
        (
            "ROWS",
            Arc::new(Int64Array::from_iter_values(
                list.iter().map(|n| i64::try_from(*n).unwrap()),
            )),
        ),
    ])
}

pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, values)| Field::new(*name, values.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns.into_iter().map(|(_, values)| values).collect(),
    )
    .unwrap()
}

/// Loads one batch into one table as a segment.
pub(crate) fn load(store: &Store, table: &str, batch: RecordBatch) -> (usize, usize) {
    let mut ingest = store.begin().unwrap();
    ingest.write_segments().unwrap();
    let appended = ingest.append(table, batch).unwrap();
    ingest.commit().unwrap();
    (appended.kept.num_rows(), appended.duplicates)
}

/// Loads one batch into one table as a stream does: the catalogue keeps the rows where they are few.
pub(crate) fn stream(store: &Store, table: &str, batch: RecordBatch) -> (usize, usize) {
    let mut ingest = store.begin().unwrap();
    let appended = ingest.append(table, batch).unwrap();
    ingest.commit().unwrap();
    (appended.kept.num_rows(), appended.duplicates)
}

/// Returns the cells of a query as text, row by row, with or without value indexes.
pub(crate) fn ask_with(store: &Store, sql: &str, use_index: bool) -> Vec<Vec<String>> {
    let limits = SqlLimits {
        timeout: std::time::Duration::from_secs(280),
        use_index,
        ..SqlLimits::default()
    };
    texts(store.sql(sql, limits).unwrap().map(Result::unwrap))
}

/// Returns the cells of a query as text, row by row.
pub(crate) fn ask(store: &Store, sql: &str) -> Vec<Vec<String>> {
    // What is asked here is the answer, not speed: an unoptimised engine on a busy machine takes its time.
    let limits = SqlLimits {
        timeout: std::time::Duration::from_secs(280),
        ..SqlLimits::default()
    };
    texts(store.sql(sql, limits).unwrap().map(Result::unwrap))
}

pub(crate) fn texts(batches: impl Iterator<Item = RecordBatch>) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cell = |values: &ArrayRef| arrow::util::display::array_value_to_string(values, row).unwrap();
            rows.push(batch.columns().iter().map(cell).collect());
        }
    }
    rows
}

pub(crate) fn count(store: &Store, table: &str) -> u64 {
    store
        .tables()
        .unwrap()
        .into_iter()
        .find(|stat| stat.name == table)
        .map_or(0, |stat| stat.events)
}

pub(crate) fn files_in(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(files_in(&path));
        } else {
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    names.sort();
    names
}

pub(crate) fn is_dictionary(values: &dyn Array) -> bool {
    matches!(values.data_type(), DataType::Dictionary(..)) && values.as_dictionary_opt::<Int32Type>().is_some()
}
