//! Findings as people read them: what one rule, indicator or allow-list saw of one actor in one session is one line.

use std::collections::{BTreeSet, HashMap};

use sekisho_event::text::Text;
use sekisho_event::time::{Micros, to_rfc3339};
use sekisho_search::quote;
use sekisho_sigma::Level;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Most groups that are kept: beyond this a person reads none of them, and a rule that fires on every event of every
/// session must not take the memory of the others. What is left out is counted.
pub const MAX_GROUPS: usize = 20_000;
/// Most examples and addresses of a group.
const MAX_EXAMPLES: usize = 5;
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

/// Events that one rule, indicator or allow-list saw of one actor in one session.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FindingGroup {
    /// Stable: the same events give the same id.
    pub id: String,
    /// What saw them.
    pub source: FindSource,
    /// The rule's id, the indicator, or the allow-list's name.
    pub rule_id: String,
    /// The rule's title, the indicator with its list, or the application.
    pub rule: String,
    /// The rule's author; the Detection Rule License wants it shown wherever matches are.
    #[schema(required)]
    pub author: Option<String>,
    /// How much it matters.
    pub level: &'static str,
    /// The org.
    pub org: String,
    /// Who did it.
    #[schema(required)]
    pub actor: Option<String>,
    /// In which session.
    #[schema(required)]
    pub session_key: Option<String>,
    /// From where, at most five.
    pub src_ips: Vec<String>,
    /// The table that holds the events.
    pub table: String,
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
    pub(super) author: Option<String>,
    pub(super) level: Level,
    pub(super) tags: Vec<String>,
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
    table: String,
    actor: Option<String>,
    session_key: Option<String>,
}

#[derive(Debug)]
struct Group {
    seer: Seer,
    events: u64,
    from_us: Option<Micros>,
    to_us: Option<Micros>,
    src_ips: BTreeSet<String>,
    /// The earliest events by time, then by identity: the order of reading must not show.
    named: BTreeSet<(Option<Micros>, String)>,
}

impl Groups {
    pub(super) fn add(&mut self, seer: &Seer, find: Find) {
        let key = Key {
            source: seer.source,
            rule_id: seer.rule_id.clone(),
            org: find.org,
            table: find.table,
            actor: find.actor,
            session_key: find.session_key,
        };
        if self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(&key) {
            self.left_out += 1;
            return;
        }
        let group = self.groups.entry(key).or_insert_with(|| Group::new(seer.clone()));
        group.add(find.event_uid, find.time_us, find.src_ip);
    }

    /// Returns the groups, the gravest first, then by their start.
    pub(super) fn finish(self, act_of: &dyn Fn(&str) -> Option<ActRef>) -> Vec<FindingGroup> {
        let mut sorted: Vec<(Key, Group)> = self.groups.into_iter().collect();
        sorted.sort_by(|(key, group), (other_key, other)| {
            let gravest_first = other.seer.level.cmp(&group.seer.level);
            gravest_first
                .then_with(|| group.from_us.cmp(&other.from_us))
                .then_with(|| key.cmp(other_key))
        });
        sorted
            .into_iter()
            .map(|(key, group)| group.finish(key, act_of))
            .collect()
    }
}

impl Group {
    fn new(seer: Seer) -> Self {
        Self {
            seer,
            events: 0,
            from_us: None,
            to_us: None,
            src_ips: BTreeSet::new(),
            named: BTreeSet::new(),
        }
    }

    fn add(&mut self, event_uid: String, time_us: Option<Micros>, src_ip: Option<String>) {
        self.events += 1;
        self.from_us = self.from_us.into_iter().chain(time_us).min();
        self.to_us = self.to_us.into_iter().chain(time_us).max();
        if let Some(src_ip) = src_ip {
            self.src_ips.insert(src_ip);
            // The smallest stay, whatever the order of reading.
            if self.src_ips.len() > MAX_EXAMPLES {
                self.src_ips.pop_last();
            }
        }
        self.named.insert((time_us, event_uid));
        if self.named.len() > MAX_NAMED_EVENTS {
            self.named.pop_last();
        }
    }

    fn finish(self, key: Key, act_of: &dyn Fn(&str) -> Option<ActRef>) -> FindingGroup {
        let uids: Vec<String> = self.named.into_iter().map(|(_, uid)| uid).collect();
        let is_whole = self.events as usize <= uids.len();
        FindingGroup {
            id: id_of(&key),
            query: if is_whole { named(&uids) } else { around(&key) },
            act: uids.iter().find_map(|uid| act_of(uid)),
            examples: uids.into_iter().take(MAX_EXAMPLES).collect(),
            source: key.source,
            rule_id: key.rule_id,
            rule: self.seer.rule,
            author: self.seer.author,
            level: self.seer.level.name(),
            org: key.org,
            actor: key.actor,
            session_key: key.session_key,
            src_ips: self.src_ips.into_iter().collect(),
            table: key.table,
            events: self.events,
            from: self.from_us.map(to_rfc3339),
            to: self.to_us.map(to_rfc3339),
            tags: self.seer.tags,
        }
    }
}

/// An id that a link can rest on: it follows from what the group is about.
fn id_of(key: &Key) -> String {
    let mut hasher = Sha256::new();
    let source = format!("{:?}", key.source);
    let parts = [source.as_str(), &key.rule_id, &key.org, &key.table];
    let optional = [&key.actor, &key.session_key].map(|part| part.as_deref().unwrap_or_default());
    for part in parts.into_iter().chain(optional) {
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

/// The search for a group of many events: what they have in common.
fn around(key: &Key) -> String {
    let mut terms = vec![term("org", &key.org), term("table", &key.table)];
    terms.extend(key.actor.as_deref().map(|actor| term("actor", actor)));
    terms.extend(key.session_key.as_deref().map(|session| term("session_key", session)));
    if key.source == FindSource::Indicator && key.session_key.is_none() {
        terms.push(quote(&key.rule_id));
    }
    terms.join(" ")
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
            groups.finish(&|_| None)
        };
        let forward: Vec<u32> = (1..60).collect();
        let backward: Vec<u32> = forward.iter().rev().copied().collect();
        assert_eq!(build(&forward), build(&backward));
        let group = build(&forward).remove(0);
        assert_eq!((group.events, group.examples.len(), group.src_ips.len()), (59, 5, 5));
        assert_eq!(group.query, "org:\"o\" table:\"t\"");
    }

    #[test]
    fn few_events_are_named_one_by_one() {
        let mut groups = Groups::default();
        groups.add(&seer(Level::Low), find(1, 5));
        groups.add(&seer(Level::Low), find(2, 4));
        let group = groups.finish(&|_| None).remove(0);
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
        let levels: Vec<_> = groups.finish(&|_| None).iter().map(|group| group.level).collect();
        assert_eq!(levels, ["critical", "medium", "low"]);
    }
}
