//! What an index costs on rows such as a month of an org's API events makes. Run by hand, optimised:
//! `cargo test --release -p sekisho-index -- --ignored --nocapture speed`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "it measures, and says what it measured"
)]

use std::sync::Arc;
use std::time::Instant;

use arrow::array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Int32Type, Schema};
use sekisho_index::{IndexBuilder, IndexSpec};

use crate::kit::{Dice, open};

const ROWS: u64 = 4_000_000;
const BATCH_ROWS: u64 = 8_192;

/// Name, distinct values, and how the row picks one.
const COLUMNS: [(&str, u64, Pick); 12] = [
    ("org", 1, Pick::Any),
    ("table", 3, Pick::Any),
    ("action", 30, Pick::Any),
    ("outcome", 2, Pick::Any),
    ("actor", 4_000, Pick::Any),
    ("actor_id", 4_000, Pick::Any),
    ("src_ip", 9_000, Pick::Any),
    ("user_agent", 120, Pick::Any),
    ("app", 60, Pick::Any),
    ("session_key", 80_000, Pick::Near),
    ("login_key", 60_000, Pick::Near),
    ("object", 300, Pick::Any),
];

#[derive(Clone, Copy)]
enum Pick {
    Any,
    /// Values come and go in time, as sessions do.
    Near,
}

#[test]
#[ignore = "measures; needs an optimised build"]
fn speed() {
    let mut dice = Dice(5);
    let batches: Vec<RecordBatch> = (0..ROWS / BATCH_ROWS).map(|number| batch(number, &mut dice)).collect();
    let mut builder = IndexBuilder::new(IndexSpec {
        time: "time".to_owned(),
        columns: COLUMNS.map(|(name, ..)| name.to_owned()).to_vec(),
        hour_keys: vec!["org".to_owned(), "table".to_owned()],
    });
    let start = Instant::now();
    batches.iter().for_each(|batch| builder.push(batch).unwrap());
    let pushed = start.elapsed();
    let held = builder.memory_bytes();
    let mut bytes = Vec::new();
    let size = builder.finish(&mut bytes, u64::MAX).unwrap();
    let whole = start.elapsed();
    let per_row = |time: std::time::Duration| time.as_nanos() as f64 / ROWS as f64;
    println!(
        "{ROWS} rows, 12 columns: {:.1} ns a row to count, {:.1} with the file; {} MiB held; {:.2} bytes a row",
        per_row(pushed),
        per_row(whole),
        held >> 20,
        size.bytes as f64 / ROWS as f64
    );
    for column in &size.columns {
        println!(
            "  {:12} {:8} values {:9} bytes",
            column.name, column.values, column.bytes
        );
    }
    let index = open(&bytes);
    let start = Instant::now();
    let column = index.column("session_key").unwrap();
    for _ in 0..1_000 {
        let value = value("session_key", dice.below(80_000));
        std::hint::black_box(column.lookup(&value).unwrap());
    }
    println!("  {:.1} µs a look-up", start.elapsed().as_micros() as f64 / 1_000.0);
    let start = Instant::now();
    let values = column.entries().unwrap().filter(|entry| entry.is_ok()).count();
    println!(
        "  {values} values read in {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
}

fn value(column: &str, number: u64) -> String {
    let scrambled = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17);
    match column {
        "src_ip" => format!("198.18.{}.{}", number / 256, number % 256),
        "actor" => format!("user{number}@example.com"),
        "user_agent" => format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{number}.0"),
        _ => format!("{column}{scrambled:016x}"),
    }
}

fn batch(number: u64, dice: &mut Dice) -> RecordBatch {
    let rows = || 0..BATCH_ROWS;
    let first = number * BATCH_ROWS;
    let times = rows().map(|row| ((first + row) * 600 + dice.below(5_000)) as i64 * 1_000);
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let mut fields = vec![Field::new("time", times_type(&times), true)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(times)];
    for (name, distinct, pick) in COLUMNS {
        let mut numbers = std::collections::HashMap::new();
        let mut texts = Vec::new();
        let keys: Int32Array = rows()
            .map(|row| {
                let picked = match pick {
                    Pick::Any => dice.below(distinct),
                    Pick::Near => ((first + row) * distinct / ROWS + dice.below(400)) % distinct,
                };
                let key = *numbers.entry(picked).or_insert_with(|| {
                    texts.push(value(name, picked));
                    texts.len() as i32 - 1
                });
                Some(key)
            })
            .collect();
        let array = DictionaryArray::<Int32Type>::try_new(keys, Arc::new(StringArray::from(texts))).unwrap();
        fields.push(Field::new(name, arrow::array::Array::data_type(&array).clone(), true));
        arrays.push(Arc::new(array));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn times_type(times: &TimestampMicrosecondArray) -> arrow::datatypes::DataType {
    arrow::array::Array::data_type(times).clone()
}
