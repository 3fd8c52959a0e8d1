//! The two published versions of the Gainsight list, and real STIX documents.

use std::path::{Path, PathBuf};

use sekisho_hunt::lists::{self, IndicatorList, Kind, Mode};

fn shared(test: &str, path: &str) -> Option<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !root.exists() {
        println!("skipped: {test}: ../shared is missing");
        return None;
    }
    let file = root.join(path);
    let bytes = std::fs::read(&file).expect("the shared file is readable");
    Some((file, bytes))
}

fn shared_list(test: &str, path: &str) -> Option<IndicatorList> {
    let (file, bytes) = shared(test, path)?;
    Some(lists::parse(&file.to_string_lossy(), &bytes).expect("the list loads"))
}

#[test]
fn the_published_lists_load_as_36_and_53_indicators() {
    let test = "the_published_lists_load_as_36_and_53_indicators";
    let Some(first) = shared_list(test, "data/ioc/gainsight-2025-11-23.yaml") else {
        return;
    };
    let Some(second) = shared_list(test, "data/ioc/gainsight-2025-12-01.yaml") else {
        return;
    };
    assert_eq!(first.indicators.len(), 36);
    assert_eq!(second.indicators.len(), 53);
    assert_eq!(first.name, second.name);
    assert_eq!(
        (first.version.as_deref(), second.version.as_deref()),
        (Some("1"), Some("2"))
    );
    assert_eq!(second.as_of.as_deref(), Some("2025-12-01T00:00:00-08:00"));
    let kept = |one: &lists::Indicator| {
        second
            .indicators
            .iter()
            .any(|other| (other.kind, &other.values) == (one.kind, &one.values))
    };
    assert!(first.indicators.iter().all(kept), "version 2 contains version 1");
    let browser = second.indicators.iter().find(|one| one.values == ["Safari/537.36"]);
    assert_eq!(browser.unwrap().mode, Mode::Exact);
    let composite = second.indicators.iter().find(|one| one.kind == Kind::UserAgentAllOf);
    assert_eq!(composite.unwrap().values.len(), 4);
    assert_eq!((first.warnings.total, second.warnings.total), (0, 0));
}

#[test]
fn published_stix_reports_load_and_list_what_logs_cannot_show() {
    let test = "published_stix_reports_load_and_list_what_logs_cannot_show";
    let folder = "data/standards/stix21_schemas/examples/threat-reports";
    for (name, has_indicators) in [("apt1.json", true), ("poisonivy.json", true)] {
        let Some(list) = shared_list(test, &format!("{folder}/{name}")) else {
            return;
        };
        assert_eq!(!list.indicators.is_empty(), has_indicators, "{name}");
        assert!(list.unusable.total > 0, "{name} has file hashes");
        assert!(
            list.unusable.shown.iter().all(|remark| remark.reason != "syntax"),
            "{name}"
        );
    }
}
