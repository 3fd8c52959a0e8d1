//! The rows of a load that may stay small: they are held until it is known whether they go into the catalogue or into
//! segments.

use arrow::array::RecordBatch;

use crate::error::Result;
use crate::identity::{RowId, RowIds, identities};
use crate::inline::{INLINE_BYTES, INLINE_ROWS};

/// What the rows that a load holds amount to, over all its tables.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HeldSize {
    rows: usize,
    bytes: usize,
}

impl HeldSize {
    /// Returns the size with more rows, where that is still small.
    pub(crate) fn with(self, rows: usize, bytes: usize) -> Option<Self> {
        let size = Self {
            rows: self.rows + rows,
            bytes: self.bytes + bytes,
        };
        (size.rows <= INLINE_ROWS && size.bytes <= INLINE_BYTES).then_some(size)
    }
}

/// The rows that a load holds of one table.
#[derive(Debug, Default)]
pub(crate) struct Held {
    batches: Vec<HeldBatch>,
    ids: RowIds,
    bytes: u64,
}

/// Rows as they were appended.
#[derive(Debug)]
pub(crate) struct HeldBatch {
    pub(crate) rows: RecordBatch,
    /// `None` where they were appended unchecked.
    pub(crate) ids: Option<Vec<RowId>>,
}

impl Held {
    /// Adds rows.
    pub(crate) fn push(&mut self, rows: RecordBatch, ids: Option<&[RowId]>, bytes: u64) {
        self.ids.extend(ids.unwrap_or_default());
        self.bytes += bytes;
        self.batches.push(HeldBatch {
            rows,
            ids: ids.map(<[RowId]>::to_vec),
        });
    }

    /// Returns whether a row with this identity is held.
    pub(crate) fn contains(&self, id: RowId) -> bool {
        self.ids.contains(&id)
    }

    /// Finds out the identities of rows that were appended unchecked, so that `contains` knows all.
    pub(crate) fn identify(&mut self, table: &str) -> Result<()> {
        for batch in self.batches.iter_mut().filter(|batch| batch.ids.is_none()) {
            let ids = identities(table, &batch.rows)?;
            self.ids.extend(&ids);
            batch.ids = Some(ids);
        }
        Ok(())
    }

    /// Returns the identities of all rows; `None` where some were not looked at.
    pub(crate) fn all_ids(&self) -> Option<&RowIds> {
        self.batches
            .iter()
            .all(|batch| batch.ids.is_some())
            .then_some(&self.ids)
    }

    /// Returns whether there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.rows.num_rows() as u64).sum()
    }

    /// Returns their size as inlined rows.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Sets the size as inlined rows.
    pub(crate) fn set_bytes(&mut self, bytes: u64) {
        self.bytes = bytes;
    }

    /// Takes the rows out.
    pub(crate) fn take(&mut self) -> Vec<HeldBatch> {
        std::mem::take(self).batches
    }
}
