//! What is watched for: indicator lists, allow-lists of vendor networks, and rules; loaded once, asked many times.

use std::path::{Path, PathBuf};

use sekisho_hunt::lists::{MAX_LIST_BYTES, parse};
use sekisho_hunt::{AllowList, IndicatorList, Matcher};
use sekisho_sigma::RuleSet;

use crate::Error;
use crate::rules::{RuleProblem, load_builtin, load_rules};

/// What the user names.
#[derive(Debug, Clone, Default)]
pub struct WatchChoice {
    /// `--ioc`.
    pub lists: Vec<PathBuf>,
    /// `--allow`.
    pub allow_lists: Vec<PathBuf>,
    /// `--rules`; without any the rules that are shipped.
    pub rules: Vec<PathBuf>,
    /// Goes on without rules that do not load.
    pub skip_invalid: bool,
}

/// Everything that is watched for, loaded.
#[derive(Debug)]
pub struct Watch {
    /// Indicator lists.
    pub lists: Vec<IndicatorList>,
    /// Networks that vendors say they use: the opposite of an indicator list, and never merged with one.
    pub allow_lists: Vec<AllowList>,
    /// Rules.
    pub rules: RuleSet,
    pub(crate) matcher: Matcher,
}

impl Watch {
    /// Loads what the user names.
    ///
    /// # Errors
    /// A list, allow-list or rule is missing or not accepted.
    pub fn load(choice: &WatchChoice) -> Result<Self, Error> {
        let lists = choice
            .lists
            .iter()
            .map(|path| read_list(path))
            .collect::<Result<Vec<_>, _>>()?;
        let allow_lists = choice
            .allow_lists
            .iter()
            .map(|path| read_allow_list(path))
            .collect::<Result<Vec<_>, _>>()?;
        let rules = if choice.rules.is_empty() {
            load_builtin()?
        } else {
            load_rules(&choice.rules, choice.skip_invalid)?
        };
        Self::of(lists, allow_lists, rules)
    }

    /// Watches for what is loaded already.
    ///
    /// # Errors
    /// The lists break a limit together.
    pub fn of(lists: Vec<IndicatorList>, allow_lists: Vec<AllowList>, rules: RuleSet) -> Result<Self, Error> {
        Ok(Self {
            matcher: Matcher::new(&lists)?,
            lists,
            allow_lists,
            rules,
        })
    }

    /// Returns the rules that were left out.
    #[must_use]
    pub fn skipped_rules(&self) -> Vec<RuleProblem> {
        self.rules.skipped().iter().map(RuleProblem::from).collect()
    }
}

pub(crate) fn read_list(path: &Path) -> Result<IndicatorList, Error> {
    let bytes = sekisho_io::read_bytes_bounded(path, MAX_LIST_BYTES as u64)?;
    Ok(parse(&sekisho_io::printable(&path.to_string_lossy()), &bytes)?)
}

fn read_allow_list(path: &Path) -> Result<AllowList, Error> {
    let bytes = sekisho_io::read_bytes_bounded(path, MAX_LIST_BYTES as u64)?;
    Ok(AllowList::parse(
        &sekisho_io::printable(&path.to_string_lossy()),
        &bytes,
    )?)
}
