//! How many operations run at once, and how many wait. Work that was begun holds its place until it ends, even when the
//! client has gone: a thread that computes cannot be called back, and must not be doubled by asking again.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::Problem;

/// Lets a number of operations run and a number wait; turns the rest away.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// The right to run, given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Gate {
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once + waiting)),
            turns: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// Waits for a turn; refuses where too many wait already.
    pub(crate) async fn enter(&self) -> Result<Turn, Problem> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Problem::busy())?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| Problem::internal())?;
        Ok(Turn {
            _place: place,
            _turn: turn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn those_past_the_queue_are_turned_away_and_places_come_back() {
        let gate = Gate::new(1, 1);
        let first = gate.enter().await.unwrap();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter().await.unwrap_err(), Problem::busy());
        drop(first);
        waiting.await.unwrap().unwrap();
        assert!(gate.enter().await.is_ok());
    }
}
