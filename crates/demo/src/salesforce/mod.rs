//! A Salesforce org's logs: what users and apps do, in every log that records it.

mod api;
mod history;
mod life;
mod login;
mod services;
mod tables;
mod ui;

use crate::chronicle::Chronicle;
use crate::clock::{Ms, compact, iso};
use crate::random::Random;
use crate::rows::{Cell, Rows, Table};
use crate::world::{App, CREATION_DELAY, Device, Org, User};

pub(crate) use api::{ApiCall, BulkQuery, Operation};
pub(crate) use history::Setup;
pub(crate) use life::local_day;
pub(crate) use login::{Login, LoginKind};
pub(crate) use services::service_day;
pub(crate) use ui::{Page, Report};

/// A login with one of its sessions.
#[derive(Debug, Clone)]
pub(crate) struct Session<'w> {
    pub(crate) user: &'w User,
    pub(crate) device: &'static Device,
    pub(crate) app: Option<&'static App>,
    /// What the client calls itself.
    pub(crate) user_agent: &'static str,
    pub(crate) ip: String,
    pub(crate) login_key: String,
    pub(crate) session_key: String,
    pub(crate) level: &'static str,
}

impl Session<'_> {
    /// Returns the same session seen from another address.
    pub(crate) fn at_address(&self, ip: &str) -> Self {
        Self {
            ip: ip.to_owned(),
            ..self.clone()
        }
    }
}

/// Writes the rows of one org.
#[derive(Debug)]
pub(crate) struct Scribe<'w> {
    pub(crate) org: &'w Org,
    pub(crate) random: Random,
    pub(crate) rows: Rows,
    pub(crate) chronicle: &'w mut Chronicle,
    /// The act that is being played; nothing in normal life.
    pub(crate) act: Option<usize>,
    /// Volume of normal life in percent.
    pub(crate) scale: i64,
}

/// Which of the common columns an EventLogFile type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Session and login key, address, both forms of the user's id.
    Session,
    /// Address, and no keys.
    Usage,
    /// Neither.
    Bare,
}

impl<'w> Scribe<'w> {
    /// Returns a new session of a person's browser.
    pub(crate) fn browser(&mut self, user: &'w User, device: &'static Device, ip: &str) -> Session<'w> {
        Session {
            user,
            device,
            app: None,
            user_agent: device.user_agent,
            ip: ip.to_owned(),
            login_key: self.random.key(),
            session_key: self.random.key(),
            level: "STANDARD",
        }
    }

    /// Returns a new session of an app.
    pub(crate) fn app(&mut self, user: &'w User, app: &'static App, ip: &str) -> Session<'w> {
        Session {
            app: Some(app),
            user_agent: app.user_agent,
            ..self.browser(user, user.device, ip)
        }
    }

    /// Returns a count of normal life, given for the demo in hundredths.
    pub(crate) fn scaled(&mut self, mean_percent: i64) -> i64 {
        self.random.about(mean_percent * self.scale / 100)
    }

    fn elf(
        &mut self,
        table: &'static Table,
        at: Ms,
        shape: Shape,
        session: &Session<'_>,
        own: &[(&'static str, Cell<'_>)],
    ) {
        let (stamp, derived, request) = (compact(at), iso(at), self.random.request_id());
        let mut cells = Vec::with_capacity(own.len() + 10);
        cells.extend([
            ("EVENT_TYPE", Cell::Text(table.name)),
            ("TIMESTAMP", Cell::Text(&stamp)),
            ("REQUEST_ID", Cell::Text(&request)),
            ("ORGANIZATION_ID", Cell::Text(self.org.id15)),
            ("USER_ID", Cell::Text(&session.user.id15)),
        ]);
        cells.extend_from_slice(own);
        if shape == Shape::Session {
            cells.push(("SESSION_KEY", Cell::Text(&session.session_key)));
            cells.push(("LOGIN_KEY", Cell::Text(&session.login_key)));
        }
        cells.push(("TIMESTAMP_DERIVED", Cell::Text(&derived)));
        if shape != Shape::Usage {
            cells.push(("USER_ID_DERIVED", Cell::Text(&session.user.id18)));
        }
        if shape != Shape::Bare {
            cells.push(("CLIENT_IP", Cell::Text(&session.ip)));
        }
        self.note(session);
        self.rows.add(table, at, self.act, &cells);
    }

    /// Adds a real-time event and returns its identifier; orgs without Shield have none.
    fn rtem(
        &mut self,
        table: &'static Table,
        at: Ms,
        session: &Session<'_>,
        own: &[(&'static str, Cell<'_>)],
    ) -> String {
        let identifier = self.random.uuid();
        if !self.org.has_shield {
            return identifier;
        }
        let (happened, created) = (iso(at), iso(at + CREATION_DELAY));
        let mut cells = Vec::with_capacity(own.len() + 10);
        cells.extend([
            ("EventIdentifier", Cell::Text(&identifier)),
            ("EventDate", Cell::Text(&happened)),
            ("CreatedDate", Cell::Text(&created)),
            ("UserId", Cell::Text(&session.user.id18)),
            ("Username", Cell::Text(&session.user.username)),
            ("SourceIp", Cell::Text(&session.ip)),
            ("LoginKey", Cell::Text(&session.login_key)),
        ]);
        if table.name != "LoginEvent" {
            cells.push(("SessionKey", Cell::Text(&session.session_key)));
            cells.push(("SessionLevel", Cell::Text(session.level)));
        }
        cells.extend_from_slice(own);
        self.note(session);
        self.rows.add(table, at, self.act, &cells);
        identifier
    }

    fn note(&mut self, session: &Session<'_>) {
        if let Some(act) = self.act {
            let key = Some(session.session_key.as_str()).filter(|key| !key.is_empty());
            self.chronicle.note_origin(act, key, Some(&session.ip));
        }
    }
}
