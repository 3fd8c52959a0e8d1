//! Letting go of old snapshots: which files nobody can want any more, and forgetting them.

use jiff::Timestamp;
use rusqlite::{TransactionBehavior, params};

use super::commit::{snapshot_time, time_us};
use super::{Catalogue, RawPath, SnapshotId, inlined, relative_path};
use crate::error::Result;

/// A file that no snapshot needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unneeded {
    pub(crate) id: i64,
    /// Relative to the data folder.
    pub(crate) path: String,
    /// When it was put on the list.
    pub(crate) since_us: i64,
}

impl Catalogue {
    /// Returns the newest snapshot that is at most `limit` and was made at `before_us` or earlier.
    pub(crate) fn newest_before(&self, limit: SnapshotId, before_us: i64) -> Result<Option<SnapshotId>> {
        let doing = "look for old snapshots";
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached(
                "SELECT snapshot_id, snapshot_time FROM ducklake_snapshot WHERE snapshot_id <= ?1 ORDER BY snapshot_id DESC",
            )
            .map_err(self.error(doing))?;
        let mut rows = statement.query([limit.0]).map_err(self.error(doing))?;
        while let Some(row) = rows.next().map_err(self.error(doing))? {
            let text: String = row.get(1).map_err(self.error(doing))?;
            if time_us(&text).is_some_and(|made_us| made_us <= before_us) {
                return row.get(0).map(|id| Some(SnapshotId(id))).map_err(self.error(doing));
            }
        }
        Ok(None)
    }

    /// Forgets the snapshots before `first` and the segments that only they had, and puts the files of those on the list of
    /// files to remove.
    pub(crate) fn forget_before(&self, first: SnapshotId) -> Result<()> {
        let doing = "forget old snapshots";
        let ended = self.ended(first)?;
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.error(doing))?;
        let apply = || -> rusqlite::Result<()> {
            let now = snapshot_time();
            for file in &ended {
                transaction
                    .prepare_cached("INSERT INTO ducklake_files_scheduled_for_deletion VALUES (?1, ?2, 1, ?3)")?
                    .execute(params![file.id, file.path, now])?;
                for sql in [
                    "DELETE FROM ducklake_data_file WHERE data_file_id = ?1",
                    "DELETE FROM ducklake_file_column_stats WHERE data_file_id = ?1",
                    "DELETE FROM sekisho_segment WHERE data_file_id = ?1",
                    "DELETE FROM sekisho_part WHERE data_file_id = ?1",
                ] {
                    transaction.prepare_cached(sql)?.execute([file.id])?;
                }
            }
            for sql in [
                "DELETE FROM ducklake_snapshot WHERE snapshot_id < ?1",
                "DELETE FROM ducklake_snapshot_changes WHERE snapshot_id < ?1",
                "DELETE FROM sekisho_rearranged WHERE snapshot_id < ?1",
            ] {
                transaction.execute(sql, [first.0])?;
            }
            inlined::drop_flushed(&transaction, first, i64::MAX)
        };
        apply().map_err(self.error(doing))?;
        transaction.commit().map_err(self.error(doing))
    }

    /// Returns the segments that ended at `first` or before and lie in the data folder.
    pub(crate) fn ended(&self, first: SnapshotId) -> Result<Vec<Unneeded>> {
        let raw: Vec<(i64, [RawPath; 3])> = self.rows(
            "list ended segments",
            "SELECT f.data_file_id, s.path, s.path_is_relative, t.path, t.path_is_relative, f.path, f.path_is_relative
             FROM ducklake_data_file f JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
             WHERE f.end_snapshot <= ?1 GROUP BY f.data_file_id ORDER BY f.data_file_id",
            [first.0],
            |row| {
                let path = |at: usize| -> rusqlite::Result<RawPath> {
                    Ok(RawPath {
                        path: row.get(at)?,
                        is_relative: row.get(at + 1)?,
                    })
                };
                Ok((row.get(0)?, [path(1)?, path(3)?, path(5)?]))
            },
        )?;
        let inside = raw.into_iter().filter_map(|(id, [schema, table, file])| {
            Some(Unneeded {
                id,
                path: relative_path(&[&schema, &table, &file])?,
                since_us: 0,
            })
        });
        Ok(inside.collect())
    }

    /// Returns the files on the list of files to remove.
    pub(crate) fn unneeded(&self) -> Result<Vec<Unneeded>> {
        let raw: Vec<(i64, RawPath, String)> = self.rows(
            "list the files to remove",
            "SELECT data_file_id, path, path_is_relative, schedule_start FROM ducklake_files_scheduled_for_deletion",
            [],
            |row| {
                let path = RawPath {
                    path: row.get(1)?,
                    is_relative: row.get(2)?,
                };
                Ok((row.get(0)?, path, row.get(3)?))
            },
        )?;
        let inside = raw.into_iter().filter_map(|(id, path, since)| {
            Some(Unneeded {
                id,
                path: relative_path(&[&path])?,
                // A time that is not understood is taken for a fresh one: the file stays.
                since_us: time_us(&since).unwrap_or_else(|| Timestamp::now().as_microsecond()),
            })
        });
        Ok(inside.collect())
    }

    /// Takes files off the list of files to remove.
    pub(crate) fn removed(&self, files: &[Unneeded]) -> Result<()> {
        let doing = "note removed files";
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.error(doing))?;
        for file in files {
            transaction
                .execute(
                    "DELETE FROM ducklake_files_scheduled_for_deletion WHERE data_file_id = ?1 AND path = ?2",
                    params![file.id, file.path],
                )
                .map_err(self.error(doing))?;
        }
        transaction.commit().map_err(self.error(doing))
    }
}
