//! `ingest` over files that come again, loads that are stopped, and loads that are large.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sekisho_event::catalogue::Catalogue;
use serde_json::{Value, json};

use crate::program::Program;
use crate::samples;

const HEADER: &str = "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"ORGANIZATION_ID\",\"USER_ID\",\"URI\",\"CLIENT_IP\",\"USER_AGENT\",\"SESSION_KEY\"\n";

/// The most memory that a load may take, whatever it loads (ARCHITECTURE.md, "The store").
const MAX_MEMORY_KB: u64 = 512 * 1024;

fn is_full() -> bool {
    std::env::var_os("SEKISHO_FULL").is_some()
}

/// Rows of one event type, spread over an hour of a day.
fn rows(ty: &str, hour: u32, numbers: std::ops::Range<usize>) -> String {
    let mut text = HEADER.to_owned();
    for number in numbers {
        let (minute, second) = (number / 60 % 60, number % 60);
        text += &format!(
            "\"{ty}\",\"20251123{hour:02}{minute:02}{second:02}.{:03}\",\"R{number}\",\"00D5g00000AbCdE\",\"0055g{:010}\",\"/services/data/v60.0/query/{number}\",\"198.51.100.{}\",\"agent {}\",\"K{:015}\"\n",
            number % 1000,
            number % 500,
            number % 250,
            number % 40,
            number % 3000
        );
    }
    text
}

fn ingest(program: &Program, exit: i32, files: &[&str]) -> Value {
    let mut call = vec!["ingest", "--format", "json"];
    call.extend(files);
    program.run(&call).exits(exit).json()
}

/// Returns an archive whose members are stored as they are.
fn zip(members: &[(String, String)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in members {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let size = text.len() as u32;
        let mut about: Vec<u8> = Vec::new();
        about.extend(20_u16.to_le_bytes());
        about.extend([0; 8]); // flags, method, time, date
        about.extend(crc.sum().to_le_bytes());
        about.extend(size.to_le_bytes());
        about.extend(size.to_le_bytes());
        about.extend((name.len() as u16).to_le_bytes());
        about.extend([0; 2]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        directory.extend([0; 10]); // comment, disk, attributes
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
    }
    let (start, count) = (out.len() as u32, members.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

#[test]
fn hourly_and_daily_files_are_compared_and_the_difference_is_said() {
    let program = Program::new();
    let hourly = program.file("URI_2025-11-23T07.csv", rows("URI", 7, 0..40));
    let daily = program.file(
        "URI_2025-11-23.csv",
        rows("URI", 7, 3..50) + &rows("URI", 9, 50..52)[HEADER.len()..],
    );
    assert_eq!(ingest(&program, 0, &[&hourly])["reconciled"], json!([]));
    let report = ingest(&program, 0, &[&daily]);
    let mut day = json!({
        "table": "salesforce_elf.URI", "org": "00D5g00000AbCdEAAZ", "day": "2025-11-23",
        "hourly": 40, "daily": 49, "both": 37, "only_hourly": 3, "only_daily": 12, "hours_missing": [9],
    });
    day["org"] = report["reconciled"][0]["org"].clone();
    assert_eq!(report["reconciled"], json!([day]));
    assert_eq!(report["reconciled_count"], 1);
    let listed = program
        .run(&[
            "query",
            "SELECT \"only_in\", \"file\", \"line\" FROM sekisho.differences WHERE only_in = 'hourly' ORDER BY line",
        ])
        .exits(0)
        .lines();
    let places: Vec<Value> = (2..5)
        .map(|line| json!({"only_in": "hourly", "file": hourly, "line": line}))
        .collect();
    assert_eq!(listed, places);
    let files = program
        .run(&[
            "query",
            "SELECT reach, reach_from, reach_by FROM sekisho.files ORDER BY 1",
        ])
        .exits(0)
        .lines();
    assert_eq!(
        files,
        [
            json!({"reach": "day", "reach_from": "2025-11-23T00:00:00Z", "reach_by": "name"}),
            json!({"reach": "hour", "reach_from": "2025-11-23T07:00:00Z", "reach_by": "name"}),
        ]
    );
}

#[test]
fn the_difference_is_said_in_both_languages() {
    for (lang, said) in [
        ("en", "the daily file lacks 3 rows that hourly files had"),
        ("ja", "日次ファイルには、1 時間ごとのファイルにあった 3 行がありません"),
    ] {
        let program = Program::new();
        let hourly = program.file("URI_2025-11-23T07.csv", rows("URI", 7, 0..9));
        let daily = program.file("URI_2025-11-23.csv", rows("URI", 7, 3..9));
        let run = program.run(&["ingest", "--lang", lang, &hourly, &daily]).exits(0);
        assert!(run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn files_that_come_again_count_as_when_they_are_read() {
    let program = Program::new();
    let twice = rows("URI", 7, 0..30) + &rows("URI", 7, 0..5)[HEADER.len()..];
    let plain = program.file("logs/URI_2025-11-23T07.csv", &twice);
    let members = ["Login", "RestApi", "URI"].map(|ty| (format!("{ty}.csv"), rows(ty, 8, 0..20)));
    let archive = program.file("logs/all.zip", zip(&members));
    let broken = program.file(
        "logs/broken.csv",
        samples::REST_API.to_owned() + "\"RestApi\",\"too\",\"short\"\n",
    );
    let first = ingest(&program, 4, &[&plain, &archive, &broken]);
    assert_eq!(first["events"], 30 + 60 + 2);
    assert_eq!(first["duplicates"], 5);
    let again = ingest(&program, 4, &[&plain, &archive, &broken]);
    assert_eq!((&again["events"], &again["duplicates"]), (&json!(0), &json!(97)));
    assert_eq!((&again["files"], &again["rejected"]), (&json!(5), &json!(1)));
    assert_eq!(
        again["problems"], first["problems"],
        "a file with a bad row says so each time"
    );
    let loads = program
        .run(&["query", "SELECT loads, count(*) AS n FROM sekisho.files GROUP BY 1"])
        .exits(0)
        .lines();
    assert_eq!(loads, [json!({"loads": 2, "n": 5})]);
    // Read in another way it is another load: these rows name no org.
    let other = program.file("other/audit.ndjson", samples::GITLAB);
    assert_eq!(ingest(&program, 0, &[&other])["events"], 2);
    assert_eq!(
        ingest(&program, 0, &["--org", "gitlab.example.com", &other])["events"],
        2
    );
    assert_eq!(
        ingest(&program, 0, &["--org", "gitlab.example.com", &other])["duplicates"],
        2
    );
}

/// A load that is held up in the middle by a pipe that nothing comes from.
struct HeldUp {
    program: Program,
    files: Vec<String>,
    child: Child,
}

impl HeldUp {
    fn new() -> Self {
        let program = Program::new();
        let mut files: Vec<String> = (0..3)
            .map(|hour| program.file(&format!("URI_2025-11-23T{hour:02}.csv"), rows("URI", hour, 0..50)))
            .collect();
        let pipe = program.path("pipe.csv");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        files.insert(2, pipe.to_str().unwrap().to_owned());
        let mut call = vec!["ingest", "--format", "json"];
        call.extend(files.iter().map(String::as_str));
        let child = program
            .command(&call)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { program, files, child }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until the program has said that it stops.
    fn is_told(&mut self) {
        let mut err = BufReader::new(self.child.stderr.as_mut().unwrap());
        let mut line = String::new();
        err.read_line(&mut line).unwrap();
        assert!(line.starts_with("stopping"), "{line}");
    }
}

#[test]
fn a_load_that_is_stopped_keeps_what_it_read_and_goes_on_there() {
    for signal in ["-INT", "-TERM"] {
        let mut load = HeldUp::new();
        // Opened once the program reads it: then the two files before have been read.
        let mut pipe = std::fs::OpenOptions::new().write(true).open(&load.files[2]).unwrap();
        let text = rows("URI", 12, 0..4000);
        pipe.write_all(&text.as_bytes()[..1000]).unwrap();
        load.signal(signal);
        load.is_told();
        // The program stops at the first batch and closes its end.
        let _ = pipe.write_all(&text.as_bytes()[1000..]);
        drop(pipe);
        assert_eq!(load.child.wait().unwrap().code(), Some(4));
        let mut out = String::new();
        load.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["stopped"], true);
        assert!(report["events"].as_u64().unwrap() >= 100, "{report}");
        let files = load
            .program
            .run(&["query", "SELECT name FROM sekisho.files ORDER BY 1"])
            .exits(0)
            .lines();
        assert_eq!(
            files.len(),
            2,
            "the file that was being read is not recorded: {files:?}"
        );
        let rest = load.program.file("URI_2025-11-23T12.csv", text);
        let again = ingest(
            &load.program,
            0,
            &[&load.files[0], &load.files[1], &rest, &load.files[3]],
        );
        let count = load
            .program
            .run(&["query", "SELECT count(*) AS n FROM events"])
            .exits(0)
            .lines();
        assert_eq!(count, [json!({"n": 150 + 4000})]);
        let known = report["events"].as_u64().unwrap();
        assert_eq!(again["events"].as_u64().unwrap() + known, 4150);
        assert_eq!(again["duplicates"].as_u64().unwrap(), known);
    }
}

#[test]
fn a_second_interrupt_ends_at_once_and_tears_nothing() {
    let mut load = HeldUp::new();
    let mut pipe = std::fs::OpenOptions::new().write(true).open(&load.files[2]).unwrap();
    pipe.write_all(rows("URI", 12, 0..10).as_bytes()).unwrap();
    load.signal("-INT");
    load.is_told();
    load.signal("-INT");
    let started = Instant::now();
    assert_eq!(load.child.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(pipe);
    let again = ingest(&load.program, 0, &[&load.files[0], &load.files[1], &load.files[3]]);
    assert_eq!(again["events"], 150);
}

#[test]
fn an_archive_of_every_event_type_loads_within_the_memory_bound() {
    let program = Program::new();
    let per_type = if is_full() { 50_000 } else { 3_000 };
    let types = Catalogue::builtin().tables().iter();
    let types = types.filter_map(|table| table.name.strip_prefix("salesforce_elf."));
    let members: Vec<(String, String)> = (0..24)
        .cycle()
        .zip(types.chain(["BrandNew"]))
        .map(|(hour, ty)| (format!("{ty}.csv"), rows(ty, hour, 0..per_type)))
        .collect();
    let types = members.len();
    assert!(types >= 76, "{types}");
    let archive = program.file("all.zip", zip(&members));
    drop(members);
    let mut child = program
        .command(&["ingest", "--format", "json", &archive])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut most_kb = 0;
    while child.try_wait().unwrap().is_none() {
        most_kb = most_kb.max(peak_kb(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["events"], types * per_type);
    assert!(
        most_kb > 0 && most_kb < MAX_MEMORY_KB,
        "the load took {most_kb} kB at its peak"
    );
    let count = program
        .run(&["query", "SELECT count(*) AS n FROM events"])
        .exits(0)
        .lines();
    assert_eq!(count, [json!({"n": types * per_type})]);
}

/// The most memory that a process has had so far; 0 where it is gone.
fn peak_kb(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or_default()
}
