//! What is written is what `parquet` reads, whatever the values.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::PageIndexPolicy;
use proptest::prelude::*;

use super::*;

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn words() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn batch_of(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    RecordBatch::try_new(schema, columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn written(batches: &[RecordBatch]) -> Bytes {
    let mut file = FileWriter::begin(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        file.write(batch).unwrap();
    }
    file.finish().unwrap();
    assert!(file.bytes_held() < 64 << 20);
    Bytes::from(file.inner().clone())
}

fn read(bytes: Bytes) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    reader
        .with_batch_size(1_000)
        .build()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Texts in dictionaries are compared as texts: readers may number them anew.
fn plain(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.columns().iter().map(|array| match array.data_type() {
        DataType::Dictionary(..) => cast(array, &DataType::Utf8).unwrap(),
        _ => Arc::clone(array),
    });
    let names: Vec<String> = batch
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    batch_of(names.iter().map(String::as_str).zip(columns).collect())
}

fn check(batches: &[RecordBatch]) -> Bytes {
    let bytes = written(batches);
    let found = read(bytes.clone());
    for batch in &found {
        assert_eq!(batch.schema().fields(), batches[0].schema().fields());
    }
    let all = |batches: &[RecordBatch]| {
        let batches: Vec<RecordBatch> = batches.iter().map(plain).collect();
        concat_batches(&batches[0].schema(), &batches).unwrap()
    };
    assert_eq!(all(&found), all(batches));
    bytes
}

type Cells = (
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<f64>,
    Option<bool>,
);

fn batch(rows: &[Cells]) -> RecordBatch {
    let dictionary: DictionaryArray<Int32Type> = rows.iter().map(|row| row.0.as_deref()).collect();
    let times = TimestampMicrosecondArray::from_iter(rows.iter().map(|row| row.3));
    batch_of(vec![
        ("word", Arc::new(dictionary)),
        (
            "text",
            Arc::new(StringArray::from_iter(rows.iter().map(|row| row.1.as_deref()))),
        ),
        ("integer", Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.2)))),
        ("time", Arc::new(times.with_timezone("UTC"))),
        (
            "decimal",
            Arc::new(Float64Array::from_iter(rows.iter().map(|row| row.4))),
        ),
        ("truth", Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.5)))),
    ])
}

fn cells() -> impl Strategy<Value = Cells> {
    let integer = prop_oneof![Just(0), -100..100i64, any::<i64>()];
    (
        proptest::option::of("[a-d]{0,2}"),
        proptest::option::of(".{0,12}"),
        proptest::option::of(integer),
        proptest::option::weighted(0.9, 1_700_000_000_000_000..1_800_000_000_000_000i64),
        proptest::option::of(any::<f64>().prop_filter("equal to itself", |value| !value.is_nan())),
        proptest::option::of(any::<bool>()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_rows_come_back(batches in proptest::collection::vec(proptest::collection::vec(cells(), 1..120), 1..6)) {
        let batches: Vec<RecordBatch> = batches.iter().map(|rows| batch(rows)).collect();
        check(&batches);
    }
}

#[test]
fn many_pages_and_row_groups_come_back() {
    let row = |n: i64| -> Cells {
        (
            (n % 5 != 0).then(|| format!("w{}", n / 3_000 % 40)),
            (n % 7 != 0).then(|| format!("text {n}")),
            (n % 11 != 0).then_some(n * n % 1_000),
            Some(1_700_000_000_000_000 + n * 1_000),
            (n % 2 == 0).then_some(n as f64 / 8.0),
            (n % 3 == 0).then_some(n % 2 == 0),
        )
    };
    let rows: Vec<Cells> = (0..300_000).map(row).collect();
    let batches: Vec<RecordBatch> = rows.chunks(8_192).map(batch).collect();
    let bytes = check(&batches);
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let metadata = ArrowReaderMetadata::load(&bytes, options).unwrap();
    let metadata = metadata.metadata();
    let groups: Vec<i64> = metadata.row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [131_072, 131_072, 37_856]);
    let pages = metadata.offset_index().unwrap();
    assert_eq!(pages[0][3].page_locations.len(), 8);
    assert_eq!(pages[0][3].page_locations[1].first_row_index, 16_384);
    assert!(metadata.column_index().is_some());
    let statistics = |column: usize| metadata.row_group(2).column(column).statistics().unwrap();
    let least = statistics(3).min_bytes_opt().unwrap();
    assert_eq!(least, (1_700_000_000_000_000_i64 + 262_144_000).to_le_bytes());
    assert_eq!(statistics(0).null_count_opt(), Some(7_571));
    assert_eq!(statistics(0).min_bytes_opt(), Some(&b"w10"[..]));
    assert_eq!(statistics(1).min_bytes_opt(), None, "text has no bounds");
}

#[test]
fn columns_without_values_come_back() {
    let rows = vec![(None, None, None, None, None, None); 20_000];
    check(&[batch(&rows)]);
    let empty = vec![
        (
            Some(String::new()),
            Some(String::new()),
            Some(0),
            Some(0),
            Some(-0.0),
            Some(false)
        );
        40
    ];
    check(&[batch(&rows[..30]), batch(&empty), batch(&rows[..1])]);
}

#[test]
fn texts_that_do_not_repeat_leave_the_dictionary() {
    let row = |n: usize| -> Cells {
        let text = format!("{n:0200}");
        (
            (!n.is_multiple_of(9)).then(|| text.clone()),
            Some(text),
            None,
            Some(n as i64),
            None,
            None,
        )
    };
    let distinct: Vec<Cells> = (0..24_000).map(row).collect();
    let repeated: Vec<Cells> = (0..9_000).map(|n| row(n % 50)).collect();
    let batches: Vec<RecordBatch> = distinct
        .chunks(8_000)
        .chain(repeated.chunks(8_000))
        .map(batch)
        .collect();
    let bytes = check(&batches);
    let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).unwrap();
    let column = metadata.metadata().row_group(0).column(0);
    assert_eq!(column.statistics().unwrap().min_bytes_opt(), None);
}

#[test]
fn dictionaries_with_nulls_and_slices_come_back() {
    let texts = StringArray::from(vec![Some("a"), None, Some("unused"), Some("b")]);
    let keys = Int32Array::from(vec![Some(3), Some(1), None, Some(0), Some(0), Some(3)]);
    let array: ArrayRef = Arc::new(DictionaryArray::new(keys, Arc::new(texts)));
    let whole = batch_of(vec![("word", array)]);
    assert_eq!(whole.schema().field(0).data_type(), &words());
    let found = read(written(&[whole.slice(1, 4)]));
    let texts = plain(&found[0]);
    let expected = StringArray::from(vec![None, None, Some("a"), Some("a")]);
    assert_eq!(texts.column(0).as_ref(), &expected as &dyn arrow::array::Array);
}

#[test]
fn a_huge_cell_has_a_page_of_its_own() {
    let text = |n: usize| Some("x".repeat(if n == 1 { 20 << 20 } else { 3 }));
    let rows: Vec<Cells> = (0..5).map(|n| (text(n), text(n), None, None, None, None)).collect();
    check(&[batch(&rows)]);
}

#[test]
fn types_that_the_store_does_not_keep_are_refused() {
    let schema = |ty, is_nullable| Schema::new(vec![Field::new("a", ty, is_nullable)]);
    assert!(FileWriter::begin(Vec::new(), &schema(DataType::Binary, true)).is_err());
    assert!(FileWriter::begin(Vec::new(), &schema(DataType::Int64, false)).is_err());
    assert!(FileWriter::begin(Vec::new(), &schema(instant(), true)).is_ok());
}
