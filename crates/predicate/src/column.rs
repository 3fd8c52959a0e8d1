//! Where the cells of a field are in a batch.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt64Type};

use crate::batch::BatchFields;
use crate::cell::{Cell, Presence, Visit};
use crate::plan::{FieldId, FieldKey};
use crate::row::RowFields;

/// Where the cells of a field are.
#[derive(Debug, Clone)]
pub enum FieldColumn {
    /// The batch has no such field: it is missing in every row.
    Absent,
    /// One cell per row; null is missing.
    Cells {
        /// The column.
        column: ArrayRef,
        /// Text that stands for the column's value where it is not null.
        original: Option<StringArray>,
    },
    /// Any number of cells per row, taken out of a column's text.
    Extracted {
        /// The column.
        column: ArrayRef,
        /// What takes them out.
        extract: Arc<dyn Extract>,
    },
    /// The cells of all of these.
    Union(Vec<FieldColumn>),
}

/// Takes the cells of a field out of a text.
pub trait Extract: std::fmt::Debug + Send + Sync {
    /// Visits the cells of the field in this text; says whether the text has the field.
    fn cells(&self, text: &str, visit: &mut Visit<'_>) -> Presence;
}

impl FieldColumn {
    /// Visits the cells of one row; says whether the row has the field.
    pub fn cells(&self, row: usize, visit: &mut Visit<'_>) -> Presence {
        match self {
            Self::Absent => Presence::Missing,
            Self::Cells { column, original } => match cell_of(column, original.as_ref(), row) {
                Some(cell) => {
                    let _ = visit(cell);
                    Presence::Present
                }
                None => Presence::Missing,
            },
            Self::Extracted { column, extract } => match text_of(column, row) {
                Some(text) => extract.cells(text, visit),
                None => Presence::Missing,
            },
            Self::Union(members) => cells_of_all(members, row, visit),
        }
    }
}

fn cells_of_all(members: &[FieldColumn], row: usize, visit: &mut Visit<'_>) -> Presence {
    let mut presence = Presence::Missing;
    let mut ended = false;
    for member in members {
        let seen = member.cells(row, &mut |cell| {
            let flow = visit(cell);
            ended = flow.is_break();
            flow
        });
        if seen == Presence::Present {
            presence = Presence::Present;
        }
        if ended {
            break;
        }
    }
    presence
}

/// Returns the cell of a column; `None` for null.
fn cell_of<'a>(column: &'a ArrayRef, original: Option<&'a StringArray>, row: usize) -> Option<Cell<'a>> {
    if let Some(texts) = original
        && texts.is_valid(row)
    {
        return Some(Cell::Text(texts.value(row)));
    }
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Int64 => Some(Cell::Integer(column.as_primitive::<Int64Type>().value(row).into())),
        DataType::UInt64 => Some(Cell::Integer(column.as_primitive::<UInt64Type>().value(row).into())),
        DataType::Float64 => Some(Cell::Float(column.as_primitive::<Float64Type>().value(row))),
        DataType::Boolean => Some(Cell::Boolean(column.as_boolean().value(row))),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            Some(Cell::Time(column.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        _ => text_of(column, row).map(Cell::Text),
    }
}

/// Returns the text of a text column's cell; `None` for null and for columns that hold no text.
pub(crate) fn text_of(column: &ArrayRef, row: usize) -> Option<&str> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(column.as_string_view().value(row)),
        DataType::Dictionary(_, _) => {
            if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
                return text_of(dictionary.values(), dictionary.key(row)?);
            }
            // Keys of another width: tables have none, stores may hand them over.
            let one_row = column.slice(row, 1);
            let key = *one_row.as_any_dictionary_opt()?.normalized_keys().first()?;
            text_of(column.as_any_dictionary_opt()?.values(), key)
        }
        _ => None,
    }
}

/// One row of a batch, for the one-row path.
pub struct BatchRow<'a> {
    fields: &'a [FieldColumn],
    row: usize,
}

impl<'a> BatchRow<'a> {
    /// Returns a row of the batch whose fields are these, by [`FieldId`].
    #[must_use]
    pub fn new(fields: &'a [FieldColumn], row: usize) -> Self {
        Self { fields, row }
    }
}

impl RowFields for BatchRow<'_> {
    fn cells(&self, field: FieldId, _key: &FieldKey, visit: &mut Visit<'_>) -> Presence {
        match self.fields.get(field.index()) {
            Some(column) => column.cells(self.row, visit),
            None => Presence::Missing,
        }
    }
}

impl BatchFields for Vec<FieldColumn> {
    fn field(&self, field: FieldId, _key: &FieldKey) -> FieldColumn {
        self.get(field.index()).cloned().unwrap_or(FieldColumn::Absent)
    }
}

/// Ends a visit as soon as something is known.
pub(crate) fn break_if(known: bool) -> ControlFlow<()> {
    if known {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}
