//! Rows of typed tables as events.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use memchr::memmem;
use sekisho_event::catalogue::{ColumnType, LogSource, Table};
use sekisho_event::cells::text as text_of_cell;
use sekisho_event::layout;
use sekisho_predicate::{BatchFields, Cell, Extract, FieldColumn, FieldId, FieldKey, Presence, Visit};
use serde_json::Value;

use crate::alias::{AliasTable, Aliases};
use crate::path;
use crate::route::Routing;

/// What rules need to know about a table beside its batches.
#[derive(Debug, Clone)]
pub struct TableView {
    routing: Routing,
    json: HashSet<String>,
    derived: HashSet<String>,
    column_names: HashMap<String, String>,
    aliases: Aliases,
}

impl TableView {
    /// Returns the view of a catalogue table.
    #[must_use]
    pub fn of(table: &Table, aliases: &AliasTable) -> Self {
        let json = table.columns.iter().filter(|column| column.ty == ColumnType::Json);
        let other_names = table.columns.iter().flat_map(|column| {
            let aliases = column.aliases.iter();
            aliases.map(|alias| (normalised(alias), column.name.clone()))
        });
        Self {
            json: json.map(|column| column.name.clone()).collect(),
            derived: layout::normalised_columns(table)
                .into_iter()
                .map(|(_, name)| name)
                .collect(),
            column_names: other_names.collect(),
            aliases: aliases.of(&table.logsource),
            routing: if table.logsource.product.is_empty() {
                Routing::All
            } else {
                Routing::Table(table.logsource.clone())
            },
        }
    }

    /// Returns the view with the log source that a user says the rows are of, and its aliases.
    #[must_use]
    pub fn said_to_be(self, logsource: LogSource, aliases: &AliasTable) -> Self {
        Self {
            aliases: aliases.of(&logsource),
            routing: Routing::Said(logsource),
            ..self
        }
    }

    /// Returns how rules are routed to the table: a table without a product is generic, every rule is asked.
    #[must_use]
    pub fn routing(&self) -> &Routing {
        &self.routing
    }
}

/// Where the fields of a plan are in one batch of a table.
pub(crate) struct TableFields<'a> {
    batch: &'a RecordBatch,
    view: &'a TableView,
    /// Original texts of cells, as the table keeps them.
    kept: Option<StringArray>,
    /// Columns by their name without case and blanks.
    by_name: HashMap<String, usize>,
}

impl<'a> TableFields<'a> {
    pub(crate) fn new(batch: &'a RecordBatch, view: &'a TableView) -> Self {
        let schema = batch.schema_ref();
        let mut by_name = HashMap::new();
        for (index, field) in schema.fields().iter().enumerate() {
            if !is_system(field.name()) {
                by_name.entry(normalised(field.name())).or_insert(index);
            }
        }
        let kept = batch.column_by_name(layout::ORIGINAL).and_then(plain_texts);
        Self {
            batch,
            view,
            kept,
            by_name,
        }
    }

    fn named(&self, name: &str) -> FieldColumn {
        let mut names = vec![name.to_owned()];
        names.extend(self.view.column_names.get(&normalised(name)).cloned());
        names.extend(self.view.aliases.others(name));
        if let Some(column) = names.iter().find_map(|name| self.locate(name)) {
            return column;
        }
        match self.batch.column_by_name(layout::EXTRA) {
            Some(column) if column.null_count() < column.len() => FieldColumn::Extracted {
                column: Arc::clone(column),
                extract: Arc::new(Paths { names }),
            },
            _ => FieldColumn::Absent,
        }
    }

    /// Finds a name as a column, or as a path into the JSON column of the longest prefix.
    fn locate(&self, name: &str) -> Option<FieldColumn> {
        if let Some(index) = self.index_of(name) {
            return Some(self.column(index));
        }
        name.rmatch_indices('.').find_map(|(dot, _)| {
            let index = self.index_of(&name[..dot])?;
            self.is_json(index).then(|| FieldColumn::Extracted {
                column: self.with_originals(index),
                extract: Arc::new(Paths {
                    names: vec![name[dot + 1..].to_owned()],
                }),
            })
        })
    }

    /// The exact name first: another column may differ from it in case only.
    fn index_of(&self, name: &str) -> Option<usize> {
        let exact = self.batch.schema_ref().index_of(name).ok().filter(|_| !is_system(name));
        exact.or_else(|| self.by_name.get(&normalised(name)).copied())
    }

    fn column(&self, index: usize) -> FieldColumn {
        if self.is_json(index) {
            return FieldColumn::Extracted {
                column: self.with_originals(index),
                extract: Arc::new(WholeValue),
            };
        }
        FieldColumn::Cells {
            column: Arc::clone(self.batch.column(index)),
            original: self.originals(index),
        }
    }

    fn any_value(&self) -> FieldColumn {
        let mut members: Vec<FieldColumn> = Vec::new();
        for (index, field) in self.batch.schema_ref().fields().iter().enumerate() {
            let column = self.batch.column(index);
            if column.null_count() == column.len() && self.originals(index).is_none() {
                continue;
            }
            if self.is_json(index) || field.name() == layout::EXTRA {
                members.push(FieldColumn::Extracted {
                    column: self.with_originals(index),
                    extract: Arc::new(EveryScalar),
                });
            } else if !is_system(field.name()) && !self.view.derived.contains(field.name()) {
                members.push(self.column(index));
            }
        }
        FieldColumn::Union(members)
    }

    fn is_json(&self, index: usize) -> bool {
        self.view.json.contains(self.batch.schema_ref().field(index).name())
    }

    /// Returns the original texts of a column's cells, where some differ from the typed values.
    fn originals(&self, index: usize) -> Option<StringArray> {
        let kept = self.kept.as_ref()?;
        let name = self.batch.schema_ref().field(index).name();
        let quoted = Value::String(name.clone()).to_string();
        let needle = memmem::Finder::new(quoted.as_bytes());
        needle.find(kept.value_data())?;
        let mut texts = StringBuilder::new();
        let mut found = false;
        for row in 0..kept.len() {
            let text = kept
                .is_valid(row)
                .then(|| kept.value(row))
                .filter(|text| needle.find(text.as_bytes()).is_some())
                .and_then(|text| original_text(text, name));
            found |= text.is_some();
            texts.append_option(text);
        }
        found.then(|| texts.finish())
    }

    /// Returns a text column in which original texts stand in place of the cells they belong to.
    fn with_originals(&self, index: usize) -> ArrayRef {
        let column = self.batch.column(index);
        let Some(originals) = self.originals(index) else {
            return Arc::clone(column);
        };
        let rows = (0..column.len()).map(|row| {
            if originals.is_valid(row) {
                return Some(originals.value(row).to_owned());
            }
            text_of_cell(column, row).map(std::borrow::Cow::into_owned)
        });
        Arc::new(rows.collect::<StringArray>())
    }
}

impl BatchFields for TableFields<'_> {
    fn field(&self, _field: FieldId, key: &FieldKey) -> FieldColumn {
        match key {
            FieldKey::Named(name) => self.named(name),
            FieldKey::AnyValue => self.any_value(),
        }
    }
}

/// Stores may hand text over in another layout.
fn plain_texts(column: &ArrayRef) -> Option<StringArray> {
    let plain = cast(column, &DataType::Utf8).ok()?;
    plain.as_string_opt::<i32>().cloned()
}

fn original_text(json: &str, name: &str) -> Option<String> {
    match serde_json::from_str::<Value>(json).ok()?.get_mut(name)?.take() {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// System columns are ours, not the vendor's.
fn is_system(name: &str) -> bool {
    layout::LEADING.contains(&name) || name == layout::ORIGINAL || name == layout::EXTRA
}

fn normalised(name: &str) -> String {
    let without_blanks = name.chars().filter(|character| !character.is_whitespace());
    without_blanks.flat_map(char::to_lowercase).collect()
}

/// The first of these names that the JSON object in the cell has.
#[derive(Debug)]
struct Paths {
    names: Vec<String>,
}

impl Extract for Paths {
    fn cells(&self, text: &str, visit: &mut Visit<'_>) -> Presence {
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            return Presence::Missing;
        };
        self.names
            .iter()
            .map(|name| path::cells_inside(&value, name, visit))
            .find(|presence| *presence == Presence::Present)
            .unwrap_or(Presence::Missing)
    }
}

/// The JSON value in the cell as a field.
#[derive(Debug)]
struct WholeValue;

impl Extract for WholeValue {
    fn cells(&self, text: &str, visit: &mut Visit<'_>) -> Presence {
        // Objects are compared by their text, which is what the column holds.
        if text.starts_with('{') {
            let _ = visit(Cell::Text(text));
            return Presence::Present;
        }
        let _ = match serde_json::from_str::<Value>(text) {
            Ok(value) => path::cells_of_value(&value, visit),
            Err(_) => visit(Cell::Text(text)),
        };
        Presence::Present
    }
}

/// Every scalar inside of the JSON value in the cell.
#[derive(Debug)]
struct EveryScalar;

impl Extract for EveryScalar {
    fn cells(&self, text: &str, visit: &mut Visit<'_>) -> Presence {
        let _: ControlFlow<()> = match serde_json::from_str::<Value>(text) {
            Ok(value) => path::scalars(&value, visit),
            Err(_) => visit(Cell::Text(text)),
        };
        Presence::Present
    }
}
