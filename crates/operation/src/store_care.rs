//! Care for the store as a whole: whether it is as it was written, copies of it, and taking rows out of it.
//!
//! What concerns the files of the store concerns the rows of every org, so it is open only to callers who see them all.

mod backup;
mod export;
mod verify;

pub use backup::{BackupAnswer, RestoreAnswer, backup, restore};
pub use export::{ExportAnswer, ExportChoice, export_lake, export_parquet};
pub use verify::{DamageRow, Mended, VerifyAnswer, repair, verify};

use std::ops::ControlFlow;

use crate::Error;
use crate::caller::{Caller, OrgScope, Permission};
use crate::progress::{Job, Phase};

/// Checks that the caller may care for the whole store.
fn may_care(caller: &Caller) -> Result<(), Error> {
    caller.may(Permission::Care)?;
    if caller.orgs == OrgScope::All {
        return Ok(());
    }
    Err(Error::Usage(
        "the files of the store hold the rows of every org: this cannot be limited to one".to_owned(),
    ))
}

/// Returns what the store tells its progress to: it counts into `job` and stops where that says so.
fn watch(job: &Job, phase: Phase) -> impl FnMut(sekisho_store::Progress) -> ControlFlow<()> {
    job.progress.enter(phase);
    let progress = job.progress.clone();
    let stop = job.stop.clone();
    let mut told = sekisho_store::Progress::default();
    move |now| {
        progress.expect_bytes(now.total_bytes.saturating_sub(told.total_bytes));
        progress.add_bytes(now.done_bytes.saturating_sub(told.done_bytes));
        told = now;
        if stop.is_asked() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
