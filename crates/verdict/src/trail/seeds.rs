//! What leads from a find to the events that belong to it.

use std::collections::{HashMap, HashSet};

use sekisho_event::time::{MICROS_PER_DAY, Micros};
use sekisho_hunt::{How, HuntResult, Outside, TextColumn};

use super::strands::place_of;
use crate::row::Columns;

/// How long before the first find of a token its events already belong to the trail. A session is one login of one client
/// and belongs as a whole; a token is used for months by its owner, whose work before it was stolen is no one's loss.
const TOKEN_LEAD_US: Micros = MICROS_PER_DAY;

/// The finds, by what leads to other events.
#[derive(Debug, Default)]
pub(super) struct Seeds {
    orgs: HashMap<String, OrgSeeds>,
    /// True where finds were left out of the lists that this was made from.
    pub(super) is_capped: bool,
}

#[derive(Debug, Default)]
struct OrgSeeds {
    events: HashMap<String, IsOutside>,
    sessions: HashSet<String>,
    logins: HashSet<String>,
    tokens: HashMap<String, TokenSeed>,
}

/// What the finds say of a token.
#[derive(Debug)]
struct TokenSeed {
    /// When its theft may have begun; `None` where a find has no time, and every event may belong.
    from_us: Option<Micros>,
    /// Where the finds came from.
    places: HashSet<String>,
}

type IsOutside = bool;

/// Why an event belongs to the trail.
#[derive(Debug, Clone, Copy)]
pub(super) enum Membership {
    /// It was found, or is of the same session or login.
    Certain { is_outside: bool },
    /// It only used the same token: its owner may have, at the places where the token was used before.
    Token {
        /// Whether it may be after the theft.
        is_after: bool,
        /// Whether the finds came from its place.
        is_of_finds: bool,
    },
}

struct Find<'a> {
    org: &'a str,
    uid: Option<&'a str>,
    session_key: Option<&'a str>,
    login_key: Option<&'a str>,
    token_id: Option<&'a str>,
    src_ip: Option<&'a str>,
    time_us: Option<Micros>,
    is_outside: bool,
}

impl Seeds {
    pub(super) fn new(hunt: &HuntResult, outside: &[Outside]) -> Self {
        let mut seeds = Self {
            orgs: HashMap::new(),
            is_capped: hunt.hits_capped || outside.len() >= sekisho_hunt::MAX_OUTSIDE,
        };
        for hit in hunt.hits.iter().filter(|hit| hit.how != How::Weak) {
            seeds.add(&Find {
                org: &hit.org,
                uid: hit.event_uid.as_deref(),
                session_key: hit.session_key.as_deref(),
                login_key: hit.login_key.as_deref(),
                token_id: hit.token_id.as_deref(),
                src_ip: hit.src_ip.as_deref(),
                time_us: hit.time.map(|at| at.0),
                is_outside: false,
            });
        }
        for event in outside {
            seeds.add(&Find {
                org: &event.org,
                uid: event.event_uid.as_deref(),
                session_key: event.session_key.as_deref(),
                login_key: event.login_key.as_deref(),
                token_id: event.token_id.as_deref(),
                src_ip: event.src_ip.as_deref(),
                time_us: event.time.map(|at| at.0),
                is_outside: true,
            });
        }
        seeds
    }

    pub(super) fn is_empty(&self) -> bool {
        self.orgs.is_empty()
    }

    /// Returns the rows that belong to the trail.
    pub(super) fn members(&self, columns: &Columns<'_>, rows: usize) -> Vec<(usize, Membership)> {
        let orgs: Vec<Option<&OrgSeeds>> = (0..columns.org.code_count())
            .map(|code| self.orgs.get(columns.org.text(code)?))
            .collect();
        let unknown = self.orgs.get(sekisho_event::ids::UNKNOWN_ORG);
        // Keys repeat: each is looked up once for all orgs, and rows that pass are asked for their org.
        let sessions = Known::of(&columns.session_key, |key| self.any(|org| org.sessions.contains(key)));
        let logins = Known::of(&columns.login_key, |key| self.any(|org| org.logins.contains(key)));
        let tokens = Known::of(&columns.token_id, |key| self.any(|org| org.tokens.contains_key(key)));
        let mut members = Vec::new();
        for row in 0..rows {
            let seeds = match columns.org.code(row) {
                Some(code) => orgs.get(code).copied().flatten(),
                None => unknown,
            };
            let Some(seeds) = seeds else {
                continue;
            };
            let by_event = columns.event_uid.at(row).and_then(|uid| seeds.events.get(uid));
            let is_certain = by_event.is_some()
                || sessions.at(row).is_some_and(|key| seeds.sessions.contains(key))
                || logins.at(row).is_some_and(|key| seeds.logins.contains(key));
            if is_certain {
                let is_outside = by_event.copied().unwrap_or(false);
                members.push((row, Membership::Certain { is_outside }));
            } else if let Some(token) = tokens.at(row).and_then(|key| seeds.tokens.get(key)) {
                members.push((row, token.membership(columns.time_at(row), columns.src_ip.at(row))));
            }
        }
        members
    }

    fn any(&self, has: impl Fn(&OrgSeeds) -> bool) -> bool {
        self.orgs.values().any(has)
    }

    fn add(&mut self, find: &Find<'_>) {
        let seeds = self.orgs.entry(find.org.to_owned()).or_default();
        if let Some(uid) = find.uid {
            *seeds.events.entry(uid.to_owned()).or_insert(false) |= find.is_outside;
        }
        seeds.sessions.extend(find.session_key.map(str::to_owned));
        seeds.logins.extend(find.login_key.map(str::to_owned));
        if let Some(token) = find.token_id {
            let from_us = find.time_us.map(|time_us| time_us.saturating_sub(TOKEN_LEAD_US));
            let seed = seeds.tokens.entry(token.to_owned()).or_insert_with(|| TokenSeed {
                from_us,
                places: HashSet::new(),
            });
            seed.from_us = match (seed.from_us, from_us) {
                (Some(known), Some(from_us)) => Some(known.min(from_us)),
                _ => None,
            };
            seed.places.extend(find.src_ip.map(place_of));
        }
    }
}

impl TokenSeed {
    fn membership(&self, time_us: Option<Micros>, src_ip: Option<&str>) -> Membership {
        let is_after = match (self.from_us, time_us) {
            (Some(from_us), Some(time_us)) => time_us >= from_us,
            _ => true,
        };
        Membership::Token {
            is_after,
            is_of_finds: src_ip.is_some_and(|place| self.places.contains(&place_of(place))),
        }
    }
}

/// A column of keys, narrowed to those that lead somewhere.
struct Known<'a> {
    column: &'a TextColumn,
    is_known: Vec<bool>,
}

impl<'a> Known<'a> {
    fn of(column: &'a TextColumn, is_known: impl Fn(&str) -> bool) -> Self {
        Self {
            is_known: (0..column.code_count())
                .map(|code| column.text(code).is_some_and(&is_known))
                .collect(),
            column,
        }
    }

    fn at(&self, row: usize) -> Option<&'a str> {
        let code = self.column.code(row)?;
        let is_known = self.is_known.get(code).copied().unwrap_or(false);
        is_known.then(|| self.column.text(code)).flatten()
    }
}
