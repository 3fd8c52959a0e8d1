//! `sigma check`: what is wrong with rules, and what their authors should look at.

use std::collections::HashSet;

use sekisho_predicate::PlanBuilder;

use crate::condition::{self, Condition};
use crate::detection;
use crate::item::Placeholders;
use crate::problem::{Fault, Problem, Severity};
use crate::rule::Level;
use crate::ruleset;
use crate::yaml::{self, Node, Value};

/// Returns the problems of the rules in a file, by line.
#[must_use]
pub fn check(file: &str, text: &str) -> Vec<Problem> {
    let (documents, fault) = yaml::parse(text);
    let mut problems = Vec::new();
    if documents.is_empty() && fault.is_none() {
        problems.push(Fault::new(1, "the file has no rule").into_problem(file, Severity::Error));
    }
    for document in &documents {
        let mut builder = PlanBuilder::new();
        let loaded = ruleset::read_document(document, file, &Placeholders::new(), &mut builder);
        let errors = loaded.err().unwrap_or_default();
        problems.extend(
            errors
                .into_iter()
                .map(|fault| fault.into_problem(file, Severity::Error)),
        );
        let warnings = warnings(document);
        problems.extend(
            warnings
                .into_iter()
                .map(|fault| fault.into_problem(file, Severity::Warning)),
        );
    }
    problems.extend(fault.map(|fault| fault.into_problem(file, Severity::Error)));
    problems.sort_by_key(|problem| problem.line);
    problems
}

const STATUSES: [&str; 5] = ["stable", "test", "experimental", "deprecated", "unsupported"];

fn warnings(document: &Node) -> Vec<Fault> {
    let Value::Map(_) = &document.value else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    match document.get("id") {
        None => faults.push(Fault::new(
            document.line,
            "the rule has no `id`: its title names its matches",
        )),
        Some(node) if !node.text().is_some_and(is_uuid) => faults.push(Fault::new(node.line, "`id` is not a UUID")),
        Some(_) => {}
    }
    word(document, "level", |name| Level::from_name(name).is_some(), &mut faults);
    word(document, "status", |name| STATUSES.contains(&name), &mut faults);
    if document.get("author").is_none() {
        faults.push(Fault::new(document.line, "the rule has no `author`"));
    }
    if let Some(detection) = document.get("detection") {
        faults.extend(obsolete_timeframe(detection));
        faults.extend(unused_blocks(detection));
    }
    faults
}

fn word(document: &Node, key: &str, known: impl Fn(&str) -> bool, faults: &mut Vec<Fault>) {
    match document.get(key) {
        None => faults.push(Fault::new(document.line, format!("the rule has no `{key}`"))),
        Some(node) if !node.text().is_some_and(&known) => {
            let text = node.text().unwrap_or("null");
            faults.push(Fault::new(node.line, format!("`{key}` has an unknown value `{text}`")));
        }
        Some(_) => {}
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(|group| hex(group))
}

fn obsolete_timeframe(detection: &Node) -> Option<Fault> {
    let node = detection.get("timeframe")?;
    Some(Fault::new(
        node.line,
        "`timeframe` has no effect: time windows belong to correlation rules",
    ))
}

fn unused_blocks(detection: &Node) -> Vec<Fault> {
    let Ok(texts) = detection::condition_texts(detection) else {
        return Vec::new();
    };
    let conditions: Vec<Condition> = texts
        .iter()
        .filter_map(|(_, text)| condition::parse(text).ok())
        .collect();
    if conditions.len() < texts.len() {
        return Vec::new();
    }
    let entries = detection.entries().unwrap_or_default();
    let blocks = entries.iter().filter(|entry| detection::is_block(entry));
    let names: Vec<&str> = blocks.clone().map(|block| block.key.as_str()).collect();
    let mut used = HashSet::new();
    for condition in &conditions {
        names_of(condition, &names, &mut used);
    }
    blocks
        .filter(|block| !used.contains(block.key.as_str()))
        .map(|block| Fault::new(block.line, format!("no condition uses `{}`", block.key)))
        .collect()
}

fn names_of<'n>(condition: &'n Condition, blocks: &[&'n str], used: &mut HashSet<&'n str>) {
    match condition {
        Condition::All(members) | Condition::Any(members) => {
            for member in members {
                names_of(member, blocks, used);
            }
        }
        Condition::Not(member) => names_of(member, blocks, used),
        Condition::Detection(name) => {
            used.insert(name);
        }
        Condition::Of(_, target) => used.extend(blocks.iter().filter(|name| target.fits(name))),
    }
}
