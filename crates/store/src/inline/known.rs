//! Which identities are inlined, kept between loads: a stream of small loads would read them again and again. An index in
//! SQLite would do as well, but costs each commit a page for nearly each row, since identities are spread evenly (4.4 ms
//! for two hundred rows without, 8.9 ms with).

use std::collections::HashMap;

use crate::catalogue::SnapshotId;
use crate::identity::RowIds;

/// The identities that are kept, over all tables: about 32 MB.
const MAX_KNOWN: usize = 1_000_000;

/// The identities of inlined rows at one snapshot, of the tables that were asked for.
#[derive(Debug, Default)]
pub(crate) struct KnownIds {
    snapshot: Option<SnapshotId>,
    tables: HashMap<i64, RowIds>,
}

impl KnownIds {
    /// Takes out what is known of a table at `snapshot`.
    pub(crate) fn take(&mut self, snapshot: SnapshotId, table: i64) -> Option<RowIds> {
        if self.snapshot != Some(snapshot) {
            self.tables.clear();
        }
        self.tables.remove(&table)
    }

    /// Takes over from `before` to `now`, where nothing changed in between but what is `set` next; otherwise all is
    /// forgotten.
    pub(crate) fn advance(&mut self, before: SnapshotId, now: Option<SnapshotId>) {
        if self.snapshot != Some(before) || now.is_none() {
            self.tables.clear();
        }
        self.snapshot = now;
    }

    /// Sets what is known of a table that changed.
    pub(crate) fn set(&mut self, table: i64, ids: Option<RowIds>) {
        self.tables.remove(&table);
        let known: usize = self.tables.values().map(RowIds::len).sum();
        if let Some(ids) = ids
            && self.snapshot.is_some()
            && known + ids.len() <= MAX_KNOWN
        {
            self.tables.insert(table, ids);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<const N: usize>(ids: [u128; N]) -> RowIds {
        ids.into_iter().collect()
    }

    #[test]
    fn what_is_known_of_another_snapshot_is_forgotten() {
        let (one, two, three) = (SnapshotId(1), SnapshotId(2), SnapshotId(3));
        let mut known = KnownIds::default();
        assert_eq!(known.take(one, 7), None);
        known.advance(one, Some(two));
        known.set(7, Some(ids([1])));
        known.set(8, Some(ids([2])));
        assert_eq!(known.take(two, 7), Some(ids([1])));
        assert_eq!(known.take(two, 7), None, "it was taken out");
        known.set(9, Some(ids([3])));
        known.advance(two, Some(three));
        known.set(9, None);
        assert_eq!(known.take(three, 9), None);
        assert_eq!(known.take(three, 8), Some(ids([2])));
        known.set(8, Some(ids([2])));
        assert_eq!(known.take(SnapshotId(4), 8), None);
        known.advance(three, None);
        known.set(8, Some(ids([2])));
        assert_eq!(known.take(three, 8), None);
    }
}
