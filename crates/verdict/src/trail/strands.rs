//! Who did it: sessions, tokens and logins, put together by application and user.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_event::time::Micros;

use super::seeds::Membership;
use super::ways::Way;
use crate::row::Row;
use crate::search::all_of;

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
    /// Names of users by their id, with the events that use them: half of the logs have only the id, and a log may have a
    /// name of its own.
    names: BTreeMap<String, BTreeMap<String, u64>>,
    /// True where something did not fit.
    pub(super) is_capped: bool,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    apps: BTreeMap<String, u64>,
    users: BTreeMap<User, u64>,
    addresses: BTreeSet<String>,
    user_agents: BTreeMap<String, u64>,
    events: u64,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
    is_outside: bool,
    /// How its events are searched for.
    ways: BTreeSet<Way>,
    /// Every way that finds one of its events.
    every_way: BTreeSet<Way>,
}

/// A user: by id where the log has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum User {
    Id(String),
    Name(String),
}

impl User {
    fn of(row: &Row<'_>) -> Option<Self> {
        let id = row.actor_id.map(|id| Self::Id(cut(short_id(id))));
        id.or_else(|| row.actor.map(|name| Self::Name(cut(name))))
    }
}

/// The strands of an actor whose events are searched for in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StrandKeys {
    sessions: BTreeSet<String>,
    tokens: BTreeSet<String>,
    /// True where events have neither.
    has_others: bool,
}

impl StrandKeys {
    fn add(&mut self, strand: &Strand) {
        match strand {
            Strand::Session(key) => _ = self.sessions.insert(key.clone()),
            Strand::Token(key) => _ = self.tokens.insert(key.clone()),
            Strand::Login(_) | Strand::Loose(..) => self.has_others = true,
        }
    }

    /// Returns conditions of which one holds for each of the strands; `None` where a key is too long for a search.
    pub(super) fn conditions(&self) -> Option<Vec<String>> {
        let mut conditions = Vec::new();
        if !self.sessions.is_empty() {
            conditions.push(all_of("session_key", &self.sessions)?);
        }
        if !self.tokens.is_empty() {
            conditions.push(format!("{} -session_key:*", all_of("token_id", &self.tokens)?));
        }
        if self.has_others {
            conditions.push("-session_key:* -token_id:*".to_owned());
        }
        Some(conditions)
    }
}

/// An application with a user, and all that it did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ActorTrail {
    pub(crate) app: Option<String>,
    pub(crate) user: Option<String>,
    /// Every name of the user, and the id.
    pub(super) names: BTreeSet<String>,
    pub(crate) sessions: BTreeSet<String>,
    pub(crate) tokens: BTreeSet<String>,
    /// How its events are searched for.
    pub(super) ways: BTreeMap<Way, StrandKeys>,
    /// Every way that finds one of its events.
    pub(super) every_way: BTreeSet<Way>,
    pub(crate) addresses: BTreeSet<String>,
    /// User agents, most events first.
    pub(crate) user_agents: Vec<String>,
    pub(crate) events: u64,
    pub(crate) from_us: Option<Micros>,
    pub(crate) to_us: Option<Micros>,
    pub(crate) is_outside: bool,
}

impl Strands {
    pub(super) fn add(&mut self, row: &Row<'_>, membership: &Membership, way: Way) {
        self.note_name(row);
        let strand = Strand::of(row);
        if self.by_key.len() >= MAX_STRANDS && !self.by_key.contains_key(&strand) {
            self.is_capped = true;
            return;
        }
        let seen = self.by_key.entry(strand).or_default();
        self.is_capped |= !seen.add(row, membership, way);
    }

    fn note_name(&mut self, row: &Row<'_>) {
        let (Some(name), Some(id)) = (row.actor, row.actor_id) else {
            return;
        };
        let id = cut(short_id(id));
        if short_id(name) != id && (self.names.len() < MAX_STRANDS || self.names.contains_key(&id)) {
            count(self.names.entry(id).or_default(), Some(cut(name)), MAX_NAMES);
        }
    }

    /// Returns whether a session is among them.
    pub(super) fn has_session(&self, key: &str) -> bool {
        self.by_key.contains_key(&Strand::Session(key.to_owned()))
    }

    /// Adds what another part of the trail holds.
    pub(super) fn merge(&mut self, other: Self) {
        self.is_capped |= other.is_capped;
        for (id, names) in other.names {
            let own = self.names.entry(id).or_default();
            for (name, events) in names {
                *own.entry(name).or_default() += events;
            }
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
        let ids = self.ids_by_name();
        let mut actors: BTreeMap<(Option<String>, Option<User>), ActorBuilder> = BTreeMap::new();
        let mut without_app = Vec::new();
        for (strand, seen) in &self.by_key {
            let app = most(&seen.apps);
            let user = self.user(seen, &ids);
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
            .map(|((app, user), actor)| {
                let names = user.as_ref().map(|user| self.names_of(user)).unwrap_or_default();
                actor.finish(app, user.map(|user| self.name_of(&user)), names)
            })
            .collect();
        actors.sort_by(|one, other| {
            other
                .events
                .cmp(&one.events)
                .then_with(|| (&one.app, &one.user).cmp(&(&other.app, &other.user)))
        });
        actors
    }

    /// Returns whoever has most events. One who has an id is the same under each of its names.
    fn user(&self, seen: &Seen, ids: &BTreeMap<&str, Option<&str>>) -> Option<User> {
        let mut known: BTreeMap<User, u64> = BTreeMap::new();
        for (user, events) in &seen.users {
            let id = match user {
                User::Id(_) => None,
                User::Name(name) if self.names.contains_key(short_id(name)) => Some(short_id(name)),
                User::Name(name) => ids.get(name.as_str()).copied().flatten(),
            };
            let user = id.map_or_else(|| user.clone(), |id| User::Id(id.to_owned()));
            *known.entry(user).or_default() += events;
        }
        most(&known)
    }

    /// Returns the ids of names; nothing for a name that several have.
    fn ids_by_name(&self) -> BTreeMap<&str, Option<&str>> {
        let mut ids: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for (id, names) in &self.names {
            for name in names.keys() {
                ids.entry(name)
                    .and_modify(|known| *known = None)
                    .or_insert(Some(id.as_str()));
            }
        }
        ids
    }

    /// Returns all names of a user.
    fn names_of(&self, user: &User) -> BTreeSet<String> {
        let (User::Id(own) | User::Name(own)) = user;
        let others = self.names.get(own).into_iter().flat_map(BTreeMap::keys);
        std::iter::once(own).chain(others).cloned().collect()
    }

    /// Returns the name that most events use; an id where no log of the trail names it.
    fn name_of(&self, user: &User) -> String {
        match user {
            User::Id(id) => self.names.get(id).and_then(most).unwrap_or_else(|| id.clone()),
            User::Name(name) => name.clone(),
        }
    }
}

impl Seen {
    /// Returns false where something did not fit.
    fn add(&mut self, row: &Row<'_>, membership: &Membership, way: Way) -> bool {
        self.events += 1;
        self.is_outside |= membership.found.unwrap_or(false);
        self.ways.insert(way);
        self.every_way.extend(Way::every(row, membership));
        self.from_us = earliest(self.from_us, row.time_us);
        self.to_us = latest(self.to_us, row.time_us);
        let mut fits = true;
        fits &= count(&mut self.apps, row.app.map(cut), MAX_NAMES);
        fits &= count(&mut self.users, User::of(row), MAX_NAMES);
        fits &= count(&mut self.user_agents, row.user_agent.map(cut), MAX_PLACES);
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
        self.ways.extend(other.ways);
        self.every_way.extend(other.every_way);
        add_counts(&mut self.apps, other.apps);
        add_counts(&mut self.users, other.users);
        add_counts(&mut self.user_agents, other.user_agents);
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
            Strand::Login(_) | Strand::Loose(..) => {}
        }
        for way in &seen.ways {
            trail.ways.entry(way.clone()).or_default().add(strand);
        }
        trail.every_way.extend(seen.every_way.iter().cloned());
        trail.addresses.extend(seen.addresses.iter().cloned());
        trail.events += seen.events;
        trail.from_us = earliest(trail.from_us, seen.from_us);
        trail.to_us = latest(trail.to_us, seen.to_us);
        trail.is_outside |= seen.is_outside;
        for (agent, events) in &seen.user_agents {
            *self.user_agents.entry(agent.clone()).or_default() += events;
        }
    }

    fn finish(self, app: Option<String>, user: Option<String>, names: BTreeSet<String>) -> ActorTrail {
        let mut agents: Vec<(String, u64)> = self.user_agents.into_iter().collect();
        agents.sort_by_key(|(agent, events)| (std::cmp::Reverse(*events), agent.clone()));
        ActorTrail {
            app,
            user,
            names,
            user_agents: agents.into_iter().map(|(agent, _)| agent).collect(),
            ..self.trail
        }
    }
}

/// Counts a value; returns false where there is no room for it.
fn count<T: Ord>(counts: &mut BTreeMap<T, u64>, value: Option<T>, limit: usize) -> bool {
    let Some(value) = value else {
        return true;
    };
    if counts.len() >= limit && !counts.contains_key(&value) {
        return false;
    }
    *counts.entry(value).or_default() += 1;
    true
}

fn add_counts<T: Ord>(own: &mut BTreeMap<T, u64>, others: BTreeMap<T, u64>) {
    for (value, events) in others {
        *own.entry(value).or_default() += events;
    }
}

/// Returns the value with most events; the first of several.
fn most<T: Clone>(counts: &BTreeMap<T, u64>) -> Option<T> {
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

pub(super) fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_VALUE_BYTES)].to_owned()
}

pub(super) fn earliest(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.into_iter().chain(other).min()
}

pub(super) fn latest(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.max(other)
}
