//! Removing files that no snapshot and no reader needs.
//!
//! The catalogue forgets them first, in one transaction that also puts them on a list; then the files go; then the list is
//! cleared. A kill in between leaves files on the list, or files that nobody knows and the next writer sweeps.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::catalogue::SnapshotId;
use crate::catalogue::expiry::Unneeded;
use crate::durable;
use crate::error::{Error, Result};
use crate::ingest::SEGMENT_PREFIX;
use crate::lease;
use crate::segment::PartKind;
use crate::store::Inner;

/// How long the files of an ended segment stay for readers that take no lease, such as DuckDB: longer than all but the
/// longest of their queries.
pub const READER_GRACE: Duration = Duration::from_secs(15 * 60);

/// How often somebody who waits for readers looks again.
const READER_POLL: Duration = Duration::from_millis(100);

/// What a removal did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemovalReport {
    /// The files removed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The files of ended segments that stay for now: somebody may be reading them.
    pub waiting: Vec<PathBuf>,
}

impl Inner {
    /// Removes the files of segments that ended at least `grace` ago and that nobody reads.
    pub(crate) fn remove_unneeded(&self, grace: Duration) -> Result<RemovalReport> {
        let now_us = Timestamp::now().as_microsecond();
        let grace_us = i64::try_from(grace.as_micros()).unwrap_or(i64::MAX);
        let before_us = now_us.saturating_sub(grace_us);
        // In this order: a reader takes its lease before it asks for the newest snapshot, so one that is not listed yet reads
        // nothing older than `latest`.
        let latest = self.catalogue.latest()?;
        let horizon = lease::live(&self.dir)?.into_iter().fold(latest, SnapshotId::min);
        if let Some(first) = self.catalogue.newest_before(horizon, before_us)? {
            self.catalogue.forget_before(first)?;
        }
        let mut report = self.remove_listed(before_us)?;
        let waiting = self.catalogue.ended(latest)?;
        report.waiting = waiting.iter().map(|file| self.data_dir.join(&file.path)).collect();
        Ok(report)
    }

    /// Removes files as soon as nobody reads them, for at most `max_wait`.
    pub(crate) fn remove_now(&self, max_wait: Duration) -> Result<RemovalReport> {
        let started = Instant::now();
        let mut total = RemovalReport::default();
        loop {
            let report = self.remove_unneeded(Duration::ZERO)?;
            total.files += report.files;
            total.bytes += report.bytes;
            total.waiting = report.waiting;
            if total.waiting.is_empty() || started.elapsed() >= max_wait {
                return Ok(total);
            }
            thread::sleep(READER_POLL);
        }
    }

    /// Removes the files on the list: ours at once, since they waited before they were listed, and those that another tool
    /// listed once its readers had the same time.
    fn remove_listed(&self, before_us: i64) -> Result<RemovalReport> {
        let mut report = RemovalReport::default();
        let listed: Vec<Unneeded> = self
            .catalogue
            .unneeded()?
            .into_iter()
            .filter(|file| is_ours(&file.path) || file.since_us <= before_us)
            .collect();
        if listed.is_empty() {
            return Ok(report);
        }
        let mut folders = BTreeSet::new();
        for file in &listed {
            let path = self.data_dir.join(&file.path);
            for kind in PartKind::ALL {
                let bytes = remove(&path.with_extension(kind.extension()))?;
                report.files += u64::from(bytes.is_some());
                report.bytes += bytes.unwrap_or(0);
            }
            folders.extend(path.parent().filter(|folder| folder.is_dir()).map(Path::to_path_buf));
        }
        // A file must not come back after it has left the list.
        durable::sync_all(&Vec::from_iter(folders))?;
        self.catalogue.removed(&listed)?;
        Ok(report)
    }
}

fn is_ours(path: &str) -> bool {
    Path::new(path)
        .file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with(SEGMENT_PREFIX))
}

/// Removes a file and returns its size; `None` where it is gone already.
fn remove(path: &Path) -> Result<Option<u64>> {
    let bytes = std::fs::metadata(path).map_or(0, |found| found.len());
    match std::fs::remove_file(path) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("remove", path)(error)),
    }
}
