use crate::program::Program;
use crate::samples;

#[test]
fn both_keys_lead_to_the_same_tree() {
    let program = Program::new();
    let login = program.file("login.csv", samples::LOGIN);
    let log = program.file("log.csv", samples::REST_API);
    let by_session = program
        .run(&["session", "--format", "json", "aB+/c1D2e3F4g5H6", &login, &log])
        .exits(0)
        .json();
    assert_eq!(by_session["login_key"], "Zx9+/Yw8Vu7Ts6Rq");
    assert_eq!(by_session["login"]["src_ip"], "203.0.113.9");
    assert_eq!(by_session["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(by_session["sessions"][0]["session_key"], "aB+/c1D2e3F4g5H6");
    assert_eq!(by_session["sessions"][0]["kind"], "login");
    program.run(&["ingest", &login, &log]).exits(0);
    let by_login = program
        .run(&["session", "--format", "json", "Zx9+/Yw8Vu7Ts6Rq"])
        .exits(0)
        .json();
    assert_eq!(by_login, by_session);
}

#[test]
fn keys_differ_in_case_alone() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let tree = program
        .run(&["session", "--format", "json", "ab+/C1d2E3f4G5h6", &log])
        .exits(0)
        .json();
    assert_eq!(tree["login_key"], "zX9+/yW8vU7tS6rQ");
    assert!(tree["login"].is_null(), "no login row is in the data");
}

#[test]
fn a_key_that_is_nowhere_has_no_sessions() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let run = program.run(&["session", "--format", "json", "nowhere", &log]).exits(0);
    assert_eq!(run.json()["sessions"].as_array().unwrap().len(), 0);
    assert!(run.err.contains("no event"));
}
