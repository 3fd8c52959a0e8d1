//! Columns: dictionaries, growth, types.

use std::sync::Arc;

use arrow::array::{Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sekisho_store::{Error, KnownTables, Mode, Store};

use crate::kit::{ask, batch, dictionary, is_dictionary, load, open, rows, texts, uid};

#[test]
fn dictionaries_survive() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let given = rows(0..1000, false);
    load(&store, "salesforce.ApiEvent", given.clone());
    let scanned: Vec<_> = store
        .scan("salesforce.ApiEvent", Default::default(), None)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(scanned.len(), 1);
    assert_eq!(scanned[0].schema().fields(), given.schema().fields());
    let user_type = scanned[0].column_by_name("USER_TYPE").unwrap();
    assert!(is_dictionary(user_type.as_ref()));
    use arrow::array::{Array, AsArray};
    let values = user_type.as_dictionary::<arrow::datatypes::Int32Type>().values().len();
    assert_eq!(values, 2, "one entry for each distinct value");
    assert_eq!(texts(scanned.into_iter()), texts(std::iter::once(given)));
}

#[test]
fn a_table_grows_and_older_segments_read_as_null() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "salesforce.ApiEvent", rows(0..2, false));
    let wider = |number: u64| {
        batch(vec![
            ("_uid", Arc::new(StringArray::from(vec![uid(number)]))),
            ("NEW_TEXT", dictionary([Some("fresh")].into_iter())),
            ("NEW_NUMBER", Arc::new(Float64Array::from(vec![1.5]))),
            ("ROWS", Arc::new(Int64Array::from(vec![70]))),
        ])
    };
    let mut ingest = store.begin().unwrap();
    ingest.append("salesforce.ApiEvent", rows(2..3, false)).unwrap();
    ingest.append("salesforce.ApiEvent", wider(7)).unwrap();
    ingest.append("salesforce.ApiEvent", rows(3..4, false)).unwrap();
    ingest.commit().unwrap();
    let sql =
        "SELECT \"ROWS\", \"NEW_TEXT\", \"NEW_NUMBER\", \"_time\" IS NULL FROM salesforce.ApiEvent ORDER BY \"ROWS\"";
    let expected = [
        ["0", "", "", "false"],
        ["1", "", "", "false"],
        ["2", "", "", "false"],
        ["3", "", "", "false"],
        ["70", "fresh", "1.5", "true"],
    ];
    assert_eq!(ask(&store, sql), expected);
    let columns = ["ROWS", "NEW_TEXT", "NEW_NUMBER"];
    let scan = store
        .scan("salesforce.ApiEvent", Default::default(), Some(&columns))
        .unwrap();
    assert!(matches!(scan.schema().field(1).data_type(), DataType::Dictionary(..)));
    let mut scanned = texts(scan.map(Result::unwrap));
    scanned.sort_by_key(|row| row[0].parse::<i64>().unwrap());
    assert_eq!(
        scanned.iter().map(|row| row.join("|")).collect::<Vec<_>>(),
        ["0||", "1||", "2||", "3||", "70|fresh|1.5"]
    );
}

#[test]
fn text_may_come_plain_or_as_a_dictionary() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let plain = batch(vec![
        ("_uid", Arc::new(StringArray::from(vec![uid(1)]))),
        ("t", Arc::new(StringArray::from(vec!["x"]))),
    ]);
    let coded = batch(vec![
        ("_uid", Arc::new(StringArray::from(vec![uid(2)]))),
        ("t", dictionary([Some("x")].into_iter())),
    ]);
    load(&store, "a.b", plain);
    load(&store, "a.b", coded);
    assert_eq!(ask(&store, "SELECT t, count(*) FROM a.b GROUP BY t"), [["x", "2"]]);
}

#[test]
fn a_changed_type_and_an_unknown_one_are_typed_errors() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    load(&store, "a.b", rows(0..1, false));
    let mut ingest = store.begin().unwrap();
    let id = || ("_uid", Arc::new(StringArray::from(vec![uid(9)])) as _);
    let changed = batch(vec![id(), ("ROWS", Arc::new(Float64Array::from(vec![1.0])))]);
    assert!(matches!(ingest.append("a.b", changed), Err(Error::ColumnType { .. })));
    let unknown = batch(vec![id(), ("d", Arc::new(arrow::array::Date32Array::from(vec![1])))]);
    assert!(matches!(ingest.append("a.b", unknown), Err(Error::ColumnType { .. })));
    let twin = batch(vec![id(), ("rows", Arc::new(Int64Array::from(vec![1])))]);
    assert!(matches!(ingest.append("a.b", twin), Err(Error::Case { .. })));
}

#[derive(Debug)]
struct Known;

impl KnownTables for Known {
    fn names(&self) -> Vec<String> {
        vec!["salesforce.ApiEvent".into(), "salesforce.LoginEvent".into()]
    }

    fn schema_of(&self, name: &str) -> Option<SchemaRef> {
        let fields = vec![
            Field::new("_uid", DataType::Utf8, true),
            Field::new("Known", DataType::Int64, true),
        ];
        self.names()
            .contains(&name.to_owned())
            .then(|| Arc::new(Schema::new(fields)))
    }
}

#[test]
fn known_tables_without_rows_are_empty_and_known_columns_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Mode::ReadWrite, Arc::new(Known)).unwrap();
    load(&store, "salesforce.ApiEvent", rows(0..3, false));
    assert_eq!(ask(&store, "SELECT count(*) FROM salesforce.LoginEvent"), [["0"]]);
    assert!(ask(&store, "SELECT * FROM salesforce.LoginEvent").is_empty());
    assert_eq!(
        ask(
            &store,
            "SELECT count(\"Known\"), count(\"ROWS\"), count(*) FROM salesforce.ApiEvent"
        ),
        [["0", "3", "3"]]
    );
    let scan = store.scan("salesforce.ApiEvent", Default::default(), None).unwrap();
    let names: Vec<String> = scan
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    assert_eq!(names, ["_uid", "Known", "_time", "_org", "USER_TYPE", "ROWS"]);
    assert_eq!(
        store
            .scan("salesforce.LoginEvent", Default::default(), None)
            .unwrap()
            .count(),
        0
    );
    assert!(matches!(
        store.scan("salesforce.Nope", Default::default(), None),
        Err(Error::NoTable { .. })
    ));
    assert!(matches!(
        store.scan("salesforce.ApiEvent", Default::default(), Some(&["nope"])),
        Err(Error::NoColumn { .. })
    ));
}
