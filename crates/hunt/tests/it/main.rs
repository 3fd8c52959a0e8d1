//! Tests of the hunt crate as its callers use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod scenarios;
mod shared_lists;
