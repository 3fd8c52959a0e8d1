#![allow(clippy::disallowed_types, reason = "tests connect as clients do")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::program::Program;
use crate::samples;

/// A server that ends with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_its_address_and_answers_there() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    program.run(&["ingest", &log]).exits(0);
    let list = program.file("list.yaml", samples::LIST);
    let mut command = program.command(&["serve", "--listen", "127.0.0.1:0", "--ioc", &list]);
    let mut serving = Serving(command.stderr(Stdio::piped()).spawn().unwrap());
    let said = BufReader::new(serving.0.stderr.take().unwrap());
    let address = said
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned))
        .unwrap();
    assert!(get(&address, "/healthz").contains("\"status\":\"ok\""));
    let verdict = get(&address, "/api/v1/verdict");
    assert!(verdict.contains("\"verdict\":\"hit\""), "{verdict}");
}

#[test]
fn it_goes_on_when_nobody_reads_what_it_says() {
    let program = Program::new();
    let mut command = program.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut serving = Serving(
        command
            .env("SEKISHO_LOG", "info")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut first = String::new();
    let mut said = BufReader::new(serving.0.stderr.take().unwrap());
    while !first.contains("listening on http://") {
        first.clear();
        said.read_line(&mut first).unwrap();
    }
    drop(said);
    let address = first.trim().strip_prefix("listening on http://").unwrap();
    for _ in 0..3 {
        assert!(get(address, "/healthz").starts_with("HTTP/1.1 "));
    }
}

#[test]
fn it_ends_well_when_told_to() {
    let program = Program::new();
    for signal in ["-TERM", "-INT"] {
        let mut command = program.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut serving = Serving(command.stderr(Stdio::piped()).spawn().unwrap());
        let mut said = BufReader::new(serving.0.stderr.take().unwrap()).lines();
        assert!(said.next().unwrap().unwrap().starts_with("listening on "));
        let id = serving.0.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(serving.0.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn other_machines_are_not_served_yet() {
    let program = Program::new();
    let run = program.run(&["serve", "--listen", "0.0.0.0:0"]).exits(2);
    assert!(run.err.contains("accounts and TLS"), "{}", run.err);
    assert!(run.err.contains("hint: "), "{}", run.err);
    let run = program.run(&["serve", "--lang", "ja", "--listen", "[::]:0"]).exits(2);
    assert!(
        run.err.contains("アカウント") && run.err.contains("ヒント: "),
        "{}",
        run.err
    );
    for wrong in ["7474", "example.com:80", ""] {
        program.run(&["serve", "--listen", wrong]).exits(2);
    }
}

#[test]
fn what_is_watched_for_must_exist() {
    let program = Program::new();
    program
        .run(&["serve", "--listen", "127.0.0.1:0", "--ioc", "none.yaml"])
        .exits(2);
}

/// Returns the whole answer to a GET.
fn get(address: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
