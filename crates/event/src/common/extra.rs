//! Common columns found in `_extra`: a column that the catalogue does not know in a table may be known elsewhere in its
//! family (`USER_AGENT` in an event type that documents none), and generic JSON has no other columns at all.
//!
//! Rows without `_extra` cost nothing. The top level of the object is cut without building a tree, and only what an object
//! under a wanted name holds is looked into, one level deep.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::catalogue::{Catalogue, Table};
use crate::kind::SourceKind;
use crate::layout;

/// Common columns whose names mean the same in every table of a family. Others (`record_id`, `action`, `target`) are told
/// by names such as `Id` and `Name`, which mean something else in each table.
const SHARED: [&str; 17] = [
    "actor_id",
    "app",
    "app_id",
    "bytes",
    "country",
    "forwarded_ip",
    "login_key",
    "message",
    "query",
    "related_uid",
    "request_id",
    "rows",
    "session_key",
    "session_level",
    "src_ip",
    "token_id",
    "user_agent",
];

/// The names of `target` that mean a host wherever they stand: lists of domains are looked for there.
const HOSTS: [&str; 7] = [
    "blocked_uri_domain",
    "host",
    "login_url",
    "loginurl",
    "samlentityurl",
    "target_hostname",
    "target_host",
];

/// Names that are candidates in one table and mean nothing outside of it.
const TOO_COMMON: [&str; 4] = ["id", "name", "client", "report"];

/// Names that no table has as a column, because exports carry them nested or queries add them (`CreatedBy.Username`).
const NESTED: [(SourceKind, &str, &str); 3] = [
    (SourceKind::SalesforceRtem, "actor", "User.Username"),
    (SourceKind::SalesforceRtem, "actor", "CreatedBy.Username"),
    (SourceKind::SalesforceRtem, "actor", "CreatedBy.Name"),
];

/// The most characters of a list that is written into one cell; longer lists are no addresses or names.
const MAX_LIST_CHARS: usize = 1_024;

/// Text found in `_extra`, by common column.
pub(super) type Found = HashMap<&'static str, ArrayRef>;

/// Returns what `_extra` of the batch says about common columns.
pub(super) fn found(table: &Table, batch: &RecordBatch) -> Found {
    let extras = batch.column_by_name(layout::EXTRA);
    let texts = extras.and_then(|column| column.as_string_opt::<i32>());
    let Some(texts) = texts.filter(|texts| texts.null_count() < texts.len()) else {
        return Found::new();
    };
    let wanted = Wanted::of(table.source);
    let mut columns: Vec<Option<Column>> = (0..wanted.columns.len()).map(|_| None).collect();
    let mut path = String::new();
    for (row, text) in texts.iter().enumerate() {
        let Some(text) = text else { continue };
        wanted.visit(text, &mut path, |at, value| {
            let column = columns[at.column].get_or_insert_with(|| Column::new(batch.num_rows()));
            column.offer(row, at.rank, value);
        });
    }
    let filled = wanted.columns.iter().zip(columns);
    filled
        .filter_map(|(name, column)| Some((*name, column?.finish())))
        .collect()
}

/// The texts of one common column so far, each with the rank of the name that it stood under.
struct Column {
    cells: Vec<Option<(usize, String)>>,
}

impl Column {
    fn new(rows: usize) -> Self {
        Self {
            cells: vec![None; rows],
        }
    }

    fn offer(&mut self, row: usize, rank: usize, value: &RawValue) {
        let cell = &mut self.cells[row];
        if cell.as_ref().is_some_and(|(taken, _)| *taken <= rank) {
            return;
        }
        if let Some(text) = text_of(value).filter(|text| !text.is_empty()) {
            *cell = Some((rank, text));
        }
    }

    fn finish(self) -> ArrayRef {
        let texts = self.cells.into_iter().map(|cell| cell.map(|(_, text)| text));
        Arc::new(texts.collect::<StringArray>())
    }
}

/// Which common column a name fills, and how good it is for it.
#[derive(Debug, Clone, Copy)]
struct Place {
    column: usize,
    rank: usize,
}

/// The names that are looked for in one kind of source.
#[derive(Default)]
struct Wanted {
    columns: Vec<&'static str>,
    /// By lower-case name; a nested name as `outer.inner`.
    places: HashMap<String, Vec<Place>>,
    /// What stands before the dot of nested names, in lower case.
    outers: HashSet<String>,
}

impl Wanted {
    fn of(kind: SourceKind) -> &'static Self {
        static WANTED: OnceLock<HashMap<SourceKind, Wanted>> = OnceLock::new();
        static NOTHING: OnceLock<Wanted> = OnceLock::new();
        let all = || SourceKind::ALL.into_iter().map(|kind| (kind, Self::collect(kind)));
        let wanted = WANTED.get_or_init(|| all().collect());
        wanted.get(&kind).unwrap_or_else(|| NOTHING.get_or_init(Self::default))
    }

    /// Names of the kind's own tables come first, then those of the rest of its family.
    fn collect(kind: SourceKind) -> Self {
        let mut wanted = Self::default();
        let tables = Catalogue::builtin().tables();
        let own = tables.iter().filter(|table| table.source == kind);
        let relatives = tables
            .iter()
            .filter(|table| table.source != kind && family(table.source) == family(kind));
        for table in own.chain(relatives) {
            for common in super::COLUMNS.iter().map(|column| column.name) {
                let names = super::candidates(table, common).iter();
                // A kind whose tables have no columns has all its candidates here.
                let is_wanted = |name: &&String| table.columns.is_empty() || is_shared(common, name);
                names.filter(is_wanted).for_each(|name| wanted.add(common, name));
            }
        }
        for (_, common, name) in NESTED.iter().filter(|(of, _, _)| family(*of) == family(kind)) {
            wanted.add(common, name);
        }
        wanted
    }

    fn add(&mut self, common: &'static str, name: &str) {
        let name = name.to_ascii_lowercase();
        if TOO_COMMON.contains(&name.as_str()) {
            return;
        }
        let known = self.columns.iter().position(|column| *column == common);
        let column = known.unwrap_or_else(|| {
            self.columns.push(common);
            self.columns.len() - 1
        });
        if let Some((outer, _)) = name.split_once('.') {
            self.outers.insert(outer.to_owned());
        }
        let rank = self.places.len();
        let places = self.places.entry(name).or_default();
        if places.iter().all(|place| place.column != column) {
            places.push(Place { column, rank });
        }
    }

    /// Calls `take` for every member of the object that has a wanted name. `path` is memory to work in.
    fn visit<'t>(&self, object: &'t str, path: &mut String, mut take: impl FnMut(Place, &'t RawValue)) {
        each_member(object, |name, value| {
            path.clear();
            path.push_str(name);
            path.make_ascii_lowercase();
            self.places_of(path).for_each(|place| take(place, value));
            if !value.get().starts_with('{') || !self.outers.contains(path.as_str()) {
                return;
            }
            path.push('.');
            let outer = path.len();
            each_member(value.get(), |inner, value| {
                path.truncate(outer);
                path.push_str(inner);
                path.make_ascii_lowercase();
                self.places_of(path).for_each(|place| take(place, value));
            });
        });
    }

    fn places_of(&self, name: &str) -> impl Iterator<Item = Place> + '_ {
        self.places.get(name).into_iter().flatten().copied()
    }
}

/// Ids of users fill `actor_id`, from where `actor` takes them where there is no name.
fn is_shared(common: &str, name: &str) -> bool {
    match common {
        "actor" => !is_id(name),
        "target" => HOSTS.contains(&name.to_ascii_lowercase().as_str()),
        _ => SHARED.contains(&common),
    }
}

/// Returns true for the name of a column that holds an id and no name.
pub(super) fn is_id(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["id", "identifier", "_derived"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Kinds whose tables name the same things alike.
fn family(kind: SourceKind) -> SourceKind {
    match kind {
        SourceKind::GitlabAudit | SourceKind::GitlabApiLog | SourceKind::GitlabJobTrace => SourceKind::GitlabAudit,
        SourceKind::AwsCloudtrail | SourceKind::GcpAudit | SourceKind::Json => kind,
        _ => SourceKind::SalesforceElf,
    }
}

/// Returns the text of a value: strings as they are, lists of texts joined as headers write them, numbers and truth values
/// as JSON writes them. An object says nothing in one cell.
fn text_of(value: &RawValue) -> Option<String> {
    let raw = value.get();
    match raw.as_bytes().first()? {
        b'n' | b'{' => None,
        b'"' => {
            let inner = raw.get(1..raw.len() - 1)?;
            Some(serde_json::from_str(raw).unwrap_or_else(|_| inner.to_owned()))
        }
        b'[' if raw.len() > MAX_LIST_CHARS => None,
        b'[' => serde_json::from_str::<Vec<String>>(raw)
            .ok()
            .map(|list| list.join(", ")),
        _ => Some(raw.to_owned()),
    }
}

/// Gives the members of an object to `take`; of what is none, or broken, those before the break.
fn each_member<'a>(object: &'a str, mut take: impl FnMut(&str, &'a RawValue)) {
    let mut parser = serde_json::Deserializer::from_str(object);
    // What cannot be read further has still said what came before.
    let _ = parser.deserialize_map(Members(&mut take));
}

struct Members<'f, F>(&'f mut F);

/// A key, borrowed where it holds no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Members<'_, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Key(name), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
            (self.0)(&name, value);
        }
        Ok(())
    }
}
