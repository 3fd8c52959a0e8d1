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
    /// Who is named by finds outside sessions, and from when on their events without a key may belong.
    actors: HashMap<String, Option<Micros>>,
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

/// Why an event may belong to the trail.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Membership {
    /// It was found; true where it came from outside its application's networks.
    pub(super) found: Option<IsOutside>,
    /// It is of the session of a find.
    pub(super) is_of_session: bool,
    /// It is of the login of a find.
    pub(super) is_of_login: bool,
    /// It used the token of a find: its owner may have, at the places where the token was used before.
    pub(super) token: Option<TokenUse>,
    /// It has no key at all and names somebody who used a token of a find, or was found without one; true where it may be
    /// after the theft.
    pub(super) actor: Option<bool>,
}

/// How an event used a token of a find.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenUse {
    /// Whether it may be after the theft.
    pub(super) is_after: bool,
    /// Whether the finds came from its place.
    pub(super) is_of_finds: bool,
}

impl Membership {
    /// Returns whether the event belongs whatever else is known.
    pub(super) fn is_certain(&self) -> bool {
        self.found.is_some() || self.is_of_session || self.is_of_login
    }

    /// Returns whether it only tells where a token or a name is usual: it is from before the theft.
    pub(super) fn is_before(&self) -> bool {
        let is_after = self.token.map_or(self.actor, |token| Some(token.is_after));
        !self.is_certain() && is_after == Some(false)
    }

    fn is_none(&self) -> bool {
        !self.is_certain() && self.token.is_none() && self.actor.is_none()
    }
}

struct Find<'a> {
    org: &'a str,
    actor: Option<&'a str>,
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
                actor: hit.actor.as_deref(),
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
                actor: event.actor.as_deref(),
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
        let actors = Known::of(&columns.actor, |name| self.any(|org| org.actors.contains_key(name)));
        let mut members = Vec::new();
        for row in 0..rows {
            let seeds = match columns.org.code(row) {
                Some(code) => orgs.get(code).copied().flatten(),
                None => unknown,
            };
            let Some(seeds) = seeds else {
                continue;
            };
            let membership = Membership {
                found: columns.event_uid.at(row).and_then(|uid| seeds.events.get(uid)).copied(),
                is_of_session: sessions.at(row).is_some_and(|key| seeds.sessions.contains(key)),
                is_of_login: logins.at(row).is_some_and(|key| seeds.logins.contains(key)),
                token: tokens
                    .at(row)
                    .and_then(|key| seeds.tokens.get(key))
                    .map(|token| token.used(columns.time_at(row), columns.src_ip.at(row))),
                actor: actors
                    .at(row)
                    .filter(|_| columns.has_no_key(row))
                    .and_then(|name| seeds.actors.get(name))
                    .map(|from_us| is_after(*from_us, columns.time_at(row))),
            };
            if !membership.is_none() {
                members.push((row, membership));
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
        let from_us = find.time_us.map(|time_us| time_us.saturating_sub(TOKEN_LEAD_US));
        if find.session_key.is_none()
            && find.login_key.is_none()
            && let Some(actor) = find.actor
        {
            let known = seeds.actors.entry(actor.to_owned()).or_insert(from_us);
            *known = earlier(*known, from_us);
        }
        if let Some(token) = find.token_id {
            let seed = seeds.tokens.entry(token.to_owned()).or_insert_with(|| TokenSeed {
                from_us,
                places: HashSet::new(),
            });
            seed.from_us = earlier(seed.from_us, from_us);
            seed.places.extend(find.src_ip.map(place_of));
        }
    }

    /// Returns when the theft of a token may have begun; `None` where that is not known.
    pub(super) fn token_from(&self, org: &str, token: &str) -> Option<Micros> {
        self.orgs.get(org)?.tokens.get(token)?.from_us
    }
}

/// No time is any time.
fn earlier(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.zip(other).map(|(one, other)| one.min(other))
}

fn is_after(from_us: Option<Micros>, time_us: Option<Micros>) -> bool {
    from_us.zip(time_us).is_none_or(|(from_us, time_us)| time_us >= from_us)
}

impl TokenSeed {
    fn used(&self, time_us: Option<Micros>, src_ip: Option<&str>) -> TokenUse {
        TokenUse {
            is_after: is_after(self.from_us, time_us),
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
