//! The part of one org.

use sekisho_hunt::Verdict;
use unicode_width::UnicodeWidthStr;

use super::labels::{self, Labels};
use super::page::{Page, clip, safe};
use super::{Detail, object};
use crate::sheet::{Actor, Because, NextStep, OrgSheet, StepCode, Unseen, UnseenKind};
use crate::words::{grouped, named};

/// Keys and addresses of an actor on the page; the console has the others.
const SHOWN_OF_ACTOR: usize = 2;
/// Most columns of a user agent.
const AGENT_WIDTH: usize = 40;

/// Returns the part of an org.
pub(super) fn part(org: &OrgSheet, labels: &Labels, detail: Detail, width: usize) -> Page {
    let mut page = Page::new(width);
    add(org, labels, detail, &mut page);
    page
}

fn add(org: &OrgSheet, labels: &Labels, detail: Detail, page: &mut Page) {
    let heading = format!(
        "{} {}: {}",
        labels::sign(org.verdict),
        named(&org.org),
        labels::verdict(org.verdict)
    );
    let facts: Vec<String> = std::iter::once(heading).chain(because(org, labels)).collect();
    let facts = facts.join("; ");
    let searched = match org.events {
        0 => labels.nothing_searched(),
        events => labels.event_count(&grouped(events)),
    };
    match findings(org, labels) {
        None => page.line_between(&facts, &searched),
        Some(findings) => {
            let all = format!("{facts}; {findings}");
            if page.has_room_between(&all, &searched) {
                page.line_between(&all, &searched);
            } else {
                page.line_between(&facts, &searched);
                page.paragraph("    ", &findings);
            }
        }
    }
    actors(org, labels, detail, page);
    if org.verdict == Verdict::Hit {
        objects(org, labels, detail, page);
    }
    weak(org, labels, detail, page);
    unseen(org, labels, detail, page);
    for (index, step) in steps(org, detail).into_iter().enumerate() {
        let label = format!(
            "{}{}. ",
            lead(if index == 0 { labels.next } else { "" }, labels),
            index + 1
        );
        page.paragraph(&label, step.text.get(labels.lang));
    }
    page.rule('-');
}

/// Returns the first steps; what rules found beside the trail is among them, since nothing else on the page says so.
fn steps(org: &OrgSheet, detail: Detail) -> Vec<&NextStep> {
    let mut steps: Vec<&NextStep> = org.next.iter().take(detail.steps).collect();
    let is_review = |step: &&NextStep| step.code == StepCode::ReviewFindings;
    let left_out = org.next.iter().skip(detail.steps).find(is_review);
    if let Some(review) = left_out.filter(|_| org.verdict == Verdict::Hit && detail.steps > 1) {
        steps.pop();
        steps.push(review);
    }
    steps
}

/// Returns a label in its column.
fn lead(label: &str, labels: &Labels) -> String {
    let width = [labels.who, labels.what, labels.unseen, labels.next, labels.weak]
        .into_iter()
        .map(UnicodeWidthStr::width)
        .max()
        .unwrap_or(0);
    format!("    {label}{}", " ".repeat(width.saturating_sub(label.width()) + 2))
}

/// Why the org is a hit.
fn because(org: &OrgSheet, labels: &Labels) -> Vec<String> {
    org.because
        .iter()
        .map(|because| {
            let count = match because {
                Because::Indicator => org.hits,
                Because::OutsideAllowList => org.outside_allow_list,
            };
            labels.because(*because, &grouped(count))
        })
        .collect()
}

fn findings(org: &OrgSheet, labels: &Labels) -> Option<String> {
    let (critical, high) = (org.findings.critical, org.findings.high);
    (critical + high > 0).then(|| labels.findings(critical, high))
}

fn actors(org: &OrgSheet, labels: &Labels, detail: Detail, page: &mut Page) {
    let shown = org.actors.len().min(detail.actors);
    for (index, actor) in org.actors.iter().take(shown).enumerate() {
        let label = lead(if index == 0 { labels.who } else { "" }, labels);
        page.paragraph(&label, &actor_line(actor, labels));
        let is_last = index + 1 == shown;
        let more = org.actor_count.saturating_sub(shown);
        let traces = labels.with_more_actors(&traces(actor, labels), if is_last { more } else { 0 });
        page.paragraph(&lead("", labels), &traces);
    }
}

fn actor_line(actor: &Actor, labels: &Labels) -> String {
    let app = actor
        .app
        .as_deref()
        .map_or_else(|| labels.unknown_app.to_owned(), named);
    let user = actor
        .user
        .as_deref()
        .map_or_else(|| labels.unknown_user.to_owned(), named);
    let when = labels::span(actor.from.map(|at| at.0), actor.to.map(|at| at.0));
    let events = labels.event_count(&grouped(actor.events));
    format!("{app} / {user}: {events}{}{when}", labels.separator)
}

fn traces(actor: &Actor, labels: &Labels) -> String {
    let mut traces = Vec::new();
    if actor.session_count > 0 {
        let keys = some(&actor.sessions, actor.session_count, labels);
        traces.push(labels.sessions(actor.session_count, &keys));
    }
    if actor.token_count > 0 {
        let ids = some(&actor.tokens, actor.token_count, labels);
        traces.push(labels.tokens(actor.token_count, &ids));
    }
    if actor.address_count > 0 {
        let addresses = some(&actor.addresses, actor.address_count, labels);
        traces.push(labels.places(&addresses, actor.is_outside_allow_list));
    }
    traces.extend(actor.user_agents.first().map(|agent| clip(&safe(agent), AGENT_WIDTH)));
    traces.join("; ")
}

/// Returns the first of several values, and how many more there are.
fn some(values: &[String], count: usize, labels: &Labels) -> String {
    let shown: Vec<String> = values.iter().take(SHOWN_OF_ACTOR).map(|value| named(value)).collect();
    match count.saturating_sub(shown.len()) {
        0 => shown.join(labels.separator),
        more => format!("{} {}", shown.join(labels.separator), labels.more(more)),
    }
}

fn objects(org: &OrgSheet, labels: &Labels, detail: Detail, page: &mut Page) {
    let label = lead(labels.what, labels);
    if org.objects.is_empty() {
        page.paragraph(&label, labels.no_objects);
        return;
    }
    let shown = org.objects.len().min(detail.objects);
    object::add(&org.objects[..shown], org.object_count, &label, labels, page);
}

fn weak(org: &OrgSheet, labels: &Labels, detail: Detail, page: &mut Page) {
    for (index, weak) in org.weak.iter().take(detail.weak).enumerate() {
        let label = lead(if index == 0 { labels.weak } else { "" }, labels);
        let columns = weak.columns.join(labels.separator);
        let events = labels.event_count(&grouped(weak.events));
        page.paragraph(&label, &labels.weak_match(&named(&weak.indicator), &columns, &events));
    }
}

fn unseen(org: &OrgSheet, labels: &Labels, detail: Detail, page: &mut Page) {
    // A clear org is clear whatever a log does not hold by design; one line of it is enough.
    let most = if org.verdict == Verdict::Clear {
        1
    } else {
        detail.unseen
    };
    // What a platform never logs, and nothing settles, is left to the console where room is short.
    let is_minor = |unseen: &&Unseen| unseen.kind == UnseenKind::Blind && unseen.settle.is_none();
    let shown: Vec<&Unseen> = org
        .unseen
        .iter()
        .filter(|unseen| detail.settles || !is_minor(unseen))
        .take(most)
        .collect();
    for (index, unseen) in shown.iter().enumerate() {
        let label = lead(if index == 0 { labels.unseen } else { "" }, labels);
        let is_last = index + 1 == shown.len();
        let more = org.unseen_count.saturating_sub(shown.len());
        let line = labels.with_more(&unseen_line(unseen, labels, detail), if is_last { more } else { 0 });
        page.paragraph(&label, &line);
    }
}

fn unseen_line(unseen: &Unseen, labels: &Labels, detail: Detail) -> String {
    let when = match (unseen.from, unseen.to) {
        (None, None) => String::new(),
        (from, to) => format!("{}: ", labels::span(from.map(|at| at.0), to.map(|at| at.0))),
    };
    let settle = unseen
        .settle
        .as_ref()
        .filter(|_| detail.settles)
        .map(|settle| format!(" -> {}: {}", labels.settled_by, settle.log))
        .unwrap_or_default();
    format!("{when}{}{settle}", unseen.text.get(labels.lang))
}
