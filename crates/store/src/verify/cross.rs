//! What the catalogue says of the files against what the files say of themselves, and against itself.

use std::path::Path;

use super::parts::damage_of;
use super::{Check, DamageKind, DamagedPart, holds};
use crate::catalogue::{Catalogue, DataFile};
use crate::error::Result;
use crate::identity;
use crate::scan::identities_of_segment;
use crate::segment::PartKind;

/// Checks that sums over a table's segments are what the catalogue keeps of the table.
pub(super) fn check_tables(check: &mut Check<'_, '_>, catalogue: &Catalogue) -> Result<()> {
    for (table, said, summed) in catalogue.counts_of_tables()? {
        if said != summed {
            let detail = format!("the catalogue says that {table} has {said} rows, its segments have {summed}");
            check.contradiction(Some(table), detail);
        }
    }
    for id in catalogue.parts_without_segment()? {
        check.contradiction(
            None,
            format!("the catalogue has checksums of a segment that it does not have: {id}"),
        );
    }
    Ok(())
}

/// Checks that a segment, whose bytes are right, has the rows that the catalogue says.
pub(super) fn check_segment(check: &mut Check<'_, '_>, file: &DataFile) {
    let path = check.dir.join(super::DATA_FOLDER).join(&file.path);
    let wrong = match holds::rows(&path) {
        Ok(rows) if rows == file.rows => return,
        Ok(rows) => (
            DamageKind::Contradiction,
            format!("it has {rows} rows, the catalogue says {}", file.rows),
        ),
        Err(detail) => (DamageKind::Unreadable, detail),
    };
    let damage = damage_of(file, DamagedPart::Rows, &file.path, (0, file.bytes), wrong.1);
    check.report.damage.push(super::Damage {
        what: wrong.0,
        ..damage
    });
}

/// Checks that identities without checksums are those of the rows; those with checksums are checked by them.
pub(super) fn check_rebuilt_identities(check: &mut Check<'_, '_>, file: &DataFile) -> Result<()> {
    let segment = check.dir.join(super::DATA_FOLDER).join(&file.path);
    let path = segment.with_extension(PartKind::Identities.extension());
    let Ok(bytes) = std::fs::metadata(&path).map(|found| found.len()) else {
        return Ok(());
    };
    let below = Path::new(&file.path).with_extension(PartKind::Identities.extension());
    let below = below.to_string_lossy();
    check.report.files += 1;
    check.report.unsummed.push(super::in_store(&below));
    check.read(bytes)?;
    // Rows that cannot be read were named already.
    if are_identities_right(check.dir, file) == Some(false) {
        let detail = "its identities are not those of the rows".to_owned();
        let damage = damage_of(file, DamagedPart::Identities, &below, (0, bytes), detail);
        check.report.damage.push(super::Damage {
            what: DamageKind::Contradiction,
            ..damage
        });
    }
    Ok(())
}

/// Returns whether the identities beside a segment are those of its rows; `None` where the rows cannot be read.
pub(super) fn are_identities_right(dir: &Path, file: &DataFile) -> Option<bool> {
    let segment = dir.join(super::DATA_FOLDER).join(&file.path);
    let wanted = identities_of_segment(&file.table, &segment).ok()?;
    let path = segment.with_extension(PartKind::Identities.extension());
    Some(identity::holds_exactly(&path, &wanted))
}
