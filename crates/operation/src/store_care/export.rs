//! `store export`: rows as Parquet folders that any program reads, or the DuckLake as it stands.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use sekisho_event::common::EVENTS;
use sekisho_event::layout;
use sekisho_event::time::Range;
use sekisho_store::{Exported, Pinned, ScanRange, Store, TableExport};
use serde::Serialize;

use crate::Error;
use crate::caller::{Caller, OrgScope, Permission};
use crate::progress::{Job, Phase};
use crate::source::{drop_other_orgs, open_store};

/// The org column of the common table.
const EVENTS_ORG: &str = "org";

/// What is taken out of the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportChoice {
    /// Tables by name, `*` for any characters; without any, all tables.
    pub tables: Vec<String>,
    /// The times of the rows. With either end, rows without a time are left out.
    pub range: Range,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportAnswer {
    /// Files written.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows written.
    pub rows: u64,
    /// Rows by table; empty for a whole lake.
    pub tables: BTreeMap<String, u64>,
}

/// Writes the rows that the caller may see as Parquet files into `<to>/<schema>/<table>/`. All tables are of one moment.
///
/// # Errors
/// There is no store, no table has a name that was given, a file cannot be read or written, the caller may not read, or
/// `job` says to stop.
pub fn export_parquet(
    caller: &Caller,
    data_dir: &Path,
    to: &Path,
    choice: &ExportChoice,
    job: &Job,
) -> Result<ExportAnswer, Error> {
    caller.may(Permission::Read)?;
    let store = open_store(data_dir)?.pinned()?;
    let names = chosen(&store.tables()?, &choice.tables)?;
    job.progress.enter(Phase::Copying);
    for name in &names {
        job.progress.expect_bytes(store.bytes_of(name)?);
    }
    let mut answer = ExportAnswer {
        files: 0,
        bytes: 0,
        rows: 0,
        tables: BTreeMap::new(),
    };
    for name in names {
        let written = export_table(caller, &store, &name, to, choice.range, job)?;
        job.progress.add_bytes(store.bytes_of(&name)?);
        answer.files += written.files;
        answer.bytes += written.bytes;
        answer.rows += written.rows;
        if written.rows > 0 {
            answer.tables.insert(name, written.rows);
        }
    }
    Ok(answer)
}

/// Copies the store as a DuckLake into `to`, which is new or empty. It is the whole store, so only for callers who see
/// every org.
///
/// # Errors
/// There is no store, part of it is damaged, `to` holds something or cannot be written, the caller may not do this, or
/// `job` says to stop.
pub fn export_lake(caller: &Caller, data_dir: &Path, to: &Path, job: &Job) -> Result<ExportAnswer, Error> {
    super::may_care(caller)?;
    let written = Store::export_lake(data_dir, to, &mut super::watch(job, Phase::Copying))?;
    Ok(ExportAnswer {
        files: written.files,
        bytes: written.bytes,
        rows: written.rows,
        tables: BTreeMap::new(),
    })
}

fn export_table(
    caller: &Caller,
    store: &Pinned,
    name: &str,
    to: &Path,
    range: Range,
    job: &Job,
) -> Result<Exported, Error> {
    let scan_range = ScanRange {
        from: range.from_us,
        to: range.to_us,
    };
    let scan = store.scan(name, scan_range)?;
    let mut export = TableExport::new(to, name, scan.schema())?;
    for batch in scan {
        if job.stop.is_asked() {
            return Err(Error::Stopped);
        }
        let batch = of_callers_orgs(caller, name, batch?)?;
        job.progress.add_rows(batch.num_rows() as u64);
        export.write(&batch)?;
    }
    Ok(export.finish()?)
}

fn of_callers_orgs(caller: &Caller, table: &str, batch: RecordBatch) -> Result<RecordBatch, Error> {
    if caller.orgs == OrgScope::All {
        return Ok(batch);
    }
    let column = if table == EVENTS { EVENTS_ORG } else { layout::ORG };
    let mut rows = vec![true; batch.num_rows()];
    drop_other_orgs(&caller.orgs, batch.column_by_name(column), &mut rows);
    filter_record_batch(&batch, &BooleanArray::from(rows)).map_err(Error::columns(table))
}

/// Returns the tables that the patterns name; a pattern that names none is a mistake.
fn chosen(names: &[String], patterns: &[String]) -> Result<Vec<String>, Error> {
    for pattern in patterns {
        if !names.iter().any(|name| fits(pattern, name)) {
            return Err(Error::NoTable(pattern.clone()));
        }
    }
    let is_chosen = |name: &&String| patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, name));
    Ok(names.iter().filter(is_chosen).cloned().collect())
}

/// Returns whether a name fits a pattern in which `*` stands for any characters; letter case does not count.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|head| name.strip_prefix(head)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_tables() {
        for (pattern, name, is_fit) in [
            ("events", "events", true),
            ("events", "events2", false),
            ("salesforce.*", "salesforce.ApiEvent", true),
            ("salesforce.*", "salesforce_elf.Api", false),
            ("*Event", "salesforce.apievent", true),
            ("*", "gitlab.audit_events", true),
            ("s*.A*t", "salesforce.ApiEvent", true),
            ("a*a", "a", false),
            ("", "events", false),
        ] {
            assert_eq!(fits(pattern, name), is_fit, "{pattern} {name}");
        }
        let names = ["a.b".to_owned(), "a.c".to_owned()];
        assert_eq!(chosen(&names, &[]).unwrap(), names);
        assert_eq!(chosen(&names, &["*.c".to_owned()]).unwrap(), ["a.c"]);
        assert!(matches!(chosen(&names, &["x".to_owned()]), Err(Error::NoTable(_))));
    }
}
