//! `sessions`: the sessions of the store, those with the gravest findings first.

use std::path::Path;

use arrow::array::RecordBatch;
use sekisho_event::cells;
use sekisho_event::common::EVENTS;
use sekisho_event::time::to_rfc3339;
use sekisho_search::{literal, parse, to_sql};
use sekisho_sigma::Level;
use sekisho_store::SqlLimits;
use serde::Serialize;

use crate::Error;
use crate::board::Board;
use crate::caller::{Caller, OrgScope, Permission};
use crate::examine::{BySession, Examination};
use crate::page::{Page, PageRequest, cursor_at};
use crate::source::open_store;

/// Sessions of one level that their findings put first: more than a person looks through, and a statement that stays short.
const MAX_FIRST: usize = 300;
/// The levels whose sessions come first; below them findings are daily life.
const FIRST_LEVELS: [Level; 3] = [Level::Critical, Level::High, Level::Medium];

/// Which sessions are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionsRequest {
    /// A search that one of the session's events must fit; empty asks for all.
    pub q: String,
    /// Orgs; none asks for all.
    pub orgs: Vec<String>,
    /// The page.
    pub page: PageRequest,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SessionRow {
    /// Its key.
    pub session_key: String,
    /// The key of its login.
    #[schema(required)]
    pub login_key: Option<String>,
    /// The org.
    pub org: String,
    /// A user of it.
    #[schema(required)]
    pub user: Option<String>,
    /// An application of it.
    #[schema(required)]
    pub app: Option<String>,
    /// An address of it.
    #[schema(required)]
    pub src_ip: Option<String>,
    /// How many addresses it has.
    pub addresses: u64,
    /// How many events.
    pub events: u64,
    /// The first, RFC 3339.
    #[schema(required)]
    pub from: Option<String>,
    /// The last, RFC 3339.
    #[schema(required)]
    pub to: Option<String>,
    /// How many groups of findings it is in.
    pub findings: u64,
}

/// Returns a page of sessions: those with the gravest findings first, then the newest.
///
/// # Errors
/// The search or the page is not understood, or the store cannot be read.
pub fn sessions(
    caller: &Caller,
    board: &Board,
    data_dir: &Path,
    request: &SessionsRequest,
) -> Result<Page<SessionRow>, Error> {
    caller.may(Permission::Read)?;
    let answer = board.answer(caller)?;
    let findings = &answer.examination.findings_by_session;
    let (start, limit) = (request.page.start()?, request.page.limit()?);
    let statement = statement(caller, request, findings, start, limit)?;
    let mut rows = Vec::new();
    for batch in open_store(data_dir)?.sql(&statement, SqlLimits::default())? {
        let batch = batch?;
        rows.extend((0..batch.num_rows()).map(|row| session_row(&batch, row, &answer.examination)));
    }
    let next_cursor = (rows.len() > limit).then(|| cursor_at(start + limit));
    rows.truncate(limit);
    Ok(Page {
        items: rows,
        next_cursor,
        updated_at: to_rfc3339(answer.made_at_us),
    })
}

/// The sessions are grouped by key and org: keys are random, yet copied logs may carry them into another org. Addresses are
/// counted by a second grouping, since distinct counts of text take memory for every group at once.
fn statement(
    caller: &Caller,
    request: &SessionsRequest,
    findings: &BySession,
    start: usize,
    limit: usize,
) -> Result<String, Error> {
    let mut conditions = vec!["session_key IS NOT NULL".to_owned()];
    if let OrgScope::Only(orgs) = &caller.orgs {
        conditions.push(is_one_of("org", orgs.iter().map(|org| org.as_str())));
    }
    if !request.orgs.is_empty() {
        conditions.push(is_one_of("org", request.orgs.iter().map(String::as_str)));
    }
    if !request.q.trim().is_empty() {
        let (seen, fits) = (conditions.join(" AND "), to_sql(&parse(&request.q)?));
        conditions.push(format!(
            "session_key IN (SELECT session_key FROM {EVENTS} WHERE {seen} AND {fits})"
        ));
    }
    let order: String = (0..)
        .zip(FIRST_LEVELS)
        .map(|(place, level)| first(findings, level, place))
        .collect();
    Ok(format!(
        "SELECT org, session_key, max(login_key) AS login_key, max(actor) AS actor, max(app) AS app, \
         max(src_ip) AS src_ip, count(src_ip) AS addresses, sum(events) AS events, min(from_time) AS from_time, \
         max(to_time) AS to_time FROM (SELECT org, session_key, src_ip, max(login_key) AS login_key, \
         max(actor) AS actor, max(app) AS app, count(*) AS events, min(time) AS from_time, max(time) AS to_time \
         FROM {EVENTS} WHERE {} GROUP BY org, session_key, src_ip) GROUP BY org, session_key \
         ORDER BY CASE {order}ELSE {} END, to_time DESC, session_key LIMIT {} OFFSET {start}",
        conditions.join(" AND "),
        FIRST_LEVELS.len(),
        limit + 1,
    ))
}

/// Returns the branch that puts the sessions of a level at this place.
fn first(findings: &BySession, level: Level, place: usize) -> String {
    let of_level = findings.iter().filter(|(_, found)| found.level == level);
    let mut keys: Vec<&str> = of_level.map(|((_, session), _)| session.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(MAX_FIRST);
    format!("WHEN {} THEN {place} ", is_one_of("session_key", keys.into_iter()))
}

fn is_one_of<'v>(column: &str, values: impl Iterator<Item = &'v str>) -> String {
    let values: Vec<String> = values.map(literal).collect();
    if values.is_empty() {
        return "false".to_owned();
    }
    format!("{column} IN ({})", values.join(", "))
}

fn session_row(batch: &RecordBatch, row: usize, known: &Examination) -> SessionRow {
    let text = |name: &str| {
        let column = batch.column_by_name(name)?;
        cells::text(column, row).map(|text| text.into_owned())
    };
    let count = |name: &str| text(name).and_then(|count| count.parse().ok()).unwrap_or_default();
    let (org, session_key) = (text("org").unwrap_or_default(), text("session_key").unwrap_or_default());
    let key = (org, session_key);
    let findings = known.findings_by_session.get(&key).map_or(0, |found| found.findings);
    let (org, session_key) = key;
    SessionRow {
        login_key: text("login_key"),
        user: text("actor").map(|user| known.names.of(&org, user)),
        app: text("app"),
        src_ip: text("src_ip"),
        addresses: count("addresses"),
        events: count("events"),
        from: text("from_time"),
        to: text("to_time"),
        findings,
        session_key,
        org,
    }
}
