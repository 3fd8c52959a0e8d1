//! What can go wrong between a path and its bytes.

use std::io;
use std::path::{Path, PathBuf};

use crate::name::printable;

/// A failure to open, unpack or write something. [`Error::hint`] says what to do next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing at the path.
    #[error("{} does not exist", shown(.path))]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The operating system refused to open the file.
    #[error("cannot open {}", shown(.path))]
    Open {
        /// The path as given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system refused to list the directory.
    #[error("cannot list the directory {}", shown(.path))]
    List {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Reading stopped half-way.
    #[error("cannot read {name}")]
    Read {
        /// The stream.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The packed bytes are broken: cut short, a wrong checksum, not the format they claim.
    #[error("{name} is damaged: {reason}")]
    Corrupt {
        /// The stream or archive.
        name: String,
        /// What does not fit.
        reason: String,
    },
    /// One stream unpacks to more than [`crate::MAX_DECOMPRESSED_BYTES`].
    #[error("{name} unpacks to more than {limit_bytes} bytes; the rest was not read")]
    TooLarge {
        /// The stream.
        name: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// The whole input unpacks to more than [`crate::MAX_TOTAL_DECOMPRESSED_BYTES`].
    #[error("the input up to {name} unpacks to more than {limit_bytes} bytes; the rest was not read")]
    TotalTooLarge {
        /// The stream that went over.
        name: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A stream unpacks to so much more than it holds that it looks like a bomb.
    #[error("{name} unpacks to more than {limit} times its size, as a decompression bomb would; the rest was not read")]
    SuspiciousRatio {
        /// The stream.
        name: String,
        /// The limit.
        limit: u64,
    },
    /// An archive has more members than [`crate::MAX_ARCHIVE_MEMBERS`].
    #[error("{name} has {members} members, more than {limit}; those after the first {limit} were not read")]
    TooManyMembers {
        /// The archive.
        name: String,
        /// How many members its directory declares.
        members: usize,
        /// The limit.
        limit: usize,
    },
    /// The directories hold more files than [`crate::MAX_FILES`].
    #[error("{} holds more than {limit} files", shown(.path))]
    TooManyFiles {
        /// The directory as given.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// Something is packed in more layers than are opened.
    #[error("{name} is packed too many times over to be opened")]
    TooDeep {
        /// The innermost packing that was seen.
        name: String,
    },
    /// An archive member needs a password.
    #[error("{name} is encrypted")]
    Encrypted {
        /// The member.
        name: String,
    },
    /// An archive member is packed by a method that is not read.
    #[error("{name} is packed by the zip method {method}, which cannot be read")]
    UnsupportedMethod {
        /// The member.
        name: String,
        /// The method's name or number.
        method: String,
    },
    /// The file is packed in a format that is not read.
    #[error("{name} is a {format} file, which cannot be read")]
    UnsupportedFormat {
        /// The file or member.
        name: String,
        /// The format.
        format: &'static str,
    },
    /// A temporary copy of an archive could not be made.
    #[error("cannot keep a temporary copy of {name}")]
    Spool {
        /// The archive.
        name: String,
        /// What went wrong.
        source: io::Error,
    },
    /// An archive that needs a temporary copy is larger than [`crate::MAX_SPOOL_BYTES`].
    #[error("{name} is larger than {limit_bytes} bytes, the most that is copied to a temporary file")]
    SpoolTooLarge {
        /// The archive.
        name: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A file read whole is larger than its caller allows.
    #[error("{name} is larger than {limit_bytes} bytes")]
    WholeTooLarge {
        /// The file.
        name: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// A text file is not UTF-8.
    #[error("{} is not UTF-8 text: byte {offset} does not fit", shown(.path))]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Offset of the first byte that does not fit.
        offset: usize,
    },
    /// A file could not be written.
    #[error("cannot write {}: {step} failed", shown(.path))]
    Write {
        /// The file.
        path: PathBuf,
        /// The step at which it failed.
        step: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Error {
    /// Returns the next step for the reader of the message, where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some("check the path; relative paths start at the current directory"),
            Self::Open { .. } | Self::List { .. } => Some("check that you may read it"),
            Self::Corrupt { .. } => Some("fetch or export it again; what was read before the damage was kept"),
            Self::TooLarge { .. } | Self::TotalTooLarge { .. } | Self::SuspiciousRatio { .. } => {
                Some("if you trust it, unpack it yourself and give the unpacked file")
            }
            Self::TooManyMembers { .. } | Self::TooDeep { .. } | Self::SpoolTooLarge { .. } => {
                Some("unpack it and give the directory")
            }
            Self::TooManyFiles { .. } => Some("give its subdirectories one by one"),
            Self::Encrypted { .. } => Some("unpack it with its password and give the unpacked file"),
            Self::UnsupportedMethod { .. } | Self::UnsupportedFormat { .. } => {
                Some("unpack it, or pack it as .gz, .zst or .zip")
            }
            Self::Spool { .. } => Some("free space in the temporary directory, or set TMPDIR to one that has it"),
            Self::WholeTooLarge { .. } => Some("split the file"),
            Self::NotUtf8 { .. } => Some("save it as UTF-8"),
            Self::Read { .. } | Self::Write { .. } => None,
        }
    }

    /// Returns the error of this crate inside an [`io::Error`] that a stream gave, if it is one.
    ///
    /// Streams are [`std::io::BufRead`] and so can only fail with an [`io::Error`].
    #[must_use]
    pub fn in_stream(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// Returns whether the input holds more than was read because of a limit, not of damage.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TooLarge { .. }
                | Self::TotalTooLarge { .. }
                | Self::SuspiciousRatio { .. }
                | Self::TooManyMembers { .. }
                | Self::TooManyFiles { .. }
                | Self::TooDeep { .. }
                | Self::SpoolTooLarge { .. }
                | Self::WholeTooLarge { .. }
        )
    }

    /// Wraps a failure met while reading `name`; one of our own passes through as it is.
    pub(crate) fn while_reading(name: &str, error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(source) => Self::Read {
                name: name.to_owned(),
                source,
            },
        }
    }
}

/// Paths below a directory are written by whoever filled it, like names in an archive.
fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Missing { .. } => io::ErrorKind::NotFound,
            Error::Open { source, .. } | Error::Read { source, .. } | Error::Spool { source, .. } => source.kind(),
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
