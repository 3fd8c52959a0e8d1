use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use sekisho_event::time::parse_instant;
use sekisho_session::{Flag, MAX_DISTINCT, Reason, Session, SessionError, SessionKind, Tree, tree};

const COLUMNS: [&str; 15] = [
    "event_uid",
    "org",
    "table",
    "action",
    "outcome",
    "actor",
    "actor_id",
    "src_ip",
    "user_agent",
    "app",
    "login_key",
    "session_key",
    "target",
    "query",
    "country",
];

/// Makes a batch of rows, one a line, cells split by ` | `.
fn batch(text: &str, is_dictionary: bool) -> RecordBatch {
    let rows: Vec<BTreeMap<&str, &str>> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| line.split(" | ").map(|cell| cell.split_once('=').unwrap()).collect())
        .collect();
    let times: TimestampMicrosecondArray = rows
        .iter()
        .map(|row| row.get("time").map(|time| parse_instant(time, None).unwrap()))
        .collect();
    let mut fields = vec![Field::new(
        "time",
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        true,
    )];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(times.with_timezone("UTC"))];
    for name in COLUMNS {
        let values: StringArray = rows.iter().map(|row| row.get(name).copied()).collect();
        let ty = if is_dictionary && name != "event_uid" {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        } else {
            DataType::Utf8
        };
        columns.push(arrow::compute::cast(&values, &ty).unwrap());
        fields.push(Field::new(name, ty, true));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// Builds a tree from rows in one batch, in one batch a row and as plain text; all must agree.
fn tree_of(key: &str, text: &str) -> Option<Tree> {
    let whole = batch(text, true);
    let build =
        |batches: Vec<RecordBatch>| tree::<SessionError, _>(key, || Ok(batches.clone().into_iter().map(Ok))).unwrap();
    let built = build(vec![whole.clone()]);
    assert_eq!(
        built,
        build((0..whole.num_rows()).rev().map(|row| whole.slice(row, 1)).collect())
    );
    assert_eq!(built, build(vec![batch(text, false)]));
    built
}

fn kinds(tree: &Tree) -> Vec<(&str, SessionKind)> {
    tree.sessions
        .iter()
        .map(|session| (session.session_key.as_str(), session.kind))
        .collect()
}

fn session<'a>(tree: &'a Tree, key: &str) -> &'a Session {
    tree.sessions.iter().find(|session| session.session_key == key).unwrap()
}

const LOGIN: &str = "time=2025-11-03T10:00:00Z | org=A | table=salesforce.LoginEvent | event_uid=l1 | actor=ann@example.com | actor_id=0055g00000AbCdEEAV | src_ip=192.0.2.1 | user_agent=Chrome 138 | app=Browser | outcome=success | login_key=Ab+/1 | country=JP";
const FIRST: &str = "time=2025-11-03T10:01:00Z | org=A | table=salesforce.UriEvent | actor=ann@example.com | actor_id=0055g00000AbCdE | src_ip=::ffff:192.0.2.1 | user_agent=Mozilla/5.0 A | login_key=Ab+/1 | session_key=S1";

#[test]
fn the_first_session_after_a_login_is_the_login() {
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{FIRST}")).unwrap();
    assert_eq!(tree.login_key.as_deref(), Some("Ab+/1"));
    assert_eq!(tree.user.as_deref(), Some("ann@example.com"));
    assert_eq!(tree.login.as_ref().unwrap().event_uid.as_deref(), Some("l1"));
    assert_eq!(kinds(&tree), [("S1", SessionKind::Login)]);
    let first = &tree.sessions[0];
    assert_eq!(first.src_ips, ["192.0.2.1"]);
    assert_eq!(first.reasons, [Reason::FirstAfterLogin]);
    assert!(first.flags.is_empty());
    assert_eq!(first.from.as_deref(), Some("2025-11-03T10:01:00Z"));
    assert_eq!((first.events, tree.events_without_session), (1, 0));
}

#[test]
fn a_session_key_leads_to_the_whole_login() {
    let text = format!("{LOGIN}\n{FIRST}");
    assert_eq!(tree_of("S1", &text), tree_of("Ab+/1", &text));
}

#[test]
fn keys_are_exact() {
    let text = format!("{LOGIN}\n{FIRST}");
    for key in ["ab+/1", "Ab /1", "Ab+/1 ", "Ab%2B/1", "s1", ""] {
        assert_eq!(tree_of(key, &text), None, "{key}");
    }
    let other_case = FIRST.replace("Ab+/1", "aB+/1").replace("S1", "s1");
    let tree = tree_of("Ab+/1", &format!("{text}\n{other_case}")).unwrap();
    assert_eq!(kinds(&tree), [("S1", SessionKind::Login)]);
}

#[test]
fn another_user_under_the_login_is_a_login_as() {
    let other = FIRST
        .replace("ann@", "bob@")
        .replace("0055g00000AbCdE", "0055g00000ZzZzZ")
        .replace("10:01", "10:05")
        .replace("S1", "S2");
    let tree = tree_of("S2", &format!("{LOGIN}\n{FIRST}\n{other}")).unwrap();
    assert_eq!(kinds(&tree), [("S1", SessionKind::Login), ("S2", SessionKind::LoginAs)]);
    assert_eq!(session(&tree, "S2").reasons, [Reason::OtherUser]);
    assert_eq!(session(&tree, "S2").flags, [Flag::OtherUser]);
    assert_eq!(tree.user.as_deref(), Some("ann@example.com"));
}

#[test]
fn a_login_as_event_names_its_session_but_is_not_its_user() {
    let event = "time=2025-11-03T10:05:00Z | org=A | table=salesforce.LoginAsEvent | actor=ann@example.com | target=bob@example.com | src_ip=192.0.2.1 | login_key=Ab+/1 | session_key=S2";
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{FIRST}\n{event}")).unwrap();
    let second = session(&tree, "S2");
    assert_eq!(second.kind, SessionKind::LoginAs);
    assert_eq!(second.reasons, [Reason::LoginAsEvent]);
    assert_eq!(second.user.as_deref(), Some("bob@example.com"));
}

#[test]
fn another_device_without_login_is_a_frontdoor() {
    let other = FIRST
        .replace("Mozilla/5.0 A", "python-requests/2.32.3")
        .replace("192.0.2.1", "203.0.113.9")
        .replace("10:01", "10:30")
        .replace("S1", "S2");
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{FIRST}\n{other}")).unwrap();
    let second = session(&tree, "S2");
    assert_eq!(second.kind, SessionKind::Frontdoor);
    assert_eq!(second.reasons, [Reason::OtherDevice, Reason::OtherAddress]);
    assert_eq!(second.flags, [Flag::OtherDevice, Flag::OtherAddress]);
}

#[test]
fn a_frontdoor_uri_is_evidence_on_the_same_device() {
    let other = format!(
        "{} | query=/secur/FrontDoor.jsp?sid=x",
        FIRST.replace("10:01", "10:30").replace("S1", "S2")
    );
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{FIRST}\n{other}")).unwrap();
    assert_eq!(session(&tree, "S2").kind, SessionKind::Frontdoor);
    assert_eq!(session(&tree, "S2").reasons, [Reason::FrontdoorSeen]);
}

#[test]
fn the_same_user_device_and_address_tell_nothing() {
    let other = FIRST.replace("10:01", "10:30").replace("S1", "S2");
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{FIRST}\n{other}")).unwrap();
    assert_eq!(session(&tree, "S2").kind, SessionKind::Unknown);
    assert_eq!(session(&tree, "S2").reasons, [Reason::NothingTells]);
}

#[test]
fn tables_that_spell_users_and_browsers_differently_do_not_make_a_change() {
    let elf = "time=2025-11-03T10:30:00Z | org=A | table=salesforce_elf.URI | actor=0055g00000AbCdEEAV | actor_id=0055g00000AbCdEEAV | src_ip=192.0.2.1 | user_agent=Mozilla/5.0 (whole) | login_key=Ab+/1 | session_key=S1";
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{FIRST}\n{elf}")).unwrap();
    assert_eq!(kinds(&tree), [("S1", SessionKind::Login)]);
    assert!(tree.sessions[0].flags.is_empty(), "{:?}", tree.sessions[0].flags);
    assert_eq!(tree.sessions[0].user.as_deref(), Some("ann@example.com"));
    assert_eq!(tree.sessions[0].tables.len(), 2);
}

#[test]
fn without_a_login_row_the_login_is_null_and_the_first_session_unknown() {
    let other = FIRST
        .replace("ann@", "bob@")
        .replace("0055g00000AbCdE", "0055g00000ZzZzZ")
        .replace("10:01", "10:05")
        .replace("S1", "S2");
    let tree = tree_of("S1", &format!("{FIRST}\n{other}")).unwrap();
    assert_eq!(tree.login, None);
    assert_eq!(tree.user.as_deref(), Some("ann@example.com"));
    assert_eq!(
        kinds(&tree),
        [("S1", SessionKind::Unknown), ("S2", SessionKind::LoginAs)]
    );
    assert_eq!(tree.sessions[0].reasons, [Reason::NoLoginRow]);
    let json = serde_json::to_value(&tree).unwrap();
    assert!(json["login"].is_null());
    assert_eq!(json["sessions"][1]["kind"], "login_as");
}

#[test]
fn a_session_that_names_no_login_is_a_tree_of_its_own() {
    let tree = tree_of("S1", &FIRST.replace(" | login_key=Ab+/1", "")).unwrap();
    assert_eq!(tree.login_key, None);
    assert_eq!(kinds(&tree), [("S1", SessionKind::Unknown)]);
}

#[test]
fn a_failed_attempt_is_not_the_login() {
    let failed = LOGIN
        .replace("10:00", "09:59")
        .replace("success", "failure")
        .replace("l1", "l0");
    let tree = tree_of("Ab+/1", &format!("{failed}\n{LOGIN}\n{FIRST}")).unwrap();
    assert_eq!(tree.login.unwrap().event_uid.as_deref(), Some("l1"));
}

#[test]
fn the_session_that_the_login_row_names_is_the_login() {
    let early = FIRST.replace("10:01", "09:58").replace("S1", "S0");
    let tree = tree_of("Ab+/1", &format!("{early}\n{LOGIN} | session_key=S1\n{FIRST}")).unwrap();
    assert_eq!(session(&tree, "S1").reasons, [Reason::NamedByLoginRow]);
    assert_eq!(session(&tree, "S0").kind, SessionKind::Unknown);
}

#[test]
fn rows_of_the_login_without_a_session_are_counted() {
    let row = FIRST.replace(" | session_key=S1", "");
    let tree = tree_of("Ab+/1", &format!("{LOGIN}\n{row}")).unwrap();
    assert_eq!((tree.sessions.len(), tree.events_without_session), (0, 1));
}

#[test]
fn a_session_from_everywhere_is_capped_and_says_so() {
    let rows: Vec<String> = (0..=MAX_DISTINCT)
        .map(|number| FIRST.replace("::ffff:192.0.2.1", &format!("2001:db8::{number:x}")))
        .collect();
    let whole = batch(&rows.join("\n"), true);
    let tree = tree::<SessionError, _>("S1", || Ok([Ok(whole.clone())]))
        .unwrap()
        .unwrap();
    assert_eq!(tree.sessions[0].src_ips.len(), MAX_DISTINCT);
    assert!(tree.is_capped && tree.sessions[0].is_capped);
    assert_eq!(tree.sessions[0].events, MAX_DISTINCT as u64 + 1);
}

#[test]
fn batches_of_another_form_are_an_error() {
    let foreign = RecordBatch::new_empty(Arc::new(Schema::empty()));
    assert!(tree::<SessionError, _>("S1", || Ok([Ok(foreign.clone())])).is_err());
}
