//! Which table a row belongs to, told from its own content.

mod rails;
mod score;

use std::collections::HashSet;
use std::sync::Arc;

use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::kind::SourceKind;

use crate::json_text::{self, Member};
use crate::limits::MAX_UNKNOWN_TABLES;

pub(crate) use score::knows_header;

/// Time fields of generic JSON, best first (CONTRACT.md, "Generic JSON").
pub(crate) const TIME_FIELDS: [&str; 5] = ["time", "timestamp", "@timestamp", "eventTime", "created_at"];

/// What a JSON row turned out to be.
pub(crate) enum Routed {
    /// A row of this table.
    Table(Arc<Table>),
    /// A Salesforce field-history row of this parent object.
    FieldHistory(Arc<Table>, String),
    /// Known content that holds no events.
    NotEvents(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Routes the rows of one stream.
pub(crate) struct Router {
    kind: Option<SourceKind>,
    file: String,
    unknown: HashSet<String>,
}

impl Router {
    pub(crate) fn new(kind: Option<SourceKind>, file: &str) -> Self {
        Self {
            kind,
            file: file.to_owned(),
            unknown: HashSet::new(),
        }
    }

    /// Returns the table of an EventLogFile type, known or not.
    pub(crate) fn elf(&mut self, event_type: &str) -> Option<Arc<Table>> {
        let known = Catalogue::builtin()
            .table_of_event_type(SourceKind::SalesforceElf, event_type)
            .cloned();
        known.or_else(|| self.unknown_table(SourceKind::SalesforceElf, event_type))
    }

    /// Returns the table of a CSV header.
    pub(crate) fn header(&mut self, names: &[&str]) -> Option<Arc<Table>> {
        let best = score::best_table(names, self.kind, &self.file);
        best.or_else(|| match self.kind {
            Some(SourceKind::Json) => Catalogue::builtin().table("json.events").cloned(),
            Some(SourceKind::SalesforceFieldHistory) => Catalogue::builtin().table("salesforce.FieldHistory").cloned(),
            Some(SourceKind::GitlabApiLog) => Catalogue::builtin().table("gitlab.other_log").cloned(),
            Some(kind) => self.unknown_table(kind, "unknown"),
            None => None,
        })
    }

    /// Returns what a JSON object is.
    pub(crate) fn object(&mut self, members: &[Member<'_>]) -> Routed {
        match self.kind {
            Some(SourceKind::Json) => table("json.events"),
            Some(SourceKind::GitlabAudit) => table("gitlab.audit_events"),
            Some(SourceKind::AwsCloudtrail) => table("aws.cloudtrail"),
            Some(SourceKind::GcpAudit) => table("gcp.audit"),
            Some(SourceKind::GitlabApiLog) => {
                rails_table(members, &self.file).unwrap_or_else(|| table("gitlab.other_log"))
            }
            Some(kind) => self.salesforce(members).unwrap_or_else(|| self.of_kind(kind, members)),
            None => self
                .salesforce(members)
                .or_else(|| self.other(members))
                .unwrap_or(Routed::Unknown),
        }
    }

    /// Returns the table of a Salesforce object name, known or not.
    pub(crate) fn salesforce_object(&mut self, object: &str) -> Option<Routed> {
        let catalogue = Catalogue::builtin();
        let named = ["salesforce", "salesforce_event_log"].iter();
        if let Some(known) = named
            .filter_map(|schema| catalogue.table(&format!("{schema}.{object}")))
            .next()
        {
            return Some(Routed::Table(Arc::clone(known)));
        }
        let parent = object.strip_suffix("__History").map(|parent| format!("{parent}__c"));
        if let Some(parent) = parent.or_else(|| object.strip_suffix("History").map(str::to_owned)) {
            return Some(Routed::FieldHistory(
                Arc::clone(catalogue.table("salesforce.FieldHistory")?),
                parent,
            ));
        }
        self.unknown_table(SourceKind::SalesforceRtem, object)
            .map(Routed::Table)
    }

    fn salesforce(&mut self, members: &[Member<'_>]) -> Option<Routed> {
        if let Some(event_type) = text_of(members, "EVENT_TYPE") {
            return self.elf(&event_type).map(Routed::Table);
        }
        if let Some(object) = object_type(members) {
            return self.salesforce_object(&object);
        }
        if is_limits(members) {
            return Some(Routed::NotEvents("the body of the Salesforce limits resource"));
        }
        None
    }

    fn of_kind(&mut self, kind: SourceKind, members: &[Member<'_>]) -> Routed {
        let names: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
        self.header(&names).map_or_else(
            || {
                self.unknown_table(kind, "unknown")
                    .map_or(Routed::Unknown, Routed::Table)
            },
            Routed::Table,
        )
    }

    fn other(&mut self, members: &[Member<'_>]) -> Option<Routed> {
        let has = |key: &str| members.iter().any(|(name, _)| name == key);
        if has("author_id") && has("entity_type") {
            return Some(table("gitlab.audit_events"));
        }
        if has("eventSource") && has("eventName") && (has("eventVersion") || has("awsRegion")) {
            return Some(table("aws.cloudtrail"));
        }
        let is_cloud_audit = text_of(members, "logName").is_some_and(|name| name.contains("cloudaudit.googleapis.com"));
        if has("protoPayload") || is_cloud_audit {
            return Some(table("gcp.audit"));
        }
        if let Some(rails) = rails_table(members, &self.file) {
            return Some(rails);
        }
        let names: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
        if let Some(best) = score::best_table(&names, None, &self.file) {
            return Some(Routed::Table(best));
        }
        TIME_FIELDS.iter().any(|field| has(field)).then(|| table("json.events"))
    }

    /// Event types are attacker-written, and each would open a table: past the limit they share one.
    fn unknown_table(&mut self, kind: SourceKind, event_type: &str) -> Option<Arc<Table>> {
        let is_room = self.unknown.contains(event_type) || self.unknown.len() < MAX_UNKNOWN_TABLES;
        let event_type = if is_room { event_type } else { "unknown" };
        self.unknown.insert(event_type.to_owned());
        let family = match kind {
            SourceKind::SalesforceElf | SourceKind::SalesforceEventLogObject => kind,
            _ => SourceKind::SalesforceRtem,
        };
        Catalogue::builtin().unknown_event_type(family, event_type)
    }
}

fn rails_table(members: &[Member<'_>], file: &str) -> Option<Routed> {
    rails::event_type(members, file)
        .and_then(|event_type| Catalogue::builtin().table_of_event_type(SourceKind::GitlabApiLog, event_type))
        .map(|found| Routed::Table(Arc::clone(found)))
}

fn table(name: &str) -> Routed {
    Catalogue::builtin()
        .table(name)
        .map_or(Routed::Unknown, |found| Routed::Table(Arc::clone(found)))
}

/// Returns the text of a string member.
pub(crate) fn text_of(members: &[Member<'_>], key: &str) -> Option<String> {
    let raw = members.iter().find(|(name, _)| name == key)?.1;
    raw.starts_with('"')
        .then(|| json_text::cell(raw).map(|text| text.into_owned()))?
}

/// Returns `attributes.type`, which Salesforce's REST API puts into every record.
fn object_type(members: &[Member<'_>]) -> Option<String> {
    let raw = members.iter().find(|(name, _)| name == "attributes")?.1;
    text_of(&json_text::members(raw).ok()?, "type")
}

/// The limits resource answers `{name: {"Max": n, "Remaining": n}}`.
fn is_limits(members: &[Member<'_>]) -> bool {
    let is_limit = |raw: &str| {
        json_text::members(raw).is_ok_and(|limit| {
            ["Max", "Remaining"]
                .iter()
                .all(|key| limit.iter().any(|(name, _)| name == key))
        })
    };
    !members.is_empty() && members.iter().all(|(_, raw)| is_limit(raw))
}
