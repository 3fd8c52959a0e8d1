//! One writer at a time: an advisory lock on a file beside the catalogue. The kernel frees it when the process dies. The
//! file says who holds it, for those who wait.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::error::{Error, Result};

/// How long a writer that was told nothing waits for another: two loads of ordinary size after each other take less, and a
/// script that starts both at once should lose neither.
const USUAL_WAIT: Duration = Duration::from_secs(10);

/// How often a waiting writer looks again.
const LOCK_POLL: Duration = Duration::from_millis(50);

/// How long a writer waits in silence: what ends sooner is no wait to a person.
const SILENT_WAIT: Duration = Duration::from_millis(400);

/// The longest record in the lock file: three short words.
const MAX_RECORD_BYTES: usize = 128;

const LOCK_FILE: &str = "writer.lock";

/// What somebody writes a store for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Loading events.
    Load,
    /// Compacting, flushing and removing what is not needed.
    Maintain,
    /// Deleting what is kept long enough, or settings about it.
    Retain,
    /// Anything else: upgrading, restoring.
    Other,
}

impl Work {
    const ALL: [Self; 4] = [Self::Load, Self::Maintain, Self::Retain, Self::Other];

    fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Maintain => "maintain",
            Self::Retain => "retain",
            Self::Other => "other",
        }
    }
}

/// Who holds a store for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// The process.
    pub process: u32,
    /// What it does.
    pub work: Work,
    /// Since when, in microseconds since 1970 UTC.
    pub since_us: i64,
}

/// How a writer takes its turn.
pub struct Turn<'a> {
    /// What it is for.
    pub work: Work,
    /// How long to wait for others; `None` for as long as it takes.
    pub max_wait: Option<Duration>,
    /// Is asked now and then whether to give up.
    pub stop: &'a dyn Fn() -> bool,
    /// Is told once for each writer that is waited for, where it is known who it is.
    pub on_wait: &'a mut dyn FnMut(Option<Writer>),
}

impl std::fmt::Debug for Turn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turn")
            .field("work", &self.work)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}

impl<'a> Turn<'a> {
    /// Returns the turn of a writer that waits a short time and says nothing.
    pub fn usual(work: Work, on_wait: &'a mut dyn FnMut(Option<Writer>)) -> Self {
        Self {
            work,
            max_wait: Some(USUAL_WAIT),
            stop: &|| false,
            on_wait,
        }
    }
}

/// The right to write; given up on drop.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of the store in `dir`, waiting for another writer as `turn` says.
    pub(crate) fn take(dir: &Path, turn: &mut Turn<'_>) -> Result<Self> {
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(Error::io("open the lock file", &path))?;
        let started = Instant::now();
        let mut told: Option<Option<Writer>> = None;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    record(&file, turn.work);
                    return Ok(Self { _file: file });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
            }
            let waited = started.elapsed();
            let holder = holder(&file);
            if turn.max_wait.is_some_and(|limit| waited >= limit) {
                return Err(Error::Locked {
                    dir: dir.to_path_buf(),
                    by: holder,
                });
            }
            if (turn.stop)() {
                return Err(Error::Stopped);
            }
            if waited >= SILENT_WAIT && told != Some(holder) {
                (turn.on_wait)(holder);
                told = Some(holder);
            }
            thread::sleep(LOCK_POLL);
        }
    }
}

/// Writes into the lock file who holds it. It is for people alone, so a full disk does not stop the writer here.
fn record(file: &File, work: Work) {
    let since = Timestamp::now().as_microsecond();
    let line = format!("{} {} {since}\n", std::process::id(), work.name());
    let _ = file.set_len(0).and_then(|()| file.write_all_at(line.as_bytes(), 0));
}

/// Reads who holds the lock; `None` where the holder has not written it yet, or an older program holds it.
fn holder(file: &File) -> Option<Writer> {
    let mut bytes = [0u8; MAX_RECORD_BYTES];
    let read = loop {
        match file.read_at(&mut bytes, 0) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => break other.ok()?,
        }
    };
    let line = std::str::from_utf8(bytes.get(..read)?).ok()?.strip_suffix('\n')?;
    let mut words = line.split(' ');
    let process = words.next()?.parse().ok()?;
    let name = words.next()?;
    Some(Writer {
        process,
        work: Work::ALL.into_iter().find(|work| work.name() == name)?,
        since_us: words.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(dir: &Path, wait: Duration, told: &mut Vec<Option<Writer>>) -> Result<WriterLock> {
        let mut turn = Turn {
            work: Work::Load,
            max_wait: Some(wait),
            stop: &|| false,
            on_wait: &mut |writer| told.push(writer),
        };
        WriterLock::take(dir, &mut turn)
    }

    #[test]
    fn who_waits_is_told_for_whom_and_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let mut told = Vec::new();
        let first = take(dir.path(), Duration::ZERO, &mut told).unwrap();
        assert!(told.is_empty());
        let refused = take(dir.path(), Duration::ZERO, &mut told);
        let Err(Error::Locked { by: Some(by), .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!((by.process, by.work), (std::process::id(), Work::Load));
        thread::scope(|scope| {
            scope.spawn(move || {
                thread::sleep(Duration::from_millis(700));
                drop(first);
            });
            take(dir.path(), Duration::from_secs(60), &mut told).unwrap();
        });
        assert_eq!(told, [Some(by)]);
    }

    #[test]
    fn what_is_no_record_names_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        for text in ["", "12", "12 load 5", "x load 5\n", "12 dance 5\n", "\u{fffd}\n"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(holder(&File::open(&path).unwrap()), None, "{text:?}");
        }
        std::fs::write(&path, "12 maintain 5\n").unwrap();
        let found = holder(&File::open(&path).unwrap()).unwrap();
        assert_eq!((found.process, found.work, found.since_us), (12, Work::Maintain, 5));
    }
}
