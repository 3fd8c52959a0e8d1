//! The acts in Salesforce.

use crate::acts::index;
use crate::clock::{DAY, HOUR, MINUTE, Ms, SECOND, utc};
use crate::salesforce::{ApiCall, BulkQuery, Login, LoginKind, Operation, Page, Report, Scribe, Session, Setup};
use crate::world::{App, DESKS, TSUMUGI};

/// In the list from its first version on.
const LISTED_FIRST: &str = "203.0.113.21";
const LISTED_BULK: &str = "203.0.113.45";
/// Only in its second version.
const LISTED_LATER: &str = "203.0.113.34";
/// In no list.
const UNLISTED: [&str; 2] = ["203.0.113.77", "203.0.113.78"];
const UNLISTED_SEARCH: &str = "203.0.113.79";
const UNLISTED_DELETE: &str = "203.0.113.46";
const UNLISTED_DESK: &str = "203.0.113.88";

const REQUESTS: &str = "python-requests/2.32.3";
const FETCHER: &str = "Tsumugi-Multi-Org-Fetcher/1.0";
const AIOHTTP: &str = "Python/3.12 aiohttp/3.11.11";
const HEADLESS: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0.6367.78 Safari/537.36";

const PROBED: [&str; 5] = ["Case", "Contact", "Account", "User", "Opportunity"];
const CONTACTS: &str = "SELECT Id, Name, Email, Phone, MobilePhone, Title, AccountId, MailingCity FROM Contact";

/// The analyst's query tool.
static QUERY_TOOL: App = App {
    name: "Kaede Query Console",
    id15: "0H46g0000004Qry",
    user_agent: "kaede-query/0.9",
    addresses: &[],
};

/// Everything that happens in the org in Japan.
pub(crate) fn japan(scribe: &mut Scribe<'_>) {
    look_around(scribe);
    pull(scribe);
    bulk(scribe);
    slow_pull(scribe);
    hijack(scribe);
    administrator(scribe);
    scribe.act = None;
}

/// Weak signs that prove nothing: an address of the list that a client claims for itself, and one that an analyst has
/// searched for.
pub(crate) fn america(scribe: &mut Scribe<'_>) {
    let org = scribe.org;
    let user = &org.people[7];
    let claimed = scribe.browser(user, user.device, &user.home_ip);
    let mut login = Login::of(LoginKind::Browser, "US");
    login.forwarded_for = Some(LISTED_FIRST);
    scribe.login(utc(13, 15, 41) + 21_000, &claimed, login);
    let analyst = &org.people[9];
    let session = scribe.app(analyst, &QUERY_TOOL, org.office[0]);
    for (step, address) in [LISTED_FIRST, LISTED_BULK].iter().enumerate() {
        let query = format!("SELECT Id, LoginTime, UserId FROM LoginHistory WHERE SourceIp = '{address}'");
        let at = utc(23, 16, 20) + i64::try_from(step).unwrap_or(0) * 70 * SECOND;
        scribe.api_call(at, &session, ApiCall::query("LoginHistory", &query, 0));
    }
}

/// The night whose files are lost.
pub(crate) fn europe(scribe: &mut Scribe<'_>) {
    let org = scribe.org;
    scribe.act = Some(index("A21"));
    let session = stolen(scribe, LISTED_FIRST, FETCHER);
    let start = utc(12, 1, 4);
    let login = Login::of(LoginKind::RefreshToken, "NL");
    debug_assert!(org.name == "kaede-emea");
    scribe.login(start, &session, login);
    page_by_page(scribe, &session, start + MINUTE, 70, 2 * MINUTE);
    scribe.act = None;
}

fn stolen<'w>(scribe: &mut Scribe<'w>, ip: &str, user_agent: &'static str) -> Session<'w> {
    let org = scribe.org;
    Session {
        user_agent,
        ..scribe.app(&org.integration, &TSUMUGI, ip)
    }
}

/// A01 to A06.
fn look_around(scribe: &mut Scribe<'_>) {
    scribe.act = Some(index("A01"));
    let first = stolen(scribe, LISTED_FIRST, REQUESTS);
    let start = utc(8, 14, 12);
    scribe.login(start, &first, Login::of(LoginKind::RefreshToken, "NL"));
    scribe.api_call(start + 2_300, &first, ApiCall::get("/services/data/", ""));
    scribe.api_call(start + 5_100, &first, ApiCall::get("/services/oauth2/userinfo", "User"));

    scribe.act = Some(index("A02"));
    for step in 0..3 {
        let mut call = ApiCall::get("/services/data/v58.0/sobjects/", "");
        call.bytes = 184_000;
        scribe.api_call(start + 2 * MINUTE + step * 31_000, &first, call);
    }

    scribe.act = Some(index("A03"));
    for (step, entity) in (0..).zip(PROBED) {
        let uri = format!("/services/data/v58.0/sobjects/{entity}/describe/");
        let mut call = ApiCall::get(&uri, entity);
        call.bytes = 96_000;
        scribe.api_call(start + 5 * MINUTE + step * 4_700, &first, call);
    }

    scribe.act = Some(index("A04"));
    let second = stolen(scribe, LISTED_LATER, HEADLESS);
    let later = utc(9, 20, 37);
    for step in 0..4 {
        let call = ApiCall::get("/services/data/v58.0/limits/", "");
        scribe.api_call(later + step * 20 * SECOND, &second, call);
    }

    scribe.act = Some(index("A05"));
    let third = stolen(scribe, LISTED_LATER, FETCHER);
    for (step, entity) in (0..).zip(PROBED) {
        let query = format!("SELECT COUNT() FROM {entity}");
        scribe.api_call(
            later + 3 * MINUTE + step * 6_100,
            &third,
            ApiCall::query(entity, &query, 1),
        );
    }

    scribe.act = Some(index("A06"));
    let fourth = stolen(scribe, UNLISTED[0], AIOHTTP);
    let next = utc(11, 19, 2);
    let users = "SELECT Id, Username, Email, IsActive, Profile.Name FROM User WHERE IsActive = true ORDER BY LastLoginDate DESC NULLS LAST LIMIT 200";
    let organization = "SELECT Id, Name, OrganizationType, InstanceName, IsSandbox FROM Organization LIMIT 1";
    scribe.api_call(next, &fourth, ApiCall::query("Organization", organization, 1));
    scribe.api_call(next + 9_000, &fourth, ApiCall::query("User", users, 61));
}

/// A07 and A08.
fn pull(scribe: &mut Scribe<'_>) {
    scribe.act = Some(index("A07"));
    let session = stolen(scribe, UNLISTED[0], AIOHTTP);
    let start = utc(13, 17, 20);
    page_by_page(scribe, &session, start, 46, 39 * SECOND);
    let moved = session.at_address(UNLISTED[1]);
    page_by_page(scribe, &moved, start + 31 * MINUTE, 46, 39 * SECOND);

    scribe.act = Some(index("A08"));
    let session = stolen(scribe, UNLISTED_SEARCH, AIOHTTP);
    for (step, word) in (0..).zip([
        "AKIA",
        "snowflakecomputing.com",
        "password",
        "secret",
        "BEGIN RSA",
        "glpat-",
    ]) {
        let query = format!("SELECT Id, Subject, Description FROM Case WHERE Description LIKE '%{word}%' LIMIT 2000");
        let rows = scribe.random.between(3, 140);
        scribe.api_call(
            utc(14, 2, 8) + step * 23 * SECOND,
            &session,
            ApiCall::query("Case", &query, rows),
        );
    }
}

/// Pulls contacts: a query and the pages after it, 2,000 rows each.
fn page_by_page(scribe: &mut Scribe<'_>, session: &Session<'_>, start: Ms, pages: i64, every: Ms) {
    let locator = scribe.random.hex(6).to_ascii_uppercase();
    for page in 0..pages {
        let at = start + page * every + scribe.random.between(0, 6_000);
        let first = ApiCall::query("Contact", CONTACTS, 2_000);
        if page == 0 {
            scribe.api_call(at, session, first);
            continue;
        }
        let uri = format!("/services/data/v58.0/query/01g5h00000{locator}AA-{}", page * 2_000);
        let more = ApiCall {
            uri: &uri,
            operation: Operation::QueryMore,
            ..first
        };
        scribe.api_call(at, session, more);
    }
}

/// A09 to A12.
fn bulk(scribe: &mut Scribe<'_>) {
    scribe.act = Some(index("A09"));
    let session = stolen(scribe, LISTED_BULK, FETCHER);
    let start = utc(16, 18, 31);
    scribe.login(start, &session, Login::of(LoginKind::RefreshToken, "NL"));
    let query = BulkQuery {
        entity: "Case",
        query: "SELECT Id, CaseNumber, Subject, Description, ContactEmail, ContactPhone, Comments FROM Case",
        rows: 93_412,
        working: 176 * SECOND,
    };
    let (job, done) = scribe.bulk_query(start + 20 * SECOND, &session, query);

    scribe.act = Some(index("A10"));
    let through = scribe.bulk_download(done + 3 * SECOND, &session, query, &job, 5);

    scribe.act = Some(index("A11"));
    let elsewhere = session.at_address(UNLISTED_DELETE);
    scribe.bulk_delete(through + 11 * SECOND, &elsewhere, query, &job);

    scribe.act = Some(index("A12"));
    let mut at = through + 4 * MINUTE;
    for _ in 0..28 {
        let uri = format!(
            "/services/data/v58.0/sobjects/ContentVersion/{}/VersionData",
            scribe.some_record("ContentVersion")
        );
        let bytes = scribe.random.between(40_000, 2_600_000);
        let mut call = ApiCall::get(&uri, "ContentVersion");
        call.bytes = bytes;
        scribe.api_call(at, &session, call);
        let file_type = *scribe.random.pick(&["PDF", "EXCEL_X", "PNG", "TEXT"]);
        scribe.transfer_file(at + 300, &session, "VersionDownloadApi", file_type, bytes);
        at += scribe.random.between(2, 15) * SECOND;
    }
}

/// A13: a little every night, between the vendor's own calls, from where they come.
fn slow_pull(scribe: &mut Scribe<'_>) {
    scribe.act = Some(index("A13"));
    for night in 0..11 {
        let session = stolen(scribe, TSUMUGI.addresses[3], TSUMUGI.user_agent);
        let start = utc(10, 18, 21) + night * DAY + scribe.random.between(0, 25) * MINUTE;
        for page in 0..6 {
            let query = format!(
                "SELECT Id, Email, Phone, MailingStreet FROM Contact ORDER BY Id LIMIT 200 OFFSET {}",
                (night * 6 + page) * 200
            );
            let at = start + page * 70 * SECOND + scribe.random.between(0, 9_000);
            scribe.api_call(at, &session, ApiCall::query("Contact", &query, 200));
        }
    }
}

/// A14 and A15: the victim logs in and works; then the same login has a second session, elsewhere.
fn hijack(scribe: &mut Scribe<'_>) {
    let org = scribe.org;
    let victim = &org.people[12];
    scribe.act = None;
    let morning = utc(18, 0, 6);
    let own = scribe.browser(victim, victim.device, org.office[0]);
    scribe.login(morning, &own, Login::of(LoginKind::Browser, "JP"));
    let page = Page {
        entity: "Opportunity",
        is_record: true,
    };
    for step in 1..=9 {
        let at = morning + step * 34 * MINUTE + scribe.random.between(0, 300) * SECOND;
        scribe.open_page(at, &own, page);
    }

    scribe.act = Some(index("A14"));
    let taken = Session {
        session_key: scribe.random.key(),
        device: &DESKS[4],
        user_agent: DESKS[4].user_agent,
        ip: UNLISTED_DESK.to_owned(),
        ..own
    };
    let start = utc(18, 3, 44);
    scribe.classic_page(start, &taken, "/secur/frontdoor.jsp?retURL=%2Flightning%2Fpage%2Fhome");
    for (step, entity) in (0..).zip(["Account", "Contact", "Contact", "Opportunity", "Account"]) {
        let page = Page {
            entity,
            is_record: step % 2 == 1,
        };
        scribe.open_page(start + (step + 1) * 37 * SECOND, &taken, page);
    }

    scribe.act = Some(index("A15"));
    let report = Report {
        number: 99,
        name: "All Contacts",
        entity: "Contact",
        columns: "[Name, Email, Phone, Mobile, Account Name, Mailing Address]",
        rows: 184_206,
    };
    scribe.run_report(start + 6 * MINUTE, &taken, report);
    scribe.export_report(start + 8 * MINUTE, &taken, report);
}

/// A16 to A20: an administrator's password is known.
fn administrator(scribe: &mut Scribe<'_>) {
    let org = scribe.org;
    let admin = &org.people[29];
    scribe.act = Some(index("A16"));
    let session = scribe.browser(admin, &DESKS[4], UNLISTED_DESK);
    let start = utc(18, 16, 22);
    scribe.login(start, &session, Login::of(LoginKind::Browser, "NL"));
    scribe.classic_page(start + 40 * SECOND, &session, "/lightning/setup/ManageUsers/home");

    scribe.act = Some(index("A17"));
    let other = scribe.login_as(start + 3 * MINUTE, &session, &org.people[8]);
    for step in 0..6 {
        let page = Page {
            entity: "Account",
            is_record: step > 0,
        };
        scribe.open_page(start + 4 * MINUTE + step * 26 * SECOND, &other, page);
    }

    scribe.act = Some(index("A18"));
    let permissions = "[\"ViewAllData\",\"ModifyAllData\",\"ApiEnabled\",\"PasswordNeverExpires\"]";
    scribe.assign_permissions(
        start + 12 * MINUTE,
        &session,
        &org.people[44],
        "Data Operations",
        permissions,
    );

    scribe.act = Some(index("A19"));
    let relaxed = Setup {
        action: "connectedAppIpRelaxation",
        section: "Connected Apps",
        display: "For connected app Tsumugi Connect, IP Relaxation changed from Enforce IP restrictions to Relax IP restrictions",
    };
    scribe.setup(start + 15 * MINUTE, &session, relaxed);

    scribe.act = Some(index("A20"));
    let deletion = Setup {
        action: "PermSetEnableUserPerm",
        section: "Manage Users",
        display: "Changed permission set Data Operations: Delete Event Monitoring Records permission was changed from disabled to enabled",
    };
    scribe.setup(start + HOUR / 3, &session, deletion);
}
