//! What every handler has at hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_event::text::Lang;
use sekisho_event::time::to_rfc3339;
use sekisho_operation::board::Board;
use sekisho_operation::{Caller, Error};

use crate::gate::{Gate, Turn};
use crate::limits::{HEAVY_AT_ONCE, HEAVY_WAITING, LIGHT_AT_ONCE, LIGHT_WAITING, WHOLE_AT_ONCE, WHOLE_WAITING};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::serve::ServeOptions;

/// The store, who asks, and the counters; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct AppState {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    data_dir: PathBuf,
    caller: Caller,
    port: u16,
    board: Board,
    heavy: Gate,
    light: Gate,
    whole: Gate,
    metrics: Metrics,
}

/// What an operation needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) data_dir: &'a Path,
    pub(crate) board: &'a Board,
}

impl AppState {
    pub(crate) fn new(options: ServeOptions, port: u16) -> Self {
        Self {
            inner: Arc::new(Inner {
                data_dir: options.data_dir,
                caller: options.caller,
                board: options.board,
                port,
                heavy: Gate::new(HEAVY_AT_ONCE, HEAVY_WAITING),
                light: Gate::new(LIGHT_AT_ONCE, LIGHT_WAITING),
                whole: Gate::new(WHOLE_AT_ONCE, WHOLE_WAITING),
                metrics: Metrics::default(),
            }),
        }
    }

    /// Returns the port that requests must name.
    pub(crate) fn port(&self) -> u16 {
        self.inner.port
    }

    /// Returns the time of an answer that is worked out now.
    pub(crate) fn updated_at(&self) -> String {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        to_rfc3339(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Runs an operation that reads the catalogue alone.
    pub(crate) async fn light<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(Room<'_>) -> Result<T, Error> + Send + 'static,
    {
        let turn = self.inner.light.enter().await?;
        self.run(turn, work).await
    }

    /// Runs an operation over many events.
    pub(crate) async fn heavy<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(Room<'_>) -> Result<T, Error> + Send + 'static,
    {
        let turn = self.inner.heavy.enter().await?;
        self.run(turn, work).await
    }

    /// Runs an operation on the answer about the whole store, which is worked out once for each state of the store.
    pub(crate) async fn whole<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(Room<'_>) -> Result<T, Error> + Send + 'static,
    {
        let turn = self.inner.whole.enter().await?;
        self.run(turn, work).await
    }

    /// Works out the answer about the whole store before anybody asks for it.
    pub(crate) async fn prepare(self) {
        if let Err(problem) = self.whole(|room| room.board.answer(room.caller).map(drop)).await {
            let why = problem.detail().get(Lang::En);
            tracing::warn!(why, "the store cannot be examined yet");
        }
    }

    async fn run<T, W>(&self, turn: Turn, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(Room<'_>) -> Result<T, Error> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work(Room {
                caller: &inner.caller,
                data_dir: &inner.data_dir,
                board: &inner.board,
            })
        });
        match done.await {
            Ok(answer) => Ok(answer?),
            Err(error) => {
                tracing::error!(%error, "operation did not end");
                Err(Problem::internal())
            }
        }
    }
}
