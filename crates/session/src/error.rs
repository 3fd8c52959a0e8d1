//! What can go wrong.

/// Why a tree cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// A batch is not of the common table.
    #[error("looking for a key in a batch: {what}")]
    NotCommon {
        /// What the batch lacks.
        what: String,
    },
    /// Rows of a key could not be taken out of a batch.
    #[error("taking the rows of a key out of a batch")]
    Take(#[source] arrow::error::ArrowError),
}
