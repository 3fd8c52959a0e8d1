//! The sessions of a query: what the engine is told, given and denied.

use std::path::Path;
use std::sync::Arc;

use datafusion::common::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::SessionContext;
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::object_store::local::LocalFileSystem;
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::prelude::SessionConfig;

use super::coded::Coding;
use super::distinct::{DistinctByGroups, ENGINES_RULE};
use super::memory::QueryPool;
use super::provider::{STORE_URL, Source, SourceCatalog};
use super::{SqlLimits, bounded, memory, network, truncate};
use crate::error::{Error, Result};
use crate::name::MAIN_SCHEMA;

/// The rows of a batch in a query, the engine's own default.
const SQL_BATCH_ROWS: usize = 8192;

/// The catalogue's name in SQL, for the rare query that spells it.
const CATALOG: &str = "sekisho";

/// Where the sessions of one query come from. They share its memory.
#[derive(Debug)]
pub(super) struct Sessions {
    source: Arc<dyn Source>,
    runtime: Arc<RuntimeEnv>,
    pool: Arc<QueryPool>,
}

/// A session whose plans group by codes.
pub(super) struct Coded {
    pub(super) context: SessionContext,
    pub(super) coding: Coding,
}

type Rules = Vec<Arc<dyn OptimizerRule + Send + Sync>>;

impl Sessions {
    /// Returns the sessions of a query of `source`, which may read below `data_dir`.
    pub(super) fn new(source: Arc<dyn Source>, data_dir: Option<&Path>, limits: SqlLimits) -> Result<Self> {
        let pool = Arc::new(QueryPool::new(limits.max_memory_bytes));
        let shared: Arc<dyn MemoryPool> = pool.clone();
        let runtime = runtime_of(data_dir, shared).map_err(|error| rejected(&error))?;
        Ok(Self {
            source,
            pool,
            runtime: Arc::new(runtime),
        })
    }

    /// Returns the query's memory.
    pub(super) fn pool(&self) -> Arc<QueryPool> {
        Arc::clone(&self.pool)
    }

    /// Returns a session whose plans group by codes.
    pub(super) fn coded(&self) -> Coded {
        let coding = Coding::new(Arc::clone(&self.runtime.memory_pool));
        let mut rules = our_rules();
        rules.extend(coding.rules());
        Coded {
            context: self.session(rules),
            coding,
        }
    }

    /// Returns a session whose plans the engine can always write to disk.
    pub(super) fn plain(&self) -> SessionContext {
        self.session(our_rules())
    }

    fn session(&self, rules: Rules) -> SessionContext {
        let mut config = SessionConfig::new()
            .with_batch_size(SQL_BATCH_ROWS)
            .with_information_schema(true)
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(CATALOG, MAIN_SCHEMA);
        // Column names of platforms are in mixed case and mean it.
        config.options_mut().sql_parser.enable_ident_normalization = false;
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(Arc::clone(&self.runtime))
            .with_default_features()
            .with_optimizer_rules(rules)
            .build();
        let context = SessionContext::new_with_state(state);
        bounded::bound_functions(&context);
        network::register(&context);
        truncate::register(&context);
        let source = Arc::clone(&self.source);
        context.register_catalog(CATALOG, Arc::new(SourceCatalog { source }));
        context
    }
}

/// Returns the engine's rules with those of ours that always pay.
fn our_rules() -> Rules {
    let mut rules = Optimizer::new().rules;
    let place = rules.iter().position(|rule| rule.name() == ENGINES_RULE);
    rules.insert(place.unwrap_or(0), Arc::new(DistinctByGroups));
    rules
}

/// Returns an environment for work of the store's own that runs on the engine, within `limits` and what all queries may
/// use together.
pub(crate) fn runtime_env(data_dir: Option<&Path>, limits: SqlLimits) -> Result<RuntimeEnv, DataFusionError> {
    runtime_of(data_dir, Arc::new(QueryPool::new(limits.max_memory_bytes)))
}

/// Returns an environment that can reach the store's data folder and no other file but spills.
fn runtime_of(data_dir: Option<&Path>, pool: Arc<dyn MemoryPool>) -> Result<RuntimeEnv, DataFusionError> {
    let mut runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).build()?;
    runtime.disk_manager = memory::disk()?;
    runtime.deregister_object_store(ObjectStoreUrl::local_filesystem().as_ref())?;
    if let Some(data_dir) = data_dir {
        let files = LocalFileSystem::new_with_prefix(data_dir)?;
        runtime.register_object_store(ObjectStoreUrl::parse(STORE_URL)?.as_ref(), Arc::new(files));
    }
    Ok(runtime)
}

fn rejected(error: &DataFusionError) -> Error {
    Error::Sql {
        message: error.strip_backtrace(),
    }
}
