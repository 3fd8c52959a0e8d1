//! Sigma rules: loading, routing by log source, and matching over JSON lines and over batches of typed tables.
//!
//! Rules are read by a parser of our own on `saphyr-parser`, which keeps the line of every node: a rule that does not
//! load is refused with file, line and the construct that is wrong. Their tests are compiled by `sekisho-predicate`.
//! (`rsigma-parser` 0.23 was weighed: it drops lines, makes a single value and a list of one the same, so that `all`
//! before a single value cannot be refused, and reads whole numbers over 63 bits as floats.)
//!
//! What the specification leaves open is decided so:
//!
//! - Text is compared without case unless `cased` says otherwise; regular expressions count case.
//! - A missing field is null. In a typed table null, empty CSV cells and absent fields are one and the same.
//! - Whole numbers and booleans equal their text; numbers equal numbers by value.
//! - Lists match by any member; `all` may be met by different members. Objects are their compact JSON text.
//! - Keywords are looked for inside of every value, never in keys.
//! - In a typed table a cell whose original text is kept is compared by that text.

mod alias;
mod condition;
mod detect;
mod detection;
mod event;
mod item;
mod lines;
mod lint;
mod modifier;
mod path;
mod problem;
mod route;
mod rule;
mod ruleset;
mod table;
mod value;
mod yaml;

pub use alias::{AliasTable, Aliases};
pub use condition::{CONDITION_DEPTH_LIMIT, CONDITION_LIMIT_BYTES};
pub use detect::{Detector, Hit};
pub use detection::SHAPE_LIMIT;
pub use event::JsonEvent;
pub use item::Placeholders;
pub use lines::{LINE_LIMIT_BYTES, LineResult, match_ndjson};
pub use lint::check;
pub use path::STEP_LIMIT;
pub use problem::{Problem, Severity, SigmaError};
pub use route::Routing;
pub use rule::{Level, Rule, RuleSource};
pub use ruleset::{LoadOptions, RuleIndex, RuleSet};
pub use table::TableView;
pub use yaml::{DEPTH_LIMIT, FILE_LIMIT_BYTES, FILE_NODE_LIMIT, NODE_LIMIT};
