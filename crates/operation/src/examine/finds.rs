//! Finds of rules, indicators and allow-lists in one form.

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use sekisho_event::catalogue::Table;
use sekisho_event::text::Text;
use sekisho_event::time::{Range, to_rfc3339};
use sekisho_event::{cells, common};
use sekisho_hunt::{AllowListHead, AllowResult, How, HuntResult, Kind, ListHead};
use sekisho_sigma::{Hit, Level, Rule, RuleSet};
use serde_json::Map;

use super::ExamineOptions;
use super::acts::{Acts, ActsFound};
use super::groups::{BySession, Find, FindSource, FindingGroup, Groups, Seer};
use super::names::Names;
use crate::Error;
use crate::detect::Finding;

/// Finds under way.
pub(super) struct Finds<'a> {
    rules: &'a RuleSet,
    range: Range,
    groups: Groups,
    each: Option<Vec<Finding>>,
    acts: Option<Acts<'a>>,
}

/// Finds, put together.
pub(super) struct Found {
    pub(super) groups: Vec<FindingGroup>,
    pub(super) by_session: BySession,
    pub(super) left_out: u64,
    pub(super) each: Vec<Finding>,
    pub(super) acts: Option<ActsFound>,
}

impl<'a> Finds<'a> {
    pub(super) fn new(rules: &'a RuleSet, options: &ExamineOptions<'a>) -> Self {
        Self {
            rules,
            range: options.range,
            groups: Groups::default(),
            each: options.keeps_each.then(Vec::new),
            acts: options.truth.map(Acts::new),
        }
    }

    /// Adds the matches of rules in a typed batch. The common columns are put together only for rows that matched.
    pub(super) fn add_rules(&mut self, table: &Table, batch: &RecordBatch, hits: &[Hit]) -> Result<(), Error> {
        if hits.is_empty() {
            return Ok(());
        }
        let rows: UInt32Array = hits.iter().map(|hit| u32::try_from(hit.row).ok()).collect();
        let matched = take_record_batch(batch, &rows).map_err(Error::columns(&table.name))?;
        let events = common::project(table, &matched).map_err(Error::columns(&table.name))?;
        let rules = self.rules;
        for (row, hit) in hits.iter().enumerate() {
            let find = find_of(&events, row);
            if let Some(rule) = rules.rule(hit.rule).filter(|_| self.range.contains(find.time_us)) {
                self.add(&seer_of_rule(rule), find);
            }
        }
        Ok(())
    }

    /// Adds the matches of indicators. A weak one is a hint, never more.
    pub(super) fn add_hits(&mut self, hunt: &HuntResult) {
        for hit in &hunt.hits {
            let list = hit.in_lists.first().and_then(|list| hunt.lists.get(*list));
            let list = list.map(name_of_list);
            let seer = Seer {
                source: FindSource::Indicator,
                rule_id: hit.indicator.clone(),
                rule: format!("{} ({})", hit.indicator, hit.kind),
                title: title_of_indicator(&hit.indicator, hit.kind),
                author: list,
                level: level_of(hit.how, hit.kind),
                tags: Vec::new(),
            };
            let find = Find {
                org: hit.org.clone(),
                actor: hit.actor.clone(),
                session_key: hit.session_key.clone(),
                src_ip: hit.src_ip.clone(),
                table: hit.table.clone(),
                event_uid: hit.event_uid.clone().unwrap_or_default(),
                time_us: hit.time.map(|time| time.0),
            };
            self.add(&seer, find);
        }
    }

    /// Adds the uses of applications from outside their vendors' networks.
    pub(super) fn add_outside(&mut self, allow: &AllowResult) {
        for outside in &allow.outside {
            let list = allow.lists.get(outside.list);
            let seer = Seer {
                source: FindSource::AllowList,
                rule_id: list.map(|list| list.name.clone()).unwrap_or_default(),
                rule: list.map(|list| list.app.clone()).unwrap_or_default(),
                title: list.map(title_of_app).unwrap_or_default(),
                author: list.map(|list| list.name.clone()),
                level: Level::High,
                tags: Vec::new(),
            };
            let find = Find {
                org: outside.org.clone(),
                actor: outside.actor.clone(),
                session_key: outside.session_key.clone(),
                src_ip: outside.src_ip.clone(),
                table: outside.table.clone(),
                event_uid: outside.event_uid.clone().unwrap_or_default(),
                time_us: outside.time.map(|time| time.0),
            };
            self.add(&seer, find);
        }
    }

    /// Looks at a common batch again, now that all finds are known.
    pub(super) fn place(&mut self, events: &RecordBatch) {
        if let Some(acts) = &mut self.acts {
            acts.place(events);
        }
    }

    pub(super) fn finish(self, names: &Names) -> Found {
        let acts = self.acts;
        let left_out = self.groups.left_out;
        let act_of = |uid: &str| acts.as_ref().and_then(|acts| acts.act_of(uid));
        let (groups, by_session) = self.groups.finish(names, &act_of);
        Found {
            groups,
            by_session,
            left_out,
            each: self.each.unwrap_or_default(),
            acts: acts.map(|acts| acts.finish()),
        }
    }

    fn add(&mut self, seer: &Seer, find: Find) {
        if let Some(acts) = &mut self.acts {
            acts.note(&find.event_uid);
        }
        if let Some(each) = &mut self.each {
            each.push(finding_of(seer, &find));
        }
        self.groups.add(seer, find);
    }
}

/// A common scripting client is everybody's; an address or an application of the advisory is not.
fn level_of(how: How, kind: Kind) -> Level {
    match (how, kind) {
        (How::Weak, _) => Level::Low,
        (_, Kind::UserAgent) => Level::Medium,
        _ => Level::High,
    }
}

fn name_of_list(list: &ListHead) -> String {
    match &list.version {
        Some(version) => format!("{} {version}", list.name),
        None => list.name.clone(),
    }
}

fn title_of_indicator(indicator: &str, kind: Kind) -> Text {
    Text::of(
        format!("Indicator {indicator} ({kind})"),
        format!("侵害指標 {indicator} ({kind})"),
    )
}

fn title_of_app(list: &AllowListHead) -> Text {
    Text::of(
        format!("{} from outside its networks", list.app),
        format!("許可されたネットワーク外からの {}", list.app),
    )
}

fn seer_of_rule(rule: &Rule) -> Seer {
    Seer {
        source: FindSource::Rule,
        rule_id: rule.id.clone(),
        rule: rule.title.clone(),
        title: Text {
            en: rule.title.clone(),
            ja: rule.title_ja.clone(),
        },
        author: rule.author.clone(),
        level: rule.level.unwrap_or(Level::Low),
        tags: rule.tags.clone(),
    }
}

fn find_of(events: &RecordBatch, row: usize) -> Find {
    let text = |name: &str| {
        let column = events.column_by_name(name)?;
        cells::text(column, row).map(|text| text.into_owned())
    };
    Find {
        org: text("org").unwrap_or_default(),
        actor: text("actor"),
        session_key: text("session_key"),
        src_ip: text("src_ip"),
        table: text("table").unwrap_or_default(),
        event_uid: text("event_uid").unwrap_or_default(),
        time_us: events
            .column_by_name("time")
            .and_then(|times| cells::time_us(times, row)),
    }
}

fn finding_of(seer: &Seer, find: &Find) -> Finding {
    Finding {
        rule_id: seer.rule_id.clone(),
        rule: seer.rule.clone(),
        author: seer.author.clone(),
        level: Some(seer.level.name()),
        time: find.time_us.map(to_rfc3339),
        table: find.table.clone(),
        event_uid: find.event_uid.clone(),
        org: find.org.clone(),
        actor: find.actor.clone(),
        src_ip: find.src_ip.clone(),
        tags: seer.tags.clone(),
        group: Map::new(),
    }
}
