//! `store backup` and `store restore`: a copy of the store as it is at one moment, and back.

use std::path::Path;

use sekisho_store::{BackupReport, RestoreReport, Store};
use serde::Serialize;

use crate::Error;
use crate::caller::Caller;
use crate::progress::{Job, Phase};

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupAnswer {
    /// The number of the commit up to which the backup goes.
    pub snapshot: i64,
    /// Files in the backup.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files copied now; the others were there from an earlier backup.
    pub copied_files: u64,
    /// Their bytes.
    pub copied_bytes: u64,
    /// Files of an earlier backup that the store does not need any more.
    pub removed_files: u64,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreAnswer {
    /// The number of the commit up to which the backup went.
    pub snapshot: i64,
    /// When the backup was made, RFC 3339.
    pub made: String,
    /// The version of the program that made it.
    pub program: String,
    /// Files restored.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Copies the store in `data_dir` into the folder `to` while it may be in use. `program` is the version that makes it.
///
/// # Errors
/// There is no store, part of it is damaged, the folder holds something else than a backup or cannot be written, the
/// caller may not do this, or `job` says to stop. An earlier backup in the folder stays whole then.
pub fn backup(caller: &Caller, data_dir: &Path, to: &Path, program: &str, job: &Job) -> Result<BackupAnswer, Error> {
    super::may_care(caller)?;
    let report = Store::backup(data_dir, to, program, &mut super::watch(job, Phase::Copying))?;
    Ok(BackupAnswer::of(&report))
}

/// Restores the backup in `from` into `data_dir`, which is new or empty.
///
/// # Errors
/// The backup is not complete, not as it was made, or newer than this program, `data_dir` holds something or cannot be
/// written, the caller may not do this, or `job` says to stop. There is no store in `data_dir` then.
pub fn restore(caller: &Caller, from: &Path, data_dir: &Path, job: &Job) -> Result<RestoreAnswer, Error> {
    super::may_care(caller)?;
    let report = Store::restore(from, data_dir, &mut super::watch(job, Phase::Copying))?;
    Ok(RestoreAnswer::of(report))
}

impl BackupAnswer {
    fn of(report: &BackupReport) -> Self {
        Self {
            snapshot: report.snapshot,
            files: report.files,
            bytes: report.bytes,
            copied_files: report.copied_files,
            copied_bytes: report.copied_bytes,
            removed_files: report.removed_files,
        }
    }
}

impl RestoreAnswer {
    fn of(report: RestoreReport) -> Self {
        Self {
            snapshot: report.snapshot,
            made: report.made,
            program: report.program,
            files: report.files,
            bytes: report.bytes,
        }
    }
}
