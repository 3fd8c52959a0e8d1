//! Logins, logouts, and logins as another user.

use super::tables::{LOGIN, LOGIN_AS, LOGIN_AS_EVENT, LOGIN_EVENT, LOGIN_HISTORY, LOGOUT};
use super::{Scribe, Session, Shape};
use crate::clock::{Ms, plain};
use crate::rows::Cell;
use crate::rows::Cell::{Empty, Int, Text};
use crate::world::User;

/// How somebody logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginKind {
    /// With user name and password in a browser.
    Browser,
    /// An app with a refresh token; login history has no row of it.
    RefreshToken,
    /// An app's first login.
    App,
}

/// A login, or an attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login<'a> {
    pub(crate) kind: LoginKind,
    pub(crate) is_wrong_password: bool,
    /// What a proxy, or anybody, wrote into the request's header.
    pub(crate) forwarded_for: Option<&'a str>,
    pub(crate) country: &'a str,
}

impl<'a> Login<'a> {
    pub(crate) fn of(kind: LoginKind, country: &'a str) -> Self {
        Self {
            kind,
            is_wrong_password: false,
            forwarded_for: None,
            country,
        }
    }
}

impl Scribe<'_> {
    pub(crate) fn login(&mut self, at: Ms, session: &Session<'_>, login: Login<'_>) {
        self.login_row(at, session, login);
        self.login_event(at, session, login);
        if login.kind != LoginKind::RefreshToken {
            self.login_history(at, session, login);
        }
    }

    pub(crate) fn logout(&mut self, at: Ms, session: &Session<'_>) {
        self.elf(
            &LOGOUT,
            at,
            Shape::Session,
            session,
            &[
                ("API_TYPE", Text("f")),
                ("API_VERSION", Text("9998.0")),
                ("APP_TYPE", Int(1_000)),
                ("BROWSER_TYPE", Text(session.user_agent)),
                ("SESSION_LEVEL", Int(1)),
                ("SESSION_TYPE", Text("A")),
                ("USER_INITIATED_LOGOUT", Int(1)),
                ("USER_TYPE", Text("S")),
            ],
        );
    }

    /// An administrator goes on as another user; returns the session that begins: of the same login.
    pub(crate) fn login_as<'u>(&mut self, at: Ms, admin: &Session<'_>, user: &'u User) -> Session<'u> {
        let session = Session {
            user,
            device: admin.device,
            app: None,
            user_agent: admin.user_agent,
            ip: admin.ip.clone(),
            login_key: admin.login_key.clone(),
            session_key: self.random.key(),
            level: admin.level,
        };
        let run_ms = self.random.between(80, 400);
        self.elf(
            &LOGIN_AS,
            at,
            Shape::Session,
            &session,
            &[
                ("DELEGATED_USER_ID", Text(&admin.user.id15)),
                ("DELEGATED_USER_ID_DERIVED", Text(&admin.user.id18)),
                ("DELEGATED_USER_NAME", Text(&admin.user.username)),
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 3)),
                ("URI", Text("/servlet/servlet.su")),
            ],
        );
        self.rtem(
            &LOGIN_AS_EVENT,
            at,
            &session,
            &[
                ("DelegatedUsername", Text(&admin.user.username)),
                ("DelegatedOrganizationId", Text(self.org.id15)),
                ("LoginAsCategory", Text("OrgAdmin")),
                ("LoginType", Text("Application")),
                ("Application", Text("Browser")),
                ("Browser", Text(admin.device.browser)),
                ("Platform", Text(admin.device.platform)),
                ("TargetUrl", Text("/lightning/page/home")),
                ("UserType", Text("Standard")),
                ("ProfileId", Text(&admin.user.profile_id)),
            ],
        );
        session
    }

    fn login_row(&mut self, at: Ms, session: &Session<'_>, login: Login<'_>) {
        let run_ms = self.random.between(60, 380);
        let db_ns = self.random.between(20, 90) * 1_000_000;
        let is_browser = login.kind == LoginKind::Browser;
        let status = if login.is_wrong_password {
            "LOGIN_ERROR_INVALID_PASSWORD"
        } else {
            "LOGIN_NO_ERROR"
        };
        let request_status = if login.is_wrong_password { "F" } else { "S" };
        let (login_type, sub_type, uri) = match login.kind {
            LoginKind::Browser => ("A", Empty, "/index.jsp"),
            LoginKind::RefreshToken => ("i", Text("OauthRefreshToken"), "/services/oauth2/token"),
            LoginKind::App => ("i", Text("OauthUserAgent"), "/services/oauth2/authorize"),
        };
        let url = if is_browser {
            "login.salesforce.com"
        } else {
            self.org.host
        };
        self.elf(
            &LOGIN,
            at,
            Shape::Session,
            &Session {
                // As a rule, rows of a login have no session key.
                session_key: String::new(),
                ..session.clone()
            },
            &[
                ("USER_NAME", Text(&session.user.username)),
                ("RUN_TIME", Int(run_ms)),
                ("CPU_TIME", Int(run_ms / 4)),
                ("DB_TOTAL_TIME", Int(db_ns)),
                ("URI", Text(uri)),
                ("REQUEST_STATUS", Text(request_status)),
                ("LOGIN_STATUS", Text(status)),
                ("LOGIN_TYPE", Text(login_type)),
                ("LOGIN_SUB_TYPE", sub_type),
                ("LOGIN_URL", Text(url)),
                ("SOURCE_IP", Text(&session.ip)),
                ("FORWARDED_FOR_IP", login.forwarded_for.map_or(Empty, Text)),
                ("BROWSER_TYPE", Text(session.user_agent)),
                ("API_TYPE", Text(if is_browser { "f" } else { "" })),
                ("API_VERSION", Text("9998.0")),
                ("COUNTRY_CODE", Text(login.country)),
                ("TLS_PROTOCOL", Text("TLSv1.3")),
                ("CIPHER_SUITE", Text("TLS_AES_256_GCM_SHA384")),
                ("USER_TYPE", Text("S")),
            ],
        );
    }

    fn login_event(&mut self, at: Ms, session: &Session<'_>, login: Login<'_>) {
        let is_browser = login.kind == LoginKind::Browser;
        let sub_type = match login.kind {
            LoginKind::Browser => Empty,
            LoginKind::RefreshToken => Text("OauthRefreshToken"),
            LoginKind::App => Text("OauthUserAgent"),
        };
        let url = if is_browser {
            "login.salesforce.com"
        } else {
            self.org.host
        };
        self.rtem(
            &LOGIN_EVENT,
            at,
            session,
            &[
                ("LoginType", Text(type_of(login.kind))),
                ("LoginSubType", sub_type),
                ("LoginUrl", Text(url)),
                ("Status", Text(status_of(login))),
                ("Application", Text(application_of(session))),
                ("Browser", Text(browser_of(session))),
                ("Platform", Text(platform_of(session))),
                ("ForwardedForIp", login.forwarded_for.map_or(Empty, Text)),
                ("CountryIso", Text(login.country)),
                ("TlsProtocol", Text("TLS 1.3")),
                ("CipherSuite", Text("TLS_AES_256_GCM_SHA384")),
                ("SessionLevel", Text(session.level)),
                ("ProfileId", Text(&session.user.profile_id)),
                ("RoleId", Text(&session.user.role_id)),
                ("UserType", Text("Standard")),
                ("EvaluationTime", Int(0)),
            ],
        );
    }

    fn login_history(&mut self, at: Ms, session: &Session<'_>, login: Login<'_>) {
        let is_browser = login.kind == LoginKind::Browser;
        let time = plain(at);
        let url = if is_browser {
            "login.salesforce.com"
        } else {
            self.org.host
        };
        let cells: [(&'static str, Cell<'_>); 14] = [
            ("Username", Text(&session.user.username)),
            ("Login Time", Text(&time)),
            ("Source IP", Text(&session.ip)),
            ("Login Type", Text(type_of(login.kind))),
            ("Status", Text(status_of(login))),
            ("Browser", Text(browser_of(session))),
            ("Platform", Text(platform_of(session))),
            ("Application", Text(application_of(session))),
            ("Client Version", Text("N/A")),
            ("API Type", Text("N/A")),
            ("API Version", Text("N/A")),
            ("Login URL", Text(url)),
            ("Forwarded For IP", login.forwarded_for.map_or(Empty, Text)),
            ("Country Code", Text(login.country)),
        ];
        self.note(session);
        self.rows.add(&LOGIN_HISTORY, at, self.act, &cells);
    }
}

fn type_of(kind: LoginKind) -> &'static str {
    match kind {
        LoginKind::Browser => "Application",
        LoginKind::RefreshToken | LoginKind::App => "Remote Access 2.0",
    }
}

fn status_of(login: Login<'_>) -> &'static str {
    if login.is_wrong_password {
        "Invalid Password"
    } else {
        "Success"
    }
}

fn application_of(session: &Session<'_>) -> &'static str {
    session.app.map_or("Browser", |app| app.name)
}

/// The platform names browsers, not programs.
fn browser_of(session: &Session<'_>) -> &'static str {
    match session.app {
        Some(_) => "Unknown",
        None => session.device.browser,
    }
}

fn platform_of(session: &Session<'_>) -> &'static str {
    match session.app {
        Some(_) => "Unknown",
        None => session.device.platform,
    }
}
