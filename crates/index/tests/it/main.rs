//! Index files against what a plain count of the same rows says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod kit;
mod limits;
mod speed;
mod truth;
