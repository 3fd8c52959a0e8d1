//! Making files and folders durable, many at a time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use crate::error::{Error, Result};

/// Syncs in flight: each waits for the disk, and file systems make those that wait together durable together. Beyond
/// eight little is gained.
const SYNCS_AT_ONCE: usize = 8;

/// Makes all of `paths` durable, files and folders alike.
pub(crate) fn sync_all(paths: &[PathBuf]) -> Result<()> {
    let left = Mutex::new(paths.iter());
    let worker = || -> Result<()> {
        loop {
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            match next {
                Some(path) => sync(path)?,
                None => return Ok(()),
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (1..SYNCS_AT_ONCE.min(paths.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        let mut result = worker();
        for handle in workers {
            if let Ok(outcome) = handle.join() {
                result = result.and(outcome);
            }
        }
        result
    })
}

/// Makes the names of a new folder and of all those above it durable: any of them may be as new as the folder.
pub(crate) fn sync_names(folder: &Path) -> Result<()> {
    for above in folder.ancestors().skip(1) {
        match sync(above) {
            Err(Error::Io { source, .. }) if is_beyond_us(&source) => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

/// Returns whether a folder cannot be synced at all: one that we may not read was not made by us just now, and some file
/// systems make names durable in other ways.
fn is_beyond_us(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Unsupported
            | io::ErrorKind::ReadOnlyFilesystem
    )
}

fn sync(path: &Path) -> Result<()> {
    let handle = File::open(path).map_err(Error::io("open", path))?;
    handle.sync_all().map_err(Error::io("sync", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_fails_is_reported_among_many() {
        let dir = tempfile::tempdir().unwrap();
        let mut paths = vec![dir.path().to_path_buf(); 20];
        assert!(sync_all(&paths).is_ok());
        assert!(sync_all(&[]).is_ok());
        paths.insert(13, dir.path().join("missing"));
        assert!(matches!(sync_all(&paths), Err(Error::Io { .. })));
    }
}
