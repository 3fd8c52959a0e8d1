//! `store retention` and `store hold`: how long rows are kept, and which are kept longer.

use std::path::Path;
use std::time::Duration;

use sekisho_event::time::{Range, to_rfc3339};
use sekisho_store::{NewHold, NewSetting, RetainOptions, RetentionKind, RetentionRow, RetentionSetting, Store, Work};
use serde::Serialize;

use super::may_care;
use crate::Error;
use crate::caller::Caller;
use crate::progress::{Job, Phase};
use crate::source::open_store;
use crate::turn::open_to_write;

/// How long deleting waits for Sekisho's own readers of the files that are to go: as long as a query may take.
const READER_WAIT: Duration = Duration::from_secs(60);

/// A retention setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingRow {
    /// The table, or the head of names and a `*`.
    pub pattern: String,
    /// `keep`: in this store; `platform`: at the platform.
    pub kind: &'static str,
    /// Days; `null` for ever.
    pub days: Option<u32>,
    /// Why.
    pub reason: String,
    /// Who.
    pub set_by: String,
    /// When, RFC 3339.
    pub set_at: String,
    /// `true` until a later one takes its place.
    pub in_force: bool,
}

/// A hold to place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HoldChoice {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Tables or patterns; none for all.
    pub tables: Vec<String>,
    /// Orgs; none for all.
    pub orgs: Vec<String>,
    /// The times held.
    pub range: Range,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldRow {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Tables or patterns; none for all.
    pub tables: Vec<String>,
    /// Orgs; none for all.
    pub orgs: Vec<String>,
    /// The first time held, RFC 3339.
    pub from: Option<String>,
    /// The first time not held.
    pub to: Option<String>,
    /// Who placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: String,
    /// When it was released; `null` while it is in force.
    pub released_at: Option<String>,
    /// Who released it.
    pub released_by: Option<String>,
    /// Why.
    pub release_reason: Option<String>,
}

/// What applying does to a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeepRow {
    /// The table.
    pub table: String,
    /// Rows that go.
    pub rows: u64,
    /// The first of their times, RFC 3339.
    pub from: Option<String>,
    /// The last of their times.
    pub to: Option<String>,
    /// Rows that would go, but for a hold.
    pub held: u64,
}

/// What applying the settings did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Applied {
    /// By table.
    pub tables: Vec<KeepRow>,
    /// Files removed.
    pub removed_files: u64,
    /// Files that could not be removed yet, since somebody reads them.
    pub waiting_files: Vec<String>,
    /// Whether the catalogue's own file and log hold nothing of the deleted rows any more.
    pub is_scrubbed: bool,
    /// What could not be looked at.
    pub problems: Vec<String>,
}

impl Applied {
    /// Returns true where something that should be gone may still be there.
    #[must_use]
    pub fn is_incomplete(&self, is_dry_run: bool) -> bool {
        let is_all_gone = is_dry_run || (self.waiting_files.is_empty() && self.is_scrubbed);
        !(is_all_gone && self.problems.is_empty())
    }
}

/// Returns all retention settings, superseded ones too.
///
/// # Errors
/// There is no store, or the caller may not care for it.
pub fn retention(caller: &Caller, data_dir: &Path) -> Result<Vec<SettingRow>, Error> {
    may_care(caller)?;
    Ok(open_store(data_dir)?.retention()?.into_iter().map(setting).collect())
}

/// Makes a retention setting.
///
/// # Errors
/// There is no store, the setting is not accepted, or the caller may not care for it.
pub fn set_retention(
    caller: &Caller,
    data_dir: &Path,
    pattern: &str,
    (kind, days): (RetentionKind, Option<u32>),
    reason: &str,
    job: &Job,
) -> Result<(), Error> {
    let store = to_change(caller, data_dir, job)?;
    Ok(store.set_retention(NewSetting {
        pattern: pattern.to_owned(),
        kind,
        days,
        reason: reason.to_owned(),
        by: caller.principal.clone(),
    })?)
}

/// Deletes what the settings say and removes its files, or only tells what would go.
///
/// # Errors
/// There is no store, it cannot be written, or the caller may not care for it.
pub fn apply_retention(
    caller: &Caller,
    data_dir: &Path,
    is_dry_run: bool,
    takes_undated: bool,
    job: &Job,
) -> Result<Applied, Error> {
    may_care(caller)?;
    let options = RetainOptions {
        now_us: None,
        takes_undated,
    };
    let store = to_change(caller, data_dir, job)?;
    if is_dry_run {
        // Rows are judged where they lie in segments.
        store.flush()?;
        return Ok(applied(store.survey_retention(options)?));
    }
    job.progress.enter(Phase::Removing);
    let rows = store.apply_retention(options, &|| job.stop.is_asked())?;
    let removal = store.remove_now(READER_WAIT)?;
    let is_scrubbed = store.scrub()?;
    Ok(Applied {
        removed_files: removal.files,
        waiting_files: removal.waiting.iter().map(|path| path.display().to_string()).collect(),
        is_scrubbed,
        ..applied(rows)
    })
}

/// Places a hold.
///
/// # Errors
/// There is no store, the hold is not accepted, or the caller may not care for it.
pub fn place_hold(caller: &Caller, data_dir: &Path, hold: HoldChoice, job: &Job) -> Result<(), Error> {
    let store = to_change(caller, data_dir, job)?;
    Ok(store.place_hold(NewHold {
        name: hold.name,
        reason: hold.reason,
        by: caller.principal.clone(),
        tables: hold.tables,
        orgs: hold.orgs,
        from_us: hold.range.from_us,
        to_us: hold.range.to_us,
    })?)
}

/// Returns all holds, released ones too.
///
/// # Errors
/// There is no store, or the caller may not care for it.
pub fn holds(caller: &Caller, data_dir: &Path) -> Result<Vec<HoldRow>, Error> {
    may_care(caller)?;
    let holds = open_store(data_dir)?.holds()?;
    Ok(holds
        .into_iter()
        .map(|placed| HoldRow {
            name: placed.hold.name,
            reason: placed.hold.reason,
            tables: placed.hold.tables,
            orgs: placed.hold.orgs,
            from: placed.hold.from_us.map(to_rfc3339),
            to: placed.hold.to_us.map(to_rfc3339),
            placed_by: placed.hold.by,
            placed_at: to_rfc3339(placed.placed_us),
            released_at: placed.released.as_ref().map(|release| to_rfc3339(release.at_us)),
            released_by: placed.released.as_ref().map(|release| release.by.clone()),
            release_reason: placed.released.map(|release| release.reason),
        })
        .collect())
}

/// Releases a hold.
///
/// # Errors
/// There is no store or no such hold in force, or the caller may not care for it.
pub fn release_hold(caller: &Caller, data_dir: &Path, name: &str, reason: &str, job: &Job) -> Result<(), Error> {
    let store = to_change(caller, data_dir, job)?;
    Ok(store.release_hold(name, reason, &caller.principal)?)
}

/// Opens a store that is there for a change of settings.
fn to_change(caller: &Caller, data_dir: &Path, job: &Job) -> Result<Store, Error> {
    may_care(caller)?;
    // A mistyped path makes no empty store.
    open_store(data_dir)?;
    open_to_write(data_dir, Work::Retain, job)
}

fn setting(found: RetentionSetting) -> SettingRow {
    SettingRow {
        pattern: found.setting.pattern,
        kind: found.setting.kind.name(),
        days: found.setting.days,
        reason: found.setting.reason,
        set_by: found.setting.by,
        set_at: to_rfc3339(found.set_us),
        in_force: found.is_in_force,
    }
}

fn applied(rows: Vec<RetentionRow>) -> Applied {
    let mut answer = Applied::default();
    for row in rows {
        answer.problems.extend(row.problems);
        answer.tables.push(KeepRow {
            table: row.table,
            rows: row.rows,
            from: row.from_us.map(to_rfc3339),
            to: row.to_us.map(to_rfc3339),
            held: row.held,
        });
    }
    answer
}
