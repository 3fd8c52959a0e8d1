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
use crate::sheet::TakenBy;
use crate::taken;
use objects::Objects;
use seeds::{Membership, Seeds};
use strands::{Strands, place_of};

/// Events that are remembered to count one that comes twice (a daily and an hourly file) once.
const MAX_REMEMBERED: usize = 2_000_000;

/// Pairs of token and place of one org that are told apart; a token in more hands than that is public.
const MAX_TOKEN_PLACES: usize = 2_000;

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
    /// What was done with a token of a find, by token and place, until it is known which places are its owner's.
    by_token: BTreeMap<(String, Option<String>), TokenPlace>,
    is_capped: bool,
    /// Bulk queries that came to their end.
    pub(crate) finished_bulk_queries: u64,
    /// Bulk jobs that were deleted, and their results with them.
    pub(crate) deleted_bulk_jobs: u64,
    /// Downloads of bulk results.
    pub(crate) bulk_downloads: u64,
    /// Downloads of objects out of buckets.
    pub(crate) object_downloads: u64,
    /// What tokens of finds did at the places of their owners, and is not counted.
    pub(crate) owners: Vec<OwnersUse>,
}

/// What a token did at one place.
#[derive(Debug, Default)]
struct TokenPlace {
    /// True where it was used there before the theft can have begun.
    is_usual: bool,
    is_of_finds: bool,
    events: u64,
    trail: Option<Box<OrgTrail>>,
}

/// Use of a stolen token from where its owner always used it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnersUse {
    pub(crate) token: String,
    pub(crate) place: String,
    pub(crate) events: u64,
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
            // What was done before the range still tells where a token is usual.
            let is_before = matches!(membership, Membership::Token { is_after: false, .. });
            if row.time_us.is_some() && !self.range.contains(row.time_us) && !is_before {
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
                trail.note(&row, membership);
            }
        }
        Ok(())
    }

    /// Returns what belongs to the finds of an org.
    pub(crate) fn take(&mut self, org: &str) -> OrgTrail {
        let mut trail = self.orgs.remove(org).unwrap_or_default();
        trail.decide_tokens();
        trail
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
    fn note(&mut self, row: &Row<'_>, membership: Membership) {
        let (is_after, is_of_finds) = match membership {
            Membership::Certain { is_outside } => return self.add(row, is_outside),
            Membership::Token { is_after, is_of_finds } => (is_after, is_of_finds),
        };
        let key = (row.token_id.unwrap_or_default().to_owned(), row.src_ip.map(place_of));
        if self.by_token.len() >= MAX_TOKEN_PLACES && !self.by_token.contains_key(&key) {
            self.is_capped = true;
            return;
        }
        let place = self.by_token.entry(key).or_default();
        place.is_of_finds |= is_of_finds;
        place.is_usual |= !is_after;
        if is_after {
            place.events += 1;
            place.trail.get_or_insert_default().add(row, false);
        }
    }

    fn add(&mut self, row: &Row<'_>, is_outside: bool) {
        self.strands.add(row, is_outside);
        self.objects.add(row);
        self.finished_bulk_queries += u64::from(taken::is_finished_bulk_query(row));
        self.deleted_bulk_jobs += u64::from(taken::is_deleted_bulk_job(row));
        match taken::taken_by(row) {
            Some(TakenBy::BulkResultDownload) => self.bulk_downloads += 1,
            Some(TakenBy::ObjectDownload) => self.object_downloads += 1,
            _ => {}
        }
    }

    /// What a stolen token does from a new place is the thief's; from where it was used before, its owner's, unless the
    /// finds came from there.
    fn decide_tokens(&mut self) {
        for ((token, place), used) in std::mem::take(&mut self.by_token) {
            let Some(trail) = used.trail else {
                continue;
            };
            match place {
                Some(place) if used.is_usual && !used.is_of_finds => self.owners.push(OwnersUse {
                    token,
                    place,
                    events: used.events,
                }),
                _ => self.merge(*trail),
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.strands.merge(other.strands);
        self.objects.merge(other.objects);
        self.is_capped |= other.is_capped;
        self.finished_bulk_queries += other.finished_bulk_queries;
        self.deleted_bulk_jobs += other.deleted_bulk_jobs;
        self.bulk_downloads += other.bulk_downloads;
        self.object_downloads += other.object_downloads;
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
        self.is_capped || self.strands.is_capped || self.objects.is_capped
    }
}
