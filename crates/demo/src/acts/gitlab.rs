//! The acts in GitLab: a token in a job trace, and what it opens.

use crate::acts::index;
use crate::clock::{MINUTE, SECOND, utc};
use crate::gitlab::{Account, Api, Audit, Client, Forge};

/// Only in the list's second version.
const LISTED_LATER: &str = "203.0.113.61";
const UNLISTED: &str = "203.0.113.62";

/// The project whose token it is, by its place.
const PROJECT: usize = 6;
const TOKEN: (&str, i64) = ("PersonalAccessToken", 5_121);
const JOB: i64 = 48_871;

const VARIABLES: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "DEPLOY_REGION",
    "NPM_REGISTRY",
    "SENTRY_DSN",
    "SLACK_CHANNEL",
];

/// Everything that happens there.
pub(crate) fn gitlab(forge: &mut Forge<'_>) {
    // In two parts: what looks like a token in a source file stops a push.
    let token = format!("glpat-{}", "KaedeDemoNotReal0000");
    forge
        .traces
        .leak(utc(14, 5, 12), JOB, &token, index("A22"), forge.chronicle);

    let bot = Account {
        id: 211,
        username: "project_7_bot_3f9c1d70".to_owned(),
        name: "release-publisher".to_owned(),
        user_agent: "",
        home_ip: String::new(),
    };
    let curl = Client {
        account: &bot,
        ip: LISTED_LATER,
        user_agent: "curl/8.5.0",
        token: Some(TOKEN),
    };
    read_variables(forge, curl);
    clone_projects(forge, curl);
    add_key(forge, curl);
    forge.act = None;
}

fn get<'a>(path: &'a str, route: &'a str) -> Api<'a> {
    Api {
        method: "GET",
        path,
        route,
        status: 200,
        project: Some(PROJECT),
    }
}

fn read_variables(forge: &mut Forge<'_>, curl: Client<'_>) {
    forge.act = Some(index("A23"));
    let start = utc(15, 21, 3);
    forge.api(
        start,
        curl,
        get(
            "/api/v4/personal_access_tokens/self",
            "/api/:version/personal_access_tokens/self",
        ),
    );
    forge.api(
        start + 12 * SECOND,
        curl,
        get("/api/v4/projects/7", "/api/:version/projects/:id"),
    );
    let listed = get("/api/v4/projects/7/variables", "/api/:version/projects/:id/variables");
    forge.api(start + 31 * SECOND, curl, listed);
    for (step, name) in (0..).zip(VARIABLES) {
        let at = start + MINUTE + step * 4 * SECOND;
        let path = format!("/api/v4/projects/7/variables/{name}");
        forge.api(at, curl, get(&path, "/api/:version/projects/:id/variables/:key"));
        let message = format!("\"Viewed CI variable {name} through the API\"");
        let viewed = Audit {
            event_type: "variable_viewed_api",
            project: Some(PROJECT),
            target_type: "Ci::Variable",
            target_id: 9_100 + step,
            target_details: name,
            message: &message,
        };
        forge.audit(at + 80, curl, viewed);
    }
}

fn clone_projects(forge: &mut Forge<'_>, curl: Client<'_>) {
    forge.act = Some(index("A24"));
    let git = Client {
        user_agent: "git/2.43.0",
        ..curl
    };
    for (step, project) in (0..14).zip([6, 0, 1, 2, 3, 4, 5, 7, 8, 9, 18, 22, 26, 27]) {
        let at = utc(15, 21, 20) + step * 58 * SECOND + forge.random.between(0, 9_000);
        forge.fetch(at, git, project);
    }
}

fn add_key(forge: &mut Forge<'_>, curl: Client<'_>) {
    forge.act = Some(index("A25"));
    let moved = Client { ip: UNLISTED, ..curl };
    let at = utc(15, 21, 41);
    let api = Api {
        method: "POST",
        path: "/api/v4/projects/7/deploy_keys",
        route: "/api/:version/projects/:id/deploy_keys",
        status: 201,
        project: Some(PROJECT),
    };
    forge.api(at, moved, api);
    let added = Audit {
        event_type: "deploy_key_added",
        project: Some(PROJECT),
        target_type: "DeployKey",
        target_id: 771,
        target_details: "build-cache",
        message: "\"Added deploy key with write access\"",
    };
    forge.audit(at + 90, moved, added);
}
