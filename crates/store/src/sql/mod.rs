//! SQL over tables: the one place where a DataFusion session is made.

mod bounded;
mod coded;
mod compact;
mod distinct;
mod footers;
mod guard;
mod inlined;
pub mod memory;
mod network;
mod own;
mod places;
mod provider;
mod session;
mod truncate;

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
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use parquet::errors::ParquetError;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::name::Name;
use crate::store::Inner;
use compact::{CompactExec, compacted};
use memory::QueryPool;
pub(crate) use provider::STORE_URL;
use provider::{BatchSource, StoreSource};
use session::Sessions;
pub(crate) use session::runtime_env;

/// The stack of threads that parse, plan and run statements. The engine recurses over expressions, about 8 KB a level in an
/// unoptimised build, and a statement has at most one level for two bytes. Only what is used takes memory.
const SQL_STACK_BYTES: usize = 512 * 1024 * 1024;

/// Batches made ahead of the reader: one being read, one ready.
const BATCHES_AHEAD: usize = 2;

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

/// The operator that reads segments.
const SCAN: &str = "DataSourceExec";

/// What a query may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Memory for sorts, joins and groups.
    pub max_memory_bytes: usize,
    /// Time from the call to the last row.
    pub timeout: Duration,
    /// Whether value indexes may say where there is nothing to read. The rows of an answer are the same without; only the
    /// time differs.
    pub use_index: bool,
}

impl Default for SqlLimits {
    /// Returns 1 GiB, which leaves room on a machine of 4 GiB, and 60 s, after which a person has gone elsewhere.
    fn default() -> Self {
        Self {
            max_memory_bytes: 1024 * 1024 * 1024,
            timeout: Duration::from_secs(60),
            use_index: true,
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
    start(Sessions::new(Arc::new(source), None, limits)?, statement, limits)
}

/// Runs `statement` on the newest snapshot of a store.
pub(crate) fn run_on_store(store: &Arc<Inner>, statement: &str, limits: SqlLimits) -> Result<SqlResult> {
    let statement = parse(statement)?;
    let source = Arc::new(StoreSource::new(store, limits.use_index)?);
    start(Sessions::new(source, Some(&store.data_dir), limits)?, statement, limits)
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
    pool: Arc<QueryPool>,
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
            DataFusionError::ResourcesExhausted(_) => match self.pool.crowd() {
                Some((held_bytes, max_bytes)) => Error::SqlCrowded { held_bytes, max_bytes },
                None => Error::SqlMemory {
                    max_memory_bytes: self.limits.max_memory_bytes,
                    message,
                },
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

fn start(sessions: Sessions, statement: Statement, limits: SqlLimits) -> Result<SqlResult> {
    let (sender, messages) = channel();
    let room = Arc::new(Semaphore::new(BATCHES_AHEAD));
    let feed = Feed {
        messages,
        room: Arc::clone(&room),
        limits,
        pool: sessions.pool(),
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
        let reader = Reader {
            sender: &sender,
            room: &room,
        };
        let end = answer(&sessions, statement, &reader).await;
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

/// The producer's end of a running query.
struct Reader<'a> {
    sender: &'a Sender<Result<Message, DataFusionError>>,
    room: &'a Semaphore,
}

/// Runs a statement to its end. Where grouping by codes takes too much memory, it is run again without.
async fn answer(sessions: &Sessions, statement: Statement, reader: &Reader<'_>) -> Result<(), DataFusionError> {
    let coded = sessions.coded();
    let plan = plan(&coded.context, statement.clone()).await?;
    let mut is_wanted = reader.sender.send(Ok(Message::Schema(plan.schema()))).is_ok();
    let mut sent_batches = 0;
    let end = produce(&coded.context, plan, reader, &mut is_wanted, &mut sent_batches).await;
    if end.is_ok() || !coded.coding.is_full() || sent_batches > 0 {
        return end;
    }
    let context = sessions.plain();
    let plan = self::plan(&context, statement).await?;
    produce(&context, plan, reader, &mut is_wanted, &mut sent_batches).await
}

async fn plan(context: &SessionContext, statement: Statement) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let state = context.state();
    let plan = state.statement_to_plan(statement).await?;
    // The parser's check is ours, this one is the engine's: a statement has to pass both.
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)?;
    finished(state.create_physical_plan(&plan).await?)
}

async fn produce(
    context: &SessionContext,
    plan: Arc<dyn ExecutionPlan>,
    reader: &Reader<'_>,
    is_wanted: &mut bool,
    sent_batches: &mut u64,
) -> Result<(), DataFusionError> {
    let mut batches = execute_stream(plan, context.task_ctx())?;
    while *is_wanted && let Some(batch) = batches.next().await {
        let batch = compacted(&batch?)?;
        if let Ok(permit) = reader.room.acquire().await {
            permit.forget();
        }
        *is_wanted = reader.sender.send(Ok(Message::Batch(batch))).is_ok();
        *sent_batches += 1;
    }
    Ok(())
}

/// Makes operators that turn few rows into many let go of their thread now and then, and scans let go of pages that they
/// pick few rows from. A query that has output and does not let go cannot be stopped.
fn finished(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let wrapped = plan.transform_up(|node| {
        if MULTIPLYING.contains(&node.name()) {
            return Ok(Transformed::yes(
                Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>
            ));
        }
        if node.name() == SCAN {
            return Ok(Transformed::yes(
                Arc::new(CompactExec::new(node)) as Arc<dyn ExecutionPlan>
            ));
        }
        Ok(Transformed::no(node))
    })?;
    Ok(wrapped.data)
}
