//! Kills and power cuts at random moments, one after the other on the same store.

use std::time::{Duration, Instant};

use super::child::Ending;
use super::shim::{Calls, Fault, Plan, Shim};
use super::workload::fill;
use super::{Random, Victim, in_parallel, scaled};
use crate::digest::digest;
use crate::kit::read;

/// Kills of one store. More would make the store, and so the checks, larger than the faults need.
const KILLS_A_STORE: u64 = 10;

/// Every so many kills one comes at a moment of the clock instead of at a call.
const BY_TIME_EVERY: u64 = 10;

/// How long opening may take after a kill; it takes milliseconds, and tests share their machine.
const OPEN_BOUND: Duration = Duration::from_secs(2);

#[test]
fn random_kills_lose_and_double_nothing() {
    let faults = [Fault::KillBefore, Fault::KillAfter];
    run("random_kills_lose_and_double_nothing", &faults, scaled(10, 100));
}

#[test]
fn torn_writes_and_power_cuts_lose_and_double_nothing() {
    let faults = [Fault::TornWrite, Fault::PowerCut];
    run(
        "torn_writes_and_power_cuts_lose_and_double_nothing",
        &faults,
        scaled(3, 100),
    );
}

/// What the kills of one store were like.
#[derive(Debug, Default)]
struct Tally {
    kills: u64,
    in_work: u64,
    acknowledged: usize,
    slowest_open: Duration,
}

fn run(test: &str, faults: &[Fault], stores: u64) {
    let Some(shim) = Shim::build(test) else {
        return;
    };
    let tallies = in_parallel((0..stores).collect(), |seed| kill_one_store(&shim, faults, seed));
    let mut all = Tally::default();
    for tally in tallies {
        all.kills += tally.kills;
        all.in_work += tally.in_work;
        all.acknowledged += tally.acknowledged;
        all.slowest_open = all.slowest_open.max(tally.slowest_open);
    }
    println!("{faults:?}: {all:?}");
    assert!(
        all.in_work * 10 >= all.kills * 8,
        "too few in the middle of work: {all:?}"
    );
    assert!(
        all.acknowledged as u64 > all.kills,
        "too little was acknowledged: {all:?}"
    );
    assert!(all.slowest_open < OPEN_BOUND, "{all:?}");
}

fn kill_one_store(shim: &Shim, faults: &[Fault], seed: u64) -> Tally {
    let mut random = Random(seed * 1_000_003 + faults[0] as u64);
    let mut victim = Victim::new(shim);
    let dir = victim.store();
    let started = Instant::now();
    let calm = victim.work(Plan::NONE, 0..1, Ending::Close, None);
    let calm_time = started.elapsed();
    calm.assert_clean("without a fault");
    let mut calls_made = calm.seen;
    let mut tally = Tally::default();
    let mut round = 0;
    while tally.kills < KILLS_A_STORE && round < 3 * KILLS_A_STORE {
        round += 1;
        let rounds = round - 1..round + 1;
        let fault = faults[random.below(faults.len() as u64) as usize];
        let calls = if fault == Fault::TornWrite {
            Calls::Data
        } else {
            Calls::Change
        };
        let at = 1 + random.below(calls_made.count(calls));
        let plan = Plan {
            fault,
            calls,
            at,
            seed: random.below(u64::MAX),
        };
        let time = Duration::from_micros(random.below(calm_time.as_micros() as u64));
        let ended = match round % BY_TIME_EVERY == 0 {
            true => victim.work(Plan::NONE, rounds, Ending::Close, Some(time)),
            false => victim.work(plan, rounds, Ending::Close, None),
        };
        let what = format!("store {seed}, kill {round}, {plan:?} at {}", ended.seen.hit);
        if ended.has_ended {
            // There were fewer calls than expected; what it did stands.
            ended.assert_clean(&what);
            calls_made = ended.seen;
        } else {
            ended.assert_killed(&what);
            tally.kills += 1;
            tally.in_work += u64::from(ended.in_step);
        }
        victim.oracle.check_reading(&dir, &what);
        // Every other time the next child is the one that cleans up, and may be killed at that.
        if round % 2 == 0 {
            victim.oracle.check_writing(&dir, &what);
        }
    }
    let rounds = 0..round + 1;
    let last = victim.work(Plan::NONE, rounds.clone(), Ending::Close, None);
    last.assert_clean("after the last kill");
    assert!(last.failures.is_empty(), "{:?}", last.failures);
    victim.oracle.check_writing(&dir, "after the last kill");
    if seed == 0 {
        let calm = tempfile::tempdir().unwrap();
        fill(calm.path(), rounds);
        assert_eq!(
            digest(&read(&dir)),
            digest(&read(calm.path())),
            "beside a store that lived in peace"
        );
    }
    tally.acknowledged = victim.oracle.acknowledged_count();
    tally.slowest_open = victim.oracle.slowest_open;
    tally
}
