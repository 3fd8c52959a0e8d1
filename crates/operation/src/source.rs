//! Where events come from: bare files or the store. Either way they arrive as typed batches, each event once.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Int32Type;
use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::common::{self, EVENTS};
use sekisho_event::time::Range;
use sekisho_event::{cells, layout};
use sekisho_store::{Mode, ScanRange, Store};

use crate::Error;
use crate::caller::{Caller, OrgScope, Permission};
use crate::inputs::{ReadOptions, ReadReport, Reader, open_paths, read_inputs};
use crate::tables::CatalogueTables;

/// How many row identities of bare files are remembered (16 bytes each, 32 with the table's slack): hourly and daily
/// files of one org overlap, and an event that both hold is one event. Past this an event may be seen twice, and the
/// report says so.
pub const MAX_REMEMBERED_ROWS: usize = 8_000_000;

/// Where events come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Files, without a store.
    Files {
        /// The files, directories or archives.
        paths: Vec<PathBuf>,
        /// How they are read.
        options: ReadOptions,
    },
    /// The store in this directory.
    Store(PathBuf),
}

impl Source {
    /// Returns the files where any are named, else the store.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>, options: ReadOptions, data_dir: &Path) -> Self {
        if paths.is_empty() {
            Self::Store(data_dir.to_owned())
        } else {
            Self::Files { paths, options }
        }
    }
}

/// Takes a typed batch.
pub type Visit<'a> = dyn FnMut(&Arc<Table>, &RecordBatch) -> Result<(), Error> + 'a;

/// Gives every batch in `range` that the caller may see, of the tables that `wants` names, to `visit`.
///
/// # Errors
/// The source cannot be opened, or `visit` cannot go on. What went wrong with single files is in the report.
pub fn visit(
    caller: &Caller,
    source: &Source,
    range: Range,
    wants: &dyn Fn(&Table) -> bool,
    visit: &mut Visit<'_>,
) -> Result<ReadReport, Error> {
    caller.may(Permission::Read)?;
    match source {
        Source::Files { paths, options } => {
            let mut files = FileVisitor {
                caller,
                range,
                wants,
                visit,
                seen: Seen::default(),
            };
            let mut report = read_inputs(open_paths(paths)?, options, &mut files)?;
            if files.seen.is_full {
                let reason = format!(
                    "more than {MAX_REMEMBERED_ROWS} rows: events that stand in two files may be counted twice; `sekisho ingest` them instead"
                );
                report.problem("", None, reason);
            }
            Ok(report)
        }
        Source::Store(dir) => visit_store(caller, dir, range, wants, visit),
    }
}

/// Opens the store for reading.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn open_store(dir: &Path) -> Result<Store, Error> {
    Ok(Store::open(dir, Mode::ReadOnly, Arc::new(CatalogueTables))?)
}

/// Takes a batch of the common table.
pub type VisitEvents<'a> = dyn FnMut(&RecordBatch) -> Result<(), Error> + 'a;

/// Gives every event in `range` that the caller may see to `visit`, as batches of the common table. The store keeps that
/// table; from bare files it is put together here.
///
/// # Errors
/// The source cannot be opened, or `visit` cannot go on.
pub fn visit_events(
    caller: &Caller,
    source: &Source,
    range: Range,
    visit_events: &mut VisitEvents<'_>,
) -> Result<ReadReport, Error> {
    caller.may(Permission::Read)?;
    let Source::Store(dir) = source else {
        return visit(caller, source, range, &|_| true, &mut |table, batch| {
            visit_events(&common::project(table, batch).map_err(Error::columns(&table.name))?)
        });
    };
    let scan_range = ScanRange {
        from: range.from_us,
        to: range.to_us,
    };
    let mut report = ReadReport::default();
    for batch in open_store(dir)?.scan(EVENTS, scan_range, None)? {
        let batch = visible_events(caller, &batch?)?;
        report.events += batch.num_rows() as u64;
        visit_events(&batch)?;
    }
    Ok(report)
}

/// Returns the rows of a common batch that the caller may see.
fn visible_events(caller: &Caller, events: &RecordBatch) -> Result<RecordBatch, Error> {
    if caller.orgs == OrgScope::All {
        return Ok(events.clone());
    }
    let mut rows = vec![true; events.num_rows()];
    drop_other_orgs(&caller.orgs, events.column_by_name("org"), &mut rows);
    filter_record_batch(events, &BooleanArray::from(rows)).map_err(Error::columns(EVENTS))
}

fn visit_store(
    caller: &Caller,
    dir: &Path,
    range: Range,
    wants: &dyn Fn(&Table) -> bool,
    visit: &mut Visit<'_>,
) -> Result<ReadReport, Error> {
    let store = open_store(dir)?;
    let scan_range = ScanRange {
        from: range.from_us,
        to: range.to_us,
    };
    let mut report = ReadReport::default();
    for stat in store.tables()?.into_iter().filter(|stat| stat.events > 0) {
        let Some(table) = Catalogue::builtin()
            .table_or_unknown(&stat.name)
            .filter(|table| wants(table))
        else {
            continue;
        };
        for batch in store.scan(&stat.name, scan_range, None)? {
            let batch = batch?;
            let rows = visible(caller, range, &batch);
            report.events += give(&table, &batch, rows, visit)?;
        }
    }
    Ok(report)
}

struct FileVisitor<'a, 'v> {
    caller: &'a Caller,
    range: Range,
    wants: &'a dyn Fn(&Table) -> bool,
    visit: &'a mut Visit<'v>,
    seen: Seen,
}

impl Reader for FileVisitor<'_, '_> {
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), Error> {
        if !(self.wants)(table) {
            return Ok(());
        }
        let mut rows = visible(self.caller, self.range, &batch);
        self.seen.drop_repeated(&batch, &mut rows);
        give(table, &batch, rows, self.visit)?;
        Ok(())
    }
}

/// Row identities seen in this run.
#[derive(Default)]
struct Seen {
    rows: HashSet<u128>,
    is_full: bool,
}

impl Seen {
    fn drop_repeated(&mut self, batch: &RecordBatch, rows: &mut [bool]) {
        let Some(uids) = batch
            .column_by_name(layout::UID)
            .and_then(|uids| uids.as_string_opt::<i32>())
        else {
            return;
        };
        for (row, is_wanted) in rows.iter_mut().enumerate().filter(|(_, is_wanted)| **is_wanted) {
            let Ok(uid) = u128::from_str_radix(uids.value(row), 16) else {
                continue;
            };
            if self.rows.len() < MAX_REMEMBERED_ROWS {
                *is_wanted = self.rows.insert(uid);
            } else {
                self.is_full = true;
                *is_wanted = !self.rows.contains(&uid);
            }
        }
    }
}

/// Returns for each row whether it lies in the range and the caller may see its org.
fn visible(caller: &Caller, range: Range, batch: &RecordBatch) -> Vec<bool> {
    let mut rows = vec![true; batch.num_rows()];
    if !range.is_open()
        && let Some(times) = batch.column_by_name(layout::TIME)
    {
        for (row, is_wanted) in rows.iter_mut().enumerate() {
            *is_wanted = range.contains(cells::time_us(times, row));
        }
    }
    if caller.orgs != OrgScope::All {
        drop_other_orgs(&caller.orgs, batch.column_by_name(layout::ORG), &mut rows);
    }
    rows
}

/// A batch without an org column is seen by callers of all orgs only.
pub(crate) fn drop_other_orgs(scope: &OrgScope, orgs: Option<&ArrayRef>, rows: &mut [bool]) {
    let orgs = orgs.and_then(|orgs| orgs.as_dictionary_opt::<Int32Type>());
    let values = orgs.and_then(|orgs| orgs.values().as_string_opt::<i32>().map(|values| (orgs, values)));
    let Some((orgs, values)) = values else {
        rows.fill(false);
        return;
    };
    let is_seen: Vec<bool> = (0..values.len())
        .map(|value| scope.contains(values.value(value)))
        .collect();
    for (row, is_wanted) in rows.iter_mut().enumerate() {
        *is_wanted &= orgs.key(row).is_some_and(|key| is_seen[key]);
    }
}

fn give(table: &Arc<Table>, batch: &RecordBatch, rows: Vec<bool>, visit: &mut Visit<'_>) -> Result<u64, Error> {
    let wanted = rows.iter().filter(|is_wanted| **is_wanted).count();
    if wanted == rows.len() {
        visit(table, batch)?;
    } else if wanted > 0 {
        let mask = BooleanArray::from(rows);
        visit(
            table,
            &filter_record_batch(batch, &mask).map_err(Error::columns(&table.name))?,
        )?;
    }
    Ok(wanted as u64)
}
