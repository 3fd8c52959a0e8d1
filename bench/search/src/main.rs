//! Our side of `cargo xtask bench search`: makes a store, and times what the console asks of it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints figures")]

mod input;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use sekisho_event::ids::OrgId;
use sekisho_operation::Caller;
use sekisho_operation::events::{
    self, EventFilter, ExportFormat, ExportRequest, FacetsRequest, HistogramRequest, SearchRequest, SurroundingBy,
    SurroundingRequest,
};
use sekisho_operation::ingest::ingest;
use sekisho_operation::inputs::ReadOptions;

/// The best of these counts: what else the machine does only ever slows a run down.
const RUNS: usize = 5;

const USAGE: &str = "make EVENTS FOLDER | ask FOLDER | export FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["make", events, folder] => make(events, Path::new(folder)),
        ["ask", folder] => ask(Path::new(folder)),
        ["export", folder] => export(Path::new(folder)),
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

/// Writes the log files, one a day, and loads them.
fn make(events: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let logs = folder.join("logs");
    std::fs::create_dir_all(&logs)?;
    let events: u64 = events.parse()?;
    let mut files: Vec<PathBuf> = Vec::new();
    for day in 0..input::DAYS {
        let file = logs.join(format!("2025-11-{:02}.csv", day + 1));
        let mut out = BufWriter::new(File::create(&file)?);
        input::write_day(&mut out, day, events)?;
        out.flush()?;
        files.push(file);
    }
    let options = ReadOptions {
        org: Some(OrgId::new("kaede-japan")),
        ..ReadOptions::default()
    };
    let report = ingest(&caller(), &store(folder), &files, &options)?;
    std::fs::remove_dir_all(&logs)?;
    println!("events={}", report.events);
    Ok(())
}

/// Times each question, as the console asks it: the store is opened anew each time.
fn ask(folder: &Path) -> Result<(), Box<dyn Error>> {
    for (name, q) in input::SEARCHES {
        let request = SearchRequest {
            filter: filter(q),
            ..SearchRequest::default()
        };
        timed(&format!("page-{name}"), || {
            Ok(events::search(&caller(), &store(folder), &request)?.items.len() as u64)
        })?;
    }
    for (name, q) in input::SEARCHES {
        let request = HistogramRequest {
            filter: filter(q),
            buckets: None,
        };
        timed(&format!("histogram-{name}"), || {
            Ok(events::histogram(&caller(), &store(folder), &request)?.total)
        })?;
    }
    for (name, q) in input::SEARCHES {
        let request = FacetsRequest {
            filter: filter(q),
            fields: Vec::new(),
        };
        timed(&format!("facets-{name}"), || {
            Ok(events::facets(&caller(), &store(folder), &request)?.total)
        })?;
    }
    let page = events::search(&caller(), &store(folder), &SearchRequest::default())?;
    let uid = page
        .items
        .last()
        .map(|event| event.event_uid.clone())
        .unwrap_or_default();
    timed("event", || {
        Ok(events::event(&caller(), &store(folder), &uid)?.fields.len() as u64)
    })?;
    let request = SurroundingRequest {
        event_uid: uid,
        by: SurroundingBy::Session,
        limit: None,
    };
    timed("surrounding", || {
        Ok(events::surrounding(&caller(), &store(folder), &request)?.before.len() as u64)
    })?;
    Ok(())
}

fn export(folder: &Path) -> Result<(), Box<dyn Error>> {
    for format in [ExportFormat::Csv, ExportFormat::Jsonl] {
        let request = ExportRequest {
            filter: filter(""),
            format,
        };
        let start = Instant::now();
        let mut bytes = 0;
        let mut first = None;
        for piece in events::export(&caller(), &store(folder), &request)? {
            bytes += piece?.len();
            first.get_or_insert_with(|| start.elapsed());
        }
        println!(
            "export {format:?} bytes={bytes} first={:.3} seconds={:.3}",
            first.unwrap_or_default().as_secs_f64(),
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

fn timed(name: &str, mut ask: impl FnMut() -> Result<u64, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let mut best = f64::INFINITY;
    let mut rows = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        rows = ask()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name} seconds={best:.6} rows={rows}");
    Ok(())
}

fn caller() -> Caller {
    Caller::local("bench")
}

fn store(folder: &Path) -> PathBuf {
    folder.join("store")
}

fn filter(q: &str) -> EventFilter {
    EventFilter {
        q: q.to_owned(),
        ..EventFilter::default()
    }
}
