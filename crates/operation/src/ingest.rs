//! `ingest`: files into the store.

mod loader;
mod metadata;
mod reach;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sekisho_event::time::to_rfc3339;
use sekisho_store::{Reconciled, Work};
use serde::Serialize;

use crate::Error;
use crate::caller::{Caller, Permission};
use crate::inputs::{MAX_PROBLEMS, Problem, ReadOptions, open_paths, read_inputs};
use crate::progress::{Job, Phase};
use crate::turn::open_to_write;
use loader::Loader;

/// The most compared days that are listed: a month of every event type is 2,300, and those that differ come first.
pub const MAX_RECONCILED: usize = 1_000;

/// The most files that are listed as covering neither an hour nor a day.
pub const MAX_UNPLACED: usize = 100;

/// How the hourly and daily files of one table and org agree on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReconciledDay {
    /// The table.
    pub table: String,
    /// The org.
    pub org: String,
    /// The day in UTC, as `2025-11-23`.
    pub day: String,
    /// Rows in hourly files.
    pub hourly: u64,
    /// Rows in daily files.
    pub daily: u64,
    /// Rows in both.
    pub both: u64,
    /// Rows in hourly files alone: the daily file lacks them.
    pub only_hourly: u64,
    /// Rows in daily files alone.
    pub only_daily: u64,
    /// The hours in which daily files have rows and for which there is no hourly file.
    pub hours_missing: Vec<u32>,
}

impl ReconciledDay {
    /// Returns whether hourly and daily files say the same, as far as both say something.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.only_hourly == 0 && self.only_daily == 0
    }
}

impl From<Reconciled> for ReconciledDay {
    fn from(found: Reconciled) -> Self {
        let hours_missing = found.missing_hours().collect();
        Self {
            table: found.table,
            org: found.org,
            day: to_rfc3339(found.day_us)
                .chars()
                .take_while(|digit| *digit != 'T')
                .collect(),
            hourly: found.hourly,
            daily: found.daily,
            both: found.both,
            only_hourly: found.only_hourly,
            only_daily: found.only_daily,
            hours_missing,
        }
    }
}

/// What an ingest did (CONTRACT.md, `ingest`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct IngestReport {
    /// Files and archive members read.
    pub files: u64,
    /// Events that are new in the store.
    pub events: u64,
    /// Events that were there before, or stood twice in the input.
    pub duplicates: u64,
    /// Rows that did not fit; they are in `sekisho.quarantine`.
    pub rejected: u64,
    /// New events by table.
    pub tables: BTreeMap<String, u64>,
    /// The first problems, at most 1,000.
    pub problems: Vec<Problem>,
    /// Problems in all.
    pub problem_count: u64,
    /// How hourly and daily files agree on the days that this load brought files of, at most 1,000; those that differ come
    /// first.
    pub reconciled: Vec<ReconciledDay>,
    /// The compared days in all.
    pub reconciled_count: u64,
    /// Salesforce files over several days, which are neither hourly nor daily and are not compared; at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unplaced: Vec<String>,
    /// Whether it was told to stop before the end. What was read is kept; the same load goes on there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

impl IngestReport {
    /// Returns true where something given was not loaded.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.problem_count > 0 || self.stopped
    }

    /// Puts the days that differ first and cuts the lists.
    fn bound_lists(&mut self) {
        self.reconciled.sort_by_key(ReconciledDay::is_equal);
        self.reconciled.truncate(MAX_RECONCILED);
        self.unplaced.truncate(MAX_UNPLACED);
    }

    /// Adds what another load did.
    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.events += other.events;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        for (table, events) in other.tables {
            *self.tables.entry(table).or_default() += events;
        }
        let room = MAX_PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(other.problems.into_iter().take(room));
        self.problem_count += other.problem_count;
        self.stopped |= other.stopped;
        self.reconciled.extend(other.reconciled);
        self.reconciled_count += other.reconciled_count;
        self.unplaced.extend(other.unplaced);
        self.bound_lists();
    }
}

/// Loads the files behind `paths` into the store in `data_dir`, which is made where there is none.
///
/// What is read becomes visible piece by piece, each piece durable; a load that ends on an error or is stopped keeps the
/// pieces before, and the same load again goes on after them.
///
/// # Errors
/// A path is missing, the store cannot be written, or the caller may not load.
pub fn ingest(
    caller: &Caller,
    data_dir: &Path,
    paths: &[PathBuf],
    options: &ReadOptions,
) -> Result<IngestReport, Error> {
    ingest_job(caller, data_dir, paths, options, &Job::default())
}

/// Loads like [`ingest`], counts into `job` and stops where it says so: what was read until then is kept.
///
/// # Errors
/// As [`ingest`].
pub fn ingest_job(
    caller: &Caller,
    data_dir: &Path,
    paths: &[PathBuf],
    options: &ReadOptions,
    job: &Job,
) -> Result<IngestReport, Error> {
    caller.may(Permission::Load)?;
    // Opening the inputs first keeps a mistyped path from making an empty store.
    let mut inputs = open_paths(paths)?;
    inputs.count_into(&job.progress);
    job.progress.enter(Phase::Waiting);
    let store = open_to_write(data_dir, Work::Load, job)?;
    job.progress.enter(Phase::Reading);
    let mut loader = Loader::new(&store, options, job);
    let read = read_inputs(inputs, options, &mut loader)?;
    let loaded = loader.finish()?;
    let mut report = IngestReport {
        files: read.files,
        events: loaded.tables.values().sum(),
        duplicates: loaded.duplicates,
        rejected: read.rejected,
        tables: loaded.tables,
        problems: read.problems,
        problem_count: read.problem_count,
        unplaced: loaded.unplaced,
        stopped: read.stopped,
        ..IngestReport::default()
    };
    if !report.stopped {
        job.progress.enter(Phase::Comparing);
        if loaded.has_ids || report.tables.contains_key(metadata::LIST_TABLE) {
            metadata::note_list(&store)?;
        }
        let compared = store.reconcile(&|| job.stop.is_asked())?;
        report.stopped = compared.is_stopped;
        report.reconciled_count = compared.days.len() as u64;
        report.reconciled = compared.days.into_iter().map(ReconciledDay::from).collect();
    }
    report.bound_lists();
    Ok(report)
}
