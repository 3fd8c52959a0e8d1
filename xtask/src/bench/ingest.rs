//! A durable and deduplicated load of our own beside DuckDB loading the same files without deduplication, on one core each.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::python;
use crate::workspace::{cargo, files_below, output, run, target_dir};

pub(super) const ABOUT: &str = "loading ELF CSV and NDJSON beside DuckDB, one core each (--rows N, --linear)";

const DEFAULT_ROWS: u64 = 2_000_000;

/// What `--linear` loads: the seconds a million rows take must not grow, nor the memory.
const LINEAR_ROWS: [u64; 3] = [1_000_000, 5_000_000, 20_000_000];

/// The best of these counts: what else the machine does only ever slows a run down.
const RUNS: usize = 3;

struct Input {
    /// As the benchmark program spells it; also how the files end.
    format: &'static str,
    /// As the ratio's line spells it.
    name: &'static str,
    duckdb: &'static str,
}

const INPUTS: [Input; 2] = [
    Input {
        format: "csv",
        name: "ingest-csv",
        duckdb: "read_csv(?)",
    },
    Input {
        format: "ndjson",
        name: "ingest-ndjson",
        duckdb: "read_json(?, format = 'newline_delimited')",
    },
];

struct Options {
    rows: u64,
    is_linear: bool,
}

/// What is needed to run both sides.
struct Bench {
    maker: PathBuf,
    sekisho: PathBuf,
    python: PathBuf,
    folder: PathBuf,
    /// The core that both sides are bound to.
    core: String,
}

pub(super) fn run_all(arguments: &[String]) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    // One call, so that the engine is built once for both: alone, its features would differ.
    let packages = ["--package", "sekisho", "--package", "sekisho-bench-ingest"];
    run(cargo(&["build", "--release"]).args(packages))?;
    let folder = target_dir().join("bench-ingest");
    remove(&folder)?;
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let bench = Bench {
        maker: target_dir().join("release/sekisho-bench-ingest"),
        sekisho: target_dir().join("release/sekisho"),
        // Python binds the core and counts the memory of both sides, so nothing is measured without it.
        python: python::prepare()?,
        core: last_core().to_string(),
        folder,
    };
    if options.is_linear {
        bench.linear()?;
    } else {
        bench.compare_all(options.rows)?;
    }
    remove(&bench.folder)
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            rows: DEFAULT_ROWS,
            is_linear: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--linear" => options.is_linear = true,
                "--rows" => {
                    let rows = arguments
                        .next()
                        .and_then(|rows| rows.parse().ok())
                        .filter(|rows| *rows > 0);
                    options.rows = rows.ok_or("--rows takes a number")?;
                }
                other => return Err(format!("there is no option `{other}`; there are --rows N and --linear")),
            }
        }
        Ok(options)
    }
}

/// The first core serves most interrupts.
fn last_core() -> usize {
    std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1)
}

impl Bench {
    fn compare_all(&self, rows: u64) -> Result<(), Failure> {
        let mut ratios = Vec::new();
        for input in &INPUTS {
            let files = self.make(input, rows)?;
            let ratio = self.compare(input, rows, &files)?;
            ratios.push((input.name, ratio));
            remove(&self.logs(input))?;
        }
        for (name, ratio) in &ratios {
            println!("{name}-vs-duckdb: {ratio:.2}");
        }
        let worst = ratios.iter().map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min);
        println!("ingest-vs-duckdb: {worst:.2}");
        Ok(())
    }

    /// Runs both sides in turn, so that a slow minute of the machine hits each of them.
    fn compare(&self, input: &Input, rows: u64, files: &[PathBuf]) -> Result<f64, Failure> {
        let mut ours: Option<Figures> = None;
        let mut theirs: Option<Figures> = None;
        for _ in 0..RUNS {
            keep_best(&mut ours, self.run_sekisho(rows, files)?);
            keep_best(&mut theirs, self.run_duckdb(input, rows, files)?);
        }
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            return Err("nothing was run".to_owned());
        };
        ours.print(input.name, "sekisho");
        theirs.print(input.name, "duckdb");
        println!("{:<14} by CPU time: {:.2}", input.name, theirs.cpu() / ours.cpu());
        Ok(theirs.seconds / ours.seconds)
    }

    fn linear(&self) -> Result<(), Failure> {
        for input in &INPUTS {
            for rows in LINEAR_ROWS {
                let files = self.make(input, rows)?;
                let figures = self.run_sekisho(rows, &files)?;
                figures.print(input.name, "sekisho");
                println!(
                    "{:<14} {:>3} M rows: {:.3} s and {:.3} CPU seconds a million rows, peak {:.0} MB",
                    input.name,
                    rows / 1_000_000,
                    figures.seconds * 1e6 / figures.rows,
                    figures.cpu() * 1e6 / figures.rows,
                    figures.peak_mb(),
                );
                remove(&self.logs(input))?;
            }
        }
        Ok(())
    }

    fn logs(&self, input: &Input) -> PathBuf {
        self.folder.join(input.format)
    }

    fn make(&self, input: &Input, rows: u64) -> Result<Vec<PathBuf>, Failure> {
        let logs = self.logs(input);
        let arguments = ["make", input.format, &rows.to_string()];
        output(Command::new(&self.maker).args(arguments).arg(&logs))?;
        files_below(&logs, input.format)
    }

    fn run_sekisho(&self, rows: u64, files: &[PathBuf]) -> Result<Figures, Failure> {
        let store = self.folder.join("store");
        remove(&store)?;
        let mut command = Command::new(&self.python);
        command.args(["-c", SEKISHO, &self.core]).arg(&self.sekisho);
        command
            .args(["ingest", "--format", "jsonl", "--org", "bench", "--data"])
            .arg(&store);
        let figures = Figures::parse(&output(command.args(files))?, files)?;
        remove(&store)?;
        figures.having(rows)
    }

    fn run_duckdb(&self, input: &Input, rows: u64, files: &[PathBuf]) -> Result<Figures, Failure> {
        let database = self.folder.join("duckdb");
        remove(&database)?;
        std::fs::create_dir_all(&database).map_err(|error| format!("cannot make {}: {error}", database.display()))?;
        let mut command = Command::new(&self.python);
        command
            .args(["-c", DUCKDB, &self.core, input.duckdb])
            .arg(database.join("bench.db"));
        let figures = Figures::parse(&output(command.args(files))?, files)?;
        remove(&database)?;
        figures.having(rows)
    }
}

fn keep_best(best: &mut Option<Figures>, figures: Figures) {
    if best.as_ref().is_none_or(|best| figures.seconds < best.seconds) {
        *best = Some(figures);
    }
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// What one side did.
struct Figures {
    input_bytes: f64,
    stored_bytes: f64,
    rows: f64,
    seconds: f64,
    user: f64,
    system: f64,
    peak_kb: f64,
}

impl Figures {
    fn parse(printed: &str, files: &[PathBuf]) -> Result<Self, Failure> {
        let value = |key: &str| -> Result<f64, Failure> {
            let mut pairs = printed.split_whitespace();
            let found = pairs.find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
            found
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| format!("no {key} in `{}`", printed.trim()))
        };
        let sizes = files.iter().filter_map(|file| file.metadata().ok());
        Ok(Self {
            input_bytes: sizes.map(|file| file.len()).sum::<u64>() as f64,
            stored_bytes: value("stored")?,
            rows: value("rows")?,
            seconds: value("seconds")?,
            user: value("user")?,
            system: value("system")?,
            peak_kb: value("peak_kb")?,
        })
    }

    /// A side that loaded other rows is no comparison.
    fn having(self, rows: u64) -> Result<Self, Failure> {
        if self.rows == rows as f64 {
            Ok(self)
        } else {
            Err(format!("{rows} rows were to be loaded, {} were", self.rows))
        }
    }

    fn cpu(&self) -> f64 {
        self.user + self.system
    }

    fn peak_mb(&self) -> f64 {
        self.peak_kb / 1e3
    }

    fn print(&self, input: &str, side: &str) {
        println!(
            "{input:<14} {side:<8} {:>9.0} rows/s {:>6.1} MB/s {:>7.2} s wall {:>7.2} s user {:>6.2} s system  peak {:>6.0} MB  {:>6.0} MB in, {:>5.0} MB stored",
            self.rows / self.seconds,
            self.input_bytes / 1e6 / self.seconds,
            self.seconds,
            self.user,
            self.system,
            self.peak_mb(),
            self.input_bytes / 1e6,
            self.stored_bytes / 1e6,
        );
    }
}

/// Runs our program as a user would, start and end included.
const SEKISHO: &str = r#"
import json, os, subprocess, sys, time
core, program, *arguments = sys.argv[1:]
os.sched_setaffinity(0, {int(core)})
start = time.perf_counter()
child = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE)
said = child.stdout.read()
_, status, used = os.wait4(child.pid, 0)
seconds = time.perf_counter() - start
report = json.loads(said)
if status != 0 or report["duplicates"] or report["rejected"]:
    sys.exit(f"ended with {status}: {report}")
store = arguments[arguments.index("--data") + 1]
stored = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(store) for name in names)
print(f"rows={report['events']} seconds={seconds:.6f} user={used.ru_utime:.3f} system={used.ru_stime:.3f} peak_kb={used.ru_maxrss} stored={stored}")
"#;

/// Loads into a database file and makes it durable; the start of Python does not count.
const DUCKDB: &str = r#"
import os, resource, sys, time, duckdb
core, reader, database, *files = sys.argv[1:]
os.sched_setaffinity(0, {int(core)})
before = resource.getrusage(resource.RUSAGE_SELF)
start = time.perf_counter()
connection = duckdb.connect(database, config={"threads": 1})
names = ", ".join("'" + file + "'" for file in files)
connection.execute(f"CREATE TABLE events AS SELECT * FROM {reader.replace('?', '[' + names + ']')}")
connection.execute("CHECKPOINT")
rows = connection.execute("SELECT count(*) FROM events").fetchone()[0]
connection.close()
seconds = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF)
user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
stored = os.path.getsize(database)
print(f"rows={rows} seconds={seconds:.6f} user={user:.3f} system={system:.3f} peak_kb={after.ru_maxrss} stored={stored}")
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Options, Failure> {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        Options::parse(&arguments)
    }

    #[test]
    fn options_are_read_and_others_refused() {
        assert_eq!(parsed(&[]).unwrap().rows, DEFAULT_ROWS);
        let both = parsed(&["--rows", "5", "--linear"]).unwrap();
        assert!(both.is_linear && both.rows == 5);
        assert!(parsed(&["--rows"]).is_err() && parsed(&["--rows", "0"]).is_err() && parsed(&["-x"]).is_err());
    }

    #[test]
    fn a_side_that_loaded_other_rows_is_no_comparison() {
        let printed = "rows=2 seconds=0.5 user=0.25 system=0.25 peak_kb=2000 stored=10\n";
        let figures = || Figures::parse(printed, &[]).unwrap();
        assert_eq!((figures().cpu(), figures().peak_mb()), (0.5, 2.0));
        assert!(figures().having(2).is_ok() && figures().having(3).is_err());
        assert!(Figures::parse("rows=2", &[]).is_err());
    }
}
