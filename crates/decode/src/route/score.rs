//! Telling a Salesforce object from its column names alone: Data Loader CSV and bare rows carry no type.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::kind::SourceKind;

/// Fewer known names than this say nothing: `Id` and `CreatedDate` are everywhere.
const MIN_KNOWN_NAMES: usize = 3;

struct Candidate {
    table: Arc<Table>,
    names: HashSet<String>,
}

/// Returns true where a header belongs to a table of the catalogue.
pub(crate) fn knows_header(names: &[String], file: &str) -> bool {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.contains(&"EVENT_TYPE") || best_table(&names, None, file).is_some()
}

/// Returns the table whose columns fit the names best: the most names known, then the one that the file is named after,
/// then stored objects before streams, then the narrowest.
pub(crate) fn best_table(names: &[&str], kind: Option<SourceKind>, file: &str) -> Option<Arc<Table>> {
    let lower: Vec<String> = names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let file = file
        .rsplit(['/', '\\', '!'])
        .next()
        .unwrap_or(file)
        .to_ascii_lowercase();
    let known = |candidate: &Candidate| lower.iter().filter(|name| candidate.names.contains(*name)).count();
    let fitting = candidates()
        .iter()
        .filter(|candidate| kind.is_none_or(|kind| fits(kind, &candidate.table)));
    let best = fitting
        .map(|candidate| (known(candidate), candidate))
        .max_by_key(|(known, candidate)| {
            let table = &candidate.table;
            let short_name = table.short_name();
            let named_after = if file.contains(&short_name.to_ascii_lowercase()) {
                short_name.len()
            } else {
                0
            };
            let is_stream = short_name.ends_with("Stream") || short_name.ends_with("Event") && has_store(short_name);
            (*known, named_after, !is_stream, std::cmp::Reverse(table.columns.len()))
        });
    let (known, candidate) = best?;
    let is_enough = known >= MIN_KNOWN_NAMES.min(names.len()) && (kind.is_some() || known * 2 > names.len());
    let says_something = known >= MIN_KNOWN_NAMES || kind.is_some() && known > 0;
    (is_enough && says_something).then(|| Arc::clone(&candidate.table))
}

/// Support objects of one family are exported under any of its kinds.
fn fits(kind: SourceKind, table: &Table) -> bool {
    kind == table.source || kind == SourceKind::SalesforceRtem && table.schema() == "salesforce"
}

fn has_store(short_name: &str) -> bool {
    Catalogue::builtin()
        .table(&format!("salesforce.{short_name}Store"))
        .is_some()
}

fn candidates() -> &'static [Candidate] {
    static CANDIDATES: OnceLock<Vec<Candidate>> = OnceLock::new();
    CANDIDATES.get_or_init(|| {
        let tables = Catalogue::builtin().tables().iter();
        let told_by_columns =
            tables.filter(|table| table.source != SourceKind::GitlabJobTrace && !table.columns.is_empty());
        told_by_columns
            .map(|table| Candidate {
                table: Arc::clone(table),
                names: names_of(table),
            })
            .collect()
    })
}

fn names_of(table: &Table) -> HashSet<String> {
    let names = table
        .columns
        .iter()
        .flat_map(|column| std::iter::once(&column.name).chain(&column.aliases));
    names.map(|name| name.to_ascii_lowercase()).collect()
}
