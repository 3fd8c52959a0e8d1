use crate::program::Program;
use crate::samples;

#[test]
fn the_whole_catalogue_is_listed_without_a_store() {
    let program = Program::new();
    let rows = program.run(&["tables"]).exits(0).lines();
    let has = |name: &str| rows.iter().any(|row| row["table"] == name && row["events"] == 0);
    for name in [
        "events",
        "salesforce.ApiEvent",
        "salesforce_elf.Report",
        "salesforce_event_log.LoginEventLog",
        "salesforce.LoginHistory",
        "gitlab.audit_events",
        "gitlab.api_log",
        "aws.cloudtrail",
        "gcp.audit",
    ] {
        assert!(has(name), "{name}");
    }
    let of = |schema: &str| {
        rows.iter()
            .filter(|row| row["table"].as_str().unwrap().starts_with(schema))
            .count()
    };
    assert_eq!(of("salesforce_elf."), 76);
    assert_eq!(of("salesforce_event_log."), 36);
    assert_eq!(
        of("salesforce."),
        44 + 16 + 1,
        "RTEM, support objects, and field history of any object"
    );
    assert_eq!(rows[0]["kind"], "view");
    assert!(!program.path("sekisho-data").exists());
}

#[test]
fn columns_have_type_unit_meaning_and_doubt() {
    let program = Program::new();
    let unit = |table: &str| {
        let rows = program.run(&["tables", table]).exits(0).lines();
        let row = rows
            .iter()
            .find(|row| row["column"] == "DB_TOTAL_TIME")
            .unwrap()
            .clone();
        assert!(
            rows.iter()
                .any(|row| row["column"] == "DB_TOTAL_TIME_ms" && row["unit"] == "ms")
        );
        row["unit"].as_str().unwrap().to_owned()
    };
    assert_eq!(unit("salesforce_elf.Report"), "ns");
    assert_eq!(unit("salesforce_elf.ApexExecution"), "ms");
    let row = &program.run(&["tables", "salesforce.ApiEvent"]).exits(0).lines()[6];
    for key in ["column", "type", "unit", "meaning", "doubt"] {
        assert!(row.get(key).is_some(), "{key}");
    }
    for name in ["nonsense", "salesforce.NoSuchThing", "salesforce_elf.Two.Dots"] {
        program.run(&["tables", name]).exits(2);
    }
}

#[test]
fn stored_tables_say_what_they_hold_and_when_it_ages_out() {
    let program = Program::new();
    let log = program.file("log.csv", samples::REST_API);
    program.run(&["ingest", &log]).exits(0);
    let rows = program.run(&["tables"]).exits(0).lines();
    let row = rows
        .iter()
        .find(|row| row["table"] == "salesforce_elf.RestApi")
        .unwrap();
    assert_eq!(row["events"], 2);
    assert_eq!(row["from"], "2025-11-23T07:01:02.130Z");
    assert_eq!(row["to"], "2025-11-23T07:02:03Z");
    assert_eq!(row["ages_out"], "2025-12-23T07:01:02.130Z", "ELF is kept for 30 days");
    assert_eq!(rows[0]["events"], 2);
}
