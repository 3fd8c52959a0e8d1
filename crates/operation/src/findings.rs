//! `findings`: what rules, indicators and allow-lists saw in the store, grouped as people read it.

use std::collections::BTreeSet;

use sekisho_event::text::Text;
use sekisho_event::time::to_rfc3339;
use sekisho_sigma::{Level, Rule};
use serde::Serialize;

use crate::Error;
use crate::board::Board;
use crate::caller::Caller;
use crate::examine::{FindSource, FindingGroup};
use crate::page::{Page, PageRequest};

/// Which findings are asked for; an empty list asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingsRequest {
    /// Levels.
    pub levels: Vec<String>,
    /// Ids of rules, indicators, names of allow-lists.
    pub rule_ids: Vec<String>,
    /// Orgs.
    pub orgs: Vec<String>,
    /// Sessions.
    pub session_keys: Vec<String>,
    /// The page.
    pub page: PageRequest,
}

/// One group of findings with what its rule says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FindingDetail {
    /// The group.
    #[serde(flatten)]
    pub group: FindingGroup,
    /// What the rule looks for.
    #[schema(required)]
    pub description: Option<Text>,
    /// What else looks like it.
    pub falsepositives: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
}

/// Returns a page of findings, the gravest first.
///
/// # Errors
/// The store cannot be read, or the page is not understood.
pub fn findings(caller: &Caller, board: &Board, request: &FindingsRequest) -> Result<Page<FindingGroup>, Error> {
    request.levels.iter().try_for_each(|level| known_level(level))?;
    let answer = board.answer(caller)?;
    let is_asked = |asked: &[String], value: &str| asked.is_empty() || asked.iter().any(|one| one == value);
    let is_in = |asked: &[String], sessions: &BTreeSet<String>| {
        asked.is_empty() || asked.iter().any(|key| sessions.contains(key))
    };
    let groups = answer.examination.findings.iter().filter(|group| {
        is_asked(&request.levels, group.level)
            && is_asked(&request.rule_ids, &group.rule_id)
            && is_asked(&request.orgs, &group.org)
            && is_in(&request.session_keys, &group.every_session)
    });
    request.page.of(groups.cloned(), to_rfc3339(answer.made_at_us))
}

/// Returns one group of findings.
///
/// # Errors
/// There is none of this id, or the store cannot be read.
pub fn finding(caller: &Caller, board: &Board, id: &str) -> Result<FindingDetail, Error> {
    let answer = board.answer(caller)?;
    let group = answer.examination.findings.iter().find(|group| group.id == id);
    let group = group.cloned().ok_or_else(|| Error::NotFound(format!("finding {id}")))?;
    let rules = &board.watch().rules;
    let rule = rules
        .rules()
        .iter()
        .find(|rule| group.source == FindSource::Rule && rule.id == group.rule_id);
    Ok(FindingDetail {
        description: rule.and_then(description_of),
        falsepositives: rule.map(|rule| rule.falsepositives.clone()).unwrap_or_default(),
        references: rule.map(|rule| rule.references.clone()).unwrap_or_default(),
        group,
    })
}

fn description_of(rule: &Rule) -> Option<Text> {
    Some(Text {
        en: rule.description.clone()?,
        ja: rule.description_ja.clone(),
    })
}

/// A misspelt level would find nothing, and look like nothing found.
fn known_level(level: &str) -> Result<(), Error> {
    if Level::from_name(level).is_some() {
        return Ok(());
    }
    Err(Error::Asked(Text::of(
        format!("`level` is critical, high, medium, low or informational, not `{level}`"),
        format!(
            "`level` には critical、high、medium、low、informational のいずれかを指定してください（指定値: {level}）。"
        ),
    )))
}
