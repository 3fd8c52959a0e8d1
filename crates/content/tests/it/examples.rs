//! Each rule against its log lines in `content/tests`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sekisho_decode::Options;
use serde::Deserialize;

use crate::support::{Found, detect, load};

/// The log lines of one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Examples {
    /// Every row must match.
    #[serde(rename = "match")]
    matching: Vec<Example>,
    /// No row may match.
    ignore: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    about: String,
    /// What the file is called.
    file: String,
    /// The kind, where a few lines are too few to tell it from.
    #[serde(rename = "as")]
    kind: Option<String>,
    /// The file.
    log: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/tests")
}

fn examples_of(rule: &str) -> Examples {
    let path = root().join(rule);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_rule_matches_what_it_should_and_nothing_else() {
    let mut wrong = Vec::new();
    for rule in sekisho_content::rules() {
        let examples = examples_of(rule.path);
        if examples.matching.is_empty() || examples.ignore.is_empty() {
            wrong.push(format!("{}: needs lines that match and lines that do not", rule.path));
        }
        let rules = load([(rule.path, rule.text)]);
        for (cases, should_match) in [(&examples.matching, true), (&examples.ignore, false)] {
            for example in cases {
                let mut found = Found::default();
                let name = format!("{}: {}", rule.path, example.about);
                if let Err(error) = detect(&rules, &options_of(example), example.log.as_bytes(), &mut found) {
                    wrong.push(format!("{name}: {error}"));
                    continue;
                }
                wrong.extend(complaints(&found, should_match).map(|complaint| format!("{name}: {complaint}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn options_of(example: &Example) -> Options {
    Options {
        file: example.file.clone(),
        kind: example.kind.as_deref().map(|kind| kind.parse().unwrap()),
        ..Options::default()
    }
}

fn complaints(found: &Found, should_match: bool) -> impl Iterator<Item = String> {
    let rows = found.row_count();
    let hits: usize = found.hits.values().sum();
    let expected = if should_match { rows } else { 0 };
    // A rule that is not asked about the table is silent for the wrong reason.
    let unasked = found.asked.iter().filter(|(_, asked)| **asked == 0);
    let unasked: Vec<_> = unasked.map(|(table, _)| format!("not asked about {table}")).collect();
    [
        (rows == 0).then(|| "holds no row".to_owned()),
        (!found.rejected.is_empty()).then(|| format!("rejected: {:?}", found.rejected)),
        (hits != expected).then(|| format!("{hits} of {rows} rows match, {expected} should ({:?})", found.rows)),
    ]
    .into_iter()
    .flatten()
    .chain(unasked)
}

#[test]
fn no_examples_are_left_behind() {
    let rules: BTreeSet<String> = sekisho_content::rules().map(|rule| rule.path.to_owned()).collect();
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(root()).unwrap() {
        let folder = folder.unwrap();
        let product = folder.file_name().into_string().unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            files.insert(format!(
                "{product}/{}",
                file.unwrap().file_name().into_string().unwrap()
            ));
        }
    }
    assert_eq!(files, rules, "one file of examples a rule, under the rule's name");
}
