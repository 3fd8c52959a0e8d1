//! The `detection` part of a rule, compiled to tests and their boolean shape.

use sekisho_predicate::{Expr, PlanBuilder};

use crate::condition::{self, Condition, Quantifier};
use crate::item::{self, Placeholders};
use crate::modifier;
use crate::problem::Fault;
use crate::yaml::{Entry, Node, ScalarKind, Value};

/// The most tests, counted with repetition, that one rule's condition may unfold to.
pub const SHAPE_LIMIT: usize = 100_000;

/// Compiles a detection; every fault of it is reported, not only the first.
pub(crate) fn compile(
    document: &Node,
    placeholders: &Placeholders,
    builder: &mut PlanBuilder,
) -> Result<Expr, Vec<Fault>> {
    let Some(node) = document.get("detection") else {
        return Err(vec![Fault::new(document.line, "the rule has no `detection`")]);
    };
    let Value::Map(entries) = &node.value else {
        return Err(vec![Fault::new(node.line, "`detection` is not a map")]);
    };
    let mut faults = Vec::new();
    let mut blocks: Vec<(&str, Expr)> = Vec::new();
    for entry in entries.iter().filter(|entry| is_block(entry)) {
        match block(entry, placeholders, builder) {
            Ok(shape) => blocks.push((&entry.key, shape)),
            Err(more) => {
                faults.extend(more);
                // It is defined, so the condition below shall not call it unknown.
                blocks.push((&entry.key, Expr::Any(Vec::new())));
            }
        }
    }
    match conditions(node, &blocks) {
        Ok(shape) if faults.is_empty() => Ok(shape),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}

/// Returns whether an entry of `detection` is a named block rather than `condition` or the obsolete `timeframe`.
pub(crate) fn is_block(entry: &Entry) -> bool {
    entry.key != "condition" && entry.key != "timeframe"
}

/// Returns the conditions of a detection as texts with their lines.
pub(crate) fn condition_texts(detection: &Node) -> Result<Vec<(usize, &str)>, Fault> {
    let Some(node) = detection.get("condition") else {
        return Err(Fault::new(detection.line, "`detection` has no `condition`"));
    };
    let single = std::slice::from_ref(node);
    let nodes = match &node.value {
        Value::List(members) if members.is_empty() => {
            return Err(Fault::new(node.line, "the list of conditions is empty"));
        }
        Value::List(members) => members.as_slice(),
        _ => single,
    };
    nodes
        .iter()
        .map(|node| match node.text() {
            Some(text) => Ok((node.line, text)),
            None => Err(Fault::new(node.line, "a condition is not a text")),
        })
        .collect()
}

fn conditions(detection: &Node, blocks: &[(&str, Expr)]) -> Result<Expr, Vec<Fault>> {
    let texts = condition_texts(detection).map_err(|fault| vec![fault])?;
    let (mut shapes, mut faults) = (Vec::new(), Vec::new());
    for (line, text) in texts {
        let mut budget = SHAPE_LIMIT;
        let shape = condition::parse(text).and_then(|condition| resolve(&condition, blocks, &mut budget));
        match shape {
            Ok(shape) => shapes.push(shape),
            Err(message) => faults.push(Fault::new(line, message)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(match shapes.len() {
        1 => shapes.swap_remove(0),
        _ => Expr::Any(shapes),
    })
}

fn resolve(condition: &Condition, blocks: &[(&str, Expr)], budget: &mut usize) -> Result<Expr, String> {
    let members = |conditions: &[Condition], budget: &mut usize| {
        conditions
            .iter()
            .map(|member| resolve(member, blocks, budget))
            .collect::<Result<Vec<_>, _>>()
    };
    match condition {
        Condition::All(conditions) => Ok(Expr::All(members(conditions, budget)?)),
        Condition::Any(conditions) => Ok(Expr::Any(members(conditions, budget)?)),
        Condition::Not(condition) => Ok(Expr::Not(Box::new(resolve(condition, blocks, budget)?))),
        Condition::Detection(name) => match blocks.iter().find(|(known, _)| known == name) {
            Some((_, shape)) => copy(shape, budget),
            None => Err(format!(
                "the condition names `{name}`, which the detection does not define"
            )),
        },
        Condition::Of(quantifier, target) => {
            let fitting: Vec<Expr> = blocks
                .iter()
                .filter(|(name, _)| target.fits(name))
                .map(|(_, shape)| copy(shape, budget))
                .collect::<Result<_, _>>()?;
            quantified(*quantifier, target.as_written(), fitting)
        }
    }
}

fn quantified(quantifier: Quantifier, target: &str, fitting: Vec<Expr>) -> Result<Expr, String> {
    match quantifier {
        _ if fitting.is_empty() => Err(format!("the condition has `of {target}`, which fits no detection")),
        Quantifier::All => Ok(Expr::All(fitting)),
        Quantifier::AtLeast(1) => Ok(Expr::Any(fitting)),
        Quantifier::AtLeast(wanted) if wanted > fitting.len() => Err(format!(
            "the condition has `{wanted} of {target}`, which fits {} only",
            fitting.len()
        )),
        Quantifier::AtLeast(wanted) => Ok(Expr::AtLeast(wanted, fitting)),
    }
}

fn copy(shape: &Expr, budget: &mut usize) -> Result<Expr, String> {
    let Some(left) = budget.checked_sub(size_of(shape)) else {
        return Err(format!("the condition unfolds to more than {SHAPE_LIMIT} tests"));
    };
    *budget = left;
    Ok(shape.clone())
}

fn size_of(shape: &Expr) -> usize {
    match shape {
        Expr::Atom(_) => 1,
        Expr::Not(member) => size_of(member),
        Expr::All(members) | Expr::Any(members) | Expr::AtLeast(_, members) => {
            1 + members.iter().map(size_of).sum::<usize>()
        }
    }
}

fn block(entry: &Entry, placeholders: &Placeholders, builder: &mut PlanBuilder) -> Result<Expr, Vec<Fault>> {
    let node = &entry.node;
    match &node.value {
        Value::Map(entries) => map(node, entries, placeholders, builder),
        Value::List(members) => list(node, members, placeholders, builder),
        Value::Scalar(scalar) if scalar.kind == ScalarKind::Null => Err(vec![Fault::new(
            entry.line,
            format!("the detection `{}` is empty", entry.key),
        )]),
        Value::Scalar(_) => item::compile_keywords(&[node], builder).map_err(|fault| vec![fault]),
    }
}

/// All items of a map.
fn map(
    node: &Node,
    entries: &[Entry],
    placeholders: &Placeholders,
    builder: &mut PlanBuilder,
) -> Result<Expr, Vec<Fault>> {
    if entries.is_empty() {
        return Err(vec![Fault::new(node.line, "a detection is an empty map")]);
    }
    let (mut shapes, mut faults) = (Vec::new(), Vec::new());
    for entry in entries {
        let shape = modifier::parse(&entry.key)
            .map_err(|message| Fault::new(entry.line, format!("`{}`: {message}", entry.key)))
            .and_then(|chain| {
                item::compile(&chain, &entry.node, placeholders, builder).map_err(|fault| Fault {
                    message: format!("`{}`: {}", entry.key, fault.message),
                    ..fault
                })
            });
        match shape {
            Ok(shape) => shapes.push(shape),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(match shapes.len() {
        1 => shapes.swap_remove(0),
        _ => Expr::All(shapes),
    })
}

/// One of the members of a list: maps, or keywords, which are one test together.
fn list(
    node: &Node,
    members: &[Node],
    placeholders: &Placeholders,
    builder: &mut PlanBuilder,
) -> Result<Expr, Vec<Fault>> {
    if members.is_empty() {
        return Err(vec![Fault::new(node.line, "a detection is an empty list")]);
    }
    let (mut shapes, mut faults, mut keywords) = (Vec::new(), Vec::new(), Vec::new());
    for member in members {
        match &member.value {
            Value::Map(entries) => match map(member, entries, placeholders, builder) {
                Ok(shape) => shapes.push(shape),
                Err(more) => faults.extend(more),
            },
            Value::Scalar(_) => keywords.push(member),
            Value::List(_) => faults.push(Fault::new(member.line, "a list stands inside of a list")),
        }
    }
    if !keywords.is_empty() {
        match item::compile_keywords(&keywords, builder) {
            Ok(shape) => shapes.push(shape),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(match shapes.len() {
        1 => shapes.swap_remove(0),
        _ => Expr::Any(shapes),
    })
}
