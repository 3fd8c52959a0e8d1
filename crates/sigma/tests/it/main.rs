//! The Sigma engine against its conformance cases, the public rules and typed tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod conformance;
mod loading;
mod properties;
mod public_rules;
mod speed;
mod support;
mod tables;
