//! The process that the faults meet: the test binary itself, started with one job.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use sekisho_store::{Mode, NoKnownTables, Result, Store};

use super::oracle::Oracle;
use super::shim::Switch;
use super::workload::{Act, STEPS, Step};

pub(crate) const JOB: &str = "SEKISHO_FAULT_JOB";

/// What a child does.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) store: PathBuf,
    pub(crate) rounds: Range<u64>,
    pub(crate) ending: Ending,
}

/// What happens after the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Close,
    /// The power is cut with the store open.
    PowerCut,
    /// What was acknowledged is read, then calls fail no more, and everything that failed is tried again.
    Mend,
}

impl Job {
    pub(crate) fn to_env(&self) -> String {
        let ending = match self.ending {
            Ending::Close => "close",
            Ending::PowerCut => "cut",
            Ending::Mend => "mend",
        };
        let Range { start, end } = self.rounds;
        format!("{ending}|{start}|{end}|{}", self.store.display())
    }

    fn from_env(text: &str) -> Self {
        let parts: Vec<&str> = text.splitn(4, '|').collect();
        let ending = match parts[0] {
            "cut" => Ending::PowerCut,
            "mend" => Ending::Mend,
            _ => Ending::Close,
        };
        Self {
            ending,
            rounds: parts[1].parse().unwrap()..parts[2].parse().unwrap(),
            store: parts[3].into(),
        }
    }
}

/// The child at work.
struct Worker {
    job: Job,
    store: Option<Store>,
    oracle: Oracle,
}

#[test]
#[ignore = "the child of the fault tests"]
fn child() {
    let Ok(job) = std::env::var(JOB) else {
        return;
    };
    let mut worker = Worker {
        job: Job::from_env(&job),
        store: None,
        oracle: Oracle::default(),
    };
    let switch = Switch::open();
    let mut failed: Vec<(u64, usize)> = Vec::new();
    for round in worker.job.rounds.clone() {
        for step in 0..STEPS.len() {
            // A call that failed once must not keep the store from working again without a restart.
            if !worker.attempt(round, step) && !worker.attempt(round, step) {
                failed.push((round, step));
            }
        }
    }
    if worker.job.ending == Ending::Mend {
        worker.oracle.check_reading(&worker.job.store, "without room");
        switch.mend();
        for (round, step) in failed {
            worker.attempt(round, step);
        }
    }
    if worker.job.ending == Ending::PowerCut {
        switch.cut_power();
        let _ = std::fs::write(worker.job.store.join("cut"), b"");
    }
    drop(worker);
    println!("\nend");
}

impl Worker {
    /// Does one step and tells the parent before and after.
    fn attempt(&mut self, round: u64, step: usize) -> bool {
        println!("\nbegin {round} {step}");
        self.oracle.begun(round, step, (STEPS[step].gives)(round));
        match self.act(round, &STEPS[step]) {
            Ok(()) => {
                println!("\nacknowledged {round} {step}");
                self.oracle.acknowledged(round, step);
                true
            }
            Err(error) => {
                println!("\nfailed {round} {step} {error}");
                false
            }
        }
    }

    fn act(&mut self, round: u64, step: &Step) -> Result<()> {
        if matches!(step.act, Act::Reopen) {
            self.store = None;
        }
        let store = match &mut self.store {
            Some(store) => store,
            None => {
                let opened = Store::open(&self.job.store, Mode::ReadWrite, Arc::new(NoKnownTables))?;
                self.store.insert(opened)
            }
        };
        step.run(store, round)
    }
}
