//! `ingest`: files into the store.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_decode::{Rejected, Summary};
use sekisho_event::catalogue::Table;
use sekisho_event::common;
use sekisho_event::ids::UNKNOWN_ORG;
use sekisho_io::sha256_file;
use sekisho_store::{FileRecord, Ingest, QuarantineRow, Work};
use serde::Serialize;

use crate::Error;
use crate::caller::{Caller, Permission};
use crate::inputs::{MAX_PROBLEMS, Problem, ReadOptions, Reader, open_paths, read_inputs};
use crate::progress::{Job, Phase};
use crate::turn::open_to_write;

/// What an ingest did (CONTRACT.md, `ingest`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct IngestReport {
    /// Files and archive members read.
    pub files: u64,
    /// Events that are new in the store.
    pub events: u64,
    /// Events that were there before, or stood twice in the input.
    pub duplicates: u64,
    /// Rows that did not fit; they are in `sekisho.quarantine`.
    pub rejected: u64,
    /// New events by table.
    pub tables: BTreeMap<String, u64>,
    /// The first problems, at most 1,000.
    pub problems: Vec<Problem>,
    /// Problems in all.
    pub problem_count: u64,
    /// Whether it was told to stop before the end. What was read is kept; the same load goes on there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
}

impl IngestReport {
    /// Returns true where something given was not loaded.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.problem_count > 0 || self.stopped
    }

    /// Adds what another load did.
    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.events += other.events;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        for (table, events) in other.tables {
            *self.tables.entry(table).or_default() += events;
        }
        let room = MAX_PROBLEMS.saturating_sub(self.problems.len());
        self.problems.extend(other.problems.into_iter().take(room));
        self.problem_count += other.problem_count;
        self.stopped |= other.stopped;
    }
}

/// Loads the files behind `paths` into the store in `data_dir`, which is made where there is none. Everything becomes
/// visible together at the end; on an error nothing does.
///
/// # Errors
/// A path is missing, the store cannot be written, or the caller may not load.
pub fn ingest(
    caller: &Caller,
    data_dir: &Path,
    paths: &[PathBuf],
    options: &ReadOptions,
) -> Result<IngestReport, Error> {
    ingest_job(caller, data_dir, paths, options, &Job::default())
}

/// Loads like [`ingest`], counts into `job` and stops where it says so: what was read until then is kept.
///
/// # Errors
/// As [`ingest`].
pub fn ingest_job(
    caller: &Caller,
    data_dir: &Path,
    paths: &[PathBuf],
    options: &ReadOptions,
    job: &Job,
) -> Result<IngestReport, Error> {
    caller.may(Permission::Load)?;
    // Opening the inputs first keeps a mistyped path from making an empty store.
    let inputs = open_paths(paths)?;
    job.progress.enter(Phase::Waiting);
    let store = open_to_write(data_dir, Work::Load, job)?;
    let org = options.org.as_ref().map_or(UNKNOWN_ORG, |org| org.as_str()).to_owned();
    let mut loader = Loader {
        ingest: store.begin()?,
        org,
        tables: BTreeMap::new(),
        duplicates: 0,
        in_file: (0, 0),
        hashes: HashMap::new(),
        job: job.clone(),
    };
    job.progress.enter(Phase::Reading);
    let read = read_inputs(inputs, options, &mut loader)?;
    job.progress.enter(Phase::Saving);
    let (tables, duplicates) = (loader.tables, loader.duplicates);
    loader.ingest.commit()?;
    Ok(IngestReport {
        files: read.files,
        events: tables.values().sum(),
        duplicates,
        rejected: read.rejected,
        tables,
        problems: read.problems,
        problem_count: read.problem_count,
        stopped: read.stopped,
    })
}

struct Loader {
    ingest: Ingest,
    org: String,
    tables: BTreeMap<String, u64>,
    duplicates: u64,
    /// New and repeated rows of the stream being read.
    in_file: (u64, u64),
    /// Hashes of the files on disk: an archive's members share one.
    hashes: HashMap<PathBuf, (String, u64)>,
    job: Job,
}

impl Reader for Loader {
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), Error> {
        let appended = self.ingest.append(&table.name, batch)?;
        let new = appended.kept.num_rows() as u64;
        if new > 0 {
            let events = common::project(table, &appended.kept).map_err(Error::columns(&table.name))?;
            self.ingest.append_unchecked(common::EVENTS, &events)?;
            *self.tables.entry(table.name.clone()).or_default() += new;
        }
        self.duplicates += appended.duplicates as u64;
        self.in_file.0 += new;
        self.in_file.1 += appended.duplicates as u64;
        self.job.progress.add_rows(new + appended.duplicates as u64);
        Ok(())
    }

    fn is_stopped(&self) -> bool {
        self.job.stop.is_asked()
    }

    fn rejected(&mut self, file: &str, row: &Rejected) -> Result<(), Error> {
        let row = QuarantineRow {
            org: &self.org,
            file,
            line: row.line,
            reason: &row.reason,
            excerpt: &row.excerpt,
        };
        Ok(self.ingest.quarantine(&row)?)
    }

    fn file_read(&mut self, path: &Path, name: &str, summary: &Summary) -> Result<(), Error> {
        let (events, duplicates) = std::mem::take(&mut self.in_file);
        self.job.progress.add_files(1);
        let (sha256, bytes) = self.hash_of(path);
        self.ingest.note_file(FileRecord {
            name: name.to_owned(),
            sha256,
            bytes,
            kind: summary.kind.map_or("", |kind| kind.name()).to_owned(),
            events,
            duplicates,
            rejected: summary.rejected,
        });
        Ok(())
    }
}

impl Loader {
    /// Returns the hash and size of the file on disk; standard input and pipes have none.
    fn hash_of(&mut self, path: &Path) -> (String, u64) {
        if let Some(known) = self.hashes.get(path) {
            return known.clone();
        }
        let hash = sha256_file(path)
            .map(|digest| (digest.hex(), digest.bytes))
            .unwrap_or_default();
        self.hashes.insert(path.to_owned(), hash.clone());
        hash
    }
}
