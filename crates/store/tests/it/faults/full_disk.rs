//! A disk that is full from some call on, and has room again later.

use super::child::Ending;
use super::shim::{Calls, Fault, Plan, Shim};
use super::{Victim, in_parallel, scaled};

#[test]
fn a_full_disk_costs_nothing_and_ends_with_the_room() {
    let Some(shim) = Shim::build("a_full_disk_costs_nothing_and_ends_with_the_room") else {
        return;
    };
    let calm = Victim::new(&shim).work(Plan::NONE, 0..1, Ending::Close, None);
    calm.assert_clean("without a fault");
    let count = calm.seen.count(Calls::Change);
    let stride = scaled(count / 12, 1);
    let plans: Vec<Plan> = (1..count)
        .step_by(stride as usize)
        .map(|at| Plan {
            fault: Fault::FullDisk,
            calls: Calls::Change,
            at,
            seed: at,
        })
        .collect();
    let refused: usize = in_parallel(plans, |plan| fill(&shim, plan)).into_iter().sum();
    println!("{refused} calls refused");
    assert!(refused as u64 > count / stride, "{refused}");
}

/// Returns how many calls found no room.
fn fill(shim: &Shim, plan: Plan) -> usize {
    let mut victim = Victim::new(shim);
    let ended = victim.work(plan, 0..1, Ending::Mend, None);
    let what = format!("{plan:?} at {}", ended.seen.hit);
    ended.assert_clean(&what);
    assert!(
        ended.failures.is_empty(),
        "{what}: with room again: {:?}",
        ended.failures
    );
    let dir = victim.store();
    victim.oracle.check_writing(&dir, &what);
    ended.seen.fired as usize
}
