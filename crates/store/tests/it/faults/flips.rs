//! Flipped bits in a store at rest: each is found and named, and what it did not touch stays readable.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sekisho_store::{Store, VerifyReport};

use super::workload::fill;
use super::{Random, in_parallel, scaled};
use crate::digest::canonical;
use crate::kit::read;

/// Stores, each with its own share of the flips, so that two are worked on at a time.
const STORES: u64 = 2;

/// Every so many flips all other tables are read, which takes longer than the check.
const READ_EVERY: u64 = 20;

#[test]
fn random_bit_flips_are_found_and_named() {
    let flips = scaled(1_000, 10_000) / STORES;
    let found: u64 = in_parallel((0..STORES).collect(), |seed| flip(seed, flips))
        .into_iter()
        .sum();
    println!("{found} flips found");
    assert_eq!(found, flips * STORES);
}

/// Does `flips` one after the other to a new store, mending each, and returns how many were found.
fn flip(seed: u64, flips: u64) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), 0..2);
    let whole = rows(dir.path(), None);
    let report = verify(dir.path());
    assert!(report.is_ok(), "before any flip: {report:#?}");
    let files = kept_files(dir.path());
    let mut random = Random(seed);
    for number in 0..flips {
        // Every file in turn, since the small ones would seldom be met by chance.
        let path = &files[number as usize % files.len()];
        let name = path.strip_prefix(dir.path()).unwrap().to_str().unwrap();
        let at = random.below(path.metadata().unwrap().len());
        let bit = random.below(8);
        invert(path, at, bit);
        let what = format!("store {seed}, bit {bit} of byte {at} of {name}");
        let report = verify(dir.path());
        let is_named = report
            .damage
            .iter()
            .any(|damage| damage.file == name && damage.from_byte <= at && at < damage.to_byte);
        assert!(is_named, "{what}: {report:#?}");
        if number % READ_EVERY == 0 && name.starts_with("data/") {
            let hurt = table_of(name);
            let others: BTreeMap<_, _> = whole.iter().filter(|(table, _)| **table != hurt).collect();
            let found = rows(dir.path(), Some(&hurt));
            assert_eq!(found.iter().collect::<BTreeMap<_, _>>(), others, "{what}");
        }
        invert(path, at, bit);
    }
    assert!(verify(dir.path()).is_ok(), "after all flips");
    flips
}

fn verify(dir: &Path) -> VerifyReport {
    Store::verify(dir, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn invert(path: &Path, at: u64, bit: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1 << bit], at).unwrap();
}

/// Returns the rows of every table but `without`, sorted.
fn rows(dir: &Path, without: Option<&str>) -> BTreeMap<String, Vec<String>> {
    let store = read(dir);
    let tables = store.tables().unwrap().into_iter().map(|table| table.name);
    tables
        .filter(|table| Some(table.as_str()) != without)
        .map(|table| {
            let batches = store.scan(&table, Default::default(), None).unwrap();
            let mut rows: Vec<String> = batches.flat_map(|batch| canonical(&batch.unwrap(), &[])).collect();
            rows.sort_unstable();
            (table, rows)
        })
        .collect()
}

/// Returns the table that a file of the data folder belongs to.
fn table_of(name: &str) -> String {
    let mut folders = name.split('/').skip(1);
    match (folders.next().unwrap(), folders.next().unwrap()) {
        ("main", table) => table.to_owned(),
        (schema, table) => format!("{schema}.{table}"),
    }
}

/// Returns the files that hold what the store keeps; locks and the index of SQLite's log hold nothing.
fn kept_files(dir: &Path) -> Vec<PathBuf> {
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
