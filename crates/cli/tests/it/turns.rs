//! Several processes on one store: who has to wait is told for whom, and nothing is lost or doubled.
#![allow(
    clippy::disallowed_types,
    reason = "the tests take the writer's lock as another process would"
)]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::program::Program;
use crate::samples;

/// Takes the writer's lock as a load of process 4242 would.
fn locked(program: &Program) -> File {
    let mut file = File::create(program.path("sekisho-data/writer.lock")).unwrap();
    file.lock().unwrap();
    file.write_all(b"4242 load 1763893920000000\n").unwrap();
    file
}

#[test]
fn a_load_waits_for_another_one_and_says_so() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    program.run(&["ingest", &log]).exits(0);
    let lock = locked(&program);
    for (lang, told) in [
        (
            "en",
            "waiting for another process to finish with the store (process 4242, loading since 10:32 UTC)",
        ),
        ("ja", "プロセス 4242、10:32 UTC から取り込み中"),
    ] {
        let mut command = program.command(&["ingest", "--lang", lang, &log]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stderr.as_mut().unwrap())
            .read_line(&mut said)
            .unwrap();
        assert!(said.contains(told), "{said}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let begun = Instant::now();
    let refused = program.run(&["ingest", "--no-wait", &log]).exits(3);
    assert!(refused.err.contains("process 4242"), "{}", refused.err);
    assert!(begun.elapsed() < Duration::from_secs(8), "it did not wait");
    program.run(&["query", "SELECT count(*) FROM events"]).exits(0);
    let waiting = program
        .command(&["ingest", &log])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop(lock);
    let output = waiting.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "it goes on once the store is free");
}

#[test]
fn two_loads_at_once_and_maintenance_beside_a_server_give_one_store() {
    let program = Program::new();
    let logs: Vec<String> = (0..4)
        .map(|number| {
            let text = samples::REST_API.replace("TID:", &format!("TID:{number}"));
            program.file(&format!("log{number}.csv"), text)
        })
        .collect();
    program.run(&["ingest", &logs[0]]).exits(0);
    let mut server = program
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut children: Vec<_> = [&logs[1], &logs[2], &logs[3], &logs[1]]
        .into_iter()
        .map(|log| program.command(&["ingest", log]).stdout(Stdio::null()).spawn().unwrap())
        .collect();
    children.push(
        program
            .command(&["store", "maintain"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let count = "SELECT count(*) AS n, count(DISTINCT event_uid) AS d FROM events";
    for _ in 0..3 {
        let row = program.run(&["query", count]).exits(0).lines().remove(0);
        assert_eq!(row["n"], row["d"]);
    }
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    let done = program.run(&["store", "maintain", "--format", "json"]).exits(0).json();
    assert_eq!(done["problems"], serde_json::json!([]));
    let row = program.run(&["query", count]).exits(0).lines().remove(0);
    assert_eq!((row["n"].as_u64(), row["d"].as_u64()), (Some(8), Some(8)));
    server.kill().unwrap();
    server.wait().unwrap();
}
