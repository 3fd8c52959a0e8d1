//! What an event is: the catalogue of tables, their typed columns and units, the common columns, row identity, times and zones.
//!
//! This crate knows no disk, network, clock or environment.

pub mod catalogue;
pub mod cells;
pub mod common;
pub mod identity;
pub mod ids;
pub mod kind;
pub mod layout;
pub mod text;
pub mod time;
