use serde_json::Value;

use crate::program::Program;
use crate::samples;

const NETWORKS: &str = "kind: allow_list\nname: vendor-networks\napp: Example Connect\nranges: [192.0.2.0/26]\n";

/// What an org without event monitoring has: logins, changes of the set-up, and the calls of one day.
const LOGIN_HISTORY: &str = "\"Username\",\"Login Time\",\"Source IP\",\"Location\",\"Login Type\",\"Status\",\"Browser\",\"Platform\",\"Application\",\"Client Version\",\"API Type\",\"API Version\",\"Login URL\"\n\
    \"mika@example.com\",\"2025-11-03T09:00:00Z\",\"198.51.100.7\",\"Japan\",\"Application\",\"Success\",\"Chrome 138\",\"Windows 11\",\"Browser\",\"N/A\",\"N/A\",\"N/A\",\"login.salesforce.com\"\n\
    \"mika@example.com\",\"2025-11-20T09:00:00Z\",\"198.51.100.7\",\"Japan\",\"Application\",\"Success\",\"Chrome 138\",\"Windows 11\",\"Browser\",\"N/A\",\"N/A\",\"N/A\",\"login.salesforce.com\"\n";
const SETUP_AUDIT_TRAIL: &str = "\"Date\",\"User\",\"Source Namespace Prefix\",\"Action\",\"Section\",\"Delegate User\"\n\
    \"2025-11-04T01:02:03Z\",\"mika@example.com\",\"\",\"Changed profile of user\",\"Manage Users\",\"\"\n";
const API_TOTAL_USAGE: &str = "\"EVENT_TYPE\",\"TIMESTAMP\",\"TIMESTAMP_DERIVED\",\"USER_ID\",\"USER_NAME\",\"CLIENT_IP\",\"HTTP_METHOD\",\"API_RESOURCE\",\"STATUS_CODE\"\n\
    \"ApiTotalUsage\",\"20251120100000.000\",\"2025-11-20T10:00:00.000Z\",\"0055h00000A\",\"mika@example.com\",\"198.51.100.7\",\"GET\",\"/v62.0/query\",\"200\"\n";

#[test]
fn an_org_without_shield_is_inconclusive_and_told_which_log_settles_it() {
    let program = Program::new();
    program.file("logs/LoginHistory.csv", LOGIN_HISTORY);
    program.file("logs/SetupAuditTrail.csv", SETUP_AUDIT_TRAIL);
    program.file("logs/2025-11-20_ApiTotalUsage.csv", API_TOTAL_USAGE);
    let list = program.file("list.txt", "203.0.113.9\n");
    program.run(&["ingest", "--org", "acme", "logs"]).exits(0);
    let sheet = program
        .run(&["verdict", "--ioc", &list, "--format", "json"])
        .exits(4)
        .json();
    let org = &sheet["orgs"][0];
    assert_eq!(
        (&org["org"], &org["verdict"]),
        (&Value::from("acme"), &Value::from("inconclusive"))
    );
    let unseen = &org["unseen"][0];
    assert_eq!(unseen["table"], "salesforce.LoginHistory", "{org:#}");
    assert!(
        unseen["settle"]["log"].as_str().unwrap().contains("ApiTotalUsage"),
        "{unseen:#}"
    );
    for lang in ["en", "ja"] {
        let page = program
            .run(&["verdict", "--ioc", &list, "--format", "table", "--lang", lang])
            .exits(4)
            .out;
        assert!(
            page.contains("ApiTotalUsage") && page.contains("inconclusive"),
            "{page}"
        );
    }
    let found = program.file("found.txt", "198.51.100.7\n");
    program.run(&["verdict", "--ioc", &found]).exits(1);
}

#[test]
fn files_and_the_store_give_one_sheet() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let list = program.file("list.yaml", samples::LIST);
    let networks = program.file("networks.yaml", NETWORKS);
    let sheet = |paths: &[&str]| {
        let arguments = ["verdict", "--ioc", &list, "--allow", &networks, "--format", "json"];
        let mut sheet = program.run(&[&arguments, paths].concat()).exits(1).json();
        sheet["made_at"] = Value::Null;
        sheet
    };
    let of_files = sheet(&[&log]);
    assert_eq!(of_files["verdict"], "hit");
    program.run(&["ingest", &log]).exits(0);
    assert_eq!(of_files, sheet(&[]));
}

#[test]
fn a_list_of_friends_is_no_list_of_foes() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let list = program.file("list.yaml", samples::LIST);
    let networks = program.file("networks.yaml", NETWORKS);
    program.run(&["verdict", "--ioc", &networks, &log]).exits(2);
    program.run(&["verdict", "--allow", &list, &log]).exits(2);
    program.run(&["verdict", "--ioc", "missing.yaml", &log]).exits(2);
}

#[test]
fn without_a_question_nothing_is_clear() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    let run = program.run(&["verdict", "--format", "json", &log]);
    assert_ne!(run.exit, 0, "{}", run.out);
    assert!(!run.out.contains("\"clear\""), "{}", run.out);
}
