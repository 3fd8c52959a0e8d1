//! Stores of other versions: an older one is upgraded and keeps everything, a newer one is refused and not touched.
//!
//! `fixtures/layout-1.tar.zst` is a store as the program made it when its own tables were of version 1, from invented logs: four
//! loads into three tables, one row in quarantine.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use sekisho_store::{Error, Mode, NoKnownTables, Store};

use crate::kit::{ask, open, read};
use crate::verify::verify;

const PACKED: &[u8] = include_bytes!("../fixtures/layout-1.tar.zst");

/// What the program that made the store answered, and what was asked.
const ANSWERS: [(&str, &[&str]); 4] = [
    (
        "SELECT concat_ws('|', \"_uid\", \"_org\", \"_file\", CAST(\"_line\" AS VARCHAR), USER_ID, CLIENT_IP, URI, CAST(RUN_TIME AS VARCHAR), \"_extra\") FROM salesforce_elf.\"RestApi\" ORDER BY 1",
        &[
            "1a3e697c66cfe4c2087f6c6cf595d1a6|00D5g00000AbCdE|in/rest1.csv|2|005000000000001|192.0.2.10|/services/data/v60.0/query|12",
            "247a771f10474935c9adfa3e853f9030|00D5g00000AbCdE|in/rest1.csv|4|005000000000001|198.51.100.7|/services/data/v60.0/query",
            "dd9bddeb0ad23b844524ecd58d1598ce|00D5g00000AbCdE|in/rest2.csv|2|005000000000001|203.0.113.9|/services/data/v60.0/query|12|{\"BRAND_NEW\":\"kept\"}",
            "f5f7e5208f8478d6ecc1d14974143fe2|00D5g00000AbCdE|in/rest1.csv|3|005000000000002|192.0.2.11|/services/data/v60.0/sobjects/Account|15",
        ],
    ),
    (
        "SELECT concat_ws('|', event_uid, org, actor, src_ip, \"table\", action) FROM events ORDER BY 1",
        &[
            "1a3e697c66cfe4c2087f6c6cf595d1a6|00D5g00000AbCdE|005000000000001|192.0.2.10|salesforce_elf.RestApi",
            "205faef0b22426cee1b473c2d34482df|00D5g00000AbCdE|005000000000001|192.0.2.10|salesforce_elf.Login",
            "247a771f10474935c9adfa3e853f9030|00D5g00000AbCdE|005000000000001|198.51.100.7|salesforce_elf.RestApi",
            "8d3971bd6101df12e77d9981333e973b|gitlab.example.com|Aiko|192.0.2.77|gitlab.audit_events|deploy_key_added",
            "97e7d2233575c4a77cdb00b9b30b66e8|gitlab.example.com|Ren|gitlab.audit_events|project_visibility_level_updated",
            "afd5fa5786b185f851c81766044e231b|00D5g00000AbCdE|005000000000002|198.51.100.99|salesforce_elf.Login",
            "dd9bddeb0ad23b844524ecd58d1598ce|00D5g00000AbCdE|005000000000001|203.0.113.9|salesforce_elf.RestApi",
            "f5f7e5208f8478d6ecc1d14974143fe2|00D5g00000AbCdE|005000000000002|192.0.2.11|salesforce_elf.RestApi",
        ],
    ),
    (
        "SELECT concat_ws('|', \"_uid\", \"_file\", CAST(\"_line\" AS VARCHAR), reason) FROM sekisho.quarantine ORDER BY 1",
        &["2bcc62c8151d1b7ca8526b188839061f|in/rest2.csv|3|the row has 7 columns, the header 13"],
    ),
    (
        "SELECT concat_ws('|', name, sha256, kind, CAST(events AS VARCHAR), CAST(rejected AS VARCHAR), CAST(loads AS VARCHAR)) FROM sekisho.files ORDER BY 1",
        &[
            "in/audit.ndjson|41dc80eaf6ff0b82edf9e929f0bff8aba8c8b40d159bb600960def38ccea7798|gitlab-audit|2|0|1",
            "in/login.csv|95cefc7d1aff63f12bc51c4bc94c4efe3007a429e5748a0400342662b7cc402d|salesforce-elf|2|0|1",
            "in/rest1.csv|f9a6956153bc1f02d2e1c444797a333edb0e4b014e8a86bdc44a59c5e2472f30|salesforce-elf|3|0|1",
            "in/rest2.csv|9506ed4e99fb1cd81a77c702f5e8d782a5b7e4787b7144fc6c567c1695d62382|salesforce-elf|1|1|1",
        ],
    ),
];

/// Unpacks the old store. The archive is a plain one: names and sizes in heads of 512 bytes, contents filled up to as much.
fn unpack(to: &Path) {
    const BLOCK: usize = 512;
    let bytes = zstd::stream::decode_all(PACKED).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.split(|byte| *byte == 0).next().unwrap().to_vec()).unwrap();
    let mut at = 0;
    while at + BLOCK <= bytes.len() && bytes[at] != 0 {
        let head = &bytes[at..at + BLOCK];
        let size = usize::from_str_radix(text(&head[124..136]).trim(), 8).unwrap();
        let path = to.join(text(&head[..100]));
        at += BLOCK;
        if head[156] == b'5' {
            std::fs::create_dir_all(path).unwrap();
        } else {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &bytes[at..at + size]).unwrap();
        }
        at += size.div_ceil(BLOCK) * BLOCK;
    }
}

fn layout(dir: &Path) -> i64 {
    let connection = rusqlite::Connection::open(dir.join("catalogue.sqlite")).unwrap();
    connection
        .query_row("SELECT version FROM sekisho_layout", [], |row| row.get(0))
        .unwrap()
}

fn assert_answers(store: &Store) {
    for (sql, wanted) in ANSWERS {
        let found: Vec<String> = ask(store, sql).into_iter().flatten().collect();
        assert_eq!(found, wanted, "{sql}");
    }
}

#[test]
fn an_older_store_is_upgraded_and_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    unpack(dir.path());
    assert_eq!(layout(dir.path()), 1);
    // The check changes nothing, so it sees the store as it was.
    let before = verify(dir.path());
    assert!(before.is_ok(), "{before:#?}");
    assert_eq!(
        before.unsummed.len(),
        15,
        "catalogue, nine segments, five files of identities: {before:#?}"
    );
    assert_eq!(layout(dir.path()), 1);
    assert_answers(&read(dir.path()));
    assert!(layout(dir.path()) > 1);
    let store = open(dir.path());
    for table in [
        "salesforce_elf.RestApi",
        "salesforce_elf.Login",
        "gitlab.audit_events",
        "events",
    ] {
        let rows: Vec<_> = store
            .scan(table, Default::default(), None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let mut ingest = store.begin().unwrap();
        for batch in rows {
            let rows = batch.num_rows();
            assert_eq!(ingest.append(table, batch).unwrap().duplicates, rows, "{table}");
        }
        ingest.commit().unwrap();
    }
    assert_answers(&store);
    drop(store);
    let after = verify(dir.path());
    assert!(after.is_ok(), "{after:#?}");
    assert!(!after.unsummed.contains(&"catalogue.sqlite".to_owned()), "{after:#?}");
    let report = Store::repair(dir.path(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.catalogue_summed && report.summed.len() >= 14, "{report:#?}");
    assert!(report.after.is_ok() && report.after.unsummed.is_empty(), "{report:#?}");
    assert_answers(&read(dir.path()));
}

const CHILD_DIR: &str = "SEKISHO_STORE_TEST_UPGRADE_DIR";

#[test]
fn an_upgrade_that_is_killed_leaves_the_old_store_or_the_new_one() {
    let mut seen = BTreeMap::new();
    for round in 0..24 {
        let dir = tempfile::tempdir().unwrap();
        unpack(dir.path());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "versions::child", "--ignored", "--test-threads=1"])
            .env(CHILD_DIR, dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(4 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let report = verify(dir.path());
        assert!(report.is_ok(), "{report:#?}");
        *seen.entry(layout(dir.path())).or_insert(0) += 1;
        assert_answers(&read(dir.path()));
    }
    assert!(
        seen.contains_key(&1),
        "no child was killed before it was done: {seen:?}"
    );
}

#[test]
#[ignore = "the child that `an_upgrade_that_is_killed_…` kills"]
fn child() {
    if let Some(dir) = std::env::var_os(CHILD_DIR) {
        open(Path::new(&dir));
    }
}

#[test]
fn a_newer_store_is_refused_and_not_one_byte_is_changed() {
    let dir = tempfile::tempdir().unwrap();
    unpack(dir.path());
    drop(open(dir.path()));
    let connection = rusqlite::Connection::open(dir.path().join("catalogue.sqlite")).unwrap();
    connection
        .execute("UPDATE sekisho_layout SET version = 1000", [])
        .unwrap();
    drop(connection);
    std::fs::remove_file(dir.path().join("writer.lock")).unwrap();
    let before = content(dir.path());
    for mode in [Mode::ReadOnly, Mode::ReadWrite] {
        let refused = Store::open(dir.path(), mode, Arc::new(NoKnownTables));
        assert!(
            matches!(refused, Err(Error::Version { found: 1000, .. })),
            "{refused:?}"
        );
    }
    let mut on = |_| ControlFlow::Continue(());
    let outside = dir.path().with_extension("elsewhere");
    assert!(matches!(Store::verify(dir.path(), &mut on), Err(Error::Version { .. })));
    assert!(matches!(Store::repair(dir.path(), &mut on), Err(Error::Version { .. })));
    assert!(matches!(
        Store::backup(dir.path(), &outside, "0", &mut on),
        Err(Error::Version { .. })
    ));
    assert!(matches!(
        Store::export_lake(dir.path(), &outside, &mut on),
        Err(Error::Version { .. })
    ));
    assert!(
        content(dir.path()) == before,
        "something was changed: {:?}",
        content(dir.path()).keys()
    );
    assert!(!outside.exists());
}

fn content(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        } else {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}
