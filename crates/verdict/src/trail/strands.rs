//! Who did it: sessions, tokens and logins, put together by application and user.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_event::time::Micros;

use crate::row::Row;

/// Most sessions, tokens and logins of one org that are told apart; an attacker with more has made them by script.
const MAX_STRANDS: usize = 20_000;
/// Most addresses and user agents of one of them that are kept.
const MAX_PLACES: usize = 200;
/// Most names of one of them that are counted.
const MAX_NAMES: usize = 16;
/// Most bytes of a value that is kept.
const MAX_VALUE_BYTES: usize = 300;

/// What holds events together, best first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Strand {
    Session(String),
    Token(String),
    Login(String),
    /// Events with no key at all: by application and user.
    Loose(Option<String>, Option<String>),
}

impl Strand {
    fn of(row: &Row<'_>) -> Self {
        match (row.session_key, row.token_id, row.login_key) {
            (Some(session), _, _) => Self::Session(session.to_owned()),
            (_, Some(token), _) => Self::Token(token.to_owned()),
            (_, _, Some(login)) => Self::Login(login.to_owned()),
            _ => Self::Loose(row.app.map(cut), row.actor.map(cut)),
        }
    }
}

/// The strands of one org.
#[derive(Debug, Default)]
pub(super) struct Strands {
    by_key: BTreeMap<Strand, Seen>,
    /// Names of users by their id: half of the logs have only the id.
    names: BTreeMap<String, String>,
    /// True where something did not fit.
    pub(super) is_capped: bool,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    apps: BTreeMap<String, u64>,
    users: BTreeMap<String, u64>,
    addresses: BTreeSet<String>,
    user_agents: BTreeMap<String, u64>,
    events: u64,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
    is_outside: bool,
}

/// An application with a user, and all that it did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActorTrail {
    pub(crate) app: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) sessions: BTreeSet<String>,
    pub(crate) tokens: BTreeSet<String>,
    pub(crate) logins: BTreeSet<String>,
    /// True where some of its events have no key.
    pub(crate) has_loose: bool,
    pub(crate) addresses: BTreeSet<String>,
    /// User agents, most events first.
    pub(crate) user_agents: Vec<String>,
    pub(crate) events: u64,
    pub(crate) from_us: Option<Micros>,
    pub(crate) to_us: Option<Micros>,
    pub(crate) is_outside: bool,
}

impl Strands {
    pub(super) fn add(&mut self, row: &Row<'_>, is_outside: bool) {
        if let (Some(name), Some(id)) = (row.actor, row.actor_id)
            && name != id
            && self.names.len() < MAX_STRANDS
        {
            self.names.entry(short_id(id).to_owned()).or_insert_with(|| cut(name));
        }
        let strand = Strand::of(row);
        if self.by_key.len() >= MAX_STRANDS && !self.by_key.contains_key(&strand) {
            self.is_capped = true;
            return;
        }
        let seen = self.by_key.entry(strand).or_default();
        self.is_capped |= !seen.add(row, is_outside);
    }

    /// Adds what another part of the trail holds.
    pub(super) fn merge(&mut self, other: Self) {
        self.is_capped |= other.is_capped;
        for (id, name) in other.names {
            self.names.entry(id).or_insert(name);
        }
        for (strand, seen) in other.by_key {
            if self.by_key.len() >= MAX_STRANDS && !self.by_key.contains_key(&strand) {
                self.is_capped = true;
            } else {
                self.by_key.entry(strand).or_default().merge(seen);
            }
        }
    }

    pub(super) fn actors(&self) -> Vec<ActorTrail> {
        let mut actors: BTreeMap<(Option<String>, Option<String>), ActorBuilder> = BTreeMap::new();
        let mut without_app = Vec::new();
        for (strand, seen) in &self.by_key {
            let app = most(&seen.apps);
            let user = self.user(seen);
            // A login row often names no application; it belongs to what the same user did.
            if app.is_none() && matches!(strand, Strand::Login(_) | Strand::Loose(..)) {
                without_app.push((strand, seen, user));
                continue;
            }
            actors.entry((app, user)).or_default().add(strand, seen);
        }
        for (strand, seen, user) in without_app {
            let of_user = actors
                .iter()
                .filter(|((_, other), _)| user.is_some() && *other == user)
                .max_by_key(|(_, actor)| actor.trail.events)
                .map(|(key, _)| key.clone());
            actors
                .entry(of_user.unwrap_or((None, user)))
                .or_default()
                .add(strand, seen);
        }
        let mut actors: Vec<ActorTrail> = actors
            .into_iter()
            .map(|((app, user), actor)| actor.finish(app, user))
            .collect();
        actors.sort_by(|one, other| {
            other
                .events
                .cmp(&one.events)
                .then_with(|| (&one.app, &one.user).cmp(&(&other.app, &other.user)))
        });
        actors
    }

    /// Returns the name of whoever has most events; an id where no log of the trail names it.
    fn user(&self, seen: &Seen) -> Option<String> {
        let mut named: BTreeMap<String, u64> = BTreeMap::new();
        for (user, events) in &seen.users {
            let name = self.names.get(short_id(user)).unwrap_or(user);
            *named.entry(name.clone()).or_default() += events;
        }
        most(&named)
    }
}

impl Seen {
    /// Returns false where something did not fit.
    fn add(&mut self, row: &Row<'_>, is_outside: bool) -> bool {
        self.events += 1;
        self.is_outside |= is_outside;
        self.from_us = earliest(self.from_us, row.time_us);
        self.to_us = latest(self.to_us, row.time_us);
        let mut fits = true;
        fits &= count(&mut self.apps, row.app, MAX_NAMES);
        fits &= count(&mut self.users, row.actor.or(row.actor_id), MAX_NAMES);
        fits &= count(&mut self.user_agents, row.user_agent, MAX_PLACES);
        if let Some(address) = row.src_ip {
            if self.addresses.len() < MAX_PLACES {
                self.addresses.insert(place_of(address));
            } else {
                fits &= self.addresses.contains(&place_of(address));
            }
        }
        fits
    }
}

impl Seen {
    fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.is_outside |= other.is_outside;
        self.from_us = earliest(self.from_us, other.from_us);
        self.to_us = latest(self.to_us, other.to_us);
        self.addresses.extend(other.addresses);
        let counts = [
            (&mut self.apps, other.apps),
            (&mut self.users, other.users),
            (&mut self.user_agents, other.user_agents),
        ];
        for (own, others) in counts {
            for (value, events) in others {
                *own.entry(value).or_default() += events;
            }
        }
    }
}

#[derive(Debug, Default)]
struct ActorBuilder {
    trail: ActorTrail,
    user_agents: BTreeMap<String, u64>,
}

impl ActorBuilder {
    fn add(&mut self, strand: &Strand, seen: &Seen) {
        let trail = &mut self.trail;
        match strand {
            Strand::Session(key) => _ = trail.sessions.insert(key.clone()),
            Strand::Token(key) => _ = trail.tokens.insert(key.clone()),
            Strand::Login(key) => _ = trail.logins.insert(key.clone()),
            Strand::Loose(..) => trail.has_loose = true,
        }
        trail.addresses.extend(seen.addresses.iter().cloned());
        trail.events += seen.events;
        trail.from_us = earliest(trail.from_us, seen.from_us);
        trail.to_us = latest(trail.to_us, seen.to_us);
        trail.is_outside |= seen.is_outside;
        for (agent, events) in &seen.user_agents {
            *self.user_agents.entry(agent.clone()).or_default() += events;
        }
    }

    fn finish(self, app: Option<String>, user: Option<String>) -> ActorTrail {
        let mut agents: Vec<(String, u64)> = self.user_agents.into_iter().collect();
        agents.sort_by_key(|(agent, events)| (std::cmp::Reverse(*events), agent.clone()));
        ActorTrail {
            app,
            user,
            user_agents: agents.into_iter().map(|(agent, _)| agent).collect(),
            ..self.trail
        }
    }
}

/// Counts a value; returns false where there is no room for it.
fn count(counts: &mut BTreeMap<String, u64>, value: Option<&str>, limit: usize) -> bool {
    let Some(value) = value.map(cut) else {
        return true;
    };
    if counts.len() >= limit && !counts.contains_key(&value) {
        return false;
    }
    *counts.entry(value).or_default() += 1;
    true
}

/// Returns the value with most events; the first by name of several.
fn most(counts: &BTreeMap<String, u64>) -> Option<String> {
    let best = counts.values().max()?;
    counts
        .iter()
        .find(|(_, events)| *events == best)
        .map(|(value, _)| value.clone())
}

/// Both spellings of a Salesforce id are one: the last three characters only make it safe where case is lost.
fn short_id(id: &str) -> &str {
    let is_long = id.len() == 18 && id.starts_with("005") && id.is_ascii();
    if is_long { &id[..15] } else { id }
}

/// Returns an address in one spelling, and words as they are.
pub(super) fn place_of(text: &str) -> String {
    sekisho_hunt::lists::canonical_address(text.trim()).map_or_else(|| cut(text), |address| address.to_string())
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_VALUE_BYTES)].to_owned()
}

fn earliest(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.into_iter().chain(other).min()
}

fn latest(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.max(other)
}
