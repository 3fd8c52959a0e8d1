//! Rows of many segments in the order of their times, within a bounded memory: the engine merges what is in order already
//! and sorts the rest, on disk where it does not fit.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::DataFusionError;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionContext;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_expr::expressions::col;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use futures::StreamExt;
use tokio::runtime::{Builder, Runtime};

use crate::catalogue::Segment;
use crate::error::{Error, Result};
use crate::name::Name;
use crate::segment::time_column;
use crate::sql::{STORE_URL, SqlLimits, runtime_env};
use crate::store::Inner;

/// Memory for sorting: what a store that is loaded and asked at the same time can spare.
const SORT_BYTES: usize = 128 * 1024 * 1024;

/// The rows of a batch: one of every segment is held at once.
const BATCH_ROWS: usize = 4096;

/// Segments in order that are merged as they come; each is open with a buffer a column. More are sorted like the others.
const MAX_MERGED: usize = 32;

/// Rows as they come.
pub(super) struct Ordered {
    table: String,
    runtime: Runtime,
    stream: SendableRecordBatchStream,
}

impl Ordered {
    /// Begins to read `inputs`, with the columns of `schema`. Text is plain, whatever its encoding: so its size is known.
    pub(super) fn open(store: &Inner, name: &Name, schema: &Schema, inputs: &[&Segment]) -> Result<Self> {
        let table = name.to_string();
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(&table, &error.to_string()))?;
        let stream = begin(store, &plain(schema), inputs).map_err(|error| failed(&table, &error.strip_backtrace()))?;
        Ok(Self { table, runtime, stream })
    }
}

impl Iterator for Ordered {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.runtime.block_on(self.stream.next())?;
        Some(next.map_err(|error| failed(&self.table, &error.strip_backtrace())))
    }
}

fn begin(store: &Inner, schema: &SchemaRef, inputs: &[&Segment]) -> Result<SendableRecordBatchStream, DataFusionError> {
    let limits = SqlLimits {
        max_memory_bytes: SORT_BYTES,
        ..SqlLimits::default()
    };
    let runtime = runtime_env(Some(&store.data_dir), limits)?;
    let config = SessionConfig::new().with_batch_size(BATCH_ROWS);
    let context = SessionContext::new_with_config_rt(config, Arc::new(runtime));
    execute_stream(plan(schema, inputs)?, context.task_ctx())
}

fn plan(schema: &SchemaRef, inputs: &[&Segment]) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let Some(ordering) = time_ordering(schema)? else {
        return read(schema, inputs);
    };
    let is_merged = |position: usize, segment: &Segment| is_in_order(segment) && position < MAX_MERGED;
    let (in_order, others): (Vec<_>, Vec<_>) = inputs
        .iter()
        .enumerate()
        .partition(|(position, segment)| is_merged(*position, segment));
    let mut parts = Vec::new();
    for (_, segment) in in_order {
        parts.push(read(schema, &[*segment])?);
    }
    if !others.is_empty() {
        let others: Vec<&Segment> = others.into_iter().map(|(_, segment)| *segment).collect();
        parts.push(Arc::new(SortExec::new(ordering.clone(), read(schema, &others)?)));
    }
    let all = match <[_; 1]>::try_from(parts) {
        Ok([only]) => only,
        Err(parts) => UnionExec::try_new(parts)?,
    };
    Ok(Arc::new(SortPreservingMergeExec::new(ordering, all)))
}

/// Returns whether the engine can merge a segment as it is. Rows without a time may stand anywhere in a segment in order, and
/// it would take those that come first for them.
fn is_in_order(segment: &Segment) -> bool {
    segment.is_sorted && segment.times.is_some_and(|times| times.nulls == 0)
}

fn time_ordering(schema: &SchemaRef) -> Result<Option<LexOrdering>, DataFusionError> {
    let Some(name) = time_column(schema) else {
        return Ok(None);
    };
    let options = SortOptions {
        descending: false,
        nulls_first: true,
    };
    Ok(LexOrdering::new([PhysicalSortExpr::new(col(name, schema)?, options)]))
}

/// Reads segments one after the other.
fn read(schema: &SchemaRef, segments: &[&Segment]) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let files = segments
        .iter()
        .map(|segment| PartitionedFile::new(segment.path.clone(), segment.bytes))
        .collect();
    let source = Arc::new(ParquetSource::new(Arc::clone(schema)));
    let config = FileScanConfigBuilder::new(ObjectStoreUrl::parse(STORE_URL)?, source)
        .with_file_groups(vec![FileGroup::new(files)])
        .build();
    Ok(DataSourceExec::from_data_source(config))
}

fn plain(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Dictionary(_, value) => Field::new(field.name(), value.as_ref().clone(), true),
            other => Field::new(field.name(), other.clone(), true),
        })
        .collect();
    Arc::new(Schema::new(fields))
}

fn failed(table: &str, detail: &str) -> Error {
    Error::Compact {
        table: table.to_owned(),
        detail: detail.to_owned(),
    }
}
