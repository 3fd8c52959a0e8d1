//! Everything that must hold before a change lands, by one command.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::report::Report;
use crate::skips::{self, Skip};
use crate::workspace::{cargo, run as run_command, succeeds};
use crate::{Failure, browser, console, docs, layers, python};

pub(crate) const ABOUT: &str = "format, lints, layers, tests, documents, console; --full adds the slow tests";

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let full = match arguments {
        [] => false,
        [only] if only == "--full" => true,
        _ => {
            return Err(format!(
                "`cargo xtask test` takes --full alone, not `{}`",
                arguments.join(" ")
            ));
        }
    };
    let mut report = Report::new();
    // Cheap ones first: most mistakes show within seconds.
    report.step("format", || run_command(&mut cargo(&["fmt", "--all", "--check"])));
    report.step("layers", layers::check);
    let console = report.step("console packages", console::prepare);
    if console.is_some() {
        report.step("console checks", console::check);
        // Before the program, which embeds it.
        report.step("console build", console::build);
    }
    report.step("lints", lints);
    let python = report.step("Python with DuckDB", python::prepare);
    // All of these build the same targets with the same features, so that nothing is built twice.
    let built = report.step("build", || {
        run_command(&mut cargo(&["build", "--workspace", "--bins", "--tests", "--locked"]))
    });
    let mut counts = Counts::default();
    if built.is_some() {
        let outcome = report.step("tests", || tests(full, python.as_deref(), &mut counts));
        if let Some(skipped) = outcome {
            report.step("skipped tests", || skips::check(skipped));
        }
        report.step("documentation tests", || {
            run_command(&mut cargo(&["test", "--workspace", "--doc", "--locked", "--quiet"]))
        });
        report.step("documents", docs::check);
        let browser = report.step("browser", browser::prepare);
        if let (Some(browser), Some(())) = (browser, console) {
            report.step("console in the browser", || browser::test(&browser, full));
        }
    }
    report.step("documentation", || {
        let mut command = cargo(&["doc", "--workspace", "--no-deps", "--locked", "--quiet"]);
        run_command(command.env("RUSTDOCFLAGS", "-D warnings"))
    });
    let outcome = report.finish();
    println!(
        "{} passed, {} failed, {} skipped",
        counts.passed, counts.failed, counts.skipped
    );
    outcome
}

fn lints() -> Result<(), Failure> {
    run_command(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Runs all tests; returns those that said they were skipped.
fn tests(full: bool, python: Option<&Path>, counts: &mut Counts) -> Result<Vec<Skip>, Failure> {
    let nextest = succeeds(&mut cargo(&["nextest", "--version"]));
    let mut command = if nextest {
        nextest_command(full)
    } else {
        libtest_command(full)
    };
    if let Some(python) = python {
        command.env(python::VARIABLE, python);
    }
    if full {
        // Tests that do a few hundred of something do thousands.
        command.env("SEKISHO_FULL", "1");
    }
    // nextest talks on stderr, libtest on stdout.
    if nextest {
        command.stderr(Stdio::piped())
    } else {
        command.stdout(Stdio::piped())
    };
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot start the tests: {error}"))?;
    let output: Box<dyn std::io::Read> = match (child.stderr.take(), child.stdout.take()) {
        (Some(stderr), _) => Box::new(stderr),
        (None, Some(stdout)) => Box::new(stdout),
        (None, None) => return Err("the tests have no output".to_owned()),
    };
    let mut listener = Listener::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line.map_err(|error| format!("cannot read what the tests say: {error}"))?;
        let line = String::from_utf8_lossy(&line);
        if listener.hear(&line) {
            println!("{line}");
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("cannot wait for the tests: {error}"))?;
    *counts = listener.counts;
    if !status.success() {
        return Err(format!("some tests failed: {status}"));
    }
    if counts.passed == 0 {
        return Err("no test ran".to_owned());
    }
    Ok(listener.skips)
}

/// The output of passing tests is asked for, since a skipped test passes and says so there.
fn nextest_command(full: bool) -> Command {
    let mut command = cargo(&[
        "nextest",
        "run",
        "--workspace",
        "--locked",
        "--success-output",
        "immediate",
    ]);
    if full {
        command.args(["--run-ignored", "all"]);
    }
    command
}

fn libtest_command(full: bool) -> Command {
    println!("cargo-nextest is not installed; using cargo test, which is slower");
    let mut command = cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--no-fail-fast",
        "--lib",
        "--bins",
        "--tests",
    ]);
    command.args(["--", "--show-output"]);
    if full {
        command.arg("--include-ignored");
    }
    command
}

/// How many tests did what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    /// Not run at all: the slow tests without `--full`.
    skipped: u64,
}

/// Listens to the test runner: finds skipped tests and totals, and hides what passing tests print.
#[derive(Debug, Default)]
struct Listener {
    skips: Vec<Skip>,
    counts: Counts,
    last_passed: bool,
    hiding: bool,
}

impl Listener {
    /// Takes in a line; returns whether to show it.
    fn hear(&mut self, line: &str) -> bool {
        self.skips.extend(Skip::parse(line));
        if let Some(counts) = nextest_summary(line) {
            self.counts = counts;
            self.hiding = false;
        } else if let Some(counts) = libtest_summary(line) {
            self.counts.passed += counts.passed;
            self.counts.failed += counts.failed;
            self.counts.skipped += counts.skipped;
            self.hiding = false;
        } else if is_status(line) {
            self.last_passed = line.trim_start().starts_with("PASS");
            self.hiding = false;
        } else if matches!(line.trim(), "stdout ───" | "stderr ───") {
            self.hiding = self.last_passed;
        } else if line == "successes:" {
            self.hiding = true; // libtest prints the output of passing tests under it
        } else if line == "failures:" || line.starts_with("────") {
            self.hiding = false;
        }
        !self.hiding
    }
}

/// `        PASS [   0.005s] (1/54) crate test`
fn is_status(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let status = words
        .next()
        .is_some_and(|word| word.chars().all(|letter| letter.is_ascii_uppercase() || letter == '-'));
    status && words.next().is_some_and(|word| word.starts_with('['))
}

/// `     Summary [   0.535s] 55 tests run: 54 passed (1 slow), 1 failed, 0 skipped`
fn nextest_summary(line: &str) -> Option<Counts> {
    let (_, totals) = line.trim_start().strip_prefix("Summary [")?.split_once(" run: ")?;
    Some(counts(totals, ", "))
}

/// `test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`
fn libtest_summary(line: &str) -> Option<Counts> {
    let (_, totals) = line.strip_prefix("test result: ")?.split_once(". ")?;
    Some(counts(totals, "; "))
}

fn counts(totals: &str, separator: &str) -> Counts {
    let mut counts = Counts::default();
    for part in totals.split(separator) {
        let mut words = part.split_whitespace();
        let Some(count) = words.next().and_then(|word| word.parse::<u64>().ok()) else {
            continue;
        };
        match words.next() {
            Some("passed") => counts.passed = count,
            Some("failed" | "timed") => counts.failed += count,
            Some("skipped" | "ignored") => counts.skipped = count,
            _ => {}
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_of_both_runners_are_read() {
        let expected = Counts {
            passed: 54,
            failed: 1,
            skipped: 2,
        };
        assert_eq!(
            nextest_summary("     Summary [   0.535s] 55 tests run: 54 passed (1 slow), 1 failed, 2 skipped"),
            Some(expected)
        );
        assert_eq!(
            libtest_summary(
                "test result: FAILED. 54 passed; 1 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.10s"
            ),
            Some(expected)
        );
    }

    #[test]
    fn what_passing_tests_print_is_hidden_but_heard() {
        let mut listener = Listener::default();
        let shown: Vec<&str> = [
            "        PASS [   0.005s] (1/2) decode samples",
            "  stdout ───",
            "    skipped: samples_load: ../shared is missing",
            "        FAIL [   0.005s] (2/2) decode other",
            "  stderr ───",
            "    thread panicked",
        ]
        .into_iter()
        .filter(|line| listener.hear(line))
        .collect();
        assert_eq!(shown.len(), 4, "{shown:?}");
        assert_eq!(listener.skips.len(), 1);
    }
}
