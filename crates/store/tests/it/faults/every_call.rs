//! One fault at every call of a small workload, each on a store of its own.

use super::child::Ending;
use super::shim::{Calls, Fault, Plan, Shim};
use super::{Random, Victim, in_parallel, scaled};

/// What is done, and at how many calls spread over all of them; the full tier hits every call.
struct Sweep {
    fault: Fault,
    calls: Calls,
    samples: u64,
}

const fn sweep(fault: Fault, calls: Calls, samples: u64) -> Sweep {
    Sweep { fault, calls, samples }
}

const ERRORS: [Sweep; 6] = [
    sweep(Fault::Eio, Calls::Change, 48),
    sweep(Fault::Eio, Calls::Read, 16),
    sweep(Fault::Enospc, Calls::Change, 12),
    sweep(Fault::ShortWrite, Calls::Data, 8),
    sweep(Fault::PartThenEnospc, Calls::Data, 8),
    sweep(Fault::LostSync, Calls::Sync, 12),
];
const ENDS: [Sweep; 4] = [
    sweep(Fault::KillBefore, Calls::Change, 16),
    sweep(Fault::KillAfter, Calls::Change, 16),
    sweep(Fault::TornWrite, Calls::Data, 12),
    sweep(Fault::PowerCut, Calls::Change, 40),
];

#[test]
fn an_error_at_any_call_costs_nothing() {
    run("an_error_at_any_call_costs_nothing", &ERRORS);
}

#[test]
fn a_kill_or_a_power_cut_at_any_call_costs_nothing() {
    run("a_kill_or_a_power_cut_at_any_call_costs_nothing", &ENDS);
}

fn run(test: &str, sweeps: &[Sweep]) {
    let Some(shim) = Shim::build(test) else {
        return;
    };
    let calm = Victim::new(&shim).work(Plan::NONE, 0..1, Ending::Close, None);
    calm.assert_clean("without a fault");
    assert!(calm.failures.is_empty(), "{:?}", calm.failures);
    for Sweep { fault, calls, samples } in sweeps {
        let count = calm.seen.count(*calls);
        let stride = scaled((count / samples).max(1), 1);
        assert!(count > 10, "{calls:?} are not counted: {:?}", calm.seen);
        // Threads make the count differ a little from run to run: on until nothing fires.
        let plans: Vec<Plan> = (1..=count + stride.max(9))
            .step_by(stride as usize)
            .map(|at| Plan {
                fault: *fault,
                calls: *calls,
                at,
                seed: Random(at + *fault as u64).below(u64::MAX),
            })
            .collect();
        let fired = in_parallel(plans, |plan| hit(&shim, plan))
            .into_iter()
            .filter(|fired| *fired)
            .count();
        println!("{fault:?} at {fired} of {count} {calls:?} calls");
        assert!(fired as u64 + 1 >= count / stride, "{fault:?} fired {fired} times only");
    }
}

/// Does one fault to a new store and checks what is left. Returns whether there was such a call.
fn hit(shim: &Shim, plan: Plan) -> bool {
    let mut victim = Victim::new(shim);
    let is_lost_sync = plan.fault == Fault::LostSync;
    let ending = if is_lost_sync { Ending::PowerCut } else { Ending::Close };
    let ended = victim.work(plan, 0..1, ending, None);
    let what = format!("{plan:?} at {}", ended.seen.hit);
    let is_end = matches!(
        plan.fault,
        Fault::KillBefore | Fault::KillAfter | Fault::TornWrite | Fault::PowerCut
    );
    if is_lost_sync || (is_end && ended.seen.fired > 0) {
        ended.assert_killed(&what);
    } else {
        ended.assert_clean(&what);
    }
    if !is_end {
        assert!(ended.failures.is_empty(), "{what}: failed twice: {:?}", ended.failures);
    }
    let dir = victim.store();
    if plan.seed.is_multiple_of(2) {
        victim.oracle.check_reading(&dir, &what);
    }
    victim.oracle.check_writing(&dir, &what);
    // And the store goes on; that is the same everywhere, so some places are enough.
    if plan.at % 4 == 1 {
        let next = victim.work(Plan::NONE, 0..2, Ending::Close, None);
        next.assert_clean(&what);
        assert!(next.failures.is_empty(), "{what}: afterwards: {:?}", next.failures);
        victim.oracle.check_reading(&dir, &what);
    }
    ended.seen.fired > 0
}
