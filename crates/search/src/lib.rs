//! The search language: from what an analyst types to a condition over the common columns.
//!
//! This crate knows no disk, network, clock or environment, and no engine: it writes SQL text and escapes every literal
//! itself.

mod error;

pub use error::SyntaxError;
