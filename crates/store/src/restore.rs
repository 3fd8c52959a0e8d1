//! Restoring a backup into a folder of its own: everything is checked before anything is written, and the catalogue, without which
//! there is no store, comes last.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use crate::backup::{Entry, Manifest, read_manifest};
use crate::catalogue::Catalogue;
use crate::copy::{self, Counter};
use crate::durable;
use crate::error::{Error, Result};
use crate::store::{CATALOGUE_FILE, DATA_FOLDER, Mode, NoKnownTables, Store, entries};
use crate::verify::Watch;

/// Stands in a folder while a backup is restored into it: what is there belongs to a restore that did not end.
const MARKER: &str = "restore.incomplete";

/// The catalogue until everything that it names is there.
const NEW_CATALOGUE: &str = "catalogue.restored";

/// What a restore did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreReport {
    /// The snapshot that was restored.
    pub snapshot: i64,
    /// When the backup was made, RFC 3339.
    pub made: String,
    /// The version of the program that made it.
    pub program: String,
    /// The files restored.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Restores the backup in `from` into `dir`, which is new or empty, or holds a restore that did not end.
    ///
    /// # Errors
    /// When there is no complete backup, a file of it is not as it was copied, it is of a newer version, `dir` holds
    /// something else or cannot be written, or `watch` says to stop. `dir` holds no store then.
    pub fn restore(from: &Path, dir: &Path, watch: &mut Watch<'_>) -> Result<RestoreReport> {
        let manifest = read_manifest(from)?.ok_or_else(|| Error::Backup {
            dir: from.to_path_buf(),
            problem: "it is not complete: it has no backup.json".to_owned(),
        })?;
        refuse_strangers(dir)?;
        let catalogue = Catalogue::open_read_only(&from.join(&manifest.catalogue.file));
        drop(catalogue.map_err(|error| match error {
            Error::Version { found, known, .. } => Error::Version {
                dir: from.to_path_buf(),
                found,
                known,
            },
            other => other,
        })?);
        let mut counter = Counter::new(watch);
        counter.expect(2 * bytes_of(&manifest));
        for entry in all(&manifest) {
            check(from, entry, &mut counter)?;
        }
        std::fs::create_dir_all(dir).map_err(Error::io("create the folder", dir))?;
        let dir = &dir.canonicalize().map_err(Error::io("find", dir))?;
        let marker = dir.join(MARKER);
        File::create(&marker).map_err(Error::io("create", &marker))?;
        durable::sync_all(&[marker.clone(), dir.clone()])?;
        copy_all(from, dir, &manifest, &mut counter)?;
        let new = dir.join(NEW_CATALOGUE);
        point_at(&new, dir)?;
        durable::sync_all(&[new.clone(), dir.clone()])?;
        durable::sync_names(dir)?;
        std::fs::rename(&new, dir.join(CATALOGUE_FILE)).map_err(Error::io("rename", &new))?;
        durable::sync_all(std::slice::from_ref(dir))?;
        std::fs::remove_file(&marker).map_err(Error::io("remove", &marker))?;
        // Upgraded where it is of an older version, and given the checksums of its pages.
        drop(Store::open(dir, Mode::ReadWrite, Arc::new(NoKnownTables))?);
        Ok(RestoreReport {
            snapshot: manifest.snapshot,
            files: manifest.files.len() as u64 + 1,
            bytes: bytes_of(&manifest),
            made: manifest.made,
            program: manifest.program,
        })
    }
}

fn all(manifest: &Manifest) -> impl Iterator<Item = &Entry> {
    manifest.files.iter().chain([&manifest.catalogue])
}

fn bytes_of(manifest: &Manifest) -> u64 {
    all(manifest).map(|entry| entry.bytes).sum()
}

/// Refuses a folder with anything in it but a restore that did not end.
fn refuse_strangers(dir: &Path) -> Result<()> {
    let is_free = copy::is_vacant(dir)? || (dir.join(MARKER).is_file() && !dir.join(CATALOGUE_FILE).exists());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name == MARKER || name == DATA_FOLDER || name.starts_with(NEW_CATALOGUE)
    };
    if is_free && (!dir.is_dir() || entries(dir)?.iter().all(is_ours)) {
        return Ok(());
    }
    Err(Error::NotVacant {
        dir: dir.to_path_buf(),
        wanted: "a new or empty folder",
    })
}

/// Compares a file of the backup with what was copied into it.
fn check(from: &Path, entry: &Entry, counter: &mut Counter<'_, '_>) -> Result<()> {
    let path = from.join(&entry.file);
    let found = copy::read_through(&path, counter)?;
    if found.bytes == entry.bytes && found.sha256 == entry.sha256 {
        return Ok(());
    }
    Err(Error::Backup {
        dir: from.to_path_buf(),
        problem: format!("{} is not as it was copied", entry.file),
    })
}

fn copy_all(from: &Path, dir: &Path, manifest: &Manifest, counter: &mut Counter<'_, '_>) -> Result<()> {
    let mut new = Vec::new();
    for entry in all(manifest) {
        let is_catalogue = entry.file == manifest.catalogue.file;
        let target = dir.join(if is_catalogue { NEW_CATALOGUE } else { &entry.file });
        let copied = copy::copy(&from.join(&entry.file), &target, None, counter)?;
        if copied.is_none_or(|copied| copied.sha256 != entry.sha256) {
            return Err(Error::Backup {
                dir: from.to_path_buf(),
                problem: format!("{} changed while it was restored", entry.file),
            });
        }
        new.push(target);
    }
    let folders = copy::folders_of(dir, &new);
    new.extend(folders);
    durable::sync_all(&new)
}

/// Tells the catalogue at `path` that its data lies in `dir`, for programs that read it before Sekisho writes it.
pub(crate) fn point_at(path: &Path, dir: &Path) -> Result<()> {
    let at = |source| Error::Catalogue {
        doing: "set the data folder",
        path: path.to_path_buf(),
        source,
    };
    let connection = Connection::open(path).map_err(at)?;
    let data = format!("{}/", dir.join(DATA_FOLDER).display());
    connection
        .execute(
            "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path'",
            [data],
        )
        .map_err(at)?;
    connection.close().map_err(|(_, source)| at(source))
}
