//! `query`: read-only SQL over the store.

use std::path::Path;
use std::time::Duration;

use sekisho_store::{SqlLimits, SqlResult, sql_memory};

use crate::Error;
use crate::caller::{Caller, OrgScope, Permission};
use crate::source::open_store;

/// What a query may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryLimits {
    /// `--max-memory`, in bytes.
    pub max_memory_bytes: Option<usize>,
    /// `--timeout`.
    pub timeout: Option<Duration>,
}

/// Runs one statement that reads.
///
/// # Errors
/// There is no store, the statement is not accepted, or the caller sees only some orgs: SQL sees all rows, so it is open
/// only to callers who do.
pub fn query(caller: &Caller, data_dir: &Path, sql: &str, limits: QueryLimits) -> Result<SqlResult, Error> {
    caller.may(Permission::Read)?;
    if caller.orgs != OrgScope::All {
        return Err(Error::Usage(
            "SQL sees the rows of every org: it cannot be limited to one".to_owned(),
        ));
    }
    let usual = SqlLimits::default();
    // Whoever says what a query may take means it to be had.
    sql_memory::allow_together(limits.max_memory_bytes.unwrap_or(usual.max_memory_bytes));
    let limits = SqlLimits {
        max_memory_bytes: limits.max_memory_bytes.unwrap_or(usual.max_memory_bytes),
        timeout: limits.timeout.unwrap_or(usual.timeout),
        ..usual
    };
    Ok(open_store(data_dir)?.sql(sql, limits)?)
}
