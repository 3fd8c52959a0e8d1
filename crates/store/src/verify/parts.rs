//! The files of a segment against their checksums.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crc32fast::Hasher;

use super::holds::{self, Holds};
use super::{Check, Damage, DamageKind, DamagedPart, cross, in_store};
use crate::catalogue::{Catalogue, DataFile, StoredPart};
use crate::error::Result;
use crate::segment::PartKind;
use crate::sums::{BLOCK_BYTES, Sums};

/// Checks the files of one segment.
pub(super) fn check(check: &mut Check<'_, '_>, catalogue: &Catalogue, file: &DataFile) -> Result<()> {
    let parts = catalogue.parts_of(file.id)?;
    for part in &parts {
        check_part(check, file, part)?;
    }
    let has = |kind: PartKind| parts.iter().any(|part| part.kind == kind.extension());
    if !has(PartKind::Rows) {
        check_unsummed(check, file)?;
    }
    if !has(PartKind::Identities) {
        cross::check_rebuilt_identities(check, file)?;
    }
    Ok(())
}

/// Compares a file with its checksums, block by block.
fn check_part(check: &mut Check<'_, '_>, file: &DataFile, part: &StoredPart) -> Result<()> {
    let below = Path::new(&file.path).with_extension(&part.kind);
    let path = check.dir.join(super::DATA_FOLDER).join(&below);
    let below = below.to_string_lossy().into_owned();
    let Some(sums) = &part.sums else {
        let detail = "the catalogue's checksums of it do not fit its length".to_owned();
        check.report.damage.push(Damage {
            what: DamageKind::Contradiction,
            ..damage_of(file, part_of(&part.kind), &below, (0, part.bytes), detail)
        });
        return Ok(());
    };
    let mut open = match File::open(&path) {
        Ok(open) => open,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // A segment that left its table may be gone already: nothing reads it any more.
            if file.is_live {
                check.report.missing.push(in_store(&below));
            }
            return Ok(());
        }
        Err(error) => {
            check.report.damage.push(Damage {
                what: DamageKind::Unreadable,
                ..damage_of(
                    file,
                    part_of(&part.kind),
                    &below,
                    (0, part.bytes),
                    format!("cannot open it: {error}"),
                )
            });
            return Ok(());
        }
    };
    check.report.files += 1;
    let found = compare(check, &mut open, sums)?;
    let kind = part_of(&part.kind);
    if kind == DamagedPart::Rows && found.is_empty() {
        cross::check_segment(check, file);
        return Ok(());
    }
    let holds = match kind {
        DamagedPart::Rows => holds::of(&path, file),
        _ => Holds::nothing(),
    };
    for (from, to, what, detail) in found {
        let mut damage = Damage {
            what,
            ..damage_of(file, kind, &below, (from, to), detail)
        };
        holds.tell(from, to, &mut damage);
        check.report.damage.push(damage);
    }
    Ok(())
}

/// A range of bytes that is not as it was written.
type Found = (u64, u64, DamageKind, String);

/// Returns the ranges in which a file differs from its checksums; neighbours are one.
fn compare(check: &mut Check<'_, '_>, file: &mut impl Read, sums: &Sums) -> Result<Vec<Found>> {
    let mut found: Vec<Found> = Vec::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut at = 0u64;
    for sum in &sums.blocks {
        let wanted = (sums.bytes - at).min(BLOCK_BYTES as u64);
        let buffer = block.get_mut(..wanted as usize).unwrap_or_default();
        let read = match fill(file, buffer) {
            Ok(read) => read,
            Err(error) => {
                found.push((at, sums.bytes, DamageKind::Unreadable, error.to_string()));
                return Ok(found);
            }
        };
        let mut hasher = Hasher::new();
        hasher.update(buffer.get(..read).unwrap_or_default());
        check.read(read as u64)?;
        if (read as u64) < wanted {
            let detail = format!("it ends at byte {}, written were {}", at + read as u64, sums.bytes);
            found.push((at + read as u64, sums.bytes, DamageKind::Length, detail));
            return Ok(found);
        }
        let end = at + wanted;
        if hasher.finalize() != *sum {
            match found.last_mut() {
                Some((_, to, DamageKind::Checksum, _)) if *to == at => *to = end,
                _ => found.push((at, end, DamageKind::Checksum, String::new())),
            }
        }
        at = end;
    }
    let rest = fill(file, &mut block).unwrap_or(0);
    if rest > 0 {
        let detail = format!("it goes on after its end at byte {at}");
        found.push((at, at + rest as u64, DamageKind::Length, detail));
    }
    Ok(found)
}

/// Fills the buffer as far as the file goes and returns how far.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Checks a segment without checksums: all of it has to decode.
fn check_unsummed(check: &mut Check<'_, '_>, file: &DataFile) -> Result<()> {
    let path = check.dir.join(super::DATA_FOLDER).join(&file.path);
    match std::fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if file.is_live {
                check.report.missing.push(in_store(&file.path));
            }
            return Ok(());
        }
        _ => {}
    }
    check.report.files += 1;
    check.report.unsummed.push(in_store(&file.path));
    if let Err((what, detail)) = holds::decodes(&path, file) {
        let mut damage = Damage {
            what,
            ..damage_of(file, DamagedPart::Rows, &file.path, (0, file.bytes), detail)
        };
        holds::of(&path, file).tell(0, file.bytes, &mut damage);
        check.report.damage.push(damage);
    }
    check.read(file.bytes)
}

pub(super) fn damage_of(
    file: &DataFile,
    part: DamagedPart,
    below: &str,
    (from, to): (u64, u64),
    detail: String,
) -> Damage {
    Damage {
        file: in_store(below),
        table: Some(file.table.clone()),
        from_byte: from,
        to_byte: to,
        part,
        rows: None,
        times: None,
        columns: Vec::new(),
        what: DamageKind::Checksum,
        detail,
    }
}

fn part_of(kind: &str) -> DamagedPart {
    match kind {
        _ if kind == PartKind::Rows.extension() => DamagedPart::Rows,
        _ if kind == PartKind::Identities.extension() => DamagedPart::Identities,
        _ => DamagedPart::Index,
    }
}
