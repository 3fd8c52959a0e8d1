//! What must be in the store after any fault, from what the child was given and what it acknowledged.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sekisho_store::{Error, Mode, NoKnownTables, Store};

use super::workload::{AGED, FILES, Given, QUARANTINE, checkpoint, deleted, expected};
use crate::digest::canonical;
use crate::kit::{ask, files_in};

/// What one step of one round became.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attempt {
    given: Given,
    is_acknowledged: bool,
}

/// Everything that the children of one store said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Oracle {
    attempts: BTreeMap<(u64, usize), Attempt>,
    pub(crate) slowest_open: Duration,
}

impl Oracle {
    pub(crate) fn begun(&mut self, round: u64, step: usize, given: Given) {
        let fresh = Attempt {
            given,
            is_acknowledged: false,
        };
        let attempt = self.attempts.entry((round, step)).or_insert(fresh);
        let gives_again = attempt.given.fresh.contains_key(AGED);
        // What was deleted and is given once more stays until it is deleted once more.
        for ((of, _), other) in &mut self.attempts {
            if gives_again && *of == round && !other.given.deletes.is_empty() {
                other.is_acknowledged = false;
            }
        }
    }

    pub(crate) fn acknowledged(&mut self, round: u64, step: usize) {
        self.attempts.get_mut(&(round, step)).unwrap().is_acknowledged = true;
    }

    pub(crate) fn acknowledged_count(&self) -> usize {
        self.attempts.values().filter(|attempt| attempt.is_acknowledged).count()
    }

    /// Checks the store as a reader finds it. There may be none while nothing was acknowledged.
    pub(crate) fn check_reading(&self, dir: &Path, what: &str) {
        match Store::open(dir, Mode::ReadOnly, Arc::new(NoKnownTables)) {
            Ok(store) => self.check(&store, what),
            Err(Error::NoStore { .. }) if self.acknowledged_count() == 0 => {}
            Err(error) => panic!("{what}: a reader cannot open it: {error}"),
        }
    }

    /// Checks the store as the next writer finds it, which leaves no file that the catalogue does not know.
    pub(crate) fn check_writing(&mut self, dir: &Path, what: &str) {
        let started = Instant::now();
        let store = Store::open(dir, Mode::ReadWrite, Arc::new(NoKnownTables));
        self.slowest_open = self.slowest_open.max(started.elapsed());
        let store = store.unwrap_or_else(|error| panic!("{what}: a writer cannot open it: {error}"));
        self.check(&store, what);
        drop(store);
        check_files(dir, what);
    }

    fn check(&self, store: &Store, what: &str) {
        let mut found: BTreeMap<String, HashSet<String>> = BTreeMap::new();
        for table in store.tables().unwrap() {
            let mut rows = HashSet::new();
            // A quarantined row's identity is the store's own affair.
            let unseen: &[&str] = if table.name == QUARANTINE { &["_uid"] } else { &[] };
            for batch in store.scan(&table.name, Default::default(), None).unwrap() {
                let batch = batch.unwrap_or_else(|error| panic!("{what}: cannot read {}: {error}", table.name));
                for row in canonical(&batch, unseen) {
                    assert!(!rows.contains(&row), "{what}: doubled in {}: {row}", table.name);
                    rows.insert(row);
                }
            }
            assert_eq!(
                rows.len() as u64,
                table.events,
                "{what}: {} counts otherwise",
                table.name
            );
            found.insert(table.name, rows);
        }
        found.insert(FILES.to_owned(), noted_files(store, what));
        self.check_rows(found, what);
    }

    fn check_rows(&self, mut found: BTreeMap<String, HashSet<String>>, what: &str) {
        let mut known: HashMap<&str, HashSet<String>> = HashMap::new();
        let mut may_be_gone: HashSet<String> = HashSet::new();
        let deletes = self.attempts.values().any(|attempt| !attempt.given.deletes.is_empty());
        for ((round, _), attempt) in &self.attempts {
            // A deletion takes the rows of all rounds.
            for (table, numbers) in deleted(*round) {
                let rows = expected(table, &numbers);
                if attempt.is_acknowledged && !attempt.given.deletes.is_empty() {
                    let stored = found.get(table);
                    let left = rows
                        .iter()
                        .find(|row| stored.is_some_and(|stored| stored.contains(*row)));
                    assert_eq!(left, None, "{what}: deleted and still in {table}");
                }
                may_be_gone.extend(
                    rows.into_iter()
                        .filter(|_| deletes)
                        .map(|row| format!("{table}: {row}")),
                );
            }
        }
        for ((round, step), attempt) in &self.attempts {
            let mut there = 0;
            let mut missing = Vec::new();
            for (table, numbers) in &attempt.given.fresh {
                let rows = expected(table, numbers);
                let stored = found.entry((*table).to_owned()).or_default();
                for row in &rows {
                    let name = format!("{table}: {row}");
                    if may_be_gone.contains(&name) {
                        continue;
                    }
                    if stored.contains(row) {
                        there += 1;
                    } else {
                        missing.push(name);
                    }
                }
                known.entry(table).or_default().extend(rows);
            }
            let case = format!("{what}: round {round}, step {step}");
            let Some(first) = missing.first() else {
                continue;
            };
            let lost = missing.len();
            assert!(there == 0, "{case}: torn: {there} rows are there, {lost} not: {first}");
            assert!(
                !attempt.is_acknowledged,
                "{case}: acknowledged, and {lost} lost: {first}"
            );
        }
        for (table, rows) in found {
            let known = known.remove(table.as_str()).unwrap_or_default();
            for row in rows {
                assert!(known.contains(&row), "{what}: never given to {table}: {row}");
            }
        }
    }
}

/// Returns the names of the loaded files. Each came with the checkpoint of its source.
fn noted_files(store: &Store, what: &str) -> HashSet<String> {
    let names: HashSet<String> = ask(store, "SELECT name FROM sekisho.files")
        .into_iter()
        .flatten()
        .collect();
    for name in &names {
        let expected = checkpoint(name);
        let found = store.checkpoint(&expected.source).unwrap();
        assert_eq!(found, Some(expected), "{what}: torn: {name} without its checkpoint");
    }
    names
}

/// Checks that the catalogue is whole and that the data folder holds its files and no others.
fn check_files(dir: &Path, what: &str) {
    let catalogue = rusqlite::Connection::open(dir.join("catalogue.sqlite")).unwrap();
    let state: String = catalogue
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(state, "ok", "{what}: the catalogue");
    let mut statement = catalogue.prepare("SELECT path FROM ducklake_data_file").unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let segments: BTreeSet<String> = names.map(|name| stem(&name.unwrap())).collect();
    for file in files_in(&dir.join("data")) {
        assert!(segments.contains(&stem(&file)), "{what}: the orphan {file} stays");
    }
}

fn stem(name: &str) -> String {
    Path::new(name).file_stem().unwrap().to_str().unwrap().to_owned()
}
