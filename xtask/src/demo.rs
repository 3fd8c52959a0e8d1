//! From a fresh clone to the verdict sheet of the sample incident, by one command.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::report::clock;
use crate::workspace::{cargo, output, run, target_dir};
use crate::{Failure, console};

pub(crate) const ABOUT: &str = "build everything and open the sample incident; what follows goes to `sekisho demo`";

/// The profile that `sekisho` is built with for a first look (Cargo.toml says why).
const PROFILE: &str = "demo";

pub(crate) fn run_demo(arguments: &[String]) -> Result<(), Failure> {
    let started = Instant::now();
    println!("1 of 3: the console");
    console::prepare()?;
    console::build()?;
    println!("2 of 3: the program (the first time it compiles a query engine: some minutes)");
    build()?;
    println!("3 of 3: the sample incident");
    let program = target_dir().join(PROFILE).join("sekisho");
    println!("ready after {}", clock(started.elapsed()));
    run(Command::new(program)
        .args(["demo", "--format", "table"])
        .args(arguments))
}

/// Builds the program, and says how far it is and how long the rest may take.
fn build() -> Result<(), Failure> {
    let arguments = [
        "build",
        "--profile",
        PROFILE,
        "--package",
        "sekisho",
        "--locked",
        "--quiet",
        "--message-format",
        "json-render-diagnostics",
    ];
    // Before cargo starts: what it says is read from then on, so that a full pipe never stops it.
    let mut progress = Progress::new(all_packages()?);
    let mut child = cargo(&arguments)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
    let stdout = child.stdout.take().ok_or("cargo has no output")?;
    for line in BufReader::new(stdout).lines() {
        let line = line.map_err(|error| format!("cannot read what cargo says: {error}"))?;
        if let Some(artifact) = Artifact::parse(&line) {
            progress.built(&artifact);
        }
    }
    progress.end();
    let status = child
        .wait()
        .map_err(|error| format!("cannot wait for cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("the program was not built: {status}"))
    }
}

/// Returns how many packages the program is made of.
fn all_packages() -> Result<Vec<String>, Failure> {
    let tree = output(&mut cargo(&[
        "tree",
        "--package",
        "sekisho",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{lib}",
        "--locked",
    ]))?;
    let mut packages: Vec<String> = tree.lines().map(|line| line.trim().replace('-', "_")).collect();
    // What stands there a second time is marked, and its name is there already.
    packages.retain(|name| !name.is_empty() && !name.contains(' '));
    packages.sort_unstable();
    packages.dedup();
    Ok(packages)
}

/// A package that cargo has built, or found built.
struct Artifact {
    name: String,
    was_there: bool,
}

impl Artifact {
    /// Takes a line of cargo's messages; without a JSON parser, since the two facts stand there plainly.
    fn parse(line: &str) -> Option<Self> {
        if !line.starts_with("{\"reason\":\"compiler-artifact\"") || line.contains("\"kind\":[\"custom-build\"]") {
            return None;
        }
        let (_, target) = line.split_once("\"target\":{")?;
        let (_, name) = target.split_once("\"name\":\"")?;
        Some(Self {
            name: name.split('"').next()?.replace('-', "_"),
            was_there: line.contains("\"fresh\":true"),
        })
    }
}

/// What the slowest packages cost beside an ordinary one: seconds on the machine they were measured on
/// (`cargo build --timings`). Only the proportions matter.
const COSTS: [(&str, u64); 12] = [
    ("datafusion", 60),
    ("datafusion_catalog", 20),
    ("datafusion_catalog_listing", 15),
    ("datafusion_physical_plan", 25),
    ("datafusion_functions_aggregate", 15),
    ("datafusion_functions_nested", 15),
    ("datafusion_functions", 15),
    ("parquet", 30),
    ("sekisho_store", 40),
    ("sekisho_operation", 20),
    ("sqlparser", 15),
    ("libsqlite3_sys", 15),
];

fn cost(package: &str) -> u64 {
    let known = COSTS.iter().find(|(name, _)| *name == package);
    known.map_or(2, |(_, cost)| *cost)
}

/// How far a build is.
struct Progress {
    left: Vec<String>,
    whole: u64,
    done: u64,
    /// Cost of what was there already: it took no time, so it says nothing about the rest.
    was_there: u64,
    started: Instant,
    said: Instant,
    is_terminal: bool,
}

/// How often a line is written where there is no terminal.
const QUIET_INTERVAL: Duration = Duration::from_secs(15);

impl Progress {
    fn new(packages: Vec<String>) -> Self {
        Self {
            whole: packages.iter().map(|package| cost(package)).sum(),
            left: packages,
            done: 0,
            was_there: 0,
            started: Instant::now(),
            said: Instant::now(),
            is_terminal: std::io::stdout().is_terminal(),
        }
    }

    fn built(&mut self, artifact: &Artifact) {
        let Some(place) = self.left.iter().position(|package| *package == artifact.name) else {
            return;
        };
        self.left.swap_remove(place);
        self.done += cost(&artifact.name);
        if artifact.was_there {
            self.was_there += cost(&artifact.name);
        }
        self.say();
    }

    fn say(&mut self) {
        let interval = if self.is_terminal {
            Duration::from_millis(200)
        } else {
            QUIET_INTERVAL
        };
        if self.said.elapsed() < interval {
            return;
        }
        self.said = Instant::now();
        let percent = self.done * 100 / self.whole.max(1);
        let rest = match self.time_left() {
            Some(left) => format!("about {} left", clock(left)),
            None => String::new(),
        };
        if self.is_terminal {
            print!("\r  {percent:>3} %  {rest}   ");
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stdout().flush();
        } else {
            println!("  {percent:>3} %  {rest}");
        }
    }

    fn time_left(&self) -> Option<Duration> {
        let worked = self.done.checked_sub(self.was_there).filter(|worked| *worked > 10)?;
        let rest = u32::try_from(self.whole.saturating_sub(self.done)).ok()?;
        Some(self.started.elapsed() * rest / u32::try_from(worked).ok()?)
    }

    fn end(&self) {
        if self.is_terminal {
            println!("\r  100 %  {}              ", clock(self.started.elapsed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Artifact, Progress};

    #[test]
    fn what_cargo_says_of_a_package_is_read() {
        let line = r#"{"reason":"compiler-artifact","package_id":"x","target":{"kind":["lib"],"crate_types":["lib"],"name":"arrow-array","src_path":"x"},"fresh":true}"#;
        let artifact = Artifact::parse(line).map(|artifact| (artifact.name, artifact.was_there));
        assert_eq!(artifact, Some(("arrow_array".to_owned(), true)));
        assert!(Artifact::parse(r#"{"reason":"build-script-executed"}"#).is_none());
    }

    #[test]
    fn packages_that_were_there_say_nothing_about_the_time_left() {
        let mut progress = Progress::new(vec!["parquet".to_owned(), "datafusion".to_owned()]);
        let built = |was_there: bool| Artifact {
            name: "parquet".to_owned(),
            was_there,
        };
        progress.built(&built(true));
        assert!(progress.time_left().is_none());
        assert_eq!(progress.left, ["datafusion"]);
    }
}
