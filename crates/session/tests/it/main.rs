//! Trees of logins, from rows written as `key=value`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod trees;
