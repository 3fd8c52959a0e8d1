//! Taking rows out: Parquet files that any program reads, and the lake as it stands.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sekisho_store::{Error, Exported, ScanRange, Store, TableExport};

use crate::backup::digest;
use crate::duckdb::duckdb;
use crate::kit::{DAY, START, count, files_in, load, open, read, rows};
use crate::verify::{full_store, verify};

fn export(store: &Store, table: &str, range: ScanRange, to: &Path) -> Exported {
    let pinned = store.pinned().unwrap();
    let scan = pinned.scan(table, range).unwrap();
    let mut export = TableExport::new(to, table, scan.schema()).unwrap();
    for batch in scan {
        export.write(&batch.unwrap()).unwrap();
    }
    export.finish().unwrap()
}

#[test]
fn rows_in_range_are_written_as_plain_parquet() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let store = open(&dir.path().join("store"));
    load(&store, "salesforce.ApiEvent", rows(0..100, true));
    let all = export(&store, "salesforce.ApiEvent", ScanRange::default(), &out);
    assert_eq!((all.files, all.rows), (1, 100));
    let file = File::open(out.join("salesforce/ApiEvent/part-00001.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 100);
    let day = ScanRange {
        from: Some(START + DAY),
        to: Some(START + 2 * DAY),
    };
    let some = export(&store, "salesforce.ApiEvent", day, &dir.path().join("day"));
    assert_eq!(some.rows, 22, "rows without a time are not in a range");
    let none = ScanRange {
        from: Some(START + 900 * DAY),
        to: None,
    };
    let nothing = export(&store, "salesforce.ApiEvent", none, &dir.path().join("none"));
    assert_eq!(nothing, Exported::default());
    assert!(!dir.path().join("none").exists());
}

#[test]
fn what_is_loaded_meanwhile_does_not_show() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..10, false));
    let pinned = store.pinned().unwrap();
    load(&store, "a.b", rows(10..20, false));
    load(&store, "a.c", rows(0..5, false));
    assert_eq!(pinned.tables().unwrap(), ["a.b"]);
    let scan = pinned.scan("a.b", ScanRange::default()).unwrap();
    assert_eq!(scan.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 10);
    assert_eq!(count(&store, "a.b"), 20);
}

#[test]
fn a_dropped_export_leaves_no_half_file() {
    let dir = tempfile::tempdir().unwrap();
    let batch = rows(0..10, false);
    let mut export = TableExport::new(dir.path(), "a.b", batch.schema()).unwrap();
    export.write(&batch).unwrap();
    drop(export);
    assert_eq!(files_in(dir.path()), Vec::<String>::new());
    assert!(TableExport::new(dir.path(), "../b", batch.schema()).is_err());
}

#[test]
fn the_exported_lake_opens_in_duckdb_and_is_a_store() {
    let name = "the_exported_lake_opens_in_duckdb_and_is_a_store";
    let dir = tempfile::tempdir().unwrap();
    let (store_dir, lake) = (dir.path().join("store"), dir.path().join("lake"));
    full_store(&store_dir);
    let writer = open(&store_dir);
    let mut on = |_| ControlFlow::Continue(());
    let exported = Store::export_lake(&store_dir, &lake, &mut on).unwrap();
    drop(writer);
    assert!(matches!(
        Store::export_lake(&store_dir, &lake, &mut on),
        Err(Error::NotVacant { .. })
    ));
    let wanted = digest(&store_dir);
    std::fs::remove_dir_all(&store_dir).unwrap();
    if let Some(found) = duckdb(
        name,
        &lake,
        &[],
        "SELECT count(*), count(DISTINCT \"_uid\") FROM lake.salesforce.ApiEvent; SELECT count(*) FROM lake.main.events",
    ) {
        assert_eq!(found.lines().collect::<Vec<_>>(), ["215|215", "20"]);
    }
    let all: u64 = read(&lake).tables().unwrap().iter().map(|stat| stat.events).sum();
    assert_eq!(exported.rows, all);
    assert_eq!(digest(&lake), wanted);
    let report = verify(&lake);
    assert!(report.is_ok(), "{report:#?}");
}
