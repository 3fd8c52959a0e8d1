//! The public rule set loads.
#![allow(
    clippy::disallowed_methods,
    reason = "reading the public rules from disk is what this test is for"
)]

use std::path::{Path, PathBuf};

use sekisho_sigma::{LoadOptions, RuleSet};

/// Returns the text files of the public rules, or `None` where they are not beside the repository.
pub(crate) fn files(test: &str) -> Option<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sigma/rules");
    if !root.is_dir() {
        println!("skipped: {test}: ../shared is missing");
        return None;
    }
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let text = |path: &PathBuf| (path.display().to_string(), std::fs::read_to_string(path).unwrap());
    Some(paths.iter().map(text).collect())
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "yml") {
            paths.push(path);
        }
    }
}

#[test]
fn every_public_rule_loads() {
    let Some(files) = files("every_public_rule_loads") else {
        return;
    };
    let sources = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    match RuleSet::load(sources, &LoadOptions::default()) {
        Ok(rules) => {
            assert_eq!(rules.rules().len(), 348);
            assert!(
                rules
                    .rules()
                    .iter()
                    .all(|rule| rule.author.is_some() && rule.level.is_some())
            );
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn all_public_rules_load_from_one_file() {
    let Some(files) = files("all_public_rules_load_from_one_file") else {
        return;
    };
    let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
    let one = texts.join("\n---\n");
    let rules = RuleSet::load([("all.yml", one.as_str())], &LoadOptions::default()).unwrap();
    assert_eq!(rules.rules().len(), 348);
}
