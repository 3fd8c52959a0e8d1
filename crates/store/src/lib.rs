//! The store: tables of events as Parquet segments under a DuckLake catalogue in SQLite, and the one SQL session factory.
//!
//! A store is a directory: `catalogue.sqlite` says which tables, columns and segments there are, `data/` holds the
//! segments. A load writes segments first and makes all of them visible in one catalogue transaction. Any DuckLake
//! reader opens the store while it is in use.
//!
//! The interface is synchronous. Queries run on a runtime of the store's own, so the caller needs none.

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)
)]

mod backup;
mod catalogue;
mod compact;
mod copy;
mod durable;
mod encode;
mod error;
mod evidence;
mod export;
mod filter;
mod held;
mod identity;
mod ingest;
mod inline;
mod lease;
mod lock;
mod maintain;
mod name;
mod quarantine;
mod reconcile;
mod removal;
mod report;
mod restore;
mod retention;
mod scan;
mod segment;
mod sql;
mod store;
mod sums;
mod types;
mod values;
mod verify;

pub use backup::BackupReport;
pub use error::{Error, Result};
pub use evidence::{Cover, DELIVERIES_TABLE, Reach, ReachBy, ReachKind, StreamName, StreamRecord};
pub use export::{Exported, Pinned, TableExport};
pub use ingest::Ingest;
pub use lock::{Turn, Work, Writer};
pub use maintain::{MaintainLimits, MaintainReport, Maintainer};
pub use quarantine::{QUARANTINE_TABLE, QuarantineRow};
pub use reconcile::{MAX_LISTED_DIFFERENCES, Reconciled, Reconciliation};
pub use removal::{READER_GRACE, RemovalReport};
pub use report::{Appended, Checkpoint, CommitReport, FileRecord, TableStat};
pub use restore::RestoreReport;
pub use retention::{
    Deletion, Hold, NewHold, NewSetting, Release, RetainOptions, RetentionKind, RetentionRow, RetentionSetting,
    in_force,
};
pub use scan::{Scan, ScanRange};
pub use sql::{SqlLimits, SqlResult, memory as sql_memory, sql_over_batches};
pub use store::{KnownTables, Mode, NoKnownTables, Store};
pub use values::{HourCount, HourCounts, KeepOrg, VALUE_COLUMNS, ValueCount, ValueCounts};
pub use verify::{Damage, DamageKind, DamagedPart, Progress, RepairReport, VerifyReport, Watch};
