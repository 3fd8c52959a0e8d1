//! The built-in catalogue holds together, and leaves out nothing of the reference data.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use sekisho_event::catalogue::{Catalogue, ColumnType, Table, is_plain_event_type};
use sekisho_event::kind::SourceKind;
use sekisho_event::{common, layout};
use serde_json::Value;

fn tables() -> impl Iterator<Item = &'static Table> {
    Catalogue::builtin().tables().iter().map(AsRef::as_ref)
}

fn table(name: &str) -> &'static Table {
    Catalogue::builtin().table(name).unwrap_or_else(|| panic!("{name}"))
}

/// Columns that a typed batch of the table has, with those that stand beside units.
fn batch_columns(table: &Table) -> HashSet<String> {
    layout::schema_of(table)
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}

#[test]
fn every_source_is_there_in_full() {
    let mut counts = BTreeMap::new();
    for table in tables() {
        *counts.entry(table.schema()).or_insert(0) += 1;
    }
    let support = 17;
    let expected = [
        ("aws", 1),
        ("gcp", 1),
        ("gitlab", 30),
        ("json", 1),
        ("salesforce", 44 + support),
        ("salesforce_elf", 76),
        ("salesforce_event_log", 36),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[test]
fn names_are_unique_whatever_the_case() {
    let names: HashSet<String> = tables().map(|table| table.name.to_ascii_lowercase()).collect();
    assert_eq!(names.len(), tables().count());
    for table in tables() {
        let parts: Vec<&str> = table.name.split('.').collect();
        assert!(
            parts.len() == 2 && parts.iter().all(|part| is_plain_event_type(part)),
            "{}",
            table.name
        );
        let fields = layout::schema_of(table);
        let unique: HashSet<&str> = fields.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(unique.len(), fields.fields().len(), "{} has a column twice", table.name);
    }
}

#[test]
fn every_event_type_and_alias_leads_to_its_own_table() {
    for table in tables() {
        for event_type in std::iter::once(&table.event_type).chain(&table.aliases) {
            let found = Catalogue::builtin().table_of_event_type(table.source, event_type);
            assert_eq!(
                found.map(|found| found.name.as_str()),
                Some(table.name.as_str()),
                "{event_type}"
            );
        }
    }
}

#[test]
fn every_column_that_a_table_refers_to_exists() {
    for table in tables() {
        let columns = batch_columns(table);
        let mut named: Vec<&String> = table.time.iter().chain(&table.org).chain(&table.kind_column).collect();
        named.extend(table.outcome.iter().map(|rule| &rule.column));
        named.extend(table.blind.iter().flat_map(|blind| &blind.columns));
        // Generic JSON has no columns: its candidates are looked for in `_extra`.
        named.extend(
            table
                .common
                .values()
                .flatten()
                .filter(|_| table.source != SourceKind::Json),
        );
        for name in named {
            assert!(columns.contains(name), "{}: no column {name}", table.name);
        }
    }
}

#[test]
fn every_common_column_that_a_table_fills_exists() {
    let known: HashSet<&str> = common::COLUMNS.iter().map(|column| column.name).collect();
    for table in tables() {
        for name in table.common.keys() {
            assert!(known.contains(name.as_str()), "{}: events has no {name}", table.name);
        }
    }
}

#[test]
fn time_columns_hold_times() {
    for table in tables().filter(|table| table.source != SourceKind::Json) {
        assert!(!table.time.is_empty(), "{}", table.name);
        for name in &table.time {
            assert_eq!(
                table.column(name).unwrap().ty,
                ColumnType::Time,
                "{}.{name}",
                table.name
            );
        }
    }
}

#[test]
fn aliases_lead_to_one_column() {
    for table in tables() {
        let mut seen = HashSet::new();
        for column in &table.columns {
            let names = std::iter::once(&column.name).chain(&column.aliases);
            let own: HashSet<String> = names.map(|name| name.to_ascii_lowercase()).collect();
            for name in own {
                assert!(seen.insert(name.clone()), "{}: {name} leads to two columns", table.name);
            }
        }
    }
}

#[test]
fn everything_is_documented_in_both_languages() {
    for table in tables() {
        assert!(!table.about.en.is_empty() && table.about.ja.is_some(), "{}", table.name);
        for column in &table.columns {
            let is_documented = !column.meaning.en.is_empty() && column.meaning.ja.is_some();
            assert!(is_documented, "{}.{}", table.name, column.name);
        }
    }
    for column in common::COLUMNS {
        assert!(!column.en.is_empty() && !column.ja.is_empty(), "{}", column.name);
    }
}

#[test]
fn only_numbers_have_units_and_units_are_known() {
    let known = [
        "ns", "us", "ms", "s", "bytes", "KB", "MB", "rows", "count", "percent", "days", "minutes", "hours",
    ];
    for table in tables() {
        for column in table.columns.iter().filter(|column| column.unit.is_some()) {
            let unit = column.unit.as_deref().unwrap();
            assert!(known.contains(&unit), "{}.{}: {unit}", table.name, column.name);
            let is_number = matches!(column.ty, ColumnType::Integer | ColumnType::Decimal);
            assert!(is_number, "{}.{} is no number", table.name, column.name);
        }
    }
}

#[test]
fn database_time_has_the_unit_of_its_event_type() {
    for in_ms in ["ApexExecution", "ApexSoap", "ApexTrigger", "AsyncReportRun"] {
        let column = table(&format!("salesforce_elf.{in_ms}"))
            .column("DB_TOTAL_TIME")
            .unwrap();
        assert_eq!(column.unit.as_deref(), Some("ms"), "{in_ms}");
        assert_eq!(column.normalised().unwrap().factor, 1.0);
    }
    for in_ns in ["ApexRestApi", "Report", "VisualforceRequest", "Console"] {
        let column = table(&format!("salesforce_elf.{in_ns}"))
            .column("DB_TOTAL_TIME")
            .unwrap();
        assert_eq!(column.unit.as_deref(), Some("ns"), "{in_ns}");
        assert_eq!(column.normalised().unwrap().factor, 1e-6);
    }
}

#[test]
fn unknown_event_types_have_tables_that_hold_together() {
    for (kind, schema) in [
        (SourceKind::SalesforceElf, "salesforce_elf"),
        (SourceKind::SalesforceRtem, "salesforce"),
        (SourceKind::SalesforceEventLogObject, "salesforce_event_log"),
    ] {
        let found = Catalogue::builtin().unknown_event_type(kind, "QuantumSync").unwrap();
        assert_eq!(found.name, format!("{schema}.QuantumSync"));
        let columns = batch_columns(&found);
        let mut named = found
            .time
            .iter()
            .chain(&found.org)
            .chain(found.common.values().flatten());
        assert!(named.all(|name| columns.contains(name)), "{:?}", found.common);
        assert_eq!(Catalogue::builtin().table_or_unknown(&found.name), Some(found));
        let hostile = Catalogue::builtin()
            .unknown_event_type(kind, "a'; DROP TABLE b")
            .unwrap();
        assert_eq!(hostile.name, format!("{schema}.unknown"));
    }
    assert!(Catalogue::builtin().unknown_event_type(SourceKind::Json, "x").is_none());
    assert!(Catalogue::builtin().table_or_unknown("elsewhere.x").is_none());
}

#[test]
fn names_are_found_whatever_the_case() {
    assert_eq!(table("SALESFORCE.apievent").name, "salesforce.ApiEvent");
    let found = Catalogue::builtin()
        .table_of_event_type(SourceKind::SalesforceElf, "RESTAPI")
        .unwrap();
    assert_eq!(found.name, "salesforce_elf.RestApi");
}

#[test]
fn a_file_that_is_no_catalogue_is_an_error() {
    assert!(Catalogue::read(&[("x.json", "{\"tables\":[{}]}")]).is_err());
    assert_eq!(
        Catalogue::read(&[("x.json", "{\"tables\":[]}")])
            .unwrap()
            .tables()
            .len(),
        0
    );
}

#[test]
fn the_shared_catalogue_is_all_here() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        println!("skipped: the_shared_catalogue_is_all_here: ../shared is missing");
        return;
    }
    let text = std::fs::read_to_string(shared.join("data/salesforce_catalogue.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let mut missing = BTreeSet::new();
    for entry in reference["entries"].as_array().unwrap() {
        let schema = match entry["kind"].as_str().unwrap() {
            "elf" => "salesforce_elf",
            "eventlog_object" => "salesforce_event_log",
            _ => "salesforce",
        };
        let name = format!("{schema}.{}", entry["name"].as_str().unwrap());
        let Some(found) = Catalogue::builtin().table(&name) else {
            missing.insert(name);
            continue;
        };
        for field in entry["fields"].as_array().unwrap() {
            let field_name = field["name"].as_str().unwrap();
            let column = found.column(field_name);
            let unit = field["unit"].as_str();
            let has_unit = |found: Option<&str>| unit.is_none() || found == unit;
            if !column.is_some_and(|column| has_unit(column.unit.as_deref())) {
                missing.insert(format!("{name}.{field_name}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
    let entries = reference["entries"].as_array().unwrap().len();
    let own = tables()
        .filter(|table| table.schema().starts_with("salesforce"))
        .count();
    assert_eq!(
        own,
        entries + 1,
        "all of them, and the table that every field history shares"
    );
}
