//! Small files read whole, up to a size their caller names.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::Error;
use crate::name::printable;

/// Returns all bytes of `reader`, called `name` in errors.
///
/// # Errors
/// Where it cannot be read, or holds more than `limit_bytes`.
pub fn read_bounded(reader: impl Read, name: &str, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut capped = reader.take(limit_bytes.saturating_add(1));
    #[expect(clippy::disallowed_methods, reason = "this is the capped replacement")]
    capped
        .read_to_end(&mut bytes)
        .map_err(|error| Error::while_reading(name, error))?;
    if bytes.len() as u64 > limit_bytes {
        return Err(Error::WholeTooLarge {
            name: name.to_owned(),
            limit_bytes,
        });
    }
    Ok(bytes)
}

/// Returns all bytes of the file at `path`.
///
/// # Errors
/// Where it is missing, cannot be read, or is larger than `limit_bytes`.
pub fn read_bytes_bounded(path: &Path, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    read_bounded(open(path)?, &printable(&path.to_string_lossy()), limit_bytes)
}

/// Returns the text of the file at `path`, without a byte order mark.
///
/// # Errors
/// As [`read_bytes_bounded`], and where it is not UTF-8.
pub fn read_text_bounded(path: &Path, limit_bytes: u64) -> Result<String, Error> {
    let mut bytes = read_bytes_bounded(path, limit_bytes)?;
    if bytes.starts_with("\u{FEFF}".as_bytes()) {
        bytes.drain(.."\u{FEFF}".len());
    }
    String::from_utf8(bytes).map_err(|error| Error::NotUtf8 {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })
}

pub(crate) fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => Error::Missing { path: path.to_owned() },
        _ => Error::Open {
            path: path.to_owned(),
            source,
        },
    })
}
