//! Memory does not grow with the input: a generated stream three times as long has the same peak.

use std::io::{BufReader, Read};
use std::process::Command;

use arrow::array::RecordBatch;
use sekisho_decode::{Rejected, Sink, SinkError};

use crate::support::named;

/// Several full batches, and little enough for unoptimised code.
const SHORT_BYTES: u64 = 10 << 20;

/// How many times longer the long stream is.
const LONGER: u64 = 3;

/// The most that many unfinished batches may take: what is kept open, doubled where buffers grow, and the allocator's share.
const MANY_TABLES_KB: u64 = 128 << 10;

/// What the peak may move by chance: the allocator's own habits.
const SLACK_KB: u64 = 6 << 10;

/// A sink that forgets, as a store does once a batch is written.
#[derive(Default)]
struct Forgetful {
    rows: usize,
    rejected: usize,
}

impl Sink for Forgetful {
    fn batch(
        &mut self,
        _: &std::sync::Arc<sekisho_event::catalogue::Table>,
        batch: RecordBatch,
    ) -> Result<(), SinkError> {
        self.rows += batch.num_rows();
        Ok(())
    }

    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError> {
        self.rejected += 1;
        assert!(self.rejected == 1, "{row:?}");
        Ok(())
    }
}

/// A stream of numbered rows, made as it is read.
struct Rows {
    make: fn(u64) -> String,
    next: u64,
    left: u64,
    row: Vec<u8>,
    at: usize,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.row.len() {
            if self.left == 0 {
                return Ok(0);
            }
            self.row = (self.make)(self.next).into_bytes();
            self.left = self.left.saturating_sub(self.row.len() as u64);
            (self.next, self.at) = (self.next + 1, 0);
        }
        let taken = buffer.len().min(self.row.len() - self.at);
        buffer[..taken].copy_from_slice(&self.row[self.at..self.at + taken]);
        self.at += taken;
        Ok(taken)
    }
}

fn csv(number: u64) -> String {
    if number == 0 {
        return "\"EVENT_TYPE\",\"TIMESTAMP\",\"REQUEST_ID\",\"USER_ID\",\"RUN_TIME\",\"URI\",\"CLIENT_IP\",\"UNKNOWN\"\n".to_owned();
    }
    let uri = "x".repeat(200);
    format!(
        "\"RestApi\",\"20251120000000.{:03}\",\"r-{number}\",\"u-{}\",\"{number}\",\"/{uri}/{number}\",\"192.0.2.{}\",\"{number}\"\n",
        number % 1_000,
        number % 500,
        number % 250
    )
}

fn mixed_json(number: u64) -> String {
    let text = "x".repeat(200);
    let event_type = number % 40;
    format!(
        "{{\"EVENT_TYPE\":\"Type{event_type}\",\"TIMESTAMP\":\"20251120000000.000\",\"REQUEST_ID\":\"r-{number}\",\"K{}\":\"{text}\"}}\n",
        number % 7_919
    )
}

fn one_list(number: u64) -> String {
    let row = format!(
        "{{\"EVENT_TYPE\":\"Login\",\"REQUEST_ID\":\"r-{number}\",\"X\":\"{}\"}}",
        "x".repeat(200)
    );
    if number == 0 {
        format!("{{\"totalSize\":1,\"records\":[{row}")
    } else {
        format!(",{row}")
    }
}

fn decode_stream(make: fn(u64) -> String, bytes: u64) -> usize {
    let rows = Rows {
        make,
        next: 0,
        left: bytes,
        row: Vec::new(),
        at: 0,
    };
    let mut sink = Forgetful::default();
    sekisho_decode::decode(&mut BufReader::new(rows), &named("x"), &mut sink).unwrap();
    sink.rows
}

/// Runs alone in a process of its own, started by the test below: a peak is the whole process's.
#[test]
#[ignore = "started by memory_is_flat"]
fn measured_alone() {
    for (name, make, bytes) in [
        ("short", csv as fn(u64) -> String, SHORT_BYTES),
        ("long", csv, LONGER * SHORT_BYTES),
        ("many tables", mixed_json, 2 * SHORT_BYTES),
    ] {
        assert!(decode_stream(make, bytes) > 10_000);
        println!("peak {name}: {}", peak_kb().unwrap());
    }
}

#[test]
fn memory_is_flat() {
    if peak_kb().is_none() {
        println!("skipped: memory_is_flat: the system does not tell a process's peak");
        return;
    }
    let alone = [
        "--exact",
        "memory::measured_alone",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let output = Command::new(std::env::current_exe().unwrap())
        .args(alone)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let peaks: Vec<u64> = text
        .lines()
        .filter_map(|line| line.split_once("peak ")?.1.split_once(": ")?.1.parse().ok())
        .collect();
    // The peak never falls, so the long stream comes after the short one and must not have raised it.
    let [short, long, many_tables] = peaks.as_slice() else {
        panic!("{text}")
    };
    assert!(*long <= short + SLACK_KB, "peak rose from {short} KB to {long} KB");
    assert!(*many_tables <= MANY_TABLES_KB, "peak of {many_tables} KB");
}

#[test]
fn a_list_on_one_line_is_read_row_by_row() {
    assert!(
        decode_stream(one_list, 24 << 20) > 10_000,
        "longer than the longest row, and no row of it is"
    );
}

/// Returns the peak of this process's memory; only Linux tells it in a file.
fn peak_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
