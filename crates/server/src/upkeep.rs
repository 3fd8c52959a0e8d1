//! Maintenance of the store beside the requests: one thread, one step at a time, with a pause after each.

use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sekisho_operation::progress::Stop;
use sekisho_operation::store_care::Background;

use crate::metrics::UpkeepCounters;

/// The pause after a step that changed something: a load that waits gets its turn, and requests their share of the disk.
const STEP_PAUSE: Duration = Duration::from_secs(1);

/// The pause where there is nothing to do, and before the first step, so that the first requests have the machine.
const IDLE_PAUSE: Duration = Duration::from_secs(20);

/// The thread that maintains the store; dropped, it ends its step early and then itself.
#[derive(Debug)]
pub(crate) struct Upkeep {
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Upkeep {
    /// Begins to maintain the store in `data_dir`. Without a thread for it requests are answered all the same.
    pub(crate) fn start(data_dir: &Path, counters: UpkeepCounters) -> Self {
        let stop = Stop::default();
        let background = Background::new(data_dir, stop.clone());
        let asked = stop.clone();
        let thread = thread::Builder::new()
            .name("sekisho-upkeep".to_owned())
            .spawn(move || run(background, &asked, &counters));
        if let Err(error) = &thread {
            tracing::warn!(%error, "the store is not maintained");
        }
        Self {
            stop,
            thread: thread.ok(),
        }
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It ends within a batch of rows; what it had not committed is swept by the next writer.
            let _ = thread.join();
        }
    }
}

fn run(mut background: Background, stop: &Stop, counters: &UpkeepCounters) {
    thread::park_timeout(IDLE_PAUSE);
    while !stop.is_asked() {
        let pause = match background.step() {
            Ok(Some(done)) => {
                tracing::info!(
                    steps = done.steps,
                    merged_rows = done.merged_rows,
                    deleted_rows = done.deleted_rows,
                    removed_files = done.removed_files,
                    "store maintained"
                );
                for problem in &done.problems {
                    tracing::warn!(problem, "store not maintained as a whole");
                }
                counters.did(&done);
                STEP_PAUSE
            }
            Ok(None) => IDLE_PAUSE,
            Err(error) => {
                tracing::warn!(%error, "store not maintained");
                counters.failed();
                IDLE_PAUSE
            }
        };
        thread::park_timeout(pause);
    }
}
