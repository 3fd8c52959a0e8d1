//! Many queries at once stay within what their process may use. A process of its own runs them, since memory is counted by
//! the process.

use std::process::Command;
use std::time::Duration;

use arrow::array::RecordBatch;
use sekisho_store::{Error, SqlLimits, sql_memory, sql_over_batches};

/// Says that this process is the one that runs the queries.
const VARIABLE: &str = "SEKISHO_TEST_TOGETHER";

const QUERIES: usize = 8;

/// What all of them may hold; each alone needs half of it or more.
const TOGETHER_BYTES: usize = 48 * 1024 * 1024;

/// What the process took beyond it at most, for code, threads and batches on their way: measured 110 MB, unoptimised.
const BESIDE_BYTES: u64 = 256 * 1024 * 1024;

#[test]
fn many_heavy_queries_stay_within_one_bound() {
    if std::env::var_os(VARIABLE).is_some() {
        return run();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "together::many_heavy_queries_stay_within_one_bound",
            "--nocapture",
        ])
        .env(VARIABLE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let peak = said
        .lines()
        .find_map(|line| line.strip_prefix("peak_bytes=")?.parse::<u64>().ok());
    let peak = peak.unwrap_or_else(|| panic!("no peak in {said}"));
    assert!(
        peak < TOGETHER_BYTES as u64 + BESIDE_BYTES,
        "the peak was {peak} bytes\n{said}"
    );
}

fn run() {
    sql_memory::limit_together(TOGETHER_BYTES);
    let asking = || std::thread::spawn(heavy);
    let threads: Vec<_> = (0..QUERIES).map(|_| asking()).collect();
    let mut right = 0;
    for thread in threads {
        match thread.join().unwrap() {
            Ok(rows) => {
                assert_eq!(rows, 200_000);
                right += 1;
            }
            Err(Error::SqlCrowded { max_bytes, .. }) => assert_eq!(max_bytes, TOGETHER_BYTES),
            Err(other) => panic!("{other}"),
        }
    }
    println!("\n{right} of {QUERIES} were answered\npeak_bytes={}", peak_bytes());
    // Whatever was held is given back.
    assert_eq!(heavy().unwrap(), 200_000);
}

/// Groups so many texts that they take some 40 MB.
fn heavy() -> Result<usize, Error> {
    let limits = SqlLimits {
        max_memory_bytes: TOGETHER_BYTES,
        timeout: Duration::from_secs(280),
        ..SqlLimits::default()
    };
    let sql = "SELECT k, count(*) FROM (SELECT 'a text to be grouped by, number ' || value AS k \
               FROM generate_series(1, 200000)) GROUP BY k";
    let batches = sql_over_batches(Vec::new(), sql, limits)?.collect::<Result<Vec<RecordBatch>, Error>>()?;
    Ok(batches.iter().map(RecordBatch::num_rows).sum())
}

fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
