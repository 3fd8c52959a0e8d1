//! One writer at a time: an advisory lock on a file beside the catalogue. The kernel frees it when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a second writer waits: two loads of ordinary size after each other take less, and a script that starts both at
/// once should lose neither. A person who waits for a large load learns of it before leaving the terminal.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// How often a waiting writer looks again.
const LOCK_POLL: Duration = Duration::from_millis(50);

const LOCK_FILE: &str = "writer.lock";

/// The right to write; given up on drop.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of the store in `dir`, waiting a short time for another writer to end.
    pub(crate) fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Error::io("open the lock file", &path))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < LOCK_WAIT => {
                    thread::sleep(LOCK_POLL);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Locked { dir: dir.to_path_buf() });
                }
                Err(TryLockError::Error(source)) => {
                    return Err(Error::io("lock", &path)(source));
                }
            }
        }
    }
}
