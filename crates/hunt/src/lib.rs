//! Hunting indicators in events, with an honest account of what could not be seen.
pub mod error;
pub mod lists;
