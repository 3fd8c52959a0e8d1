//! The rows of a table that the catalogue itself holds, as a part of its plan.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DataFusionError;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::physical_plan::ExecutionPlan;

use crate::catalogue::{SnapshotId, Table};
use crate::error::Error;
use crate::name::Name;
use crate::scan::conformed;
use crate::store::Inner;

/// Where the inlined rows of one table are, for one snapshot.
#[derive(Debug)]
pub(super) struct InlinedSource {
    store: Arc<Inner>,
    snapshot: SnapshotId,
    name: Name,
    table: i64,
}

impl InlinedSource {
    /// Returns the source of a table's inlined rows, where it may have some.
    pub(super) fn find(
        store: &Arc<Inner>,
        snapshot: SnapshotId,
        name: &Name,
        table: &Table,
    ) -> Result<Option<Self>, Error> {
        let may_have_rows = store.catalogue.may_have_inlined(snapshot, table.id)?;
        Ok(may_have_rows.then(|| Self {
            store: Arc::clone(store),
            snapshot,
            name: name.clone(),
            table: table.id,
        }))
    }

    /// Returns a plan that gives the rows in the columns of `schema`; `None` where there are none. They are read here, where
    /// the columns are known that a query wants; filters stand above.
    pub(super) fn plan(&self, schema: &SchemaRef) -> Result<Option<Arc<dyn ExecutionPlan>>, DataFusionError> {
        let batches = self
            .read(schema)
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        if batches.is_empty() {
            return Ok(None);
        }
        let plan = MemorySourceConfig::try_new_exec(&[batches], Arc::clone(schema), None)?;
        Ok(Some(plan))
    }

    fn read(&self, schema: &SchemaRef) -> Result<Vec<arrow::array::RecordBatch>, Error> {
        let fields: Vec<Field> = schema.fields().iter().map(|field| plain(field)).collect();
        let read = Arc::new(Schema::new(fields));
        self.store
            .catalogue
            .inlined_rows(self.snapshot, self.table, &self.name, &read)?
            .iter()
            .map(|batch| conformed(&self.name.to_string(), schema, batch))
            .collect()
    }
}

/// Returns a column of SQL in the type in which it is read.
fn plain(field: &Field) -> Field {
    match field.data_type() {
        DataType::Utf8View => Field::new(field.name(), DataType::Utf8, field.is_nullable()),
        _ => field.clone(),
    }
}
