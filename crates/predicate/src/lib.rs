//! Compiled tests over columns.
//!
//! A [`Test`] says everything about itself: its case rule, its anchor and what a missing value means. A [`Plan`] holds
//! the distinct tests of many rules and the boolean shape of each rule over them. It has two paths with one answer:
//! [`BatchRun`] reads Arrow columns, a dictionary's values once each, and [`RowRun`] reads one row.
//!
//! This crate knows no rule language: callers compile their rules to [`TestSpec`]s and say where a field's cells are.

mod batch;
mod cell;
mod column;
mod error;
mod fold;
mod number;
mod observe;
mod pattern;
mod plan;
mod row;
mod spec;
mod test;
mod time_part;

pub use batch::{BatchFields, BatchRun, DictionaryCache};
pub use cell::{Cell, Presence, Visit};
pub use column::{BatchRow, Extract, FieldColumn};
pub use error::PredicateError;
pub use fold::fold;
pub use number::Number;
pub use pattern::{Pattern, PatternPart};
pub use plan::{AtomId, Expr, FieldId, FieldKey, Outcome, Plan, PlanBuilder, RuleSlot};
pub use row::{RowFields, RowMemory, RowRun};
pub use spec::{Anchor, Case, Comparison, Missing, RegexFlags, TestSpec, TimePart};
pub use test::{LIST_LIMIT, REGEX_SIZE_LIMIT_BYTES, TEXT_LIMIT_BYTES, Test};
