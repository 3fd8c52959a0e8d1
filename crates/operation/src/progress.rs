//! Long work: how far it has come, and how it is told to stop.
//!
//! An operation counts into a [`Progress`] and looks at a [`Stop`] between two steps that are whole in themselves. Whoever
//! called it looks at the counts from another thread as often as it likes; the operation knows no clock and no terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use sekisho_event::text::Text;
use sekisho_store::Writer;

/// What a long operation is given by its caller.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// Where it counts.
    pub progress: Progress,
    /// Where it sees that it is to stop.
    pub stop: Stop,
    /// What it does while another process writes the store.
    pub waiting: Waiting,
}

/// Hears for whom an operation waits, where that is known.
type OnWait = Arc<dyn Fn(Option<Writer>) + Send + Sync>;

/// What an operation does while another process writes the store.
#[derive(Clone, Default)]
pub struct Waiting {
    /// How long it waits.
    pub limit: WaitLimit,
    /// Hears once for each writer that is waited for.
    pub told: Option<OnWait>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Waiting")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// How long to wait for another process that writes the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitLimit {
    /// As long as two ordinary loads after each other take: whoever waits hears nothing.
    #[default]
    Short,
    /// As long as it takes.
    Open,
    /// Not at all.
    None,
}

/// Tells a long operation to stop. Clones tell the same operation.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the operation to stop: it ends the step it is at, keeps what it has done, and returns.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns whether the operation was asked to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What a long operation is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Phase {
    /// Looking at what it was given.
    #[default]
    Starting,
    /// Waiting for another process that writes the store.
    Waiting,
    /// Reading input files.
    Reading,
    /// Making what was read durable.
    Saving,
    /// Comparing hourly with daily files.
    Comparing,
    /// Checking the store's files.
    Checking,
    /// Copying the store's files.
    Copying,
    /// Rewriting small or unsorted segments.
    Compacting,
    /// Removing what has aged out.
    Removing,
}

impl Phase {
    const ALL: [Self; 9] = [
        Self::Starting,
        Self::Waiting,
        Self::Reading,
        Self::Saving,
        Self::Comparing,
        Self::Checking,
        Self::Copying,
        Self::Compacting,
        Self::Removing,
    ];

    /// Returns what people are told while the operation is at it.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Starting => Text::of("starting", "準備中"),
            Self::Waiting => Text::of("waiting for another writer", "ほかの書き込みの終了を待機中"),
            Self::Reading => Text::of("reading", "読み込み中"),
            Self::Saving => Text::of("saving", "保存中"),
            Self::Comparing => Text::of(
                "comparing hourly with daily files",
                "1 時間ごとと日次のファイルを照合中",
            ),
            Self::Checking => Text::of("checking", "検査中"),
            Self::Copying => Text::of("copying", "コピー中"),
            Self::Compacting => Text::of("compacting", "整理中"),
            Self::Removing => Text::of("removing", "削除中"),
        }
    }
}

/// How far a long operation has come. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    phase: AtomicU8,
    /// Shared with readers that count the bytes themselves.
    bytes: Arc<AtomicU64>,
    bytes_total: AtomicU64,
    rows: AtomicU64,
    files: AtomicU64,
}

/// How far a long operation had come at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// What it was doing.
    pub phase: Phase,
    /// The bytes done, as they lie on disk: packed ones where files are packed.
    pub bytes: u64,
    /// The bytes there are to do; 0 where nobody knows.
    pub bytes_total: u64,
    /// The rows done.
    pub rows: u64,
    /// The files done.
    pub files: u64,
}

impl Progress {
    /// Says what the operation does from now on.
    pub fn enter(&self, phase: Phase) {
        self.0.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// Says how many bytes more there are to do.
    pub fn expect_bytes(&self, bytes: u64) {
        self.0.bytes_total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes as done.
    pub fn add_bytes(&self, bytes: u64) {
        self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns the counter of the bytes done, for readers that count while they read.
    #[must_use]
    pub fn bytes_counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.bytes)
    }

    /// Counts rows as done.
    pub fn add_rows(&self, rows: u64) {
        self.0.rows.fetch_add(rows, Ordering::Relaxed);
    }

    /// Counts files as done.
    pub fn add_files(&self, files: u64) {
        self.0.files.fetch_add(files, Ordering::Relaxed);
    }

    /// Returns how far the operation has come.
    #[must_use]
    pub fn reached(&self) -> Reached {
        let counters = &self.0;
        let phase = usize::from(counters.phase.load(Ordering::Relaxed));
        Reached {
            phase: Phase::ALL.get(phase).copied().unwrap_or_default(),
            bytes: counters.bytes.load(Ordering::Relaxed),
            bytes_total: counters.bytes_total.load(Ordering::Relaxed),
            rows: counters.rows.load(Ordering::Relaxed),
            files: counters.files.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_count_and_stop_together() {
        let job = Job::default();
        let other = job.clone();
        other.progress.enter(Phase::Reading);
        other.progress.expect_bytes(10);
        other.progress.add_bytes(3);
        other.progress.bytes_counter().fetch_add(4, Ordering::Relaxed);
        other.progress.add_rows(2);
        other.progress.add_files(1);
        other.stop.ask();
        let reached = Reached {
            phase: Phase::Reading,
            bytes: 7,
            bytes_total: 10,
            rows: 2,
            files: 1,
        };
        assert_eq!(job.progress.reached(), reached);
        assert!(job.stop.is_asked() && !Stop::default().is_asked());
    }

    #[test]
    fn every_phase_is_kept() {
        let progress = Progress::default();
        for phase in Phase::ALL {
            progress.enter(phase);
            assert_eq!(progress.reached().phase, phase);
        }
    }
}
