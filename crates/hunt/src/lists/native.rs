//! The project's own list format, as YAML or JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_saphyr::{Options, Spanned};

use super::builder::{Builder, NamedEntry, Place, shown};
use super::{MAX_FRAGMENTS, MAX_INDICATORS, MAX_LIST_BYTES, misp};
use crate::allow::KIND as ALLOW_LIST;

/// The outermost names of a JSON document, enough to tell formats apart.
#[derive(Deserialize)]
pub(super) struct Outline<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(rename = "objects", default)]
    objects: Option<IgnoredAny>,
    #[serde(rename = "Event", default)]
    event: Option<IgnoredAny>,
    #[serde(rename = "response", default)]
    response: Option<IgnoredAny>,
    #[serde(rename = "Attribute", default)]
    attribute: Option<IgnoredAny>,
}

impl Outline<'_> {
    pub(super) fn is_stix(&self) -> bool {
        let is_single = self.kind.as_deref() == Some("indicator");
        is_single || (self.kind.as_deref() == Some("bundle") && self.objects.is_some())
    }

    pub(super) fn is_misp(&self) -> bool {
        self.event.is_some() || self.response.is_some() || self.attribute.is_some()
    }
}

/// Reads a YAML list.
pub(super) fn read_yaml(content: &str, builder: &mut Builder) {
    // A document that is a sequence is a list without a head.
    let is_sequence = content
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with('#') && *line != "---")
        .is_some_and(|line| line.starts_with("- "));
    let read = if is_sequence {
        serde_saphyr::from_str_with_options::<Vec<Spanned<Entry<String>>>>(content, yaml_options()).map(|entries| {
            Head {
                indicators: Some(entries),
                ..Head::default()
            }
        })
    } else {
        serde_saphyr::from_str_with_options::<Head<Spanned<Entry<String>>, String>>(content, yaml_options())
    };
    match read {
        Ok(head) => add_list(head, builder, |index, spanned| {
            let line = spanned.referenced.line();
            let place = Place {
                line: (line > 0).then_some(line),
                entry: Some(index),
            };
            (place, Ok(spanned.value))
        }),
        Err(error) => {
            let line = error.location().map(|location| location.line());
            builder.refuse(
                line,
                None,
                format!("not a list in YAML: {}", one_line(&error.to_string())),
            );
        }
    }
}

/// Reads a JSON list.
pub(super) fn read_json(content: &str, builder: &mut Builder) {
    match serde_json::from_str::<Head<&RawValue, Scalar>>(content) {
        Ok(head) => add_raw(head, content, builder),
        Err(error) => builder.refuse_json(&error),
    }
}

/// Reads a bare JSON array: MISP events, or indicators without a head.
pub(super) fn read_json_array(content: &str, builder: &mut Builder) {
    let entries = match serde_json::from_str::<Vec<&RawValue>>(content) {
        Ok(entries) => entries,
        Err(error) => return builder.refuse_json(&error),
    };
    let is_misp = entries
        .first()
        .and_then(|first| serde_json::from_str::<Outline<'_>>(first.get()).ok())
        .is_some_and(|outline| outline.is_misp());
    if is_misp {
        return misp::read_events(entries, builder);
    }
    let head = Head {
        indicators: Some(entries),
        ..Head::default()
    };
    add_raw(head, content, builder);
}

#[derive(Deserialize)]
#[serde(default, bound(deserialize = "E: Deserialize<'de>, S: Deserialize<'de>"))]
struct Head<E, S> {
    name: Option<S>,
    version: Option<S>,
    as_of: Option<S>,
    source: Option<S>,
    kind: Option<S>,
    ranges: Option<IgnoredAny>,
    indicators: Option<Vec<E>>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

impl<E, S> Default for Head<E, S> {
    fn default() -> Self {
        Self {
            name: None,
            version: None,
            as_of: None,
            source: None,
            kind: None,
            ranges: None,
            indicators: None,
            unknown: BTreeMap::new(),
        }
    }
}

#[derive(Deserialize)]
struct Entry<S> {
    kind: Option<String>,
    value: Option<S>,
    values: Option<Vec<S>>,
    #[serde(rename = "match")]
    mode: Option<String>,
    note: Option<String>,
    #[serde(flatten)]
    unknown: BTreeMap<String, IgnoredAny>,
}

/// A value that people write without quotes: `"version": 2`. YAML gives the text of such a value as it stands
/// (`1.10` stays `1.10`, `n` stays `n`); in JSON the number is all there is.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Whole(i64),
    Decimal(f64),
}

impl From<Scalar> for String {
    fn from(scalar: Scalar) -> Self {
        match scalar {
            Scalar::Text(text) => text,
            Scalar::Whole(number) => number.to_string(),
            Scalar::Decimal(number) => number.to_string(),
        }
    }
}

fn add_raw(head: Head<&RawValue, Scalar>, content: &str, builder: &mut Builder) {
    let mut lines = LineCounter::new(content);
    add_list(head, builder, |index, raw: &RawValue| {
        let place = Place {
            line: lines.line_of(raw.get()),
            entry: Some(index),
        };
        let entry = serde_json::from_str::<Entry<Scalar>>(raw.get());
        (place, entry.map_err(|error| format!("not an indicator: {error}")))
    });
}

/// Why an allow-list is refused here: hunted as indicators, the vendor's own networks would be the attackers.
const NOT_INDICATORS: &str = "it is an allow-list of a vendor's networks, the opposite of an indicator list; `verdict` and `serve` take it with `--allow`";

/// Most keys of a document that is no list that its refusal names.
const MAX_KEYS_SHOWN: usize = 5;

fn add_list<E, S: Into<String>>(
    head: Head<E, S>,
    builder: &mut Builder,
    mut open: impl FnMut(usize, E) -> (Place, Result<Entry<S>, String>),
) {
    let kind: Option<String> = head.kind.map(Into::into);
    if kind.as_deref().map(str::trim) == Some(ALLOW_LIST) || (head.ranges.is_some() && head.indicators.is_none()) {
        return builder.refuse(Some(1), None, NOT_INDICATORS.to_owned());
    }
    let list = builder.list();
    if kind.is_some() {
        list.warnings.push("kind", "unknown_key");
    }
    if head.ranges.is_some() {
        list.warnings.push("ranges", "unknown_key");
    }
    list.name = head.name.map(Into::into).unwrap_or_default();
    list.version = head.version.map(Into::into);
    list.as_of = head.as_of.map(Into::into);
    list.source = head.source.map(Into::into);
    for key in head.unknown.keys() {
        list.warnings.push(key, "unknown_key");
    }
    let Some(indicators) = head.indicators else {
        let keys: Vec<&str> = head.unknown.keys().map(String::as_str).take(MAX_KEYS_SHOWN).collect();
        let others = if keys.is_empty() {
            String::new()
        } else {
            format!(" (but `{}`)", shown(&keys.join("`, `")))
        };
        let what = format!("no key `indicators`{others}; a list is `{{name, version, indicators: [{{kind, value}}]}}`");
        return builder.refuse(Some(1), None, what);
    };
    for (index, entry) in indicators.into_iter().enumerate() {
        let (place, entry) = open(index + 1, entry);
        match entry {
            Ok(entry) => add_entry(place, entry, builder),
            Err(what) => builder.refuse_at(place, what),
        }
    }
}

fn add_entry<S: Into<String>>(place: Place, entry: Entry<S>, builder: &mut Builder) {
    for key in entry.unknown.keys() {
        builder.list().warnings.push(key, "unknown_key");
    }
    let Some(kind) = entry.kind else {
        return builder.refuse_at(place, "an indicator without `kind`".to_owned());
    };
    let values: Vec<String> = match (entry.value, entry.values) {
        (Some(value), None) => vec![value.into()],
        (None, Some(values)) if !values.is_empty() => values.into_iter().map(Into::into).collect(),
        (Some(_), Some(_)) => return builder.refuse_at(place, "an indicator with `value` and `values`".to_owned()),
        _ => return builder.refuse_at(place, "an indicator without `value` or `values`".to_owned()),
    };
    let entry = NamedEntry {
        kind: &kind,
        mode: entry.mode.as_deref(),
        values: &values,
        note: entry.note.as_deref(),
    };
    builder.add_named(place, entry);
}

/// Lines of parts of a text that are asked in order.
struct LineCounter<'a> {
    content: &'a str,
    at: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    fn new(content: &'a str) -> Self {
        Self {
            content,
            at: 0,
            line: 1,
        }
    }

    /// Returns the line on which a part of the text starts; the part is a slice of it, so its address says where.
    fn line_of(&mut self, part: &str) -> Option<u64> {
        let start = (part.as_ptr() as usize).checked_sub(self.content.as_ptr() as usize)?;
        let passed = self.content.as_bytes().get(self.at..start)?;
        self.line += passed.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.at = start;
        Some(self.line)
    }
}

/// YAML can repeat itself by reference; the budget holds what a list of the largest size needs, and no more.
fn yaml_options() -> Options {
    const NODES_PER_ENTRY: usize = 16;
    let nodes = MAX_INDICATORS * NODES_PER_ENTRY + MAX_FRAGMENTS;
    serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: 2 * nodes,
            max_nodes: nodes,
            max_depth: 16,
            max_documents: 1,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_total_scalar_bytes: MAX_LIST_BYTES,
        },
    }
}

pub(crate) fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Kind, Mode, parse};

    #[test]
    fn yaml_and_json_read_alike() {
        let yaml = "name: n\nversion: 1.10\nas_of: 2025-11-23\nindicators:\n  - {kind: ip, values: [192.0.2.1, 192.0.2.2]}\n  - kind: user_agent_all_of\n    values: [\"a (b)\", c/1]\n    note: x\n";
        let json = r#"{"name":"n","version":"1.10","as_of":"2025-11-23","indicators":[
            {"kind":"ip","values":["192.0.2.1","192.0.2.2"]},
            {"kind":"user_agent_all_of","values":["a (b)","c/1"],"note":"x"}]}"#;
        let list = parse("a.yaml", yaml.as_bytes()).unwrap();
        assert_eq!(list, parse("a.json", json.as_bytes()).unwrap());
        assert_eq!(list.version.as_deref(), Some("1.10"));
        assert_eq!(list.indicators.len(), 3);
        assert_eq!(list.indicators[2].kind, Kind::UserAgentAllOf);
        assert_eq!(list.indicators[2].mode, Mode::Contains);
    }

    #[test]
    fn problems_name_their_line_in_both() {
        let yaml = "indicators:\n  - {kind: ip, value: 192.0.2.1}\n  - {kind: ip, value: nope}\n";
        let error = parse("a.yaml", yaml.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("line 3: `nope`"), "{error}");
        let json =
            "{\"indicators\":[\n{\"kind\":\"ip\",\"value\":\"192.0.2.1\"},\n{\"kind\":\"ip\",\"value\":\"nope\"}]}";
        let error = parse("a.json", json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("line 3: `nope`"), "{error}");
        for broken in ["indicators: [\n", "indicators:\n  - 5\n", "indicators: {a: 1}\n"] {
            assert!(parse("a.yaml", broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_misspelt_key_is_a_warning_not_a_silence() {
        let yaml = "indicators:\n  - {kind: user_agent, value: x/1, mach: token}\n";
        let list = parse("a.yaml", yaml.as_bytes()).unwrap();
        assert_eq!(list.warnings.shown[0].what, "mach");
    }

    #[test]
    fn modes_that_do_not_fit_are_refused() {
        for entry in [
            "{kind: ip, value: 192.0.2.1, match: contains}",
            "{kind: user_agent, value: x, match: regex}",
            "{kind: hash, value: x}",
            "{kind: user_agent}",
            "{kind: user_agent, value: \"\"}",
            "{kind: user_agent, value: a, values: [b]}",
            "{value: a}",
        ] {
            let yaml = format!("indicators:\n  - {entry}\n");
            assert!(parse("a.yaml", yaml.as_bytes()).is_err(), "{entry}");
        }
    }

    #[test]
    fn yaml_that_repeats_itself_without_end_is_refused() {
        let mut yaml = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = level - 1;
            yaml.push_str(&format!("a{level}: &a{level} [*a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}, *a{before}]\n"));
        }
        let text = format!("name: n\n{yaml}indicators: []\n");
        assert!(parse("a.yaml", text.as_bytes()).is_err());
    }
}
