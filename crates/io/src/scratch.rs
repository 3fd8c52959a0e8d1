//! Folders that last as long as the run, and plain files in folders of our own.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A folder that is removed when this value is dropped.
#[derive(Debug)]
pub struct ScratchDir(tempfile::TempDir);

impl ScratchDir {
    /// Makes an empty folder in the system's place for temporary files.
    ///
    /// # Errors
    /// There is no such place, or it cannot be written.
    pub fn new() -> Result<Self, Error> {
        let made = tempfile::Builder::new().prefix("sekisho-").tempdir();
        made.map(Self).map_err(|source| Error::Write {
            path: PathBuf::from("the folder for temporary files"),
            step: "making a folder in it",
            source,
        })
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Writes a file below `folder`, and the folders between. Nothing is synced: for files that can be made again.
///
/// # Errors
/// `relative` leads out of the folder, or a step fails.
pub fn write_below(folder: &Path, relative: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = below(folder, relative)?;
    let failed = |step: &'static str| {
        let path = path.clone();
        move |source: io::Error| Error::Write { path, step, source }
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed("making its folder"))?;
    }
    let mut file = fs::File::create(&path).map_err(failed("making"))?;
    file.write_all(bytes).map_err(failed("writing"))
}

fn below(folder: &Path, relative: &str) -> Result<PathBuf, Error> {
    let is_plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
    if !relative.is_empty() && Path::new(relative).components().all(is_plain) {
        return Ok(folder.join(relative));
    }
    Err(Error::Write {
        path: PathBuf::from(relative),
        step: "staying inside the folder",
        source: io::Error::from(io::ErrorKind::InvalidInput),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods)]
    use super::*;

    #[test]
    fn files_stay_below_their_folder() {
        let folder = ScratchDir::new().unwrap();
        write_below(folder.path(), "a/b.txt", b"x").unwrap();
        assert_eq!(fs::read(folder.path().join("a/b.txt")).unwrap(), b"x");
        for outside in ["../x", "/etc/x", "a/../../x", ""] {
            assert!(write_below(folder.path(), outside, b"x").is_err(), "{outside}");
        }
    }

    #[test]
    fn the_folder_goes_with_its_value() {
        let folder = ScratchDir::new().unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}
