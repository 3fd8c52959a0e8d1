//! `store maintain`: merging small segments, deleting what has aged out, removing files that nobody needs.

use std::path::{Path, PathBuf};

use sekisho_store::{MaintainLimits, MaintainReport, Maintainer, Work};
use serde::Serialize;

use super::may_care;
use crate::Error;
use crate::caller::Caller;
use crate::progress::{Job, Phase, Stop, WaitLimit, Waiting};
use crate::source::open_store;
use crate::turn::open_to_write;

/// What maintenance did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Maintained {
    /// Steps that changed something.
    pub steps: u64,
    /// Rows of small loads that were written into segments.
    pub flushed_rows: u64,
    /// Segments that were merged.
    pub merged_segments: u64,
    /// Segments that they were merged into.
    pub new_segments: u64,
    /// Rows in them.
    pub merged_rows: u64,
    /// Rows that retention settings deleted.
    pub deleted_rows: u64,
    /// Files removed.
    pub removed_files: u64,
    /// Their bytes.
    pub removed_bytes: u64,
    /// Files that stay for now, since somebody may be reading them.
    pub waiting_files: u64,
    /// What could not be done.
    pub problems: Vec<String>,
}

/// Does everything that the store needs, in steps that hold up a load for some seconds each.
///
/// # Errors
/// There is no store, it cannot be written, or the caller may not care for it.
pub fn maintain(caller: &Caller, data_dir: &Path, job: &Job) -> Result<Maintained, Error> {
    may_care(caller)?;
    // A mistyped path makes no empty store.
    open_store(data_dir)?;
    let mut maintainer = Maintainer::new(MaintainLimits::default());
    let mut total = MaintainReport::default();
    while !total.is_done && !job.stop.is_asked() {
        let store = open_to_write(data_dir, Work::Maintain, job)?;
        job.progress.enter(Phase::Compacting);
        let done = maintainer.step(&store, &|| job.stop.is_asked())?;
        job.progress.add_rows(done.merged_rows + done.deleted_rows);
        total.add(done);
    }
    Ok(told(total))
}

/// Maintenance beside a server: one step at a time, in its own turn.
#[derive(Debug)]
pub struct Background {
    data_dir: PathBuf,
    maintainer: Maintainer,
    job: Job,
    /// The state of the store for which nothing was left to do.
    settled: Option<u64>,
}

impl Background {
    /// Returns maintenance of the store in `data_dir`, which ends its step early where `stop` says so.
    #[must_use]
    pub fn new(data_dir: &Path, stop: Stop) -> Self {
        let waiting = Waiting {
            limit: WaitLimit::None,
            told: None,
        };
        Self {
            data_dir: data_dir.to_owned(),
            maintainer: Maintainer::new(MaintainLimits::default()),
            job: Job {
                stop,
                waiting,
                ..Job::default()
            },
            settled: None,
        }
    }

    /// Does one step and returns what it did; `None` where nothing is left to do or another process writes the store.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn step(&mut self) -> Result<Option<Maintained>, Error> {
        use sekisho_store::Error as Store;
        let generation = match open_store(&self.data_dir).and_then(|store| Ok(store.generation()?)) {
            Ok(generation) => generation,
            Err(Error::Store(Store::NoStore { .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        if self.settled == Some(generation) && !self.maintainer.is_retention_due() {
            return Ok(None);
        }
        let store = match open_to_write(&self.data_dir, Work::Maintain, &self.job) {
            Ok(store) => store,
            Err(Error::Store(Store::Locked { .. } | Store::Stopped)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let done = self.maintainer.step(&store, &|| self.job.stop.is_asked())?;
        // Files that wait for readers are looked at again.
        let is_settled = done.is_done && done.removal.waiting.is_empty();
        self.settled = is_settled.then_some(generation);
        let is_over = done.is_done;
        let done = told(done);
        Ok((!is_over || done.removed_files > 0).then_some(done))
    }
}

fn told(report: MaintainReport) -> Maintained {
    Maintained {
        steps: report.steps,
        flushed_rows: report.flushed_rows,
        merged_segments: report.merged_segments,
        new_segments: report.new_segments,
        merged_rows: report.merged_rows,
        deleted_rows: report.deleted_rows,
        removed_files: report.removal.files,
        removed_bytes: report.removal.bytes,
        waiting_files: report.removal.waiting.len() as u64,
        problems: report.problems,
    }
}
