//! `detect`: Sigma rules over events, from the store or from files.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use sekisho_event::catalogue::{LogSource, Table};
use sekisho_event::time::{Range, to_rfc3339};
use sekisho_event::{cells, common};
use sekisho_sigma::{Detector, Hit, Rule, RuleSet, TableView};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Error;
use crate::caller::Caller;
use crate::inputs::ReadReport;
use crate::rules::{RuleProblem, load_builtin, load_rules};
use crate::source::{Source, visit};

/// One match (CONTRACT.md, `detect`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule's id.
    pub rule_id: String,
    /// The rule's title.
    pub rule: String,
    /// The rule's author; the Detection Rule License wants it shown wherever matches are.
    pub author: Option<String>,
    /// The rule's level.
    pub level: Option<&'static str>,
    /// When the event happened.
    pub time: Option<String>,
    /// The table that holds the event.
    pub table: String,
    /// The event.
    pub event_uid: String,
    /// The org it happened in.
    pub org: String,
    /// Who did it.
    pub actor: Option<String>,
    /// From where.
    pub src_ip: Option<String>,
    /// The rule's tags.
    pub tags: Vec<String>,
    /// The values that a correlation groups by; empty for a rule.
    pub group: Map<String, Value>,
}

/// What was read and which rules were left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectReport {
    /// Findings given out.
    pub findings: u64,
    /// What was read.
    pub read: ReadReport,
    /// Rules that do not load and were skipped.
    pub skipped: Vec<RuleProblem>,
    /// Rules that loaded.
    pub rules: usize,
}

impl DetectReport {
    /// Returns true where rules or data are missing from the answer.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.read.is_incomplete() || !self.skipped.is_empty()
    }
}

/// What rules to run.
#[derive(Debug, Clone, Default)]
pub struct RuleChoice {
    /// Files and folders of rules; [`detect`] runs the shipped rules where there are none.
    pub paths: Vec<PathBuf>,
    /// Goes on without rules that do not load.
    pub skip_invalid: bool,
    /// What generic JSON is said to be; without it every rule applies to it (CONTRACT.md, "Generic JSON").
    pub logsource: Option<LogSource>,
}

/// Takes a finding.
pub type GiveFinding<'a> = dyn FnMut(Finding) -> Result<(), Error> + 'a;

/// Runs rules over every event in range and gives each finding to `give`, table by table in the order of the source.
///
/// # Errors
/// A rule does not load, the source cannot be opened, or `give` cannot go on.
pub fn detect(
    caller: &Caller,
    choice: &RuleChoice,
    source: &Source,
    range: Range,
    give: &mut GiveFinding<'_>,
) -> Result<DetectReport, Error> {
    let rules = match choice.paths.as_slice() {
        [] => load_builtin()?,
        paths => load_rules(paths, choice.skip_invalid)?,
    };
    let mut detectors: HashMap<String, Detector<'_>> = HashMap::new();
    let mut findings = 0;
    let view = |table: &Table| view_of(&rules, table, choice.logsource.as_ref());
    let is_wanted = |table: &Table| !rules.route(view(table).routing()).is_empty();
    let read = visit(caller, source, range, &is_wanted, &mut |table, batch| {
        let detector = detectors
            .entry(table.name.clone())
            .or_insert_with(|| Detector::new(&rules, view(table)));
        let hits = detector.detect(batch);
        findings += hits.len() as u64;
        give_hits(&rules, table, batch, &hits, give)
    })?;
    let skipped = rules.skipped().iter().map(RuleProblem::from).collect();
    Ok(DetectReport {
        findings,
        read,
        skipped,
        rules: rules.rules().len(),
    })
}

/// A table of a platform has its log source; only generic JSON is what the user says it is.
fn view_of(rules: &RuleSet, table: &Table, said: Option<&LogSource>) -> TableView {
    let view = TableView::of(table, rules.aliases());
    match said {
        Some(said) if table.logsource.product.is_empty() => view.said_to_be(said.clone(), rules.aliases()),
        _ => view,
    }
}

/// The common columns are put together only for rows that matched.
fn give_hits(
    rules: &RuleSet,
    table: &Arc<Table>,
    batch: &RecordBatch,
    hits: &[Hit],
    give: &mut GiveFinding<'_>,
) -> Result<(), Error> {
    if hits.is_empty() {
        return Ok(());
    }
    let rows: UInt32Array = hits.iter().map(|hit| u32::try_from(hit.row).ok()).collect();
    let matched = take_record_batch(batch, &rows).map_err(Error::columns(&table.name))?;
    let events = common::project(table, &matched).map_err(Error::columns(&table.name))?;
    for (row, hit) in hits.iter().enumerate() {
        if let Some(rule) = rules.rule(hit.rule) {
            give(finding(rule, &events, row))?;
        }
    }
    Ok(())
}

fn finding(rule: &Rule, events: &RecordBatch, row: usize) -> Finding {
    let text = |name: &str| {
        let column = events.column_by_name(name)?;
        cells::text(column, row).map(|text| text.into_owned())
    };
    Finding {
        rule_id: rule.id.clone(),
        rule: rule.title.clone(),
        author: rule.author.clone(),
        level: rule.level.map(|level| level.name()),
        time: events
            .column_by_name("time")
            .and_then(|times| cells::time_us(times, row))
            .map(to_rfc3339),
        table: text("table").unwrap_or_default(),
        event_uid: text("event_uid").unwrap_or_default(),
        org: text("org").unwrap_or_default(),
        actor: text("actor"),
        src_ip: text("src_ip"),
        tags: rule.tags.clone(),
        group: Map::new(),
    }
}
