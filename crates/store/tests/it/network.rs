//! `ip_in_cidr` in statements.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use sekisho_store::{Error, SqlLimits, sql_over_batches};

use crate::kit::{batch, dictionary, texts};

fn ask(columns: Vec<(&str, ArrayRef)>, sql: &str) -> Result<Vec<Vec<String>>, Error> {
    let batch = batch(columns);
    let tables = vec![("t".to_owned(), batch.schema(), vec![batch])];
    let rows: Result<Vec<_>, Error> = sql_over_batches(tables, sql, SqlLimits::default())?.collect();
    Ok(texts(rows?.into_iter()))
}

const TEXTS: [Option<&str>; 7] = [
    Some("192.0.2.1"),
    Some("192.0.3.1"),
    Some("::ffff:192.0.2.9"),
    Some("10.0.0.1, 192.0.2.77"),
    Some("Salesforce.com IP"),
    Some("2001:db8::5"),
    None,
];

#[test]
fn addresses_are_found_in_networks_however_text_is_held() {
    let expected = ["true", "false", "true", "true", "false", "false", ""];
    let plain: ArrayRef = Arc::new(StringArray::from(TEXTS.to_vec()));
    let view = cast(&plain, &DataType::Utf8View).unwrap();
    for held in [plain, view, dictionary(TEXTS.into_iter())] {
        let rows = ask(vec![("ip", held)], "SELECT ip_in_cidr(ip, '192.0.2.0/24') FROM t").unwrap();
        assert_eq!(rows.concat(), expected);
    }
}

#[test]
fn networks_may_be_a_column_a_host_or_null() {
    let ips: ArrayRef = Arc::new(StringArray::from(TEXTS.to_vec()));
    let networks: ArrayRef = Arc::new(StringArray::from(vec![
        Some("192.0.2.0/24"),
        Some("192.0.3.1"),
        None,
        Some("10.0.0.0/8"),
        Some("0.0.0.0/0"),
        Some("2001:db8::/32"),
        Some("::/0"),
    ]));
    let rows = ask(
        vec![("ip", ips), ("net", networks)],
        "SELECT ip_in_cidr(ip, net) FROM t",
    )
    .unwrap();
    assert_eq!(rows.concat(), ["true", "true", "", "true", "false", "true", ""]);
    let constant = ask(
        vec![("x", Arc::new(StringArray::from(vec!["x"])))],
        "SELECT ip_in_cidr('192.0.2.1', '192.0.2.0/31'), ip_in_cidr(NULL, '::/0'), ip_in_cidr(x, NULL) FROM t",
    );
    assert_eq!(constant.unwrap(), [["true", "", ""]]);
}

#[test]
fn what_is_no_network_is_the_statements_fault() {
    let ips = || -> Vec<(&str, ArrayRef)> { vec![("ip", Arc::new(StringArray::from(vec!["192.0.2.1"])))] };
    let error = ask(ips(), "SELECT ip_in_cidr(ip, '192.0.2.0/33') FROM t").unwrap_err();
    assert!(error.to_string().contains("192.0.2.0/33"), "{error}");
    let error = ask(ips(), "SELECT ip_in_cidr(ip, 5) FROM t").unwrap_err();
    assert!(matches!(error, Error::Sql { .. }), "{error}");
}
