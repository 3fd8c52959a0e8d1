//! Tests of the store through its public interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
// Tests damage files on purpose, and start themselves and DuckDB.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod append;
mod backup;
mod coded;
mod compact;
mod crash;
mod digest;
mod duckdb;
mod export;
#[cfg(target_os = "linux")]
mod faults;
mod inline;
mod kit;
mod network;
mod retention;
mod scan;
mod schema;
mod sql;
mod together;
mod values;
mod verify;
mod versions;
mod wide;
