//! Few rows of many: their texts are copied out of the pages that they stand in.
//!
//! Text comes from the scan as views into whole pages, a megabyte each. A query that picks a row here and there would hold
//! every page that it picked from, gigabytes for some thousand rows, in its groups, sorts and results.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringViewArray};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::StreamExt;

/// Texts are copied where the memory they hold is that many times their own. Full batches of a scan share pages with the
/// batches next to them and stay below.
const MAX_HELD_TIMES: usize = 4;

/// Less memory than this is not worth a copy.
const MIN_HELD_BYTES: usize = 64 * 1024;

/// Passes batches on, with sparse texts copied.
#[derive(Debug)]
pub(super) struct CompactExec {
    input: Arc<dyn ExecutionPlan>,
}

impl CompactExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input }
    }
}

impl DisplayAs for CompactExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompactExec")
    }
}

impl ExecutionPlan for CompactExec {
    fn name(&self) -> &'static str {
        "CompactExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion, DataFusionError>,
    ) -> Result<TreeNodeRecursion, DataFusionError> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(Self::new(input))),
            _ => internal_err!("CompactExec has one input"),
        }
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream, DataFusionError> {
        let batches = self.input.execute(partition, context)?;
        let schema = batches.schema();
        let compacted = batches.map(|batch| compacted(&batch?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, compacted)))
    }
}

/// Returns a batch whose texts hold little more than themselves.
pub(super) fn compacted(batch: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(compact).collect();
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(batch.schema(), columns, &rows)?)
}

fn compact(column: &ArrayRef) -> ArrayRef {
    match column.as_string_view_opt().filter(|texts| is_sparse(texts)) {
        Some(texts) => Arc::new(texts.gc()),
        None => Arc::clone(column),
    }
}

fn is_sparse(texts: &StringViewArray) -> bool {
    let held: usize = texts.data_buffers().iter().map(|buffer| buffer.capacity()).sum();
    held > MIN_HELD_BYTES && held / MAX_HELD_TIMES > texts.total_buffer_bytes_used()
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;

    use super::*;

    #[test]
    fn few_rows_let_go_of_the_rest() {
        let text = |row: usize| format!("{row:>200}");
        let texts = StringViewArray::from_iter_values((0..8192).map(text));
        let few: ArrayRef = Arc::new(texts.slice(100, 20));
        let all: ArrayRef = Arc::new(texts);
        let held = |column: &ArrayRef| column.get_buffer_memory_size();
        let batch = RecordBatch::try_from_iter([("few", few)]).unwrap();
        let copied = compacted(&batch).unwrap();
        assert!(held(batch.column(0)) > 1_000_000);
        assert!(held(copied.column(0)) < 10_000);
        assert_eq!(copied, batch);
        // Full batches share pages with the next ones: copying them would gain nothing.
        assert_eq!(held(&compact(&all)), held(&all));
    }
}
