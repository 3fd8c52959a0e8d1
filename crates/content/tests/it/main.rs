//! The shipped rules: each loads clean, says who wrote it and how much it matters, and is held to log lines in the
//! platforms' own format, from bytes over typed batches to hits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, reason = "tests read their fixtures")]

mod examples;
mod noise;
mod rules;
mod support;
