//! `board`: the answer about the store as it is now, worked out once for each state of the store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_demo::GroundTruth;
use sekisho_event::time::{Micros, Range};

use crate::Error;
use crate::caller::{Caller, OrgScope};
use crate::examine::{Examination, ExamineOptions, examine};
use crate::source::{Source, open_store};
use crate::watch::Watch;

/// Most answers that are kept: one for each set of orgs that is asked about. Beyond it the oldest goes.
const MAX_KEPT: usize = 8;

/// Gives the time that an answer is made at.
pub type Clock = Box<dyn Fn() -> Micros + Send + Sync>;

/// What a board is made of.
pub struct BoardOptions {
    /// What is watched for.
    pub watch: Watch,
    /// The range that is asked about.
    pub range: Range,
    /// The labelled acts, where the store holds the demo incident.
    pub truth: Option<GroundTruth>,
    /// The clock.
    pub clock: Clock,
}

/// The answer about the store, kept until the store changes.
pub struct Board {
    data_dir: PathBuf,
    options: BoardOptions,
    kept: Mutex<Kept>,
    /// One answer is worked out at a time: a second one asked for meanwhile waits and finds it.
    working: Mutex<()>,
}

/// An answer and the state of the store that it is about.
#[derive(Debug)]
pub struct Answer {
    /// Changes when the store does.
    pub generation: u64,
    /// When it was worked out.
    pub made_at_us: Micros,
    /// The answer.
    pub examination: Examination,
}

type Kept = BTreeMap<Vec<String>, Arc<Answer>>;

impl std::fmt::Debug for Board {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Board")
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl Board {
    /// Returns a board about the store in `data_dir`. Nothing is read yet.
    #[must_use]
    pub fn new(data_dir: &Path, options: BoardOptions) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            options,
            kept: Mutex::default(),
            working: Mutex::default(),
        }
    }

    /// Returns what is watched for.
    #[must_use]
    pub fn watch(&self) -> &Watch {
        &self.options.watch
    }

    /// Returns true where the store holds the demo incident.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.options.truth.is_some()
    }

    /// Returns the answer about the store as it is now, for the orgs that the caller sees.
    ///
    /// # Errors
    /// There is no store, or it cannot be read.
    pub fn answer(&self, caller: &Caller) -> Result<Arc<Answer>, Error> {
        let scope = scope_of(caller);
        if let Some(answer) = self.kept_for(&scope)? {
            return Ok(answer);
        }
        let _working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = self.kept_for(&scope)? {
            return Ok(answer);
        }
        let generation = open_store(&self.data_dir)?.generation()?;
        let made_at_us = (self.options.clock)();
        let options = ExamineOptions {
            range: self.options.range,
            made_at_us,
            truth: self.options.truth.as_ref(),
            keeps_each: false,
        };
        let source = Source::Store(self.data_dir.clone());
        let examination = examine(caller, &self.options.watch, &source, &options)?;
        let answer = Arc::new(Answer {
            generation,
            made_at_us,
            examination,
        });
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT && !kept.contains_key(&scope) {
            kept.pop_first();
        }
        kept.insert(scope, Arc::clone(&answer));
        Ok(answer)
    }

    fn kept_for(&self, scope: &[String]) -> Result<Option<Arc<Answer>>, Error> {
        let kept = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get(scope).cloned()
        };
        let Some(answer) = kept else { return Ok(None) };
        let generation = open_store(&self.data_dir)?.generation()?;
        Ok((answer.generation == generation).then_some(answer))
    }
}

/// All orgs are an empty scope; no orgs are a scope of their own.
fn scope_of(caller: &Caller) -> Vec<String> {
    match &caller.orgs {
        OrgScope::All => Vec::new(),
        OrgScope::Only(orgs) => [String::new()]
            .into_iter()
            .chain(orgs.iter().map(ToString::to_string))
            .collect(),
    }
}
