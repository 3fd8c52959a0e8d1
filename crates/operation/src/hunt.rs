//! `hunt`: indicator lists over events, from the store or from files, with the coverage that the verdict rests on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use sekisho_event::ids::{OrgId, UNKNOWN_ORG};
use sekisho_event::time::Range;
use sekisho_event::{cells, layout};
use sekisho_hunt::{FileSpan, Hunt, HuntOptions, HuntResult, KnownLoss, Matcher};
use sekisho_store::{QUARANTINE_TABLE, ScanRange};

use crate::Error;
use crate::caller::{Caller, OrgScope, Permission};
use crate::inputs::ReadReport;
use crate::source::{Source, open_store, visit_events};
use crate::watch::read_list;

/// The most files whose names are looked at for the interval they cover; a year of hourly files of every type.
const MAX_FILE_SPANS: usize = 700_000;

/// A hunt's answer and what was read for it.
#[derive(Debug)]
pub struct HuntReport {
    /// The answer (CONTRACT.md, `hunt`).
    pub result: HuntResult,
    /// What was read.
    pub read: ReadReport,
}

/// Looks for the indicators of every list in the source.
///
/// Rows outside the range are read too: they tell how much a table usually says, and so whether silence is a gap.
///
/// # Errors
/// A list is not accepted, or the source cannot be opened.
pub fn hunt(caller: &Caller, lists: &[PathBuf], source: &Source, range: Range) -> Result<HuntReport, Error> {
    caller.may(Permission::Read)?;
    let lists = lists
        .iter()
        .map(|path| read_list(path))
        .collect::<Result<Vec<_>, _>>()?;
    let matcher = Matcher::new(&lists)?;
    let mut pass = HuntPass::new(caller, &matcher, range);
    let read = visit_events(caller, source, Range::default(), &mut |events| pass.push(events))?;
    Ok(HuntReport {
        result: pass.finish(source, &read)?,
        read,
    })
}

/// A hunt over batches that come from a source, with what the source knows of its losses.
pub(crate) struct HuntPass<'a> {
    hunt: Hunt<'a>,
    files: FileSpans,
}

impl<'a> HuntPass<'a> {
    pub(crate) fn new(caller: &Caller, matcher: &'a Matcher, range: Range) -> Self {
        let orgs = match &caller.orgs {
            OrgScope::All => Vec::new(),
            OrgScope::Only(orgs) => orgs.iter().map(OrgId::to_string).collect(),
        };
        let options = HuntOptions {
            orgs,
            ..HuntOptions::default()
        };
        Self {
            hunt: Hunt::new(matcher, range, options),
            files: FileSpans::default(),
        }
    }

    pub(crate) fn push(&mut self, events: &RecordBatch) -> Result<(), Error> {
        self.files.note(events);
        Ok(self.hunt.push(events)?)
    }

    pub(crate) fn finish(mut self, source: &Source, read: &ReadReport) -> Result<HuntResult, Error> {
        if let Source::Store(dir) = source {
            quarantine_losses(dir)?
                .into_iter()
                .for_each(|loss| self.hunt.note_loss(loss));
        }
        for span in self.files.spans {
            self.hunt.note_file_span(span);
        }
        // Rows that could not be read may have held what is looked for; nobody knows in which table or when.
        if read.is_incomplete() {
            self.hunt.note_loss(KnownLoss::default());
        }
        Ok(self.hunt.finish())
    }
}

/// Rows in quarantine may have held what is looked for: they are losses of their org, at a time that nobody knows.
fn quarantine_losses(dir: &Path) -> Result<Vec<KnownLoss>, Error> {
    let store = open_store(dir)?;
    if !store
        .tables()?
        .iter()
        .any(|stat| stat.name == QUARANTINE_TABLE && stat.events > 0)
    {
        return Ok(Vec::new());
    }
    let mut orgs = BTreeSet::new();
    for batch in store.scan(QUARANTINE_TABLE, ScanRange::default(), Some(&[layout::ORG]))? {
        let batch = batch?;
        let Some(column) = batch.column_by_name(layout::ORG) else {
            continue;
        };
        orgs.extend((0..batch.num_rows()).filter_map(|row| cells::text(column, row).map(|org| org.into_owned())));
    }
    // A rejected row that names no org may belong to any.
    let loss = |org: String| KnownLoss {
        org: Some(org).filter(|org| org != UNKNOWN_ORG),
        ..KnownLoss::default()
    };
    Ok(orgs.into_iter().map(loss).collect())
}

/// The intervals that the names of files state, each (table, org, file) once.
#[derive(Default)]
struct FileSpans {
    seen: BTreeSet<(String, String, String)>,
    spans: Vec<FileSpan>,
}

impl FileSpans {
    fn note(&mut self, events: &RecordBatch) {
        let columns = ["table", "org", "file"].map(|name| events.column_by_name(name));
        let [Some(tables), Some(orgs), Some(names)] = columns else {
            return;
        };
        let mut last: Option<(String, String, String)> = None;
        for row in 0..events.num_rows() {
            let texts = [tables, orgs, names].map(|column| cells::text(column, row).unwrap_or_default());
            let is_same = last
                .as_ref()
                .is_some_and(|(table, org, name)| [table, org, name].into_iter().zip(&texts).all(|(a, b)| a == b));
            if is_same || self.seen.len() >= MAX_FILE_SPANS {
                continue;
            }
            let [table, org, name] = texts.map(|text| text.into_owned());
            self.note_file(&table, &org, &name);
            last = Some((table, org, name));
        }
    }

    fn note_file(&mut self, table: &str, org: &str, name: &str) {
        if !self.seen.insert((table.to_owned(), org.to_owned(), name.to_owned())) {
            return;
        }
        if let Some((from_us, to_us)) = FileSpan::interval_of_name(name) {
            self.spans.push(FileSpan {
                table: table.to_owned(),
                org: org.to_owned(),
                from_us,
                to_us,
                sequence: None,
            });
        }
    }
}
