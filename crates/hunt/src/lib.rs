//! Hunting indicators in events, with an honest account of what could not be seen.
mod column;
pub mod error;
pub mod lists;
pub mod matching;
