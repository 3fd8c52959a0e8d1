//! Gathering the rows of one login, in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::str::FromStr;

use arrow::array::RecordBatch;
use sekisho_event::ids::UNKNOWN_ORG;
use sekisho_event::time::Micros;

use crate::error::SessionError;
use crate::kind::LoginAs;
use crate::rows::{Cells, clip, rows_with};
use crate::tree::{Login, Tree};

/// Most different addresses, user agents and users that are kept of one session; a person has a handful.
pub const MAX_DISTINCT: usize = 1_000;
/// Most sessions under one login; a real one has a handful.
pub const MAX_SESSIONS: usize = 10_000;
/// Most login-as events of one login that are kept.
const MAX_LOGIN_AS: usize = 10_000;

/// Tables with one row per login.
const LOGIN_TABLES: [&str; 4] = [
    "salesforce.LoginEvent",
    "salesforce.LoginEventStream",
    "salesforce_elf.Login",
    "salesforce_event_log.LoginEventLog",
];

/// Tables with one row per login as another user: the actor is the administrator, the target is who they became.
const LOGIN_AS_TABLES: [&str; 4] = [
    "salesforce.LoginAsEvent",
    "salesforce.LoginAsEventStream",
    "salesforce_elf.LoginAs",
    "salesforce_event_log.LoginAsEventLog",
];

/// The first pass: finds the login that a key belongs to.
#[derive(Debug, Clone)]
pub struct Finder {
    asked: String,
    is_login_key: bool,
    is_session_key: bool,
    login: Option<(Option<Micros>, String)>,
}

impl Finder {
    /// Starts looking for a key, which may be a `LoginKey` or a `SessionKey`.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self {
            asked: key.to_owned(),
            is_login_key: false,
            is_session_key: false,
            login: None,
        }
    }

    /// Looks through one common batch.
    ///
    /// # Errors
    /// The batch is not of the common table.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), SessionError> {
        if self.is_login_key || !rows_with(batch, "login_key", &self.asked)?.is_empty() {
            self.is_login_key = true;
            return Ok(());
        }
        let cells = Cells::new(batch);
        for row in rows_with(batch, "session_key", &self.asked)? {
            self.is_session_key = true;
            let Some(login) = cells.text("login_key", row) else {
                continue;
            };
            // A session has one login; where data contradict that, the earliest is taken so that order does not matter.
            let found = (cells.time(row), login.into_owned());
            let is_better = self
                .login
                .as_ref()
                .is_none_or(|known| sort_key(&found) < sort_key(known));
            if is_better {
                self.login = Some(found);
            }
        }
        Ok(())
    }

    /// Returns the second pass; `None` where the key is nowhere.
    #[must_use]
    pub fn finish(self) -> Option<Collector> {
        if self.is_login_key {
            return Some(Collector::of_login(&self.asked));
        }
        if !self.is_session_key {
            return None;
        }
        Some(match self.login {
            Some((_, login)) => Collector::of_login(&login),
            None => Collector::of_session(&self.asked),
        })
    }
}

fn sort_key(found: &(Option<Micros>, String)) -> (bool, Option<Micros>, &str) {
    (found.0.is_none(), found.0, &found.1)
}

/// The second pass: gathers the rows of a login.
#[derive(Debug)]
pub struct Collector {
    login_key: Option<String>,
    session_key: Option<String>,
    orgs: BTreeSet<String>,
    sessions: BTreeMap<String, Gathered>,
    logins: Option<(LoginRank, Login)>,
    login_rows: u64,
    login_as: Vec<LoginAs>,
    rows_without_session: u64,
    is_capped: bool,
}

/// Which of several login rows is the login: a success, then the earliest, then by table and row.
type LoginRank = (bool, bool, Option<Micros>, String, String);

/// What was gathered of one session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gathered {
    pub(crate) key: String,
    pub(crate) who: Who,
    pub(crate) addresses: BTreeSet<String>,
    pub(crate) agents: Agents,
    pub(crate) from_us: Option<Micros>,
    pub(crate) to_us: Option<Micros>,
    pub(crate) events: u64,
    pub(crate) tables: BTreeMap<String, u64>,
    pub(crate) has_frontdoor: bool,
    pub(crate) is_capped: bool,
}

impl Collector {
    /// Starts gathering a login by its `LoginKey`.
    #[must_use]
    pub fn of_login(login_key: &str) -> Self {
        Self::new(Some(login_key.to_owned()), None)
    }

    /// Starts gathering a session whose login the data do not name.
    #[must_use]
    pub fn of_session(session_key: &str) -> Self {
        Self::new(None, Some(session_key.to_owned()))
    }

    /// Gathers from one common batch.
    ///
    /// # Errors
    /// The batch is not of the common table.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), SessionError> {
        let rows = match (&self.login_key, &self.session_key) {
            (Some(login), _) => rows_with(batch, "login_key", login)?,
            (None, Some(session)) => rows_with(batch, "session_key", session)?,
            (None, None) => Vec::new(),
        };
        if rows.is_empty() {
            return Ok(());
        }
        let rows: arrow::array::UInt32Array = rows.into_iter().filter_map(|row| u32::try_from(row).ok()).collect();
        let part = arrow::compute::take_record_batch(batch, &rows).map_err(SessionError::Take)?;
        let cells = Cells::new(&part);
        for row in 0..part.num_rows() {
            self.add(&cells, row);
        }
        Ok(())
    }

    /// Returns the tree; `None` where no row of the key came.
    #[must_use]
    pub fn finish(self) -> Option<Tree> {
        if self.sessions.is_empty() && self.login_rows == 0 && self.rows_without_session == 0 {
            return None;
        }
        let mut sessions: Vec<Gathered> = self.sessions.into_values().collect();
        let place = |session: &Gathered| (session.from_us.is_none(), session.from_us);
        sessions.sort_by(|one, other| place(one).cmp(&place(other)).then_with(|| one.key.cmp(&other.key)));
        Some(Tree::of(
            self.login_key,
            self.orgs.into_iter().collect(),
            self.logins.map(|(_, login)| login),
            sessions,
            &self.login_as,
            self.rows_without_session,
            self.is_capped,
        ))
    }

    fn new(login_key: Option<String>, session_key: Option<String>) -> Self {
        Self {
            login_key,
            session_key,
            orgs: BTreeSet::new(),
            sessions: BTreeMap::new(),
            logins: None,
            login_rows: 0,
            login_as: Vec::new(),
            rows_without_session: 0,
            is_capped: false,
        }
    }

    fn add(&mut self, cells: &Cells<'_>, row: usize) {
        let table = cells.owned("table", row).unwrap_or_default();
        let org = cells.owned("org", row).unwrap_or_else(|| UNKNOWN_ORG.to_owned());
        insert(&mut self.orgs, org, &mut self.is_capped);
        let is_login_as = LOGIN_AS_TABLES.contains(&table.as_str());
        if LOGIN_TABLES.contains(&table.as_str()) {
            self.add_login(cells, row, &table);
        }
        if is_login_as {
            self.add_login_as(cells, row);
        }
        // Keys are taken whole: a cut key is another key.
        let Some(key) = cells.text("session_key", row) else {
            self.rows_without_session += u64::from(!LOGIN_TABLES.contains(&table.as_str()));
            return;
        };
        let has_room = self.sessions.len() < MAX_SESSIONS;
        if !has_room && !self.sessions.contains_key(key.as_ref()) {
            self.is_capped = true;
            return;
        }
        let session = self
            .sessions
            .entry(key.clone().into_owned())
            .or_insert_with(|| Gathered {
                key: key.into_owned(),
                ..Gathered::default()
            });
        session.add(cells, row, table, is_login_as);
    }

    fn add_login(&mut self, cells: &Cells<'_>, row: usize, table: &str) {
        self.login_rows += 1;
        let login = Login::of(cells, row, table);
        let is_failure = login.outcome.as_deref() == Some("failure");
        let at_us = cells.time(row);
        let uid = login.event_uid.clone().unwrap_or_default();
        let rank = (is_failure, at_us.is_none(), at_us, table.to_owned(), uid);
        if self.logins.as_ref().is_none_or(|(known, _)| rank < *known) {
            self.logins = Some((rank, login));
        }
    }

    fn add_login_as(&mut self, cells: &Cells<'_>, row: usize) {
        if self.login_as.len() >= MAX_LOGIN_AS {
            self.is_capped = true;
            return;
        }
        self.login_as.push(LoginAs {
            session_key: cells.text("session_key", row).map(std::borrow::Cow::into_owned),
            target: cells.owned("target", row),
        });
    }
}

impl Gathered {
    fn add(&mut self, cells: &Cells<'_>, row: usize, table: String, is_login_as: bool) {
        self.events += 1;
        if let Some(at_us) = cells.time(row) {
            self.from_us = Some(self.from_us.map_or(at_us, |from| from.min(at_us)));
            self.to_us = Some(self.to_us.map_or(at_us, |to| to.max(at_us)));
        }
        // The actor of a login-as event is the administrator, whose session it need not be.
        if !is_login_as {
            self.who.add(
                cells.owned("actor", row),
                cells.owned("actor_id", row),
                &mut self.is_capped,
            );
        }
        if let Some(address) = cells.text("src_ip", row) {
            insert(&mut self.addresses, one_spelling(clip(&address)), &mut self.is_capped);
        }
        if let Some(agent) = cells.owned("user_agent", row) {
            self.agents.add(&table, agent, &mut self.is_capped);
        }
        self.has_frontdoor |= ["query", "action", "target", "app"]
            .into_iter()
            .filter_map(|name| cells.text(name, row))
            .any(|text| mentions_frontdoor(&text));
        *self.tables.entry(table).or_default() += 1;
    }
}

/// Who acts in a session, by name and by id; tables spell users differently.
#[derive(Debug, Clone, Default)]
pub(crate) struct Who {
    names: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Who {
    pub(crate) fn add(&mut self, name: Option<String>, id: Option<String>, is_capped: &mut bool) {
        if let Some(id) = id {
            insert(&mut self.ids, id_of(&id).unwrap_or(&id).to_owned(), is_capped);
        }
        if let Some(name) = name {
            match id_of(&name) {
                Some(id) => insert(&mut self.ids, id.to_owned(), is_capped),
                None => insert(&mut self.names, name, is_capped),
            }
        }
    }

    /// Returns true where both are known and are not the same; what cannot be compared does not differ.
    pub(crate) fn differs_from(&self, other: &Self) -> bool {
        if !self.ids.is_empty() && !other.ids.is_empty() {
            return self.ids.is_disjoint(&other.ids);
        }
        let is_same = |one: &String| other.names.iter().any(|name| name.eq_ignore_ascii_case(one));
        !self.names.is_empty() && !other.names.is_empty() && !self.names.iter().any(is_same)
    }

    pub(crate) fn is(&self, user: &str) -> bool {
        id_of(user).is_some_and(|id| self.ids.contains(id))
            || self.names.iter().any(|name| name.eq_ignore_ascii_case(user))
    }

    pub(crate) fn is_several(&self) -> bool {
        self.ids.len() > 1 || (self.ids.is_empty() && self.names.len() > 1)
    }

    /// Returns the user for people: a name before an id.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.names.first().or_else(|| self.ids.first()).map(String::as_str)
    }
}

/// User agents by table: one table has a browser's name where another has the whole user agent, so only agents of one
/// table can be told apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agents {
    by_table: BTreeMap<String, BTreeSet<String>>,
}

impl Agents {
    fn add(&mut self, table: &str, agent: String, is_capped: &mut bool) {
        insert(self.by_table.entry(table.to_owned()).or_default(), agent, is_capped);
    }

    /// Returns true where tables that know both have no agent in common.
    pub(crate) fn are_apart_from(&self, other: &Self) -> bool {
        let mut shared = self
            .by_table
            .iter()
            .filter_map(|(table, agents)| Some((agents, other.by_table.get(table)?)))
            .peekable();
        shared.peek().is_some() && shared.all(|(one, other)| one.is_disjoint(other))
    }

    pub(crate) fn are_several(&self) -> bool {
        self.by_table.values().any(|agents| agents.len() > 1)
    }

    pub(crate) fn all(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.by_table.values().flatten().collect();
        all.into_iter().cloned().collect()
    }
}

fn insert(set: &mut BTreeSet<String>, value: String, is_capped: &mut bool) {
    if set.contains(&value) {
        return;
    }
    if set.len() < MAX_DISTINCT {
        set.insert(value);
    } else {
        *is_capped = true;
    }
}

/// `::ffff:a.b.c.d` is `a.b.c.d`; words stay as they are.
pub(crate) fn one_spelling(address: &str) -> String {
    IpAddr::from_str(address.trim()).map_or_else(|_| address.to_owned(), |address| address.to_canonical().to_string())
}

fn mentions_frontdoor(text: &str) -> bool {
    let part = b"frontdoor";
    text.as_bytes()
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

/// Returns the 15 characters that carry a Salesforce user id; `None` for other text.
pub(crate) fn id_of(text: &str) -> Option<&str> {
    let is_id = matches!(text.len(), 15 | 18)
        && text.starts_with("005")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_id.then(|| &text[..15])
}
