//! The sheet from events to text: hunt, watch, trail and rendering together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod events;
mod overlap;
mod queries;
mod render;
mod sheets;
