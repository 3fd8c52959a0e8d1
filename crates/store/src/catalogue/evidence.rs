//! What the catalogue knows of input files, and of how hourly and daily files agree.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::commit::signed;
use super::{Catalogue, unsigned};
use crate::error::Result;
use crate::evidence::{Cover, Reach, ReachBy, ReachKind, StreamName, StreamRecord};
use crate::reconcile::{DAY_US, Difference, Reconciled};

/// The bytes of a stream, whatever it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ContentId {
    pub(crate) sha256: String,
    pub(crate) part: String,
}

/// The files of one table and org on one day are compared with each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unit {
    pub(crate) day_us: i64,
    pub(crate) table: String,
    pub(crate) org: String,
}

/// A stream that covers an hour or all of a day.
#[derive(Debug, Clone)]
pub(crate) struct DayFile {
    pub(crate) reach: Reach,
    pub(crate) covers: Vec<Cover>,
    /// What its deliveries are kept under.
    pub(crate) keys: Vec<String>,
    /// The names by which rows that it was the first to bring are known.
    pub(crate) names: Vec<String>,
}

/// What became of a comparison.
pub(crate) struct Outcome {
    pub(crate) unit: Unit,
    /// `None` where there is nothing to compare any more.
    pub(crate) found: Option<(Reconciled, Vec<Difference>)>,
}

impl Catalogue {
    /// Returns the rows of a stream that was read to its end without a problem, and read the same way.
    pub(crate) fn rows_of_content(&self, sha256: &str, part: &str, reading: &str) -> Result<Option<u64>> {
        self.connection()
            .prepare_cached(
                "SELECT rows FROM sekisho_content WHERE sha256 = ?1 AND part = ?2 AND reading = ?3 AND is_whole = 1",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([sha256, part, reading], |row| unsigned(row, 0))
                    .optional()
            })
            .map_err(self.error("look up a file"))
    }

    /// Returns whether a stream with these bytes was loaded, read in whatever way.
    pub(crate) fn is_content_known(&self, sha256: &str, part: &str) -> Result<bool> {
        self.exists(
            "SELECT EXISTS(SELECT 1 FROM sekisho_content WHERE sha256 = ?1 AND part = ?2)",
            [sha256, part],
        )
    }

    /// Returns whether a file of this size was loaded.
    pub(crate) fn is_size_known(&self, bytes: u64) -> Result<bool> {
        self.exists(
            "SELECT EXISTS(SELECT 1 FROM sekisho_content WHERE bytes = ?1)",
            [signed(bytes)],
        )
    }

    /// Returns whether a file of this name was loaded.
    pub(crate) fn is_name_known(&self, name: &str) -> Result<bool> {
        self.exists("SELECT EXISTS(SELECT 1 FROM sekisho_file WHERE name = ?1)", [name])
    }

    /// Returns the streams loaded by a name that holds `text`.
    pub(crate) fn streams_named(&self, text: &str) -> Result<Vec<StreamName>> {
        self.rows(
            "list files by name",
            "SELECT sha256, part, name FROM sekisho_file WHERE instr(name, ?1) > 0",
            [text],
            |row| {
                Ok(StreamName {
                    sha256: row.get(0)?,
                    part: row.get(1)?,
                    name: row.get(2)?,
                })
            },
        )
    }

    /// Notes what streams cover; those of which it was not known are to be compared anew.
    pub(crate) fn note_reaches(&self, said: &[(StreamName, Reach)]) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.error("begin a transaction"))?;
        let write = || {
            let mut again = transaction
                .prepare_cached("UPDATE sekisho_content SET is_compared = 0 WHERE sha256 = ?1 AND part = ?2")?;
            for (stream, reach) in said {
                if write_reach(&transaction, &stream.sha256, &stream.part, *reach)? {
                    again.execute([&stream.sha256, &stream.part])?;
                }
            }
            Ok(())
        };
        write().map_err(self.error("note what files cover"))?;
        transaction.commit().map_err(self.error("commit what files cover"))
    }

    /// Returns what is to be compared since the last comparison, and the streams that it is for.
    pub(crate) fn units_to_compare(&self) -> Result<(BTreeSet<Unit>, Vec<ContentId>)> {
        let contents: Vec<ContentId> = self.rows(
            "list the files to compare",
            "SELECT DISTINCT sha256, part FROM sekisho_content WHERE is_compared = 0",
            [],
            |row| {
                Ok(ContentId {
                    sha256: row.get(0)?,
                    part: row.get(1)?,
                })
            },
        )?;
        // The days that anything said of a file, not only what decides: it may have been counted elsewhere before.
        let units: Vec<Unit> = self.rows(
            "list the days to compare",
            "SELECT DISTINCT c.table_name, c.org, r.from_us FROM sekisho_content k
             JOIN sekisho_cover c ON c.sha256 = k.sha256 AND c.part = k.part
             JOIN sekisho_reach r ON r.sha256 = k.sha256 AND r.part = k.part
             WHERE k.is_compared = 0",
            [],
            |row| {
                Ok(Unit {
                    table: row.get(0)?,
                    org: row.get(1)?,
                    day_us: day_of(row.get(2)?),
                })
            },
        )?;
        Ok((units.into_iter().collect(), contents))
    }

    /// Returns the streams that cover an hour of the day or all of it.
    pub(crate) fn files_of_day(&self, day_us: i64) -> Result<Vec<DayFile>> {
        let said: Vec<(ContentId, Option<Reach>)> = self.rows(
            "list the files of a day",
            "SELECT sha256, part, said_by, kind, from_us FROM sekisho_reach
             WHERE (sha256, part) IN (SELECT sha256, part FROM sekisho_reach WHERE from_us >= ?1 AND from_us < ?2)",
            [day_us, day_us.saturating_add(DAY_US)],
            content_and_reach,
        )?;
        let mut files = decided(said);
        files.retain(|_, reach| day_of(reach.from_us) == day_us);
        let kinds: BTreeSet<ReachKind> = files.values().map(|reach| reach.kind).collect();
        if kinds.len() < 2 {
            // Most loads bring files of one kind: what is in them need not be looked up.
            return Ok(Vec::new());
        }
        let file = |(content, reach): (ContentId, Reach)| {
            Ok(DayFile {
                reach,
                covers: self.covers(&content)?,
                keys: self.keys(&content)?,
                names: self.names_of(&content)?,
            })
        };
        files.into_iter().map(file).collect()
    }

    /// Records what was found by comparing, and that the streams have been compared.
    pub(crate) fn record_outcomes(&self, outcomes: &[Outcome], contents: &[ContentId], now_us: i64) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.error("begin a transaction"))?;
        let write = || {
            for outcome in outcomes {
                write_outcome(&transaction, outcome, now_us)?;
            }
            let mut compared = transaction
                .prepare_cached("UPDATE sekisho_content SET is_compared = 1 WHERE sha256 = ?1 AND part = ?2")?;
            for content in contents {
                compared.execute([&content.sha256, &content.part])?;
            }
            Ok(())
        };
        write().map_err(self.error("record the comparison"))?;
        transaction.commit().map_err(self.error("commit the comparison"))
    }

    /// Returns every comparison, also those that later files superseded, with the times of both.
    pub(crate) fn reconciliations(&self) -> Result<Vec<(Reconciled, i64, Option<i64>)>> {
        self.rows(
            "list the comparisons",
            "SELECT table_name, org, day_us, hourly, daily, in_both, only_hourly, only_daily, hours_missing, hourly_files,
                    daily_files, made_us, superseded_us
             FROM sekisho_reconciliation ORDER BY day_us, table_name, org, made_us",
            [],
            |row| Ok((reconciled(row)?, row.get(11)?, row.get(12)?)),
        )
    }

    /// Returns the rows listed as being in one kind of file alone.
    pub(crate) fn differences(&self) -> Result<Vec<(Unit, Difference)>> {
        self.rows(
            "list the differences",
            "SELECT day_us, table_name, org, side, uid, file, line FROM sekisho_difference ORDER BY 1, 2, 3, 4, 5",
            [],
            |row| {
                let unit = Unit {
                    day_us: row.get(0)?,
                    table: row.get(1)?,
                    org: row.get(2)?,
                };
                let side: String = row.get(3)?;
                let difference = Difference {
                    side: ReachKind::named(&side).unwrap_or(ReachKind::Day),
                    uid: row.get(4)?,
                    file: row.get(5)?,
                    line: row.get(6)?,
                };
                Ok((unit, difference))
            },
        )
    }

    /// Returns the hour or day of each stream that says one.
    pub(crate) fn reach_of_contents(&self) -> Result<BTreeMap<ContentId, Reach>> {
        let said = self.rows(
            "list what files cover",
            "SELECT sha256, part, said_by, kind, from_us FROM sekisho_reach",
            [],
            content_and_reach,
        )?;
        Ok(decided(said))
    }

    fn covers(&self, content: &ContentId) -> Result<Vec<Cover>> {
        self.rows(
            "read what is in a file",
            "SELECT table_name, org, row_count, time_min, time_max, undated FROM sekisho_cover
             WHERE sha256 = ?1 AND part = ?2",
            [&content.sha256, &content.part],
            |row| {
                let bounds: (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
                Ok(Cover {
                    table: row.get(0)?,
                    org: row.get(1)?,
                    rows: unsigned(row, 2)?,
                    times: bounds.0.zip(bounds.1),
                    undated: unsigned(row, 5)?,
                })
            },
        )
    }

    fn keys(&self, content: &ContentId) -> Result<Vec<String>> {
        self.rows(
            "read what a file's rows are kept under",
            "SELECT key FROM sekisho_content WHERE sha256 = ?1 AND part = ?2",
            [&content.sha256, &content.part],
            |row| row.get(0),
        )
    }

    /// Returns the names of a stream by which its rows are known: a name that another stream had before is that one's.
    fn names_of(&self, content: &ContentId) -> Result<Vec<String>> {
        self.rows(
            "read the names of a file",
            "SELECT name FROM sekisho_file f WHERE sha256 = ?1 AND part = ?2
               AND seq = (SELECT min(g.seq) FROM sekisho_file g WHERE g.name = f.name)",
            [&content.sha256, &content.part],
            |row| row.get(0),
        )
    }

    fn exists<P: rusqlite::Params>(&self, sql: &str, params: P) -> Result<bool> {
        self.connection()
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row(params, |row| row.get(0)))
            .map_err(self.error("look up a file"))
    }
}

/// Writes what is known of a stream besides its record.
pub(super) fn write_stream(transaction: &Transaction<'_>, stream: &StreamRecord, now: i64) -> rusqlite::Result<()> {
    let (sha256, part) = (&stream.record.sha256, &stream.part);
    transaction
        .prepare_cached(
            "INSERT INTO sekisho_content VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)
             ON CONFLICT DO UPDATE SET is_whole = max(is_whole, excluded.is_whole), is_compared = 0",
        )?
        .execute(params![
            sha256,
            part,
            stream.reading,
            stream.key,
            signed(stream.record.bytes),
            signed(stream.record.events + stream.record.duplicates),
            stream.is_whole,
            now
        ])?;
    let mut insert =
        transaction.prepare_cached("INSERT INTO sekisho_reach VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")?;
    for reach in &stream.reaches {
        insert.execute(params![sha256, part, reach.by.name(), reach.kind.name(), reach.from_us])?;
    }
    let mut insert = transaction.prepare_cached(
        "INSERT INTO sekisho_cover VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET row_count = max(row_count, excluded.row_count),
             time_min = min(coalesce(time_min, excluded.time_min), coalesce(excluded.time_min, time_min)),
             time_max = max(coalesce(time_max, excluded.time_max), coalesce(excluded.time_max, time_max)),
             undated = max(undated, excluded.undated)",
    )?;
    for cover in &stream.covers {
        insert.execute(params![
            sha256,
            part,
            cover.table,
            cover.org,
            signed(cover.rows),
            cover.times.map(|times| times.0),
            cover.times.map(|times| times.1),
            signed(cover.undated)
        ])?;
    }
    Ok(())
}

/// Writes what is said of a stream and returns whether it was not known.
fn write_reach(transaction: &Transaction<'_>, sha256: &str, part: &str, reach: Reach) -> rusqlite::Result<bool> {
    let written = transaction
        .prepare_cached("INSERT INTO sekisho_reach VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")?
        .execute(params![sha256, part, reach.by.name(), reach.kind.name(), reach.from_us])?;
    Ok(written > 0)
}

/// Takes back that streams need not be read again: rows were deleted, and reading them again brings those back.
pub(super) fn forget_whole(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE sekisho_content SET is_whole = 0 WHERE is_whole = 1")?
        .execute([])?;
    Ok(())
}

fn write_outcome(transaction: &Transaction<'_>, outcome: &Outcome, now_us: i64) -> rusqlite::Result<()> {
    let Unit { day_us, table, org } = &outcome.unit;
    let before = transaction
        .prepare_cached(
            "SELECT table_name, org, day_us, hourly, daily, in_both, only_hourly, only_daily, hours_missing, hourly_files,
                    daily_files
             FROM sekisho_reconciliation WHERE table_name = ?1 AND org = ?2 AND day_us = ?3 AND superseded_us IS NULL",
        )?
        .query_row(params![table, org, day_us], reconciled)
        .optional()?;
    let found = outcome.found.as_ref().map(|(found, _)| found);
    if before.as_ref() != found {
        transaction
            .prepare_cached(
                "UPDATE sekisho_reconciliation SET superseded_us = ?4
                 WHERE table_name = ?1 AND org = ?2 AND day_us = ?3 AND superseded_us IS NULL",
            )?
            .execute(params![table, org, day_us, now_us])?;
        if let Some(found) = found {
            transaction
                .prepare_cached(
                    "INSERT INTO sekisho_reconciliation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL)",
                )?
                .execute(params![
                    table,
                    org,
                    day_us,
                    signed(found.hourly),
                    signed(found.daily),
                    signed(found.both),
                    signed(found.only_hourly),
                    signed(found.only_daily),
                    found.hours_missing,
                    signed(found.hourly_files),
                    signed(found.daily_files),
                    now_us
                ])?;
        }
    }
    transaction
        .prepare_cached("DELETE FROM sekisho_difference WHERE table_name = ?1 AND org = ?2 AND day_us = ?3")?
        .execute(params![table, org, day_us])?;
    let mut insert =
        transaction.prepare_cached("INSERT INTO sekisho_difference VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for difference in outcome.found.iter().flat_map(|(_, differences)| differences) {
        insert.execute(params![
            table,
            org,
            day_us,
            difference.uid,
            difference.side.name(),
            difference.file,
            difference.line
        ])?;
    }
    Ok(())
}

fn reconciled(row: &Row<'_>) -> rusqlite::Result<Reconciled> {
    Ok(Reconciled {
        table: row.get(0)?,
        org: row.get(1)?,
        day_us: row.get(2)?,
        hourly: unsigned(row, 3)?,
        daily: unsigned(row, 4)?,
        both: unsigned(row, 5)?,
        only_hourly: unsigned(row, 6)?,
        only_daily: unsigned(row, 7)?,
        hours_missing: row.get(8)?,
        hourly_files: unsigned(row, 9)?,
        daily_files: unsigned(row, 10)?,
    })
}

/// Returns what decides of all that is said of each stream.
fn decided(said: Vec<(ContentId, Option<Reach>)>) -> BTreeMap<ContentId, Reach> {
    let mut decided: BTreeMap<ContentId, Reach> = BTreeMap::new();
    for (content, reach) in said {
        let Some(reach) = reach else { continue };
        let known = decided.entry(content).or_insert(reach);
        *known = reach.min(*known);
    }
    decided
}

fn content_and_reach(row: &Row<'_>) -> rusqlite::Result<(ContentId, Option<Reach>)> {
    let content = ContentId {
        sha256: row.get(0)?,
        part: row.get(1)?,
    };
    Ok((content, reach(row, 2)?))
}

/// Reads a reach from three columns; `None` where a later version wrote something that we do not know.
fn reach(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Reach>> {
    let (by, kind): (String, String) = (row.get(at)?, row.get(at + 1)?);
    let from_us = row.get(at + 2)?;
    let named = ReachBy::named(&by).zip(ReachKind::named(&kind));
    Ok(named.map(|(by, kind)| Reach { by, kind, from_us }))
}

/// Returns the start of the day that a time is in.
pub(crate) fn day_of(at_us: i64) -> i64 {
    at_us.div_euclid(DAY_US).saturating_mul(DAY_US)
}
