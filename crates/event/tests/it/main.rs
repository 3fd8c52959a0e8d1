//! Tests of the catalogue and the common table as other crates use them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, reason = "tests read reference data")]

mod catalogue;
mod common;
