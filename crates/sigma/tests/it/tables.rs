//! Rules over typed tables.

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use sekisho_sigma::{Detector, Hit, Routing, RuleIndex};

use crate::support::{batch, load, rule, table, view};

fn rows_of(hits: &[Hit]) -> Vec<usize> {
    hits.iter().map(|hit| hit.row).collect()
}

/// Rows of a batch that a detection matches, all rules asked.
fn detected(
    table_name: &str,
    detection: &str,
    rows: usize,
    columns: &[(&str, crate::support::Cells<'_>)],
) -> Vec<usize> {
    let table = table(table_name);
    let rules = load(&rule("r", "{product: any}", detection));
    let batch = batch(table, rows, columns);
    let mut detector = Detector::routed(&rules, view(table), &Routing::All);
    let found = rows_of(&detector.detect(&batch));
    let by_row: Vec<usize> = (0..rows)
        .filter(|row| !detector.detect_row(&batch, *row).is_empty())
        .collect();
    assert_eq!(found, by_row, "{detection}");
    found
}

#[test]
fn typed_cells_are_compared_by_their_text() {
    let columns = [
        ("ROWS_PROCESSED", vec![Some("2001"), Some("7"), None]),
        ("CLIENT_NAME", vec![Some("a@example.com"), None, Some("B@EXAMPLE.COM")]),
    ];
    let found = |detection: &str| detected("salesforce_elf.API", detection, 3, &columns);
    assert_eq!(found("{s: {ROWS_PROCESSED: 2001}, condition: s}"), [0]);
    assert_eq!(found("{s: {ROWS_PROCESSED|startswith: '20'}, condition: s}"), [0]);
    assert_eq!(found("{s: {ROWS_PROCESSED|gt: 5}, condition: s}"), [0, 1]);
    assert_eq!(found("{s: {ROWS_PROCESSED: null}, condition: s}"), [2]);
    assert_eq!(found("{s: {CLIENT_NAME|exists: false}, condition: s}"), [1]);
    assert_eq!(
        found("{s: {client_name|endswith: '@Example.com'}, condition: s}"),
        [0, 2]
    );
    assert_eq!(
        found("{s: {'Client Name': x}, t: {'CLIENT_ NAME|contains': b@}, condition: s or t}"),
        [2]
    );
}

#[test]
fn a_cell_with_original_text_is_compared_by_it() {
    let columns = [
        ("TIMESTAMP", vec![Some("1710172800130000"), Some("1710172800130000")]),
        ("_original", vec![Some(r#"{"TIMESTAMP":"20240311160000.13"}"#), None]),
    ];
    let found = |detection: &str| detected("salesforce_elf.API", detection, 2, &columns);
    assert_eq!(found("{s: {TIMESTAMP: '20240311160000.13'}, condition: s}"), [0]);
    assert_eq!(found("{s: {TIMESTAMP: '2024-03-11T16:00:00.130Z'}, condition: s}"), [1]);
    assert_eq!(found("{s: ['20240311160000'], condition: s}"), [0]);
}

#[test]
fn json_columns_have_fields_members_and_text() {
    let parameters = vec![
        Some(r#"{"enable":false,"layers":["x","arn:y"]}"#),
        Some(r#"["a",{"b":1}]"#),
        Some("plain text"),
        None,
    ];
    let columns = [("requestParameters", parameters)];
    let found = |detection: &str| detected("aws.cloudtrail", detection, 4, &columns);
    assert_eq!(found("{s: {requestParameters.enable: false}, condition: s}"), [0]);
    assert_eq!(
        found("{s: {requestParameters.layers|startswith: 'ARN:'}, condition: s}"),
        [0]
    );
    assert_eq!(
        found("{s: {requestParameters|contains: '\"enable\":false'}, condition: s}"),
        [0]
    );
    assert_eq!(found("{s: {requestParameters: a}, condition: s}"), [1]);
    assert_eq!(found("{s: {requestParameters.b: 1}, condition: s}"), [1]);
    assert_eq!(found("{s: {requestParameters|contains: plain}, condition: s}"), [2]);
    assert_eq!(found("{s: [plain], condition: s}"), [2]);
    assert_eq!(found("{s: [enable], condition: s}"), [] as [usize; 0]);
    assert_eq!(found("{s: {requestParameters: null}, condition: s}"), [3]);
}

#[test]
fn columns_that_the_catalogue_does_not_know_are_fields() {
    let columns = [(
        "_extra",
        vec![Some(r#"{"newColumn":{"a":"x"},"flat.key":[1,2]}"#), None],
    )];
    let found = |detection: &str| detected("aws.cloudtrail", detection, 2, &columns);
    assert_eq!(found("{s: {newColumn.a: X}, condition: s}"), [0]);
    assert_eq!(found("{s: {flat.key: 2}, condition: s}"), [0]);
    assert_eq!(found("{s: {newColumn|exists: true}, condition: s}"), [0]);
    assert_eq!(found("{s: {newColumn.b: null}, condition: s}"), [0, 1]);
}

#[test]
fn system_columns_are_no_fields() {
    let columns = [
        ("_org", vec![Some("00D000000000001"), Some("evil")]),
        ("_file", vec![Some("evil.csv"), None.or(Some("x"))]),
    ];
    let found = |detection: &str| detected("aws.cloudtrail", detection, 2, &columns);
    assert_eq!(found("{s: {_org: evil}, condition: s}"), [] as [usize; 0]);
    assert_eq!(found("{s: [evil], condition: s}"), [] as [usize; 0]);
}

#[test]
fn other_spellings_of_a_field_find_its_column() {
    let columns = [("protoPayload.methodName", vec![Some("SetIamPolicy"), Some("x")])];
    for field in [
        "gcp.audit.method_name",
        "data.protoPayload.methodName",
        "GCP.audit.Method_Name",
        "protoPayload.methodName",
    ] {
        let detection = format!("{{s: {{{field}: setiampolicy}}, condition: s}}");
        assert_eq!(detected("gcp.audit", &detection, 2, &columns), [0], "{field}");
    }
}

#[test]
fn a_table_asks_only_the_rules_for_its_log_source() {
    let any = "{s: {nothing: null}, condition: s}";
    let text = [
        rule("a", "{product: aws, service: cloudtrail}", any),
        rule("b", "{product: AWS}", any),
        rule("c", "{product: windows, category: process_creation}", any),
        rule("d", "{category: process_creation}", any),
    ]
    .join("---\n");
    let rules = load(&text);
    let aws = table("aws.cloudtrail");
    let mut detector = Detector::new(&rules, view(aws));
    let hits = detector.detect(&batch(aws, 2, &[]));
    let pairs: Vec<(usize, RuleIndex)> = hits.iter().map(|hit| (hit.row, hit.rule)).collect();
    assert_eq!(
        pairs,
        [
            (0, RuleIndex(0)),
            (0, RuleIndex(1)),
            (1, RuleIndex(0)),
            (1, RuleIndex(1))
        ]
    );
    let generic = table("json.events");
    assert_eq!(Detector::new(&rules, view(generic)).asked().len(), 4);
}

#[test]
fn batches_in_a_stores_layout_answer_the_same() {
    let table = table("salesforce_elf.API");
    let columns = [
        ("CLIENT_NAME", vec![Some("Loader"), None, Some("x")]),
        ("TIMESTAMP", vec![Some("1710172800130000"), None, None]),
        (
            "_original",
            vec![Some(r#"{"TIMESTAMP":"20240311160000.13"}"#), None, None],
        ),
        ("_extra", vec![None, Some(r#"{"NEW":"y"}"#), None]),
    ];
    let plain = batch(table, 3, &columns);
    let detections = [
        "{s: {CLIENT_NAME: loader}, condition: s}",
        "{s: {TIMESTAMP|startswith: '20240311'}, condition: s}",
        "{s: {NEW: Y}, condition: s}",
        "{s: [oade, y], condition: s}",
    ];
    let rules = detections
        .map(|detection| rule("r", "{product: any}", detection))
        .join("---\n");
    let rules = load(&rules);
    let expected = Detector::routed(&rules, view(table), &Routing::All).detect(&plain);
    assert_eq!(rows_of(&expected), [0, 0, 0, 1, 1]);
    for text in [DataType::Utf8View, DataType::LargeUtf8] {
        let stored = in_layout(&plain, &text);
        let mut detector = Detector::routed(&rules, view(table), &Routing::All);
        assert_eq!(detector.detect(&stored), expected, "{text}");
        assert_eq!(detector.detect_row(&stored, 1).len(), 2, "{text}");
    }
}

fn in_layout(batch: &RecordBatch, text: &DataType) -> RecordBatch {
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8 | DataType::Dictionary(_, _) => cast(column, text).unwrap(),
        _ => column.clone(),
    });
    let columns: Vec<ArrayRef> = columns.collect();
    let names = batch.schema();
    let named = names.fields().iter().map(|field| field.name().as_str()).zip(columns);
    RecordBatch::try_from_iter(named).unwrap()
}
