//! The server as a client meets it: one module a concern, on a small store.
#![allow(clippy::disallowed_methods, reason = "tests write their own files")]
#![allow(clippy::disallowed_types, reason = "tests connect as clients do")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod client;
mod console;
mod document;
mod endpoints;
mod guard;
mod listening;
mod problems;
mod samples;
