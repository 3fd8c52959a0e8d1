//! Moving what was committed from the write-ahead log into the database, and closing. Only here, so that the checksums of the
//! pages always go before the pages.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::page_sums::{Found, PageSums};
use super::wal::{Wal, log_path};
use super::{BUSY_WAIT, Catalogue, raw};
use crate::error::Result;

/// The bytes of log after which a commit moves it into the database: SQLite's own figure of a thousand pages. A longer log
/// makes every look-up slower.
pub(super) const LONG_LOG_BYTES: u64 = 4 * 1024 * 1024;

/// How long a checkpoint waits for readers that use the log: their statements are short. What cannot be moved now is moved
/// by the next one.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(100);

impl Catalogue {
    /// Moves what was committed into the database if the log has become long. A commit is durable without it, so what goes
    /// wrong here is left to the next checkpoint.
    pub(crate) fn shorten_log(&self) {
        let bytes = std::fs::metadata(log_path(&self.path)).map_or(0, |log| log.len());
        if bytes < self.checkpoint_from_bytes.load(Ordering::Relaxed) {
            return;
        }
        let _ = self.move_log();
        // A log that readers hold is tried again when it has grown by as much again, not at every commit.
        let left = std::fs::metadata(log_path(&self.path)).map_or(0, |log| log.len());
        self.checkpoint_from_bytes
            .store(left + LONG_LOG_BYTES, Ordering::Relaxed);
    }

    /// Writes the checksums of all pages as they are after the last commit, then moves the log into the database.
    pub(crate) fn move_log(&self) -> Result<()> {
        let connection = self.connection();
        let wal = Wal::read(&log_path(&self.path))?;
        let is_stale = self.are_sums_stale.load(Ordering::Relaxed);
        if wal.is_empty() && !is_stale && matches!(PageSums::read(&self.path)?, Found::Sums(_)) {
            return Ok(());
        }
        if let Some(sums) = self.sums_after(&connection, &wal, is_stale)? {
            sums.write(&self.path)?;
            self.are_sums_stale.store(false, Ordering::Relaxed);
        }
        let at = |doing| self.error(doing);
        connection
            .busy_timeout(CHECKPOINT_WAIT)
            .map_err(at("set up a checkpoint"))?;
        let moved = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        connection.busy_timeout(BUSY_WAIT).map_err(at("set up"))?;
        moved.map_err(at("move the log into the database"))
    }

    /// Makes the checksums of all pages anew from the pages as they are.
    pub(crate) fn sum_anew(&self) -> Result<()> {
        self.are_sums_stale.store(true, Ordering::Relaxed);
        self.move_log()
    }

    /// Returns the checksums that hold once the log is in the database; `None` where there were none to go on from and SQLite
    /// finds the database damaged: checksums would make that look right.
    fn sums_after(&self, connection: &Connection, wal: &Wal, is_stale: bool) -> Result<Option<PageSums>> {
        let snapshot = connection
            .query_row("SELECT max(snapshot_id) FROM ducklake_snapshot", [], |row| row.get(0))
            .map_err(self.error("read the newest snapshot"))?;
        if let (Found::Sums(old), false) = (PageSums::read(&self.path)?, is_stale)
            && let Some(mut sums) = (PageSums { snapshot, ..old }).with(wal)
        {
            sums.spoil(&self.hurt_pages, wal);
            return Ok(Some(sums));
        }
        let verdict: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(self.error("check the database"))?;
        if verdict != "ok" {
            return Ok(None);
        }
        let sums = raw::with_file(&self.path, |file| PageSums::of_file(file, &self.path, snapshot))?;
        Ok(sums.with(wal))
    }

    /// Lets the checkpoints of SQLite itself rest: they would change pages before their checksums.
    pub(super) fn take_over_checkpoints(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch("PRAGMA wal_autocheckpoint=0;")?;
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map(drop)
    }

    /// Notices what was done to the catalogue since it was closed: that another program committed and moved its commits into
    /// the database, so that the checksums are older, or that pages are hurt.
    pub(super) fn notice_changes(&mut self) -> Result<()> {
        // While there is a log, what the database has of its pages does not count.
        if !Wal::read(&log_path(&self.path))?.is_empty() {
            return Ok(());
        }
        if let Found::Sums(sums) = PageSums::read(&self.path)? {
            let is_stale = self.latest()?.0 > sums.snapshot;
            self.are_sums_stale.store(is_stale, Ordering::Relaxed);
            if !is_stale {
                self.hurt_pages = raw::with_file(&self.path, |file| Ok(sums.differing(file)))?;
            }
        }
        Ok(())
    }
}

impl Drop for Catalogue {
    fn drop(&mut self) {
        if !self.is_writer || std::thread::panicking() {
            return;
        }
        // Without its checksums the log stays for the next writer to move.
        if self.move_log().is_ok() {
            let connection = self.connection();
            let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
        }
    }
}
