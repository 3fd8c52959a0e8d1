//! The check of a store: every file that the catalogue names is read and compared with what was written, and what is hurt
//! is named as closely as its form allows.
//!
//! It takes a folder and not an open store, because a damaged store may not open. Nothing is changed, and a store that is
//! in use can be checked.

mod catalogue;
mod cross;
mod holds;
mod parts;
mod repair;

pub use repair::RepairReport;

use std::ops::ControlFlow;
use std::path::Path;

use crate::catalogue::{Catalogue, DataFile};
use crate::error::{Error, Result};
use crate::lease::Lease;
use crate::segment::PartKind;
use crate::store::{CATALOGUE_FILE, DATA_FOLDER, Store};

/// How far a long piece of work on the store's files is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The bytes done.
    pub done_bytes: u64,
    /// The bytes there are to do, as far as is known.
    pub total_bytes: u64,
}

/// Is told how far the work is, and says whether it goes on.
pub type Watch<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// What the check of a store found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// The files read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is not as it was written.
    pub damage: Vec<Damage>,
    /// Files that the catalogue names and that are not there, relative to the store.
    pub missing: Vec<String>,
    /// Files in the data folder that the catalogue does not name: another tool's, or what a load in progress writes. They
    /// are not read by anything.
    pub unknown: Vec<String>,
    /// Files without checksums, written by an older version or another tool: they were read and decoded as a whole, which
    /// finds less.
    pub unsummed: Vec<String>,
}

impl VerifyReport {
    /// Returns whether the store is whole.
    pub fn is_ok(&self) -> bool {
        self.damage.is_empty() && self.missing.is_empty()
    }
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, relative to the store.
    pub file: String,
    /// The table that it belongs to.
    pub table: Option<String>,
    /// The first byte that may be hurt.
    pub from_byte: u64,
    /// The first byte after them.
    pub to_byte: u64,
    /// What kind of file it is.
    pub part: DamagedPart,
    /// The rows that cannot be relied on, by their place in the file: the first, and the first after them.
    pub rows: Option<(u64, u64)>,
    /// The first and last time of these rows in microseconds since 1970 UTC, where the file still says so.
    pub times: Option<(i64, i64)>,
    /// The columns that cannot be relied on in these rows.
    pub columns: Vec<String>,
    /// In which way it is damaged.
    pub what: DamageKind,
    /// More about it, in English.
    pub detail: String,
}

/// What a damaged file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamagedPart {
    /// The rows of a segment.
    Rows,
    /// The identities of a segment's rows; they follow from the rows.
    Identities,
    /// An index over a segment's rows; it follows from the rows.
    Index,
    /// The catalogue.
    Catalogue,
}

impl DamagedPart {
    /// Returns the part's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Identities => "identities",
            Self::Index => "index",
            Self::Catalogue => "catalogue",
        }
    }
}

/// In which way something is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamageKind {
    /// Its bytes are not those that were written.
    Checksum,
    /// It is shorter or longer than what was written.
    Length,
    /// It cannot be read or decoded.
    Unreadable,
    /// It contradicts what the catalogue says of it.
    Contradiction,
}

impl DamageKind {
    /// Returns the kind's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Length => "length",
            Self::Unreadable => "unreadable",
            Self::Contradiction => "contradiction",
        }
    }
}

impl Store {
    /// Reads every file of the store in `dir` and returns what is not as it was written. Nothing is changed.
    ///
    /// # Errors
    /// When there is no store, it is of a newer version, or `watch` says to stop.
    pub fn verify(dir: &Path, watch: &mut Watch<'_>) -> Result<VerifyReport> {
        if !dir.join(CATALOGUE_FILE).is_file() {
            return Err(Error::NoStore { dir: dir.to_path_buf() });
        }
        let dir = &dir.canonicalize().map_err(Error::io("find", dir))?;
        let path = dir.join(CATALOGUE_FILE);
        Catalogue::refuse_newer(&path)?;
        let mut check = Check::new(dir, watch);
        // The pages first: opening the catalogue writes a new index of its log.
        let pages = catalogue::check_pages(&mut check, &path)?;
        let opened = Catalogue::open_read_only(&path).and_then(|catalogue| {
            let lease = Lease::take(dir, catalogue.latest()?)?;
            Ok((catalogue.data_files()?, catalogue, lease))
        });
        let (files, opened, _lease) = match opened {
            Ok(opened) => opened,
            Err(error @ (Error::Version { .. } | Error::NoStore { .. })) => return Err(error),
            Err(error) => {
                catalogue::cannot_open(&mut check, &error, pages);
                return Ok(check.report);
            }
        };
        catalogue::check_content(&mut check, &opened, pages)?;
        check.expect(&files);
        match check.files(&opened, &files) {
            // What the catalogue cannot say any more is damage to it, not a reason to say nothing.
            Err(error @ (Error::Catalogue { .. } | Error::Foreign { .. })) => {
                check.contradiction(None, format!("the check could not go on: {error}"));
            }
            outcome => outcome?,
        }
        Ok(check.report)
    }
}

/// Returns whether pages of the catalogue in `dir` are not as they were written.
pub(crate) fn are_pages_hurt(dir: &Path, path: &Path) -> Result<bool> {
    let mut watch = |_: Progress| ControlFlow::Continue(());
    let mut check = Check::new(dir, &mut watch);
    let pages = catalogue::check_pages(&mut check, path)?;
    match Catalogue::open_read_only(path) {
        Ok(opened) => catalogue::check_content(&mut check, &opened, pages)?,
        Err(error @ (Error::Version { .. } | Error::NoStore { .. })) => return Err(error),
        Err(error) => catalogue::cannot_open(&mut check, &error, pages),
    }
    Ok(!check.report.is_ok())
}

/// A check in progress.
struct Check<'c, 'w> {
    dir: &'c Path,
    watch: &'c mut Watch<'w>,
    progress: Progress,
    report: VerifyReport,
}

impl<'c, 'w> Check<'c, 'w> {
    fn new(dir: &'c Path, watch: &'c mut Watch<'w>) -> Self {
        Self {
            dir,
            watch,
            progress: Progress::default(),
            report: VerifyReport::default(),
        }
    }

    /// Checks the files, and what the catalogue says of them.
    fn files(&mut self, catalogue: &Catalogue, files: &[DataFile]) -> Result<()> {
        cross::check_tables(self, catalogue)?;
        for file in files {
            parts::check(self, catalogue, file)?;
        }
        self.find_unknown(files)
    }

    /// Counts what there is to read.
    fn expect(&mut self, files: &[DataFile]) {
        self.progress.total_bytes = self.progress.done_bytes + files.iter().map(|file| file.bytes).sum::<u64>();
    }

    /// Notes that the catalogue contradicts itself.
    fn contradiction(&mut self, table: Option<String>, detail: String) {
        self.report.damage.push(Damage {
            file: CATALOGUE_FILE.to_owned(),
            table,
            from_byte: 0,
            to_byte: 0,
            part: DamagedPart::Catalogue,
            rows: None,
            times: None,
            columns: Vec::new(),
            what: DamageKind::Contradiction,
            detail,
        });
    }

    /// Counts bytes that were read.
    fn read(&mut self, bytes: u64) -> Result<()> {
        self.report.bytes += bytes;
        self.progress.done_bytes += bytes;
        self.progress.total_bytes = self.progress.total_bytes.max(self.progress.done_bytes);
        match (self.watch)(self.progress) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        }
    }

    /// Lists the files in the data folder that no data file of the catalogue goes with.
    fn find_unknown(&mut self, files: &[DataFile]) -> Result<()> {
        let known: std::collections::HashSet<&str> = files.iter().filter_map(|file| stem(&file.path)).collect();
        let mut folders = vec![self.dir.join(DATA_FOLDER)];
        while let Some(folder) = folders.pop() {
            for path in crate::store::entries(&folder)? {
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Some(below) = path
                    .strip_prefix(self.dir.join(DATA_FOLDER))
                    .ok()
                    .and_then(Path::to_str)
                else {
                    continue;
                };
                let is_ours = PartKind::ALL
                    .iter()
                    .any(|kind| path.extension().is_some_and(|end| end == kind.extension()));
                if !(is_ours && stem(below).is_some_and(|stem| known.contains(stem))) {
                    self.report.unknown.push(in_store(below));
                }
            }
        }
        self.report.unknown.sort();
        Ok(())
    }
}

/// Returns a path below the data folder as one below the store.
fn in_store(below: &str) -> String {
    format!("{DATA_FOLDER}/{below}")
}

/// Returns a path without its extension.
fn stem(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(stem, _)| stem)
}
