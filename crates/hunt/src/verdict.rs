//! From hits and coverage to a verdict.

use std::collections::BTreeMap;

use crate::coverage::{Sight, TableCoverage};
use crate::lists::Kind;
use crate::result::{Doubt, DoubtReason, OrgVerdict, Verdict};

/// A table with what it could have shown.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) coverage: &'a TableCoverage,
    pub(crate) sight: &'a Sight,
}

/// Events that match in one org.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HitCounts {
    pub(crate) strong: u64,
    pub(crate) weak: u64,
}

/// Returns the verdict of one org from its tables.
pub(crate) fn of_org(
    org: &str,
    tables: &[Judged<'_>],
    kinds: &[Kind],
    hits: HitCounts,
    has_unusable: bool,
    is_capped: bool,
) -> OrgVerdict {
    let mut doubts = doubts(tables, kinds);
    let mut add = |is_so: bool, reason| {
        if is_so {
            doubts.push(Doubt {
                reason,
                table: None,
                kinds: Vec::new(),
            });
        }
    };
    add(has_unusable, DoubtReason::UnusableIndicators);
    add(is_capped, DoubtReason::Capped);
    doubts.sort();
    let verdict = match (hits.strong, doubts.is_empty()) {
        (1.., _) => Verdict::Hit,
        (0, true) => Verdict::Clear,
        (0, false) => Verdict::Inconclusive,
    };
    OrgVerdict {
        org: org.to_owned(),
        verdict,
        hits: hits.strong,
        weak_hits: hits.weak,
        doubts,
    }
}

/// Returns the verdict over all orgs. No org at all means that nothing was searched.
pub(crate) fn over_all(orgs: &[OrgVerdict]) -> Verdict {
    orgs.iter()
        .map(|org| org.verdict)
        .max()
        .unwrap_or(Verdict::Inconclusive)
}

fn doubts(tables: &[Judged<'_>], kinds: &[Kind]) -> Vec<Doubt> {
    if tables.iter().all(|table| table.coverage.events == 0) {
        return vec![Doubt {
            reason: DoubtReason::NoData,
            table: None,
            kinds: Vec::new(),
        }];
    }
    let mut by_table: BTreeMap<(DoubtReason, &str), Vec<Kind>> = BTreeMap::new();
    let mut not_shown = Vec::new();
    for &kind in kinds {
        let capable: Vec<&Judged<'_>> = tables
            .iter()
            .filter(|table| table.sight.shows.contains(&kind))
            .collect();
        // A table without events could have shown something only if its events are known to be lost.
        if capable.iter().all(|table| table.coverage.events == 0) {
            not_shown.push(kind);
        }
        for table in capable {
            for reason in table_doubts(table, kind) {
                let of_table = by_table.entry((reason, table.coverage.table.as_str())).or_default();
                of_table.push(kind);
            }
        }
    }
    let mut doubts: Vec<Doubt> = by_table
        .into_iter()
        .map(|((reason, table), kinds)| Doubt {
            reason,
            table: Some(table.to_owned()),
            kinds,
        })
        .collect();
    if !not_shown.is_empty() {
        doubts.push(Doubt {
            reason: DoubtReason::NotShown,
            table: None,
            kinds: not_shown,
        });
    }
    doubts
}

fn table_doubts(table: &Judged<'_>, kind: Kind) -> Vec<DoubtReason> {
    let is_blind = table
        .sight
        .blind
        .iter()
        .any(|blind| blind.decides && blind.kinds.contains(&kind));
    [
        (table.coverage.gap_count > 0, DoubtReason::Gap),
        (is_blind, DoubtReason::Blind),
        (table.coverage.is_capped, DoubtReason::Capped),
    ]
    .into_iter()
    .filter_map(|(is_so, reason)| is_so.then_some(reason))
    .collect()
}
