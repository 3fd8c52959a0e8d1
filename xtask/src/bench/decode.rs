//! Our decoder beside `arrow-csv`, `arrow-json` and DuckDB's readers, on the same files and one core.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::python;
use crate::workspace::{cargo, output, run, target_dir};

pub(super) const ABOUT: &str = "ELF CSV and NDJSON beside arrow-csv, arrow-json and DuckDB";

/// Long enough that starting a process does not count.
const FILE_BYTES: u64 = 256 << 20;

/// The best of these counts: what else the machine does only ever slows a run down.
const RUNS: usize = 3;

/// Inputs for the peak of memory: ten times as long, and no higher.
const STREAM_BYTES: [(&str, u64); 2] = [("100 MB", 100_000_000), ("1 GB", 1_000_000_000)];

struct Input {
    /// As the benchmark program spells it.
    format: &'static str,
    /// As the ratio's line spells it.
    name: &'static str,
    arrow: &'static str,
    duckdb: &'static str,
}

const INPUTS: [Input; 2] = [
    Input {
        format: "elf-csv",
        name: "decode-elf-csv",
        arrow: "arrow-csv",
        duckdb: "read_csv(?)",
    },
    Input {
        format: "ndjson",
        name: "decode-ndjson",
        arrow: "arrow-json",
        duckdb: "read_json(?, format = 'newline_delimited')",
    },
];

/// What one reader did with one input.
struct Figures {
    bytes: f64,
    rows: f64,
    seconds: f64,
    peak_kb: u64,
}

pub(super) fn run_all(_: &[String]) -> Result<(), Failure> {
    run(&mut cargo(&["build", "--release", "--package", "sekisho-bench-decode"]))?;
    let program = target_dir().join("release/sekisho-bench-decode");
    let python = python::prepare();
    let folder = target_dir().join("bench-decode");
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let mut ratios = Vec::new();
    for input in &INPUTS {
        let file = folder.join(input.format);
        run(Command::new(&program)
            .args(["make", input.format, &FILE_BYTES.to_string()])
            .arg(&file))?;
        ratios.extend(compare(input, &program, python.as_ref().ok(), &file)?);
        for (size, bytes) in STREAM_BYTES {
            let arguments = ["stream", "sekisho", input.format, &bytes.to_string()];
            let figures = Figures::parse(&output(Command::new(&program).args(arguments))?)?;
            println!(
                "{:<14} sekisho      peak {:>7.1} MB on {size}",
                input.name,
                figures.peak_mb()
            );
        }
    }
    if let Err(failure) = &python {
        println!("DuckDB was not run: {failure}");
    }
    ratios.iter().for_each(|line| println!("{line}"));
    Ok(())
}

/// Someone who reads, and how to start them.
struct Reader<'a> {
    name: &'static str,
    program: &'a Path,
    arguments: Vec<&'a str>,
    best: Option<Figures>,
}

/// Runs all readers in turn, so that a slow minute of the machine hits each of them.
fn compare(input: &Input, program: &Path, python: Option<&PathBuf>, file: &Path) -> Result<Vec<String>, Failure> {
    let own = |name, reader| Reader {
        name,
        program,
        arguments: vec!["file", reader, input.format],
        best: None,
    };
    let duckdb = python.map(|python| Reader {
        name: "duckdb",
        program: python,
        arguments: vec!["-c", DUCKDB, input.duckdb],
        best: None,
    });
    let mut readers = vec![own("sekisho", "sekisho"), own(input.arrow, "arrow")];
    readers.extend(duckdb);
    for _ in 0..RUNS {
        for reader in &mut readers {
            let printed = output(Command::new(reader.program).args(&reader.arguments).arg(file))?;
            let figures = Figures::parse(&printed)?;
            if reader.best.as_ref().is_none_or(|best| figures.seconds < best.seconds) {
                reader.best = Some(figures);
            }
        }
    }
    let figures: Vec<(&str, Figures)> = readers
        .into_iter()
        .filter_map(|reader| Some((reader.name, reader.best?)))
        .collect();
    for (name, figures) in &figures {
        figures.print(input.name, name);
    }
    let Some(((_, ours), peers)) = figures.split_first() else {
        return Ok(Vec::new());
    };
    let ratio = |(peer, figures): &(&str, Figures)| {
        let ratio = figures.seconds / ours.seconds;
        format!("{}-vs-{peer}: {ratio:.2}", input.name)
    };
    Ok(peers.iter().map(ratio).collect())
}

/// Reads into a table in memory on one thread, so that every column is parsed.
const DUCKDB: &str = r#"
import os, resource, sys, time, duckdb
reader, file = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET threads = 1")
start = time.perf_counter()
connection.execute(f"CREATE TABLE read AS SELECT * FROM {reader.replace('?', chr(39) + file + chr(39))}")
seconds = time.perf_counter() - start
rows = connection.execute("SELECT count(*) FROM read").fetchone()[0]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"bytes={os.path.getsize(file)} rows={rows} seconds={seconds:.6f} peak_kb={peak}")
"#;

impl Figures {
    fn parse(line: &str) -> Result<Self, Failure> {
        let value = |key: &str| -> Result<f64, Failure> {
            let found = line
                .split_whitespace()
                .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
            found
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| format!("no {key} in `{}`", line.trim()))
        };
        Ok(Self {
            bytes: value("bytes")?,
            rows: value("rows")?,
            seconds: value("seconds")?,
            peak_kb: value("peak_kb")? as u64,
        })
    }

    fn peak_mb(&self) -> f64 {
        self.peak_kb as f64 / 1e3
    }

    fn print(&self, input: &str, reader: &str) {
        println!(
            "{input:<14} {reader:<12} {:>7.1} MB/s {:>9.0} rows/s  peak {:>7.1} MB",
            self.bytes / 1e6 / self.seconds,
            self.rows / self.seconds,
            self.peak_mb()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_the_line_that_readers_print() {
        let figures = Figures::parse("bytes=10 rows=2 seconds=0.5 peak_kb=2000\n").unwrap();
        assert_eq!((figures.bytes, figures.rows, figures.peak_mb()), (10.0, 2.0, 2.0));
        assert!(Figures::parse("bytes=10").is_err());
    }
}
