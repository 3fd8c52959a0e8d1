//! The program as a user meets it: one module a command.
#![allow(clippy::disallowed_methods, reason = "tests write their own files")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod demo;
mod detect;
mod everywhere;
mod hunt;
mod ingest;
mod ingest_long;
mod program;
mod query;
mod retention;
mod samples;
mod serve;
mod session;
mod sigma;
mod store;
mod tables;
mod turns;
mod verdict;
