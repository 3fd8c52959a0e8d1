//! However the rows of one org and event type are delivered, in files of any cut, order and name or as a stream, the store
//! holds the same events.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sekisho_event::catalogue::Catalogue;
use sekisho_event::common;
use sekisho_operation::ingest::ingest;
use sekisho_operation::inputs::ReadOptions;
use sekisho_operation::tables::CatalogueTables;
use sekisho_store::{Mode, Store};

use crate::digest::digest;
use crate::kit::caller;

const TABLE: &str = "salesforce_elf.RestApi";

/// The columns of a file, in an order that each file has for itself; one is not in the catalogue.
const COLUMNS: [&str; 9] = [
    "EVENT_TYPE",
    "TIMESTAMP",
    "ORGANIZATION_ID",
    "REQUEST_ID",
    "USER_ID",
    "URI",
    "USER_AGENT",
    "CLIENT_IP",
    "SOMETHING_NEW",
];
const ORG: &str = "00D5g00000AbCdEAAZ";
const DAYS: [u64; 2] = [20, 21];

/// How often rows are delivered anew.
fn cases() -> u64 {
    match std::env::var_os("SEKISHO_FULL") {
        Some(value) if value == "1" => 300,
        _ => 30,
    }
}

#[test]
fn files_of_any_cut_order_and_name_make_one_store() {
    for case in 1..=cases() {
        let mut random = Random(case * 0x9E37_79B9);
        let rows = rows(&mut random);
        let dir = tempfile::tempdir().unwrap();
        let (plain, other) = (dir.path().join("plain"), dir.path().join("other"));
        load(
            &plain,
            &[vec![File::of("all.csv", rows.clone())]],
            dir.path(),
            &mut random,
        );
        let expected = digest(&read(&plain));
        let calls = delivered(&rows, &mut random);
        load(&other, &calls, dir.path(), &mut random);
        assert_eq!(events(&other), rows.len() as u64, "case {case}: {calls:#?}");
        assert_eq!(digest(&read(&other)), expected, "case {case}: {calls:#?}");
        // What is already there changes nothing.
        load(&other, &delivered(&rows, &mut random), dir.path(), &mut random);
        assert_eq!(digest(&read(&other)), expected, "case {case}, again");
    }
}

#[test]
fn a_stream_of_small_commits_makes_the_same_store() {
    for case in 1..=cases() / 5 {
        let mut random = Random(case * 0x85EB_CA6B);
        let rows = rows(&mut random);
        let dir = tempfile::tempdir().unwrap();
        let (plain, streamed) = (dir.path().join("plain"), dir.path().join("streamed"));
        load(&plain, &[vec![File::of("all.csv", rows)]], dir.path(), &mut random);
        stream(&read(&plain), &streamed, &mut random);
        assert_eq!(digest(&read(&streamed)), digest(&read(&plain)), "case {case}");
        // The file after its own stream brings nothing new.
        let before = events(&streamed);
        ingest(
            &caller(),
            &streamed,
            &[dir.path().join("in/all.csv")],
            &ReadOptions::default(),
        )
        .unwrap();
        assert_eq!(events(&streamed), before, "case {case}");
        assert_eq!(
            digest(&read(&streamed)),
            digest(&read(&plain)),
            "case {case}, with the file"
        );
    }
}

#[test]
fn the_digest_tells_events_apart() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random(1);
    let rows = rows(&mut random);
    let stores = ["whole", "less", "changed"].map(|name| dir.path().join(name));
    let mut changed = rows.clone();
    changed[3][6] = "another agent".to_owned();
    let given = [rows.clone(), rows[1..].to_vec(), changed];
    for (store, rows) in stores.iter().zip(given) {
        load(store, &[vec![File::of("all.csv", rows)]], dir.path(), &mut random);
    }
    let digests = stores.map(|store| digest(&read(&store)));
    assert!(digests[0] != digests[1] && digests[0] != digests[2] && digests[1] != digests[2]);
}

type Row = [String; COLUMNS.len()];

/// A file as it is delivered.
#[derive(Debug, Clone)]
struct File {
    name: String,
    rows: Vec<Row>,
}

impl File {
    fn of(name: &str, rows: Vec<Row>) -> Self {
        Self {
            name: name.to_owned(),
            rows,
        }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// Returns the events of two days: some without a time, some that differ in one cell alone.
fn rows(random: &mut Random) -> Vec<Row> {
    let mut rows = Vec::new();
    for number in 0..40 + random.below(40) {
        let (day, hour) = (DAYS[random.below(DAYS.len())], random.below(24));
        let time = match random.below(12) {
            0 => "not a time".to_owned(),
            _ => format!("202511{day:02}{hour:02}{:02}00.{number:03}", random.below(60)),
        };
        let text = |value: &str| value.to_owned();
        rows.push([
            text("RestApi"),
            time,
            text(ORG),
            format!("R{number}"),
            format!("005{:015}", random.below(5)),
            format!("/services/data/v60.0/sobjects/{number}"),
            text(["", "Mozilla/5.0 \"x\"", "経理 バッチ", "=1+1"][random.below(4)]),
            format!("192.0.2.{}", random.below(250)),
            text(["", "", "a, b"][random.below(3)]),
        ]);
        if random.one_in(6) {
            let mut twin: Row = rows[rows.len() - 1].clone();
            twin[7] = text("198.51.100.7");
            rows.push(twin);
        }
    }
    rows
}

/// Returns calls of `ingest` that bring every row at least once: hourly files, late ones, daily ones, split, repeated and
/// renamed.
fn delivered(rows: &[Row], random: &mut Random) -> Vec<Vec<File>> {
    let mut files = Vec::new();
    for day in DAYS {
        let of_day = |row: &Row| row[1].starts_with(&format!("202511{day}"));
        let daily: Vec<Row> = rows.iter().filter(|row| of_day(row)).cloned().collect();
        let has_daily = random.one_in(2);
        if has_daily {
            files.push(File::of(&format!("RestApi_2025-11-{day}.csv"), daily.clone()));
        }
        for hour in 0..24 {
            let head = format!("202511{day}{hour:02}");
            let hourly: Vec<Row> = daily.iter().filter(|row| row[1].starts_with(&head)).cloned().collect();
            if hourly.is_empty() || (has_daily && random.one_in(3)) {
                continue;
            }
            let (late, on_time): (Vec<Row>, Vec<Row>) = hourly.into_iter().partition(|_| random.one_in(5));
            for (sequence, rows) in [on_time, late].into_iter().enumerate() {
                files.push(File::of(
                    &format!("RestApi_2025-11-{day}T{hour:02}_{sequence}.csv"),
                    rows,
                ));
            }
        }
    }
    let undated = rows.iter().filter(|row| row[1] == "not a time").cloned().collect();
    files.push(File::of("rest.csv", undated));
    let mut files: Vec<File> = files.into_iter().flat_map(|file| disguised(file, random)).collect();
    files.retain(|file| !file.rows.is_empty());
    random.shuffle(&mut files);
    let mut calls: Vec<Vec<File>> = Vec::new();
    for (number, mut file) in files.into_iter().enumerate() {
        file.name = format!("{number}/{}", file.name);
        match calls.last_mut() {
            Some(call) if !random.one_in(8) => call.push(file),
            _ => calls.push(vec![file]),
        }
    }
    calls
}

/// Splits, repeats and renames a file.
fn disguised(file: File, random: &mut Random) -> Vec<File> {
    match random.below(6) {
        0 => {
            let cut = random.below(file.rows.len());
            let (head, tail) = file.rows.split_at(cut);
            vec![
                File::of("part-1.csv", head.to_vec()),
                File::of("part-2.csv", tail.to_vec()),
            ]
        }
        1 => vec![file.clone(), File::of("again.csv", file.rows)],
        2 => vec![File::of("export.csv", file.rows)],
        3 => vec![file.clone(), file],
        _ => vec![file],
    }
}

/// Writes the files and loads them, one call after the other. Each file has its rows and columns in an order of its own.
fn load(store: &Path, calls: &[Vec<File>], dir: &Path, random: &mut Random) {
    for call in calls {
        let paths: Vec<PathBuf> = call
            .iter()
            .map(|file| {
                let path = dir.join("in").join(&file.name);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                let mut rows = file.rows.clone();
                random.shuffle(&mut rows);
                std::fs::write(&path, text(&rows, random)).unwrap();
                path
            })
            .collect();
        let report = ingest(&caller(), store, &paths, &ReadOptions::default()).unwrap();
        assert_eq!(report.rejected, 0, "{report:#?}");
    }
}

fn text(rows: &[Row], random: &mut Random) -> String {
    let mut order: Vec<usize> = (0..COLUMNS.len()).collect();
    random.shuffle(&mut order);
    let line = |cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = order
            .iter()
            .map(|at| format!("\"{}\"", cell(*at).replace('"', "\"\"")))
            .collect();
        cells.join(",") + "\n"
    };
    let mut text = line(&|at| COLUMNS[at].to_owned());
    for row in rows {
        text += &line(&|at| row[at].clone());
    }
    text
}

/// Brings the events of one store into another, a few rows a commit, some of them again.
fn stream(from: &Store, to: &Path, random: &mut Random) {
    let table = Catalogue::builtin().table(TABLE).unwrap();
    let store = Store::open(to, Mode::ReadWrite, Arc::new(CatalogueTables)).unwrap();
    for batch in from.scan(TABLE, Default::default(), None).unwrap() {
        let batch = batch.unwrap();
        let mut at = 0;
        while at < batch.num_rows() {
            let rows = (1 + random.below(7)).min(batch.num_rows() - at);
            let mut ingest = store.begin().unwrap();
            let kept = ingest.append(TABLE, batch.slice(at, rows)).unwrap().kept;
            if kept.num_rows() > 0 {
                let events = common::project(table, &kept).unwrap();
                ingest.append_unchecked(common::EVENTS, &events).unwrap();
            }
            ingest.commit().unwrap();
            // Now and then the last rows come once more.
            at += if random.one_in(4) { rows / 2 } else { rows };
        }
    }
}

fn events(dir: &Path) -> u64 {
    let tables = read(dir).tables().unwrap();
    tables
        .iter()
        .find(|table| table.name == TABLE)
        .map_or(0, |table| table.events)
}

fn read(dir: &Path) -> Store {
    Store::open(dir, Mode::ReadOnly, Arc::new(CatalogueTables)).unwrap()
}
