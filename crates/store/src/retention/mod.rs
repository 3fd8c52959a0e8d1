//! Retention: how long rows are kept here and at their platform, holds that keep them longer, and the record of what was
//! deleted. Settings and holds are superseded and released, never edited, so that their history can be told.

mod apply;
mod judge;

use jiff::Timestamp;

use crate::catalogue::commit::Plan;
use crate::error::{Error, Result};
use crate::maintain::Busy;
use crate::store::Store;

pub(crate) use apply::Retainer;
pub use apply::{RetainOptions, RetentionRow};
pub use judge::in_force;

/// The longest text of a setting or hold: a sentence or two.
const MAX_TEXT_BYTES: usize = 4096;

/// The longest time that a setting may name: ten times the longest that a platform keeps anything.
const MAX_DAYS: u32 = 36_500;

/// What a retention setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RetentionKind {
    /// How long rows are kept in this store.
    Keep,
    /// How long the platform keeps them.
    Platform,
}

impl RetentionKind {
    /// Returns the kind's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Platform => "platform",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Keep, Self::Platform]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A setting to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSetting {
    /// A table's name, or the head of names and a `*`.
    pub pattern: String,
    /// What it is about.
    pub kind: RetentionKind,
    /// The days; `None` for ever.
    pub days: Option<u32>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// A setting that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionSetting {
    /// What was set.
    pub setting: NewSetting,
    /// When, in microseconds since 1970 UTC.
    pub set_us: i64,
    /// Whether it is in force, that is not superseded by a later one.
    pub is_in_force: bool,
}

/// A hold to place: rows that match all of it are not deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewHold {
    /// Its name, one of a kind among those in force.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// Tables, or heads of their names and a `*`; none for all.
    pub tables: Vec<String>,
    /// Orgs; none for all.
    pub orgs: Vec<String>,
    /// The first time held, in microseconds since 1970 UTC.
    pub from_us: Option<i64>,
    /// The first time not held any more.
    pub to_us: Option<i64>,
}

/// A hold that was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// What was placed.
    pub hold: NewHold,
    /// When, in microseconds since 1970 UTC.
    pub placed_us: i64,
    /// When, by whom and why it was released, where it was.
    pub released: Option<Release>,
}

/// The end of a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// When, in microseconds since 1970 UTC.
    pub at_us: i64,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A record of rows that were deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The table.
    pub table: String,
    /// The rows.
    pub rows: u64,
    /// The first of their times, in microseconds since 1970 UTC.
    pub from_us: Option<i64>,
    /// The last of their times.
    pub to_us: Option<i64>,
    /// By which setting.
    pub cause: String,
}

/// A change of settings or holds, committed like rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PolicyChange {
    Set(NewSetting),
    Place(NewHold),
    Release {
        name: String,
        reason: String,
        by: String,
    },
    Deleted(Deletion),
    /// Records of files that were last loaded before this time go.
    ForgetFiles {
        before_us: i64,
    },
}

impl Store {
    /// Makes a retention setting, in the place of an earlier one for the same pattern.
    ///
    /// # Errors
    /// When the pattern, the days or the reason cannot be used, or the catalogue cannot be written.
    pub fn set_retention(&self, setting: NewSetting) -> Result<()> {
        check_pattern(&setting.pattern)?;
        check_text("the reason", &setting.reason)?;
        if setting.pattern.eq_ignore_ascii_case("events") {
            return Err(refused("rows of `events` follow the rows of their tables: name those"));
        }
        if setting.days.is_some_and(|days| days == 0 || days > MAX_DAYS) {
            return Err(refused(&format!("days are 1 to {MAX_DAYS}, or for ever")));
        }
        self.change(PolicyChange::Set(setting))
    }

    /// Returns all retention settings, those that were superseded too, in the order they were made.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn retention(&self) -> Result<Vec<RetentionSetting>> {
        self.inner.catalogue.settings()
    }

    /// Returns the setting in force for `table`: its own, or that of the longest pattern that matches it.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn retention_of(&self, table: &str, kind: RetentionKind) -> Result<Option<RetentionSetting>> {
        let settings = self.inner.catalogue.settings()?;
        Ok(in_force(&settings, table, kind).cloned())
    }

    /// Places a hold.
    ///
    /// # Errors
    /// When its name is taken or something of it cannot be used, or the catalogue cannot be written.
    pub fn place_hold(&self, hold: NewHold) -> Result<()> {
        check_text("the name", &hold.name)?;
        check_text("the reason", &hold.reason)?;
        hold.tables.iter().try_for_each(|pattern| check_pattern(pattern))?;
        hold.orgs.iter().try_for_each(|org| check_text("an org", org))?;
        if hold.from_us.zip(hold.to_us).is_some_and(|(from, to)| from >= to) {
            return Err(refused("the time of the hold ends before it begins"));
        }
        if self.active_hold(&hold.name)? {
            return Err(refused(&format!("a hold named {} is in force", hold.name)));
        }
        self.change(PolicyChange::Place(hold))
    }

    /// Releases a hold; it stays in the list.
    ///
    /// # Errors
    /// When no hold of this name is in force, or the catalogue cannot be written.
    pub fn release_hold(&self, name: &str, reason: &str, by: &str) -> Result<()> {
        check_text("the reason", reason)?;
        if !self.active_hold(name)? {
            return Err(refused(&format!("no hold named {name} is in force")));
        }
        self.change(PolicyChange::Release {
            name: name.to_owned(),
            reason: reason.to_owned(),
            by: by.to_owned(),
        })
    }

    /// Returns all holds, those that were released too, in the order they were placed.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn holds(&self) -> Result<Vec<Hold>> {
        self.inner.catalogue.holds()
    }

    /// Returns what applying the retention settings would delete, table by table.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn survey_retention(&self, options: RetainOptions) -> Result<Vec<RetentionRow>> {
        Retainer::new(options).survey(&self.inner)
    }

    /// Deletes what the retention settings say, and returns what it was. The files are removed by `remove_now`, and what the
    /// catalogue itself held of them by `scrub`.
    ///
    /// # Errors
    /// When the store is open for reading, is being loaded, or a file or the catalogue cannot be written. What was deleted
    /// until then stays deleted.
    pub fn apply_retention(&self, options: RetainOptions, stop: &dyn Fn() -> bool) -> Result<Vec<RetentionRow>> {
        self.inner.writable("delete rows")?;
        // Rows are judged where they lie in segments.
        self.flush()?;
        let _busy = Busy::begin(&self.inner)?;
        let mut retainer = Retainer::new(options);
        while !stop() && retainer.step(&self.inner)? {}
        Ok(retainer.into_rows())
    }

    /// Overwrites what deleted rows left in the catalogue's file and its log. Readers may keep a part of the log alive; returns
    /// whether all of it is gone.
    ///
    /// # Errors
    /// When the store is open for reading, or the catalogue cannot be written.
    pub fn scrub(&self) -> Result<bool> {
        self.inner.writable("scrub the catalogue")?;
        self.inner.catalogue.scrub()
    }

    fn active_hold(&self, name: &str) -> Result<bool> {
        let holds = self.holds()?;
        Ok(holds
            .iter()
            .any(|hold| hold.released.is_none() && hold.hold.name == name))
    }

    fn change(&self, change: PolicyChange) -> Result<()> {
        self.inner.writable("change settings")?;
        let _busy = Busy::begin(&self.inner)?;
        self.inner.catalogue.commit(&Plan {
            policy: vec![change],
            ..Plan::default()
        })?;
        Ok(())
    }
}

/// Returns the present time in microseconds since 1970 UTC.
pub(crate) fn now_us() -> i64 {
    Timestamp::now().as_microsecond()
}

fn check_pattern(pattern: &str) -> Result<()> {
    let head = pattern.strip_suffix('*').unwrap_or(pattern);
    let is_plain = head
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if pattern.is_empty() || !is_plain || pattern.len() > MAX_TEXT_BYTES {
        let shown: String = pattern.chars().take(80).collect();
        return Err(refused(&format!(
            "{shown:?} is no table: name one as `sekisho tables` prints it, or the head of names and a `*`"
        )));
    }
    Ok(())
}

/// Text of a setting is printed in lists and kept line by line, so it has no control characters.
fn check_text(what: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() || text.len() > MAX_TEXT_BYTES || text.chars().any(char::is_control) {
        return Err(refused(&format!(
            "{what} has to be a line of text of at most {MAX_TEXT_BYTES} bytes"
        )));
    }
    Ok(())
}

fn refused(detail: &str) -> Error {
    Error::Setting {
        detail: detail.to_owned(),
    }
}
