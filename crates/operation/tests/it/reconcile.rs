//! Hourly, late, daily, replaced, repeated, renamed and re-split files: whatever order they come in, the events and the
//! comparison are those that the rows themselves say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use sekisho_event::cells;
use sekisho_operation::ingest::{IngestReport, ingest};
use sekisho_operation::inputs::ReadOptions;
use sekisho_operation::tables::CatalogueTables;
use sekisho_store::{Mode, SqlLimits, Store};

use crate::kit::{caller, data};

const ORG: &str = "00D5g00000AbCdEAAZ";
const HEADER: &str =
    "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"URI\",\"CLIENT_IP\"\n";
const TYPES: [&str; 2] = ["RestApi", "URI"];
const DAYS: [u32; 2] = [23, 24];

/// How often files are shuffled anew.
fn cases() -> u64 {
    if std::env::var_os("SEKISHO_FULL").is_some() {
        200
    } else {
        20
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Row {
    ty: &'static str,
    day: u32,
    hour: u32,
    number: u32,
}

impl Row {
    fn line(&self) -> String {
        let Self { ty, day, hour, number } = self;
        let minute = number % 60;
        format!(
            "\"{ty}\",\"202511{day:02}{hour:02}{minute:02}00.{number:03}\",\"R{number}\",\"{ORG}\",\"005{number:015}\",\"/x/{number}\",\"192.0.2.{}\"\n",
            number % 250
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Hourly,
    Daily,
}

#[derive(Debug, Clone)]
struct File {
    name: String,
    kind: Kind,
    rows: Vec<Row>,
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
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

/// What Salesforce delivers of some hours of two days: not every row in both kinds of file.
fn files(random: &mut Random) -> Vec<File> {
    let mut files = Vec::new();
    let mut number = 0;
    for ty in TYPES {
        for day in DAYS {
            let (mut daily, mut replaced) = (Vec::new(), Vec::new());
            for hour in [3, 9, 17] {
                let (mut hourly, mut late) = (Vec::new(), Vec::new());
                for _ in 0..4 + random.below(6) {
                    number += 1;
                    let row = Row { ty, day, hour, number };
                    match random.below(8) {
                        0 => hourly.push(row),
                        1 => late.push(row),
                        2 => replaced.push(row),
                        3 => {
                            late.push(row);
                            daily.push(row);
                            replaced.push(row);
                        }
                        _ => {
                            hourly.push(row);
                            daily.push(row);
                            replaced.push(row);
                        }
                    }
                }
                // An hour may have no file, and a late file may bring rows again.
                if random.one_in(4) {
                    continue;
                }
                late.extend(hourly.iter().take(random.below(2)));
                let hourly_name = format!("{ty}_2025-11-{day}T{hour:02}.csv");
                files.push(File {
                    name: hourly_name,
                    kind: Kind::Hourly,
                    rows: hourly,
                });
                files.push(File {
                    name: format!("{ty}_2025-11-{day}T{hour:02}_2.csv"),
                    kind: Kind::Hourly,
                    rows: late,
                });
            }
            let name = format!("{ty}_2025-11-{day}.csv");
            for (folder, rows) in [("first", daily), ("then", replaced)] {
                files.push(File {
                    name: format!("{folder}/{name}"),
                    kind: Kind::Daily,
                    rows,
                });
            }
        }
    }
    files.retain(|file| !file.rows.is_empty());
    files
}

/// Repeats, renames and splits files: the rows of each kind stay the same.
fn disguised(files: &[File], random: &mut Random) -> Vec<File> {
    let mut out = Vec::new();
    for file in files {
        let hours: BTreeSet<u32> = file.rows.iter().map(|row| row.hour).collect();
        // Without a date in its name a file shows what it is only by rows of one hour, or of several.
        let is_told_by_rows = (hours.len() == 1) == (file.kind == Kind::Hourly);
        match random.below(6) {
            0 if is_told_by_rows => out.push(File {
                name: "export.csv".to_owned(),
                ..file.clone()
            }),
            1 if file.kind == Kind::Daily => {
                let cut = random.below(file.rows.len());
                for (part, rows) in [&file.rows[..cut], &file.rows[cut..]].into_iter().enumerate() {
                    let name = file.name.replace(".csv", &format!("_part{part}.csv"));
                    let kind = file.kind;
                    let rows = rows.to_vec();
                    out.push(File { name, kind, rows });
                }
            }
            2 => {
                let mut again = file.clone();
                again.name = format!("again/{}", file.name);
                random.shuffle(&mut again.rows);
                out.extend([file.clone(), again]);
            }
            3 => out.extend([file.clone(), file.clone()]),
            _ => out.push(file.clone()),
        }
    }
    out.retain(|file| !file.rows.is_empty());
    random.shuffle(&mut out);
    out
}

/// Loads the files in their order, several at once where their names allow it.
fn load(dir: &tempfile::TempDir, files: &[File], random: &mut Random) -> Vec<IngestReport> {
    let folder = dir.path().join("in");
    let options = ReadOptions {
        below: Some(folder.clone()),
        ..ReadOptions::default()
    };
    let mut reports = Vec::new();
    let mut at = 0;
    while at < files.len() {
        let mut paths = Vec::new();
        let end = (at + 1 + random.below(20)).min(files.len());
        while at < end {
            let path = folder.join(&files[at].name);
            if paths.contains(&path) {
                break;
            }
            let rows: String = files[at].rows.iter().map(Row::line).collect();
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
            paths.push(path);
            at += 1;
        }
        reports.push(ingest(&caller(), &data(dir), &paths, &options).unwrap());
    }
    reports
}

fn ask(data_dir: &Path, sql: &str) -> Vec<Vec<String>> {
    let store = Store::open(data_dir, Mode::ReadOnly, Arc::new(CatalogueTables)).unwrap();
    let mut rows = Vec::new();
    for batch in store.sql(sql, SqlLimits::default()).unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter();
            rows.push(
                cells
                    .map(|column| cells::text(column, row).unwrap_or_default().into_owned())
                    .collect(),
            );
        }
    }
    rows
}

type Expected = BTreeMap<(String, u32), (Vec<String>, BTreeSet<(String, String)>)>;

/// What the rows themselves say: for each table and day the counts, the hours without hourly file, and the differences.
fn expected(files: &[File]) -> Expected {
    let mut all = BTreeMap::new();
    for ty in TYPES {
        for day in DAYS {
            let of = |kind: Kind| -> BTreeSet<Row> {
                let files = files.iter().filter(|file| file.kind == kind);
                files
                    .flat_map(|file| file.rows.iter().copied())
                    .filter(|row| row.ty == ty && row.day == day)
                    .collect()
            };
            let (hourly, daily) = (of(Kind::Hourly), of(Kind::Daily));
            if hourly.is_empty() || daily.is_empty() {
                continue;
            }
            let covered: BTreeSet<u32> = hourly.iter().map(|row| row.hour).collect();
            let missing: BTreeSet<u32> = daily
                .iter()
                .map(|row| row.hour)
                .filter(|hour| !covered.contains(hour))
                .collect();
            let missing: Vec<String> = missing.iter().map(u32::to_string).collect();
            let only = |a: &BTreeSet<Row>, b: &BTreeSet<Row>, side: &str| -> Vec<(String, String)> {
                a.difference(b)
                    .map(|row| (side.to_owned(), format!("R{}", row.number)))
                    .collect()
            };
            let (only_hourly, only_daily) = (only(&hourly, &daily, "hourly"), only(&daily, &hourly, "daily"));
            let both = hourly.intersection(&daily).count();
            let mut counts: Vec<String> = [hourly.len(), daily.len(), both, only_hourly.len(), only_daily.len()]
                .iter()
                .map(usize::to_string)
                .collect();
            counts.push(missing.join(","));
            let differences = only_hourly.into_iter().chain(only_daily).collect();
            all.insert((format!("salesforce_elf.{ty}"), day), (counts, differences));
        }
    }
    all
}

fn check(data_dir: &Path, files: &[File], case: &str) {
    let rows: BTreeSet<Row> = files.iter().flat_map(|file| file.rows.iter().copied()).collect();
    let stored = ask(data_dir, "SELECT count(*), count(DISTINCT event_uid) FROM events");
    let count = rows.len().to_string();
    assert_eq!(stored, [[count.clone(), count]], "{case}");
    let wanted = expected(files);
    let compared = ask(
        data_dir,
        "SELECT \"table\", CAST(date_part('day', day) AS BIGINT), hourly, daily, \"both\", only_hourly, only_daily, hours_missing
         FROM sekisho.reconciliation WHERE superseded IS NULL ORDER BY 1, 2",
    );
    let of_wanted: Vec<Vec<String>> = wanted
        .iter()
        .map(|((table, day), (counts, _))| [vec![table.clone(), day.to_string()], counts.clone()].concat())
        .collect();
    assert_eq!(compared, of_wanted, "{case}");
    for ((table, day), (_, differences)) in wanted {
        let listed = ask(
            data_dir,
            &format!(
                "SELECT d.only_in, t.\"REQUEST_ID\", d.file FROM sekisho.differences d JOIN {table} t ON t._uid = d.uid
                 WHERE d.\"table\" = '{table}' AND date_part('day', d.day) = {day}"
            ),
        );
        assert!(listed.iter().all(|row| row[2].ends_with(".csv")), "{case}: {listed:?}");
        let listed: BTreeSet<(String, String)> =
            listed.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
        assert_eq!(listed, differences, "{case}: {table} {day}");
    }
}

#[test]
fn every_order_of_files_gives_one_store_and_one_comparison() {
    for case in 0..cases() {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (case + 1).wrapping_mul(0x2545_F491_4F6C_DD1D));
        let files = files(&mut random);
        let disguised = disguised(&files, &mut random);
        let dir = tempfile::tempdir().unwrap();
        let reports = load(&dir, &disguised, &mut random);
        let names: Vec<&str> = disguised.iter().map(|file| file.name.as_str()).collect();
        let events: u64 = reports.iter().map(|report| report.events).sum();
        let rows: BTreeSet<Row> = files.iter().flat_map(|file| file.rows.iter().copied()).collect();
        assert_eq!(events as usize, rows.len(), "case {case}: {names:?}");
        let read: u64 = reports.iter().map(|report| report.events + report.duplicates).sum();
        let given: usize = disguised.iter().map(|file| file.rows.len()).sum();
        assert_eq!(read as usize, given, "case {case}: {names:?}");
        check(&data(&dir), &disguised, &format!("case {case}: {names:?}"));
    }
}

#[test]
fn a_superseded_comparison_stays_with_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let row = |number| Row {
        ty: "RestApi",
        day: 23,
        hour: 7,
        number,
    };
    let file = |name: &str, kind, numbers: std::ops::Range<u32>| File {
        name: name.to_owned(),
        kind,
        rows: numbers.map(row).collect(),
    };
    let files = [
        file("RestApi_2025-11-23T07.csv", Kind::Hourly, 0..5),
        file("RestApi_2025-11-23.csv", Kind::Daily, 2..5),
        file("new/RestApi_2025-11-23.csv", Kind::Daily, 1..6),
    ];
    let mut random = Random(1);
    let reports: Vec<IngestReport> = files
        .iter()
        .flat_map(|file| load(&dir, std::slice::from_ref(file), &mut random))
        .collect();
    assert!(reports[0].reconciled.is_empty());
    let told = |report: &IngestReport| {
        let day = &report.reconciled[0];
        (
            day.day.clone(),
            day.hourly,
            day.daily,
            day.both,
            day.only_hourly,
            day.only_daily,
        )
    };
    assert_eq!(told(&reports[1]), ("2025-11-23".to_owned(), 5, 3, 3, 2, 0));
    assert_eq!(told(&reports[2]), ("2025-11-23".to_owned(), 5, 5, 4, 1, 1));
    let kept = ask(
        &data(&dir),
        "SELECT only_hourly, only_daily, superseded IS NULL FROM sekisho.reconciliation ORDER BY made",
    );
    assert_eq!(kept, [["2", "0", "false"], ["1", "1", "true"]]);
    let deliveries = ask(
        &data(&dir),
        "SELECT \"_file\", count(*) FROM sekisho.deliveries GROUP BY 1 ORDER BY 1",
    );
    assert_eq!(
        deliveries,
        [["RestApi_2025-11-23.csv", "3"], ["new/RestApi_2025-11-23.csv", "4"]]
    );
    // The same files again bring nothing, and change nothing.
    let again = load(&dir, &files, &mut random);
    assert!(
        again
            .iter()
            .all(|report| report.events == 0 && report.reconciled.is_empty())
    );
    let kept_then = ask(&data(&dir), "SELECT count(*) FROM sekisho.reconciliation");
    let delivered = ask(&data(&dir), "SELECT count(*) FROM sekisho.deliveries");
    assert_eq!(
        (kept_then, delivered),
        (vec![vec!["2".to_owned()]], vec![vec!["7".to_owned()]])
    );
}

#[test]
fn a_file_over_several_days_is_said_to_be_neither() {
    let dir = tempfile::tempdir().unwrap();
    let rows = DAYS.map(|day| Row {
        ty: "URI",
        day,
        hour: 1,
        number: day,
    });
    let file = File {
        name: "export.csv".to_owned(),
        kind: Kind::Daily,
        rows: rows.to_vec(),
    };
    let reports = load(&dir, &[file], &mut Random(1));
    assert_eq!(reports[0].unplaced, ["export.csv"]);
    assert_eq!(ask(&data(&dir), "SELECT reach FROM sekisho.files"), [[String::new()]]);
}

#[test]
fn the_platforms_list_says_what_files_named_by_their_ids_cover() {
    let list = "{\"attributes\":{\"type\":\"EventLogFile\"},\"Id\":\"0AT5g00000000abGAA\",\"EventType\":\"URI\",\"Interval\":\"Daily\",\"Sequence\":0,\"LogDate\":\"2025-11-23T00:00:00.000+0000\",\"LogFileLength\":10.0}\n";
    let row = |number| Row {
        ty: "URI",
        day: 23,
        hour: 7,
        number,
    };
    let file = |name: &str, numbers: std::ops::Range<u32>| File {
        name: name.to_owned(),
        kind: Kind::Hourly,
        rows: numbers.map(row).collect(),
    };
    let files = [file("URI_2025-11-23T07.csv", 0..5), file("0AT5g00000000ab.csv", 2..6)];
    for is_list_first in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list.json");
        std::fs::write(&path, list).unwrap();
        let list = || ingest(&caller(), &data(&dir), &[path], &ReadOptions::default()).unwrap();
        let mut report = IngestReport::default();
        if is_list_first {
            assert_eq!(list().events, 1);
            report = load(&dir, &files, &mut Random(1)).pop().unwrap_or(report);
        } else {
            // Its rows are all of one hour: without the list it would be taken for an hourly file.
            let before = load(&dir, &files, &mut Random(1));
            assert!(before.iter().all(|report| report.reconciled.is_empty()));
            report = list();
        }
        let day = &report.reconciled[0];
        assert_eq!((day.both, day.only_hourly, day.only_daily), (3, 2, 1));
    }
}
