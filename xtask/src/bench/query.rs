//! SQL over 20 M API reads beside DuckDB on the same Parquet files, and look-ups by value in the running server.

mod lookup;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::python;
use crate::workspace::{cargo, output, run, target_dir};

pub(super) const ABOUT: &str = "SQL over 20 M API reads beside DuckDB, look-ups in the server; --rows N for fewer";

/// The rows that the figures are stated for.
const ROWS: u64 = 20_000_000;

pub(super) fn run_all(arguments: &[String]) -> Result<(), Failure> {
    let rows = rows(arguments)?;
    // With the program, so that the engine is built once for both: alone, its features would differ.
    let packages = ["--package", "sekisho", "--package", "sekisho-bench-query"];
    run(cargo(&["build", "--release"]).args(packages))?;
    let program = target_dir().join("release/sekisho-bench-query");
    let folder = target_dir().join("bench-query").join(rows.to_string());
    let store = folder.join("store");
    make_store(&program, &folder, rows)?;
    let ours = figures(&output(Command::new(&program).arg("ask").arg(&store))?)?;
    let python = match python::prepare() {
        Ok(python) => python,
        Err(failure) => {
            print_alone(&ours);
            println!("DuckDB was not run: {failure}");
            return Ok(());
        }
    };
    let questions = output(Command::new(&program).arg("questions"))?;
    let segments = ["salesforce/ApiEvent", "main/events"].map(|table| store.join(format!("data/{table}/*.parquet")));
    let mut duckdb = Command::new(&python);
    duckdb.args(["-c", DUCKDB]).args(segments).arg(&questions);
    let theirs = figures(&output(&mut duckdb)?)?;
    lookup::run(&python, &target_dir().join("release/sekisho"), &store)?;
    compare(&ours, &theirs)
}

fn rows(arguments: &[String]) -> Result<u64, Failure> {
    match arguments {
        [] => Ok(ROWS),
        [option, rows] if option == "--rows" => rows
            .replace('_', "")
            .parse()
            .map_err(|_| format!("`{rows}` is no number of rows")),
        _ => Err("usage: bench query [--rows N]".to_owned()),
    }
}

/// Makes the store where there is none of this size from an earlier run.
fn make_store(program: &Path, folder: &Path, rows: u64) -> Result<(), Failure> {
    let done = folder.join("done.txt");
    // A store of another layout would be compared with itself of yesterday.
    let wanted = format!("{rows} rows, layout {LAYOUT}");
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        println!("the store is there already: {}", folder.display());
        return Ok(());
    }
    let cannot = |what: &str, error: std::io::Error| format!("cannot {what} {}: {error}", folder.display());
    if folder.is_dir() {
        std::fs::remove_dir_all(folder).map_err(|error| cannot("remove", error))?;
    }
    std::fs::create_dir_all(folder).map_err(|error| cannot("make", error))?;
    let store: PathBuf = folder.join("store");
    run(Command::new(program).args(["make", &rows.to_string()]).arg(store))?;
    std::fs::write(&done, wanted).map_err(|error| cannot("write into", error))
}

/// Raised when rows or segments are written in another way, so that stores of earlier runs are made anew.
const LAYOUT: u32 = 3;

/// What one side needed for a question, and what it found.
#[derive(Debug, Clone, PartialEq)]
struct Figure {
    seconds: f64,
    /// Processor time of all threads.
    cpu: f64,
    peak_mb: u64,
    answer: String,
}

/// Reads lines of `NAME seconds=S cpu=C peak_mb=M answer=A`.
fn figures(text: &str) -> Result<BTreeMap<String, Figure>, Failure> {
    text.lines()
        .map(|line| figure(line).ok_or_else(|| format!("not a figure: `{line}`")))
        .collect()
}

fn figure(line: &str) -> Option<(String, Figure)> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    let seconds = words.next()?.strip_prefix("seconds=")?.parse().ok()?;
    let cpu = words.next()?.strip_prefix("cpu=")?.parse().ok()?;
    let peak_mb = words.next()?.strip_prefix("peak_mb=")?.parse().ok()?;
    let answer = words.next()?.strip_prefix("answer=")?.to_owned();
    Some((
        name,
        Figure {
            seconds,
            cpu,
            peak_mb,
            answer,
        },
    ))
}

fn print_alone(ours: &BTreeMap<String, Figure>) {
    for (name, own) in ours {
        println!("{name:<20} sekisho {:>9.1} ms {:>6} MB", own.seconds * 1e3, own.peak_mb);
    }
}

/// Prints both sides and the worst of their ratios.
fn compare(ours: &BTreeMap<String, Figure>, theirs: &BTreeMap<String, Figure>) -> Result<(), Failure> {
    let mut ratios = Vec::new();
    for (name, own) in ours {
        let Some(peer) = theirs.get(name) else {
            return Err(format!("{name}: DuckDB was not asked"));
        };
        if own.answer != peer.answer {
            return Err(format!(
                "{name}: we answer {}\nDuckDB answers {}",
                own.answer, peer.answer
            ));
        }
        let ratio = peer.seconds / own.seconds;
        println!(
            "{name:<20} sekisho {:>8.1} ms {:>5.2} cpu s {:>6} MB   duckdb {:>8.1} ms {:>5.2} cpu s {:>6} MB   {ratio:>6.2}",
            own.seconds * 1e3,
            own.cpu,
            own.peak_mb,
            peer.seconds * 1e3,
            peer.cpu,
            peer.peak_mb,
        );
        ratios.push((name, ratio));
    }
    for (name, ratio) in &ratios {
        println!("query-{name}: {ratio:.2}");
    }
    let worst = ratios.iter().map(|(_, ratio)| *ratio).fold(f64::INFINITY, f64::min);
    if !worst.is_finite() {
        return Err("no question was asked of both".to_owned());
    }
    println!("query-vs-duckdb: {worst:.2}");
    Ok(())
}

/// The same questions, on two threads as ours. An answer becomes a table in memory, which costs DuckDB less than handing
/// its rows to Python would; what it adds up to is not timed.
const DUCKDB: &str = r#"
import sys, time, duckdb
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
connection.execute("SET threads = 2")
connection.execute("SET parquet_metadata_cache = true")
connection.execute(f"CREATE VIEW api AS SELECT * FROM read_parquet('{sys.argv[1]}')")
connection.execute(f"CREATE VIEW events AS SELECT * FROM read_parquet('{sys.argv[2]}')")

def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass

def peak_mb():
    try:
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 // 1000000
    except (OSError, StopIteration):
        return 0

def answer():
    rows = connection.execute("SELECT count(*) FROM answer").fetchone()[0]
    parts = [str(rows)]
    for name, ty, *_ in connection.execute("DESCRIBE answer").fetchall():
        column = f'"{name}"'
        if ty == "VARCHAR":
            total, least, greatest = connection.execute(
                f"SELECT sum(strlen({column})), min({column}), max({column}) FROM answer").fetchone()
            if least is None:
                parts.append("0")
            else:
                parts.append(f"{total},{least.replace(' ', '_')},{greatest.replace(' ', '_')}")
            continue
        if ty.startswith("TIMESTAMP"):
            column = f"epoch_us({column})"
        total = connection.execute(f"SELECT sum(CAST({column} AS HUGEINT)) FROM answer").fetchone()[0]
        parts.append(str(total or 0))
    return "|".join(parts)

for line in sys.argv[3].strip().split("\n"):
    name, statement = line.split("\t")
    forget_peak()
    best = cpu = float("inf")
    for _ in range(5):
        connection.execute("DROP TABLE IF EXISTS answer")
        start, start_cpu = time.perf_counter(), time.process_time()
        connection.execute(f"CREATE TEMP TABLE answer AS {statement}")
        best = min(best, time.perf_counter() - start)
        cpu = min(cpu, time.process_time() - start_cpu)
    peak = peak_mb()
    print(f"{name} seconds={best:.6f} cpu={cpu:.2f} peak_mb={peak} answer={answer()}")
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_the_lines_that_both_sides_print() {
        let figures =
            figures("session seconds=0.25 cpu=0.5 peak_mb=3 answer=4|9\nusers seconds=1 cpu=1 peak_mb=2 answer=0\n")
                .unwrap();
        let session = Figure {
            seconds: 0.25,
            cpu: 0.5,
            peak_mb: 3,
            answer: "4|9".to_owned(),
        };
        assert_eq!(figures["session"], session);
        assert!(super::figures("session seconds=x cpu=1 peak_mb=3 answer=1").is_err());
    }

    #[test]
    fn sides_that_answer_different_things_are_no_comparison() {
        let side = |answer: &str| figures(&format!("session seconds=1 cpu=1 peak_mb=1 answer={answer}")).unwrap();
        assert!(compare(&side("1"), &side("2")).is_err());
        assert!(compare(&side("1"), &side("1")).is_ok());
    }

    #[test]
    fn the_number_of_rows_may_be_said() {
        let said = |words: &[&str]| rows(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>());
        assert_eq!(said(&[]), Ok(ROWS));
        assert_eq!(said(&["--rows", "200_000"]), Ok(200_000));
        assert!(said(&["--rows", "many"]).is_err());
    }
}
