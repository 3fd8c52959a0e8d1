//! Every user-visible operation once, called by the command line and by the server alike.
//!
//! An operation takes a [`Caller`], knows no terminal and no HTTP, and returns plain records that serialise as the
//! contract says.

pub mod caller;
pub mod detect;
pub mod error;
pub mod events;
pub mod hunt;
pub mod ingest;
pub mod inputs;
pub mod japanese;
pub mod query;
pub mod rules;
pub mod session;
pub mod sigma_match;
pub mod source;
pub mod tables;

pub use caller::{Caller, OrgScope, Permission};
pub use error::{Class, Error};

/// Writes a file that is whole or not there.
///
/// # Errors
/// The file cannot be written.
pub fn write_file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Error> {
    Ok(sekisho_io::atomic_write(path, bytes)?)
}
