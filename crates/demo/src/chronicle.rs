//! Keeps the ground truth while rows are made and cut into files.

use std::collections::{BTreeMap, BTreeSet};

use crate::acts::Plan;
use crate::clock::{Ms, iso};
use crate::truth::{Act, Lines};

/// What is known so far.
#[derive(Debug)]
pub(crate) struct Chronicle {
    pub(crate) events: u64,
    drafts: Vec<Draft>,
}

#[derive(Debug)]
struct Draft {
    plan: &'static Plan,
    span: Option<(Ms, Ms)>,
    lines: BTreeMap<String, Vec<[u64; 2]>>,
    session_keys: BTreeSet<String>,
    src_ips: BTreeSet<String>,
}

impl Chronicle {
    pub(crate) fn new(plans: &'static [Plan]) -> Self {
        let drafts = plans.iter().map(|plan| Draft {
            plan,
            span: None,
            lines: BTreeMap::new(),
            session_keys: BTreeSet::new(),
            src_ips: BTreeSet::new(),
        });
        Self {
            events: 0,
            drafts: drafts.collect(),
        }
    }

    /// Notes where an act's row came from.
    pub(crate) fn note_origin(&mut self, act: usize, session_key: Option<&str>, src_ip: Option<&str>) {
        let draft = &mut self.drafts[act];
        draft.session_keys.extend(session_key.map(str::to_owned));
        draft.src_ips.extend(src_ip.map(str::to_owned));
    }

    /// Notes when an act's row happened.
    pub(crate) fn note_time(&mut self, act: usize, at: Ms) {
        let span = &mut self.drafts[act].span;
        *span = Some(span.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
    }

    /// Notes the line of an act's row; lines of a file come in order.
    pub(crate) fn note_line(&mut self, act: usize, path: &str, line: u64) {
        let stretches = self.drafts[act].lines.entry(path.to_owned()).or_default();
        match stretches.last_mut() {
            Some([_, last]) if *last + 1 == line => *last = line,
            _ => stretches.push([line, line]),
        }
    }

    pub(crate) fn into_acts(self) -> Vec<Act> {
        self.drafts.into_iter().filter_map(act_of).collect()
    }
}

fn act_of(draft: Draft) -> Option<Act> {
    let (from, to) = draft.span?;
    Some(Act {
        id: draft.plan.id.to_owned(),
        name: draft.plan.name(),
        org: draft.plan.org.to_owned(),
        technique: draft.plan.technique.to_owned(),
        from: iso(from),
        to: iso(to),
        events: draft
            .lines
            .into_iter()
            .map(|(file, lines)| Lines { file, lines })
            .collect(),
        session_keys: draft.session_keys.into_iter().collect(),
        src_ips: draft.src_ips.into_iter().collect(),
        expect: draft.plan.expect,
    })
}
