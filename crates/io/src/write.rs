//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;

/// Writes `bytes` to `path` so that a reader, or a crash at any moment, finds the old file or the
/// new one and never a part: a temporary file beside it, synced, renamed over it, and the
/// directory synced so that the rename itself survives. Permissions of an old file are kept.
///
/// # Errors
/// Where any step fails; the old file is then untouched.
pub fn atomic_write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |step: &'static str| {
        move |source: io::Error| Error::Write {
            path: path.to_owned(),
            step,
            source,
        }
    };
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sekisho-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(NEW_FILE_MODE));
    let mut temporary = builder
        .tempfile_in(directory)
        .map_err(failed("making a temporary file beside it"))?;
    temporary.write_all(bytes).map_err(failed("writing"))?;
    if let Ok(old) = fs::metadata(path) {
        temporary
            .as_file()
            .set_permissions(old.permissions())
            .map_err(failed("keeping its permissions"))?;
    }
    temporary.as_file().sync_all().map_err(failed("syncing"))?;
    temporary
        .persist(path)
        .map_err(|error| failed("renaming")(error.error))?;
    sync_directory(directory).map_err(failed("syncing its directory"))
}

/// What any program asks for when it makes a file; the user's umask takes its share off.
#[cfg(unix)]
const NEW_FILE_MODE: u32 = 0o666;

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Windows has no such call; its rename is journalled.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
