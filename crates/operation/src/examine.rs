//! `examine`: everything that is watched for, over all events, with one answer: findings, verdict sheet, coverage.

mod acts;
mod days;
mod finds;
mod first;
mod groups;
mod names;

use std::collections::BTreeMap;

use sekisho_demo::GroundTruth;
use sekisho_event::time::{Micros, Range};
use sekisho_hunt::{AllowResult, HuntResult};
use sekisho_verdict::{Context, FindingCounts, RuleFinding, Trail, sheet};

pub use acts::{ActNotFound, ActsFound};
pub use days::{DayCount, OrgSpan};
pub use sekisho_hunt::Verdict;
pub use sekisho_verdict::{Sheet, render};

pub use groups::{ActRef, BySession, FindSource, FindingGroup, InSession, MAX_GROUPS};

use crate::Error;
use crate::caller::{Caller, Permission};
use crate::detect::Finding;
use crate::inputs::ReadReport;
use crate::source::{Source, visit_events};
use crate::watch::Watch;
use finds::Found;
use first::{First, FirstPass};
use names::Names;

/// What is asked beside what is watched for.
#[derive(Debug, Clone, Copy)]
pub struct ExamineOptions<'a> {
    /// The range that is asked about; events outside it tell only what is usual.
    pub range: Range,
    /// The time that the sheet says it was made at.
    pub made_at_us: Micros,
    /// Labelled acts to look for among the findings.
    pub truth: Option<&'a GroundTruth>,
    /// Keeps every finding by itself beside the groups.
    pub keeps_each: bool,
}

/// The answer.
#[derive(Debug)]
pub struct Examination {
    /// The hunt of the indicator lists.
    pub hunt: HuntResult,
    /// The watch of the allow-lists.
    pub allow: AllowResult,
    /// What it means for each org.
    pub sheet: Sheet,
    /// Findings of rules, indicators and allow-lists, the gravest first.
    pub findings: Vec<FindingGroup>,
    /// The findings of each session, by org and key.
    pub findings_by_session: BySession,
    /// The names of users that logs call by their ids.
    pub(crate) names: Names,
    /// Finds that no group has room for.
    pub left_out: u64,
    /// Every finding by itself, where that was asked for.
    pub each: Vec<Finding>,
    /// Events by org, table and day.
    pub days: Vec<DayCount>,
    /// Events by org.
    pub orgs: Vec<OrgSpan>,
    /// How the labelled acts fared.
    pub acts: Option<ActsFound>,
    /// What was read.
    pub read: ReadReport,
}

/// Runs rules, indicator lists and allow-lists over the source. It is read twice: what belongs to a find is known only
/// when all finds are.
///
/// # Errors
/// The source cannot be opened or read.
pub fn examine(
    caller: &Caller,
    watch: &Watch,
    source: &Source,
    options: &ExamineOptions<'_>,
) -> Result<Examination, Error> {
    caller.may(Permission::Read)?;
    let mut first = FirstPass::new(caller, watch, options);
    let read = first.read(caller, source)?;
    let First {
        hunt,
        allow,
        mut finds,
        days,
        names,
    } = first.finish(source, &read)?;
    finds.add_hits(&hunt);
    finds.add_outside(&allow);
    let mut trail = Trail::new(&hunt, &allow.outside);
    visit_events(caller, source, options.range, &mut |events| {
        trail.push(events)?;
        finds.place(events);
        Ok(())
    })?;
    let Found {
        groups,
        by_session,
        left_out,
        each,
        acts,
    } = finds.finish(&names);
    let context = context(&groups, watch, options);
    Ok(Examination {
        sheet: sheet(&hunt, &allow, trail, &context),
        hunt,
        allow,
        findings: groups,
        findings_by_session: by_session,
        names,
        left_out,
        each,
        orgs: days.orgs(),
        days: days.finish(),
        acts,
        read,
    })
}

fn context(groups: &[FindingGroup], watch: &Watch, options: &ExamineOptions<'_>) -> Context {
    let mut findings: BTreeMap<String, FindingCounts> = BTreeMap::new();
    for group in groups {
        let counts = findings.entry(group.org.clone()).or_default();
        let count = match group.level {
            "critical" => &mut counts.critical,
            "high" => &mut counts.high,
            "medium" => &mut counts.medium,
            "low" => &mut counts.low,
            _ => &mut counts.informational,
        };
        *count += 1;
    }
    Context {
        made_at_us: options.made_at_us,
        rules: watch.rules.rules().len(),
        findings,
        rule_findings: groups.iter().filter_map(rule_finding).collect(),
    }
}

/// What a rule found, if it is more than low.
fn rule_finding(group: &FindingGroup) -> Option<RuleFinding> {
    let is_grave = matches!(group.level, "critical" | "high");
    let matters = group.source == FindSource::Rule && (is_grave || group.level == "medium");
    matters.then(|| RuleFinding {
        org: group.org.clone(),
        is_grave,
        actor: group.actor.clone(),
        sessions: group.every_session.clone(),
        src_ips: group.src_ips.iter().cloned().collect(),
    })
}
