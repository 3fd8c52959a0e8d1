//! MISP events.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::builder::{Builder, canonical_network};
use super::refang::{host_of, refang};
use super::{Kind, Mode};

/// Reads one event, or the `response` of a search.
pub(super) fn read(content: &str, builder: &mut Builder) {
    match serde_json::from_str::<Document>(content) {
        Ok(document) => add_document(document, builder),
        Err(error) => builder.refuse_json(&error),
    }
}

/// Reads an array of events.
pub(super) fn read_events(events: Vec<&RawValue>, builder: &mut Builder) {
    for (index, event) in events.into_iter().enumerate() {
        match serde_json::from_str::<Document>(event.get()) {
            Ok(document) => add_document(document, builder),
            Err(error) => builder.refuse(None, Some(index + 1), format!("not a MISP event: {error}")),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    #[serde(rename = "Event")]
    event: Option<Event>,
    response: Option<Response>,
    #[serde(rename = "Attribute")]
    attributes: Vec<Attribute>,
}

/// A search for events answers with an array, one for attributes with an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Response {
    Events(Vec<Document>),
    Attributes {
        #[serde(rename = "Attribute")]
        attributes: Vec<Attribute>,
    },
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    info: Option<String>,
    date: Option<String>,
    timestamp: Option<Word>,
    #[serde(rename = "Orgc")]
    creator: Option<Creator>,
    #[serde(rename = "Attribute")]
    attributes: Vec<Attribute>,
    #[serde(rename = "Object")]
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Creator {
    name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Object {
    deleted: bool,
    #[serde(rename = "Attribute")]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    to_ids: Option<bool>,
    deleted: bool,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Number(i64),
}

fn add_document(document: Document, builder: &mut Builder) {
    add_attributes(document.attributes, builder);
    if let Some(event) = document.event {
        add_event(event, builder);
    }
    match document.response {
        Some(Response::Events(documents)) => {
            for document in documents {
                add_document(document, builder);
            }
        }
        Some(Response::Attributes { attributes }) => add_attributes(attributes, builder),
        None => {}
    }
}

fn add_event(event: Event, builder: &mut Builder) {
    let list = builder.list();
    if list.name.is_empty() {
        list.name = event.info.unwrap_or_default();
        list.version = event.timestamp.map(|stamp| match stamp {
            Word::Text(text) => text,
            Word::Number(number) => number.to_string(),
        });
        list.as_of = event.date;
        list.source = event.creator.and_then(|creator| creator.name);
    }
    add_attributes(event.attributes, builder);
    for object in event.objects {
        if object.deleted {
            continue;
        }
        add_attributes(object.attributes, builder);
    }
}

fn add_attributes(attributes: Vec<Attribute>, builder: &mut Builder) {
    for attribute in attributes {
        add_attribute(&attribute, builder);
    }
}

fn add_attribute(attribute: &Attribute, builder: &mut Builder) {
    let described = || format!("{}: {}", attribute.kind, attribute.value);
    if attribute.deleted {
        return builder.list().skipped.push(&described(), "deleted");
    }
    if attribute.to_ids == Some(false) {
        return builder.list().skipped.push(&described(), "context_only");
    }
    let note = attribute.comment.as_deref().filter(|comment| !comment.is_empty());
    let (first, second) = match attribute.value.split_once('|') {
        Some((first, second)) if attribute.kind.contains('|') => (first, Some(second)),
        _ => (attribute.value.as_str(), None),
    };
    match attribute.kind.as_str() {
        "ip-src" | "ip-dst" | "ip-src|port" | "ip-dst|port" => add_address(first, note, builder),
        "domain" => add_one(Kind::Domain, Mode::Token, first, note, builder),
        "hostname" | "hostname|port" => add_one(Kind::Domain, Mode::Exact, first, note, builder),
        "domain|ip" => {
            add_one(Kind::Domain, Mode::Token, first, note, builder);
            add_address(second.unwrap_or_default(), note, builder);
        }
        "url" | "uri" => add_url(first, note, builder),
        "user-agent" => add_one(Kind::UserAgent, Mode::Exact, first, note, builder),
        "email" | "email-src" | "email-dst" | "target-user" | "target-email" | "whois-registrant-email" => {
            add_one(Kind::User, Mode::Exact, first, note, builder);
        }
        _ => builder.list().unusable.push(&described(), "type_not_in_logs"),
    }
}

pub(super) fn add_address(value: &str, note: Option<&str>, builder: &mut Builder) {
    let is_network = value.contains('/') && canonical_network(&refang(value)).is_some();
    let kind = if is_network { Kind::Cidr } else { Kind::Ip };
    add_one(kind, Mode::Exact, value, note, builder);
}

/// A log of a platform shows hosts at best, so a URL is hunted as its host, with a warning: the host may be shared.
pub(super) fn add_url(value: &str, note: Option<&str>, builder: &mut Builder) {
    let plain = refang(value);
    let host = host_of(&plain);
    builder.list().warnings.push(value, "url_hunted_as_host");
    if super::canonical_address(host).is_some() {
        add_one(Kind::Ip, Mode::Exact, host, note, builder);
    } else {
        add_one(Kind::Domain, Mode::Exact, host, note, builder);
    }
}

/// Foreign documents are made by machines and hold odd values; one of them is listed, not the end of the list.
pub(super) fn add_one(kind: Kind, mode: Mode, value: &str, note: Option<&str>, builder: &mut Builder) {
    builder.add_or_remark(kind, mode, &[value], note);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::parse;
    use super::*;

    const EVENT: &str = r#"{"Event":{"info":"Campaign","date":"2025-11-23","timestamp":"1763900000","Orgc":{"name":"CERT"},
        "Attribute":[
          {"type":"ip-src","value":"192.0.2.1","to_ids":true,"comment":"tor"},
          {"type":"ip-dst","value":"198.51.100.0/24","to_ids":true},
          {"type":"ip-dst|port","value":"192.0.2.3|443","to_ids":true},
          {"type":"domain|ip","value":"evil.example.com|192.0.2.4","to_ids":true},
          {"type":"sha256","value":"00","to_ids":true},
          {"type":"comment","value":"hello","to_ids":false},
          {"type":"ip-src","value":"192.0.2.9","to_ids":true,"deleted":true},
          {"type":"ip-src","value":"garbage","to_ids":true}],
        "Object":[{"name":"http-request","Attribute":[{"type":"user-agent","value":"Fetcher/1.0","to_ids":true},
          {"type":"url","value":"https://a.example.com/x","to_ids":true}]}]}}"#;

    #[test]
    fn an_event_reads_with_its_head_and_lists_what_it_cannot_use() {
        let list = parse("e.json", EVENT.as_bytes()).unwrap();
        assert_eq!(list.name, "Campaign");
        assert_eq!(list.version.as_deref(), Some("1763900000"));
        assert_eq!(list.source.as_deref(), Some("CERT"));
        let found: Vec<(Kind, String)> = list.indicators.iter().map(|one| (one.kind, one.label())).collect();
        let expected = [
            (Kind::Ip, "192.0.2.1"),
            (Kind::Cidr, "198.51.100.0/24"),
            (Kind::Ip, "192.0.2.3"),
            (Kind::Domain, "evil.example.com"),
            (Kind::Ip, "192.0.2.4"),
            (Kind::UserAgent, "Fetcher/1.0"),
            (Kind::Domain, "a.example.com"),
        ];
        assert_eq!(found, expected.map(|(kind, label)| (kind, label.to_owned())));
        assert_eq!(list.unusable.total, 2);
        assert_eq!(list.skipped.total, 2);
    }

    #[test]
    fn search_responses_and_arrays_read_too() {
        for text in [format!("{{\"response\":[{EVENT}]}}"), format!("[{EVENT}]")] {
            assert_eq!(parse("e.json", text.as_bytes()).unwrap().indicators.len(), 7);
        }
        let attributes = r#"{"response":{"Attribute":[{"type":"ip-src","value":"192.0.2.1"}]}}"#;
        assert_eq!(parse("e.json", attributes.as_bytes()).unwrap().indicators.len(), 1);
    }
}
