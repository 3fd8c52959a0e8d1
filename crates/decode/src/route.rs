//! Which table a row belongs to, told from its own content.

mod rails;
mod score;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use sekisho_event::catalogue::{Catalogue, Table, is_plain_event_type};
use sekisho_event::kind::SourceKind;

use crate::json_text::{self, Member};
use crate::limits::MAX_UNKNOWN_TABLES;

pub(crate) use score::{Delivery, Fit, has_event_type, knows_header};

/// The event type of rows whose own cannot name a table.
const UNKNOWN_TYPE: &str = "unknown";

/// Time fields of generic JSON, best first (CONTRACT.md, "Generic JSON").
pub(crate) const TIME_FIELDS: [&str; 5] = ["time", "timestamp", "@timestamp", "eventTime", "created_at"];

/// What a JSON row turned out to be.
pub(crate) enum Routed {
    /// A row of this table; for Salesforce field history, also the object whose history it is.
    Table(Arc<Table>, Option<String>),
    /// Known content that holds no events.
    NotEvents(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// Routes the rows of one stream.
pub(crate) struct Router {
    kind: Option<SourceKind>,
    file: String,
    /// Tables of event types that the catalogue does not know, by family and lower-case name.
    unknown: HashMap<(SourceKind, String), Arc<Table>>,
}

impl Router {
    pub(crate) fn new(kind: Option<SourceKind>, file: &str) -> Self {
        Self {
            kind,
            file: file.to_owned(),
            unknown: HashMap::new(),
        }
    }

    /// Returns true where every object is a row as it stands: generic JSON has no envelopes.
    pub(crate) fn takes_objects_whole(&self) -> bool {
        self.kind == Some(SourceKind::Json)
    }

    /// Returns the table of an EventLogFile type, known or not.
    pub(crate) fn elf(&mut self, event_type: &str) -> Option<Arc<Table>> {
        let known = Catalogue::builtin()
            .table_of_event_type(SourceKind::SalesforceElf, event_type)
            .cloned();
        known.or_else(|| self.unknown_table(SourceKind::SalesforceElf, event_type))
    }

    /// Returns the table that a CSV header fits.
    pub(crate) fn header(&self, names: &[&str]) -> Fit {
        score::fit(names, self.kind, &self.file)
    }

    /// Returns the table of the keys of a row.
    fn columns(&mut self, names: &[&str], delivery: Delivery) -> Option<Arc<Table>> {
        let best = score::best_table(names, self.kind, &self.file, delivery);
        best.or_else(|| match own_table(self.kind?) {
            Some(name) => Catalogue::builtin().table(name).cloned(),
            None => self.unknown_table(self.kind?, UNKNOWN_TYPE),
        })
    }

    /// Returns what a JSON object is.
    pub(crate) fn object(&mut self, members: &[Member<'_>]) -> Routed {
        match self.kind {
            Some(
                kind @ (SourceKind::Json | SourceKind::GitlabAudit | SourceKind::AwsCloudtrail | SourceKind::GcpAudit),
            ) => own_table(kind).map_or(Routed::Unknown, table),
            Some(SourceKind::GitlabApiLog) => {
                rails_table(members, &self.file).unwrap_or_else(|| table("gitlab.other_log"))
            }
            Some(_) => self
                .salesforce(members)
                .unwrap_or_else(|| self.by_keys(members, Delivery::Stored)),
            None => self
                .salesforce(members)
                .or_else(|| self.other(members))
                .unwrap_or(Routed::Unknown),
        }
    }

    /// Returns the table whose columns a row has, where nothing names it.
    pub(crate) fn by_keys(&mut self, members: &[Member<'_>], delivery: Delivery) -> Routed {
        let names: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
        self.columns(&names, delivery)
            .map_or(Routed::Unknown, |found| Routed::Table(found, None))
    }

    /// Returns the table of a Salesforce object name, known or not.
    pub(crate) fn salesforce_object(&mut self, object: &str) -> Routed {
        let catalogue = Catalogue::builtin();
        let known = ["salesforce", "salesforce_event_log"]
            .iter()
            .find_map(|schema| catalogue.table(&format!("{schema}.{object}")));
        if let Some(known) = known {
            return Routed::Table(Arc::clone(known), None);
        }
        let custom_parent = object.strip_suffix("__History").map(|parent| format!("{parent}__c"));
        let parent = custom_parent.or_else(|| object.strip_suffix("History").map(str::to_owned));
        let found = match &parent {
            Some(_) => catalogue.table("salesforce.FieldHistory").cloned(),
            None => self.unknown_table(SourceKind::SalesforceRtem, object),
        };
        found.map_or(Routed::Unknown, |found| Routed::Table(found, parent))
    }

    fn salesforce(&mut self, members: &[Member<'_>]) -> Option<Routed> {
        let may_be_elf = self.kind.is_none_or(|kind| kind == SourceKind::SalesforceElf);
        if let Some(event_type) = text_of(members, "EVENT_TYPE").filter(|_| may_be_elf) {
            return self.elf(&event_type).map(|found| Routed::Table(found, None));
        }
        let attributes = members.iter().find(|(name, _)| name == "attributes");
        if let Some(object) = attributes.and_then(|(_, raw)| rest_object(raw)) {
            return Some(self.salesforce_object(&object));
        }
        is_limits(members).then_some(Routed::NotEvents("the body of the Salesforce limits resource"))
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
        match self.by_keys(members, Delivery::Stored) {
            Routed::Unknown => TIME_FIELDS.iter().any(|field| has(field)).then(|| table("json.events")),
            found => Some(found),
        }
    }

    /// Event types are attacker-written, and each would open a table: past the limit, and where the name is no plain
    /// identifier, they share one.
    fn unknown_table(&mut self, kind: SourceKind, event_type: &str) -> Option<Arc<Table>> {
        let family = match kind {
            SourceKind::SalesforceElf | SourceKind::SalesforceEventLogObject => kind,
            _ => SourceKind::SalesforceRtem,
        };
        let name = if is_plain_event_type(event_type) {
            event_type.to_ascii_lowercase()
        } else {
            UNKNOWN_TYPE.to_owned()
        };
        if let Some(seen) = self.unknown.get(&(family, name.clone())) {
            return Some(Arc::clone(seen));
        }
        let is_room = self.unknown.len() < MAX_UNKNOWN_TABLES;
        let (name, event_type) = if is_room {
            (name, event_type)
        } else {
            (UNKNOWN_TYPE.to_owned(), UNKNOWN_TYPE)
        };
        let new = || Catalogue::builtin().unknown_event_type(family, event_type);
        match self.unknown.entry((family, name)) {
            Entry::Occupied(seen) => Some(Arc::clone(seen.get())),
            Entry::Vacant(free) => Some(Arc::clone(free.insert(new()?))),
        }
    }
}

/// The table of rows that a kind's keys do not place; `None` for kinds with many tables.
fn own_table(kind: SourceKind) -> Option<&'static str> {
    match kind {
        SourceKind::Json => Some("json.events"),
        SourceKind::GitlabAudit => Some("gitlab.audit_events"),
        SourceKind::GitlabApiLog => Some("gitlab.other_log"),
        SourceKind::AwsCloudtrail => Some("aws.cloudtrail"),
        SourceKind::GcpAudit => Some("gcp.audit"),
        SourceKind::SalesforceFieldHistory => Some("salesforce.FieldHistory"),
        SourceKind::SalesforceLoginHistory => Some("salesforce.LoginHistory"),
        SourceKind::SalesforceSetupAuditTrail => Some("salesforce.SetupAuditTrail"),
        _ => None,
    }
}

fn rails_table(members: &[Member<'_>], file: &str) -> Option<Routed> {
    rails::event_type(members, file)
        .and_then(|event_type| Catalogue::builtin().table_of_event_type(SourceKind::GitlabApiLog, event_type))
        .map(|found| Routed::Table(Arc::clone(found), None))
}

fn table(name: &str) -> Routed {
    Catalogue::builtin()
        .table(name)
        .map_or(Routed::Unknown, |found| Routed::Table(Arc::clone(found), None))
}

/// Returns the text of a string member.
pub(crate) fn text_of(members: &[Member<'_>], key: &str) -> Option<String> {
    let raw = members.iter().find(|(name, _)| name == key)?.1;
    raw.starts_with('"')
        .then(|| json_text::cell(raw).map(|text| text.into_owned()))?
}

/// Returns the object's name in `attributes`, which Salesforce's REST API puts into every record: its type, and a link
/// made from the id. Anything else under that name is a column like others.
pub(crate) fn rest_object(attributes: &str) -> Option<String> {
    let members = json_text::members(attributes).ok()?;
    let is_rest = members.iter().all(|(name, _)| matches!(name.as_ref(), "type" | "url"));
    is_rest.then(|| text_of(&members, "type"))?
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
