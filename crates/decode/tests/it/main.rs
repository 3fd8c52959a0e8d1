//! Tests of the decoders as their callers use them: bytes in, typed batches and rejected rows out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read their fixtures"
)]

mod cloud;
mod gitlab;
mod hostile;
mod identity;
mod memory;
mod salesforce;
mod shared_samples;
mod support;
mod telling;
mod traps;
