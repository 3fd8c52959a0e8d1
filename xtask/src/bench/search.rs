//! What the console asks of a store of a million events, beside DuckDB on the same Parquet files.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::Failure;
use crate::python;
use crate::workspace::{cargo, output, run, target_dir};

pub(super) const ABOUT: &str = "pages, histograms and facets of 1 M events beside DuckDB";

const EVENTS: u64 = 1_000_000;

pub(super) fn run_all(_: &[String]) -> Result<(), Failure> {
    // With the program, so that the engine is built once for both: alone, its features would differ.
    let packages = ["--package", "sekisho", "--package", "sekisho-bench-search"];
    run(cargo(&["build", "--release"]).args(packages))?;
    let program = target_dir().join("release/sekisho-bench-search");
    let folder = target_dir().join("bench-search");
    make_store(&program, &folder)?;
    let ours = figures(&output(Command::new(&program).arg("ask").arg(&folder))?)?;
    print!("{}", output(Command::new(&program).arg("export").arg(&folder))?);
    let python = match python::prepare() {
        Ok(python) => python,
        Err(failure) => {
            print_alone(&ours);
            println!("DuckDB was not run: {failure}");
            return Ok(());
        }
    };
    let segments = folder.join("store/data/main/events/*.parquet");
    let theirs = figures(&output(Command::new(python).args(["-c", DUCKDB]).arg(segments))?)?;
    compare(&ours, &theirs)
}

/// Makes the store where there is none of this size from an earlier run.
fn make_store(program: &Path, folder: &Path) -> Result<(), Failure> {
    let done = folder.join("events.txt");
    let wanted = EVENTS.to_string();
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        println!("the store is there already");
        return Ok(());
    }
    let cannot = |what: &str, error: std::io::Error| format!("cannot {what} {}: {error}", folder.display());
    if folder.is_dir() {
        std::fs::remove_dir_all(folder).map_err(|error| cannot("remove", error))?;
    }
    std::fs::create_dir_all(folder).map_err(|error| cannot("make", error))?;
    run(Command::new(program).args(["make", &wanted]).arg(folder))?;
    std::fs::write(&done, wanted).map_err(|error| cannot("write into", error))
}

/// What one side needed for a question, and what it found.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figure {
    seconds: f64,
    rows: u64,
}

/// Reads lines of `NAME seconds=S rows=N`.
fn figures(text: &str) -> Result<BTreeMap<String, Figure>, Failure> {
    text.lines()
        .map(|line| figure(line).ok_or_else(|| format!("not a figure: `{line}`")))
        .collect()
}

fn figure(line: &str) -> Option<(String, Figure)> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    let seconds = words.next()?.strip_prefix("seconds=")?.parse().ok()?;
    let rows = words.next()?.strip_prefix("rows=")?.parse().ok()?;
    Some((name, Figure { seconds, rows }))
}

fn print_alone(ours: &BTreeMap<String, Figure>) {
    for (name, figure) in ours {
        println!("{name:<24} sekisho {:>8.1} ms", figure.seconds * 1e3);
    }
}

/// Prints both sides and the geometric mean of their ratios, so that no one question decides.
fn compare(ours: &BTreeMap<String, Figure>, theirs: &BTreeMap<String, Figure>) -> Result<(), Failure> {
    let mut logarithms = Vec::new();
    for (name, own) in ours {
        let Some(peer) = theirs.get(name) else {
            println!("{name:<24} sekisho {:>8.1} ms", own.seconds * 1e3);
            continue;
        };
        if own.rows != peer.rows {
            return Err(format!("{name}: we found {}, DuckDB {}", own.rows, peer.rows));
        }
        println!(
            "{name:<24} sekisho {:>8.1} ms   duckdb {:>8.1} ms   {:>9} found",
            own.seconds * 1e3,
            peer.seconds * 1e3,
            own.rows
        );
        logarithms.push((peer.seconds / own.seconds).ln());
    }
    if logarithms.is_empty() {
        return Err("no question was asked of both".to_owned());
    }
    let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
    println!("search-vs-duckdb: {:.2}", mean.exp());
    Ok(())
}

/// The same questions, on as many threads as it likes. A page needs every column, as ours does.
const DUCKDB: &str = r#"
import sys, time, duckdb
source = f"read_parquet('{sys.argv[1]}')"
fields = ["org", "table", "actor", "app", "src_ip", "user_agent", "object", "outcome"]
words = ["actor", "src_ip", "user_agent", "app", "object", "target", "query", "message", "action"]
keys = ["record_id", "session_key", "login_key"]
word = "0015g0000654321"
in_words = " OR ".join([f"contains(lower({c}), '{word}')" for c in words] + [f"contains({c}, '{word}')" for c in keys])
searches = {
    "everything": "TRUE",
    "actor": "lower(actor) = '0055g0000000077aak' AND rows > 1000",
    "network": "try_cast(split_part(src_ip, '.', 4) AS INT) BETWEEN 64 AND 127 AND starts_with(src_ip, '192.0.2.') "
               "AND (user_agent IS NULL OR NOT starts_with(lower(user_agent), 'python'))",
    "word": in_words,
}
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")

def timed(name, ask):
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        rows = ask()
        best = min(best, time.perf_counter() - start)
    print(f"{name} seconds={best:.6f} rows={rows}")

def all_of(sql):
    return connection.execute(sql).fetchall()

def facets(where):
    total = all_of(f"SELECT count(*) FROM {source} WHERE {where}")[0][0]
    for field in fields:
        all_of(f'SELECT "{field}", count(*) AS n FROM {source} WHERE {where} GROUP BY 1 ORDER BY n DESC, 1 LIMIT 11')
    return total

for name, where in searches.items():
    # Python takes times with a zone only with a package of its own, so they come as numbers.
    page = f"SELECT * FROM {source} WHERE {where} ORDER BY time DESC, event_uid DESC LIMIT 100"
    page = f"SELECT * REPLACE (epoch_us(time) AS time) FROM ({page})"
    timed(f"page-{name}", lambda: len(all_of(page)))
for name, where in searches.items():
    bars = f"SELECT epoch_us(time) // 21600000000, count(*) FROM {source} WHERE {where} GROUP BY 1"
    timed(f"histogram-{name}", lambda: sum(count for _, count in all_of(bars)))
for name, where in searches.items():
    timed(f"facets-{name}", lambda: facets(where))
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_the_lines_that_both_sides_print() {
        let figures = figures("page-word seconds=0.25 rows=3\nevent seconds=1 rows=20\n").unwrap();
        assert_eq!(figures["page-word"], Figure { seconds: 0.25, rows: 3 });
        assert!(super::figures("page-word seconds=x rows=3").is_err());
    }

    #[test]
    fn sides_that_find_different_things_are_no_comparison() {
        let side = |rows| BTreeMap::from([("page".to_owned(), Figure { seconds: 1.0, rows })]);
        assert!(compare(&side(1), &side(2)).is_err());
        assert!(compare(&side(1), &side(1)).is_ok());
    }
}
