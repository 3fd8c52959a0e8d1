//! One reader on one input, for `cargo xtask bench decode`: prints what it read, how long it took and the process's peak.
//!
//! Each reader runs in a process of its own, so that the peak is its own.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints figures")]

mod input;
mod readers;

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::ExitCode;
use std::time::Instant;

use input::{Format, Generated};
use readers::Reader;

/// How much of a file is read at once, for every reader.
const BUFFER_BYTES: usize = 256 << 10;

const USAGE: &str = "make FORMAT BYTES FILE | file READER FORMAT FILE | stream READER FORMAT BYTES";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["make", format, bytes, file] => make(format, bytes, file),
        ["file", reader, format, file] => read_file(reader, format, file),
        ["stream", reader, format, bytes] => read_generated(reader, format, bytes),
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

fn make(format: &str, bytes: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let mut generated = BufReader::with_capacity(BUFFER_BYTES, Generated::new(Format::named(format)?, bytes.parse()?));
    let mut out = BufWriter::new(File::create(file)?);
    loop {
        let chunk = generated.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        out.write_all(chunk)?;
        let taken = chunk.len();
        generated.consume(taken);
    }
    out.flush()?;
    Ok(())
}

fn read_file(reader: &str, format: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let bytes = File::open(file)?.metadata()?.len();
    measure(
        reader,
        format,
        bytes,
        Box::new(BufReader::with_capacity(BUFFER_BYTES, File::open(file)?)),
    )
}

fn read_generated(reader: &str, format: &str, bytes: &str) -> Result<(), Box<dyn Error>> {
    let bytes = bytes.parse()?;
    let generated = Generated::new(Format::named(format)?, bytes);
    measure(
        reader,
        format,
        bytes,
        Box::new(BufReader::with_capacity(BUFFER_BYTES, generated)),
    )
}

fn measure(reader: &str, format: &str, bytes: u64, input: Box<dyn BufRead>) -> Result<(), Box<dyn Error>> {
    let reader = Reader::named(reader)?;
    let format = Format::named(format)?;
    let start = Instant::now();
    let rows = reader.read(format, input)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("bytes={bytes} rows={rows} seconds={seconds:.6} peak_kb={}", peak_kb());
    Ok(())
}

/// Returns the peak of this process's memory; 0 where the system does not tell.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or(0)
}
