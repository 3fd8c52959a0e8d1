//! Rules and batches for tests.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::{DataType, Int32Type};
use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::layout::{self, schema_of};
use sekisho_sigma::{AliasTable, LineResult, LoadOptions, Routing, RuleSet, TableView, match_ndjson};

/// A rule of this detection, written as YAML or JSON on one line.
pub(crate) fn rule(id: &str, logsource: &str, detection: &str) -> String {
    format!("title: Test {id}\nid: {id}\nlogsource: {logsource}\ndetection: {detection}\nlevel: low\n")
}

/// A rule set of one file.
pub(crate) fn load(text: &str) -> RuleSet {
    RuleSet::load([("test.yml", text)], &LoadOptions::default()).unwrap()
}

/// The ids of the rules that match each line, in the order in which they come.
pub(crate) fn matches(rules: &RuleSet, lines: &[&str]) -> Vec<(u64, String)> {
    let numbered = lines
        .iter()
        .zip(1..)
        .map(|(line, number)| (number, line.as_bytes().to_vec()));
    match_ndjson(rules, &Routing::All, numbered.collect::<Vec<_>>())
        .filter_map(|result| match result {
            LineResult::Match { rule, line } => Some((line, rules.rule(rule).unwrap().id.clone())),
            LineResult::Rejected { .. } => None,
        })
        .collect()
}

/// A table of the catalogue.
pub(crate) fn table(name: &str) -> &'static Table {
    Catalogue::builtin()
        .table(name)
        .unwrap_or_else(|| panic!("no table {name}"))
}

/// The view of a table with the shipped aliases.
pub(crate) fn view(table: &Table) -> TableView {
    TableView::of(table, &AliasTable::shipped().unwrap())
}

/// Cells of a column as text; the type of the column says what they become.
pub(crate) type Cells<'a> = Vec<Option<&'a str>>;

/// A batch of a table with these columns; all others are null.
pub(crate) fn batch(table: &Table, rows: usize, columns: &[(&str, Cells<'_>)]) -> RecordBatch {
    let schema = schema_of(table);
    let given: HashMap<&str, &Cells<'_>> = columns.iter().map(|(name, cells)| (*name, cells)).collect();
    for name in given.keys() {
        assert!(schema.index_of(name).is_ok(), "{} has no column {name}", table.name);
    }
    let required = vec![Some("1"); rows];
    let arrays = schema.fields().iter().map(|field| {
        let system = layout::LEADING.contains(&field.name().as_str()) && !field.is_nullable();
        match given.get(field.name().as_str()) {
            Some(cells) => array(field.data_type(), cells),
            None if system => array(field.data_type(), &required),
            None => new_null_array(field.data_type(), rows),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), arrays.collect()).unwrap()
}

fn array(data_type: &DataType, cells: &Cells<'_>) -> ArrayRef {
    match data_type {
        DataType::Utf8 => Arc::new(StringArray::from(cells.clone())),
        DataType::Dictionary(_, _) => Arc::new(cells.iter().copied().collect::<DictionaryArray<Int32Type>>()),
        DataType::Int64 => Arc::new(
            cells
                .iter()
                .map(|cell| cell.map(|text| text.parse::<i64>().unwrap()))
                .collect::<Int64Array>(),
        ),
        DataType::Float64 => Arc::new(
            cells
                .iter()
                .map(|cell| cell.map(|text| text.parse::<f64>().unwrap()))
                .collect::<Float64Array>(),
        ),
        DataType::Boolean => Arc::new(
            cells
                .iter()
                .map(|cell| cell.map(|text| text == "true"))
                .collect::<BooleanArray>(),
        ),
        DataType::Timestamp(_, _) => {
            let times = cells.iter().map(|cell| cell.map(|text| text.parse::<i64>().unwrap()));
            Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        other => panic!("{other}"),
    }
}
