//! One JSON object as an event.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::ControlFlow;

use sekisho_predicate::{Cell, FieldId, FieldKey, Presence, RowFields, Visit, fold};
use serde_json::{Map, Value};

use crate::path;

/// A JSON object as an event: nested maps, flat dotted keys, lists. Names of fields count by case.
///
/// Objects nested deeper than 127 levels do not parse (the limit of `serde_json`), so look-ups recurse no deeper.
#[derive(Debug)]
pub struct JsonEvent {
    object: Map<String, Value>,
    fields: Vec<OnceCell<Held>>,
}

/// Cells of a field, taken out once for all rules.
#[derive(Debug)]
struct Held {
    presence: Presence,
    cells: Vec<HeldCell>,
}

#[derive(Debug)]
enum HeldCell {
    /// The text, and its folded form where it differs.
    Text(String, Option<String>),
    Other(Cell<'static>),
}

impl JsonEvent {
    /// Parses an event out of the bytes of a JSON text.
    ///
    /// # Errors
    ///
    /// When the bytes are no JSON object; the text says why.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(object)) => Ok(Self::new(object)),
            Ok(_) => Err("the line is JSON but no object".to_owned()),
            Err(error) => Err(format!("the line is not JSON: {error}")),
        }
    }

    /// Returns the event of an object.
    #[must_use]
    pub fn new(object: Map<String, Value>) -> Self {
        Self {
            object,
            fields: Vec::new(),
        }
    }

    /// Makes room to keep the cells of so many fields.
    pub(crate) fn keep_fields(&mut self, count: usize) {
        self.fields.resize_with(count, OnceCell::new);
    }

    fn visit_field(&self, key: &FieldKey, visit: &mut Visit<'_>) -> Presence {
        match key {
            FieldKey::Named(name) => path::cells(&self.object, name, visit),
            FieldKey::AnyValue => {
                let _ = self.object.values().try_for_each(|value| path::scalars(value, visit));
                Presence::Present
            }
        }
    }

    fn hold(&self, key: &FieldKey) -> Held {
        let mut cells = Vec::new();
        let presence = self.visit_field(key, &mut |cell| {
            cells.push(match cell {
                Cell::Text(text) | Cell::Folded { text, .. } => HeldCell::Text(
                    text.to_owned(),
                    match fold(text) {
                        Cow::Borrowed(_) => None,
                        Cow::Owned(folded) => Some(folded),
                    },
                ),
                Cell::Null => HeldCell::Other(Cell::Null),
                Cell::Integer(whole) => HeldCell::Other(Cell::Integer(whole)),
                Cell::Float(float) => HeldCell::Other(Cell::Float(float)),
                Cell::Boolean(truth) => HeldCell::Other(Cell::Boolean(truth)),
                Cell::Time(at_us) => HeldCell::Other(Cell::Time(at_us)),
            });
            ControlFlow::Continue(())
        });
        Held { presence, cells }
    }
}

impl RowFields for JsonEvent {
    fn cells(&self, field: FieldId, key: &FieldKey, visit: &mut Visit<'_>) -> Presence {
        let Some(slot) = self.fields.get(field.index()) else {
            return self.visit_field(key, visit);
        };
        let held = slot.get_or_init(|| self.hold(key));
        let _ = held.cells.iter().try_for_each(|cell| match cell {
            HeldCell::Text(text, folded) => visit(Cell::Folded {
                text,
                folded: folded.as_ref().unwrap_or(text),
            }),
            HeldCell::Other(cell) => visit(*cell),
        });
        held.presence
    }
}
