//! `demo`: the sample incident, written as log files, loaded, and examined.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sekisho_demo::{GroundTruth, Options, generate};
use sekisho_event::ids::OrgId;
use sekisho_event::time::{Micros, Range, parse_instant};
use sekisho_hunt::AllowList;
use sekisho_hunt::lists::parse;
use sekisho_io::write_below;

use crate::Error;
use crate::board::{Board, BoardOptions};
use crate::caller::Caller;
use crate::examine::{Examination, ExamineOptions, examine};
use crate::ingest::{IngestReport, ingest};
use crate::inputs::ReadOptions;
use crate::rules::load_builtin;
use crate::source::Source;
use crate::watch::Watch;

/// The name of the ground truth beside the log files.
pub const GROUND_TRUTH_FILE: &str = "ground-truth.json";
/// The names of the indicator lists beside the log files, by version.
pub const LIST_FILES: [&str; 2] = ["tsumugi-advisory-1.yaml", "tsumugi-advisory-2.yaml"];
/// The name of the vendor's allow-list beside the log files.
pub const ALLOW_LIST_FILE: &str = "tsumugi-networks.yaml";

/// What the demo is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Writing the log files.
    Writing,
    /// Loading the files of an org.
    Loading {
        /// How many orgs are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// Running rules, lists and allow-lists.
    Examining,
}

/// The log files of the demo, on disk.
#[derive(Debug)]
pub struct DemoFiles {
    /// The orgs, each with a folder of its name.
    pub orgs: Vec<&'static str>,
    /// What was done in them, and where it shows.
    pub truth: GroundTruth,
    /// How many files there are.
    pub files: u64,
}

/// Writes the log files of the demo below `folder`, with the lists and the ground truth beside them.
///
/// # Errors
/// The folder cannot be written.
pub fn write(folder: &Path, options: &Options) -> Result<DemoFiles, Error> {
    let mut orgs = BTreeSet::new();
    let mut files = 0;
    let truth = generate(options, &mut |file| {
        orgs.insert(file.org);
        files += 1;
        write_below(folder, &file.path, &file.bytes).map_err(Error::from)
    })?;
    for (version, name) in (1..).zip(LIST_FILES) {
        if let Some(list) = sekisho_demo::indicator_list(version) {
            write_below(folder, name, list.as_bytes())?;
        }
    }
    write_below(folder, ALLOW_LIST_FILE, sekisho_demo::allow_list().as_bytes())?;
    let text = serde_json::to_vec_pretty(&truth).map_err(|error| Error::Usage(error.to_string()))?;
    write_below(folder, GROUND_TRUTH_FILE, &text)?;
    let orgs = orgs.into_iter().collect();
    Ok(DemoFiles { orgs, truth, files })
}

/// The sample incident in a store.
#[derive(Debug)]
pub struct Demo {
    /// The store.
    pub data_dir: PathBuf,
    /// The log files.
    pub files: DemoFiles,
    /// What loading them did.
    pub loaded: IngestReport,
}

/// Writes the log files below `folder` and loads them into a store there.
///
/// # Errors
/// The folder cannot be written.
pub fn build(caller: &Caller, folder: &Path, progress: &mut dyn FnMut(Stage)) -> Result<Demo, Error> {
    let (logs, data_dir) = (folder.join("logs"), folder.join("data"));
    progress(Stage::Writing);
    let files = write(&logs, &Options::default())?;
    let mut loaded = IngestReport::default();
    for (done, org) in files.orgs.iter().enumerate() {
        progress(Stage::Loading {
            done,
            of: files.orgs.len(),
        });
        let options = ReadOptions {
            org: Some(OrgId::new(*org)),
            below: Some(logs.clone()),
            ..ReadOptions::default()
        };
        loaded.add(ingest(caller, &data_dir, &[logs.join(org)], &options)?);
    }
    progress(Stage::Examining);
    Ok(Demo {
        data_dir,
        files,
        loaded,
    })
}

impl Demo {
    /// Examines the incident; the answer is the same each time.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn examine(&self, caller: &Caller) -> Result<Examination, Error> {
        let options = ExamineOptions {
            range: Range::default(),
            made_at_us: self.made_at_us(),
            truth: Some(&self.files.truth),
            keeps_each: true,
        };
        examine(caller, &watch()?, &Source::Store(self.data_dir.clone()), &options)
    }

    /// Returns a board about the incident.
    ///
    /// # Errors
    /// What is watched for is not accepted: a defect of the program.
    pub fn board(&self) -> Result<Board, Error> {
        let made_at_us = self.made_at_us();
        let options = BoardOptions {
            watch: watch()?,
            range: Range::default(),
            truth: Some(self.files.truth.clone()),
            clock: Box::new(move || made_at_us),
        };
        Ok(Board::new(&self.data_dir, options))
    }

    /// The morning after: the clock of the demo stands still, so that its answer does.
    fn made_at_us(&self) -> Micros {
        parse_instant(&self.files.truth.to, None).unwrap_or_default()
    }
}

/// Returns what the demo watches for: the vendor's last indicator list, its networks, and the shipped rules.
///
/// # Errors
/// One of them is not accepted: a defect of the program.
pub fn watch() -> Result<Watch, Error> {
    let list = sekisho_demo::indicator_list(2).unwrap_or_default();
    let lists = vec![parse(LIST_FILES[1], list.as_bytes())?];
    let allow_lists = vec![AllowList::parse(
        ALLOW_LIST_FILE,
        sekisho_demo::allow_list().as_bytes(),
    )?];
    Watch::of(lists, allow_lists, load_builtin()?)
}
