//! Backups of a store in use, and restoring them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use sekisho_store::{BackupReport, Checkpoint, Error, RestoreReport, Result, Store};
use sha2::{Digest, Sha256};

use crate::kit::{ask, count, files_in, load, open, read, rows};
use crate::verify::{full_store, kept_files, verify};

const PROGRAM: &str = "0.0.0-test";

fn backup(dir: &Path, to: &Path) -> Result<BackupReport> {
    Store::backup(dir, to, PROGRAM, &mut |_| ControlFlow::Continue(()))
}

fn restore(from: &Path, dir: &Path) -> Result<RestoreReport> {
    Store::restore(from, dir, &mut |_| ControlFlow::Continue(()))
}

/// Returns a digest of every table, its rows in any order, of the files, the quarantine and a checkpoint.
pub(crate) fn digest(dir: &Path) -> BTreeMap<String, String> {
    let store = read(dir);
    let mut digests = BTreeMap::new();
    let tables = store.tables().unwrap().into_iter().map(|stat| stat.name);
    for table in tables.chain(["sekisho.files".to_owned()]) {
        let quoted: Vec<String> = table.split('.').map(|part| format!("\"{part}\"")).collect();
        let mut rows = ask(&store, &format!("SELECT * FROM {}", quoted.join(".")));
        rows.sort();
        let mut hash = Sha256::new();
        for row in &rows {
            hash.update(format!("{row:?}\n"));
        }
        digests.insert(table, format!("{} rows, {:x}", rows.len(), hash.finalize()));
    }
    digests.insert(
        "checkpoint".to_owned(),
        format!("{:?}", store.checkpoint("source").unwrap()),
    );
    digests
}

fn with_checkpoint(dir: &Path) {
    let store = open(dir);
    let mut ingest = store.begin().unwrap();
    ingest.append("gitlab.audit_events", rows(100..110, false)).unwrap();
    ingest.checkpoint(Checkpoint {
        source: "source".to_owned(),
        position: "0AT1".to_owned(),
        watermark_us: Some(7),
    });
    ingest.commit().unwrap();
}

#[test]
fn a_backup_of_a_store_in_use_restores_to_the_same_store() {
    let dir = tempfile::tempdir().unwrap();
    let (store_dir, backup_dir, restored) = (dir.path().join("s"), dir.path().join("b"), dir.path().join("r"));
    full_store(&store_dir);
    with_checkpoint(&store_dir);
    let before = digest(&store_dir);
    // A writer and a reader in the middle of their work.
    let writer = open(&store_dir);
    let mut ingest = writer.begin().unwrap();
    ingest.append("salesforce.ApiEvent", rows(1000..1010, false)).unwrap();
    let report = backup(&store_dir, &backup_dir).unwrap();
    assert_eq!(report.copied_files, report.files);
    ingest.commit().unwrap();
    drop(writer);
    let done = restore(&backup_dir, &restored).unwrap();
    assert_eq!(
        (done.snapshot, done.files, done.program.as_str()),
        (report.snapshot, report.files, PROGRAM)
    );
    assert_eq!(digest(&restored), before);
    let check = verify(&restored);
    assert!(
        check.is_ok() && check.unsummed.is_empty() && check.unknown.is_empty(),
        "{check:#?}"
    );
    assert_eq!(
        load(&open(&restored), "salesforce.ApiEvent", rows(0..60, true)),
        (0, 60),
        "identities came along"
    );
}

#[test]
fn a_second_backup_copies_only_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let (store_dir, backup_dir) = (dir.path().join("s"), dir.path().join("b"));
    full_store(&store_dir);
    let first = backup(&store_dir, &backup_dir).unwrap();
    load(&open(&store_dir), "gitlab.audit_events", rows(200..210, false));
    let second = backup(&store_dir, &backup_dir).unwrap();
    assert_eq!(second.copied_files, 3, "rows, identities, catalogue: {second:?}");
    assert_eq!((second.files, second.removed_files), (first.files + 2, 1));
    assert_eq!(files_in(&backup_dir).len() as u64, second.files + 1);
    restore(&backup_dir, &dir.path().join("r")).unwrap();
    assert_eq!(digest(&dir.path().join("r")), digest(&store_dir));
}

#[test]
fn what_was_interrupted_is_no_backup_and_no_store() {
    let dir = tempfile::tempdir().unwrap();
    let (store_dir, backup_dir, restored) = (dir.path().join("s"), dir.path().join("b"), dir.path().join("r"));
    full_store(&store_dir);
    let before = digest(&store_dir);
    let mut calls = 0;
    backup_until(&store_dir, &backup_dir, usize::MAX, &mut calls).unwrap();
    for stop in 0..calls {
        std::fs::remove_dir_all(&backup_dir).unwrap();
        let stopped = backup_until(&store_dir, &backup_dir, stop, &mut 0);
        assert!(matches!(stopped, Err(Error::Stopped)), "{stop}: {stopped:?}");
        assert!(
            matches!(restore(&backup_dir, &restored), Err(Error::Backup { .. })),
            "{stop}"
        );
        assert!(!restored.exists());
    }
    backup(&store_dir, &backup_dir).unwrap();
    // An interrupted second one leaves the first as it is.
    load(&open(&store_dir), "gitlab.audit_events", rows(200..210, false));
    assert!(backup_until(&store_dir, &backup_dir, calls / 2, &mut 0).is_err());
    let mut calls = 0;
    restore_until(&backup_dir, &restored, usize::MAX, &mut calls).unwrap();
    assert_eq!(digest(&restored), before);
    std::fs::remove_dir_all(&restored).unwrap();
    for stop in 0..calls {
        let stopped = restore_until(&backup_dir, &restored, stop, &mut 0);
        assert!(matches!(stopped, Err(Error::Stopped)), "{stop}: {stopped:?}");
        let opened = Store::open(
            &restored,
            sekisho_store::Mode::ReadOnly,
            std::sync::Arc::new(sekisho_store::NoKnownTables),
        );
        assert!(matches!(opened, Err(Error::NoStore { .. })), "{stop}");
    }
    restore(&backup_dir, &restored).unwrap();
    assert_eq!(
        digest(&restored),
        before,
        "a restore that did not end can be begun again"
    );
    assert!(matches!(restore(&backup_dir, &restored), Err(Error::NotVacant { .. })));
}

fn backup_until(dir: &Path, to: &Path, stop: usize, calls: &mut usize) -> Result<BackupReport> {
    Store::backup(dir, to, PROGRAM, &mut |_| stop_at(stop, calls))
}

fn restore_until(from: &Path, dir: &Path, stop: usize, calls: &mut usize) -> Result<RestoreReport> {
    Store::restore(from, dir, &mut |_| stop_at(stop, calls))
}

fn stop_at(stop: usize, calls: &mut usize) -> ControlFlow<()> {
    *calls += 1;
    if *calls > stop {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

#[test]
fn damage_is_neither_backed_up_nor_restored() {
    let dir = tempfile::tempdir().unwrap();
    let (store_dir, backup_dir, restored) = (dir.path().join("s"), dir.path().join("b"), dir.path().join("r"));
    full_store(&store_dir);
    for path in kept_files(&store_dir) {
        let whole = std::fs::read(&path).unwrap();
        let mut hurt = whole.clone();
        hurt[whole.len() / 2] ^= 0x20;
        std::fs::write(&path, hurt).unwrap();
        let refused = backup(&store_dir, &backup_dir);
        assert!(
            matches!(refused, Err(Error::Damaged { .. })),
            "{}: {refused:?}",
            path.display()
        );
        std::fs::write(&path, whole).unwrap();
    }
    backup(&store_dir, &backup_dir).unwrap();
    for path in kept_files(&backup_dir) {
        if path.ends_with("backup.json") {
            continue;
        }
        let whole = std::fs::read(&path).unwrap();
        let mut hurt = whole.clone();
        hurt[whole.len() / 2] ^= 0x20;
        std::fs::write(&path, hurt).unwrap();
        assert!(restore(&backup_dir, &restored).is_err(), "{}", path.display());
        assert!(!restored.exists(), "{}", path.display());
        std::fs::write(&path, whole).unwrap();
    }
}

#[test]
fn hostile_and_foreign_folders_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store_dir, backup_dir) = (dir.path().join("s"), dir.path().join("b"));
    full_store(&store_dir);
    let inside = backup(&store_dir, &store_dir.join("backup"));
    assert!(matches!(inside, Err(Error::NotVacant { .. })), "{inside:?}");
    std::fs::create_dir(&backup_dir).unwrap();
    std::fs::write(backup_dir.join("letters.txt"), b"x").unwrap();
    assert!(matches!(backup(&store_dir, &backup_dir), Err(Error::NotVacant { .. })));
    std::fs::remove_file(backup_dir.join("letters.txt")).unwrap();
    backup(&store_dir, &backup_dir).unwrap();
    let manifest = std::fs::read_to_string(backup_dir.join("backup.json")).unwrap();
    for (from, to) in [
        ("\"file\": \"data/", "\"file\": \"data/../../"),
        ("\"file\": \"data/", "\"file\": \"/data/"),
        ("\"format\": 1", "\"format\": 99"),
        ("{", "["),
    ] {
        std::fs::write(backup_dir.join("backup.json"), manifest.replacen(from, to, 1)).unwrap();
        assert!(restore(&backup_dir, &dir.path().join("r")).is_err(), "{to}");
        assert!(!dir.path().join("r").exists());
    }
    assert_eq!(count(&read(&store_dir), "gitlab.audit_events"), 30);
}
