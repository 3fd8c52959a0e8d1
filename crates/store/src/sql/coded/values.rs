//! What is worked out once for each distinct value of a column that comes as a dictionary.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, RecordBatch, StringArray};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use datafusion::common::{Column, DFSchema, DataFusionError, exec_datafusion_err};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};

/// Dictionaries remembered at once: two for each of eight threads. One is as long as a row group's, a megabyte of text.
const MAX_REMEMBERED: usize = 16;

/// The name of the column that an expression over values reads.
const VALUE: &str = "value";

/// Returns the column that an expression over values reads.
pub(super) fn value_column() -> Expr {
    Expr::Column(Column::new_unqualified(VALUE))
}

/// An expression of one text column.
#[derive(Debug)]
pub(super) struct OfValue {
    pub(super) logical: Expr,
    physical: Arc<dyn PhysicalExpr>,
    schema: Arc<Schema>,
    pub(super) data_type: DataType,
}

impl OfValue {
    /// Returns an expression over `value_column`.
    pub(super) fn new(logical: Expr) -> Result<Self, DataFusionError> {
        let schema = Arc::new(Schema::new(vec![Field::new(VALUE, DataType::Utf8View, true)]));
        let named = DFSchema::try_from(Arc::clone(&schema))?;
        let physical = create_physical_expr(
            &logical,
            &named,
            &ExecutionProps::new(),
            &PhysicalPlanningContext::default(),
        )?;
        let data_type = physical.data_type(&schema)?;
        Ok(Self {
            logical,
            physical,
            schema,
            data_type,
        })
    }

    /// Returns the expression's value for each of the values, and at the end for null.
    pub(super) fn of(&self, values: &ArrayRef) -> Result<ArrayRef, DataFusionError> {
        let values = cast(values, &DataType::Utf8View)?;
        let null = arrow::array::new_null_array(&DataType::Utf8View, 1);
        let values = concat(&[&values, &null])?;
        let rows = values.len();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), vec![values])?;
        self.physical.evaluate(&batch)?.into_array(rows)
    }
}

/// Something worked out for dictionaries, the newest ones at the end.
#[derive(Debug)]
pub(super) struct Remembered<T> {
    entries: Mutex<Vec<(ArrayRef, T)>>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
        }
    }
}

impl<T> Remembered<T> {
    /// Takes out what was worked out for a dictionary's values, if it is there.
    pub(super) fn take(&self, values: &ArrayRef) -> Option<T> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let position = entries.iter().position(|(other, _)| are_same(other, values))?;
        Some(entries.swap_remove(position).1)
    }

    /// Puts it back. The values are kept with it, so that nothing else can stand where they stand.
    pub(super) fn put(&self, values: &ArrayRef, entry: T) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_REMEMBERED {
            entries.remove(0);
        }
        entries.push((Arc::clone(values), entry));
    }
}

/// Returns a column as the dictionary that the scan gives.
pub(super) fn dictionary(column: &ArrayRef) -> Result<&DictionaryArray<Int32Type>, DataFusionError> {
    column
        .as_dictionary_opt::<Int32Type>()
        .ok_or_else(|| exec_datafusion_err!("a dictionary was expected, not {}", column.data_type()))
}

/// Returns whether two dictionaries' values are the same memory.
fn are_same(one: &ArrayRef, other: &ArrayRef) -> bool {
    let place = |values: &StringArray| (values.offsets().as_ptr(), values.values().as_ptr(), values.len());
    match (one.as_string_opt::<i32>(), other.as_string_opt::<i32>()) {
        (Some(one), Some(other)) => place(one) == place(other),
        _ => false,
    }
}
