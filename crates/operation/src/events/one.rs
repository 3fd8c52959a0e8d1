//! All that is known of one event.

use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use sekisho_event::catalogue::{Catalogue, Column, Table};
use sekisho_event::common::EVENTS;
use sekisho_event::text::Text;
use sekisho_event::time::Micros;
use sekisho_event::{cells, layout};
use sekisho_search::{instant, literal};
use serde_json::{Map, Value};

use super::reading::{Condition, Reading, select_events};
use super::types::{CellValue, Event, EventDetail, FieldValue, TableAbout};
use super::{rows, time_text};
use crate::Error;
use crate::caller::Caller;

/// The longest identity that is repeated in an error.
const UID_DIGITS: usize = 32;

pub(super) fn event(caller: &Caller, data_dir: &Path, event_uid: &str) -> Result<EventDetail, Error> {
    let mut reading = Reading::open(caller, data_dir)?;
    let event = found(&mut reading, caller, event_uid)?;
    let typed = typed_row(&mut reading, &event)?;
    let table = Catalogue::builtin().table_or_unknown(&event.table);
    let about = table.as_deref().map(|table| table.about.clone()).unwrap_or_default();
    let original = typed
        .as_ref()
        .and_then(|row| object(row, layout::ORIGINAL))
        .unwrap_or_default();
    let fields = typed.as_ref().map(|row| fields(row, table.as_deref(), &original));
    Ok(EventDetail {
        table: TableAbout {
            name: event.table.clone(),
            about,
        },
        fields: fields.unwrap_or_default(),
        extra: typed.as_ref().and_then(|row| object(row, layout::EXTRA)),
        event,
    })
}

/// Returns the event of an identity, where the caller may see it.
pub(super) fn found(reading: &mut Reading, caller: &Caller, event_uid: &str) -> Result<Event, Error> {
    let no_event = || Error::NoEvent(event_uid.chars().take(UID_DIGITS).collect());
    let is_uid = event_uid.len() == UID_DIGITS && event_uid.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_uid {
        return Err(no_event());
    }
    let is_it = format!("\"event_uid\" = {}", literal(event_uid));
    let condition = Condition::of_visible(caller, &is_it).sql();
    // Statistics cannot skip by identity, but by time: the first pass reads two columns of everything, the second all
    // columns of little.
    let when = format!("SELECT \"time\" FROM {EVENTS} WHERE {condition} LIMIT 1");
    let at_us = *rows::times(&reading.rows(&when)?).first().ok_or_else(no_event)?;
    let condition = format!("{condition} AND \"time\" {}", is_at(at_us));
    let batches = reading.rows(&select_events(&condition, "\"line\"", Some(1)))?;
    rows::events(&batches).into_iter().next().ok_or_else(no_event)
}

/// Returns the whole row in its own table, which the time leads to quickly.
fn typed_row(reading: &mut Reading, event: &Event) -> Result<Option<RecordBatch>, Error> {
    let statement = format!(
        "SELECT * FROM \"{}\" WHERE \"{}\" = {} AND \"{}\" {} LIMIT 1",
        event.table.replace('"', "\"\""),
        layout::UID,
        literal(&event.event_uid),
        layout::TIME,
        is_at(event.at_us)
    );
    Ok(reading.rows(&statement)?.into_iter().find(|batch| batch.num_rows() > 0))
}

fn is_at(at_us: Option<Micros>) -> String {
    at_us.map_or_else(|| "IS NULL".to_owned(), |at_us| format!("= {}", instant(at_us)))
}

/// Returns the platform's columns of a row, and what is worked out beside them. System columns are in the event already.
fn fields(row: &RecordBatch, table: Option<&Table>, original: &Map<String, Value>) -> Vec<FieldValue> {
    let schema = row.schema();
    let columns = schema.fields().iter().zip(row.columns());
    let own = columns.filter(|(field, _)| !is_system(field.name()));
    own.map(|(field, values)| {
        let name = field.name();
        let original = original.get(name).map(|text| match text {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        field_value(name, values, table, original)
    })
    .collect()
}

fn is_system(name: &str) -> bool {
    layout::LEADING.contains(&name) || name == layout::ORIGINAL || name == layout::EXTRA
}

fn field_value(name: &str, values: &ArrayRef, table: Option<&Table>, original: Option<String>) -> FieldValue {
    let column = table.and_then(|table| table.columns.iter().find(|column| column.name == name));
    let is_secret = column.is_some_and(|column| column.sensitive);
    let (unit, meaning) = match (column, table) {
        (Some(column), _) => (column.unit.clone(), column.meaning.clone()),
        (None, Some(table)) => normalised(table, name),
        (None, None) => (None, Text::default()),
    };
    FieldValue {
        name: name.to_owned(),
        ty: column.map_or("decimal", |column: &Column| column.ty.name()).to_owned(),
        unit,
        meaning,
        value: value(values).filter(|_| !is_secret),
        original: original.filter(|_| !is_secret),
    }
}

/// Returns unit and meaning of a column that stands beside one with another unit.
fn normalised(table: &Table, name: &str) -> (Option<String>, Text) {
    let columns = layout::normalised_columns(table);
    let source = columns.iter().find(|(_, normalised)| normalised == name);
    let Some(source) = source.and_then(|(index, _)| table.columns.get(*index)) else {
        return (None, Text::default());
    };
    let unit = source
        .normalised()
        .map(|normalised| normalised.suffix.trim_start_matches('_').to_owned());
    let meaning = Text::of(
        format!("{} in one unit over all tables", source.name),
        format!("{} を全テーブル共通の単位に揃えた値", source.name),
    );
    (unit, meaning)
}

fn value(values: &ArrayRef) -> Option<CellValue> {
    if values.is_empty() || values.is_null(0) {
        return None;
    }
    if let Some(numbers) = values.as_primitive_opt::<Int64Type>() {
        return Some(CellValue::Integer(numbers.value(0)));
    }
    if let Some(numbers) = values.as_primitive_opt::<Float64Type>() {
        return Some(CellValue::Decimal(numbers.value(0)));
    }
    if let Some(truths) = values.as_boolean_opt() {
        return Some(CellValue::Boolean(truths.value(0)));
    }
    let text = match cells::time_us(values, 0) {
        Some(at_us) => time_text(at_us),
        None => cells::text(values, 0)?.into_owned(),
    };
    Some(CellValue::Text(text))
}

/// Returns a column that holds an object as JSON text.
fn object(row: &RecordBatch, name: &str) -> Option<Map<String, Value>> {
    let text = cells::text(row.column_by_name(name)?, 0)?;
    serde_json::from_str(&text).ok()
}
