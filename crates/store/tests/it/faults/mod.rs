//! Faults at every call that the store makes: errors, kills, torn writes, power cuts, full disks.
//!
//! A child process works on a store through a library that makes one of its calls fail (`shim`). Afterwards an oracle,
//! which knows what the child was given and what it acknowledged, looks for every event: none lost, none doubled.

mod child;
mod every_call;
mod flips;
mod full_disk;
mod kills;
mod oracle;
mod shim;
mod workload;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use child::{Ending, JOB, Job};
use oracle::Oracle;
use shim::{Plan, Seen, Shim};
use workload::STEPS;

/// Children at a time: two keep two cores busy, since none waits for the disk.
const CHILDREN: usize = 2;

/// Returns how much of a test is done: `few` in every run, `many` in the full tier.
fn scaled(few: u64, many: u64) -> u64 {
    match std::env::var_os("SEKISHO_FULL") {
        Some(value) if value == "1" => many,
        _ => few,
    }
}

/// A store that faults are done to, and what is known of it.
struct Victim<'a> {
    shim: &'a Shim,
    dir: tempfile::TempDir,
    oracle: Oracle,
}

/// What became of a child.
#[derive(Debug)]
struct Ended {
    output: Output,
    seen: Seen,
    /// The steps that failed at last, with their last messages.
    failures: Vec<String>,
    /// A step was begun and neither acknowledged nor failed when the child died.
    in_step: bool,
    has_ended: bool,
}

impl<'a> Victim<'a> {
    fn new(shim: &'a Shim) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["root", "stash"] {
            std::fs::create_dir(dir.path().join(folder)).unwrap();
        }
        Self {
            shim,
            dir,
            oracle: Oracle::default(),
        }
    }

    /// Returns the store's directory, which the store makes with the folder above it.
    fn store(&self) -> PathBuf {
        self.dir.path().join("root/deep/store")
    }

    /// Lets a child work until it ends, dies by `plan`, or is killed after a time.
    fn work(&mut self, plan: Plan, rounds: Range<u64>, ending: Ending, kill_after: Option<Duration>) -> Ended {
        let control = self.dir.path().join("control");
        shim::set(&control, plan);
        let job = Job {
            store: self.store(),
            rounds,
            ending,
        };
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "faults::child::child",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(JOB, job.to_env())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (root, stash) = (self.dir.path().join("root"), self.dir.path().join("stash"));
        self.shim.load(&mut command, &root, &control, &stash);
        let mut child = command.spawn().unwrap();
        if let Some(time) = kill_after {
            std::thread::sleep(time);
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        self.ended(output, shim::seen(&control))
    }

    fn ended(&mut self, output: Output, seen: Seen) -> Ended {
        let mut ended = Ended {
            output,
            seen,
            failures: Vec::new(),
            in_step: false,
            has_ended: false,
        };
        let text = String::from_utf8_lossy(&ended.output.stdout).into_owned();
        // A line without its end was not said.
        let said = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
        let mut failed = BTreeMap::new();
        for line in said.lines() {
            let mut words = line.splitn(4, ' ');
            let word = words.next();
            let mut number = || words.next().and_then(|number| number.parse::<u64>().ok());
            let Some((round, step)) = number().zip(number()) else {
                ended.has_ended |= word == Some("end");
                continue;
            };
            let step = step as usize;
            ended.in_step = word == Some("begin");
            match word {
                Some("begin") => self.oracle.begun(round, step, (STEPS[step].gives)(round)),
                Some("acknowledged") => {
                    self.oracle.acknowledged(round, step);
                    failed.remove(&(round, step));
                }
                _ => {
                    let problem = words.next().unwrap_or_default();
                    failed.insert((round, step), format!("{}: {problem}", STEPS[step].name));
                }
            }
        }
        ended.failures = failed.into_values().collect();
        ended
    }
}

impl Ended {
    /// Fails unless the child went on to its end without a panic.
    fn assert_clean(&self, what: &str) {
        let errors = String::from_utf8_lossy(&self.output.stderr);
        assert!(
            self.output.status.success() && self.has_ended && !errors.contains("panicked"),
            "{what}: {:?}\n{}\n{errors}",
            self.output.status,
            String::from_utf8_lossy(&self.output.stdout)
        );
    }

    /// Fails unless the child was killed, as it was to be.
    fn assert_killed(&self, what: &str) {
        use std::os::unix::process::ExitStatusExt;
        /// SIGKILL.
        const KILLED: i32 = 9;
        assert_eq!(
            self.output.status.signal(),
            Some(KILLED),
            "{what}\n{}",
            String::from_utf8_lossy(&self.output.stderr)
        );
    }
}

/// A source of numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// Does `work` for every item, two at a time, and returns what it gives in no order. Fails at the end with all failures,
/// since one alone seldom tells what is wrong.
fn in_parallel<I: Send, T: Send>(items: Vec<I>, work: impl Fn(I) -> T + Sync) -> Vec<T> {
    let items = Mutex::new(items.into_iter());
    let done = Mutex::new(Vec::new());
    let failures = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let next = items.lock().unwrap().next();
            let Some(item) = next else {
                return;
            };
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(item))) {
                Ok(result) => done.lock().unwrap().push(result),
                Err(problem) => failures.lock().unwrap().push(message(problem.as_ref())),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..CHILDREN {
            scope.spawn(worker);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    done.into_inner().unwrap()
}

fn message(problem: &(dyn std::any::Any + Send)) -> String {
    let text = problem.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| problem.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words")
        .to_owned()
}
