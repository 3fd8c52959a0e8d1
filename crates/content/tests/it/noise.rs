//! All shipped rules over the reference samples: what an org would see on ordinary data.

use std::path::{Path, PathBuf};

use sekisho_decode::Options;

use crate::support::{Found, detect, load};

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The hits in each folder of samples, every one looked at. `appomni` and `audit_stream` play the acts on purpose (a million
/// rows by API, an export of 20,680 rows, tokens and keys that are made); the rest is ordinary, and so are its two hits.
const EXPECTED: [(&str, &[(&str, usize)]); 5] = [
    (
        "salesforce/appomni/products/salesforce/event_examples",
        &[
            ("salesforce/api_large_result.yml", 1),
            ("salesforce/bulk_result_download.yml", 1),
            ("salesforce/report_export_large.yml", 1),
        ],
    ),
    ("salesforce/newrelic/src/tests", &[]),
    (
        "gitlab/audit_stream",
        &[
            ("gitlab/access_token_created.yml", 3),
            ("gitlab/access_token_powerful.yml", 1),
            ("gitlab/admin_granted.yml", 1),
            ("gitlab/audit_stream_changed.yml", 1),
            ("gitlab/impersonation_started.yml", 1),
            ("gitlab/key_added.yml", 1),
            ("gitlab/two_factor_removed.yml", 1),
        ],
    ),
    (
        "gitlab/docs_examples",
        &[
            ("gitlab/audit_stream_changed.yml", 1),
            ("gitlab/visibility_widened.yml", 1),
        ],
    ),
    ("gitlab/job_traces", &[]),
];

#[test]
fn the_reference_samples_give_only_hits_that_were_looked_at() {
    let test = "the_reference_samples_give_only_hits_that_were_looked_at";
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.exists() {
        println!("skipped: {test}: ../shared is missing");
        return;
    }
    let sources: Vec<_> = sekisho_content::rules().collect();
    let rules = load(sources.iter().map(|rule| (rule.path, rule.text)));
    for (folder, expected) in EXPECTED {
        let mut found = Found::default();
        for path in files_under(&shared.join("data/samples").join(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            // What holds no events (a licence, the body of a limits call) is no matter here.
            let options = Options {
                file: path.to_string_lossy().into_owned(),
                ..Options::default()
            };
            let _ = detect(&rules, &options, &bytes, &mut found);
        }
        assert!(found.row_count() > 0, "{folder}");
        let hits: Vec<(&str, usize)> = found.hits.iter().map(|(rule, hits)| (rule.as_str(), *hits)).collect();
        assert_eq!(hits, expected, "{folder}");
    }
}
