//! The check of the store: what is hurt is found and named, and the rest stays readable.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sekisho_store::{DamageKind, DamagedPart, Error, FileRecord, Progress, QuarantineRow, Store, VerifyReport};

use crate::kit::{ask, count, load, open, read, rows, stream};

/// Flips in every run; another test of the same kind does many more in the full tier.
const FLIPS: u64 = 200;

pub(crate) fn verify(dir: &Path) -> VerifyReport {
    Store::verify(dir, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Makes a store with everything in it: several tables, loads and columns, quarantine, files, tables without identities.
pub(crate) fn full_store(dir: &Path) {
    let store = open(dir);
    for round in 0..4 {
        load(&store, "salesforce.ApiEvent", rows(round * 50..round * 50 + 60, true));
    }
    load(&store, "gitlab.audit_events", rows(0..30, false));
    // Small loads whose rows the catalogue keeps.
    stream(&store, "salesforce.UriEvent", rows(0..15, false));
    stream(&store, "salesforce.ApiEvent", rows(300..305, false));
    let mut ingest = store.begin().unwrap();
    ingest.write_segments().unwrap();
    ingest.append("salesforce.LoginEvent", rows(0..20, false)).unwrap();
    ingest.append_unchecked("events", &rows(0..20, false)).unwrap();
    ingest.note_file(FileRecord {
        name: "a.csv".into(),
        sha256: "ab".repeat(32),
        bytes: 10,
        kind: "salesforce-elf".into(),
        events: 20,
        duplicates: 0,
        rejected: 1,
    });
    let bad = QuarantineRow {
        org: "00D000000000001",
        file: "a.csv",
        line: 21,
        reason: "the row has 3 columns, the header 2",
        excerpt: "x,y,z",
    };
    ingest.quarantine(&bad).unwrap();
    ingest.commit().unwrap();
}

/// Returns the files that hold what the store keeps; locks and the index of SQLite's log hold nothing.
pub(crate) fn kept_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name != "writer.lock" && !name.ends_with("-shm") && path.metadata().unwrap().len() > 0 {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_whole_store_is_whole_also_while_it_is_open() {
    let dir = tempfile::tempdir().unwrap();
    full_store(dir.path());
    let report = verify(dir.path());
    assert!(report.is_ok(), "{report:#?}");
    assert_eq!((report.unsummed.len(), report.unknown.len()), (0, 0), "{report:#?}");
    assert_eq!(
        report.files as usize,
        kept_files(dir.path()).len() - 1,
        "all but the checksums themselves"
    );
    let store = open(dir.path());
    load(&store, "salesforce.ApiEvent", rows(500..510, false));
    let report = verify(dir.path());
    assert!(report.is_ok() && report.unsummed.is_empty(), "with a log: {report:#?}");
    assert_eq!(count(&store, "salesforce.ApiEvent"), 225);
}

#[test]
fn any_flipped_byte_is_found_and_named() {
    let dir = tempfile::tempdir().unwrap();
    full_store(dir.path());
    let files = kept_files(dir.path());
    let names: Vec<&str> = files
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    for name in ["catalogue.sqlite", "catalogue.sums"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for flip in 0..FLIPS {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let path = &files[flip as usize % files.len()];
        let whole = std::fs::read(path).unwrap();
        let at = (state >> 16) as usize % whole.len();
        let mut hurt = whole.clone();
        hurt[at] ^= 1 << (state % 8);
        std::fs::write(path, &hurt).unwrap();
        let report = verify(dir.path());
        std::fs::write(path, &whole).unwrap();
        let name = path.strip_prefix(dir.path()).unwrap().to_str().unwrap();
        let found = report
            .damage
            .iter()
            .any(|damage| damage.file == name && damage.from_byte <= at as u64 && (at as u64) < damage.to_byte);
        assert!(found, "{name}, byte {at}: {report:#?}");
    }
    assert!(verify(dir.path()).is_ok());
}

#[test]
fn damage_names_rows_columns_and_times_and_the_rest_stays_readable() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    // More than one block, so that the footer is not in the hurt one.
    load(&store, "salesforce.ApiEvent", rows(0..30_000, false));
    load(&store, "gitlab.audit_events", rows(0..30, false));
    drop(store);
    let segment = kept_files(dir.path())
        .into_iter()
        .find(|path| path.to_str().unwrap().contains("ApiEvent") && path.extension().unwrap() == "parquet")
        .unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    assert!(bytes.len() > 200_000, "{}", bytes.len());
    // The head of the first page, without which its column cannot be decoded.
    bytes[4..40].fill(0xAA);
    std::fs::write(&segment, &bytes).unwrap();
    let report = verify(dir.path());
    let [damage] = &report.damage[..] else {
        panic!("{report:#?}")
    };
    assert_eq!((damage.from_byte, damage.to_byte), (0, 65_536));
    assert_eq!((damage.part, damage.what), (DamagedPart::Rows, DamageKind::Checksum));
    assert_eq!(damage.table.as_deref(), Some("salesforce.ApiEvent"));
    assert_eq!(damage.rows, Some((0, 30_000)));
    assert_eq!(damage.columns, ["_uid"]);
    assert_eq!(damage.times.map(|times| times.0), Some(crate::kit::START));
    let store = read(dir.path());
    let error = store
        .scan("salesforce.ApiEvent", Default::default(), None)
        .unwrap()
        .find_map(Result::err)
        .unwrap();
    assert!(error.to_string().contains("sekisho store verify"), "{error}");
    assert!(error.to_string().contains(".parquet"), "{error}");
    let hurt = "SELECT count(DISTINCT \"_uid\") FROM salesforce.\"ApiEvent\"";
    let failed = store
        .sql(hurt, Default::default())
        .and_then(|rows| rows.collect::<Result<Vec<_>, _>>());
    assert!(matches!(&failed, Err(Error::SqlUnreadable { .. })), "{failed:?}");
    assert_eq!(ask(&store, "SELECT count(\"ROWS\") FROM gitlab.audit_events"), [["30"]]);
    let others = store
        .scan("salesforce.ApiEvent", Default::default(), Some(&["ROWS"]))
        .unwrap();
    assert_eq!(
        others.map(|batch| batch.unwrap().num_rows()).sum::<usize>(),
        30_000,
        "other columns are whole"
    );
}

#[test]
fn damage_to_the_catalogue_does_not_become_right_by_writing_over_it() {
    let dir = tempfile::tempdir().unwrap();
    full_store(dir.path());
    let path = dir.path().join("catalogue.sqlite");
    let whole = std::fs::read(&path).unwrap();
    let mut hurt = whole.clone();
    // The time of a snapshot, which nothing else in the catalogue repeats: SQLite finds nothing wrong with it.
    let times: Vec<usize> = (0..whole.len() - 3)
        .filter(|at| &whole[*at..at + 3] == b"+00")
        .collect();
    assert!(times.len() > 3);
    for at in times {
        hurt[at + 1] = b'1';
    }
    std::fs::write(&path, &hurt).unwrap();
    let pages = |report: &VerifyReport| {
        let damaged = report.damage.iter().filter(|damage| damage.file == "catalogue.sqlite");
        damaged
            .map(|damage| (damage.to_byte - damage.from_byte) / 4096)
            .sum::<u64>()
    };
    let before = pages(&verify(dir.path()));
    assert!(before > 1);
    for round in 0..3 {
        load(
            &open(dir.path()),
            "salesforce.ApiEvent",
            rows(2000 + round * 10..2010 + round * 10, false),
        );
        assert_eq!(pages(&verify(dir.path())), before, "round {round}");
    }
    let report = Store::repair(dir.path(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.after.is_ok(), "somebody looked and accepts it: {report:#?}");
}

#[test]
fn missing_short_long_and_unknown_files_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    full_store(dir.path());
    let of = |table: &str, end: &str| {
        let files = kept_files(dir.path()).into_iter();
        let mut found = files.filter(|path| {
            path.to_str().unwrap().contains(table) && path.extension().is_some_and(|extension| extension == end)
        });
        found.next().unwrap()
    };
    let (gone, short, long) = (
        of("audit_events", "parquet"),
        of("LoginEvent", "parquet"),
        of("ApiEvent", "uids"),
    );
    std::fs::remove_file(&gone).unwrap();
    let bytes = std::fs::read(&short).unwrap();
    std::fs::write(&short, &bytes[..bytes.len() - 7]).unwrap();
    let mut bytes = std::fs::read(&long).unwrap();
    bytes.push(0);
    std::fs::write(&long, bytes).unwrap();
    std::fs::write(dir.path().join("data/note.txt"), b"x").unwrap();
    let report = verify(dir.path());
    assert!(!report.is_ok());
    assert_eq!(report.missing.len(), 1, "{report:#?}");
    assert!(gone.ends_with(&report.missing[0]));
    assert_eq!(report.unknown, ["data/note.txt"]);
    let lengths: Vec<_> = report.damage.iter().map(|damage| (damage.part, damage.what)).collect();
    assert_eq!(lengths.len(), 2, "{report:#?}");
    assert!(lengths.contains(&(DamagedPart::Rows, DamageKind::Length)));
    assert!(lengths.contains(&(DamagedPart::Identities, DamageKind::Length)));
}

#[test]
fn identities_that_were_made_anew_are_compared_with_the_rows() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut ingest = store.begin().unwrap();
    ingest.write_segments().unwrap();
    ingest.append_unchecked("events_like.t", &rows(0..50, false)).unwrap();
    ingest.commit().unwrap();
    assert_eq!(load(&store, "events_like.t", rows(0..50, false)), (0, 50));
    drop(store);
    let report = verify(dir.path());
    assert!(report.is_ok(), "{report:#?}");
    let [uids] = &report.unsummed[..] else {
        panic!("{report:#?}")
    };
    let path = dir.path().join(uids);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let report = verify(dir.path());
    assert_eq!(report.damage.len(), 1, "{report:#?}");
    assert_eq!(report.damage[0].part, DamagedPart::Identities);
}

#[test]
fn the_check_says_how_far_it_is_and_can_be_stopped() {
    let dir = tempfile::tempdir().unwrap();
    full_store(dir.path());
    let mut seen: Vec<Progress> = Vec::new();
    Store::verify(dir.path(), &mut |progress| {
        seen.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(seen.is_sorted_by_key(|progress| progress.done_bytes));
    assert!(seen.iter().all(|progress| progress.done_bytes <= progress.total_bytes));
    let stopped = Store::verify(dir.path(), &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(Error::Stopped)));
    let nothing = tempfile::tempdir().unwrap();
    let missing = Store::verify(nothing.path(), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(missing, Err(Error::NoStore { .. })));
}
