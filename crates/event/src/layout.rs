//! The Arrow schema of a typed table (ARCHITECTURE.md, "What a typed batch looks like").

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::catalogue::{Column, ColumnType, Distinct, Table};

/// Row identity, 32 hex digits.
pub const UID: &str = "_uid";
/// When it happened.
pub const TIME: &str = "_time";
/// The org it happened in.
pub const ORG: &str = "_org";
/// The kind it was decoded as.
pub const SOURCE: &str = "_source";
/// The file it came from.
pub const FILE: &str = "_file";
/// The line where it starts, from 1.
pub const LINE: &str = "_line";
/// Original text of cells that cannot be printed back.
pub const ORIGINAL: &str = "_original";
/// Columns that the catalogue does not know.
pub const EXTRA: &str = "_extra";

/// The system columns that stand before the catalogue's.
pub const LEADING: [&str; 6] = [UID, TIME, ORG, SOURCE, FILE, LINE];

/// Returns the Arrow type of text whose values repeat.
#[must_use]
pub fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Returns the Arrow type of a point in time.
#[must_use]
pub fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
}

/// Returns the Arrow type of a catalogue column.
#[must_use]
pub fn arrow_type(column: &Column) -> DataType {
    match (column.ty, column.distinct) {
        (ColumnType::Json, _) | (ColumnType::Text | ColumnType::Id | ColumnType::Ip, Distinct::Many) => DataType::Utf8,
        (ColumnType::Text | ColumnType::Id | ColumnType::Ip, Distinct::Few) => dictionary(),
        (ColumnType::Integer, _) => DataType::Int64,
        (ColumnType::Decimal, _) => DataType::Float64,
        (ColumnType::Boolean, _) => DataType::Boolean,
        (ColumnType::Time, _) => instant(),
    }
}

/// Returns the Arrow schema of a table's batches.
#[must_use]
pub fn schema_of(table: &Table) -> SchemaRef {
    let mut fields = vec![
        Field::new(UID, DataType::Utf8, false),
        Field::new(TIME, instant(), true),
        Field::new(ORG, dictionary(), false),
        Field::new(SOURCE, dictionary(), false),
        Field::new(FILE, dictionary(), false),
        Field::new(LINE, DataType::Int64, false),
    ];
    fields.extend(
        table
            .columns
            .iter()
            .map(|column| Field::new(&column.name, arrow_type(column), true)),
    );
    fields.extend(
        normalised_columns(table)
            .into_iter()
            .map(|(_, name)| Field::new(name, DataType::Float64, true)),
    );
    fields.push(Field::new(ORIGINAL, DataType::Utf8, true));
    fields.push(Field::new(EXTRA, DataType::Utf8, true));
    Arc::new(Schema::new(fields))
}

/// Returns the index (within the catalogue columns) and name of every normalised column, in order.
#[must_use]
pub fn normalised_columns(table: &Table) -> Vec<(usize, String)> {
    let taken: HashSet<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let named = table
        .columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| Some((index, column.normalised_name()?)));
    named.filter(|(_, name)| !taken.contains(name.as_str())).collect()
}
