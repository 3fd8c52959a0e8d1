//! A store with invented events: REST calls of two orgs, some at the same moment, some without a time.

use std::collections::BTreeSet;
use std::path::Path;

use sekisho_event::ids::OrgId;
use sekisho_event::time::{Range, parse_instant};
use sekisho_operation::events::EventFilter;
use sekisho_operation::ingest::ingest;
use sekisho_operation::inputs::ReadOptions;
use sekisho_operation::{Caller, OrgScope};

const HEADER: &str = r#""EVENT_TYPE","TIMESTAMP","ORGANIZATION_ID","REQUEST_ID","USER_ID","RUN_TIME","URI","SESSION_KEY","LOGIN_KEY","USER_AGENT","METHOD","STATUS_CODE","DB_TOTAL_TIME","ROWS_PROCESSED","CLIENT_IP","SOMETHING_NEW""#;

/// The dated events of each org.
pub(crate) const DATED: usize = 60;

/// The events of each org whose time cannot be read.
pub(crate) const UNDATED: usize = 7;

/// The orgs of the store.
pub(crate) const ORGS: [&str; 2] = ["kaede-japan", "kaede-us"];

/// Returns a folder with a store of both orgs.
pub(crate) fn store() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for org in ORGS {
        let file = dir.path().join(format!("{org}.csv"));
        std::fs::write(&file, log(org)).unwrap();
        let options = ReadOptions {
            org: Some(OrgId::new(org)),
            ..ReadOptions::default()
        };
        let report = ingest(&caller(), &data(&dir), &[file], &options).unwrap();
        assert_eq!(report.events as usize, DATED + UNDATED, "{report:?}");
    }
    dir
}

/// Returns the directory of its store.
pub(crate) fn data(dir: &tempfile::TempDir) -> std::path::PathBuf {
    Path::join(dir.path(), "store")
}

/// Three events a moment, a moment a minute, and then those without a time.
fn log(org: &str) -> String {
    let mut log = format!("{HEADER}\n");
    for number in 0..DATED + UNDATED {
        let minute = number / 3;
        let time = if number < DATED {
            format!("202511200{}{:02}00.{}", minute / 60, minute % 60, number % 2)
        } else {
            "not a time".to_owned()
        };
        let user = number % 4;
        let extra = if number == 0 { "=1+1" } else { "" };
        log += &format!(
            "\"RestApi\",\"{time}\",\"{org}\",\"R{number}\",\"0055g0000000{user}\",\"12\",\"/services/data/{number}\",\"S{user}+{org}\",\"L{user}\",\"agent {user}\",\"GET\",\"200\",\"5000000\",\"{number}\",\"203.0.113.{user}\",\"{extra}\"\n"
        );
    }
    log
}

/// Returns a caller who sees everything.
pub(crate) fn caller() -> Caller {
    Caller::local("tester")
}

/// Returns a caller who sees one org.
pub(crate) fn caller_of(org: &str) -> Caller {
    let mut caller = caller();
    caller.orgs = OrgScope::Only(BTreeSet::from([OrgId::new(org)]));
    caller
}

/// Returns what a search means by itself.
pub(crate) fn filter(q: &str) -> EventFilter {
    EventFilter {
        q: q.to_owned(),
        ..EventFilter::default()
    }
}

/// Returns a range of times.
pub(crate) fn range(from: &str, to: &str) -> Range {
    Range {
        from_us: Some(parse_instant(from, None).unwrap()),
        to_us: Some(parse_instant(to, None).unwrap()),
    }
}
