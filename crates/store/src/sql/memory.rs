//! The memory and disk that the queries of one process share.
//!
//! Each query has a limit of its own, and all of them together have one. A query that meets the second writes to disk as
//! it would at the first, and where it cannot it says that others hold the memory.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use datafusion::common::DataFusionError;
use datafusion::execution::disk_manager::{DiskManager, DiskManagerBuilder};
use datafusion::execution::memory_pool::{
    FairSpillPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation, TrackConsumersPool,
};

/// The bytes that the queries of a process hold together, unless it is told otherwise. A server is to stay below 1.5 GiB:
/// the rest is for what queries read and have read (some 30 MB a thread), kept footers, and the answer about the store.
const USUAL_BYTES: usize = 768 * 1024 * 1024;

/// The bytes that the queries of a process have on disk together: a few times their memory, while a machine's disk
/// survives it.
const MAX_SPILL_BYTES: u64 = 8 * 1024 * 1024 * 1024;

/// The operator that hands batches from thread to thread. It waits for ever when it writes to disk on two threads at once
/// (the engine's issue 24883, mended after version 55), and it holds little: some batches for each thread.
const HANDING_OVER: &str = "RepartitionExec";

/// What it may hold beyond a query's limit before it has to write to disk all the same.
const HANDED_OVER_BYTES: usize = 64 * 1024 * 1024;

/// Which operators an out-of-memory message names.
const CONSUMERS_NAMED: usize = 3;

/// The memory of this process's queries.
static SHARED: LazyLock<Arc<Shared>> = LazyLock::new(|| Arc::new(Shared::new(USUAL_BYTES)));

/// Where this process's queries write what their memory has no room for.
static DISK: Mutex<Option<Arc<DiskManager>>> = Mutex::new(None);

/// Lets the queries of this process hold at most so many bytes together, whatever each may hold: for a server, and before
/// its first query.
pub fn limit_together(bytes: usize) {
    SHARED.limit_bytes.store(bytes, Ordering::Release);
}

/// Lets the queries of this process hold at least so many bytes together: for a program that runs one query, whose user has
/// said what it may take. What may be held already is not lessened.
pub fn allow_together(bytes: usize) {
    SHARED.limit_bytes.fetch_max(bytes, Ordering::AcqRel);
}

/// Returns the bytes that the queries of this process may hold together.
pub fn allowed_together() -> usize {
    SHARED.limit_bytes.load(Ordering::Acquire)
}

/// Returns where queries write to disk.
pub(super) fn disk() -> Result<Arc<DiskManager>, DataFusionError> {
    let mut disk = DISK.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(disk) = disk.as_ref() {
        return Ok(Arc::clone(disk));
    }
    let made = DiskManagerBuilder::default()
        .with_max_temp_directory_size(MAX_SPILL_BYTES)
        .build()?;
    Ok(Arc::clone(disk.insert(Arc::new(made))))
}

/// What all queries hold together.
#[derive(Debug)]
struct Shared {
    limit_bytes: AtomicUsize,
    held_bytes: AtomicUsize,
}

impl Shared {
    fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes: AtomicUsize::new(limit_bytes),
            held_bytes: AtomicUsize::new(0),
        }
    }

    fn try_take(&self, bytes: usize) -> bool {
        let limit = self.limit_bytes.load(Ordering::Acquire);
        let taken = |held: usize| held.checked_add(bytes).filter(|held| *held <= limit);
        self.held_bytes
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, taken)
            .is_ok()
    }

    fn take(&self, bytes: usize) {
        self.held_bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    fn give_back(&self, bytes: usize) {
        let left = |held: usize| Some(held.saturating_sub(bytes));
        let _ = self.held_bytes.fetch_update(Ordering::AcqRel, Ordering::Acquire, left);
    }
}

/// The memory of one query.
#[derive(Debug)]
pub(super) struct QueryPool {
    own: TrackConsumersPool<FairSpillPool>,
    shared: Arc<Shared>,
    /// What the query may hold while batches are handed over.
    most_handed_over: usize,
    /// Whether it was the others, and not its own limit, that stopped the query last.
    is_crowded: AtomicBool,
}

impl QueryPool {
    /// Returns the memory of a query that may hold `max_bytes` of what all may hold.
    pub(super) fn new(max_bytes: usize) -> Self {
        Self::within(Arc::clone(&SHARED), max_bytes)
    }

    fn within(shared: Arc<Shared>, max_bytes: usize) -> Self {
        let named = NonZeroUsize::new(CONSUMERS_NAMED).unwrap_or(NonZeroUsize::MIN);
        let max_bytes = max_bytes.min(shared.limit_bytes.load(Ordering::Acquire));
        Self {
            own: TrackConsumersPool::new(FairSpillPool::new(max_bytes), named),
            shared,
            most_handed_over: max_bytes.saturating_add(HANDED_OVER_BYTES),
            is_crowded: AtomicBool::new(false),
        }
    }

    /// Returns the bytes that other queries hold and all may hold, where those stopped this query.
    pub(super) fn crowd(&self) -> Option<(usize, usize)> {
        let held = self.shared.held_bytes.load(Ordering::Acquire);
        let others = held.saturating_sub(self.own.reserved());
        let limit = self.shared.limit_bytes.load(Ordering::Acquire);
        self.is_crowded.load(Ordering::Acquire).then_some((others, limit))
    }
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("query")
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &'static str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.own.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.own.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.own.grow(reservation, additional);
        self.shared.take(additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.own.shrink(reservation, shrink);
        self.shared.give_back(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<(), DataFusionError> {
        if reservation.consumer().name().starts_with(HANDING_OVER) && self.own.reserved() < self.most_handed_over {
            self.grow(reservation, additional);
            return Ok(());
        }
        if let Err(error) = self.own.try_grow(reservation, additional) {
            self.is_crowded.store(false, Ordering::Release);
            return Err(error);
        }
        if self.shared.try_take(additional) {
            return Ok(());
        }
        self.own.shrink(reservation, additional);
        self.is_crowded.store(true, Ordering::Release);
        Err(DataFusionError::ResourcesExhausted(
            "the queries of this process hold all the memory that they may hold together".to_owned(),
        ))
    }

    fn reserved(&self) -> usize {
        self.own.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.own.memory_limit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_share_one_bound_and_say_so() {
        let shared = Arc::new(Shared::new(1_000));
        let pool = |bytes| -> (Arc<QueryPool>, Arc<dyn MemoryPool>) {
            let pool = Arc::new(QueryPool::within(Arc::clone(&shared), bytes));
            (Arc::clone(&pool), pool)
        };
        let (first, first_pool) = pool(800);
        let (second, second_pool) = pool(800);
        let reservation = |pool| MemoryConsumer::new("test").register(pool);
        let (ours, theirs) = (reservation(&first_pool), reservation(&second_pool));
        ours.try_grow(700).unwrap();
        assert!(ours.try_grow(200).is_err());
        assert_eq!(first.crowd(), None, "its own limit stopped it");
        theirs.try_grow(300).unwrap();
        assert!(theirs.try_grow(1).is_err());
        assert_eq!(second.crowd(), Some((700, 1_000)));
        drop(ours);
        theirs.try_grow(400).unwrap();
        drop(theirs);
        assert_eq!(shared.held_bytes.load(Ordering::Acquire), 0);
    }
}
