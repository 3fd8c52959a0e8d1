//! The reference samples of other projects: everything loads, and as many rows of each table as an independent reading of
//! the same files counts.

use std::collections::BTreeMap;
use std::path::Path;

use sekisho_decode::DecodeError;
use serde_json::Value;

use crate::support::{Kept, files_under, named, shared, try_decode};

type Counts = BTreeMap<String, u64>;

/// Decodes every file below a folder with one of these endings into one sink.
fn decode_all(folder: &Path, endings: &[&str]) -> (Kept, Vec<(String, DecodeError)>) {
    let mut kept = Kept::default();
    let mut problems = Vec::new();
    for path in event_files(folder, endings) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.to_string_lossy().into_owned();
        let mut reader = bytes.as_slice();
        if let Err(error) = sekisho_decode::decode(&mut reader, &named(&name), &mut kept) {
            problems.push((path.file_name().unwrap().to_string_lossy().into_owned(), error));
        }
    }
    (kept, problems)
}

fn event_files(folder: &Path, endings: &[&str]) -> Vec<std::path::PathBuf> {
    let is_wanted = |path: &std::path::PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| endings.contains(&ending))
    };
    let files: Vec<_> = files_under(folder).into_iter().filter(is_wanted).collect();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

/// Counts JSON rows by what names their table in these samples: `EVENT_TYPE`, the channel, or the record's type.
fn count_json(value: &Value, counts: &mut Counts) {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    if let Some(rows) = value.as_array() {
        return rows.iter().for_each(|row| count_json(row, counts));
    }
    if let Some(rows) = value.get("records").and_then(Value::as_array) {
        return rows.iter().for_each(|row| count_json(row, counts));
    }
    let table = if let Some(event_type) = text("/EVENT_TYPE") {
        format!("salesforce_elf.{event_type}")
    } else if let Some(channel) = text("/channel") {
        format!("salesforce.{}", channel.rsplit('/').next().unwrap())
    } else if let Some(object) = text("/attributes/type") {
        format!("salesforce.{object}")
    } else if value.get("sfdc_created_date").is_some() {
        "salesforce.SetupAuditTrail".to_owned()
    } else if value.get("author_id").is_some() {
        "gitlab.audit_events".to_owned()
    } else {
        "no events".to_owned()
    };
    *counts.entry(table).or_default() += 1;
}

/// Counts the records of a CSV file whose cells are all quoted: those that start at a line's start outside quotes.
fn count_csv(text: &str, counts: &mut Counts) {
    let mut quotes = 0;
    let mut records = Vec::new();
    for line in text.lines() {
        if quotes % 2 == 0 && !line.is_empty() {
            records.push(line);
        }
        quotes += line.matches('"').count();
    }
    assert!(records[0].starts_with("\"EVENT_TYPE\""));
    for record in &records[1..] {
        let event_type = record.split(',').next().unwrap().trim_matches('"');
        *counts.entry(format!("salesforce_elf.{event_type}")).or_default() += 1;
    }
}

fn count_independently(folder: &Path, endings: &[&str]) -> Counts {
    let mut counts = Counts::new();
    for path in event_files(folder, endings) {
        let text = std::fs::read_to_string(&path).unwrap();
        if path.extension().is_some_and(|ending| ending == "csv") {
            count_csv(&text, &mut counts);
            continue;
        }
        let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        values
            .by_ref()
            .for_each(|value| count_json(&value.unwrap(), &mut counts));
    }
    counts
}

#[test]
fn every_appomni_sample_loads_and_counts_agree() {
    let test = "every_appomni_sample_loads_and_counts_agree";
    let Some(folder) = shared(test, "data/samples/salesforce/appomni") else {
        return;
    };
    let (kept, problems) = decode_all(&folder, &["json", "csv"]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(kept.rejected, []);
    let expected = count_independently(&folder, &["json", "csv"]);
    assert!(
        expected.len() >= 16 && !expected.contains_key("no events"),
        "{expected:?}"
    );
    assert_eq!(kept.counts(), expected);
}

#[test]
fn every_newrelic_sample_loads_and_counts_agree() {
    let test = "every_newrelic_sample_loads_and_counts_agree";
    let Some(folder) = shared(test, "data/samples/salesforce/newrelic") else {
        return;
    };
    let (kept, _) = decode_all(&folder, &["json", "csv"]);
    assert_eq!(kept.rejected, []);
    let mut expected = count_independently(&folder, &["json", "csv"]);
    assert_eq!(expected.remove("no events"), Some(1), "the limits body");
    assert_eq!(kept.counts(), expected);
}

#[test]
fn the_limits_body_is_refused_as_holding_no_events() {
    let test = "the_limits_body_is_refused_as_holding_no_events";
    let Some(folder) = shared(test, "data/samples/salesforce/newrelic") else {
        return;
    };
    let (_, problems) = decode_all(&folder, &["json", "csv"]);
    let [(file, DecodeError::NotEvents { what, .. })] = problems.as_slice() else {
        panic!("{problems:?}");
    };
    assert_eq!(file, "sample_limits.json");
    assert!(what.contains("limits"));
}

#[test]
fn the_file_metadata_body_becomes_rows_of_event_log_file() {
    let test = "the_file_metadata_body_becomes_rows_of_event_log_file";
    let Some(folder) = shared(test, "data/samples/salesforce/newrelic") else {
        return;
    };
    let bytes = std::fs::read(folder.join("src/tests/sample_log_records.json")).unwrap();
    let (result, kept) = try_decode(&bytes, &named("sample_log_records.json"));
    result.unwrap();
    let records: Value = serde_json::from_slice(&bytes).unwrap();
    let rows = kept.only("salesforce.EventLogFile", records.as_array().unwrap().len() as u64);
    rows.expect(
        0,
        &[
            ("EventType", "ApexCallout"),
            ("Interval", "Hourly"),
            ("_time", "2024-03-11T02:00:00Z"),
        ],
    );
}

#[test]
fn every_gitlab_audit_sample_loads_and_counts_agree() {
    let test = "every_gitlab_audit_sample_loads_and_counts_agree";
    let Some(folder) = shared(test, "data/samples/gitlab/audit_stream") else {
        return;
    };
    let (kept, problems) = decode_all(&folder, &["json"]);
    assert!(problems.is_empty() && kept.rejected.is_empty());
    assert_eq!(kept.counts(), count_independently(&folder, &["json"]));
    let rows = kept.table("gitlab.audit_events");
    for row in 0..rows.batch.num_rows() {
        for column in ["time", "actor", "action", "kind", "target"] {
            assert!(rows.event(row, column).is_some(), "row {row} has no {column}");
        }
        assert_eq!(rows.cell(row, "_extra"), None, "all 13 keys are in the catalogue");
    }
}

#[test]
fn every_gitlab_documentation_example_loads_into_its_table() {
    let test = "every_gitlab_documentation_example_loads_into_its_table";
    let Some(folder) = shared(test, "data/samples/gitlab/docs_examples") else {
        return;
    };
    let tables = [
        ("api_json_log.jsonl", "gitlab.api_log"),
        ("application_json_log.jsonl", "gitlab.application_log"),
        ("audit_json_log.jsonl", "gitlab.audit_events"),
        ("auth_json_log.jsonl", "gitlab.auth_log"),
        ("gitlab_shell_log.jsonl", "gitlab.shell_log"),
        ("production_json_log.jsonl", "gitlab.production_log"),
        ("rest_audit_events.jsonl", "gitlab.audit_events"),
        ("streaming_git_ssh_deploy_key.json", "gitlab.audit_events"),
    ];
    let files: Vec<_> = files_under(&folder)
        .iter()
        .map(|path| path.file_name().unwrap().to_os_string())
        .collect();
    assert_eq!(files, tables.map(|(file, _)| std::ffi::OsString::from(file)));
    for (file, table) in tables {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let values = serde_json::Deserializer::from_slice(&bytes)
            .into_iter::<Value>()
            .count() as u64;
        let (result, kept) = try_decode(&bytes, &named("x"));
        result.unwrap();
        assert_eq!(kept.rejected, [], "{file}");
        kept.only(table, values);
    }
}

#[test]
fn every_job_trace_loads_and_shows_every_visible_line() {
    let test = "every_job_trace_loads_and_shows_every_visible_line";
    let Some(folder) = shared(test, "data/samples/gitlab/job_traces") else {
        return;
    };
    for path in event_files(&folder, &["txt"]) {
        let bytes = std::fs::read(&path).unwrap();
        let (result, kept) = try_decode(&bytes, &named(&path.to_string_lossy()));
        result.unwrap();
        assert_eq!(kept.rejected, []);
        let text = String::from_utf8_lossy(&bytes);
        let visible = text.split(['\n', '\r']).filter(|part| is_visible(part)).count() as u64;
        kept.only("gitlab.job_trace", visible);
    }
}

/// Takes CSI sequences out with a pattern rather than a scanner, and looks whether anything but a section mark is left.
fn is_visible(part: &str) -> bool {
    let mut plain = String::new();
    let mut pieces = part.split("\u{1b}[");
    plain.push_str(pieces.next().unwrap());
    for piece in pieces {
        plain.push_str(
            piece
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
                .get(1..)
                .unwrap_or(""),
        );
    }
    let is_mark = plain.starts_with("section_start:1") || plain.starts_with("section_end:1");
    !is_mark && !plain.trim().is_empty()
}
