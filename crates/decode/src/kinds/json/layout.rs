//! How rows with the same keys go into their table: worked out once, and used again for rows like it.

use std::borrow::Cow;
use std::sync::Arc;

use sekisho_event::catalogue::Table;

use crate::build::{Slot, TableBuilder};
use crate::input::is_row_key;
use crate::json_text::Member;
use crate::kinds::output::Output;
use crate::route::rest_object;

/// How many layouts are remembered: streams mix a handful of event types, each with a few sets of keys.
const MAX_LAYOUTS: usize = 32;

/// A layout with more text than this is not remembered: its row is an exception, or made to fill memory.
const MAX_LAYOUT_BYTES: usize = 64 << 10;

/// Keys of envelopes and of records with a file inside; bodies have the keys of `input::is_row_key`.
const HOLDERS: [&str; 3] = ["payload", "data", "LogFile"];

/// Where the members of a row go.
pub(super) struct Layout {
    keys: Vec<String>,
    /// What of the row's values has decided its table, by position.
    facts: Vec<(usize, String)>,
    pub(super) handle: usize,
    pub(super) slots: Vec<Slot>,
    /// The object whose field history the row is.
    pub(super) parent: Option<(Slot, String)>,
    /// The table says nothing about its columns: time is found by name.
    pub(super) is_generic: bool,
    /// No key is one under which other rows may stand.
    pub(super) is_plain: bool,
}

impl Layout {
    /// Works out where the members go in `table`.
    pub(super) fn new(
        members: &[Member<'_>],
        table: &Arc<Table>,
        parent: Option<String>,
        output: &mut Output<'_>,
    ) -> Self {
        let handle = output.builder_of(table);
        let builder = output.builder(handle);
        let is_salesforce = table.source.blank_is_absent();
        let mut slots: Vec<Slot> = members
            .iter()
            .map(|(name, raw)| {
                let says_the_table = is_salesforce && name == "attributes" && rest_object(raw).is_some();
                if says_the_table {
                    Slot::Nowhere
                } else {
                    builder.slot(name)
                }
            })
            .collect();
        if let Some(parent) = &parent {
            name_parent(members, &mut slots, parent, builder);
        }
        let facts = members.iter().enumerate();
        let facts = facts.filter_map(|(index, (name, raw))| Some((index, fact_of(name, raw)?.into_owned())));
        Self {
            keys: members.iter().map(|(name, _)| name.as_ref().to_owned()).collect(),
            facts: facts.collect(),
            handle,
            slots,
            parent: parent.map(|parent| (builder.derived_slot("ParentType"), parent)),
            is_generic: table.name == "json.events",
            is_plain: members
                .iter()
                .all(|(name, _)| !is_row_key(name) && !HOLDERS.contains(&name.as_ref())),
        }
    }

    fn fits(&self, members: &[Member<'_>]) -> bool {
        let has_facts = || {
            self.facts.iter().all(|(index, fact)| {
                let (name, raw) = &members[*index];
                fact_of(name, raw).is_some_and(|found| found == fact.as_str())
            })
        };
        self.keys.len() == members.len()
            && self.keys.iter().zip(members).all(|(key, (name, _))| key == name)
            && has_facts()
    }
}

/// The layouts of the rows read last.
#[derive(Default)]
pub(super) struct Layouts {
    /// The one used last is first.
    recent: Vec<Layout>,
}

impl Layouts {
    /// Returns the layout of a row with these members, if there has been one like it.
    pub(super) fn find(&mut self, members: &[Member<'_>]) -> Option<&Layout> {
        let position = self.recent.iter().position(|layout| layout.fits(members))?;
        self.recent[..=position].rotate_right(1);
        self.recent.first()
    }

    /// Remembers a layout.
    pub(super) fn remember(&mut self, layout: Layout) {
        let texts = layout.keys.iter().chain(layout.facts.iter().map(|(_, fact)| fact));
        if texts.map(String::len).sum::<usize>() <= MAX_LAYOUT_BYTES {
            self.recent.truncate(MAX_LAYOUTS - 1);
            self.recent.insert(0, layout);
        }
    }
}

/// Returns what of a member's value decides the row's table: the value itself, or only whether it is or starts like a text
/// that routing looks for (`route`).
fn fact_of<'a>(name: &str, raw: &'a str) -> Option<Cow<'a, str>> {
    let truth = |holds: bool| Some(Cow::Borrowed(if holds { "true" } else { "false" }));
    match name {
        "EVENT_TYPE" | "subcomponent" => Some(Cow::Borrowed(raw)),
        "attributes" => Some(rest_object(raw).map_or(Cow::Borrowed(""), Cow::Owned)),
        "message" => truth(raw == "\"Rack_Attack\""),
        "path" => truth(raw.starts_with("\"/api/")),
        "logName" => truth(raw.contains("cloudaudit.googleapis.com")),
        _ => None,
    }
}

/// `ContactHistory` names its parent in `ContactId`.
fn name_parent(members: &[Member<'_>], slots: &mut [Slot], parent: &str, builder: &TableBuilder) {
    let parent_id = builder.slot("ParentId");
    let own_name = format!("{}Id", parent.trim_end_matches("__c"));
    let position = members
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(&own_name));
    if let Some(position) = position.filter(|_| !slots.contains(&parent_id)) {
        slots[position] = parent_id;
    }
}
