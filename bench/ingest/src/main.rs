//! Makes the log files of `cargo xtask bench ingest`, and tells their size.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints figures")]

mod input;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use input::Format;

const USAGE: &str = "make FORMAT ROWS FOLDER";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["make", format, rows, folder] => make(format, rows, Path::new(folder)),
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

/// Writes one file a day, in the order of time.
fn make(format: &str, rows: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let format = Format::named(format)?;
    let rows: u64 = rows.parse()?;
    std::fs::create_dir_all(folder)?;
    let mut bytes = 0;
    for day in 0..input::DAYS {
        let path = folder.join(format!("2025-11-{:02}.{}", day + 1, format.extension()));
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        input::write_day(&mut out, format, day, rows)?;
        out.flush()?;
        bytes += path.metadata()?.len();
    }
    println!("bytes={bytes}");
    Ok(())
}
