//! Compaction: many small or overlapping segments become few in the order of time, while readers go on.
//!
//! One step merges one cluster of one table and commits: the new segments come, the old ones end, in one transaction. Killed
//! before it, the new files are swept; killed after it, the old ones are removed by whoever removes files next.

mod merge;
mod order;
mod plan;

use std::collections::HashSet;

use crate::catalogue::commit::{Plan, Removed, TablePlan};
use crate::catalogue::inlined::InlinePlan;
use crate::catalogue::{Segment, SnapshotId, Table};
use crate::durable;
use crate::error::{Error, Result};
use crate::identity::IDENTITY_EXTENSION;
use crate::name::Name;
use crate::segment::Finished;
use crate::store::Inner;
use merge::{DAY_US, Job, merge};
use plan::{Candidate, Cluster, Limits, plan};

/// What one step may take on: a few seconds of work, since a load waits for its end.
const LIMITS: Limits = Limits {
    rows: 2 * 1024 * 1024,
    bytes: 256 * 1024 * 1024,
    segments: 64,
    // Four row groups: skipping by time works inside a segment too, and a day of ordinary size is not cut.
    cut_rows: 512 * 1024,
    // A row group: its times are known as a whole only, so order inside it skips nothing.
    unsorted_rows: 128 * 1024,
};

/// What a step of compaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompactStep {
    pub(crate) segments_before: usize,
    pub(crate) segments_after: usize,
    pub(crate) rows: u64,
}

/// What came of looking for something to compact.
#[derive(Debug)]
pub(crate) enum Compacted {
    /// There is nothing to do.
    Nothing,
    /// A step was done.
    Step(CompactStep),
    /// It was stopped; nothing has changed.
    Stopped,
    /// These segments cannot be merged; nothing has changed.
    Failed { segments: Vec<i64>, error: Error },
}

/// A cluster in its table.
struct Chosen {
    name: Name,
    table: Table,
    cluster: Cluster,
    has_identities: bool,
}

impl Inner {
    /// Merges the most promising cluster, leaving the segments in `skipped` alone.
    pub(crate) fn compact_step(&self, skipped: &HashSet<i64>, stop: &dyn Fn() -> bool) -> Result<Compacted> {
        let Some(chosen) = self.choose(skipped)? else {
            return Ok(Compacted::Nothing);
        };
        let is_input = |segment: &&Segment| chosen.cluster.ids.contains(&segment.id);
        let inputs: Vec<&Segment> = chosen.table.segments.iter().filter(is_input).collect();
        let job = Job {
            store: self,
            name: &chosen.name,
            table: &chosen.table,
            inputs,
            cut_rows: chosen.cluster.cut_rows,
            has_identities: chosen.has_identities,
            stop,
        };
        let segments = match merge(&job) {
            Ok(Some(segments)) => segments,
            Ok(None) => return Ok(Compacted::Stopped),
            Err(error) => {
                return Ok(Compacted::Failed {
                    segments: chosen.cluster.ids,
                    error,
                });
            }
        };
        let step = CompactStep {
            segments_before: job.inputs.len(),
            segments_after: segments.len(),
            rows: segments.iter().map(|segment| segment.rows).sum(),
        };
        let removed = job.inputs.iter().map(|segment| removed(segment)).collect();
        self.replace(&chosen.name, &chosen.table, segments, removed)?;
        Ok(Compacted::Step(step))
    }

    /// Commits new segments in the place of old ones; no answer changes.
    fn replace(&self, name: &Name, table: &Table, segments: Vec<Finished>, removed: Vec<Removed>) -> Result<()> {
        sync(self, name, &segments)?;
        self.catalogue.commit(&Plan {
            tables: vec![table_plan(name, table, segments, removed)],
            is_rearrangement: true,
            ..Plan::default()
        })?;
        Ok(())
    }

    fn choose(&self, skipped: &HashSet<i64>) -> Result<Option<Chosen>> {
        let snapshot = self.catalogue.latest()?;
        let with_identities = self.catalogue.segments_with(IDENTITY_EXTENSION)?;
        let mut best: Option<Chosen> = None;
        for name in self.catalogue.names(snapshot)? {
            let Some(table) = self.readable(snapshot, &name)? else {
                continue;
            };
            let candidates: Vec<Candidate> = table
                .segments
                .iter()
                .filter(|segment| !skipped.contains(&segment.id))
                .filter_map(|segment| self.candidate(segment, &with_identities))
                .collect();
            for cluster in plan(&candidates, &LIMITS) {
                let length = |chosen: &Chosen| chosen.cluster.ids.len();
                if best.as_ref().is_some_and(|best| length(best) >= cluster.ids.len()) {
                    continue;
                }
                let first = candidates.iter().find(|candidate| cluster.ids.contains(&candidate.id));
                best = Some(Chosen {
                    name: name.clone(),
                    table: table.clone(),
                    has_identities: first.is_some_and(|candidate| candidate.has_identities),
                    cluster,
                });
            }
        }
        Ok(best)
    }

    /// Returns a table, unless another tool has done to it what only that tool can read.
    pub(crate) fn readable(&self, snapshot: SnapshotId, name: &Name) -> Result<Option<Table>> {
        match self.catalogue.table(snapshot, name) {
            Err(Error::Foreign { .. }) => Ok(None),
            other => other,
        }
    }

    /// Returns a segment as planning sees it; segments of other tools are left alone.
    fn candidate(&self, segment: &Segment, with_identities: &HashSet<i64>) -> Option<Candidate> {
        let times = segment.times?;
        let identities = self.data_dir.join(&segment.path).with_extension(IDENTITY_EXTENSION);
        Some(Candidate {
            id: segment.id,
            rows: segment.rows,
            bytes: segment.bytes,
            days: times
                .range
                .map(|(first, last)| (first.div_euclid(DAY_US), last.div_euclid(DAY_US))),
            is_sorted: segment.is_sorted,
            // A segment of an older version has the file, and the catalogue does not say so.
            has_identities: with_identities.contains(&segment.id) || identities.is_file(),
        })
    }
}

/// Returns a segment as one that leaves its table.
pub(crate) fn removed(segment: &Segment) -> Removed {
    Removed {
        id: segment.id,
        rows: segment.rows,
        bytes: segment.bytes,
    }
}

/// Returns the plan that puts new segments in the place of old ones.
pub(crate) fn table_plan(name: &Name, table: &Table, segments: Vec<Finished>, removed: Vec<Removed>) -> TablePlan {
    TablePlan {
        name: name.clone(),
        base: Some((table.id, table.columns.iter().map(|column| column.id).collect())),
        columns: table.columns.clone(),
        segments,
        removed,
        inlined: InlinePlan::default(),
    }
}

/// Makes new segments of a table durable.
pub(crate) fn sync(store: &Inner, name: &Name, segments: &[Finished]) -> Result<()> {
    let mut paths: Vec<_> = segments.iter().flat_map(Finished::paths).collect();
    if !paths.is_empty() {
        paths.push(store.data_dir.join(&name.schema).join(&name.table));
    }
    durable::sync_all(&paths)
}
