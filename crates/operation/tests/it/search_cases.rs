//! The search language on a real engine: the text files beside its crate, and text that nobody would write.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sekisho_event::common;
use sekisho_event::time::parse_instant;
use sekisho_search::{MAX_DEPTH, parse, quote, to_sql};
use sekisho_store::{SqlLimits, sql_over_batches};

const EVENTS: &str = include_str!("../../../search/tests/cases/events.txt");

const CASES: [&str; 2] = [
    include_str!("../../../search/tests/cases/fields.txt"),
    include_str!("../../../search/tests/cases/words.txt"),
];

/// Returns `events` with a number for each row, its texts held as `text`.
fn events(text: &DataType) -> RecordBatch {
    let mut numbers = Vec::new();
    let mut rows: Vec<BTreeMap<&str, &str>> = Vec::new();
    for line in EVENTS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (number, cells) = line.split_once(' ').unwrap();
        numbers.push(number);
        rows.push(cells.split(" | ").map(|cell| cell.split_once('=').unwrap()).collect());
    }
    let mut fields = vec![Field::new("number", DataType::Utf8, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(numbers))];
    for field in common::schema().fields() {
        let cells = rows.iter().map(|row| row.get(field.name().as_str()).copied());
        let column = match field.data_type() {
            DataType::Timestamp(..) => {
                let times = cells.map(|cell| cell.map(|cell| parse_instant(cell, None).unwrap()));
                let times: arrow::array::Int64Array = times.collect();
                cast(&(Arc::new(times) as ArrayRef), field.data_type()).unwrap()
            }
            DataType::Int64 | DataType::Float64 => {
                let texts: StringArray = cells.collect();
                cast(&(Arc::new(texts) as ArrayRef), field.data_type()).unwrap()
            }
            _ => {
                let texts: StringArray = cells.collect();
                cast(&(Arc::new(texts) as ArrayRef), text).unwrap()
            }
        };
        fields.push(Field::new(field.name(), column.data_type().clone(), true));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// Returns the first column of the rows that a search finds, in order.
fn found(batch: &RecordBatch, search: &str) -> Vec<String> {
    let query = parse(search).unwrap_or_else(|error| panic!("{search}: {error}"));
    let name = batch.schema_ref().field(0).name().clone();
    let statement = format!("SELECT \"{name}\" FROM events WHERE {} ORDER BY 1", to_sql(&query));
    let tables = vec![("events".to_owned(), batch.schema(), vec![batch.clone()])];
    let rows = sql_over_batches(tables, &statement, SqlLimits::default());
    let rows = rows.unwrap_or_else(|error| panic!("{search}: {error}"));
    rows.flat_map(|batch| {
        let batch = batch.unwrap_or_else(|error| panic!("{search}: {error}"));
        let texts = cast(batch.column(0), &DataType::Utf8).unwrap();
        texts
            .as_string::<i32>()
            .iter()
            .flatten()
            .map(str::to_owned)
            .collect::<Vec<String>>()
    })
    .collect()
}

#[test]
fn searches_find_the_events_that_the_text_files_name() {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut seen = 0;
    let mut wrong = Vec::new();
    for text in [DataType::Utf8View, dictionary] {
        let batch = events(&text);
        let mut search = None;
        for line in CASES.concat().lines() {
            if let Some(q) = line.strip_prefix('q') {
                search = Some(q.strip_prefix(' ').unwrap_or(q).to_owned());
            } else if let Some(expected) = line.strip_prefix("= ") {
                let q = search.take().unwrap();
                let rows = found(&batch, &q).join(" ");
                let rows = if rows.is_empty() { "none" } else { &rows };
                if rows != expected {
                    wrong.push(format!("{q} finds {rows}, not {expected}"));
                }
                seen += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{text}", text = wrong.join("\n"));
    assert!(seen > 200, "only {seen} searches");
}

#[test]
fn any_text_in_quotes_finds_exactly_itself() {
    let hostile = [
        "'",
        "''",
        "\\",
        "\\'",
        "' OR TRUE --",
        "'; DROP TABLE events; --",
        "%",
        "_",
        "\\%",
        "\\_",
        "\\\\%",
        "*",
        "?",
        "\"",
        "\"\"",
        "a\nb",
        "a\0b",
        "\u{202e}x",
        "<script>",
        "=1+1",
        "100%_\\",
        "ＡＢＣ",
        "ß",
        "İ",
        "$1",
        "{}",
        "(a|b)",
        "[a-z]+",
        "^$",
        ".*",
        "/*",
        "\t",
    ];
    let ids = StringArray::from_iter_values((0..hostile.len()).map(|row| format!("{row:03}")));
    let texts: ArrayRef = Arc::new(StringArray::from_iter_values(hostile));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(ids),
        Arc::clone(&texts),
        cast(&texts, &DataType::Utf8View).unwrap(),
    ];
    let schema: SchemaRef = Arc::new(Schema::new(vec![
        Field::new("number", DataType::Utf8, false),
        Field::new("record_id", DataType::Utf8, true),
        Field::new("actor", DataType::Utf8View, true),
    ]));
    let batch = RecordBatch::try_new(schema, columns).unwrap();
    for (row, text) in hostile.iter().enumerate() {
        for field in ["record_id", "actor"] {
            let search = format!("{field}:{}", quote(text));
            assert_eq!(found(&batch, &search), [format!("{row:03}")], "{search}");
        }
    }
}

#[test]
fn the_deepest_and_the_longest_searches_are_planned() {
    let batch = events(&DataType::Utf8View);
    let deepest = format!("{}alice{}", "-(".repeat(MAX_DEPTH / 2), ")".repeat(MAX_DEPTH / 2));
    assert_eq!(found(&batch, &deepest), ["1"]);
    let fields = format!("actor:({})", "x* OR ".repeat(127) + "bob*");
    assert_eq!(found(&batch, &fields), ["2"]);
    let words = "zz ".repeat(31) + "alice";
    assert!(found(&batch, &words).is_empty());
}
