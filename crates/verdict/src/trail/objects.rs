//! What was touched, and what is proven to have left.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sekisho_event::time::Micros;

use super::strands::{earliest, latest};
use super::ways::Way;
use crate::family::{Family, family};
use crate::object::{self, Named};
use crate::row::Row;
use crate::sheet::TakenBy;
use crate::taken;

/// Most objects of one org that are told apart.
const MAX_OBJECTS: usize = 20_000;
/// Most jobs and reports of one org that are remembered.
const MAX_JOBS: usize = 100_000;
/// Most search terms of one object; with more than these it is searched for by time.
const MAX_TERMS: usize = 12;
/// Most ways of one object that are kept; more do not fit into a search.
const MAX_WAYS: usize = 100;

/// The objects of one org.
#[derive(Debug, Default)]
pub(super) struct Objects {
    by_name: BTreeMap<String, ObjectTrail>,
    /// Rows that each bulk job is known to have, since its log counts them in every step.
    jobs: HashMap<(String, String), u64>,
    /// Objects of reports, since half of the logs have only the report's id.
    reports: HashMap<String, BTreeSet<String>>,
    pub(super) is_capped: bool,
}

/// One object.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectTrail {
    pub(crate) name: String,
    accessed: BTreeMap<Family, BTreeMap<String, u64>>,
    returned: BTreeMap<String, u64>,
    taken: BTreeMap<TakenBy, BTreeMap<String, Amount>>,
    /// Search terms of which one holds for each event.
    terms: BTreeSet<String>,
    /// True where an event has a term that is not kept.
    has_other_terms: bool,
    ways: BTreeSet<Way>,
    has_other_ways: bool,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
    has_undated: bool,
}

/// What one log says of one way.
#[derive(Debug, Clone, Copy, Default)]
struct Amount {
    events: u64,
    rows: Option<u64>,
    bytes: Option<u64>,
}

impl Objects {
    pub(super) fn add(&mut self, row: &Row<'_>, way: &Way) {
        let named = object::objects(row);
        if named.is_empty() {
            return;
        }
        let new_rows = self.new_rows(row);
        self.note_report(row, &named);
        for Named { name, term } in named {
            let key = name.to_lowercase();
            if self.by_name.len() >= MAX_OBJECTS && !self.by_name.contains_key(&key) {
                self.is_capped = true;
                continue;
            }
            let object = self.by_name.entry(key).or_default();
            object.name_it(name);
            object.add(row, new_rows);
            object.add_term(term);
            object.add_way(way);
        }
    }

    /// Adds what another part of the trail holds.
    pub(super) fn merge(&mut self, other: Self) {
        self.is_capped |= other.is_capped;
        self.jobs.extend(other.jobs);
        for (report, names) in other.reports {
            self.reports.entry(report).or_default().extend(names);
        }
        for (key, object) in other.by_name {
            if self.by_name.len() >= MAX_OBJECTS && !self.by_name.contains_key(&key) {
                self.is_capped = true;
                continue;
            }
            let own = self.by_name.entry(key).or_default();
            own.name_it(object.name.clone());
            own.merge(&object);
        }
    }

    pub(super) fn finish(mut self) -> Vec<ObjectTrail> {
        self.resolve_reports();
        let mut objects: Vec<ObjectTrail> = self.by_name.into_values().collect();
        objects.sort_by_cached_key(|object| {
            let (returned, _) = object.returned().unzip();
            (
                object.taken_by().is_empty(),
                std::cmp::Reverse(returned.unwrap_or(0)),
                std::cmp::Reverse(object.taken_events()),
                std::cmp::Reverse(object.accessed()),
                object.name.clone(),
            )
        });
        objects
    }

    /// Returns how many rows the event adds to what its log says was returned.
    fn new_rows(&mut self, row: &Row<'_>) -> Option<u64> {
        let rows = taken::returned_rows(row)?;
        let Some(job) = taken::job(row) else {
            return Some(rows);
        };
        let key = (row.table.to_owned(), job.get(..15).unwrap_or(job).to_owned());
        if self.jobs.len() >= MAX_JOBS && !self.jobs.contains_key(&key) {
            self.is_capped = true;
            return None;
        }
        let known = self.jobs.entry(key).or_default();
        let new = rows.saturating_sub(*known);
        *known += new;
        Some(new)
    }

    fn note_report(&mut self, row: &Row<'_>, named: &[Named]) {
        let Some(report) = object::report(row) else {
            return;
        };
        let own_name = object::report_name(report);
        let names = named.iter().map(|named| &named.name).filter(|name| **name != own_name);
        if self.reports.len() < MAX_JOBS || self.reports.contains_key(report) {
            let known = self.reports.entry(report.to_owned()).or_default();
            known.extend(names.map(|name| name.to_lowercase()));
        } else {
            self.is_capped = true;
        }
    }

    /// Moves what is known of a report by its id alone to the objects that it reads, so that the logs of one export are
    /// weighed against each other instead of standing side by side.
    fn resolve_reports(&mut self) {
        for (report, objects) in &self.reports {
            if objects.is_empty() {
                continue;
            }
            let Some(by_id) = self.by_name.remove(&object::report_name(report).to_lowercase()) else {
                continue;
            };
            for name in objects {
                if let Some(object) = self.by_name.get_mut(name) {
                    object.merge(&by_id);
                }
            }
        }
    }
}

impl ObjectTrail {
    /// Events that touched it. Logs of one family may record one event twice, so the one with most stands for all.
    pub(crate) fn accessed(&self) -> u64 {
        self.accessed.values().filter_map(|tables| tables.values().max()).sum()
    }

    /// Rows that were returned, and the log that says so: the one that says most. Logs are never added up.
    pub(crate) fn returned(&self) -> Option<(u64, &str)> {
        let most = *self.returned.values().max()?;
        let (table, rows) = self.returned.iter().find(|(_, rows)| **rows == most)?;
        Some((*rows, table))
    }

    /// How it left.
    pub(crate) fn taken_by(&self) -> Vec<TakenBy> {
        self.taken.keys().copied().collect()
    }

    /// Events that prove it.
    pub(crate) fn taken_events(&self) -> u64 {
        self.largest(|amount| Some(amount.events)).unwrap_or(0)
    }

    /// Rows that left.
    pub(crate) fn taken_rows(&self) -> Option<u64> {
        self.largest(|amount| amount.rows)
    }

    /// Bytes that left.
    pub(crate) fn taken_bytes(&self) -> Option<u64> {
        self.largest(|amount| amount.bytes)
    }

    /// Returns search terms of which one holds for each event, in every log that has it; `None` where there are too many.
    pub(super) fn terms(&self) -> Option<Vec<String>> {
        (!self.has_other_terms).then(|| self.terms.iter().cloned().collect())
    }

    /// Returns the ways in which the events belong to the trail; `None` where there are too many.
    pub(super) fn ways(&self) -> Option<&BTreeSet<Way>> {
        (!self.has_other_ways).then_some(&self.ways)
    }

    /// Returns the first and the last event; `None` where one has no time.
    pub(super) fn time(&self) -> Option<(Micros, Micros)> {
        self.from_us.zip(self.to_us).filter(|_| !self.has_undated)
    }

    /// Different ways are different events; within one way the log that says most stands for all.
    fn largest(&self, of: impl Fn(&Amount) -> Option<u64>) -> Option<u64> {
        let by_way = self
            .taken
            .values()
            .filter_map(|tables| tables.values().filter_map(&of).max());
        by_way.fold(None, |sum, amount| Some(sum.unwrap_or(0) + amount))
    }

    /// Keeps the spelling that the platform uses: people write `case` where it says `Case`.
    fn name_it(&mut self, name: String) {
        let is_lower = |name: &str| !name.contains(char::is_uppercase);
        if self.name.is_empty() || (is_lower(&self.name) && !is_lower(&name)) {
            self.name = name;
        }
    }

    fn add(&mut self, row: &Row<'_>, new_rows: Option<u64>) {
        let table = || row.table.to_owned();
        *self
            .accessed
            .entry(family(row.table))
            .or_default()
            .entry(table())
            .or_default() += 1;
        if let Some(rows) = new_rows {
            *self.returned.entry(table()).or_default() += rows;
        }
        if let Some(way) = taken::taken_by(row) {
            let amount = self.taken.entry(way).or_default().entry(table()).or_default();
            amount.events += 1;
            add(&mut amount.rows, row.rows.filter(|rows| *rows > 0));
            add(&mut amount.bytes, row.bytes.filter(|bytes| *bytes > 0));
        }
        self.from_us = earliest(self.from_us, row.time_us);
        self.to_us = latest(self.to_us, row.time_us);
        self.has_undated |= row.time_us.is_none();
    }

    fn add_term(&mut self, term: Option<String>) {
        match term {
            Some(term) if self.terms.len() < MAX_TERMS => _ = self.terms.insert(term),
            Some(term) => self.has_other_terms |= !self.terms.contains(&term),
            None => self.has_other_terms = true,
        }
    }

    fn add_way(&mut self, way: &Way) {
        if self.ways.len() < MAX_WAYS {
            self.ways.insert(way.clone());
        } else {
            self.has_other_ways |= !self.ways.contains(way);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (family, tables) in &other.accessed {
            for (table, events) in tables {
                *self
                    .accessed
                    .entry(*family)
                    .or_default()
                    .entry(table.clone())
                    .or_default() += events;
            }
        }
        for (table, rows) in &other.returned {
            *self.returned.entry(table.clone()).or_default() += rows;
        }
        for (way, tables) in &other.taken {
            for (table, amount) in tables {
                let known = self.taken.entry(*way).or_default().entry(table.clone()).or_default();
                known.events += amount.events;
                add(&mut known.rows, amount.rows);
                add(&mut known.bytes, amount.bytes);
            }
        }
        self.has_other_terms |= other.has_other_terms;
        for term in &other.terms {
            self.add_term(Some(term.clone()));
        }
        self.has_other_ways |= other.has_other_ways;
        for way in &other.ways {
            self.add_way(way);
        }
        self.from_us = earliest(self.from_us, other.from_us);
        self.to_us = latest(self.to_us, other.to_us);
        self.has_undated |= other.has_undated;
    }
}

fn add(sum: &mut Option<u64>, more: Option<u64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more));
    }
}
