//! The second pass: the events that were found, and those of the same sessions, logins and tokens.

mod objects;
mod seeds;
mod strands;

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow::array::RecordBatch;
use sekisho_event::time::Range;
use sekisho_hunt::{HuntError, HuntResult, Outside};

pub(crate) use objects::ObjectTrail;
pub(crate) use strands::ActorTrail;

use crate::row::{Columns, Row};
use crate::taken;
use objects::Objects;
use seeds::{Membership, Seeds};
use strands::Strands;

/// Events that are remembered to count one that comes twice (a daily and an hourly file) once.
const MAX_REMEMBERED: usize = 2_000_000;

/// What belongs to the finds of each org.
///
/// Memory is bounded by the limits of its parts; what did not fit is said on the sheet.
#[derive(Debug, Default)]
pub struct Trail {
    range: Range,
    seeds: Seeds,
    orgs: BTreeMap<String, OrgTrail>,
    remembered: HashSet<u64>,
}

/// What belongs to the finds of one org.
#[derive(Debug, Default)]
pub(crate) struct OrgTrail {
    strands: Strands,
    objects: Objects,
    /// Bulk queries that came to their end.
    pub(crate) finished_bulk_queries: u64,
    /// Bulk jobs that were deleted, and their results with them.
    pub(crate) deleted_bulk_jobs: u64,
    /// Downloads of bulk results.
    pub(crate) bulk_downloads: u64,
}

impl Trail {
    /// Starts a trail from what was found. Weak hits lead nowhere: anyone can write what they match.
    #[must_use]
    pub fn new(hunt: &HuntResult, outside: &[Outside]) -> Self {
        Self {
            range: Range {
                from_us: hunt.from.map(|at| at.0),
                to_us: hunt.to.map(|at| at.0),
            },
            seeds: Seeds::new(hunt, outside),
            ..Self::default()
        }
    }

    /// Gathers what belongs to the finds from one batch of the common table.
    ///
    /// # Errors
    /// The batch is not of the common table.
    pub fn push(&mut self, events: &RecordBatch) -> Result<(), HuntError> {
        if self.seeds.is_empty() {
            return Ok(());
        }
        let columns = Columns::of(events)?;
        let members = self.seeds.members(&columns, events.num_rows());
        for (index, membership) in members {
            let row = columns.row(index);
            if row.time_us.is_some() && !self.range.contains(row.time_us) {
                continue;
            }
            let org = columns.org_at(index);
            if !self.is_new(org, &row, columns.event_uid.at(index)) {
                continue;
            }
            if !self.orgs.contains_key(org) {
                self.orgs.insert(org.to_owned(), OrgTrail::default());
            }
            if let Some(trail) = self.orgs.get_mut(org) {
                trail.add(&row, membership);
            }
        }
        Ok(())
    }

    /// Returns what belongs to the finds of an org.
    pub(crate) fn take(&mut self, org: &str) -> OrgTrail {
        self.orgs.remove(org).unwrap_or_default()
    }

    /// Returns whether finds are missing from the trail because there were too many.
    pub(crate) fn is_capped(&self) -> bool {
        self.seeds.is_capped || self.remembered.len() >= MAX_REMEMBERED
    }

    fn is_new(&mut self, org: &str, row: &Row<'_>, uid: Option<&str>) -> bool {
        let Some(uid) = uid else {
            return true;
        };
        let mut hasher = DefaultHasher::new();
        (org, row.table, uid).hash(&mut hasher);
        let id = hasher.finish();
        if self.remembered.len() >= MAX_REMEMBERED {
            return !self.remembered.contains(&id);
        }
        self.remembered.insert(id)
    }
}

impl OrgTrail {
    fn add(&mut self, row: &Row<'_>, membership: Membership) {
        self.strands.add(row, membership.is_outside);
        self.objects.add(row);
        self.finished_bulk_queries += u64::from(taken::is_finished_bulk_query(row));
        self.deleted_bulk_jobs += u64::from(taken::is_deleted_bulk_job(row));
        let is_download = taken::taken_by(row) == Some(crate::sheet::TakenBy::BulkResultDownload);
        self.bulk_downloads += u64::from(is_download);
    }

    /// Returns who did it, most events first.
    pub(crate) fn actors(&self) -> Vec<ActorTrail> {
        self.strands.actors()
    }

    /// Returns what was touched: taken first, then by rows returned.
    pub(crate) fn objects(&mut self) -> Vec<ObjectTrail> {
        std::mem::take(&mut self.objects).finish()
    }

    /// Returns whether something did not fit.
    pub(crate) fn is_capped(&self) -> bool {
        self.strands.is_capped || self.objects.is_capped
    }
}
