//! What runs by itself: the vendor's sync, the nightly export, the ERP interface, the portal, a developer's script.

use super::{ApiCall, BulkQuery, Login, LoginKind, Scribe, Session};
use crate::clock::{DAY, DayKind, FIRST_DAY, HOUR, MINUTE, SECOND, Zone, date_hour, iso_seconds};
use crate::world::{PORTAL, SCRIPT, TSUMUGI, WAREHOUSE};

/// Objects that the vendor keeps in step, with the fields that it reads.
const SYNCED: [(&str, &str); 5] = [
    ("Account", "Id, Name, Industry, OwnerId, LastModifiedDate"),
    ("Contact", "Id, AccountId, Email, Title, LastModifiedDate"),
    ("Opportunity", "Id, AccountId, StageName, Amount, CloseDate"),
    ("Case", "Id, AccountId, Status, Priority, CreatedDate"),
    ("Task", "Id, WhatId, Status, ActivityDate"),
];

/// Objects of the nightly export, with the rows of the org in Japan.
const EXPORTED: [(&str, &str, i64); 4] = [
    (
        "Account",
        "SELECT Id, Name, Industry, BillingCountry FROM Account",
        48_000,
    ),
    ("Contact", "SELECT Id, AccountId, Name, Title FROM Contact", 181_000),
    (
        "Opportunity",
        "SELECT Id, AccountId, StageName, Amount FROM Opportunity",
        36_000,
    ),
    ("Case", "SELECT Id, AccountId, Status, CreatedDate FROM Case", 92_000),
];

/// Plays one day of UTC.
pub(crate) fn service_day(scribe: &mut Scribe<'_>, day: i64) {
    let midnight = day * DAY;
    for hour in 0..24 {
        sync(scribe, midnight + hour * HOUR);
        interface(scribe, midnight + hour * HOUR);
    }
    portal(scribe, midnight);
    if scribe.org.zone != Zone::NewYork {
        export(scribe, day);
    }
    let is_script_day =
        scribe.org.zone.kind_of(day) == DayKind::Work && matches!((day - FIRST_DAY).rem_euclid(7), 1 | 3);
    if scribe.org.zone == Zone::Tokyo && is_script_day {
        script(scribe, day);
    }
}

/// The vendor's app comes every hour, from the vendor's networks.
fn sync(scribe: &mut Scribe<'_>, hour: i64) {
    let org = scribe.org;
    let ip = *scribe.random.pick(TSUMUGI.addresses);
    let session = scribe.app(&org.integration, &TSUMUGI, ip);
    let mut at = hour + 5 * MINUTE + scribe.random.between(0, 40_000);
    scribe.login(at, &session, Login::of(LoginKind::RefreshToken, "JP"));
    let since = iso_seconds(hour - HOUR);
    for number in 0..scribe.scaled(1_200).max(2) {
        at += scribe.random.between(1_200, 9_000);
        let (entity, fields) = SYNCED[usize::try_from(number).unwrap_or(0) % SYNCED.len()];
        if number % 6 == 5 {
            let uri = format!("/services/data/v65.0/sobjects/{entity}/{}", scribe.some_record(entity));
            scribe.api_call(at, &session, ApiCall::write("PATCH", &uri, entity));
            continue;
        }
        let query = format!("SELECT {fields} FROM {entity} WHERE LastModifiedDate > {since}");
        let rows = scribe.random.between(0, 90);
        scribe.api_call(at, &session, ApiCall::query(entity, &query, rows));
    }
}

/// The ERP speaks SOAP, from the office's data room.
fn interface(scribe: &mut Scribe<'_>, hour: i64) {
    let org = scribe.org;
    let session = Session {
        user_agent: "KaedeERP/7.1 (Axis 1.4)",
        ..scribe.browser(&org.interface, org.interface.device, org.office[2])
    };
    for _ in 0..scribe.scaled(180).max(1) {
        let at = hour + scribe.random.between(0, HOUR - 1);
        let method = *scribe.random.pick(&["query", "query", "upsert", "update"]);
        let entity = *scribe.random.pick(&["Account", "Opportunity", "Order"]);
        let rows = scribe.random.between(1, 60);
        scribe.soap_call(at, &session, method, entity, rows);
    }
    // A wallboard of the old interface refreshes itself.
    let at = hour + 30 * MINUTE + scribe.random.between(0, 9_000);
    scribe.classic_page(at, &session, "/01Z000000000001?isRefresh=1");
}

/// The customers' portal shows cases and accounts all day; once a day it also asks for the limits, as attackers do.
fn portal(scribe: &mut Scribe<'_>, midnight: i64) {
    let org = scribe.org;
    let session = scribe.app(&org.portal, &PORTAL, org.office[2]);
    scribe.login(midnight + 4 * SECOND, &session, Login::of(LoginKind::App, org.country));
    scribe.api_call(
        midnight + 17 * SECOND,
        &session,
        ApiCall::get("/services/data/v65.0/limits", ""),
    );
    let every = (15 * MINUTE * 100 / scribe.scale.max(1)).clamp(10 * MINUTE, HOUR);
    let mut at = midnight + 3 * MINUTE;
    while at < midnight + DAY {
        let asked = at + scribe.random.between(0, every - SECOND);
        let entity = *scribe.random.pick(&["Case", "Case", "Account"]);
        let uri = format!("/services/data/v65.0/sobjects/{entity}/{}", scribe.some_record(entity));
        scribe.api_call(asked, &session, ApiCall::get(&uri, entity));
        at += every;
    }
}

/// Another vendor's app exports by Bulk API every night; the jobs of Saturdays it tidies up a week later.
fn export(scribe: &mut Scribe<'_>, day: i64) {
    let org = scribe.org;
    let ip = *scribe.random.pick(WAREHOUSE.addresses);
    let session = scribe.app(&org.warehouse, &WAREHOUSE, ip);
    let mut at = org.zone.at(day, 2 * HOUR + 30 * MINUTE) + scribe.random.between(0, 90_000);
    scribe.login(at, &session, Login::of(LoginKind::RefreshToken, "JP"));
    for (entity, query, rows) in EXPORTED {
        at += scribe.random.between(20, 60) * SECOND;
        let bulk = BulkQuery {
            entity,
            query,
            rows: rows + (day - FIRST_DAY) * 37 + scribe.random.between(0, 30),
            working: scribe.random.between(100, 260) * SECOND,
        };
        let (job, done) = scribe.bulk_query(at, &session, bulk);
        at = scribe.bulk_download(done + 9 * SECOND, &session, bulk, &job, 3);
        if (day - FIRST_DAY).rem_euclid(7) == 5 {
            scribe.bulk_delete(at + 7 * DAY, &session, bulk, &job);
        }
    }
}

/// Twice a week a developer looks for duplicates with a script: the attackers' user agent, and nothing wrong with it.
fn script(scribe: &mut Scribe<'_>, day: i64) {
    let org = scribe.org;
    // `yoshida`, who is in the office most days.
    let user = &org.people[10];
    let session = scribe.app(user, &SCRIPT, org.office[1]);
    let mut at = org.zone.at(day, 11 * HOUR) + scribe.random.between(0, 200) * MINUTE;
    scribe.login(at, &session, Login::of(LoginKind::RefreshToken, "JP"));
    let until = date_hour(at);
    for page in 0..scribe.scaled(600) {
        at += scribe.random.between(700, 3_000);
        let query = format!(
            "SELECT Id, Email, Phone FROM Contact WHERE CreatedDate < {until}:00:00Z ORDER BY Id LIMIT 500 OFFSET {}",
            page * 500
        );
        scribe.api_call(at, &session, ApiCall::query("Contact", &query, 500));
    }
    // Developers' tools open the browser by a session that exists already, which is no attack either.
    let desk = scribe.browser(user, user.device, org.office[1]);
    scribe.login(at + MINUTE, &desk, Login::of(LoginKind::Browser, org.country));
    scribe.classic_page(
        at + 2 * MINUTE,
        &desk,
        "/secur/frontdoor.jsp?retURL=%2Flightning%2Fsetup%2FSetupOneHome%2Fhome",
    );
}
