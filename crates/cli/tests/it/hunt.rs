use crate::program::Program;
use crate::samples;

#[test]
fn a_hit_names_its_session_on_files_and_on_the_store() {
    let program = Program::new();
    let list = program.file("list.yaml", samples::LIST);
    let log = program.file("log.csv", samples::REST_API);
    let hunt = |paths: &[&str]| {
        program
            .run(&[&["hunt", "--ioc", &list, "--format", "json"], paths].concat())
            .exits(1)
            .json()
    };
    let on_files = hunt(&[&log]);
    assert_eq!(on_files["verdict"], "hit");
    assert_eq!(on_files["lists"][0]["name"], "example-advisory");
    assert_eq!(on_files["lists"][0]["indicators"], 2);
    let hits = on_files["hits"].as_array().unwrap();
    let by = |how: &str| hits.iter().find(|hit| hit["match"] == how).unwrap();
    assert_eq!(by("exact")["indicator"], "203.0.113.9");
    assert_eq!(by("exact")["session_key"], "aB+/c1D2e3F4g5H6");
    assert_eq!(by("token")["user_agent"], "python-requests/2.32.3");
    assert_eq!(on_files["coverage"][0]["table"], "salesforce_elf.RestApi");
    assert_eq!(on_files["coverage"][0]["events"], 2);
    program.run(&["ingest", &log]).exits(0);
    let on_store = hunt(&[]);
    assert_eq!(
        on_store["hits"], on_files["hits"],
        "the store and bare files give one answer"
    );
    assert_eq!(on_store["verdict"], on_files["verdict"]);
}

#[test]
fn what_no_table_could_have_shown_is_never_called_clear() {
    let program = Program::new();
    let list = program.file(
        "list.yaml",
        samples::LIST
            .replace("203.0.113.9", "192.0.2.99")
            .replace("2.32.3", "0.0.1"),
    );
    let log = program.file("audit.ndjson", samples::GITLAB);
    let answer = program
        .run(&["hunt", "--ioc", &list, "--format", "json", &log])
        .exits(4)
        .json();
    assert_eq!(answer["verdict"], "inconclusive", "audit events carry no user agent");
    let only_ip = program.file("ip.txt", "192.0.2.99\n");
    let salesforce = program.file("log.csv", samples::REST_API);
    let clear = program
        .run(&["hunt", "--ioc", &only_ip, "--format", "json", &salesforce])
        .json();
    assert_ne!(clear["verdict"], "hit");
}

#[test]
fn rows_that_could_not_be_read_forbid_clear() {
    let program = Program::new();
    let list = program.file("ip.txt", "192.0.2.99\n");
    let broken = program.file("log.csv", format!("{}\"RestApi\",\"short\"\n", samples::REST_API));
    let answer = program
        .run(&["hunt", "--ioc", &list, "--format", "json", &broken])
        .exits(4)
        .json();
    assert_eq!(answer["verdict"], "inconclusive");
}

#[test]
fn a_list_that_is_not_accepted_exits_2() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let list = program.file(
        "list.yaml",
        "name: x\nindicators:\n  - {kind: ip, value: not-an-address}\n",
    );
    let run = program.run(&["hunt", "--ioc", &list, &log]).exits(2);
    assert!(run.out.is_empty() && run.err.contains("not-an-address"), "{}", run.err);
}

#[test]
fn people_get_the_verdict_first_in_their_language() {
    let program = Program::new();
    let list = program.file("list.yaml", samples::LIST);
    let log = program.file("log.csv", samples::REST_API);
    let english = program
        .run(&["hunt", "--ioc", &list, "--format", "table", &log])
        .exits(1)
        .out;
    assert!(english.starts_with("verdict: hit"), "{english}");
    let japanese = program
        .run(&["hunt", "--ioc", &list, "--format", "table", "--lang", "ja", &log])
        .exits(1)
        .out;
    assert!(
        japanese.starts_with("判定: hit") && japanese.contains("調査範囲"),
        "{japanese}"
    );
}
