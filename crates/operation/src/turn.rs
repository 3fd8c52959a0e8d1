//! Taking turns: one process writes the store at a time, and the next one waits and says for whom.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sekisho_store::{Store, Turn, Work};

use crate::Error;
use crate::progress::{Job, Phase, WaitLimit};
use crate::tables::CatalogueTables;

/// How long an operation waits that says nothing meanwhile.
const SHORT_WAIT: Duration = Duration::from_secs(10);

/// Opens the store in `data_dir` for writing once no other process does. It is made where there is none.
pub(crate) fn open_to_write(data_dir: &Path, work: Work, job: &Job) -> Result<Store, Error> {
    job.progress.enter(Phase::Waiting);
    let stop = job.stop.clone();
    let told = job.waiting.told.clone();
    let mut turn = Turn {
        work,
        max_wait: match job.waiting.limit {
            WaitLimit::Short => Some(SHORT_WAIT),
            WaitLimit::Open => None,
            WaitLimit::None => Some(Duration::ZERO),
        },
        stop: &move || stop.is_asked(),
        on_wait: &mut |writer| {
            if let Some(told) = &told {
                told(writer);
            }
        },
    };
    Ok(Store::open_in_turn(data_dir, Arc::new(CatalogueTables), &mut turn)?)
}
