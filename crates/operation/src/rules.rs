//! Reading rule files from disk: a file, or every rule below a folder.

use std::collections::HashSet;
use std::path::PathBuf;

use sekisho_sigma::{FILE_LIMIT_BYTES, LoadOptions, Problem, RuleSet, Severity, check};
use serde::Serialize;

use crate::Error;
use crate::caller::{Caller, Permission};

/// File endings that rules have.
const RULE_EXTENSIONS: [&str; 2] = ["yml", "yaml"];

/// One finding of the lint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleProblem {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// `error` or `warning`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
}

impl From<&Problem> for RuleProblem {
    fn from(problem: &Problem) -> Self {
        Self {
            file: problem.file.clone(),
            line: problem.line,
            severity: problem.severity.name(),
            message: problem.message.clone(),
        }
    }
}

/// What the lint found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCheck {
    /// Rule files looked at.
    pub files: usize,
    /// What was found, by file and line.
    pub problems: Vec<RuleProblem>,
    /// True where a rule would not load.
    pub has_errors: bool,
}

/// Lints the rules behind `paths`.
///
/// # Errors
/// A path is missing or cannot be read.
pub fn check_rules(caller: &Caller, paths: &[PathBuf]) -> Result<RuleCheck, Error> {
    caller.may(Permission::Read)?;
    let texts = rule_texts(paths)?;
    let problems: Vec<Problem> = texts.iter().flat_map(|(file, text)| check(file, text)).collect();
    Ok(RuleCheck {
        files: texts.len(),
        has_errors: problems.iter().any(|problem| problem.severity == Severity::Error),
        problems: problems.iter().map(RuleProblem::from).collect(),
    })
}

/// Loads the rules behind `paths`.
///
/// # Errors
/// A path is missing, or a rule does not load and `skip_invalid` is not set.
pub(crate) fn load_rules(paths: &[PathBuf], skip_invalid: bool) -> Result<RuleSet, Error> {
    let texts = rule_texts(paths)?;
    if texts.is_empty() {
        return Err(Error::Usage(
            "the named rule paths hold no .yml or .yaml file".to_owned(),
        ));
    }
    let options = LoadOptions {
        skip_invalid,
        ..LoadOptions::default()
    };
    let sources = texts.iter().map(|(file, text)| (file.as_str(), text.as_str()));
    Ok(RuleSet::load(sources, &options)?)
}

/// Loads the rules that are shipped.
///
/// # Errors
/// A shipped rule does not load: a defect of the program, which tests rule out.
pub fn load_builtin() -> Result<RuleSet, Error> {
    let shipped: Vec<_> = sekisho_content::rules().collect();
    let sources = shipped.iter().map(|rule| (rule.path, rule.text));
    Ok(RuleSet::load(sources, &LoadOptions::default())?)
}

/// A file that is named twice, by itself and by its folder, is one file.
fn rule_texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Error> {
    let mut files = sekisho_io::walk(paths, &RULE_EXTENSIONS)?;
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    if files.is_empty() {
        return Err(Error::Usage(
            "the named rule paths hold no .yml or .yaml file".to_owned(),
        ));
    }
    let text = |path: &PathBuf| {
        let text = sekisho_io::read_text_bounded(path, FILE_LIMIT_BYTES as u64)?;
        Ok((sekisho_io::printable(&path.to_string_lossy()), text))
    };
    files.iter().map(text).collect()
}
