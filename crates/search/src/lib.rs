//! The search language: from what an analyst types to a condition over the common columns.
//!
//! This crate knows no disk, network, clock or environment, and no engine: it writes SQL text and escapes every literal
//! itself. Searches and the rows that they find stand as text in `tests/cases`.

mod error;
mod field;
mod parse;
mod query;
mod sql;
mod typed;
mod value;

pub use error::SyntaxError;
pub use field::{Field, FieldType};
pub use parse::{MAX_DEPTH, MAX_QUERY_BYTES, MAX_TERMS, MAX_WORDS, parse};
pub use query::{Comparison, Condition, Pattern, Piece, Query, Test};
pub use sql::{IN_NETWORK_FUNCTION, instant, literal, to_sql};
pub use value::quote;
