//! Opens files, archives and directories as bounded byte streams, and writes files atomically.
//!
//! This crate knows how bytes are packed (gzip, Zstandard, zip) and nothing of what they say.
//! Every byte that comes out of a decompressor is counted against a [`Limits`], because the files
//! come from outside: a stream that goes over a limit delivers what came before, then fails with
//! an [`Error`] that names the limit.
//!
//! ```no_run
//! use std::path::Path;
//!
//! for opened in sekisho_io::Input::open(Path::new("logs.zip"))? {
//!     match opened {
//!         Ok(stream) => println!("{}: starts with {} bytes", stream.name, stream.head.len()),
//!         Err(problem) => eprintln!("{problem}"), // the others go on
//!     }
//! }
//! # Ok::<(), sekisho_io::Error>(())
//! ```

mod archive;
mod bounded;
mod digest;
mod error;
mod input;
mod limits;
mod name;
mod packing;
mod peek;
mod scratch;
mod shared_file;
mod walk;
mod whole;
mod write;

pub use digest::{FileDigest, RunningDigest, sha256_file};
pub use error::Error;
pub use input::{Input, STDIN_PATH, Streams};
pub use limits::{
    HEAD_BYTES, Limits, MAX_ARCHIVE_DEPTH, MAX_ARCHIVE_MEMBERS, MAX_DECOMPRESSED_BYTES, MAX_EXPANSION_RATIO, MAX_FILES,
    MAX_NAME_CHARS, MAX_SPOOL_BYTES, MAX_TOTAL_DECOMPRESSED_BYTES, MAX_ZSTD_WINDOW_LOG, RATIO_FREE_BYTES,
};
pub use name::printable;
pub use peek::PeekedStream;
pub use scratch::{ScratchDir, write_below};
pub use walk::walk;
pub use whole::{read_bounded, read_bytes_bounded, read_text_bounded};
pub use write::atomic_write;
