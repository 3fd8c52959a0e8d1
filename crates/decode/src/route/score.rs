//! Telling a Salesforce object from its column names alone: Data Loader CSV and bare rows carry no type.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::kind::SourceKind;
use sekisho_event::layout;

/// Fewer known names than this say nothing: `Id` and `CreatedDate` are everywhere.
const MIN_KNOWN_NAMES: usize = 3;

/// The column that names the event type of EventLogFile rows.
const EVENT_TYPE: &str = "EVENT_TYPE";

/// How many objects an error names.
const MAX_OBJECTS_NAMED: usize = 4;

/// How a row came: the same columns are a stream's or its store's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// From storage: an export or a query.
    Stored,
    /// As a message of a stream.
    Streamed,
}

/// What tells tables apart, made once.
struct Index {
    candidates: Vec<Candidate>,
    /// The candidates that have a column of a (lower-case) name.
    by_name: HashMap<String, Vec<Having>>,
}

/// A candidate that has a column of a name.
struct Having {
    candidate: usize,
    /// The name is the column's own, not one that other exports give it.
    is_own: bool,
}

/// How many names a candidate knows.
#[derive(Clone, Copy, Default)]
struct Known {
    all: usize,
    own: usize,
}

struct Candidate {
    table: Arc<Table>,
    short_name: String,
    is_stream: bool,
}

/// What a CSV header fits.
pub(crate) enum Fit {
    /// This table.
    One(Arc<Table>),
    /// Several objects equally well, and the file's name does not say which.
    Several(Vec<String>),
    /// Nothing that is known.
    Nothing,
}

/// Returns true where a header belongs to a table of the catalogue.
pub(crate) fn knows_header(names: &[String], file: &str) -> bool {
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !is_ours(name)).collect();
    has_event_type(&names).is_some() || best_table(&names, None, file, Delivery::Stored).is_some()
}

/// Returns the column that names the event type of EventLogFile rows. Tools change its case; then other columns must show
/// that it is such a file, since `event_type` alone is in many.
pub(crate) fn has_event_type(names: &[&str]) -> Option<usize> {
    let exact = names.iter().position(|name| *name == EVENT_TYPE);
    let is_elf = || {
        let kind = Some(SourceKind::SalesforceElf);
        best_table(names, kind, "", Delivery::Stored).is_some()
    };
    let in_any_case = || names.iter().position(|name| name.eq_ignore_ascii_case(EVENT_TYPE));
    exact.or_else(|| in_any_case().filter(|_| is_elf()))
}

/// Returns what a CSV header fits. Columns that our own exports add say nothing.
pub(crate) fn fit(names: &[&str], kind: Option<SourceKind>, file: &str) -> Fit {
    let names: Vec<&str> = names.iter().copied().filter(|name| !is_ours(name)).collect();
    let Some(best) = best_table(&names, kind, file, Delivery::Stored) else {
        return Fit::Nothing;
    };
    // Exports of history, logins and the audit trail differ in nothing that matters between their objects.
    let has_objects = matches!(
        best.source,
        SourceKind::SalesforceRtem | SourceKind::SalesforceEventLogObject
    );
    let mut objects = equal_objects(&names, kind, file);
    if !has_objects || objects.len() < 2 {
        return Fit::One(best);
    }
    objects.truncate(MAX_OBJECTS_NAMED);
    Fit::Several(objects)
}

fn is_ours(name: &str) -> bool {
    layout::LEADING.contains(&name) || [layout::ORIGINAL, layout::EXTRA].contains(&name)
}

/// Returns the objects that the names fit as well as the best one. A stream and its store are one object.
fn equal_objects(names: &[&str], kind: Option<SourceKind>, file: &str) -> Vec<String> {
    let index = index();
    let known = index.known_names(names);
    let file = base_name(file);
    let rank = |candidate: &Candidate, known: &Known| (known.all, candidate.named_after(&file), known.own);
    let fitting = || {
        let all = index.candidates.iter().zip(&known);
        all.filter(|(candidate, _)| kind.is_none_or(|kind| fits(kind, &candidate.table)))
    };
    let best = fitting().map(|(candidate, known)| rank(candidate, known)).max();
    let equal = fitting().filter(|(candidate, known)| Some(rank(candidate, known)) == best);
    let mut objects: Vec<String> = equal
        .map(|(candidate, _)| object_of(candidate.table.short_name()).to_owned())
        .collect();
    objects.sort();
    objects.dedup();
    objects
}

fn object_of(short_name: &str) -> &str {
    ["Stream", "Store"]
        .iter()
        .find_map(|ending| short_name.strip_suffix(ending))
        .unwrap_or(short_name)
}

/// Returns the table whose columns fit the names best: the most names known, then the one that the file is named after,
/// then the most names that are its own, then a stream or a stored object as the row came, then the narrowest.
pub(crate) fn best_table(
    names: &[&str],
    kind: Option<SourceKind>,
    file: &str,
    delivery: Delivery,
) -> Option<Arc<Table>> {
    let index = index();
    let known = index.known_names(names);
    let file = base_name(file);
    let fitting = index
        .candidates
        .iter()
        .zip(known)
        .filter(|(candidate, known)| known.all > 0 && kind.is_none_or(|kind| fits(kind, &candidate.table)));
    let (candidate, known) = fitting.max_by_key(|(candidate, known)| {
        let named_after = candidate.named_after(&file);
        let is_as_delivered = candidate.is_stream == (delivery == Delivery::Streamed);
        let columns = std::cmp::Reverse(candidate.table.columns.len());
        (known.all, named_after, known.own, is_as_delivered, columns)
    })?;
    let known = known.all;
    let is_enough = known >= MIN_KNOWN_NAMES.min(names.len()) && (kind.is_some() || known * 2 > names.len());
    let says_something = known >= MIN_KNOWN_NAMES || kind.is_some();
    (is_enough && says_something).then(|| Arc::clone(&candidate.table))
}

impl Index {
    fn of(catalogue: &Catalogue) -> Self {
        let tables = catalogue.tables().iter();
        let told_by_columns =
            tables.filter(|table| table.source != SourceKind::GitlabJobTrace && !table.columns.is_empty());
        let candidates: Vec<Candidate> = told_by_columns.map(|table| Candidate::of(table, catalogue)).collect();
        let mut by_name: HashMap<String, Vec<Having>> = HashMap::new();
        for (candidate, table) in candidates.iter().map(|candidate| &candidate.table).enumerate() {
            for (name, is_own) in names_of(table) {
                by_name.entry(name).or_default().push(Having { candidate, is_own });
            }
        }
        Self { candidates, by_name }
    }

    /// Returns how many of the names each candidate has.
    fn known_names(&self, names: &[&str]) -> Vec<Known> {
        let mut known = vec![Known::default(); self.candidates.len()];
        for name in names {
            let having = self.by_name.get(&name.trim().to_ascii_lowercase());
            for having in having.into_iter().flatten() {
                let known = &mut known[having.candidate];
                known.all += 1;
                known.own += usize::from(having.is_own);
            }
        }
        known
    }
}

impl Candidate {
    fn of(table: &Arc<Table>, catalogue: &Catalogue) -> Self {
        let short_name = table.short_name();
        let has_store = || catalogue.table(&format!("salesforce.{short_name}Store")).is_some();
        Self {
            is_stream: short_name.ends_with("Stream") || short_name.ends_with("Event") && has_store(),
            short_name: short_name.to_ascii_lowercase(),
            table: Arc::clone(table),
        }
    }

    /// Returns how much of a (lower-case) file name is the table's name.
    fn named_after(&self, file: &str) -> usize {
        if file.contains(&self.short_name) {
            self.short_name.len()
        } else {
            0
        }
    }
}

fn base_name(file: &str) -> String {
    let base = file.rsplit(['/', '\\', '!']).next().unwrap_or(file);
    base.to_ascii_lowercase()
}

/// Support objects of one family are exported under any of its kinds.
fn fits(kind: SourceKind, table: &Table) -> bool {
    kind == table.source || kind == SourceKind::SalesforceRtem && table.schema() == "salesforce"
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| Index::of(Catalogue::builtin()))
}

/// Returns every lower-case name of a table's columns, and whether it is a column's own.
fn names_of(table: &Table) -> HashMap<String, bool> {
    let mut names = HashMap::new();
    for column in &table.columns {
        names.insert(column.name.to_ascii_lowercase(), true);
    }
    for alias in table.columns.iter().flat_map(|column| &column.aliases) {
        names.entry(alias.to_ascii_lowercase()).or_insert(false);
    }
    names
}
