//! Folders that last as long as the run, and plain files in folders of our own.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A folder that is removed when this value is dropped. What a killed program left is removed by the next one.
#[derive(Debug)]
pub struct ScratchDir {
    folder: tempfile::TempDir,
    /// Held as long as the folder is used; the system lets go of it when the program is killed.
    _lock: File,
}

/// What scratch folders are called, and the file in them that their program holds locked.
const PREFIX: &str = "sekisho-scratch-";
const LOCK_FILE: &str = "lock";

impl ScratchDir {
    /// Makes an empty folder in the system's place for temporary files.
    ///
    /// # Errors
    /// There is no such place, or it cannot be written.
    pub fn new() -> Result<Self, Error> {
        let failed = |source: io::Error| Error::Write {
            path: PathBuf::from("the folder for temporary files"),
            step: "making a folder in it",
            source,
        };
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().map_err(failed)?;
        let lock = File::create(folder.path().join(LOCK_FILE)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        if let Some(parent) = folder.path().parent() {
            sweep(parent);
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes folders whose program is gone. What cannot be removed may be in use, or somebody else's: it stays.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for folder in entries.flatten().map(|entry| entry.path()) {
        let is_scratch = folder
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(PREFIX));
        let lock = File::open(folder.join(LOCK_FILE)).ok().filter(|_| is_scratch);
        if lock.is_some_and(|lock| lock.try_lock().is_ok()) {
            // Another sweeper may have been quicker.
            let _ = fs::remove_dir_all(&folder);
        }
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
    let mut file = File::create(&path).map_err(failed("making"))?;
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
    fn what_a_killed_program_left_is_removed_and_what_is_in_use_stays() {
        let used = ScratchDir::new().unwrap();
        let parent = used.path().parent().unwrap();
        let left = parent.join(format!("{PREFIX}left-by-a-test"));
        fs::create_dir_all(left.join("data")).unwrap();
        fs::write(left.join(LOCK_FILE), b"").unwrap();
        let next = ScratchDir::new().unwrap();
        assert!(!left.exists());
        assert!(used.path().exists() && next.path().exists());
    }

    #[test]
    fn the_folder_goes_with_its_value() {
        let folder = ScratchDir::new().unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}
