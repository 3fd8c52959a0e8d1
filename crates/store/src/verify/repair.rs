//! Mending what can be mended from the rows, and giving checksums to what has none.

use std::path::Path;
use std::sync::Arc;

use rusqlite::params;

use super::{DamagedPart, VerifyReport, Watch, holds};
use crate::catalogue::{Catalogue, DataFile};
use crate::copy::{Counter, sums_of};
use crate::error::Result;
use crate::scan::rebuild_identities;
use crate::segment::PartKind;
use crate::store::{DATA_FOLDER, Mode, NoKnownTables, Store};
use crate::sums::Sums;

/// What was mended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// Identity files that were made anew from their rows.
    pub rebuilt: Vec<String>,
    /// Files that were given checksums: from now on damage to them is found.
    pub summed: Vec<String>,
    /// Whether the checksums of the catalogue were made anew.
    pub catalogue_summed: bool,
    /// What the check finds afterwards.
    pub after: VerifyReport,
}

impl Store {
    /// Makes identity files that are hurt or lost anew from their rows, gives checksums to files that have none and decode as a
    /// whole, and to the catalogue where SQLite and its own sums find it right. Rows that are hurt stay as they are.
    ///
    /// # Errors
    /// When there is no store, another process writes it, something cannot be written, or `watch` says to stop.
    pub fn repair(dir: &Path, watch: &mut Watch<'_>) -> Result<RepairReport> {
        let before = Self::verify(dir, watch)?;
        let mut report = RepairReport::default();
        let store = Self::open(dir, Mode::ReadWrite, Arc::new(NoKnownTables))?;
        let dir = store.dir().to_path_buf();
        let catalogue = &store.inner.catalogue;
        for file in catalogue.data_files()?.iter().filter(|file| file.is_live) {
            rebuild(&dir, file, &before, &mut report)?;
            seal(&dir, catalogue, file, watch, &mut report)?;
        }
        let is_catalogue_sound = !before
            .damage
            .iter()
            .any(|damage| damage.part == DamagedPart::Catalogue && damage.what == super::DamageKind::Contradiction);
        if is_catalogue_sound && catalogue.integrity(1)?.is_empty() {
            catalogue.sum_anew()?;
            report.catalogue_summed = true;
        }
        drop(store);
        report.after = Self::verify(&dir, watch)?;
        Ok(report)
    }
}

fn rebuild(dir: &Path, file: &DataFile, before: &VerifyReport, report: &mut RepairReport) -> Result<()> {
    let rows = format!("{DATA_FOLDER}/{}", file.path);
    let below = Path::new(&rows).with_extension(PartKind::Identities.extension());
    let name = below.to_string_lossy().into_owned();
    let is_hurt = before.damage.iter().any(|damage| damage.file == name) || before.missing.contains(&name);
    let are_rows_whole = !before.damage.iter().any(|damage| damage.file == rows) && !before.missing.contains(&rows);
    if is_hurt && are_rows_whole {
        rebuild_identities(&file.table, &dir.join(&rows), &dir.join(&below))?;
        report.rebuilt.push(name);
    }
    Ok(())
}

fn seal(
    dir: &Path,
    catalogue: &Catalogue,
    file: &DataFile,
    watch: &mut Watch<'_>,
    report: &mut RepairReport,
) -> Result<()> {
    let parts = catalogue.parts_of(file.id)?;
    for kind in PartKind::ALL {
        let below = Path::new(&file.path).with_extension(kind.extension());
        let path = dir.join(DATA_FOLDER).join(&below);
        if parts.iter().any(|part| part.kind == kind.extension()) || !path.is_file() {
            continue;
        }
        // Nothing else is without checksums: it is younger than they are.
        let is_right = (kind == PartKind::Rows && holds::decodes(&path, file).is_ok())
            || (kind == PartKind::Identities && super::cross::are_identities_right(dir, file) == Some(true));
        if is_right {
            let sums = sums_of(&path, &mut Counter::new(watch))?;
            catalogue.add_part(file.id, kind, &sums)?;
            report.summed.push(format!("{DATA_FOLDER}/{}", below.display()));
        }
    }
    Ok(())
}

impl Catalogue {
    /// Keeps the checksums of a file that had none.
    fn add_part(&self, data_file: i64, kind: PartKind, sums: &Sums) -> Result<()> {
        let bytes = i64::try_from(sums.bytes).unwrap_or(i64::MAX);
        self.connection()
            .execute(
                "INSERT INTO sekisho_part VALUES (?1, ?2, ?3, ?4)",
                params![data_file, kind.extension(), bytes, sums.to_blob()],
            )
            .map(drop)
            .map_err(self.error("keep checksums"))
    }
}
