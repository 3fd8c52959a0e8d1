//! From a hunt, a watch and a trail to the sheet.

use std::collections::BTreeMap;

use sekisho_event::time::Micros;
use sekisho_hunt::{AllowResult, At, HuntResult, Verdict};

use crate::sheet::{Because, FindingCounts, OrgSheet, Sheet, SheetList};
use crate::trail::Trail;

/// What the caller knows beside the hunt.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// When the sheet is made.
    pub made_at_us: Micros,
    /// How many rules looked at the events.
    pub rules: usize,
    /// Findings of every detector, by org.
    pub findings: BTreeMap<String, FindingCounts>,
}

/// Returns the sheet.
#[must_use]
pub fn sheet(hunt: &HuntResult, allow: &AllowResult, _trail: Trail, context: &Context) -> Sheet {
    let orgs: Vec<OrgSheet> = hunt
        .orgs
        .iter()
        .map(|org| {
            let outside = allow
                .orgs
                .iter()
                .find(|of_allow| of_allow.org == org.org)
                .map_or(0, |of_allow| of_allow.outside);
            OrgSheet {
                org: org.org.clone(),
                verdict: if outside > 0 { Verdict::Hit } else { org.verdict },
                because: if outside > 0 {
                    vec![Because::OutsideAllowList]
                } else {
                    Vec::new()
                },
                hits: org.hits,
                weak_hits: org.weak_hits,
                outside_allow_list: outside,
                events: 0,
                from: None,
                to: None,
                findings: context.findings.get(&org.org).copied().unwrap_or_default(),
                actors: Vec::new(),
                actor_count: 0,
                objects: Vec::new(),
                object_count: 0,
                weak: Vec::new(),
                unseen: Vec::new(),
                unseen_count: 0,
                next: Vec::new(),
            }
        })
        .collect();
    Sheet {
        made_at: At(context.made_at_us),
        from: hunt.from,
        to: hunt.to,
        verdict: orgs
            .iter()
            .map(|org| org.verdict)
            .max()
            .unwrap_or(Verdict::Inconclusive),
        lists: hunt
            .lists
            .iter()
            .map(|head| SheetList {
                name: head.name.clone(),
                version: head.version.clone(),
                as_of: head.as_of.clone(),
                source: head.source.clone(),
                indicators: head.indicators,
            })
            .collect(),
        allow_lists: allow.lists.clone(),
        rules: context.rules,
        orgs,
    }
}
