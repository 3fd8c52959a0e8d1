//! The demo incident as it is handed over: the same bytes for ever, with a ground truth that holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod decoded;
mod lists;
mod same;
mod support;
mod truth;
