//! SQL over tables: the one place where a DataFusion session is made.

mod bounded;
mod guard;
mod network;
mod provider;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::MemTable;
use datafusion::execution::context::{SQLOptions, SessionContext};
use datafusion::execution::disk_manager::DiskManagerBuilder;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use parquet::errors::ParquetError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::name::{MAIN_SCHEMA, Name};
use crate::store::Inner;
pub(crate) use provider::STORE_URL;
use provider::{BatchSource, Source, SourceCatalog, StoreSource};

/// The rows of a batch in a query, the engine's own default.
const SQL_BATCH_ROWS: usize = 8192;

/// The stack of threads that parse, plan and run statements. The engine recurses over expressions, about 8 KB a level in an
/// unoptimised build, and a statement has at most one level for two bytes. Only what is used takes memory.
const SQL_STACK_BYTES: usize = 512 * 1024 * 1024;

/// The bytes a query may spill to disk: a few times the memory that queries are usually given, while a machine's disk
/// survives several of them.
const MAX_SPILL_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// Batches made ahead of the reader: one being read, one ready.
const BATCHES_AHEAD: usize = 2;

/// Which operators an out-of-memory message names.
const CONSUMERS_NAMED: usize = 3;

/// The operators whose output can be far larger than their input.
const MULTIPLYING: [&str; 8] = [
    "CrossJoinExec",
    "NestedLoopJoinExec",
    "HashJoinExec",
    "SortMergeJoinExec",
    "SymmetricHashJoinExec",
    "PiecewiseMergeJoin",
    "UnnestExec",
    "RecursiveQueryExec",
];

/// The catalogue's name in SQL, for the rare query that spells it.
const CATALOG: &str = "sekisho";

/// What a query may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Memory for sorts, joins and groups.
    pub max_memory_bytes: usize,
    /// Time from the call to the last row.
    pub timeout: Duration,
}

impl Default for SqlLimits {
    /// Returns 1 GiB, which leaves room on a machine of 4 GiB, and 60 s, after which a person has gone elsewhere.
    fn default() -> Self {
        Self {
            max_memory_bytes: 1024 * 1024 * 1024,
            timeout: Duration::from_secs(60),
        }
    }
}

/// The rows of a query as they come. Dropped early, it stops the query.
#[derive(Debug)]
pub struct SqlResult {
    schema: SchemaRef,
    feed: Feed,
    is_over: bool,
    /// Of this query alone: one that does not let go of its threads takes none from another.
    runtime: Option<Runtime>,
}

impl SqlResult {
    /// Returns the columns of every batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Returns the time since the query began.
    pub fn elapsed(&self) -> Duration {
        self.feed.started.elapsed()
    }
}

impl Iterator for SqlResult {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let message = self.feed.receive();
        self.is_over = !matches!(message, Ok(Message::Batch(_)));
        match message {
            Ok(Message::Batch(batch)) => Some(Ok(batch)),
            Ok(Message::End) => None,
            Ok(Message::Schema(_)) => Some(Err(Error::SqlFailed {
                message: "the plan came twice".to_owned(),
            })),
            Err(error) => Some(Err(error)),
        }
    }
}

impl Drop for SqlResult {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Ends the query where it next yields. Waiting for it is not allowed where the caller lives on a runtime.
            runtime.shutdown_background();
        }
    }
}

/// Runs `statement` over batches in memory, each under its table's name, within `limits`.
///
/// # Errors
/// As `Store::sql`.
pub fn sql_over_batches(
    tables: Vec<(String, SchemaRef, Vec<RecordBatch>)>,
    statement: &str,
    limits: SqlLimits,
) -> Result<SqlResult> {
    let mut source = BatchSource::default();
    for (name, schema, batches) in tables {
        let table = MemTable::try_new(schema, vec![batches]).map_err(|error| Error::SqlFailed {
            message: error.strip_backtrace(),
        })?;
        source.tables.push((Name::parse(&name)?, Arc::new(table)));
    }
    let statement = parse(statement)?;
    let context = session(Arc::new(source), None, limits)?;
    start(context, statement, limits)
}

/// Runs `statement` on the newest snapshot of a store.
pub(crate) fn run_on_store(store: &Arc<Inner>, statement: &str, limits: SqlLimits) -> Result<SqlResult> {
    let statement = parse(statement)?;
    let source = Arc::new(StoreSource::new(store)?);
    let context = session(source, Some(&store.data_dir), limits)?;
    start(context, statement, limits)
}

/// Parses a statement where a long chain of operators cannot overflow the stack, as the engine recurses over it.
fn parse(statement: &str) -> Result<Statement> {
    let cannot_start = |what: String| Error::SqlFailed {
        message: format!("could not start its threads: {what}"),
    };
    std::thread::scope(|scope| {
        let parser = std::thread::Builder::new()
            .stack_size(SQL_STACK_BYTES)
            .spawn_scoped(scope, || guard::read_only_statement(statement))
            .map_err(|error| cannot_start(error.to_string()))?;
        parser
            .join()
            .map_err(|_| cannot_start("the parser stopped".to_owned()))?
    })
}

#[derive(Debug)]
enum Message {
    Schema(SchemaRef),
    Batch(RecordBatch),
    End,
}

/// The reader's end of a running query.
#[derive(Debug)]
struct Feed {
    messages: Receiver<Result<Message, DataFusionError>>,
    room: Arc<Semaphore>,
    limits: SqlLimits,
    started: Instant,
}

impl Feed {
    fn receive(&self) -> Result<Message> {
        let left = self.limits.timeout.saturating_sub(self.started.elapsed());
        // Rows that are ready do not extend the time: a query that streams without end would never meet it.
        if left.is_zero() {
            return Err(self.timed_out());
        }
        match self.messages.recv_timeout(left) {
            Ok(Ok(message)) => {
                if matches!(message, Message::Batch(_)) {
                    self.room.add_permits(1);
                }
                Ok(message)
            }
            Ok(Err(error)) => Err(self.failure(&error)),
            Err(RecvTimeoutError::Timeout) => Err(self.timed_out()),
            Err(RecvTimeoutError::Disconnected) => Err(Error::SqlFailed {
                message: "the engine stopped without an answer; please report it".to_owned(),
            }),
        }
    }

    fn timed_out(&self) -> Error {
        Error::SqlTimeout {
            seconds: self.limits.timeout.as_secs_f64(),
        }
    }

    fn failure(&self, error: &DataFusionError) -> Error {
        let message = error.strip_backtrace();
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Error::SqlMemory {
                max_memory_bytes: self.limits.max_memory_bytes,
                message,
            },
            DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::SQL(..)
            | DataFusionError::NotImplemented(_)
            | DataFusionError::Configuration(_)
            | DataFusionError::Diagnostic(..)
            | DataFusionError::Collection(_) => Error::Sql { message },
            root if is_about_a_file(root) => Error::SqlUnreadable { message },
            _ => Error::SqlFailed { message },
        }
    }
}

/// Returns whether a query failed because of what it read, not because of what it was asked.
fn is_about_a_file(error: &DataFusionError) -> bool {
    match error {
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => true,
        DataFusionError::ArrowError(error, _) => {
            matches!(**error, ArrowError::ParquetError(_) | ArrowError::IoError(..))
        }
        DataFusionError::External(error) => error.is::<ParquetError>(),
        _ => false,
    }
}

fn session(source: Arc<dyn Source>, data_dir: Option<&Path>, limits: SqlLimits) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_batch_size(SQL_BATCH_ROWS)
        .with_information_schema(true)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, MAIN_SCHEMA);
    // Column names of platforms are in mixed case and mean it.
    config.options_mut().sql_parser.enable_ident_normalization = false;
    let runtime = runtime_env(data_dir, limits).map_err(|error| rejected(&error))?;
    let context = SessionContext::new_with_config_rt(config, Arc::new(runtime));
    bounded::bound_functions(&context);
    network::register(&context);
    context.register_catalog(CATALOG, Arc::new(SourceCatalog { source }));
    Ok(context)
}

/// Returns an environment that can reach the store's data folder and no other file but its own spills.
pub(crate) fn runtime_env(data_dir: Option<&Path>, limits: SqlLimits) -> Result<RuntimeEnv, DataFusionError> {
    let named = std::num::NonZeroUsize::new(CONSUMERS_NAMED).unwrap_or(std::num::NonZeroUsize::MIN);
    let pool = TrackConsumersPool::new(FairSpillPool::new(limits.max_memory_bytes), named);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(pool))
        .with_disk_manager_builder(DiskManagerBuilder::default().with_max_temp_directory_size(MAX_SPILL_BYTES))
        .build()?;
    runtime.deregister_object_store(ObjectStoreUrl::local_filesystem().as_ref())?;
    if let Some(data_dir) = data_dir {
        let files = LocalFileSystem::new_with_prefix(data_dir)?;
        runtime.register_object_store(ObjectStoreUrl::parse(STORE_URL)?.as_ref(), Arc::new(files));
    }
    Ok(runtime)
}

fn start(context: SessionContext, statement: Statement, limits: SqlLimits) -> Result<SqlResult> {
    let (sender, messages) = channel();
    let room = Arc::new(Semaphore::new(BATCHES_AHEAD));
    let feed = Feed {
        messages,
        room: Arc::clone(&room),
        limits,
        started: Instant::now(),
    };
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("sekisho-sql")
        .thread_stack_size(SQL_STACK_BYTES)
        .build()
        .map_err(|error| Error::SqlFailed {
            message: format!("could not start its threads: {error}"),
        })?;
    runtime.spawn(async move {
        let end = produce(&context, statement, &sender, &room).await;
        // A reader that has gone needs no answer.
        let _ = sender.send(end.map(|()| Message::End));
    });
    let mut result = SqlResult {
        schema: SchemaRef::new(Schema::empty()),
        feed,
        is_over: false,
        runtime: Some(runtime),
    };
    if let Message::Schema(schema) = result.feed.receive()? {
        result.schema = schema;
    }
    Ok(result)
}

async fn produce(
    context: &SessionContext,
    statement: Statement,
    sender: &Sender<Result<Message, DataFusionError>>,
    room: &Semaphore,
) -> Result<(), DataFusionError> {
    let state = context.state();
    let plan = state.statement_to_plan(statement).await?;
    // The parser's check is ours, this one is the engine's: a statement has to pass both.
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)?;
    let plan = yielding(state.create_physical_plan(&plan).await?)?;
    let mut batches = execute_stream(plan, state.task_ctx())?;
    let mut is_wanted = sender.send(Ok(Message::Schema(batches.schema()))).is_ok();
    while is_wanted && let Some(batch) = batches.next().await {
        if let Ok(permit) = room.acquire().await {
            permit.forget();
        }
        is_wanted = sender.send(Ok(Message::Batch(batch?))).is_ok();
    }
    Ok(())
}

/// Makes operators that turn few rows into many let go of their thread now and then. They would not while they have
/// output, and a query that does not let go cannot be stopped.
fn yielding(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let wrapped = plan.transform_up(|node| {
        if MULTIPLYING.contains(&node.name()) {
            Ok(Transformed::yes(
                Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>
            ))
        } else {
            Ok(Transformed::no(node))
        }
    })?;
    Ok(wrapped.data)
}

fn rejected(error: &DataFusionError) -> Error {
    Error::Sql {
        message: error.strip_backtrace(),
    }
}
