//! Batches of the common table, and a whole examination of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Int32Type};
use sekisho_event::common;
use sekisho_event::time::{Micros, Range, parse_instant};
use sekisho_hunt::{AllowList, AllowWatch, Hunt, HuntOptions, Matcher, lists};
use sekisho_verdict::{Context, OrgSheet, Sheet, Trail, sheet};

/// One event: names of common columns with their values.
pub(crate) type Event = BTreeMap<&'static str, String>;

/// Returns an event from `name=value` pairs; `time` is a time of day on 2025-11-18 or a whole time.
pub(crate) fn event(pairs: &[(&'static str, &str)]) -> Event {
    let mut event: Event = pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    event.entry("org").or_insert_with(|| "kaede-japan".to_owned());
    event
        .entry("table")
        .or_insert_with(|| "salesforce_elf.RestApi".to_owned());
    event.entry("time").or_insert_with(|| "2025-11-18T10:00:00Z".to_owned());
    event
}

/// Returns a batch of the common table; events without an identity get one by their place.
pub(crate) fn batch(events: &[Event]) -> RecordBatch {
    let schema = common::schema();
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| column(field.name(), field.data_type(), events))
        .collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

fn column(name: &str, ty: &DataType, events: &[Event]) -> ArrayRef {
    let value = |index: usize| match (events[index].get(name), name) {
        (Some(value), _) => Some(value.clone()),
        (None, "event_uid") => Some(format!("{index:032x}")),
        (None, "source" | "file") => Some("x".to_owned()),
        (None, "line") => Some("1".to_owned()),
        _ => None,
    };
    let values = (0..events.len()).map(value);
    match ty {
        DataType::Utf8 => Arc::new(values.collect::<StringArray>()),
        DataType::Int64 => Arc::new(
            values
                .map(|value| value.map(|value| value.parse().unwrap()))
                .collect::<Int64Array>(),
        ),
        DataType::Float64 => Arc::new(
            values
                .map(|value| value.map(|value| value.parse().unwrap()))
                .collect::<Float64Array>(),
        ),
        DataType::Timestamp(..) => Arc::new(
            values
                .map(|value| value.map(|value| at(&value)))
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        ),
        _ => {
            let values: Vec<Option<String>> = values.collect();
            Arc::new(
                values
                    .iter()
                    .map(Option::as_deref)
                    .collect::<DictionaryArray<Int32Type>>(),
            )
        }
    }
}

pub(crate) fn at(text: &str) -> Micros {
    parse_instant(text, None).unwrap()
}

/// What is looked for.
#[derive(Default)]
pub(crate) struct Question {
    pub(crate) indicators: &'static str,
    pub(crate) allow: &'static str,
    pub(crate) from: Option<&'static str>,
    pub(crate) to: Option<&'static str>,
    pub(crate) context: Context,
}

/// The attacker's network, and the vendor's.
pub(crate) fn question() -> Question {
    Question {
        indicators: "name: tsumugi-advisory\nversion: 2\nas_of: 2025-11-24\nsource: Tsumugi\nindicators:\n  - {kind: cidr, value: 203.0.113.0/24}\n",
        context: Context {
            made_at_us: at("2025-11-24T00:00:00Z"),
            ..Context::default()
        },
        ..Question::default()
    }
}

pub(crate) const ALLOW: &str =
    "kind: allow_list\nname: tsumugi-networks\napp: Tsumugi Connect\nranges: [192.0.2.0/26]\n";

/// Runs hunt, watch and trail over the events.
pub(crate) fn examine(question: &Question, events: &[Event]) -> Sheet {
    let lists: Vec<_> = [question.indicators]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| lists::parse("list.yaml", text.as_bytes()).unwrap())
        .collect();
    let allow_lists: Vec<_> = [question.allow]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| AllowList::parse("allow.yaml", text.as_bytes()).unwrap())
        .collect();
    let range = Range {
        from_us: question.from.map(at),
        to_us: question.to.map(at),
    };
    let matcher = Matcher::new(&lists).unwrap();
    let mut hunt = Hunt::new(&matcher, range, HuntOptions::default());
    let mut watch = AllowWatch::new(&allow_lists).in_range(range);
    let batch = batch(events);
    hunt.push(&batch).unwrap();
    watch.push(&batch).unwrap();
    let (hunt, allow) = (hunt.finish(), watch.finish());
    let mut trail = Trail::new(&hunt, &allow.outside);
    trail.push(&batch).unwrap();
    sheet(&hunt, &allow, trail, &question.context)
}

pub(crate) fn org<'a>(sheet: &'a Sheet, name: &str) -> &'a OrgSheet {
    sheet.orgs.iter().find(|org| org.org == name).unwrap()
}
