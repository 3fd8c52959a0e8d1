//! The tree as the command-line contract prints it.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use sekisho_event::time::{Micros, to_rfc3339};
use serde::Serialize;
use utoipa::ToSchema;

use crate::collect::{Finder, Gathered, Who, one_spelling};
use crate::error::SessionError;
use crate::kind::{Flag, LoginAs, Reason, SessionKind, judge, root_of};
use crate::rows::Cells;

/// A login with its sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SessionTree)]
pub struct Tree {
    /// The login's key; `None` where the asked session names no login.
    #[schema(required)]
    pub login_key: Option<String>,
    /// The orgs that have the key; more than one means that keys were copied or invented.
    pub orgs: Vec<String>,
    /// Who logged in.
    #[schema(required)]
    pub user: Option<String>,
    /// The login row; `None` where none is in the data.
    #[schema(required)]
    pub login: Option<Login>,
    /// The sessions, by their start.
    pub sessions: Vec<Session>,
    /// Rows of the login that name no session.
    pub events_without_session: u64,
    /// True where a limit was reached: sessions or their values are missing.
    pub is_capped: bool,
}

/// The row of the login itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SessionLogin)]
pub struct Login {
    /// When.
    #[schema(required)]
    pub time: Option<String>,
    /// The table that holds it.
    pub table: String,
    /// The row.
    #[schema(required)]
    pub event_uid: Option<String>,
    /// Who.
    #[schema(required)]
    pub user: Option<String>,
    /// The id of who.
    #[schema(required)]
    pub user_id: Option<String>,
    /// From where.
    #[schema(required)]
    pub src_ip: Option<String>,
    /// The country as the platform logged it.
    #[schema(required)]
    pub country: Option<String>,
    /// With what.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Through which application.
    #[schema(required)]
    pub app: Option<String>,
    /// The kind of login, in the platform's word.
    #[schema(required)]
    pub action: Option<String>,
    /// `success` or `failure`, where the log says.
    #[schema(required)]
    pub outcome: Option<String>,
    /// The assurance level of the session.
    #[schema(required)]
    pub session_level: Option<String>,
    /// The session that the row names; as a rule it names none.
    #[schema(required)]
    pub session_key: Option<String>,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Session {
    /// Its key.
    pub session_key: String,
    /// How it came to be.
    pub kind: SessionKind,
    /// The evidence for the kind.
    pub reasons: Vec<Reason>,
    /// What is odd about it.
    pub flags: Vec<Flag>,
    /// Whose it is.
    #[schema(required)]
    pub user: Option<String>,
    /// Its addresses.
    pub src_ips: Vec<String>,
    /// Its user agents.
    pub user_agents: Vec<String>,
    /// Its first event.
    #[schema(required)]
    pub from: Option<String>,
    /// Its last event.
    #[schema(required)]
    pub to: Option<String>,
    /// How many events it has.
    pub events: u64,
    /// Events by table.
    pub tables: BTreeMap<String, u64>,
    /// True where addresses, user agents or users are missing because there are too many.
    pub is_capped: bool,
}

/// Returns the tree of a `LoginKey`, or of the login that a `SessionKey` belongs to; `None` where the key is nowhere.
///
/// `open` starts the common batches anew; it is called twice, because rows before the first one of a session may
/// belong to its login.
///
/// # Errors
/// A batch cannot be had, or is not of the common table.
pub fn tree<E, I>(key: &str, mut open: impl FnMut() -> Result<I, E>) -> Result<Option<Tree>, E>
where
    E: From<SessionError>,
    I: IntoIterator<Item = Result<RecordBatch, E>>,
{
    let mut finder = Finder::new(key);
    for batch in open()? {
        finder.push(&batch?)?;
    }
    let Some(mut collector) = finder.finish() else {
        return Ok(None);
    };
    for batch in open()? {
        collector.push(&batch?)?;
    }
    Ok(collector.finish())
}

impl Tree {
    pub(crate) fn of(
        login_key: Option<String>,
        orgs: Vec<String>,
        login: Option<Login>,
        gathered: Vec<Gathered>,
        login_as: &[LoginAs],
        events_without_session: u64,
        is_capped: bool,
    ) -> Self {
        let judgements = judge(login.as_ref(), &gathered, login_as);
        let root = root_of(login.as_ref(), &gathered);
        let user_of_root = || root.and_then(|root| gathered[root].who.shown().map(str::to_owned));
        let user = login
            .as_ref()
            .and_then(|login| login.user.clone())
            .or_else(user_of_root);
        let is_capped = is_capped || gathered.iter().any(|session| session.is_capped);
        let sessions = gathered
            .into_iter()
            .zip(judgements)
            .map(|(session, judgement)| {
                let became = || became(&session.key, login_as);
                Session {
                    user: session.who.shown().map(str::to_owned).or_else(became),
                    kind: judgement.kind,
                    reasons: judgement.reasons,
                    flags: judgement.flags,
                    src_ips: session.addresses.into_iter().collect(),
                    user_agents: session.agents.all(),
                    from: session.from_us.map(to_rfc3339),
                    to: session.to_us.map(to_rfc3339),
                    events: session.events,
                    tables: session.tables,
                    is_capped: session.is_capped,
                    session_key: session.key,
                }
            })
            .collect();
        Self {
            login_key,
            orgs,
            user,
            login,
            sessions,
            events_without_session,
            is_capped,
        }
    }
}

impl Login {
    pub(crate) fn of(cells: &Cells<'_>, row: usize, table: &str) -> Self {
        let text = |name| cells.owned(name, row);
        let time: Option<Micros> = cells.time(row);
        Self {
            time: time.map(to_rfc3339),
            table: table.to_owned(),
            event_uid: text("event_uid"),
            user: text("actor"),
            user_id: text("actor_id"),
            src_ip: text("src_ip").map(|address| one_spelling(&address)),
            country: text("country"),
            user_agent: text("user_agent"),
            app: text("app"),
            action: text("action"),
            outcome: text("outcome"),
            session_level: text("session_level"),
            session_key: cells.text("session_key", row).map(std::borrow::Cow::into_owned),
        }
    }

    pub(crate) fn who(&self) -> Who {
        let mut who = Who::default();
        who.add(self.user.clone(), self.user_id.clone(), &mut false);
        who
    }
}

/// Returns who a session's user became, where only the login-as event itself is in the data.
fn became(key: &str, login_as: &[LoginAs]) -> Option<String> {
    login_as
        .iter()
        .find(|event| event.session_key.as_deref() == Some(key))
        .and_then(|event| event.target.clone())
}
