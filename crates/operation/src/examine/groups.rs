//! Findings as people read them: what one rule, indicator or allow-list saw of one actor is one line.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use sekisho_event::text::Text;
use sekisho_event::time::{Micros, to_rfc3339};
use sekisho_search::quote;
use sekisho_sigma::Level;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::names::Names;

/// Most groups that are kept: beyond this a person reads none of them, and a rule that fires on every event of every
/// session must not take the memory of the others. What is left out is counted.
pub const MAX_GROUPS: usize = 20_000;
/// Most examples, addresses and sessions that a group shows.
const MAX_EXAMPLES: usize = 5;
/// Most actors, addresses and sessions that a group's search names: it stays short enough for a link.
const MAX_SHARED: usize = 10;
/// Most sessions of a group that are kept for its count and for the list of sessions.
const MAX_SESSIONS: usize = 1_000;
/// Up to this many events are named one by one in the group's search, which then shows them and no others.
const MAX_NAMED_EVENTS: usize = 20;

/// What saw something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindSource {
    /// A rule.
    Rule,
    /// An indicator of a list.
    Indicator,
    /// An application used from outside its vendor's networks.
    AllowList,
}

/// A labelled act of the demo incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ActRef {
    /// Its id in the ground truth.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// Events that one rule, indicator or allow-list saw of one actor.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FindingGroup {
    /// Stable: the same events give the same id.
    pub id: String,
    /// What saw them.
    pub source: FindSource,
    /// The rule's id, the indicator, or the allow-list's name.
    pub rule_id: String,
    /// The rule's title, the indicator with its kind, or the application.
    pub rule: String,
    /// The same for people.
    pub title: Text,
    /// The rule's author, which the Detection Rule License wants shown wherever matches are; else the list.
    #[schema(required)]
    pub author: Option<String>,
    /// How much it matters.
    pub level: &'static str,
    /// The org.
    pub org: String,
    /// Who did it.
    #[schema(required)]
    pub actor: Option<String>,
    /// In which sessions, at most five.
    pub sessions: Vec<String>,
    /// How many sessions.
    pub session_count: usize,
    /// All of them, as far as they are kept.
    #[serde(skip)]
    pub(crate) every_session: BTreeSet<String>,
    /// From where, at most five.
    pub src_ips: Vec<String>,
    /// The tables that hold the events.
    pub tables: Vec<String>,
    /// How many events.
    pub events: u64,
    /// The first.
    #[schema(required)]
    pub from: Option<String>,
    /// The last.
    #[schema(required)]
    pub to: Option<String>,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// The act of the demo that the first example belongs to.
    #[schema(required)]
    pub act: Option<ActRef>,
    /// The first events, at most five.
    pub examples: Vec<String>,
    /// A search that shows the events: exactly them where they are few.
    pub query: String,
}

/// One event that something saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Find {
    pub(super) org: String,
    pub(super) actor: Option<String>,
    pub(super) session_key: Option<String>,
    pub(super) src_ip: Option<String>,
    pub(super) table: String,
    pub(super) event_uid: String,
    pub(super) time_us: Option<Micros>,
}

/// What saw an event, in the words that its group shows.
#[derive(Debug, Clone)]
pub(super) struct Seer {
    pub(super) source: FindSource,
    pub(super) rule_id: String,
    pub(super) rule: String,
    pub(super) title: Text,
    pub(super) author: Option<String>,
    pub(super) level: Level,
    pub(super) tags: Vec<String>,
}

/// The groups that each session is in, by org and key.
pub type BySession = HashMap<(String, String), InSession>;

/// Findings of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InSession {
    /// How many groups of findings it is in.
    pub findings: u64,
    /// The level of the gravest.
    pub level: Level,
}

/// Groups under way.
#[derive(Debug, Default)]
pub(super) struct Groups {
    groups: HashMap<Key, Group>,
    /// Finds whose group did not fit.
    pub(super) left_out: u64,
}

#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    source: FindSource,
    rule_id: String,
    org: String,
    actor: Option<String>,
}

#[derive(Debug)]
struct Group {
    seer: Seer,
    events: u64,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
    /// Actors as the events call them.
    actors: BTreeSet<String>,
    src_ips: BTreeSet<String>,
    tables: BTreeSet<String>,
    sessions: BTreeSet<String>,
    /// How many events name an actor, an address and a session.
    filled: [u64; 3],
    /// How many have a time.
    dated: u64,
    /// The earliest events by time, then by identity: the order of reading must not show.
    named: BTreeSet<(Option<Micros>, String)>,
}

impl Groups {
    pub(super) fn add(&mut self, seer: &Seer, find: Find) {
        let key = Key {
            source: seer.source,
            rule_id: seer.rule_id.clone(),
            org: find.org.clone(),
            actor: find.actor.clone(),
        };
        if self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        let group = self.groups.entry(key).or_insert_with(|| Group::new(seer.clone()));
        group.add(find);
    }

    /// Calls each actor by its name where that is known, so that one user in two logs is one.
    fn named(self, names: &Names) -> HashMap<Key, Group> {
        let mut groups: HashMap<Key, Group> = HashMap::new();
        for (mut key, group) in self.groups {
            key.actor = key.actor.map(|actor| names.of(&key.org, actor));
            match groups.entry(key) {
                Entry::Occupied(mut known) => known.get_mut().join(group),
                Entry::Vacant(place) => {
                    place.insert(group);
                }
            }
        }
        groups
    }

    /// Returns the groups, the gravest first, then by their start, and how many groups each session is in.
    pub(super) fn finish(
        self,
        names: &Names,
        act_of: &dyn Fn(&str) -> Option<ActRef>,
    ) -> (Vec<FindingGroup>, BySession) {
        let mut sorted: Vec<(Key, Group)> = self.named(names).into_iter().collect();
        let mut by_session = BySession::new();
        for (key, group) in &sorted {
            for session in &group.sessions {
                let place = (key.org.clone(), session.clone());
                let level = group.seer.level;
                let known = by_session.entry(place).or_insert(InSession { findings: 0, level });
                known.findings += 1;
                known.level = known.level.max(level);
            }
        }
        sorted.sort_by(|(key, group), (other_key, other)| {
            let gravest_first = other.seer.level.cmp(&group.seer.level);
            gravest_first
                .then_with(|| group.from_us.cmp(&other.from_us))
                .then_with(|| key.cmp(other_key))
        });
        let groups = sorted.into_iter().map(|(key, group)| group.finish(key, act_of));
        (groups.collect(), by_session)
    }
}

impl Group {
    fn new(seer: Seer) -> Self {
        Self {
            seer,
            events: 0,
            from_us: None,
            to_us: None,
            actors: BTreeSet::new(),
            filled: [0; 3],
            dated: 0,
            src_ips: BTreeSet::new(),
            tables: BTreeSet::new(),
            sessions: BTreeSet::new(),
            named: BTreeSet::new(),
        }
    }

    fn add(&mut self, find: Find) {
        self.events += 1;
        self.span(find.time_us, find.time_us);
        self.dated += u64::from(find.time_us.is_some());
        let fields = [&find.actor, &find.src_ip, &find.session_key];
        for (count, field) in self.filled.iter_mut().zip(fields) {
            *count += u64::from(field.is_some());
        }
        self.actors.extend(find.actor);
        self.src_ips.extend(find.src_ip);
        self.tables.insert(find.table);
        self.sessions.extend(find.session_key);
        self.named.insert((find.time_us, find.event_uid));
        self.trim();
    }

    fn join(&mut self, other: Self) {
        self.events += other.events;
        self.span(other.from_us, other.to_us);
        self.dated += other.dated;
        for (count, more) in self.filled.iter_mut().zip(other.filled) {
            *count += more;
        }
        self.actors.extend(other.actors);
        self.src_ips.extend(other.src_ips);
        self.tables.extend(other.tables);
        self.sessions.extend(other.sessions);
        self.named.extend(other.named);
        self.trim();
    }

    fn span(&mut self, from_us: Option<Micros>, to_us: Option<Micros>) {
        self.from_us = self.from_us.into_iter().chain(from_us).min();
        self.to_us = self.to_us.into_iter().chain(to_us).max();
    }

    /// The smallest stay, whatever the order of reading.
    fn trim(&mut self) {
        // One more than is used, so that it shows that there are more.
        for shared in [&mut self.actors, &mut self.src_ips] {
            while shared.len() > MAX_SHARED + 1 {
                shared.pop_last();
            }
        }
        while self.sessions.len() > MAX_SESSIONS {
            self.sessions.pop_last();
        }
        while self.named.len() > MAX_NAMED_EVENTS {
            self.named.pop_last();
        }
    }

    fn finish(self, key: Key, act_of: &dyn Fn(&str) -> Option<ActRef>) -> FindingGroup {
        let uids: Vec<String> = self.named.iter().map(|(_, uid)| uid.clone()).collect();
        let is_whole = self.events as usize <= uids.len();
        FindingGroup {
            id: id_of(&key),
            query: if is_whole { named(&uids) } else { self.around(&key) },
            act: uids.iter().find_map(|uid| act_of(uid)),
            examples: uids.into_iter().take(MAX_EXAMPLES).collect(),
            source: key.source,
            rule_id: key.rule_id,
            rule: self.seer.rule,
            title: self.seer.title,
            author: self.seer.author,
            level: self.seer.level.name(),
            org: key.org,
            actor: key.actor,
            session_count: self.sessions.len(),
            sessions: self.sessions.iter().take(MAX_EXAMPLES).cloned().collect(),
            every_session: self.sessions,
            src_ips: self.src_ips.into_iter().take(MAX_EXAMPLES).collect(),
            tables: self.tables.into_iter().collect(),
            events: self.events,
            from: self.from_us.map(to_rfc3339),
            to: self.to_us.map(to_rfc3339),
            tags: self.seer.tags,
        }
    }

    /// Returns how many events have a value of this field.
    fn counts_of(&self, field: &str) -> u64 {
        let [actor, src_ip, session] = self.filled;
        match field {
            "actor" => actor,
            "src_ip" => src_ip,
            _ => session,
        }
    }

    /// The search for a group of many events: what they have in common.
    fn around(&self, key: &Key) -> String {
        let mut terms = vec![term("org", &key.org)];
        terms.extend(any_of("table", &self.tables));
        if key.source == FindSource::Indicator {
            terms.push(quote(&key.rule_id));
        }
        // A shared value narrows the search only where every event has one and all of them are known.
        for (field, shared) in [
            ("actor", &self.actors),
            ("src_ip", &self.src_ips),
            ("session_key", &self.sessions),
        ] {
            if shared.len() <= MAX_SHARED && self.counts_of(field) == self.events {
                terms.extend(any_of(field, shared));
            }
        }
        if let Some((from, to)) = self.from_us.zip(self.to_us).filter(|_| self.dated == self.events) {
            terms.push(format!("time>={} time<={}", to_rfc3339(from), to_rfc3339(to)));
        }
        terms.join(" ")
    }
}

/// An id that a link can rest on: it follows from what the group is about.
fn id_of(key: &Key) -> String {
    let mut hasher = Sha256::new();
    let source = format!("{:?}", key.source);
    let actor = key.actor.as_deref().unwrap_or_default();
    for part in [source.as_str(), &key.rule_id, &key.org, actor] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn named(uids: &[String]) -> String {
    match uids {
        [uid] => format!("event_uid:{uid}"),
        _ => format!("event_uid:({})", uids.join(" OR ")),
    }
}

fn any_of(field: &str, values: &BTreeSet<String>) -> Option<String> {
    let quoted: Vec<String> = values.iter().map(|value| quote(value)).collect();
    match quoted.as_slice() {
        [] => None,
        [value] => Some(format!("{field}:{value}")),
        _ => Some(format!("{field}:({})", quoted.join(" OR "))),
    }
}

fn term(field: &str, value: &str) -> String {
    format!("{field}:{}", quote(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn seer(level: Level) -> Seer {
        Seer {
            source: FindSource::Rule,
            rule_id: "r".to_owned(),
            rule: "Rule".to_owned(),
            title: Text::of("Rule", "ルール"),
            author: None,
            level,
            tags: Vec::new(),
        }
    }

    fn find(uid: u32, time_us: Micros) -> Find {
        Find {
            org: "o".to_owned(),
            table: "t".to_owned(),
            event_uid: format!("{uid:032x}"),
            time_us: Some(time_us),
            src_ip: Some(format!("192.0.2.{uid}")),
            ..Find::default()
        }
    }

    #[test]
    fn order_of_reading_does_not_show() {
        let build = |order: &[u32]| {
            let mut groups = Groups::default();
            for uid in order {
                groups.add(&seer(Level::High), find(*uid, i64::from(*uid)));
            }
            groups.finish(&Names::default(), &|_| None).0
        };
        let forward: Vec<u32> = (1..60).collect();
        let backward: Vec<u32> = forward.iter().rev().copied().collect();
        assert_eq!(build(&forward), build(&backward));
        let group = build(&forward).remove(0);
        assert_eq!((group.events, group.examples.len(), group.src_ips.len()), (59, 5, 5));
        let narrowed = "org:\"o\" table:\"t\" time>=1970-01-01T00:00:00.000001Z time<=1970-01-01T00:00:00.000059Z";
        assert_eq!(group.query, narrowed);
    }

    #[test]
    fn few_events_are_named_one_by_one() {
        let mut groups = Groups::default();
        groups.add(&seer(Level::Low), find(1, 5));
        groups.add(&seer(Level::Low), find(2, 4));
        let group = groups.finish(&Names::default(), &|_| None).0.remove(0);
        assert_eq!(group.query, format!("event_uid:({:032x} OR {:032x})", 2, 1));
    }

    #[test]
    fn the_gravest_come_first() {
        let mut groups = Groups::default();
        for (level, rule) in [(Level::Low, "a"), (Level::Critical, "b"), (Level::Medium, "c")] {
            let seer = Seer {
                rule_id: rule.to_owned(),
                ..seer(level)
            };
            groups.add(&seer, find(1, 1));
        }
        let levels: Vec<_> = groups
            .finish(&Names::default(), &|_| None)
            .0
            .iter()
            .map(|group| group.level)
            .collect();
        assert_eq!(levels, ["critical", "medium", "low"]);
    }
}
