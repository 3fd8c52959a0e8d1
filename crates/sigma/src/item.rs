//! One detection item: a key with its modifiers and the values after it, compiled to tests.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use sekisho_predicate::{
    Anchor, Case, Expr, FieldId, FieldKey, Missing, Number, Pattern, PatternPart, PlanBuilder, RegexFlags, TestSpec,
};

use crate::modifier::{Chain, Matcher};
use crate::problem::Fault;
use crate::value::{parts_of, transformed};
use crate::yaml::{Node, Scalar, ScalarKind, Value};

/// What placeholders stand for.
pub type Placeholders = BTreeMap<String, Vec<String>>;

/// Compiles the values after a key; faults name the construct that is wrong.
pub(crate) fn compile(
    chain: &Chain,
    node: &Node,
    placeholders: &Placeholders,
    builder: &mut PlanBuilder,
) -> Result<Expr, Fault> {
    let values = values_of(chain, node)?;
    let mut alternatives = Vec::new();
    for value in values {
        for scalar in expanded(chain, value, placeholders)? {
            let leaves = leaves_of(chain, &scalar).map_err(|message| Fault::new(value.line, message))?;
            alternatives.push(leaves);
        }
    }
    let mut lower = |leaves: Vec<Leaf>| lower(chain, leaves, builder).map_err(|message| Fault::new(node.line, message));
    let shape = if chain.all {
        Expr::All(alternatives.into_iter().map(&mut lower).collect::<Result<_, _>>()?)
    } else {
        lower(alternatives.into_iter().flatten().collect())?
    };
    Ok(if chain.negated {
        Expr::Not(Box::new(shape))
    } else {
        shape
    })
}

/// Returns the keyword search for these scalars: one of them stands in some value of the row.
pub(crate) fn compile_keywords(nodes: &[&Node], builder: &mut PlanBuilder) -> Result<Expr, Fault> {
    let chain = Chain {
        field: None,
        transforms: Vec::new(),
        matcher: Matcher::Text(Anchor::Whole),
        case: Case::Folded,
        all: false,
        negated: false,
        expand: false,
    };
    let mut leaves = Vec::new();
    for node in nodes {
        let Value::Scalar(scalar) = &node.value else {
            return Err(Fault::new(node.line, "a list stands inside of a list"));
        };
        leaves.extend(leaves_of(&chain, scalar).map_err(|message| Fault::new(node.line, message))?);
    }
    let line = nodes.first().map_or(0, |node| node.line);
    lower(&chain, leaves, builder).map_err(|message| Fault::new(line, message))
}

/// One alternative of a value, ready for a test.
enum Leaf {
    /// The value's text is this.
    Whole(String),
    /// The value is this number, or its text is this.
    Number(Number, String),
    /// This literal stands in the value.
    Literal(Anchor, String),
    Pattern(Pattern),
    Null,
    Regex(String),
    Network(IpNet),
    Quantity(Number),
    Exists(bool),
    Field(String),
}

fn values_of<'n>(chain: &Chain, node: &'n Node) -> Result<Vec<&'n Node>, Fault> {
    match &node.value {
        Value::Map(_) => Err(Fault::new(node.line, "a map stands where a value belongs")),
        Value::List(members) if members.is_empty() => Err(Fault::new(node.line, "the list of values is empty")),
        Value::List(members) => {
            for member in members {
                match &member.value {
                    Value::Scalar(scalar) if scalar.kind == ScalarKind::Null => {
                        return Err(Fault::new(member.line, "null stands in a list of values"));
                    }
                    Value::Scalar(_) => {}
                    Value::List(_) => return Err(Fault::new(member.line, "a list stands inside of a list")),
                    Value::Map(_) => return Err(Fault::new(member.line, "a map stands in a list of values")),
                }
            }
            if chain.matcher == Matcher::Exists && members.len() > 1 {
                return Err(Fault::new(node.line, "`exists` takes one value, true or false"));
            }
            Ok(members.iter().collect())
        }
        Value::Scalar(_) if chain.all => Err(Fault::new(
            node.line,
            "the modifier `all` stands before a single value: it needs a list",
        )),
        Value::Scalar(_) => Ok(vec![node]),
    }
}

/// Returns the scalar with placeholders replaced, once for each of their values.
fn expanded(chain: &Chain, node: &Node, placeholders: &Placeholders) -> Result<Vec<Scalar>, Fault> {
    /// The most values that the placeholders of one value may grow into.
    const EXPANSION_LIMIT: usize = 100_000;
    let Value::Scalar(scalar) = &node.value else {
        return Ok(Vec::new());
    };
    if !chain.expand || scalar.kind == ScalarKind::Null {
        return Ok(vec![scalar.clone()]);
    }
    let mut done: Vec<String> = vec![String::new()];
    let mut rest = scalar.text.as_str();
    while let Some((before, name, after)) = next_placeholder(rest) {
        let values = placeholders.get(name).filter(|values| !values.is_empty());
        let Some(values) = values else {
            return Err(Fault::new(
                node.line,
                format!("the placeholder `%{name}%` (`expand`) has no values"),
            ));
        };
        if done.len().saturating_mul(values.len()) > EXPANSION_LIMIT {
            return Err(Fault::new(
                node.line,
                format!("placeholders grow into more than {EXPANSION_LIMIT} values"),
            ));
        }
        done = done
            .iter()
            .flat_map(|start| values.iter().map(move |value| format!("{start}{before}{value}")))
            .collect();
        rest = after;
    }
    Ok(done
        .into_iter()
        .map(|start| Scalar {
            text: format!("{start}{rest}"),
            kind: ScalarKind::Text,
        })
        .collect())
}

/// Returns the text before the next `%name%`, the name, and the text after.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.'))
    };
    let mut from = 0;
    loop {
        let open = from + text[from..].find('%')?;
        let after = &text[open + 1..];
        let close = after.find('%')?;
        if is_name(&after[..close]) {
            return Some((&text[..open], &after[..close], &after[close + 1..]));
        }
        from = open + 1;
    }
}

fn leaves_of(chain: &Chain, scalar: &Scalar) -> Result<Vec<Leaf>, String> {
    if scalar.kind == ScalarKind::Null {
        return null_leaf(chain);
    }
    match chain.matcher {
        Matcher::Text(anchor) => text_leaves(chain, anchor, scalar),
        Matcher::Regex(_) => Ok(vec![Leaf::Regex(scalar.text.clone())]),
        Matcher::Network => network(&scalar.text).map(|network| vec![Leaf::Network(network)]),
        Matcher::Compare(_) | Matcher::Time(..) => quantity(scalar).map(|number| vec![Leaf::Quantity(number)]),
        Matcher::Exists => match scalar.kind {
            ScalarKind::Boolean(wanted) => Ok(vec![Leaf::Exists(wanted)]),
            _ => Err(format!("`exists` takes true or false, not `{}`", scalar.text)),
        },
        Matcher::Field(_) if scalar.text.is_empty() => Err("`fieldref` names no field".to_owned()),
        Matcher::Field(_) => Ok(vec![Leaf::Field(scalar.text.clone())]),
    }
}

fn null_leaf(chain: &Chain) -> Result<Vec<Leaf>, String> {
    let plain = chain.matcher == Matcher::Text(Anchor::Whole) && chain.transforms.is_empty() && !chain.expand;
    match (&chain.field, plain) {
        (None, _) => Err("null stands in a keyword search".to_owned()),
        (Some(_), false) => Err("null stands after a modifier that needs a value".to_owned()),
        (Some(_), true) => Ok(vec![Leaf::Null]),
    }
}

fn text_leaves(chain: &Chain, anchor: Anchor, scalar: &Scalar) -> Result<Vec<Leaf>, String> {
    // Keywords are looked for inside of values; only `startswith` and `endswith` say otherwise.
    let anchor = match (&chain.field, anchor) {
        (None, Anchor::Whole) => Anchor::Anywhere,
        (_, anchor) => anchor,
    };
    let text = canonical_text(scalar);
    if anchor == Anchor::Whole && chain.transforms.is_empty() {
        match scalar.kind {
            ScalarKind::Integer(whole) => return Ok(vec![Leaf::Number(Number::Integer(whole), text)]),
            ScalarKind::Float(float) => return Ok(vec![Leaf::Number(Number::Float(float), text)]),
            _ => {}
        }
    }
    let variants = transformed(parts_of(&text), &chain.transforms)?;
    Ok(variants.into_iter().map(|parts| text_leaf(parts, anchor)).collect())
}

fn text_leaf(parts: Vec<PatternPart>, anchor: Anchor) -> Leaf {
    let pattern = Pattern::new(parts).anchored(anchor);
    match pattern.as_literal() {
        Some((Anchor::Whole, literal)) => Leaf::Whole(literal.to_owned()),
        Some((anchor, literal)) => Leaf::Literal(anchor, literal.to_owned()),
        None => Leaf::Pattern(pattern),
    }
}

/// Whole numbers and booleans in the one form that events are compared in, everything else as written.
fn canonical_text(scalar: &Scalar) -> String {
    match scalar.kind {
        ScalarKind::Integer(whole) => whole.to_string(),
        ScalarKind::Boolean(truth) => truth.to_string(),
        _ => scalar.text.clone(),
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = if text.contains('/') {
        text.parse().ok()
    } else {
        text.parse::<IpAddr>().ok().map(IpNet::from)
    };
    network.ok_or_else(|| format!("`cidr` takes a network, not `{text}`"))
}

fn quantity(scalar: &Scalar) -> Result<Number, String> {
    let number = match scalar.kind {
        ScalarKind::Integer(whole) => Some(Number::Integer(whole)),
        ScalarKind::Float(float) => Some(Number::Float(float)),
        ScalarKind::Text => Number::parse(&scalar.text),
        ScalarKind::Null | ScalarKind::Boolean(_) => None,
    };
    number.ok_or_else(|| format!("a comparison takes a number, not `{}`", scalar.text))
}

/// Returns the tests of alternatives: those of a kind are one test.
fn lower(chain: &Chain, leaves: Vec<Leaf>, builder: &mut PlanBuilder) -> Result<Expr, String> {
    let field = builder.field(match &chain.field {
        Some(name) => FieldKey::Named(name.clone()),
        None => FieldKey::AnyValue,
    });
    let mut groups = Groups::default();
    for leaf in leaves {
        groups.add(leaf);
    }
    let mut shapes = Vec::new();
    for spec in groups.specs(chain) {
        let test = builder.test(field, &spec).map_err(|error| error.to_string())?;
        shapes.push(test);
    }
    for other in &groups.fields {
        shapes.push(compare_fields(chain, field, other, builder));
    }
    Ok(match shapes.len() {
        1 => shapes.swap_remove(0),
        _ => Expr::Any(shapes),
    })
}

fn compare_fields(chain: &Chain, field: FieldId, other: &str, builder: &mut PlanBuilder) -> Expr {
    let anchor = match chain.matcher {
        Matcher::Field(anchor) => anchor,
        _ => Anchor::Whole,
    };
    let other = builder.field(FieldKey::Named(other.to_owned()));
    builder.pair(field, other, anchor, chain.case, Missing::Fails)
}

#[derive(Default)]
struct Groups {
    texts: Vec<String>,
    numbers: Vec<Number>,
    literals: [Vec<String>; 3],
    patterns: Vec<Pattern>,
    regexes: Vec<String>,
    networks: Vec<IpNet>,
    quantities: Vec<Number>,
    exists: Vec<bool>,
    null: bool,
    fields: Vec<String>,
}

const ANCHORS: [Anchor; 3] = [Anchor::Start, Anchor::End, Anchor::Anywhere];

impl Groups {
    fn add(&mut self, leaf: Leaf) {
        match leaf {
            Leaf::Whole(text) => self.texts.push(text),
            Leaf::Number(number, text) => {
                self.numbers.push(number);
                self.texts.push(text);
            }
            Leaf::Literal(anchor, literal) => {
                let slot = ANCHORS.iter().position(|known| *known == anchor).unwrap_or(2);
                self.literals[slot].push(literal);
            }
            Leaf::Pattern(pattern) => self.patterns.push(pattern),
            Leaf::Null => self.null = true,
            Leaf::Regex(expression) => self.regexes.push(expression),
            Leaf::Network(network) => self.networks.push(network),
            Leaf::Quantity(number) => self.quantities.push(number),
            Leaf::Exists(wanted) => self.exists.push(wanted),
            Leaf::Field(name) => self.fields.push(name),
        }
    }

    fn specs(&self, chain: &Chain) -> Vec<TestSpec> {
        // A field that is not there matches no value; only `null`, `exists` and negation speak of absence.
        let (case, missing) = (chain.case, Missing::Fails);
        let mut specs = Vec::new();
        if !self.texts.is_empty() {
            specs.push(TestSpec::OneOf {
                texts: self.texts.clone(),
                numbers: self.numbers.clone(),
                case,
                missing,
            });
        }
        for (anchor, literals) in ANCHORS.into_iter().zip(&self.literals) {
            if !literals.is_empty() {
                specs.push(TestSpec::Text {
                    literals: literals.clone(),
                    anchor,
                    case,
                    missing,
                });
            }
        }
        if !self.patterns.is_empty() {
            let patterns = self.patterns.clone();
            specs.push(TestSpec::Patterns {
                patterns,
                case,
                missing,
            });
        }
        if !self.regexes.is_empty() {
            let flags = match chain.matcher {
                Matcher::Regex(flags) => flags,
                _ => RegexFlags::default(),
            };
            let expressions = self.regexes.clone();
            specs.push(TestSpec::Regexes {
                expressions,
                flags,
                missing,
            });
        }
        if !self.networks.is_empty() {
            let networks = self.networks.clone();
            specs.push(TestSpec::Networks { networks, missing });
        }
        specs.extend(self.quantity_spec(chain));
        specs.extend(self.exists.iter().map(|wanted| TestSpec::Exists { wanted: *wanted }));
        if self.null {
            specs.push(TestSpec::Null);
        }
        specs
    }

    fn quantity_spec(&self, chain: &Chain) -> Option<TestSpec> {
        let (numbers, missing) = (self.quantities.clone(), Missing::Fails);
        match chain.matcher {
            _ if numbers.is_empty() => None,
            Matcher::Compare(comparison) => Some(TestSpec::Compare {
                comparison,
                numbers,
                missing,
            }),
            Matcher::Time(part, comparison) => Some(TestSpec::TimePart {
                part,
                comparison,
                numbers,
                missing,
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::modifier::parse as parse_chain;

    fn compiled(key: &str, yaml: &str, placeholders: &Placeholders) -> Result<usize, Fault> {
        let (documents, _) = crate::yaml::parse(&format!("v: {yaml}"));
        let mut builder = PlanBuilder::new();
        let chain = parse_chain(key).unwrap();
        compile(&chain, documents[0].get("v").unwrap(), placeholders, &mut builder)?;
        Ok(builder.build().atom_count())
    }

    #[test]
    fn alternatives_of_a_kind_are_one_test() {
        let none = Placeholders::new();
        assert_eq!(compiled("F", "[a, b, 1, true, c]", &none), Ok(1));
        assert_eq!(compiled("F|contains", "[a, b, 'x*y']", &none), Ok(2));
        assert_eq!(compiled("F|contains|all", "[a, b]", &none), Ok(2));
        assert_eq!(compiled("F|cidr", "[10.0.0.0/8, 192.0.2.1]", &none), Ok(1));
    }

    #[test]
    fn placeholders_are_replaced_or_refused() {
        let known = Placeholders::from([("admins".to_owned(), vec!["a*".to_owned(), "b".to_owned()])]);
        assert_eq!(compiled("F|expand", "'x-%admins%-%admins%'", &known), Ok(3));
        assert_eq!(compiled("F|expand", "'100% of % x'", &known), Ok(1));
        let fault = compiled("F|expand", "'%other%'", &known).unwrap_err();
        assert!(fault.message.contains("%other%"), "{}", fault.message);
        assert_eq!(compiled("F", "'%other%'", &known), Ok(1));
    }

    #[test]
    fn values_of_the_wrong_form_are_named() {
        let none = Placeholders::new();
        for (key, yaml, word) in [
            ("F", "[]", "empty"),
            ("F", "[a, null]", "null"),
            ("F", "[[a]]", "inside of a list"),
            ("F", "{a: b}", "map"),
            ("F|contains", "null", "null"),
            ("|contains", "null", "null"),
            ("F|all", "a", "all"),
            ("F|exists", "maybe", "true or false"),
            ("F|exists", "[true, false]", "one value"),
            ("F|gt", "abc", "number"),
            ("F|gt", "true", "number"),
            ("F|cidr", "10.0.0.0/99", "10.0.0.0/99"),
            ("F|cidr", "192.168.*", "192.168.*"),
            ("F|re", "a(b", "unclosed"),
            ("F|base64", "a*b", "wildcard"),
            ("F|fieldref", "''", "fieldref"),
        ] {
            let fault = compiled(key, yaml, &none).unwrap_err();
            assert!(fault.message.contains(word), "{key} {yaml}: {}", fault.message);
        }
    }
}
