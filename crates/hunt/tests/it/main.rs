//! Tests of the hunt crate as its callers use it.
// Tests read fixtures and measure; the crate itself does neither.
#![allow(clippy::disallowed_methods)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod gap_rates;
mod options;
mod properties;
mod scenarios;
mod shared_lists;
