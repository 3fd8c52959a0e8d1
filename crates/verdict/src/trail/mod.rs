//! The second pass: the events that were found, and those of the same sessions, logins and tokens.

mod objects;
mod seeds;
mod strands;
mod ways;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow::array::RecordBatch;
use sekisho_event::time::{Micros, Range, to_rfc3339};
use sekisho_hunt::{HuntError, HuntResult, Outside};

pub(crate) use objects::ObjectTrail;
pub(crate) use strands::ActorTrail;

use crate::build::RuleFinding;
use crate::row::{Columns, Row};
use crate::search::{MAX_QUERY_BYTES, Search, all_of, exactly};
use crate::sheet::TakenBy;
use crate::taken;
use objects::Objects;
use seeds::{Membership, Seeds};
use strands::{Strands, place_of};
use ways::{Way, Ways};

/// Events that are remembered to count one that comes twice (a daily and an hourly file) once.
const MAX_REMEMBERED: usize = 2_000_000;

/// Pairs of token and place of one org that are told apart; a token in more hands than that is public.
const MAX_TOKEN_PLACES: usize = 2_000;

/// Most alternatives of one search: the console takes 128 terms.
const MAX_ALTERNATIVES: usize = 100;

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
    /// What those who are named by finds did without any key, by name and place, until it is known where the tokens were used.
    by_actor: BTreeMap<(String, Option<String>), TokenPlace>,
    ways: Ways,
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

/// What a token, or somebody without any key, did at one place.
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
            if row.time_us.is_some() && !self.range.contains(row.time_us) && !membership.is_before() {
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
                trail.note(&row, &membership);
            }
        }
        Ok(())
    }

    /// Returns what belongs to the finds of an org.
    pub(crate) fn take(&mut self, org: &str) -> OrgTrail {
        let mut trail = self.orgs.remove(org).unwrap_or_default();
        trail.decide_tokens(org, &self.seeds);
        trail.decide_actors();
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
    fn note(&mut self, row: &Row<'_>, membership: &Membership) {
        if membership.is_certain() {
            return self.add(row, membership);
        }
        let name = if membership.token.is_some() {
            row.token_id
        } else {
            row.actor
        };
        let key = (name.unwrap_or_default().to_owned(), row.src_ip.map(place_of));
        let places = match membership.token {
            Some(_) => &mut self.by_token,
            None => &mut self.by_actor,
        };
        if places.len() >= MAX_TOKEN_PLACES && !places.contains_key(&key) {
            self.is_capped = true;
            return;
        }
        let place = places.entry(key).or_default();
        place.is_of_finds |= membership.token.is_some_and(|token| token.is_of_finds);
        if membership.is_before() {
            place.is_usual = true;
        } else {
            place.events += 1;
            place.trail.get_or_insert_default().add(row, membership);
        }
    }

    fn add(&mut self, row: &Row<'_>, membership: &Membership) {
        let way = Way::of(row, membership);
        self.ways.add(&way, row);
        self.objects.add(row, &way);
        self.strands.add(row, membership, way);
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
    fn decide_tokens(&mut self, org: &str, seeds: &Seeds) {
        for ((token, place), used) in std::mem::take(&mut self.by_token) {
            if used.is_usual {
                self.ways.not_ours(&token).before_us = seeds.token_from(org, &token);
            }
            let Some(trail) = used.trail else {
                continue;
            };
            match place {
                Some(place) if used.is_usual && !used.is_of_finds => {
                    self.ways.not_ours(&token).places.insert(place.clone());
                    self.owners.push(OwnersUse {
                        token,
                        place,
                        events: used.events,
                    });
                }
                _ => self.merge(*trail),
            }
        }
    }

    /// What the same user did without any key is the thief's where the stolen token was used and the user never was before.
    fn decide_actors(&mut self) {
        let places = self.ways.token_places();
        for ((_, place), used) in std::mem::take(&mut self.by_actor) {
            let is_thiefs = !used.is_usual && place.is_some_and(|place| places.contains(&place));
            if let Some(trail) = used.trail.filter(|_| is_thiefs) {
                self.merge(*trail);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.ways.merge(other.ways);
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

    /// Returns the search that shows what an actor did, and as far as the language allows nothing else.
    pub(crate) fn query_of_actor(&self, frame: &Frame<'_>, actor: &ActorTrail, all: &[ActorTrail]) -> String {
        let mut own: Vec<&Way> = Vec::new();
        let mut shared = Vec::new();
        for (way, strands) in &actor.ways {
            let is_others = |other: &&ActorTrail| !std::ptr::eq(*other, actor) && other.every_way.contains(way);
            match (way, all.iter().find(is_others)) {
                (Way::Login(_) | Way::Token(_), Some(_)) => shared.push((way, strands)),
                _ => own.push(way),
            }
        }
        let conditions = self.ways.conditions(own).and_then(|mut conditions| {
            for (way, strands) in shared {
                let way = self.ways.conditions([way])?.pop()?;
                conditions.extend(
                    strands
                        .conditions()?
                        .into_iter()
                        .map(|strand| format!("({way} {strand})")),
                );
            }
            Some(conditions)
        });
        let search = |conditions: Vec<String>| frame.start().any(&conditions).finish();
        let exact = conditions.filter(|conditions| !conditions.is_empty()).map(search);
        exact.filter(|query| frame.fits(query)).unwrap_or_else(|| {
            // By user and place, and by time: it shows what else they did meanwhile rather than less.
            let user = actor.user.as_ref().and_then(|user| exactly("actor", user));
            let places = all_of("src_ip", &actor.addresses);
            let around: Vec<String> = user.into_iter().chain(places).collect();
            let time = actor
                .from_us
                .zip(actor.to_us)
                .map(|(from_us, to_us)| ways::between(from_us, to_us));
            let search = frame.start().any(&around);
            search.any(&time.into_iter().collect::<Vec<_>>()).finish()
        })
    }

    /// Returns the search that shows what the trail did to an object, and as far as the language allows nothing else.
    pub(crate) fn query_of_object(&self, frame: &Frame<'_>, object: &ObjectTrail) -> String {
        let terms = object.terms();
        let in_time = || object.time().map(|(from_us, to_us)| ways::between(from_us, to_us));
        let of_object = |narrow: &[String]| {
            let search = frame.start().any(terms.as_deref().unwrap_or_default()).any(narrow);
            match &terms {
                Some(_) => search,
                None => search.any(&in_time().into_iter().collect::<Vec<_>>()),
            }
        };
        let ways = object.ways().and_then(|ways| self.ways.conditions(ways));
        let exact = ways.map(|ways| of_object(&ways).finish());
        exact.filter(|query| frame.fits(query)).unwrap_or_else(|| {
            let search = frame.start().any(terms.as_deref().unwrap_or_default());
            let search = search.any(&in_time().into_iter().collect::<Vec<_>>()).finish();
            if frame.fits(&search) {
                search
            } else {
                frame.start().finish()
            }
        })
    }

    /// Returns whether a finding is of the trail: of one of its sessions, or of one of its users at a place of theirs.
    pub(crate) fn has_finding(&self, actors: &[ActorTrail], finding: &RuleFinding) -> bool {
        if !finding.sessions.is_empty() {
            return finding.sessions.iter().any(|key| self.strands.has_session(key));
        }
        let Some(name) = &finding.actor else {
            return false;
        };
        let places: BTreeSet<String> = finding.src_ips.iter().map(|address| place_of(address)).collect();
        actors
            .iter()
            .any(|actor| actor.names.contains(name) && !actor.addresses.is_disjoint(&places))
    }

    /// Returns whether something did not fit.
    pub(crate) fn is_capped(&self) -> bool {
        self.is_capped || self.ways.is_capped || self.strands.is_capped || self.objects.is_capped
    }
}

/// What every search of an org's sheet asks for.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) org: &'a str,
    pub(crate) range: Range,
}

impl Frame<'_> {
    fn start(&self) -> Search {
        let bound =
            |sign: &str, at_us: Option<Micros>| at_us.map(|at_us| format!("time{sign}\"{}\"", to_rfc3339(at_us)));
        let bounds = [bound(">=", self.range.from_us), bound("<", self.range.to_us)];
        bounds
            .into_iter()
            .flatten()
            .fold(Search::in_org(self.org), |search, bound| search.any(&[bound]))
    }

    fn fits(&self, query: &str) -> bool {
        query.len() <= MAX_QUERY_BYTES && query.matches(" OR ").count() < MAX_ALTERNATIVES
    }
}
