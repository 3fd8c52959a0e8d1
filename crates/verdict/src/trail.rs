//! The second pass: what belongs to the finds.

use arrow::array::RecordBatch;
use sekisho_hunt::{HuntError, HuntResult, Outside};

/// Gathers the events that were found and those of the same sessions, logins and tokens.
#[derive(Debug, Default)]
pub struct Trail {}

impl Trail {
    /// Starts a trail from what was found.
    #[must_use]
    pub fn new(_hunt: &HuntResult, _outside: &[Outside]) -> Self {
        Self::default()
    }

    /// Gathers what belongs to the finds from one batch of the common table.
    ///
    /// # Errors
    /// The batch is not of the common table.
    pub fn push(&mut self, _events: &RecordBatch) -> Result<(), HuntError> {
        Ok(())
    }
}
