//! What a store needs now and then, in steps: each holds up a load for some seconds at most, and none changes an answer but
//! those that the user has asked for.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::compact::Compacted;
use crate::error::{Error, Result};
use crate::removal::{READER_GRACE, RemovalReport};
use crate::retention::{RetainOptions, Retainer};
use crate::store::{Inner, Store};

/// How often retention settings are applied: ages are counted in days.
const RETENTION_PAUSE: Duration = Duration::from_secs(3_600);

/// How much maintenance may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaintainLimits {
    /// Most steps.
    pub max_steps: u64,
    /// How long the files of ended segments stay for readers that take no lease.
    pub grace: Duration,
}

impl Default for MaintainLimits {
    /// Returns limits that let everything be done that there is to do.
    fn default() -> Self {
        Self {
            max_steps: u64::MAX,
            grace: READER_GRACE,
        }
    }
}

/// What maintenance did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaintainReport {
    /// The steps that changed something.
    pub steps: u64,
    /// The rows of small loads that were written into segments.
    pub flushed_rows: u64,
    /// The segments that were merged.
    pub merged_segments: u64,
    /// The segments that they were merged into.
    pub new_segments: u64,
    /// The rows in them.
    pub merged_rows: u64,
    /// The rows that retention settings deleted.
    pub deleted_rows: u64,
    /// The files removed, and those that wait.
    pub removal: RemovalReport,
    /// What could not be done, and why.
    pub problems: Vec<String>,
    /// Whether nothing is left to do but to remove files that wait.
    pub is_done: bool,
}

impl MaintainReport {
    /// Adds what a later step did.
    pub fn add(&mut self, later: Self) {
        self.steps += later.steps;
        self.flushed_rows += later.flushed_rows;
        self.merged_segments += later.merged_segments;
        self.new_segments += later.new_segments;
        self.merged_rows += later.merged_rows;
        self.deleted_rows += later.deleted_rows;
        self.removal.files += later.removal.files;
        self.removal.bytes += later.removal.bytes;
        self.removal.waiting = later.removal.waiting;
        self.problems.extend(later.problems);
        self.is_done = later.is_done;
    }
}

/// Maintenance step by step. It remembers what cannot be done, so that it is not tried again and again.
#[derive(Debug, Default)]
pub struct Maintainer {
    limits: MaintainLimits,
    /// Segments that cannot be merged.
    failed: HashSet<i64>,
    retained: Option<Instant>,
}

impl Maintainer {
    /// Returns maintenance within `limits`, of which the steps count for `Store::maintain` alone.
    pub fn new(limits: MaintainLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Does the next step. It ends early, having changed nothing, where `stop` says so.
    ///
    /// # Errors
    /// When the store is open for reading, is being loaded, or a file or the catalogue cannot be written.
    pub fn step(&mut self, store: &Store, stop: &dyn Fn() -> bool) -> Result<MaintainReport> {
        let inner = &store.inner;
        inner.writable("maintain it")?;
        let mut report = MaintainReport::default();
        let is_retention_due = self.is_retention_due();
        if is_retention_due {
            // Rows are merged and judged where they lie in segments.
            report.flushed_rows = store.flush()?.flushed;
        }
        let _busy = Busy::begin(inner)?;
        if is_retention_due {
            self.retain(inner, stop, &mut report)?;
        } else {
            self.compact(inner, stop, &mut report)?;
        }
        report.removal = inner.remove_unneeded(self.limits.grace)?;
        Ok(report)
    }

    /// Returns whether retention settings were not applied for so long that the next step does it.
    pub fn is_retention_due(&self) -> bool {
        self.retained.is_none_or(|last| last.elapsed() >= RETENTION_PAUSE)
    }

    /// Applies the retention settings, which is nothing where none are set.
    fn retain(&mut self, inner: &Inner, stop: &dyn Fn() -> bool, report: &mut MaintainReport) -> Result<()> {
        let mut retainer = Retainer::new(RetainOptions::default());
        while !stop() && retainer.step(inner)? {
            report.steps += 1;
        }
        for row in retainer.into_rows() {
            report.deleted_rows += row.rows;
            report.problems.extend(row.problems);
        }
        self.retained = Some(Instant::now());
        Ok(())
    }

    fn compact(&mut self, inner: &Inner, stop: &dyn Fn() -> bool, report: &mut MaintainReport) -> Result<()> {
        match inner.compact_step(&self.failed, stop)? {
            Compacted::Nothing => report.is_done = true,
            Compacted::Stopped => {}
            Compacted::Step(step) => {
                report.steps += 1;
                report.merged_segments += step.segments_before as u64;
                report.new_segments += step.segments_after as u64;
                report.merged_rows += step.rows;
            }
            Compacted::Failed { segments, error } => {
                self.failed.extend(segments);
                report.problems.push(error.to_string());
            }
        }
        Ok(())
    }
}

impl Store {
    /// Does what the store needs: deletes what its settings say, merges segments and removes files that nobody needs, step by step. It ends early, with
    /// whole steps done and nothing half done, where `stop` says so.
    ///
    /// # Errors
    /// When the store is open for reading, is being loaded, or a file or the catalogue cannot be written.
    pub fn maintain(&self, limits: &MaintainLimits, stop: &dyn Fn() -> bool) -> Result<MaintainReport> {
        let mut maintainer = Maintainer::new(*limits);
        let mut total = MaintainReport::default();
        while !total.is_done && total.steps < limits.max_steps && !stop() {
            total.add(maintainer.step(self, stop)?);
        }
        Ok(total)
    }
}

/// The turn of whoever changes the store within this process; given up on drop.
pub(crate) struct Busy<'a> {
    store: &'a Inner,
}

impl<'a> Busy<'a> {
    /// Takes the turn, unless a load is running.
    pub(crate) fn begin(store: &'a Inner) -> Result<Self> {
        if store.is_ingesting.swap(true, Ordering::AcqRel) {
            return Err(Error::IngestRunning { dir: store.dir.clone() });
        }
        Ok(Self { store })
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.store.is_ingesting.store(false, Ordering::Release);
    }
}
