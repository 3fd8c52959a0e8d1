//! The ways in which events belong to a trail, each as a condition of a search that finds those events and no others.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_event::time::{Micros, to_rfc3339};

use super::seeds::Membership;
use super::strands::{cut, earliest, latest, place_of};
use crate::row::Row;
use crate::search::{Search, all_of};

/// Most addresses that a condition lists; beyond this it says what is not meant.
const MAX_PLACES: usize = 20;
/// Most addresses of one way that are kept.
const MAX_KEPT_PLACES: usize = 200;
/// Most ways without a key that are told apart.
const MAX_LOOSE: usize = 2_000;

/// Why an event belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// It is of this session.
    Session(String),
    /// It is of this login.
    Login(String),
    /// It used this token, where and when its owner did not.
    Token(String),
    /// It has no key, and was found by itself.
    Loose(Loose),
}

/// What events without a key have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Loose {
    app: Option<(&'static str, String)>,
    user: Option<(&'static str, String)>,
}

impl Way {
    /// Returns the way to search for an event: what holds most together comes first.
    pub(super) fn of(row: &Row<'_>, membership: &Membership) -> Self {
        match (row.session_key, row.login_key, row.token_id) {
            (Some(session), _, _) if membership.is_of_session => Self::Session(session.to_owned()),
            (_, Some(login), _) if membership.is_of_login => Self::Login(login.to_owned()),
            (_, _, Some(token)) if membership.token.is_some() => Self::Token(token.to_owned()),
            _ => Self::Loose(Loose::of(row)),
        }
    }

    /// Returns every way that finds the event.
    pub(super) fn every(row: &Row<'_>, membership: &Membership) -> Vec<Self> {
        let by =
            |key: Option<&str>, is: bool, way: fn(String) -> Self| key.filter(|_| is).map(|key| way(key.to_owned()));
        let keys = [
            by(row.session_key, membership.is_of_session, Self::Session),
            by(row.login_key, membership.is_of_login, Self::Login),
            by(row.token_id, membership.token.is_some(), Self::Token),
        ];
        let mut ways: Vec<Self> = keys.into_iter().flatten().collect();
        if ways.is_empty() {
            ways.push(Self::of(row, membership));
        }
        ways
    }
}

impl Loose {
    fn of(row: &Row<'_>) -> Self {
        let app_field = if row.is_app_named { "app" } else { "app_id" };
        Self {
            app: row.app.map(|app| (app_field, cut(app))),
            user: row
                .actor
                .map(|actor| ("actor", cut(actor)))
                .or_else(|| row.actor_id.map(|id| ("actor_id", cut(id)))),
        }
    }
}

/// Where and when the events of a way were.
#[derive(Debug, Clone, Default)]
struct Extent {
    places: BTreeSet<String>,
    /// True where an event has no address, or one more than are kept.
    is_anywhere: bool,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
    has_undated: bool,
}

impl Extent {
    fn add(&mut self, row: &Row<'_>) {
        match row.src_ip.map(place_of) {
            Some(place) if self.places.len() < MAX_KEPT_PLACES => _ = self.places.insert(place),
            Some(place) => self.is_anywhere |= !self.places.contains(&place),
            None => self.is_anywhere = true,
        }
        self.from_us = earliest(self.from_us, row.time_us);
        self.to_us = latest(self.to_us, row.time_us);
        self.has_undated |= row.time_us.is_none();
    }

    fn merge(&mut self, other: Self) {
        self.places.extend(other.places);
        self.is_anywhere |= other.is_anywhere;
        self.from_us = earliest(self.from_us, other.from_us);
        self.to_us = latest(self.to_us, other.to_us);
        self.has_undated |= other.has_undated;
    }

    /// Narrows a search to the places, where they are few and all known.
    fn at_places(&self, search: Search) -> Search {
        let is_known = !self.is_anywhere && self.places.len() <= MAX_PLACES;
        match all_of("src_ip", &self.places).filter(|_| is_known) {
            Some(places) => search.any(&[places]),
            None => search,
        }
    }

    fn in_time(&self, search: Search) -> Search {
        match (self.from_us, self.to_us) {
            (Some(from_us), Some(to_us)) if !self.has_undated => search.any(&[between(from_us, to_us)]),
            _ => search,
        }
    }
}

/// Returns the condition of a stretch of time, both ends included.
pub(super) fn between(from_us: Micros, to_us: Micros) -> String {
    format!("time>=\"{}\" time<=\"{}\"", to_rfc3339(from_us), to_rfc3339(to_us))
}

/// What a token did that is not the trail's.
#[derive(Debug, Default)]
pub(super) struct NotOurs {
    /// It was used before the theft may have begun, which was then.
    pub(super) before_us: Option<Micros>,
    /// Where its owner used it.
    pub(super) places: BTreeSet<String>,
}

/// The ways of one org, with what their conditions need to be exact.
#[derive(Debug, Default)]
pub(super) struct Ways {
    tokens: BTreeMap<String, Extent>,
    loose: BTreeMap<Loose, Extent>,
    not_ours: BTreeMap<String, NotOurs>,
    pub(super) is_capped: bool,
}

impl Ways {
    pub(super) fn add(&mut self, way: &Way, row: &Row<'_>) {
        match way {
            Way::Token(token) => self.tokens.entry(token.clone()).or_default().add(row),
            Way::Loose(loose) if self.loose.len() < MAX_LOOSE || self.loose.contains_key(loose) => {
                self.loose.entry(loose.clone()).or_default().add(row);
            }
            Way::Loose(_) => self.is_capped = true,
            Way::Session(_) | Way::Login(_) => {}
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.is_capped |= other.is_capped;
        for (token, extent) in other.tokens {
            self.tokens.entry(token).or_default().merge(extent);
        }
        for (loose, extent) in other.loose {
            self.loose.entry(loose).or_default().merge(extent);
        }
    }

    /// Notes what a token did that is not the trail's.
    pub(super) fn not_ours(&mut self, token: &str) -> &mut NotOurs {
        self.not_ours.entry(token.to_owned()).or_default()
    }

    /// Returns where the tokens of the trail were used.
    pub(super) fn token_places(&self) -> BTreeSet<String> {
        let places = self.tokens.values().flat_map(|extent| &extent.places);
        places.cloned().collect()
    }

    /// Returns conditions of which one holds for each event of these ways; `None` where a value is too long for a search.
    pub(super) fn conditions<'a>(&self, ways: impl IntoIterator<Item = &'a Way>) -> Option<Vec<String>> {
        let (mut sessions, mut logins, mut tokens) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut others = Vec::new();
        for way in ways {
            match way {
                Way::Session(key) => _ = sessions.insert(key.clone()),
                Way::Login(key) => _ = logins.insert(key.clone()),
                Way::Token(token) if !self.not_ours.contains_key(token) => _ = tokens.insert(token.clone()),
                Way::Token(token) => others.push(self.token(token)?),
                Way::Loose(loose) => others.push(self.loose(loose)?),
            }
        }
        let mut conditions = Vec::new();
        for (field, keys) in [("session_key", sessions), ("token_id", tokens), ("login_key", logins)] {
            if !keys.is_empty() {
                conditions.push(all_of(field, &keys)?);
            }
        }
        conditions.extend(others);
        Some(conditions)
    }

    /// A token that its owner uses as well: only where and when the owner does not.
    fn token(&self, token: &str) -> Option<String> {
        let mut search = Search::default().must_be("token_id", token)?;
        if let Some(not_ours) = self.not_ours.get(token) {
            let extent = self.tokens.get(token).cloned().unwrap_or_default();
            let is_few = !extent.is_anywhere && extent.places.len() <= MAX_PLACES;
            search = if is_few {
                extent.at_places(search)
            } else {
                let owners = all_of("src_ip", &not_ours.places).filter(|_| not_ours.places.len() <= MAX_PLACES);
                search.any(
                    &owners
                        .map(|places| format!("-{places}"))
                        .into_iter()
                        .collect::<Vec<_>>(),
                )
            };
            if let Some(from_us) = not_ours.before_us.filter(|_| !extent.has_undated) {
                search = search.any(&[format!("time>=\"{}\"", to_rfc3339(from_us))]);
            }
        }
        Some(search.finish_one())
    }

    /// What has no key has only its application, user, places and time; other events may share them, but hardly all.
    fn loose(&self, loose: &Loose) -> Option<String> {
        let mut search = Search::default();
        for (field, value) in [&loose.app, &loose.user].into_iter().flatten() {
            search = search.must_be(field, value)?;
        }
        // What names no application or user is told from what does, where the trail has both.
        let others = || self.loose.keys().filter(|other| *other != loose);
        if loose.app.is_none() && others().any(|other| other.app.is_some()) {
            search = search.any(&["-app:* -app_id:*".to_owned()]);
        }
        if loose.user.is_none() && others().any(|other| other.user.is_some()) {
            search = search.any(&["-actor:* -actor_id:*".to_owned()]);
        }
        let extent = self.loose.get(loose).cloned().unwrap_or_default();
        let search = extent.at_places(search);
        let no_key = "-session_key:* -token_id:* -login_key:*".to_owned();
        Some(extent.in_time(search.any(&[no_key])).finish_one())
    }
}
