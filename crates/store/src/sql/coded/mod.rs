//! Texts that repeat are grouped, counted and tested once for each distinct value.
//!
//! A column of repeating text is stored as a dictionary for every row group. The usual plan makes a text of every row, then
//! hashes and compares texts. Here the scan gives the dictionaries themselves: a condition on one column is worked out for
//! the values of a dictionary, and rows are grouped by numbers that stand for texts over the whole query. The texts come
//! back above the groups.

mod filters;
mod functions;
mod groups;
mod scan;
mod texts;
mod times;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use datafusion::execution::memory_pool::MemoryPool;
use datafusion::optimizer::OptimizerRule;

/// The rules of one query.
#[derive(Debug)]
pub(super) struct Coding {
    pool: Arc<dyn MemoryPool>,
    is_full: Arc<AtomicBool>,
}

impl Coding {
    /// Returns the rules of a query that takes its memory from `pool`.
    pub(super) fn new(pool: Arc<dyn MemoryPool>) -> Self {
        Self {
            pool,
            is_full: Arc::default(),
        }
    }

    /// Returns the rules, in their order; they come after the engine's.
    pub(super) fn rules(&self) -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
        vec![
            Arc::new(groups::GroupByCodes::new(&self.pool, &self.is_full)),
            Arc::new(filters::FilterPerValue),
        ]
    }

    /// Returns whether the query had more distinct texts than memory. Without these rules the engine can write groups to
    /// disk.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Acquire)
    }
}
