//! Tests of the operations as their callers use them, with a real engine below.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests read fixtures and make stores; the operations themselves do neither.
#![allow(clippy::disallowed_methods)]

#[path = "../../../store/tests/it/digest.rs"]
mod digest;
mod events;
mod kit;
mod one_store;
mod reconcile;
mod search_cases;
mod upkeep;
