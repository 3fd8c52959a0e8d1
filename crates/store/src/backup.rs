//! Backups: the store as it is at one snapshot, in a folder of its own, while it is in use.
//!
//! `backup.json` is written last and names everything; a folder without it is no backup. A second backup into the same folder copies
//! what is new and removes what it no longer needs only once it is complete, so the folder holds a whole backup all the time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::copy::{self, Copied, Counter, ToCopy};
use crate::durable;
use crate::error::{Error, Result};
use crate::lease::Lease;
use crate::store::{CATALOGUE_FILE, DATA_FOLDER, Store, entries};
use crate::verify::{self, Watch};

const MANIFEST: &str = "backup.json";
const NEW_MANIFEST: &str = "backup.json.new";

/// The head and the end of the name of a catalogue in a backup. It is not called as in a store, so that nothing takes a
/// backup for one.
const COPY_HEAD: &str = "catalogue-";
const COPY_END: &str = ".backup";

/// The version of the form of a backup.
const FORMAT: u32 = 1;

/// The largest `backup.json` that is read: one of about a million files.
const MAX_MANIFEST_BYTES: u64 = 256 * 1024 * 1024;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) format: u32,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// The version of the store's own tables.
    pub(crate) layout: i64,
    pub(crate) snapshot: i64,
    /// When it was made, RFC 3339.
    pub(crate) made: String,
    pub(crate) catalogue: Entry,
    pub(crate) files: Vec<Entry>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Relative to the backup.
    pub(crate) file: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// What a backup did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupReport {
    /// The snapshot that was kept.
    pub snapshot: i64,
    /// The files of the backup.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The files that were copied; the others were in the folder already.
    pub copied_files: u64,
    /// Their bytes.
    pub copied_bytes: u64,
    /// Files of an earlier backup in the folder that were removed: the store does not need them any more.
    pub removed_files: u64,
}

impl Store {
    /// Copies the store in `dir` into the folder `to`, which is new, empty or holds an earlier backup. The store may be in
    /// use; it is kept as it is at one moment. `program` is remembered as what made the backup.
    ///
    /// # Errors
    /// When there is no store, part of it is damaged, the folder holds something else, it cannot be written, or `watch`
    /// says to stop.
    pub fn backup(dir: &Path, to: &Path, program: &str, watch: &mut Watch<'_>) -> Result<BackupReport> {
        let path = dir.join(CATALOGUE_FILE);
        if !path.is_file() {
            return Err(Error::NoStore { dir: dir.to_path_buf() });
        }
        let dir = dir.canonicalize().map_err(Error::io("find", dir))?;
        let path = dir.join(CATALOGUE_FILE);
        Catalogue::refuse_newer(&path)?;
        refuse_strangers(to)?;
        if verify::are_pages_hurt(&dir, &path)? {
            return Err(Error::Damaged { path });
        }
        let catalogue = Catalogue::open_read_only(&path)?;
        let _lease = Lease::take(&dir, catalogue.latest()?)?;
        std::fs::create_dir_all(to).map_err(Error::io("create the folder", to))?;
        let to = to.canonicalize().map_err(Error::io("find", to))?;
        if to.starts_with(&dir) {
            return Err(Error::NotVacant {
                dir: to,
                wanted: "a folder outside the store",
            });
        }
        let before = read_manifest(&to).ok().flatten();
        let name = format!("{COPY_HEAD}{}{COPY_END}", uuid::Uuid::new_v4().simple());
        let copy_path = to.join(&name);
        catalogue.copy_to(&copy_path)?;
        drop(catalogue);
        let mut counter = Counter::new(watch);
        let made = copy_snapshot(&dir, &to, &copy_path, name, program, before.as_ref(), &mut counter);
        let (manifest, mut report) = made.inspect_err(|_| {
            let _ = std::fs::remove_file(&copy_path);
        })?;
        write_manifest(&to, &manifest)?;
        report.removed_files = remove_unneeded(&to, &manifest)?;
        Ok(report)
    }
}

/// Copies what the copied catalogue names, durably.
fn copy_snapshot(
    dir: &Path,
    to: &Path,
    copy_path: &Path,
    name: String,
    program: &str,
    before: Option<&Manifest>,
    counter: &mut Counter<'_, '_>,
) -> Result<(Manifest, BackupReport)> {
    // The copy itself says what it needs: it is of one snapshot whatever the store does meanwhile.
    let copied = Catalogue::open_read_only(copy_path)?;
    let files = copy::files_of(&copied)?;
    let (layout, snapshot) = (copied.layout()?, copied.latest()?.0);
    drop(copied);
    let known: BTreeMap<&str, &Entry> = before
        .into_iter()
        .flat_map(|manifest| &manifest.files)
        .map(|entry| (entry.file.as_str(), entry))
        .collect();
    let is_known = |file: &ToCopy| {
        let entry = known
            .get(file.file.as_str())
            .filter(|entry| entry.bytes == file.bytes)?;
        let there = std::fs::metadata(to.join(&file.file)).ok()?;
        (there.len() == entry.bytes).then(|| Entry::clone(entry))
    };
    let mut report = BackupReport {
        snapshot,
        ..BackupReport::default()
    };
    let mut entries = Vec::new();
    let mut new = Vec::new();
    counter.expect(files.iter().map(|file| file.bytes).sum());
    for file in &files {
        if let Some(entry) = is_known(file) {
            counter.add(entry.bytes)?;
            entries.push(entry);
            continue;
        }
        let target = to.join(&file.file);
        let Some(copied) = copy::copy(&dir.join(&file.file), &target, file.sums.as_ref(), counter)? else {
            if file.is_derived {
                continue;
            }
            return Err(Error::Damaged {
                path: dir.join(&file.file),
            });
        };
        report.copied_files += 1;
        report.copied_bytes += copied.bytes;
        entries.push(entry(file.file.clone(), copied));
        new.push(target);
    }
    let catalogue = entry(name, copy::read_through(copy_path, counter)?);
    report.files = entries.len() as u64 + 1;
    report.bytes = entries.iter().map(|entry| entry.bytes).sum::<u64>() + catalogue.bytes;
    report.copied_files += 1;
    report.copied_bytes += catalogue.bytes;
    new.push(copy_path.to_path_buf());
    let folders = copy::folders_of(to, &new);
    new.extend(folders);
    durable::sync_all(&new)?;
    durable::sync_names(to)?;
    let manifest = Manifest {
        format: FORMAT,
        program: program.to_owned(),
        layout,
        snapshot,
        made: Timestamp::now().to_string(),
        catalogue,
        files: entries,
    };
    Ok((manifest, report))
}

fn entry(file: String, copied: Copied) -> Entry {
    Entry {
        file,
        bytes: copied.bytes,
        sha256: copied.sha256,
    }
}

/// Refuses a folder with anything in it that is not a backup's.
fn refuse_strangers(to: &Path) -> Result<()> {
    if copy::is_vacant(to)? {
        return Ok(());
    }
    for path in entries(to)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_ours = name == DATA_FOLDER || name.starts_with(MANIFEST) || is_catalogue_copy(name);
        if !is_ours {
            return Err(Error::NotVacant {
                dir: to.to_path_buf(),
                wanted: "a new or empty folder, or one that holds only a backup",
            });
        }
    }
    Ok(())
}

fn is_catalogue_copy(name: &str) -> bool {
    name.starts_with(COPY_HEAD)
}

/// Reads what the backup in `dir` holds; `None` where there is no complete one.
pub(crate) fn read_manifest(dir: &Path) -> Result<Option<Manifest>> {
    let path = dir.join(MANIFEST);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", &path)(error)),
    };
    let unusable = |problem: String| Error::Backup {
        dir: dir.to_path_buf(),
        problem,
    };
    let bytes = file.metadata().map_err(Error::io("read", &path))?.len();
    if bytes > MAX_MANIFEST_BYTES {
        return Err(unusable(format!(
            "{MANIFEST} is larger than {MAX_MANIFEST_BYTES} bytes"
        )));
    }
    let mut text = vec![0; usize::try_from(bytes).unwrap_or(0)];
    file.read_exact_at(&mut text, 0).map_err(Error::io("read", &path))?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| unusable(format!("{MANIFEST} is damaged: {error}")))?;
    if manifest.format > FORMAT {
        return Err(Error::Version {
            dir: dir.to_path_buf(),
            found: i64::from(manifest.format),
            known: i64::from(FORMAT),
        });
    }
    let stray = manifest.files.iter().find(|entry| !is_below(&entry.file, DATA_FOLDER));
    if let Some(stray) = stray.or((!is_catalogue_copy(&manifest.catalogue.file)).then_some(&manifest.catalogue)) {
        return Err(unusable(format!(
            "{MANIFEST} names a file that no backup has: {}",
            stray.file
        )));
    }
    Ok(Some(manifest))
}

/// Returns whether a path stays below a folder: it comes from a file that anybody may have written.
fn is_below(file: &str, folder: &str) -> bool {
    let path = Path::new(file);
    path.starts_with(folder)
        && path.components().count() > 1
        && path.components().all(|part| matches!(part, Component::Normal(_)))
}

fn write_manifest(dir: &Path, manifest: &Manifest) -> Result<()> {
    let new = dir.join(NEW_MANIFEST);
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| Error::Backup {
        dir: dir.to_path_buf(),
        problem: error.to_string(),
    })?;
    let mut file = File::create(&new).map_err(Error::io("create", &new))?;
    file.write_all(&text).map_err(Error::io("write", &new))?;
    file.sync_all().map_err(Error::io("sync", &new))?;
    std::fs::rename(&new, dir.join(MANIFEST)).map_err(Error::io("rename", &new))?;
    durable::sync_all(&[dir.to_path_buf()])
}

/// Removes what an earlier backup or an interrupted one left and this one does not name.
fn remove_unneeded(to: &Path, manifest: &Manifest) -> Result<u64> {
    let needed: BTreeSet<PathBuf> = manifest
        .files
        .iter()
        .chain([&manifest.catalogue])
        .map(|entry| to.join(&entry.file))
        .collect();
    let mut removed = 0;
    let mut folders = vec![to.join(DATA_FOLDER)];
    let mut found: Vec<PathBuf> = entries(to)?
        .into_iter()
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(is_catalogue_copy)
        })
        .collect();
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for path in entries(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    for path in found.into_iter().filter(|path| !needed.contains(path)) {
        std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        removed += 1;
    }
    Ok(removed)
}
