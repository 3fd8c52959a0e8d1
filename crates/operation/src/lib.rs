//! Every user-visible operation once, called by the command line and by the server alike.
//!
//! An operation takes a [`Caller`], knows no terminal and no HTTP, and returns plain records that serialise as the
//! contract says.

pub mod board;
pub mod caller;
pub mod coverage;
pub mod csv;
pub mod demo;
pub mod detect;
pub mod error;
pub mod events;
pub mod examine;
pub mod findings;
pub mod hunt;
pub mod ingest;
pub mod inputs;
pub mod japanese;
pub mod page;
pub mod progress;
pub mod query;
pub mod rules;
pub mod session;
pub mod sessions;
pub mod sigma_match;
pub mod source;
pub mod status;
pub mod store_care;
pub mod tables;
mod turn;
pub mod watch;

pub use caller::{Caller, OrgScope, Permission};
pub use error::{Class, Error, Reason};
pub use sekisho_store::{RetentionKind, Work, Writer};

/// Makes a folder that is removed when the value is dropped.
///
/// # Errors
/// There is no place for temporary files.
pub fn scratch_dir() -> Result<sekisho_io::ScratchDir, Error> {
    Ok(sekisho_io::ScratchDir::new()?)
}

/// Writes a file that is whole or not there.
///
/// # Errors
/// The file cannot be written.
pub fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Error> {
    Ok(sekisho_io::atomic_write(path, bytes)?)
}
