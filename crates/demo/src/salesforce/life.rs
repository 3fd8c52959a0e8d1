//! A working day of the people of an org.

use super::{ApiCall, Login, LoginKind, Page, Report, Scribe, Session, Setup};
use crate::clock::{DayKind, HOUR, MINUTE, Ms, SECOND, Zone, utc};
use crate::world::{CARRIERS, MOBILE, PHONE, Team, User};

/// The one who visits customers abroad, and the days of the journey.
const TRAVELLER: usize = 3;
const JOURNEY: std::ops::RangeInclusive<i64> = utc(10, 0, 0) / crate::clock::DAY..=utc(14, 0, 0) / crate::clock::DAY;
const HOTEL: &str = "198.19.77.14";

/// One in so many is on duty at a weekend.
const DUTY: i64 = 11;

/// Reports that people run, with the rows that they usually have.
const REPORTS: [Report<'static>; 6] = [
    report(
        11,
        "Open Opportunities by Stage",
        "Opportunity",
        "[Name, Stage, Amount, Close Date]",
        420,
    ),
    report(
        12,
        "Cases Opened This Week",
        "Case",
        "[Case Number, Subject, Status, Owner]",
        310,
    ),
    report(
        13,
        "Accounts by Region",
        "Account",
        "[Account Name, Region, Owner]",
        940,
    ),
    report(
        14,
        "Contacts Without Activity",
        "Contact",
        "[Name, Account Name, Last Activity]",
        760,
    ),
    report(15, "Lead Funnel", "Lead", "[Name, Status, Source, Created Date]", 530),
    report(
        16,
        "Case Response Times",
        "Case",
        "[Case Number, Opened, First Response]",
        280,
    ),
];

const fn report(
    number: i64,
    name: &'static str,
    entity: &'static str,
    columns: &'static str,
    rows: i64,
) -> Report<'static> {
    Report {
        number,
        name,
        entity,
        columns,
        rows,
    }
}

/// Where somebody works on a day.
struct Place<'a> {
    ip: &'a str,
    country: &'a str,
    zone: Zone,
}

/// Plays one local day of everybody.
pub(crate) fn local_day(scribe: &mut Scribe<'_>, day: i64) {
    let org = scribe.org;
    let kind = org.zone.kind_of(day);
    for (number, user) in org.people.iter().enumerate() {
        let is_on_journey = number == TRAVELLER && org.zone == Zone::Tokyo && JOURNEY.contains(&day);
        let presence = match kind {
            DayKind::Work => 920,
            // Few firms of the United States close on Veterans Day.
            DayKind::Holiday if org.zone == Zone::NewYork => 560,
            // The service desk is open.
            DayKind::Holiday if user.team == Team::Service => 650,
            DayKind::Holiday => 260,
            // Every weekend a few are on duty; hardly anybody else works.
            DayKind::Weekend if (i64::try_from(number).unwrap_or(0) + day / 7) % DUTY == 0 => 1_000,
            DayKind::Weekend => 12,
        };
        if !scribe.random.chance(if is_on_journey { 1_000 } else { presence }) {
            continue;
        }
        let place = if is_on_journey {
            Place {
                ip: HOTEL,
                country: "DE",
                zone: Zone::Berlin,
            }
        } else if kind == DayKind::Work && scribe.random.chance(660) {
            Place {
                ip: org.office[scribe.random.index(2)],
                country: org.country,
                zone: org.zone,
            }
        } else {
            Place {
                ip: &user.home_ip,
                country: org.country,
                zone: org.zone,
            }
        };
        desk_day(scribe, user, day, &place, kind);
        if scribe.random.chance(230) {
            phone(scribe, user, day, place.country);
        }
    }
}

fn desk_day<'w>(scribe: &mut Scribe<'w>, user: &'w User, day: i64, place: &Place<'_>, kind: DayKind) {
    let midnight = place.zone.at(day, 0);
    let start = midnight + 9 * HOUR + scribe.random.between(-45, 40) * MINUTE;
    let end = midnight + 18 * HOUR + scribe.random.between(-50, 110) * MINUTE;
    let first = start + scribe.random.between(0, 59_999);
    let mut session = log_in(scribe, user, first, place);
    let usual = per_day(user.team);
    let count = scribe.scaled(if kind == DayKind::Work { usual } else { usual / 2 });
    let is_interrupted = scribe.random.chance(220);
    let noon = midnight + 13 * HOUR + scribe.random.between(0, 40) * MINUTE;
    if is_interrupted {
        // After lunch the browser asks for the password again.
        let again = log_in(scribe, user, noon, place);
        work(scribe, &session, start, noon, midnight, count / 2);
        session = again;
        work(scribe, &session, noon, end, midnight, count - count / 2);
    } else {
        work(scribe, &session, start, end, midnight, count);
    }
    if user.team == Team::Admin {
        for _ in 0..scribe.scaled(230) {
            administer(scribe, &session, midnight);
        }
    }
    if scribe.random.chance(380) {
        let at = end + scribe.random.between(1, 9 * 60) * SECOND;
        scribe.logout(at, &session);
    }
}

/// Actions of a day, in hundredths.
fn per_day(team: Team) -> i64 {
    match team {
        Team::Sales => 4_600,
        Team::Service => 5_600,
        Team::Back => 2_400,
        Team::Admin => 3_000,
    }
}

fn log_in<'w>(scribe: &mut Scribe<'w>, user: &'w User, at: Ms, place: &Place<'_>) -> Session<'w> {
    let session = scribe.browser(user, user.device, place.ip);
    let mut login = Login::of(LoginKind::Browser, place.country);
    // Some proxies add where the request came from.
    let inner = format!(
        "10.20.{}.{}",
        scribe.random.between(1, 6),
        scribe.random.between(10, 240)
    );
    if scribe.random.chance(60) {
        login.forwarded_for = Some(&inner);
    }
    let mut attempt = at;
    while scribe.random.chance(55) {
        let wrong = Login {
            is_wrong_password: true,
            ..login
        };
        scribe.login(attempt, &session, wrong);
        attempt += scribe.random.between(6, 40) * SECOND;
    }
    scribe.login(attempt, &session, login);
    session
}

fn work(scribe: &mut Scribe<'_>, session: &Session<'_>, from: Ms, to: Ms, midnight: Ms, count: i64) {
    let lunch = midnight + 12 * HOUR..midnight + 13 * HOUR;
    for _ in 0..count {
        let mut at = scribe.random.between(from + MINUTE, to.max(from + 2 * MINUTE));
        if lunch.contains(&at) && scribe.random.chance(700) {
            at = scribe.random.between(from + MINUTE, to.max(from + 2 * MINUTE));
        }
        act(scribe, session, at);
    }
}

fn act(scribe: &mut Scribe<'_>, session: &Session<'_>, at: Ms) {
    let entities: &[&str] = match session.user.team {
        Team::Sales => &["Opportunity", "Account", "Contact", "Lead"],
        Team::Service => &["Case", "Case", "Contact", "Account"],
        Team::Back | Team::Admin => &["Account", "Case", "Opportunity"],
    };
    let entity = *scribe.random.pick(entities);
    match scribe.random.weighted(&[560, 190, 150, 40, 6, 40, 14]) {
        0 => scribe.open_page(
            at,
            session,
            Page {
                entity,
                is_record: true,
            },
        ),
        1 => scribe.open_page(
            at,
            session,
            Page {
                entity,
                is_record: false,
            },
        ),
        2 => scribe.edit_record(at, session, entity),
        3 => {
            let report = some_report(scribe);
            scribe.run_report(at, session, report);
        }
        4 => {
            let report = some_report(scribe);
            scribe.export_report(at, session, report);
        }
        5 => {
            let action = *scribe
                .random
                .pick(&["VersionDownloadAction", "VersionRenditionDownload", "ChatterUpload"]);
            let file_type = *scribe.random.pick(&["PDF", "PDF", "EXCEL_X", "PNG", "WORD_X"]);
            let bytes = scribe.random.between(12_000, 3_800_000);
            scribe.transfer_file(at, session, action, file_type, bytes);
        }
        _ => scribe.classic_page(at, session, "/ui/setup/Setup"),
    }
}

fn some_report(scribe: &mut Scribe<'_>) -> Report<'static> {
    let report = *scribe.random.pick(&REPORTS);
    Report {
        rows: report.rows + scribe.random.between(-60, 90),
        ..report
    }
}

/// The evening's look at the phone.
fn phone<'w>(scribe: &mut Scribe<'w>, user: &'w User, day: i64, country: &str) {
    let at = scribe.org.zone.at(day, 19 * HOUR) + scribe.random.between(0, 150) * MINUTE;
    let ip = *scribe.random.pick(&CARRIERS);
    let session = Session {
        app: Some(&MOBILE),
        ..scribe.browser(user, &PHONE, ip)
    };
    scribe.login(at, &session, Login::of(LoginKind::RefreshToken, country));
    for _ in 0..scribe.scaled(300) {
        let entity = *scribe.random.pick(&["Account", "Opportunity", "Case"]);
        let uri = format!("/services/data/v65.0/ui-api/records/{}", scribe.some_record(entity));
        let call_at = at + scribe.random.between(3, 900) * SECOND;
        scribe.api_call(call_at, &session, ApiCall::get(&uri, entity));
    }
}

/// What administrators do: passwords, users, permission sets, and now and then a login as a user who asked for help.
fn administer(scribe: &mut Scribe<'_>, session: &Session<'_>, midnight: Ms) {
    let org = scribe.org;
    let at = midnight + scribe.random.between(10 * 60, 17 * 60) * MINUTE + scribe.random.between(0, 59_999);
    let index = scribe.random.index(org.people.len());
    let user = &org.people[index];
    match scribe.random.weighted(&[40, 25, 10, 25]) {
        0 => {
            let display = format!("Reset password for user {} (UserID: {})", user.name, user.id15);
            let change = Setup {
                action: "resetpassword",
                section: "Manage Users",
                display: &display,
            };
            scribe.setup(at, session, change);
        }
        1 => {
            let display = format!("Changed role for user {}", user.name);
            let change = Setup {
                action: "changedroleforuser",
                section: "Manage Users",
                display: &display,
            };
            scribe.setup(at, session, change);
        }
        2 => scribe.assign_permissions(
            at,
            session,
            user,
            "Report Builder",
            "[\"ScheduleReports\",\"ManageDashboards\"]",
        ),
        _ => {
            let helped = scribe.login_as(at, session, user);
            for step in 1..=scribe.random.between(2, 6) {
                let page = Page {
                    entity: "Case",
                    is_record: true,
                };
                scribe.open_page(at + step * 50 * SECOND, &helped, page);
            }
        }
    }
}
