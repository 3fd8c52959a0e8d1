//! Retention settings, holds and the record of deletions in the catalogue.

use rusqlite::{Row, Transaction, params};

use super::wal::log_path;
use super::{Catalogue, unsigned};
use crate::error::Result;
use crate::retention::{Deletion, Hold, NewHold, NewSetting, PolicyChange, Release, RetentionKind, RetentionSetting};

/// Parts the items of a list; checked text has no control characters.
const ITEM_END: &str = "\n";

impl Catalogue {
    /// Returns all retention settings in the order they were made.
    pub(crate) fn settings(&self) -> Result<Vec<RetentionSetting>> {
        let found: Vec<Option<RetentionSetting>> = self.rows(
            "read the retention settings",
            "SELECT pattern, kind, days, reason, set_by, set_us, id = (SELECT max(id) FROM sekisho_retention later
                    WHERE later.pattern = s.pattern AND later.kind = s.kind)
             FROM sekisho_retention s ORDER BY id",
            [],
            setting,
        )?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Returns all holds in the order they were placed.
    pub(crate) fn holds(&self) -> Result<Vec<Hold>> {
        self.rows(
            "read the holds",
            "SELECT h.name, h.reason, h.tables, h.orgs, h.from_us, h.to_us, h.placed_by, h.placed_us,
                    r.released_us, r.released_by, r.reason
             FROM sekisho_hold h LEFT JOIN sekisho_hold_release r ON r.hold_id = h.id ORDER BY h.id",
            [],
            hold,
        )
    }

    /// Returns the record of deletions, with the time of each in microseconds.
    pub(crate) fn deletions(&self) -> Result<Vec<(i64, Deletion)>> {
        self.rows(
            "read the deletions",
            "SELECT deleted_us, table_name, rows, time_min, time_max, cause FROM sekisho_deletion ORDER BY id",
            [],
            |row| {
                let deletion = Deletion {
                    table: row.get(1)?,
                    rows: unsigned(row, 2)?,
                    from_us: row.get(3)?,
                    to_us: row.get(4)?,
                    cause: row.get(5)?,
                };
                Ok((row.get(0)?, deletion))
            },
        )
    }

    /// Overwrites what is deleted in the file and its log; returns whether the log is empty.
    pub(crate) fn scrub(&self) -> Result<bool> {
        self.connection()
            .execute_batch("VACUUM")
            .map_err(self.error("overwrite deleted rows"))?;
        self.move_log()?;
        let log = std::fs::metadata(log_path(&self.path));
        Ok(log.map_or(0, |log| log.len()) == 0)
    }
}

/// Writes one change.
pub(super) fn write(transaction: &Transaction<'_>, change: &PolicyChange, now_us: i64) -> rusqlite::Result<()> {
    match change {
        PolicyChange::Set(setting) => transaction.execute(
            "INSERT INTO sekisho_retention(pattern, kind, days, reason, set_by, set_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                setting.pattern,
                setting.kind.name(),
                setting.days,
                setting.reason,
                setting.by,
                now_us
            ],
        ),
        PolicyChange::Place(hold) => transaction.execute(
            "INSERT INTO sekisho_hold(name, reason, tables, orgs, from_us, to_us, placed_by, placed_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                hold.name,
                hold.reason,
                hold.tables.join(ITEM_END),
                hold.orgs.join(ITEM_END),
                hold.from_us,
                hold.to_us,
                hold.by,
                now_us
            ],
        ),
        PolicyChange::Release { name, reason, by } => transaction.execute(
            "INSERT INTO sekisho_hold_release SELECT id, ?2, ?3, ?4 FROM sekisho_hold h WHERE name = ?1
             AND NOT EXISTS (SELECT 1 FROM sekisho_hold_release r WHERE r.hold_id = h.id)",
            params![name, reason, by, now_us],
        ),
        PolicyChange::Deleted(deletion) => transaction.execute(
            "INSERT INTO sekisho_deletion(table_name, rows, time_min, time_max, cause, deleted_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                deletion.table,
                i64::try_from(deletion.rows).unwrap_or(i64::MAX),
                deletion.from_us,
                deletion.to_us,
                deletion.cause,
                now_us
            ],
        ),
        PolicyChange::ForgetFiles { before_us } => {
            transaction.execute("DELETE FROM sekisho_file WHERE last_loaded < ?1", [before_us])
        }
    }
    .map(drop)
}

/// Reads a setting; `None` for a kind that this version does not know.
fn setting(row: &Row<'_>) -> rusqlite::Result<Option<RetentionSetting>> {
    let kind: String = row.get(1)?;
    let Some(kind) = RetentionKind::named(&kind) else {
        return Ok(None);
    };
    Ok(Some(RetentionSetting {
        setting: NewSetting {
            pattern: row.get(0)?,
            kind,
            days: row.get(2)?,
            reason: row.get(3)?,
            by: row.get(4)?,
        },
        set_us: row.get(5)?,
        is_in_force: row.get(6)?,
    }))
}

fn hold(row: &Row<'_>) -> rusqlite::Result<Hold> {
    let items = |index: usize| -> rusqlite::Result<Vec<String>> {
        let text: String = row.get(index)?;
        let items = text.split(ITEM_END).filter(|item| !item.is_empty());
        Ok(items.map(str::to_owned).collect())
    };
    let released = match row.get::<_, Option<i64>>(8)? {
        Some(at_us) => Some(Release {
            at_us,
            by: row.get(9)?,
            reason: row.get(10)?,
        }),
        None => None,
    };
    Ok(Hold {
        hold: NewHold {
            name: row.get(0)?,
            reason: row.get(1)?,
            by: row.get(6)?,
            tables: items(2)?,
            orgs: items(3)?,
            from_us: row.get(4)?,
            to_us: row.get(5)?,
        },
        placed_us: row.get(7)?,
        released,
    })
}
