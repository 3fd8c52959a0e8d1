//! Developers and machines at work.

use super::logs::{Client, project_id};
use super::{Api, Audit, Forge, PROJECTS, RUNNER, Web, working_time};
use crate::clock::{DAY, DayKind, HOUR, MINUTE, Ms, SECOND, Zone, utc};

/// The developers' office.
const OFFICE: &str = "198.51.100.11";

/// One local day of the developers.
pub(super) fn local_day(forge: &mut Forge<'_>, day: i64) {
    let presence = match Zone::Tokyo.kind_of(day) {
        DayKind::Work => 900,
        DayKind::Holiday => 120,
        DayKind::Weekend => 90,
    };
    let people = forge.people.clone();
    for account in &people {
        if !forge.random.chance(presence) {
            continue;
        }
        let ip = if forge.random.chance(620) {
            OFFICE
        } else {
            &account.home_ip
        };
        let client = Client {
            account,
            ip,
            user_agent: account.user_agent,
            token: None,
        };
        developer(forge, client, day);
    }
}

fn developer(forge: &mut Forge<'_>, client: Client<'_>, day: i64) {
    let start =
        Zone::Tokyo.at(day, 9 * HOUR) + forge.random.between(-30, 70) * MINUTE + forge.random.between(0, 59_999);
    sign_in(forge, start, client);
    for _ in 0..forge.scaled(2_100) {
        let at = working_time(&mut forge.random, day);
        look(forge, at, client);
    }
    for _ in 0..forge.scaled(650) {
        let at = working_time(&mut forge.random, day);
        let project = forge.random.index(PROJECTS.len());
        forge.git_operation(at, client, project, "ssh", "git-upload-pack");
    }
    for _ in 0..forge.scaled(190) {
        let at = working_time(&mut forge.random, day);
        let project = forge.random.index(PROJECTS.len());
        forge.git_operation(at, client, project, "ssh", "git-receive-pack");
        pipeline(forge, at + 20 * SECOND, client, project);
    }
    if forge.random.chance(40) {
        setting(forge, client, day);
    }
}

fn sign_in(forge: &mut Forge<'_>, at: Ms, client: Client<'_>) {
    let account = client.account;
    let web = Web {
        method: "POST",
        path: "/users/sign_in",
        controller: "SessionsController",
        action: "create",
        format: "html",
        project: None,
    };
    forge.web(at, client, web);
    let mut audit = Audit {
        event_type: "authenticated_with_two_factor",
        project: None,
        target_type: "User",
        target_id: account.id,
        target_details: &account.name,
        message: "\"Signed in with two-factor authentication\"",
    };
    if forge.random.chance(50) {
        let failed = Audit {
            event_type: "login_failed_with_standard_authentication",
            message: "\"Failed to login with STANDARD authentication\"",
            ..audit
        };
        forge.audit(at - 21 * SECOND, client, failed);
    }
    if forge.random.chance(80) {
        audit.event_type = "authenticated_with_webauthn";
    }
    forge.audit(at + 150, client, audit);
}

fn look(forge: &mut Forge<'_>, at: Ms, client: Client<'_>) {
    let project = forge.random.index(PROJECTS.len());
    let number = forge.random.between(1, 900);
    let path = PROJECTS[project];
    if forge.random.chance(300) {
        let web_path = format!("/api/v4/projects/{}/merge_requests/{number}", project_id(project));
        let api = Api {
            method: "GET",
            path: &web_path,
            route: "/api/:version/projects/:id/merge_requests/:merge_request_iid",
            status: 200,
            project: Some(project),
        };
        return forge.api(at, client, api);
    }
    let (kind, controller) = *forge.random.pick(&[
        ("merge_requests", "Projects::MergeRequestsController"),
        ("issues", "Projects::IssuesController"),
        ("pipelines", "Projects::PipelinesController"),
        ("blob/main", "Projects::BlobController"),
    ]);
    let web_path = format!("/{path}/-/{kind}/{number}");
    let web = Web {
        method: "GET",
        path: &web_path,
        controller,
        action: "show",
        format: "html",
        project: Some(project),
    };
    forge.web(at, client, web);
}

/// A push starts a pipeline, whose jobs fetch the project.
fn pipeline(forge: &mut Forge<'_>, at: Ms, pusher: Client<'_>, project: usize) {
    let runner = Client {
        ip: RUNNER,
        user_agent: "git/2.47.1",
        token: None,
        ..pusher
    };
    let started = at + forge.random.between(5, 90) * SECOND;
    forge.fetch(started, runner, project);
    if forge.random.chance(130) {
        let job = 47_000 + (started - utc(27, 0, 0)) / (10 * MINUTE);
        forge
            .traces
            .ordinary(&mut forge.random, started, job, PROJECTS[project], forge.chronicle);
    }
}

fn setting(forge: &mut Forge<'_>, client: Client<'_>, day: i64) {
    let at = working_time(&mut forge.random, day);
    let project = forge.random.index(PROJECTS.len());
    let (event_type, target_type, message) = *forge.random.pick(&[
        (
            "ci_variable_updated",
            "Ci::Variable",
            "\"Updated CI variable DEPLOY_REGION\"",
        ),
        (
            "protected_branch_updated",
            "ProtectedBranch",
            "\"Changed allowed to merge from Maintainers to Developers + Maintainers\"",
        ),
        ("member_created", "User", "\"Membership created\""),
        (
            "personal_access_token_created",
            "User",
            "\"Created personal access token with id 4410\"",
        ),
        ("add_ssh_key", "Key", "\"Added SSH key\""),
    ]);
    let audit = Audit {
        event_type,
        project: Some(project),
        target_type,
        target_id: 4_000 + day % 100,
        target_details: client.account.name.as_str(),
        message,
    };
    forge.audit(at, client, audit);
}

/// One day of UTC of what runs by itself.
pub(super) fn machine_day(forge: &mut Forge<'_>, day: i64) {
    let midnight = day * DAY;
    let bot = forge.bot.clone();
    let runner = Client {
        account: &bot,
        ip: RUNNER,
        user_agent: "gitlab-runner 17.5.3 (17-5-stable; go1.22.7; linux/amd64)",
        token: None,
    };
    poll(forge, midnight, runner);
    let git = Client {
        user_agent: bot.user_agent,
        token: Some(("PersonalAccessToken", 311)),
        ..runner
    };
    for hour in 0..24 {
        mirror(forge, midnight + hour * HOUR, git);
    }
    if day * DAY == utc(6, 0, 0) {
        // A new mirror is set up: every project at once, and nothing wrong with it.
        for project in 0..PROJECTS.len() {
            let at = utc(6, 3, 2) + i64::try_from(project).unwrap_or(0) * 9 * SECOND;
            forge.fetch(at, git, project);
        }
    }
}

/// Runners ask for jobs all the time.
fn poll(forge: &mut Forge<'_>, midnight: Ms, runner: Client<'_>) {
    let every = (4 * MINUTE * 100 / forge.scale.max(1)).clamp(MINUTE, HOUR);
    let api = Api {
        method: "POST",
        path: "/api/v4/jobs/request",
        route: "/api/:version/jobs/request",
        status: 204,
        project: None,
    };
    let mut at = midnight + 2 * SECOND;
    while at < midnight + DAY {
        let asked = at + forge.random.between(0, 900);
        forge.api(asked, runner, api);
        at += every;
    }
}

/// Every hour the mirror fetches some projects.
fn mirror(forge: &mut Forge<'_>, hour: Ms, git: Client<'_>) {
    for _ in 0..forge.scaled(230).max(1) {
        let at = hour + 12 * MINUTE + forge.random.between(0, 40 * MINUTE);
        let project = forge.random.index(PROJECTS.len());
        forge.fetch(at, git, project);
    }
}
