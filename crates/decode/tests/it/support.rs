//! A sink that keeps what it is given, and short ways to look into it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::compute::concat_batches;
use sekisho_decode::{DecodeError, Options, Rejected, Sink, SinkError, Summary};
use sekisho_event::catalogue::Table;
use sekisho_event::{cells, common, layout};

/// Everything that came out of one or more streams.
#[derive(Default)]
pub(crate) struct Kept {
    tables: BTreeMap<String, (Arc<Table>, Vec<RecordBatch>)>,
    pub(crate) rejected: Vec<Rejected>,
    pub(crate) batches: usize,
}

impl Sink for Kept {
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), SinkError> {
        assert_eq!(
            batch.schema(),
            layout::schema_of(table),
            "batches have the table's schema"
        );
        self.batches += 1;
        let entry = self.tables.entry(table.name.clone());
        let (_, batches) = entry.or_insert_with(|| (Arc::clone(table), Vec::new()));
        batches.push(batch);
        Ok(())
    }

    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError> {
        self.rejected.push(row);
        Ok(())
    }
}

impl Kept {
    /// Returns rows by table.
    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        let rows = |batches: &[RecordBatch]| batches.iter().map(|batch| batch.num_rows() as u64).sum();
        self.tables
            .iter()
            .map(|(name, (_, batches))| (name.clone(), rows(batches)))
            .collect()
    }

    pub(crate) fn rows(&self) -> u64 {
        self.counts().values().sum()
    }

    /// Returns the rows of one table.
    pub(crate) fn table(&self, name: &str) -> Rows {
        let found = self.tables.get(name);
        let (table, batches) = found.unwrap_or_else(|| panic!("no rows of {name}; there are {:?}", self.counts()));
        let batch = concat_batches(&layout::schema_of(table), batches).unwrap();
        let events = common::project(table, &batch).unwrap();
        Rows { batch, events }
    }

    /// Checks that there are no rows and nothing was rejected.
    pub(crate) fn only_nothing(&self) {
        assert_eq!((self.counts(), self.rejected.as_slice()), (BTreeMap::new(), &[][..]));
    }

    /// Returns the rows of the only table there is.
    pub(crate) fn only(&self, name: &str, rows: u64) -> Rows {
        assert_eq!(
            self.counts(),
            BTreeMap::from([(name.to_owned(), rows)]),
            "{:?}",
            self.rejected
        );
        self.table(name)
    }
}

/// The rows of one table, and what they are in `events`.
pub(crate) struct Rows {
    pub(crate) batch: RecordBatch,
    pub(crate) events: RecordBatch,
}

impl Rows {
    /// Returns the cell of a typed column as text.
    pub(crate) fn cell(&self, row: usize, column: &str) -> Option<String> {
        text_of(&self.batch, row, column)
    }

    /// Returns the cell of a common column as text.
    pub(crate) fn event(&self, row: usize, column: &str) -> Option<String> {
        text_of(&self.events, row, column)
    }

    /// Checks typed cells; an empty expectation is null.
    pub(crate) fn expect(&self, row: usize, cells: &[(&str, &str)]) {
        for (column, expected) in cells {
            let expected = (!expected.is_empty()).then(|| (*expected).to_owned());
            assert_eq!(self.cell(row, column), expected, "row {row}, column {column}");
        }
    }

    /// Checks common cells; an empty expectation is null.
    pub(crate) fn expect_event(&self, row: usize, cells: &[(&str, &str)]) {
        for (column, expected) in cells {
            let expected = (!expected.is_empty()).then(|| (*expected).to_owned());
            assert_eq!(self.event(row, column), expected, "row {row}, events.{column}");
        }
    }

    pub(crate) fn uids(&self) -> Vec<String> {
        (0..self.batch.num_rows())
            .map(|row| self.cell(row, layout::UID).unwrap())
            .collect()
    }

    /// Returns the JSON object in `_original` or `_extra`.
    pub(crate) fn object(&self, row: usize, column: &str) -> serde_json::Value {
        self.cell(row, column)
            .map_or(serde_json::Value::Null, |text| serde_json::from_str(&text).unwrap())
    }
}

fn text_of(batch: &RecordBatch, row: usize, column: &str) -> Option<String> {
    let found = batch.column_by_name(column);
    let array = found.unwrap_or_else(|| panic!("no column {column}"));
    assert!(row < array.len(), "no row {row}");
    cells::text(array, row).map(std::borrow::Cow::into_owned)
}

/// Options under which nothing is said about the stream but its name.
pub(crate) fn named(file: &str) -> Options {
    Options {
        file: file.to_owned(),
        ..Options::default()
    }
}

/// Options that name the kind.
pub(crate) fn as_kind(kind: &str, file: &str) -> Options {
    Options {
        kind: Some(kind.parse().unwrap()),
        ..named(file)
    }
}

pub(crate) fn try_decode(bytes: &[u8], options: &Options) -> (Result<Summary, DecodeError>, Kept) {
    let mut kept = Kept::default();
    let mut reader = bytes;
    let result = sekisho_decode::decode(&mut reader, options, &mut kept);
    (result, kept)
}

/// Decodes a stream that can be read; what the summary says must be what the sink was given.
pub(crate) fn decode_with(bytes: &[u8], options: &Options) -> Kept {
    let (result, kept) = try_decode(bytes, options);
    let summary = result.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(summary.tables, kept.counts());
    assert_eq!(summary.rejected, kept.rejected.len() as u64);
    kept
}

pub(crate) fn decode(bytes: &[u8], file: &str) -> Kept {
    decode_with(bytes, &named(file))
}

/// Decodes a fixture without a hint; no row of it may be rejected.
pub(crate) fn fixture(path: &str) -> Kept {
    let kept = decode(&fixture_bytes(path), path);
    assert_eq!(kept.rejected, [], "{path}");
    kept
}

pub(crate) fn fixture_bytes(path: &str) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns every file under a folder, in one order on every machine.
pub(crate) fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Returns every fixture, as (path below `fixtures`, bytes).
pub(crate) fn all_fixtures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(&path).unwrap())
    };
    files_under(&root).into_iter().map(read).collect()
}

/// Returns a folder of the reference data, or says that the test is skipped.
pub(crate) fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !root.exists() {
        println!("skipped: {test}: ../shared is missing");
        return None;
    }
    Some(root.join(path))
}
