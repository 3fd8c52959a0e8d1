//! Reading the catalogue's files past SQLite.
//!
//! SQLite's locks belong to the process: closing any handle on the database or on the log's index gives up every lock that
//! this process has on it, also those of its open connections. So a handle of ours is closed only while no connection of
//! this process is open, and waits until then.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::wal::index_path;
use crate::error::{Error, Result};

/// The most that is read of the log's index: the header, twice.
const INDEX_BYTES: usize = 96;

/// The catalogues that this process has open.
static OPEN: Mutex<BTreeMap<PathBuf, Entry>> = Mutex::new(BTreeMap::new());

#[derive(Debug, Default)]
struct Entry {
    connections: usize,
    /// Handles that wait for the last connection to close.
    kept: Vec<Arc<File>>,
}

/// A connection of this process; counted from before it opens until after it is closed.
#[derive(Debug)]
pub(crate) struct Connected {
    path: PathBuf,
}

impl Connected {
    /// Counts a connection to the catalogue at `path`.
    pub(crate) fn new(path: &Path) -> Self {
        open().entry(path.to_path_buf()).or_default().connections += 1;
        Self {
            path: path.to_path_buf(),
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut open = open();
        if let Some(entry) = open.get_mut(&self.path) {
            entry.connections -= 1;
            if entry.connections == 0 {
                open.remove(&self.path);
            }
        }
    }
}

/// Gives the catalogue file at `path` to `read`.
pub(crate) fn with_file<T>(path: &Path, read: impl FnOnce(&File) -> Result<T>) -> Result<T> {
    let file = handle(path)?;
    let result = read(&file);
    let mut open = open();
    match open.get_mut(path) {
        Some(entry) if entry.connections > 0 => {
            if !entry.kept.iter().any(|kept| Arc::ptr_eq(kept, &file)) {
                entry.kept.push(file);
            }
        }
        // Closed while nobody can begin to connect.
        _ => drop(file),
    }
    result
}

/// Reads the head of the log's index; `None` where there is none, or where this process has the catalogue open and SQLite
/// itself looks after it.
pub(crate) fn log_index(path: &Path) -> Result<Option<Vec<u8>>> {
    let open = open();
    if open.get(path).is_some_and(|entry| entry.connections > 0) {
        return Ok(None);
    }
    let index = index_path(path);
    let file = match File::open(&index) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", &index)(error)),
    };
    let mut head = vec![0; INDEX_BYTES];
    match file.read_exact_at(&mut head, 0) {
        Ok(()) => Ok(Some(head)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(Error::io("read", &index)(error)),
    }
}

/// Returns a handle on the file at `path`, one that is kept where there is one.
fn handle(path: &Path) -> Result<Arc<File>> {
    let now = std::fs::metadata(path).map_err(Error::io("open", path))?;
    let is_same = |file: &&Arc<File>| {
        file.metadata()
            .is_ok_and(|kept| (kept.dev(), kept.ino()) == (now.dev(), now.ino()))
    };
    if let Some(kept) = open().get(path).and_then(|entry| entry.kept.iter().find(is_same)) {
        return Ok(Arc::clone(kept));
    }
    File::open(path).map(Arc::new).map_err(Error::io("open", path))
}

fn open() -> MutexGuard<'static, BTreeMap<PathBuf, Entry>> {
    // Counts and handles stay right whatever happened elsewhere.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_wait_for_the_last_connection() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.sqlite");
        std::fs::write(&path, b"x").unwrap();
        let read = || with_file(&path, |file| Ok(file.metadata().unwrap().ino())).unwrap();
        read();
        assert!(!open().contains_key(&path));
        let (one, two) = (Connected::new(&path), Connected::new(&path));
        assert_eq!(read(), read());
        drop(one);
        assert_eq!(
            open().get(&path).map(|entry| entry.kept.len()),
            Some(1),
            "one handle serves all"
        );
        drop(two);
        assert!(!open().contains_key(&path));
    }
}
