//! `events` is a projection: one row for each row, of one schema, whatever the table and its cells.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field};
use proptest::prelude::*;
use sekisho_event::catalogue::{Catalogue, Table};
use sekisho_event::{cells, common, layout};

/// Returns a batch of the table in which `value` says the text of each cell; other types take what reads as theirs.
fn batch(table: &Table, rows: usize, value: impl Fn(&str, usize) -> Option<String>) -> RecordBatch {
    let schema = layout::schema_of(table);
    let arrays = schema.fields().iter().map(|field| array(field, rows, &value)).collect();
    RecordBatch::try_new(schema, arrays).unwrap()
}

fn array(field: &Field, rows: usize, value: &impl Fn(&str, usize) -> Option<String>) -> ArrayRef {
    let text = |row| {
        let text = value(field.name(), row);
        if field.is_nullable() {
            text
        } else {
            Some(text.unwrap_or_default())
        }
    };
    let number = |row| text(row).map(|text| text.parse().unwrap_or(text.len() as f64));
    let rows = 0..rows;
    match field.data_type() {
        DataType::Int64 => Arc::new(
            rows.map(|row| number(row).map(|number| number as i64))
                .collect::<Int64Array>(),
        ),
        DataType::Float64 => Arc::new(rows.map(number).collect::<Float64Array>()),
        DataType::Boolean => Arc::new(
            rows.map(|row| text(row).map(|text| text.len() % 2 == 0))
                .collect::<BooleanArray>(),
        ),
        DataType::Timestamp(_, _) => {
            let times = rows
                .map(|row| number(row).map(|number| number as i64))
                .collect::<TimestampMicrosecondArray>();
            Arc::new(times.with_timezone("UTC"))
        }
        other => cast(&rows.map(text).collect::<StringArray>(), other).unwrap(),
    }
}

fn text_of(batch: &RecordBatch, column: &str, row: usize) -> Option<String> {
    cells::text(batch.column_by_name(column).unwrap(), row).map(|text| text.into_owned())
}

fn table(name: &str) -> &'static Table {
    Catalogue::builtin().table(name).unwrap()
}

fn project_cells(name: &str, given: &[(&str, &str)]) -> RecordBatch {
    let typed = batch(table(name), 1, |column, _| {
        given
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, text)| (*text).to_owned())
    });
    common::project(table(name), &typed).unwrap()
}

#[test]
fn the_first_candidate_with_a_value_wins() {
    let by_name = project_cells(
        "salesforce.ApiEvent",
        &[("Username", "alice@example.com"), ("UserId", "005")],
    );
    assert_eq!(text_of(&by_name, "actor", 0).as_deref(), Some("alice@example.com"));
    let by_id = project_cells("salesforce.ApiEvent", &[("UserId", "005")]);
    assert_eq!(text_of(&by_id, "actor", 0).as_deref(), Some("005"));
    let blank = project_cells("salesforce.ApiEvent", &[("Username", ""), ("UserId", "005")]);
    assert_eq!(text_of(&blank, "actor", 0).as_deref(), Some("005"));
    assert_eq!(text_of(&blank, "app", 0), None);
}

#[test]
fn columns_that_a_table_does_not_know_reach_events_through_its_family() {
    let from_extra =
        |name: &str, extra: &str, column: &str| text_of(&project_cells(name, &[(layout::EXTRA, extra)]), column, 0);
    let evil = Some("203.0.113.66".to_owned());
    let agent = Some("python-requests/2.32".to_owned());
    for name in ["salesforce_elf.URI", "salesforce_elf.Login", "salesforce.ApiEvent"] {
        for key in ["USER_AGENT", "user_agent", "UserAgent"] {
            let extra = format!(r#"{{"{key}":"python-requests/2.32"}}"#);
            assert_eq!(from_extra(name, &extra, "user_agent"), agent, "{name} {key}");
        }
    }
    let forwarded = r#"{"FORWARDED_FOR_IP":"203.0.113.66"}"#;
    assert_eq!(from_extra("salesforce_elf.RestApi", forwarded, "forwarded_ip"), evil);
    let client = r#"{"ClientIp":"203.0.113.66"}"#;
    assert_eq!(from_extra("salesforce.ApiEvent", client, "src_ip"), evil);
    assert_eq!(
        from_extra("gitlab.audit_events", r#"{"remote_ip":"203.0.113.66"}"#, "src_ip"),
        evil
    );
    let created_by = r#"{"CreatedBy":{"attributes":{"type":"User"},"Username":"alice@example.com"}}"#;
    let actor = from_extra("salesforce.SetupAuditTrail", created_by, "actor");
    assert_eq!(actor.as_deref(), Some("alice@example.com"));
    let with_id = project_cells(
        "salesforce.SetupAuditTrail",
        &[("CreatedById", "005"), (layout::EXTRA, created_by)],
    );
    assert_eq!(text_of(&with_id, "actor", 0), actor, "a name goes before an id");
    assert_eq!(text_of(&with_id, "actor_id", 0).as_deref(), Some("005"));
    let flat = r#"{"CreatedBy.Username":"alice@example.com"}"#;
    assert_eq!(from_extra("salesforce.SetupAuditTrail", flat, "actor"), actor);
}

#[test]
fn generic_json_fills_common_columns_by_name() {
    let row = |extra: &str| project_cells("json.events", &[(layout::EXTRA, extra)]);
    for key in ["src_ip", "ip", "clientIp", "sourceIPAddress", "Remote_IP", "\\u0069p"] {
        let events = row(&format!(r#"{{"{key}":"203.0.113.66"}}"#));
        assert_eq!(text_of(&events, "src_ip", 0).as_deref(), Some("203.0.113.66"), "{key}");
    }
    let nested = row(r#"{"source":{"ip":"203.0.113.66"},"user":{"name":"alice"},"rows":12,"ip":null,"ua":""}"#);
    assert_eq!(text_of(&nested, "src_ip", 0).as_deref(), Some("203.0.113.66"));
    assert_eq!(text_of(&nested, "actor", 0).as_deref(), Some("alice"));
    assert_eq!(text_of(&nested, "rows", 0).as_deref(), Some("12"));
    assert_eq!(text_of(&nested, "user_agent", 0), None);
    let best = row(r#"{"ip":"192.0.2.1","src_ip":"203.0.113.66"}"#);
    assert_eq!(text_of(&best, "src_ip", 0).as_deref(), Some("203.0.113.66"));
    let listed = row(r#"{"ip":["203.0.113.66","192.0.2.1"]}"#);
    assert_eq!(text_of(&listed, "src_ip", 0).as_deref(), Some("203.0.113.66"));
    assert_eq!(
        text_of(&listed, "forwarded_ip", 0).as_deref(),
        Some("203.0.113.66, 192.0.2.1")
    );
}

#[test]
fn a_deep_or_broken_neighbour_hides_nothing_in_extra() {
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let extra = format!(r#"{{"deep":{deep},"USER_AGENT":"curl/8"}}"#);
    let events = project_cells("salesforce_elf.URI", &[(layout::EXTRA, &extra)]);
    assert_eq!(text_of(&events, "user_agent", 0).as_deref(), Some("curl/8"));
    for text in ["", "[]", "7", "{", r#"{"a":"#, "null"] {
        let events = project_cells("json.events", &[(layout::EXTRA, text)]);
        assert_eq!(text_of(&events, "src_ip", 0), None, "{text}");
    }
}

#[test]
fn a_column_of_the_table_wins_over_extra_row_by_row() {
    let extra = r#"{"SOURCE_IP":"192.0.2.1"}"#;
    let both = project_cells(
        "salesforce_elf.RestApi",
        &[("CLIENT_IP", "203.0.113.66"), (layout::EXTRA, extra)],
    );
    assert_eq!(text_of(&both, "src_ip", 0).as_deref(), Some("203.0.113.66"));
    let blank = project_cells("salesforce_elf.RestApi", &[("CLIENT_IP", ""), (layout::EXTRA, extra)]);
    assert_eq!(text_of(&blank, "src_ip", 0).as_deref(), Some("192.0.2.1"));
}

#[test]
fn lists_of_addresses_are_split_and_kept() {
    let listed = project_cells("gitlab.api_log", &[("remote_ip", "203.0.113.9, 10.0.0.1")]);
    assert_eq!(text_of(&listed, "src_ip", 0).as_deref(), Some("203.0.113.9"));
    assert_eq!(
        text_of(&listed, "forwarded_ip", 0).as_deref(),
        Some("203.0.113.9, 10.0.0.1")
    );
    let one = project_cells("gitlab.api_log", &[("remote_ip", "203.0.113.9")]);
    assert_eq!(text_of(&one, "forwarded_ip", 0), None);
}

#[test]
fn outcomes_are_told_as_each_table_tells_them() {
    let outcome = |name: &str, cells: &[(&str, &str)]| text_of(&project_cells(name, cells), "outcome", 0);
    let success = Some("success".to_owned());
    let failure = Some("failure".to_owned());
    assert_eq!(outcome("salesforce_elf.RestApi", &[("STATUS_CODE", "201")]), success);
    assert_eq!(outcome("salesforce_elf.RestApi", &[("STATUS_CODE", "401")]), failure);
    assert_eq!(outcome("salesforce_elf.RestApi", &[]), None);
    assert_eq!(
        outcome("salesforce_elf.Login", &[("LOGIN_STATUS", "LOGIN_NO_ERROR")]),
        success
    );
    assert_eq!(
        outcome(
            "salesforce_elf.Login",
            &[("LOGIN_STATUS", "LOGIN_ERROR_INVALID_PASSWORD")]
        ),
        failure
    );
    assert_eq!(outcome("salesforce_elf.Report", &[("REQUEST_STATUS", "?")]), None);
    assert_eq!(outcome("aws.cloudtrail", &[]), success, "CloudTrail names errors only");
    assert_eq!(outcome("aws.cloudtrail", &[("errorCode", "AccessDenied")]), failure);
    assert_eq!(outcome("gcp.audit", &[("protoPayload.status.code", "7")]), failure);
    assert_eq!(outcome("json.events", &[]), None);
}

#[test]
fn numbers_out_of_range_stay_numbers() {
    let huge = project_cells("salesforce.ApiEvent", &[("RowsReturned", "1e300")]);
    assert_eq!(text_of(&huge, "rows", 0), Some(i64::MAX.to_string()));
}

#[test]
fn a_batch_of_another_schema_is_an_error_and_no_panic() {
    let empty = RecordBatch::new_empty(Arc::new(arrow::datatypes::Schema::empty()));
    let projected = common::project(table("json.events"), &empty).unwrap();
    assert_eq!(projected.num_rows(), 0);
    let other = RecordBatch::try_from_iter([("x", Arc::new(StringArray::from(vec!["a"])) as ArrayRef)]).unwrap();
    assert!(common::project(table("json.events"), &other).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_table_projects_every_row(
        which in any::<prop::sample::Index>(),
        rows in 0..5_usize,
        texts in proptest::collection::vec(proptest::option::of("[a-z0-9.,: ]{0,12}"), 1..8),
    ) {
        let table = which.get(Catalogue::builtin().tables());
        let pick = |column: &str, row: usize| texts[(column.len() * 7 + row) % texts.len()].clone();
        let typed = batch(table, rows, pick);
        let events = common::project(table, &typed).unwrap();
        prop_assert_eq!(events.schema(), common::schema());
        prop_assert_eq!(events.num_rows(), rows);
        for row in 0..rows {
            prop_assert_eq!(text_of(&events, "event_uid", row), text_of(&typed, layout::UID, row));
            prop_assert_eq!(text_of(&events, "time", row), text_of(&typed, layout::TIME, row));
            prop_assert_eq!(text_of(&events, "table", row), Some(table.name.clone()));
            let outcome = text_of(&events, "outcome", row);
            prop_assert!(matches!(outcome.as_deref(), None | Some("success" | "failure")));
            for (name, candidates) in table.common.iter().filter(|(name, _)| !matches!(name.as_str(), "src_ip" | "forwarded_ip" | "outcome")) {
                if let Some(text) = text_of(&events, name, row) {
                    let whole = events.column_by_name(name).unwrap().data_type() == &DataType::Int64;
                    let is_from_candidate = candidates.iter().any(|column| {
                        text_of(&typed, column, row).is_some_and(|cell| whole || cell == text || cell.parse::<f64>().ok() == text.parse().ok())
                    });
                    prop_assert!(is_from_candidate, "{}.{name} = {text}", table.name);
                }
            }
        }
    }

    #[test]
    fn slices_project_as_wholes_do(rows in 1..6_usize, from in any::<prop::sample::Index>()) {
        let table = table("salesforce.ApiEvent");
        let typed = batch(table, rows, |column, row| (row % 2 == 0).then(|| format!("{column}{row}")));
        let whole = common::project(table, &typed).unwrap();
        let at = from.index(rows);
        let slice = common::project(table, &typed.slice(at, rows - at)).unwrap();
        for column in common::COLUMNS {
            for row in at..rows {
                prop_assert_eq!(text_of(&slice, column.name, row - at), text_of(&whole, column.name, row));
            }
        }
    }
}
