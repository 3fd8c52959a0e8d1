//! Lines of GitLab's logs, as GitLab writes them.

use super::{Account, Forge, HOST, PROJECTS};
use crate::clock::{Ms, START, iso};
use crate::rows::Cell::{Empty, Int, Json, Text};
use crate::rows::{Cut, Form, Table, push_json_text};

static AUDIT: Table = Table {
    folder: "audit",
    name: "audit_stream",
    extension: "ndjson",
    form: Form::Lines,
    cut: Cut::Day,
};
static API: Table = Table {
    folder: "gitlab-rails",
    name: "api_json",
    extension: "log",
    form: Form::Lines,
    cut: Cut::Day,
};
static WEB: Table = Table {
    folder: "gitlab-rails",
    name: "production_json",
    extension: "log",
    form: Form::Lines,
    cut: Cut::Day,
};

/// Who does something, from where, with which client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) account: &'a Account,
    pub(crate) ip: &'a str,
    pub(crate) user_agent: &'a str,
    /// The kind and id of the token that is used.
    pub(crate) token: Option<(&'a str, i64)>,
}

/// An audit event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audit<'a> {
    pub(crate) event_type: &'a str,
    /// The project it is about, by its place; the account itself where there is none.
    pub(crate) project: Option<usize>,
    pub(crate) target_type: &'a str,
    pub(crate) target_id: i64,
    pub(crate) target_details: &'a str,
    /// A JSON value.
    pub(crate) message: &'a str,
}

/// An API request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Api<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) route: &'a str,
    pub(crate) status: i64,
    pub(crate) project: Option<usize>,
}

/// A web or Git request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Web<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) controller: &'a str,
    pub(crate) action: &'a str,
    pub(crate) format: &'a str,
    pub(crate) project: Option<usize>,
}

impl Forge<'_> {
    pub(crate) fn audit(&mut self, at: Ms, client: Client<'_>, audit: Audit<'_>) {
        let account = client.account;
        let (entity_id, entity_type, path) = match audit.project {
            Some(project) => (project_id(project), "Project", PROJECTS[project]),
            None => (account.id, "User", account.username.as_str()),
        };
        let mut details = String::from("{\"author_name\":");
        push_json_text(&mut details, &account.name);
        details.push_str(",\"author_class\":\"User\",\"target_id\":");
        details.push_str(&audit.target_id.to_string());
        details.push_str(",\"target_type\":");
        push_json_text(&mut details, audit.target_type);
        details.push_str(",\"target_details\":");
        push_json_text(&mut details, audit.target_details);
        details.push_str(",\"custom_message\":");
        details.push_str(audit.message);
        details.push_str(",\"ip_address\":");
        push_json_text(&mut details, client.ip);
        details.push_str(",\"entity_path\":");
        push_json_text(&mut details, path);
        details.push('}');
        let time = iso(at);
        self.note(client.ip);
        self.rows.add(
            &AUDIT,
            at,
            self.act,
            &[
                // Ids grow with time.
                ("id", Int(91_000_000 + (at - START) / 16)),
                ("author_id", Int(account.id)),
                ("entity_id", Int(entity_id)),
                ("entity_type", Text(entity_type)),
                ("details", Json(&details)),
                ("ip_address", Text(client.ip)),
                ("author_name", Text(&account.name)),
                ("entity_path", Text(path)),
                ("target_details", Text(audit.target_details)),
                ("created_at", Text(&time)),
                ("target_type", Text(audit.target_type)),
                ("target_id", Int(audit.target_id)),
                ("event_type", Text(audit.event_type)),
            ],
        );
    }

    pub(crate) fn api(&mut self, at: Ms, client: Client<'_>, api: Api<'_>) {
        let account = client.account;
        let (time, seconds, correlation) = (iso(at), self.seconds(), self.correlation_id());
        let caller = format!("{} {}", api.method, api.route);
        let owner = format!("user/{}", account.id);
        let token = client.token;
        let project = api.project.map(|project| PROJECTS[project]);
        self.note(client.ip);
        self.rows.add(
            &API,
            at,
            self.act,
            &[
                ("time", Text(&time)),
                ("severity", Text("INFO")),
                ("duration_s", Json(&seconds)),
                ("status", Int(api.status)),
                ("method", Text(api.method)),
                ("path", Text(api.path)),
                ("params", Json("[]")),
                ("host", Text(HOST)),
                ("remote_ip", Text(client.ip)),
                ("ua", Text(client.user_agent)),
                ("route", Text(api.route)),
                ("user_id", Int(account.id)),
                ("username", Text(&account.username)),
                ("token_type", token.map_or(Empty, |(kind, _)| Text(kind))),
                ("token_id", token.map_or(Empty, |(_, id)| Int(id))),
                ("correlation_id", Text(&correlation)),
                ("meta.caller_id", Text(&caller)),
                ("meta.remote_ip", Text(client.ip)),
                ("meta.user", Text(&account.username)),
                ("meta.user_id", Int(account.id)),
                ("meta.client_id", Text(&owner)),
                ("meta.project", project.map_or(Empty, Text)),
            ],
        );
    }

    pub(crate) fn web(&mut self, at: Ms, client: Client<'_>, web: Web<'_>) {
        let account = client.account;
        let (time, seconds, correlation) = (iso(at), self.seconds(), self.correlation_id());
        let caller = format!("{}#{}", web.controller, web.action);
        let project = web.project.map(|project| PROJECTS[project]);
        let token = client.token;
        self.note(client.ip);
        self.rows.add(
            &WEB,
            at,
            self.act,
            &[
                ("method", Text(web.method)),
                ("path", Text(web.path)),
                ("format", Text(web.format)),
                ("controller", Text(web.controller)),
                ("action", Text(web.action)),
                ("status", Int(200)),
                ("time", Text(&time)),
                ("params", Json("[]")),
                ("remote_ip", Text(client.ip)),
                ("user_id", Int(account.id)),
                ("username", Text(&account.username)),
                ("ua", Text(client.user_agent)),
                ("token_type", token.map_or(Empty, |(kind, _)| Text(kind))),
                ("token_id", token.map_or(Empty, |(_, id)| Int(id))),
                ("correlation_id", Text(&correlation)),
                ("meta.caller_id", Text(&caller)),
                ("meta.remote_ip", Text(client.ip)),
                ("meta.user", Text(&account.username)),
                ("meta.project", project.map_or(Empty, Text)),
                ("duration_s", Json(&seconds)),
            ],
        );
    }

    /// Clones or fetches a project over HTTPS: two requests, and the event that is only streamed.
    pub(crate) fn fetch(&mut self, at: Ms, client: Client<'_>, project: usize) {
        let refs = format!("/{}.git/info/refs", PROJECTS[project]);
        let pack = format!("/{}.git/git-upload-pack", PROJECTS[project]);
        for (later, method, path) in [(0, "GET", refs.as_str()), (420, "POST", pack.as_str())] {
            let web = Web {
                method,
                path,
                controller: "Repositories::GitHttpController",
                action: if method == "GET" {
                    "info_refs"
                } else {
                    "git_upload_pack"
                },
                format: "*/*",
                project: Some(project),
            };
            self.web(at + later, client, web);
        }
        self.git_operation(at + 400, client, project, "http", "git-upload-pack");
    }

    pub(crate) fn git_operation(&mut self, at: Ms, client: Client<'_>, project: usize, protocol: &str, action: &str) {
        let message = format!("{{\"protocol\":\"{protocol}\",\"action\":\"{action}\"}}");
        let audit = Audit {
            event_type: "repository_git_operation",
            project: Some(project),
            target_type: "Project",
            target_id: project_id(project),
            target_details: PROJECTS[project],
            message: &message,
        };
        self.audit(at, client, audit);
    }

    fn seconds(&mut self) -> String {
        let ms = self.random.between(8, 940);
        format!("0.{ms:03}")
    }

    fn correlation_id(&mut self) -> String {
        format!("01K9{}", self.random.hex(22).to_ascii_uppercase())
    }
}

pub(crate) fn project_id(project: usize) -> i64 {
    i64::try_from(project).unwrap_or(0) + 1
}
