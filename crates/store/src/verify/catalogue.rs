//! The catalogue against its checksums, and against SQLite's own idea of it.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::{Check, Damage, DamageKind, DamagedPart};
use crate::catalogue::Catalogue;
use crate::catalogue::page_sums::{Found, PageSums, sums_path};
use crate::catalogue::raw;
use crate::catalogue::wal::{Wal, log_path};
use crate::error::{Error, Result};

/// How often the pages are read again because a writer changed their checksums meanwhile: it does so once in some seconds.
const TRIES: u32 = 5;

/// What SQLite finds wrong is listed up to here: one hurt page can make it find thousands of things.
const MAX_FINDINGS: usize = 10;

/// The fewest pages that a commit of DuckLake changes: the snapshots, what changed in them, and an index of each. Fewer
/// that differ are damage, whatever the catalogue says of snapshots.
const PAGES_OF_A_COMMIT: usize = 4;

/// What was found of the pages.
#[derive(Debug, Default)]
pub(super) struct Pages {
    damage: Vec<Damage>,
    differing: usize,
    /// The newest snapshot when the checksums were made; `None` without checksums.
    snapshot: Option<i64>,
    is_log_empty: bool,
}

/// Compares the pages of the catalogue, its log and its checksums with each other.
pub(super) fn check_pages(check: &mut Check<'_, '_>, path: &Path) -> Result<Pages> {
    for _ in 0..TRIES {
        let before = PageSums::read(path)?;
        let wal = Wal::read(&log_path(path))?;
        let index = raw::log_index(path)?;
        let mut pages = Pages {
            is_log_empty: wal.is_empty(),
            ..Pages::default()
        };
        let bytes = raw::with_file(path, |file| compare(&mut pages, file, path, &before, &wal))?;
        log_damage(&mut pages, path, &wal, index.as_deref());
        // A writer puts new checksums down before it changes a page.
        if PageSums::read(path)? == before {
            check.report.files += 1;
            check.read(bytes)?;
            return Ok(pages);
        }
    }
    Err(Error::Locked {
        dir: check.dir.to_path_buf(),
        by: None,
    })
}

/// Asks SQLite whether the catalogue is whole, and adds what was found of its pages to the report.
pub(super) fn check_content(check: &mut Check<'_, '_>, catalogue: &Catalogue, pages: Pages) -> Result<()> {
    let findings = catalogue.integrity(MAX_FINDINGS)?;
    let is_whole = findings.is_empty();
    for detail in findings {
        let damage = damage(CATALOGUE, (0, 0), DamageKind::Contradiction, detail);
        check.report.damage.push(damage);
    }
    let is_other_programs = is_whole
        && pages.is_log_empty
        && pages.differing >= PAGES_OF_A_COMMIT
        && pages
            .snapshot
            .is_some_and(|known| catalogue.latest().is_ok_and(|now| now.0 > known));
    if is_other_programs || pages.snapshot.is_none() {
        check.report.unsummed.push(CATALOGUE.to_owned());
    }
    if !is_other_programs {
        check.report.damage.extend(pages.damage);
    }
    Ok(())
}

/// Adds what was found of the pages of a catalogue that does not open.
pub(super) fn cannot_open(check: &mut Check<'_, '_>, error: &Error, pages: Pages) {
    let detail = format!("it does not open, so no other file could be checked: {error}");
    check.report.damage.extend(pages.damage);
    let damage = damage(CATALOGUE, (0, 0), DamageKind::Unreadable, detail);
    check.report.damage.push(damage);
}

const CATALOGUE: &str = crate::store::CATALOGUE_FILE;

/// Compares the pages that are not in the log with their checksums, and returns the bytes read.
fn compare(pages: &mut Pages, file: &File, path: &Path, sums: &Found, wal: &Wal) -> Result<u64> {
    let bytes = file.metadata().map_err(Error::io("read", path))?.len();
    let sums = match sums {
        Found::Nothing => return Ok(bytes),
        Found::Damaged { bytes: own } => {
            let detail = "the checksums of the catalogue are hurt: its pages cannot be compared with them".to_owned();
            let name = sums_path(path)
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            pages
                .damage
                .push(damage(&name, (0, *own), DamageKind::Checksum, detail));
            return Ok(bytes);
        }
        Found::Sums(sums) => sums,
    };
    pages.snapshot = Some(sums.snapshot);
    let page_bytes = u64::from(sums.page_bytes);
    let mut page = vec![0; sums.page_bytes as usize];
    for (position, sum) in sums.pages.iter().enumerate() {
        if wal.pages.contains_key(&(position as u32 + 1)) {
            continue;
        }
        let from = position as u64 * page_bytes;
        let is_right = file.read_exact_at(&mut page, from).is_ok() && crc32fast::hash(&page) == *sum;
        if is_right {
            continue;
        }
        pages.differing += 1;
        match pages.damage.last_mut() {
            Some(last) if last.to_byte == from => last.to_byte += page_bytes,
            _ => pages.damage.push(damage(
                CATALOGUE,
                (from, from + page_bytes),
                DamageKind::Checksum,
                "damaged, or changed by a program that is not Sekisho".to_owned(),
            )),
        }
    }
    let end = sums.pages.len() as u64 * page_bytes;
    if bytes > end && wal.is_empty() {
        pages.differing += ((bytes - end) / page_bytes) as usize;
        let detail = format!("it goes on after its last page, which ends at byte {end}");
        pages
            .damage
            .push(damage(CATALOGUE, (end, bytes), DamageKind::Length, detail));
    }
    Ok(bytes)
}

fn log_damage(pages: &mut Pages, path: &Path, wal: &Wal, index: Option<&[u8]>) {
    let name = log_path(path)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if let Some(range) = wal.damage {
        let detail = "commits stand behind a part of the log that is hurt".to_owned();
        pages.damage.push(damage(&name, range, DamageKind::Checksum, detail));
    } else if index.and_then(|index| wal.lacks_frames_of(index)) == Some(true) {
        let range = (wal.committed_bytes().min(wal.bytes), wal.bytes);
        let detail = "the log held more commits than can be read from it now".to_owned();
        pages.damage.push(damage(&name, range, DamageKind::Checksum, detail));
    }
}

fn damage(file: &str, (from, to): (u64, u64), what: DamageKind, detail: String) -> Damage {
    Damage {
        file: file.to_owned(),
        table: None,
        from_byte: from,
        to_byte: to,
        part: DamagedPart::Catalogue,
        rows: None,
        times: None,
        columns: Vec::new(),
        what,
        detail,
    }
}
