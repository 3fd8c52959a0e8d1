//! Leases: what somebody is reading stays on disk until the reading ends.
//!
//! A reader holds a shared advisory lock on `leases/<snapshot>`; the kernel frees it when the process dies. Whoever removes
//! files takes each lease exclusively, without waiting: one that cannot be taken is held.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::catalogue::SnapshotId;
use crate::error::{Error, Result};

const LEASE_FOLDER: &str = "leases";

/// How often taking a lease is tried again. One attempt fails only while somebody else removes the same file, which takes
/// some microseconds.
const TRIES: u32 = 1_000;

/// The pause between two attempts.
const TRY_PAUSE: Duration = Duration::from_millis(1);

/// The right to go on reading a snapshot and every later one; given up on drop.
#[derive(Debug)]
pub(crate) struct Lease {
    /// `None` where the reader may not write beside the store: see `Lease::take`.
    held: Option<(File, PathBuf)>,
}

impl Lease {
    /// Takes a lease on `snapshot` of the store in `dir`.
    ///
    /// Where no file can be made (a read-only medium, somebody else's store, a full disk) the reader goes without: nothing is
    /// removed from such a medium, and elsewhere files stay for the grace time.
    pub(crate) fn take(dir: &Path, snapshot: SnapshotId) -> Result<Self> {
        let path = path_of(dir, snapshot);
        for _ in 0..TRIES {
            let Some(file) = open(&path)? else {
                return Ok(Self { held: None });
            };
            match file.try_lock_shared() {
                // Between opening and locking the file may have been removed; a lock on what nobody finds protects nothing.
                Ok(()) if is_at(&file, &path) => {
                    return Ok(Self {
                        held: Some((file, path)),
                    });
                }
                Ok(()) | Err(TryLockError::WouldBlock) => thread::sleep(TRY_PAUSE),
                // A file system without locks: as above.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(Self { held: None });
                }
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
            }
        }
        Err(Error::io("lock", &path)(ErrorKind::ResourceBusy.into()))
    }

    #[cfg(test)]
    fn is_held(&self) -> bool {
        self.held.is_some()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((file, path)) = self.held.take() {
            // The last reader clears up. Another one that holds the lease keeps it, one that just opened the file tries again.
            if file.try_lock().is_ok() && is_at(&file, &path) {
                let _ = std::fs::remove_file(&path);
            }
        }
    }
}

/// Returns the snapshots that are being read, oldest first, and removes the leases that nobody holds any more.
pub(crate) fn live(dir: &Path) -> Result<Vec<SnapshotId>> {
    let folder = dir.join(LEASE_FOLDER);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", &folder)(error)),
    };
    let mut live = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io("list", &folder))?.path();
        let snapshot = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.parse().ok());
        if let Some(snapshot) = snapshot
            && is_live(&path)?
        {
            live.push(SnapshotId(snapshot));
        }
    }
    live.sort_unstable();
    Ok(live)
}

/// Returns whether anybody holds the lease at `path`, and removes it where nobody does.
fn is_live(path: &Path) -> Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::io("open", path)(error)),
    };
    match file.try_lock() {
        Ok(()) => {
            if is_at(&file, path) {
                // Still locked, so that a reader who opened it meanwhile sees that it has gone.
                let _ = std::fs::remove_file(path);
            }
            Ok(false)
        }
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

/// Opens the file of a lease, making it where it is missing; `None` where it can be neither made nor opened.
fn open(path: &Path) -> Result<Option<File>> {
    let make = || OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let made = match make() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or(path);
            std::fs::create_dir_all(folder).and_then(|()| make())
        }
        other => other,
    };
    match made {
        Ok(file) => Ok(Some(file)),
        Err(error) => match error.kind() {
            // Somebody else's lease can be shared by whoever may read it.
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull => {
                Ok(File::open(path).ok())
            }
            _ => Err(Error::io("open", path)(error)),
        },
    }
}

/// Returns whether `path` is the name of the open `file`.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn path_of(dir: &Path, snapshot: SnapshotId) -> PathBuf {
    dir.join(LEASE_FOLDER).join(snapshot.0.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> usize {
        std::fs::read_dir(dir.join(LEASE_FOLDER)).map_or(0, Iterator::count)
    }

    #[test]
    fn a_lease_is_live_until_its_last_holder_ends() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(live(dir.path()).unwrap(), []);
        let one = Lease::take(dir.path(), SnapshotId(7)).unwrap();
        let two = Lease::take(dir.path(), SnapshotId(7)).unwrap();
        let other = Lease::take(dir.path(), SnapshotId(12)).unwrap();
        assert_eq!(live(dir.path()).unwrap(), [SnapshotId(7), SnapshotId(12)]);
        drop(one);
        assert_eq!(live(dir.path()).unwrap(), [SnapshotId(7), SnapshotId(12)]);
        drop(two);
        assert_eq!(live(dir.path()).unwrap(), [SnapshotId(12)]);
        drop(other);
        assert_eq!((live(dir.path()).unwrap(), names(dir.path())), (vec![], 0));
    }

    #[test]
    fn what_a_dead_reader_left_is_not_live_and_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(LEASE_FOLDER)).unwrap();
        for name in ["3", "note.txt"] {
            std::fs::write(dir.path().join(LEASE_FOLDER).join(name), b"").unwrap();
        }
        assert_eq!(live(dir.path()).unwrap(), []);
        assert_eq!(names(dir.path()), 1, "what is not ours stays");
    }

    #[test]
    fn a_lease_taken_while_leases_are_removed_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            let reader = || {
                for _ in 0..300 {
                    let lease = Lease::take(dir.path(), SnapshotId(1)).unwrap();
                    assert!(lease.is_held());
                    assert_eq!(live(dir.path()).unwrap(), [SnapshotId(1)]);
                }
            };
            let readers = [scope.spawn(reader), scope.spawn(reader)];
            while readers.iter().any(|reader| !reader.is_finished()) {
                live(dir.path()).unwrap();
            }
        });
    }

    #[test]
    fn without_a_place_for_it_reading_goes_on_without_a_lease() {
        let dir = tempfile::tempdir().unwrap();
        let mut rights = std::fs::metadata(dir.path()).unwrap().permissions();
        rights.set_readonly(true);
        std::fs::set_permissions(dir.path(), rights.clone()).unwrap();
        // Root may write everywhere, so there the lease is held.
        assert!(Lease::take(dir.path(), SnapshotId(1)).is_ok());
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o755);
        std::fs::set_permissions(dir.path(), rights).unwrap();
    }
}
