//! Our side of `cargo xtask bench query`: makes a store of API reads, and times SQL over it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints figures")]

mod answer;
mod memory;
mod questions;
mod random;
mod rows;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use sekisho_event::catalogue::Catalogue;
use sekisho_event::common;
use sekisho_operation::tables::CatalogueTables;
use sekisho_store::{Mode, SqlLimits, Store};

use answer::Answer;
use questions::QUESTIONS;

/// The table that is asked.
const TABLE: &str = "salesforce.ApiEvent";

/// Rows made at a time, as many as a decoder gives.
const BATCH_ROWS: u64 = 16 * 1024;

/// The best of these counts: what else the machine does only ever slows a run down.
const RUNS: usize = 5;

const USAGE: &str = "make ROWS FOLDER | questions | ask FOLDER [NAME] | sql FOLDER STATEMENT";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["make", rows, folder] => make(rows, Path::new(folder)),
        ["questions"] => questions(),
        ["ask", folder] => ask(Path::new(folder), None),
        ["ask", folder, name] => ask(Path::new(folder), Some(name)),
        ["sql", folder, statement] => sql(Path::new(folder), statement),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Loads the rows as a load of log files would: in the order of time, with their common columns beside them.
fn make(rows: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let table = Catalogue::builtin()
        .table(TABLE)
        .ok_or("the catalogue has no ApiEvent")?;
    let store = Store::open(folder, Mode::ReadWrite, Arc::new(CatalogueTables))?;
    let mut ingest = store.begin()?;
    let mut made = rows::Rows::new(rows.parse()?);
    let start = Instant::now();
    while let Some(batch) = made.batch(table, BATCH_ROWS)? {
        let kept = ingest.append(TABLE, batch)?.kept;
        ingest.append_unchecked(common::EVENTS, &common::project(table, &kept)?)?;
    }
    let report = ingest.commit()?;
    println!(
        "made {rows} rows of {} sessions: {} segments, {} MB, {:.0} s",
        made.sessions(),
        report.segments,
        report.bytes / 1_000_000,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Prints each question as the other side reads it.
fn questions() -> Result<(), Box<dyn Error>> {
    for question in QUESTIONS {
        println!("{}\t{}", question.name, question.for_duckdb());
    }
    Ok(())
}

/// Times each question on a store that is open, as the server's is.
fn ask(folder: &Path, only: Option<&str>) -> Result<(), Box<dyn Error>> {
    let store = Store::open(folder, Mode::ReadOnly, Arc::new(CatalogueTables))?;
    for question in QUESTIONS
        .iter()
        .filter(|question| only.is_none_or(|only| only == question.name))
    {
        memory::forget_peak();
        let mut best = Duration::MAX;
        let mut least_cpu = f64::INFINITY;
        let mut batches = Vec::new();
        for _ in 0..RUNS {
            batches.clear();
            let (start, cpu) = (Instant::now(), memory::cpu_seconds());
            batches = all(&store, &question.for_us())?;
            best = best.min(start.elapsed());
            least_cpu = least_cpu.min(memory::cpu_seconds() - cpu);
        }
        println!(
            "{} seconds={:.6} cpu={least_cpu:.2} peak_mb={} answer={}",
            question.name,
            best.as_secs_f64(),
            memory::peak_mb(),
            Answer::of(&batches)
        );
    }
    Ok(())
}

/// Runs a statement once and prints its rows' number and the time.
fn sql(folder: &Path, statement: &str) -> Result<(), Box<dyn Error>> {
    let store = Store::open(folder, Mode::ReadOnly, Arc::new(CatalogueTables))?;
    let is_explained = statement.to_ascii_uppercase().starts_with("EXPLAIN");
    for _ in 0..RUNS {
        let (start, cpu) = (Instant::now(), memory::cpu_seconds());
        let batches = all(&store, statement)?;
        let seconds = start.elapsed().as_secs_f64();
        if is_explained {
            println!("{}", answer::plan(&batches));
            break;
        }
        let cpu = memory::cpu_seconds() - cpu;
        let peak_mb = memory::peak_mb();
        println!(
            "seconds={seconds:.6} cpu={cpu:.2} peak_mb={peak_mb} answer={}",
            Answer::of(&batches)
        );
    }
    Ok(())
}

fn all(store: &Store, statement: &str) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let limits = SqlLimits {
        timeout: Duration::from_secs(600),
        ..SqlLimits::default()
    };
    Ok(store.sql(statement, limits)?.collect::<Result<Vec<RecordBatch>, _>>()?)
}
