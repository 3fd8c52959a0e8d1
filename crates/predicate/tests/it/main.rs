//! The batch path, the one-row path and the masked path give one answer; tests mean what they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod paths;
mod semantics;
