//! From a hunt, a watch and a trail to the sheet.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use sekisho_event::time::{Micros, Range};
use sekisho_hunt::{AllowOrg, AllowResult, At, How, HuntResult, Kind, OrgVerdict, TableCoverage, Verdict};

use crate::next::{self, Elsewhere, Situation};
use crate::platform;
use crate::sheet::{
    Actor, Because, FindingCounts, MAX_ACTORS_SHOWN, MAX_ADDRESSES_SHOWN, MAX_AGENTS_SHOWN, MAX_OBJECTS_SHOWN,
    MAX_SESSIONS_SHOWN, MAX_UNSEEN_SHOWN, MAX_WEAK_SHOWN, OrgSheet, Sheet, SheetList, Touched, WeakMatch,
};
use crate::trail::{ActorTrail, Frame, ObjectTrail, OrgTrail, Trail};
use crate::unseen::{NotSeen, Sight, unseen};

/// What the caller knows beside the hunt.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// When the sheet is made.
    pub made_at_us: Micros,
    /// How many rules looked at the events.
    pub rules: usize,
    /// Findings of every detector, by org.
    pub findings: BTreeMap<String, FindingCounts>,
    /// Findings of rules that matter: medium and above.
    pub rule_findings: Vec<RuleFinding>,
}

/// What a rule saw of one actor.
#[derive(Debug, Clone, Default)]
pub struct RuleFinding {
    /// The org.
    pub org: String,
    /// True for critical and high.
    pub is_grave: bool,
    /// Who did it.
    pub actor: Option<String>,
    /// In which sessions.
    pub sessions: BTreeSet<String>,
    /// From where.
    pub src_ips: BTreeSet<String>,
}

/// Returns the sheet: for each org what the hunt and the watch mean, with what the trail gathered.
///
/// An org is a hit where an indicator matches (weakly does not count) or an application worked from outside its vendor's
/// networks. It is clear only where the hunt is, and nothing else keeps it from being sure.
#[must_use]
pub fn sheet(hunt: &HuntResult, allow: &AllowResult, mut trail: Trail, context: &Context) -> Sheet {
    let is_capped = trail.is_capped();
    let mut orgs: Vec<OrgSheet> = all_orgs(hunt, allow)
        .iter()
        .map(|org| {
            let own = trail.take(&org.org);
            org_sheet(hunt, allow, org, own, is_capped, context)
        })
        .collect();
    orgs.sort_by(|one, other| {
        rank(one.verdict)
            .cmp(&rank(other.verdict))
            .then_with(|| weight(other).cmp(&weight(one)))
            .then_with(|| one.org.cmp(&other.org))
    });
    Sheet {
        made_at: At(context.made_at_us),
        from: hunt.from,
        to: hunt.to,
        verdict: orgs
            .iter()
            .map(|org| org.verdict)
            .max()
            .unwrap_or(Verdict::Inconclusive),
        lists: hunt.lists.iter().map(list).collect(),
        allow_lists: allow.lists.clone(),
        rules: context.rules,
        orgs,
    }
}

fn list(head: &sekisho_hunt::ListHead) -> SheetList {
    SheetList {
        name: head.name.clone(),
        version: head.version.clone(),
        as_of: head.as_of.clone(),
        source: head.source.clone(),
        indicators: head.indicators,
    }
}

/// The order of the sheet: what needs hands first.
fn rank(verdict: Verdict) -> Reverse<Verdict> {
    Reverse(verdict)
}

/// How much was found in a hit; of others the name decides.
fn weight(org: &OrgSheet) -> u64 {
    match org.verdict {
        Verdict::Hit => org.hits.saturating_add(org.outside_allow_list),
        _ => 0,
    }
}

/// The orgs of the hunt, and those that only the watch knows of.
fn all_orgs(hunt: &HuntResult, allow: &AllowResult) -> Vec<OrgVerdict> {
    let known: BTreeSet<&str> = hunt.orgs.iter().map(|org| org.org.as_str()).collect();
    let only_watched = allow.orgs.iter().filter(|org| !known.contains(org.org.as_str()));
    let unhunted = only_watched.map(|org| OrgVerdict {
        org: org.org.clone(),
        verdict: Verdict::Inconclusive,
        hits: 0,
        weak_hits: 0,
        doubts: Vec::new(),
    });
    hunt.orgs.iter().cloned().chain(unhunted).collect()
}

fn org_sheet(
    hunt: &HuntResult,
    allow: &AllowResult,
    org: &OrgVerdict,
    mut trail: OrgTrail,
    is_capped: bool,
    context: &Context,
) -> OrgSheet {
    let coverage: Vec<&TableCoverage> = hunt.coverage.iter().filter(|table| table.org == org.org).collect();
    let platform = platform::of_org(&coverage);
    let allow_org = allow.orgs.iter().find(|watched| watched.org == org.org);
    let outside = allow_org.map_or(0, |watched| watched.outside);
    let because = because(org, outside);
    let actors = trail.actors();
    let objects = trail.objects();
    let NotSeen {
        mut unseen,
        decides,
        missing_log,
    } = unseen(&Sight {
        hunt,
        org,
        coverage: &coverage,
        platform,
        allow,
        allow_org,
        is_app_asked: is_app_asked(platform, allow_org),
        finished_bulk_queries: trail.finished_bulk_queries,
        bulk_downloads: trail.bulk_downloads,
        deleted_bulk_jobs: trail.deleted_bulk_jobs,
        has_object_downloads: trail.object_downloads > 0,
        owners: &trail.owners,
        is_trail_capped: is_capped || trail.is_capped(),
        is_hit: !because.is_empty(),
    });
    let verdict = match (because.is_empty(), org.verdict) {
        (false, _) => Verdict::Hit,
        (true, Verdict::Clear) if !decides => Verdict::Clear,
        _ => Verdict::Inconclusive,
    };
    let frame = Frame {
        org: &org.org,
        range: trail_range(hunt),
    };
    let findings = context.findings.get(&org.org).copied().unwrap_or_default();
    let next = next::steps(&Situation {
        verdict,
        platform,
        because: &because,
        actors: &actors,
        objects: &objects,
        weak_hits: org.weak_hits,
        findings,
        elsewhere: &elsewhere(context, &org.org, &trail, &actors),
        missing_log: missing_log.as_deref(),
        coverage: &coverage,
        allow,
        made_at_us: context.made_at_us,
    });
    let unseen_count = unseen.len();
    unseen.truncate(MAX_UNSEEN_SHOWN);
    OrgSheet {
        org: org.org.clone(),
        verdict,
        because,
        hits: org.hits,
        weak_hits: org.weak_hits,
        outside_allow_list: outside,
        events: coverage.iter().map(|table| table.events).sum(),
        from: coverage.iter().filter_map(|table| table.from).min(),
        to: coverage.iter().filter_map(|table| table.to).max(),
        findings,
        actor_count: actors.len(),
        actors: actors
            .iter()
            .take(MAX_ACTORS_SHOWN)
            .map(|actor| actor_of(actor, trail.query_of_actor(&frame, actor, &actors)))
            .collect(),
        object_count: objects.len(),
        objects: objects
            .iter()
            .take(MAX_OBJECTS_SHOWN)
            .map(|object| touched(object, trail.query_of_object(&frame, object)))
            .collect(),
        weak: weak(hunt, &org.org),
        unseen,
        unseen_count,
        next,
    }
}

fn because(org: &OrgVerdict, outside: u64) -> Vec<Because> {
    let mut because = Vec::new();
    if org.hits > 0 {
        because.push(Because::Indicator);
    }
    if outside > 0 {
        because.push(Because::OutsideAllowList);
    }
    because
}

/// An org of another platform than Salesforce has to do with an application only if its logs name it.
fn is_app_asked(platform: platform::Platform, watched: Option<&AllowOrg>) -> bool {
    let is_used = watched.is_some_and(|org| org.inside + org.outside + org.undecided + org.internal > 0);
    platform == platform::Platform::Salesforce || is_used
}

/// Returns what rules found beside the trail.
fn elsewhere(context: &Context, org: &str, trail: &OrgTrail, actors: &[ActorTrail]) -> Elsewhere {
    let mut elsewhere = Elsewhere::default();
    let own = context.rule_findings.iter().filter(|finding| finding.org == org);
    for finding in own.filter(|finding| !trail.has_finding(actors, finding)) {
        if finding.is_grave {
            elsewhere.grave += 1;
            elsewhere.actors.extend(finding.actor.clone());
        } else {
            elsewhere.medium += 1;
        }
    }
    elsewhere
}

/// The events of a trail are those of the range.
fn trail_range(hunt: &HuntResult) -> Range {
    Range {
        from_us: hunt.from.map(|at| at.0),
        to_us: hunt.to.map(|at| at.0),
    }
}

fn actor_of(trail: &ActorTrail, query: String) -> Actor {
    let first = |values: &BTreeSet<String>, limit: usize| values.iter().take(limit).cloned().collect();
    Actor {
        sessions: first(&trail.sessions, MAX_SESSIONS_SHOWN),
        session_count: trail.sessions.len(),
        tokens: first(&trail.tokens, MAX_SESSIONS_SHOWN),
        token_count: trail.tokens.len(),
        addresses: first(&trail.addresses, MAX_ADDRESSES_SHOWN),
        address_count: trail.addresses.len(),
        user_agents: trail.user_agents.iter().take(MAX_AGENTS_SHOWN).cloned().collect(),
        events: trail.events,
        from: trail.from_us.map(At),
        to: trail.to_us.map(At),
        is_outside_allow_list: trail.is_outside,
        app: trail.app.clone(),
        user: trail.user.clone(),
        query,
    }
}

fn touched(object: &ObjectTrail, query: String) -> Touched {
    let (returned_rows, returned_table) = object.returned().map(|(rows, table)| (rows, table.to_owned())).unzip();
    Touched {
        object: object.name.clone(),
        accessed: object.accessed(),
        returned_rows,
        returned_table,
        taken_events: object.taken_events(),
        taken_rows: object.taken_rows(),
        taken_bytes: object.taken_bytes(),
        taken_by: object.taken_by(),
        query,
    }
}

/// Weak matches by indicator, most events first.
fn weak(hunt: &HuntResult, org: &str) -> Vec<WeakMatch> {
    let mut by_indicator: BTreeMap<(&str, Kind), (u64, BTreeSet<&str>)> = BTreeMap::new();
    for hit in hunt.hits.iter().filter(|hit| hit.how == How::Weak && hit.org == org) {
        let (events, columns) = by_indicator.entry((&hit.indicator, hit.kind)).or_default();
        *events += 1;
        columns.extend(&hit.columns);
    }
    let mut weak: Vec<WeakMatch> = by_indicator
        .into_iter()
        .map(|((indicator, kind), (events, columns))| WeakMatch {
            indicator: indicator.to_owned(),
            kind,
            events,
            columns: columns.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    weak.sort_by_key(|weak| Reverse(weak.events));
    weak.truncate(MAX_WEAK_SHOWN);
    weak
}
