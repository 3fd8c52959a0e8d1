//! `store verify`: is every byte as it was written?

use std::path::Path;

use sekisho_event::time::to_rfc3339;
use sekisho_store::{Damage, Store, VerifyReport};
use serde::Serialize;

use crate::Error;
use crate::caller::Caller;
use crate::progress::{Job, Phase};

/// What the check of the store found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyAnswer {
    /// Whether nothing is damaged and nothing is missing.
    pub ok: bool,
    /// Files read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is not as it was written.
    pub damage: Vec<DamageRow>,
    /// Files that the catalogue names and that are not there.
    pub missing: Vec<String>,
    /// Files in the data folder that the catalogue does not name; nothing reads them.
    pub unknown: Vec<String>,
    /// Files without checksums: they were decoded as a whole, which finds less.
    pub unsummed: Vec<String>,
    /// What was mended before, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mended: Option<Mended>,
}

/// What was mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mended {
    /// Files that were made anew from the rows.
    pub rebuilt: Vec<String>,
    /// Files that were given checksums.
    pub summed: Vec<String>,
    /// Whether the checksums of the catalogue were made anew.
    pub catalogue_summed: bool,
}

/// A range of bytes that is not as it was written, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DamageRow {
    /// The file, relative to the store.
    pub file: String,
    /// The table it belongs to.
    pub table: Option<String>,
    /// The first byte that may be hurt.
    pub from_byte: u64,
    /// The first byte after them.
    pub to_byte: u64,
    /// `rows`, `identities`, `index` or `catalogue`.
    pub part: &'static str,
    /// The first row that cannot be relied on, by its place in the file, from 0.
    pub rows_from: Option<u64>,
    /// The first row after them.
    pub rows_to: Option<u64>,
    /// The first time of these rows, RFC 3339.
    pub from: Option<String>,
    /// The last time of these rows, RFC 3339.
    pub to: Option<String>,
    /// The columns that cannot be relied on in these rows; empty where none can.
    pub columns: Vec<String>,
    /// `checksum`, `length`, `unreadable` or `contradiction`.
    pub what: &'static str,
    /// More about it, in English.
    pub detail: String,
}

/// Reads every file of the store in `data_dir` and says what is not as it was written. Nothing is changed.
///
/// # Errors
/// There is no store, the caller may not do this, or `job` says to stop.
pub fn verify(caller: &Caller, data_dir: &Path, job: &Job) -> Result<VerifyAnswer, Error> {
    super::may_care(caller)?;
    Ok(VerifyAnswer::of(Store::verify(
        data_dir,
        &mut super::watch(job, Phase::Checking),
    )?))
}

/// Makes anew what follows from the rows, gives checksums to what has none and is right, and checks the store after that.
///
/// # Errors
/// As [`verify`]; and another process writes the store, or something cannot be written.
pub fn repair(caller: &Caller, data_dir: &Path, job: &Job) -> Result<VerifyAnswer, Error> {
    super::may_care(caller)?;
    let report = Store::repair(data_dir, &mut super::watch(job, Phase::Checking))?;
    Ok(VerifyAnswer {
        mended: Some(Mended {
            rebuilt: report.rebuilt,
            summed: report.summed,
            catalogue_summed: report.catalogue_summed,
        }),
        ..VerifyAnswer::of(report.after)
    })
}

impl VerifyAnswer {
    fn of(report: VerifyReport) -> Self {
        Self {
            ok: report.is_ok(),
            files: report.files,
            bytes: report.bytes,
            damage: report.damage.into_iter().map(DamageRow::of).collect(),
            missing: report.missing,
            unknown: report.unknown,
            unsummed: report.unsummed,
            mended: None,
        }
    }
}

impl DamageRow {
    fn of(damage: Damage) -> Self {
        Self {
            file: damage.file,
            table: damage.table,
            from_byte: damage.from_byte,
            to_byte: damage.to_byte,
            part: damage.part.name(),
            rows_from: damage.rows.map(|rows| rows.0),
            rows_to: damage.rows.map(|rows| rows.1),
            from: damage.times.map(|times| to_rfc3339(times.0)),
            to: damage.times.map(|times| to_rfc3339(times.1)),
            columns: damage.columns,
            what: damage.what.name(),
            detail: damage.detail,
        }
    }
}
