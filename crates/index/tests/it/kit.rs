//! Rows, their batches, and the plain count that an index must agree with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use sekisho_index::{BLOCK_ROWS, Entry, Index, IndexBuilder, IndexSize, IndexSpec};

/// The columns of the rows here.
pub(crate) const COLUMNS: [&str; 2] = ["few", "many"];

/// One row: its time and its two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) time_us: Option<i64>,
    pub(crate) texts: [Option<String>; 2],
}

/// How a column is given to the builder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// Texts in a dictionary, among them one that no row uses.
    Dictionary,
    /// A dictionary in which every text stands twice, and null is a value too.
    Untidy,
}

pub(crate) fn spec() -> IndexSpec {
    IndexSpec {
        time: "time".to_owned(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        hour_keys: COLUMNS.map(str::to_owned).to_vec(),
    }
}

pub(crate) fn batch(rows: &[Row], form: Form) -> RecordBatch {
    let times: TimestampMicrosecondArray = rows.iter().map(|row| row.time_us).collect();
    let mut fields = vec![Field::new(
        "time",
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        true,
    )];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(times.with_timezone("UTC"))];
    for (position, name) in COLUMNS.into_iter().enumerate() {
        let array = column(rows.iter().map(|row| row.texts[position].as_deref()), form);
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn column<'a>(texts: impl Iterator<Item = Option<&'a str>> + Clone, form: Form) -> ArrayRef {
    if form == Form::Plain {
        return Arc::new(texts.collect::<StringArray>());
    }
    let distinct: Vec<&str> = texts
        .clone()
        .flatten()
        .collect::<BTreeSet<&str>>()
        .into_iter()
        .collect();
    let mut values: Vec<Option<&str>> = vec![Some("no row has this")];
    values.extend(distinct.iter().copied().map(Some));
    if form == Form::Untidy {
        values.extend(distinct.iter().copied().map(Some));
        values.push(None);
    }
    let null_key = values.len() as i32 - 1;
    let keys: Int32Array = texts
        .enumerate()
        .map(|(row, text)| match text {
            None => (form == Form::Untidy && row % 2 == 0).then_some(null_key),
            Some(text) => {
                let key = distinct.binary_search(&text).unwrap() + 1;
                let second = form == Form::Untidy && row % 3 == 0;
                Some((key + if second { distinct.len() } else { 0 }) as i32)
            }
        })
        .collect();
    let values: ArrayRef = Arc::new(StringArray::from(values));
    Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).unwrap())
}

/// Returns the file over these batches.
pub(crate) fn file_of(batches: &[RecordBatch]) -> (Vec<u8>, IndexSize) {
    let mut builder = IndexBuilder::new(spec());
    for batch in batches {
        builder.push(batch).unwrap();
    }
    let mut bytes = Vec::new();
    let size = builder.finish(&mut bytes, u64::MAX).unwrap();
    assert_eq!(size.bytes, bytes.len() as u64);
    (bytes, size)
}

pub(crate) fn open(bytes: &[u8]) -> Index {
    Index::open(Box::new(bytes.to_vec())).unwrap()
}

/// A plain count: the same knowledge, one row at a time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) count: u64,
    pub(crate) undated: u64,
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
    pub(crate) blocks: BTreeSet<u64>,
}

impl Plain {
    fn add(&mut self, row: &Row, at: usize) {
        self.count += 1;
        self.undated += u64::from(row.time_us.is_none());
        if let Some(time) = row.time_us {
            self.first_us = Some(self.first_us.map_or(time, |first| first.min(time)));
            self.last_us = Some(self.last_us.map_or(time, |last| last.max(time)));
        }
        self.blocks.insert(at as u64 / BLOCK_ROWS);
    }

    pub(crate) fn of(entry: &Entry, rows: u64) -> Self {
        Self {
            count: entry.count,
            undated: entry.undated,
            first_us: entry.first_us,
            last_us: entry.last_us,
            blocks: entry
                .blocks
                .row_ranges(rows)
                .flat_map(|range| range.start / BLOCK_ROWS..range.end.div_ceil(BLOCK_ROWS))
                .collect(),
        }
    }
}

pub(crate) fn counted(rows: &[Row], position: usize) -> BTreeMap<Option<String>, Plain> {
    let mut counts: BTreeMap<Option<String>, Plain> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        counts.entry(row.texts[position].clone()).or_default().add(row, at);
    }
    counts
}

type HourKey = (Option<i64>, Vec<Option<String>>);

pub(crate) fn counted_hours(rows: &[Row]) -> BTreeMap<HourKey, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let hour = row.time_us.map(|time| time.div_euclid(3_600_000_000));
        *counts.entry((hour, row.texts.to_vec())).or_insert(0) += 1;
    }
    counts
}

/// Checks everything that the index says of the rows.
pub(crate) fn check(index: &Index, rows: &[Row]) {
    check_values(index, rows);
    check_hours(index, rows);
}

/// Checks what the index says of the values.
pub(crate) fn check_values(index: &Index, rows: &[Row]) {
    assert_eq!(index.rows(), rows.len() as u64);
    for (position, name) in COLUMNS.into_iter().enumerate() {
        let mut expected = counted(rows, position);
        let column = index.column(name).unwrap();
        let nulls = expected.remove(&None).unwrap_or_default();
        assert_eq!(Plain::of(column.nulls(), index.rows()), nulls, "{name}: null");
        assert_eq!(column.values(), expected.len() as u64);
        let entries = column.entries().unwrap();
        let found: BTreeMap<Option<String>, Plain> = entries
            .map(|entry| entry.unwrap())
            .map(|(value, entry)| (Some(value), Plain::of(&entry, index.rows())))
            .collect();
        assert_eq!(found, expected, "{name}");
        for (value, known) in &expected {
            let entry = column.lookup(value.as_deref().unwrap()).unwrap().unwrap();
            assert_eq!(&Plain::of(&entry, index.rows()), known, "{name}: {value:?}");
        }
        for value in expected.keys().flatten() {
            let same = |other: &&String| fold(other) == fold(value);
            let blocks: BTreeSet<u64> = expected
                .iter()
                .filter(|(other, _)| other.as_ref().as_ref().is_some_and(same))
                .flat_map(|(_, known)| known.blocks.clone())
                .collect();
            let found = column.places_ignoring_case(&value.to_ascii_uppercase()).unwrap();
            let found = Plain::of(
                &Entry {
                    blocks: found,
                    ..Entry::default()
                },
                index.rows(),
            )
            .blocks;
            assert_eq!(found, blocks, "{name}: {value:?} in any case");
        }
        for absent in ["no row has this", "\u{0}", "\u{10ffff}"] {
            if !expected.contains_key(&Some(absent.to_owned())) {
                assert_eq!(column.lookup(absent).unwrap(), None);
            }
        }
    }
}

fn fold(text: &str) -> String {
    text.replace('\u{212a}', "k")
        .replace('\u{17f}', "s")
        .to_ascii_lowercase()
}

fn check_hours(index: &Index, rows: &[Row]) {
    let hours = index.hours().unwrap().unwrap();
    assert_eq!(hours.columns(), COLUMNS);
    let found: BTreeMap<HourKey, u64> = hours
        .iter()
        .map(|row| {
            let keys = row.keys.into_iter().map(|key| key.map(str::to_owned)).collect();
            ((row.hour, keys), row.count)
        })
        .collect();
    assert_eq!(found, counted_hours(rows));
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
