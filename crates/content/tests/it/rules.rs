//! What the rules say about themselves.

use std::collections::HashSet;

use sekisho_event::catalogue::{Catalogue, LogSource};
use sekisho_sigma::{Routing, check};

use crate::support::load;

/// Titles stand in one line of a table of findings.
const TITLE_LIMIT_CHARS: usize = 100;

#[test]
fn every_rule_is_clean() {
    let problems: Vec<_> = sekisho_content::rules()
        .flat_map(|rule| check(rule.path, rule.text))
        .collect();
    assert_eq!(problems, [], "`sekisho sigma check content/rules` must say nothing");
}

#[test]
fn every_rule_says_what_a_finding_shows() {
    let sources: Vec<_> = sekisho_content::rules().collect();
    let rules = load(sources.iter().map(|rule| (rule.path, rule.text)));
    assert_eq!(rules.rules().len(), sources.len(), "one rule a file");
    for rule in rules.rules() {
        let file = &rule.file;
        assert_eq!(rule.author.as_deref(), Some("Sekisho project"), "{file}");
        assert!(rule.level.is_some(), "{file}: level");
        assert!(rule.description.is_some(), "{file}: description");
        assert!(rule.date.is_some(), "{file}: date");
        assert!(!rule.falsepositives.is_empty(), "{file}: falsepositives");
        assert!(
            rule.tags.iter().any(|tag| tag.starts_with("attack.t")),
            "{file}: technique"
        );
        assert!(
            rule.references.iter().all(|link| link.starts_with("https://")) && !rule.references.is_empty(),
            "{file}: references"
        );
        assert!(rule.title.chars().count() <= TITLE_LIMIT_CHARS, "{file}: title");
        let folder = file.split('/').next();
        assert_eq!(rule.logsource.product.as_deref(), folder, "{file}: folder and product");
        assert!(rule.title_ja.as_deref().is_some_and(is_japanese), "{file}: x_title_ja");
        assert!(
            rule.description_ja.as_deref().is_some_and(is_japanese),
            "{file}: x_description_ja"
        );
    }
}

fn is_japanese(text: &str) -> bool {
    text.chars()
        .any(|character| ('\u{3040}'..='\u{30ff}').contains(&character))
}

#[test]
fn ids_titles_and_techniques_are_written_once() {
    let sources: Vec<_> = sekisho_content::rules().collect();
    let rules = load(sources.iter().map(|rule| (rule.path, rule.text)));
    let mut seen = HashSet::new();
    for rule in rules.rules() {
        let mut names = vec![rule.id.clone(), rule.title.clone()];
        names.extend(rule.title_ja.clone());
        for name in names {
            assert!(
                seen.insert(name.clone()),
                "{}: `{name}` is another rule's too",
                rule.file
            );
        }
        let tags: HashSet<_> = rule.tags.iter().collect();
        assert_eq!(tags.len(), rule.tags.len(), "{}: a tag stands twice", rule.file);
    }
}

#[test]
fn every_rule_is_asked_about_some_table_and_not_about_all_of_a_product() {
    let sources: Vec<_> = sekisho_content::rules().collect();
    let rules = load(sources.iter().map(|rule| (rule.path, rule.text)));
    let sources: Vec<LogSource> = Catalogue::builtin()
        .tables()
        .iter()
        .map(|table| table.logsource.clone())
        .collect();
    for rule in rules.rules() {
        let takes = |source: &&LogSource| Routing::Table((*source).clone()).takes(&rule.logsource);
        let count = sources.iter().filter(takes).count();
        assert!((1..=8).contains(&count), "{}: asked about {count} tables", rule.file);
    }
}
