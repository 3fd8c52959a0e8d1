//! Maintenance beside a server: in its own turn, and only while there is something to do.

use std::sync::Arc;

use sekisho_operation::progress::Stop;
use sekisho_operation::store_care::Background;
use sekisho_operation::tables::CatalogueTables;
use sekisho_store::{Mode, ScanRange, Store};

use crate::kit;

const TABLE: &str = "salesforce_elf.RestApi";

fn open(dir: &tempfile::TempDir, mode: Mode) -> Store {
    Store::open(&kit::data(dir), mode, Arc::new(CatalogueTables)).unwrap()
}

/// Returns the rows of the table and the segments they lie in.
fn rows_and_segments(dir: &tempfile::TempDir) -> (usize, usize) {
    let scan = open(dir, Mode::ReadOnly)
        .scan(TABLE, ScanRange::default(), None)
        .unwrap();
    let segments = scan.segments_left();
    (scan.map(|batch| batch.unwrap().num_rows()).sum(), segments)
}

#[test]
fn it_waits_for_nobody_and_ends_when_all_is_done() {
    let dir = kit::store();
    open(&dir, Mode::ReadWrite).flush().unwrap();
    let file = dir.path().join("late.csv");
    let log = std::fs::read_to_string(dir.path().join(format!("{}.csv", kit::ORGS[0]))).unwrap();
    let (request, later) = (
        format!("{}\",\"R", kit::ORGS[0]),
        format!("{}\",\"late-R", kit::ORGS[0]),
    );
    std::fs::write(&file, log.replace(&request, &later)).unwrap();
    let options = sekisho_operation::inputs::ReadOptions::default();
    sekisho_operation::ingest::ingest(&kit::caller(), &kit::data(&dir), &[file], &options).unwrap();
    open(&dir, Mode::ReadWrite).flush().unwrap();
    let (rows, segments) = rows_and_segments(&dir);
    assert!(segments > 1, "{segments}");

    let mut background = Background::new(&kit::data(&dir), Stop::default());
    let writer = open(&dir, Mode::ReadWrite);
    assert_eq!(background.step().unwrap(), None, "it does not wait for a writer");
    drop(writer);
    let mut merged = 0;
    while let Some(done) = background.step().unwrap() {
        assert!(done.problems.is_empty(), "{done:?}");
        merged += done.merged_segments;
    }
    assert!(merged > 1);
    assert_eq!(rows_and_segments(&dir), (rows, 1));
    assert_eq!(background.step().unwrap(), None, "nothing is left to do");
    let empty = tempfile::tempdir().unwrap();
    let mut nowhere = Background::new(&empty.path().join("none"), Stop::default());
    assert_eq!(nowhere.step().unwrap(), None, "no store is made");
    assert!(!empty.path().join("none").exists());
}
