//! Steps with their times, and what became of them.

use std::time::{Duration, Instant};

use crate::Failure;

/// Runs steps one after the other and remembers which failed.
pub(crate) struct Report {
    started: Instant,
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<Failure>,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            steps: Vec::new(),
        }
    }

    /// Runs one step; returns what it gave, or `None` where it failed.
    pub(crate) fn step<T>(&mut self, name: &'static str, run: impl FnOnce() -> Result<T, Failure>) -> Option<T> {
        println!("[{}] {name}", clock(self.started.elapsed()));
        let began = Instant::now();
        let outcome = run();
        let took = began.elapsed();
        let (given, failure) = match outcome {
            Ok(given) => (Some(given), None),
            Err(failure) => {
                println!("[{}] {name} failed: {failure}", clock(self.started.elapsed()));
                (None, Some(failure))
            }
        };
        self.steps.push(Step { name, took, failure });
        given
    }

    /// Prints every step's time; an error names the steps that failed.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        println!();
        for step in &self.steps {
            let outcome = if step.failure.is_some() { "FAILED" } else { "ok" };
            println!("{:>8}  {:<7} {}", clock(step.took), outcome, step.name);
        }
        println!("{:>8}  in all", clock(self.started.elapsed()));
        let failed: Vec<&str> = self
            .steps
            .iter()
            .filter(|step| step.failure.is_some())
            .map(|step| step.name)
            .collect();
        if failed.is_empty() {
            Ok(())
        } else {
            Err(format!("these steps failed: {}", failed.join(", ")))
        }
    }
}

/// Returns minutes and seconds.
pub(crate) fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}
