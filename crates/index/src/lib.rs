//! What a segment's index file looks like: which values stand in it, how often, when, where; rows by hour.
//!
//! An index file stands beside a segment and follows from its rows, so it can be lost and made anew. It answers, for the
//! columns it was made for: how many rows hold a value, from when to when, and in which blocks of rows; and how many
//! rows there are in each hour. A column with too many values to be worth it is left out; whoever asks for it has to
//! read the rows.
//!
//! Nothing here opens files: [`IndexBuilder`] writes to any writer, [`Index`] reads through [`ReadAt`]. Bytes that are
//! not what was written are an error, never another answer.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod blocks;
mod build;
mod chunk;
mod error;
mod format;
mod hours;
mod read;
mod texts;
mod varint;

pub use blocks::Blocks;
pub use build::{ColumnSize, IndexBuilder, IndexSize, IndexSpec};
pub use chunk::{Chunk, Entry};
pub use error::{IndexError, Result};
pub use hours::{HourRow, Hours};
pub use read::{ColumnIndex, Index, ReadAt};

/// The rows of a block, the finest place that an index names: a data page of a segment holds no more rows, so a block
/// is what a reader can skip, and the blocks of a whole segment are a bitmap of some 64 bytes.
pub const BLOCK_ROWS: u64 = 8192;

/// The most rows of one index, so that a block's number and a bitmap of all blocks stay small whatever a file claims.
pub const MAX_ROWS: u64 = u32::MAX as u64;
