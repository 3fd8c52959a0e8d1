//! YAML documents with the line of every node: the core schema of YAML 1.2, within limits.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::problem::Fault;

/// The longest rule file: twice all public rules in one.
pub const FILE_LIMIT_BYTES: usize = 16 << 20;
/// The most nodes of one document, aliases unfolded: some 20 times the longest public rule (4,432 list values).
pub const NODE_LIMIT: usize = 100_000;
/// The most nodes of one file; with [`NODE_LIMIT`] it bounds the memory that reading a file takes.
pub const FILE_NODE_LIMIT: usize = 2_000_000;
/// The deepest nesting; real rules stay under 8.
pub const DEPTH_LIMIT: usize = 32;

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) line: usize,
    pub(crate) key: String,
    pub(crate) node: Node,
}

/// A scalar: its text as written (quotes and escapes resolved) and what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    pub(crate) kind: ScalarKind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ScalarKind {
    Null,
    Boolean(bool),
    Integer(i128),
    Float(f64),
    Text,
}

impl Node {
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let entries = self.entries()?;
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// Returns the text of a scalar that is not null.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind != ScalarKind::Null => Some(&scalar.text),
            _ => None,
        }
    }

    /// Returns the texts of a list, or of a single scalar.
    pub(crate) fn texts(&self) -> Vec<String> {
        match &self.value {
            Value::List(members) => members.iter().filter_map(Node::text).map(str::to_owned).collect(),
            _ => self.text().map(str::to_owned).into_iter().collect(),
        }
    }
}

/// Returns the documents before the first fault, and that fault.
pub(crate) fn parse(text: &str) -> (Vec<Node>, Option<Fault>) {
    if text.len() > FILE_LIMIT_BYTES {
        let fault = Fault::new(1, format!("the file is longer than {FILE_LIMIT_BYTES} bytes"));
        return (Vec::new(), Some(fault));
    }
    let mut documents = Vec::new();
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
        nodes_before: 0,
    };
    loop {
        match reader.document() {
            Ok(Some(document)) => documents.push(document),
            Ok(None) => return (documents, None),
            Err(mut fault) => {
                fault.message.push_str("; the rest of the file is not read");
                return (documents, Some(fault));
            }
        }
    }
}

struct Reader<'input> {
    parser: Parser<'input, saphyr_parser::StrInput<'input>>,
    anchors: HashMap<usize, Node>,
    /// Nodes of the document so far.
    nodes: usize,
    /// Nodes of the documents before it.
    nodes_before: usize,
}

impl<'input> Reader<'input> {
    fn document(&mut self) -> Result<Option<Node>, Fault> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(None),
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                event => {
                    self.nodes_before += std::mem::take(&mut self.nodes);
                    self.anchors.clear();
                    return self.node(event, span, 0).map(Some);
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'input>, Span), Fault> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(scan_fault(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'input>, span: Span, depth: usize) -> Result<Node, Fault> {
        let line = span.start.line();
        if depth > DEPTH_LIMIT {
            return Err(Fault::new(line, format!("nested deeper than {DEPTH_LIMIT} levels")));
        }
        self.count(1, line)?;
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(&text, style, tag.as_deref())),
            Event::SequenceStart(anchor, _) => (anchor, Value::List(self.list(depth)?)),
            Event::MappingStart(anchor, _) => (anchor, Value::Map(self.map(depth)?)),
            Event::Alias(anchor) => return self.alias(anchor, line, depth),
            _ => return Err(Fault::new(line, "the document ends in the middle of a value")),
        };
        let node = Node { line, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        let mut members = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(members),
                (event, span) => members.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<Entry>, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut keys = HashSet::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(entries);
            }
            let line = span.start.line();
            let key = match self.node(event, span, depth + 1)?.value {
                Value::Scalar(scalar) => scalar.text,
                _ => return Err(Fault::new(line, "a list or a map stands where a key belongs")),
            };
            if key == "<<" {
                return Err(Fault::new(line, "the merge key `<<` is not part of YAML 1.2"));
            }
            if !keys.insert(key.clone()) {
                return Err(Fault::new(line, format!("the key `{key}` stands twice in one map")));
            }
            let (event, span) = self.next()?;
            let node = self.node(event, span, depth + 1)?;
            entries.push(Entry { line, key, node });
        }
    }

    fn alias(&mut self, anchor: usize, line: usize, depth: usize) -> Result<Node, Fault> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(Fault::new(line, "an alias stands inside of its own anchor"));
        };
        let (nodes, levels) = size_of(node);
        if depth + levels > DEPTH_LIMIT {
            return Err(Fault::new(line, format!("nested deeper than {DEPTH_LIMIT} levels")));
        }
        let copy = Node { line, ..node.clone() };
        self.count(nodes, line)?;
        Ok(copy)
    }

    fn count(&mut self, nodes: usize, line: usize) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > NODE_LIMIT {
            return Err(Fault::new(
                line,
                format!("more than {NODE_LIMIT} values in one document"),
            ));
        }
        if self.nodes_before.saturating_add(self.nodes) > FILE_NODE_LIMIT {
            return Err(Fault::new(
                line,
                format!("more than {FILE_NODE_LIMIT} values in one file"),
            ));
        }
        Ok(())
    }
}

/// Returns how many nodes a node has and how deep they are.
fn size_of(node: &Node) -> (usize, usize) {
    let children: Vec<&Node> = match &node.value {
        Value::Scalar(_) => Vec::new(),
        Value::List(members) => members.iter().collect(),
        Value::Map(entries) => entries.iter().map(|entry| &entry.node).collect(),
    };
    children
        .into_iter()
        .map(size_of)
        .fold((1, 1), |(nodes, levels), (more, deeper)| {
            (nodes.saturating_add(more), levels.max(deeper + 1))
        })
}

fn scan_fault(error: &ScanError) -> Fault {
    Fault::new(error.marker().line(), format!("not valid YAML: {}", error.info()))
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let says_text = tag.is_some_and(|tag| tag.suffix == "str");
    let kind = if style == ScalarStyle::Plain && !says_text {
        plain_kind(text)
    } else {
        ScalarKind::Text
    };
    Value::Scalar(Scalar {
        text: text.to_owned(),
        kind,
    })
}

fn plain_kind(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "true" | "True" | "TRUE" => ScalarKind::Boolean(true),
        "false" | "False" | "FALSE" => ScalarKind::Boolean(false),
        _ => number_kind(text).unwrap_or(ScalarKind::Text),
    }
}

fn number_kind(text: &str) -> Option<ScalarKind> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(ScalarKind::Integer);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
            return all_digits
                .then(|| i128::from_str_radix(digits, radix).ok())?
                .map(ScalarKind::Integer);
        }
    }
    let looks_like_one = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'))
        && unsigned.bytes().any(|byte| byte.is_ascii_digit());
    let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
    looks_like_one.then_some(ScalarKind::Float(float))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn kind(text: &str) -> ScalarKind {
        let (documents, fault) = parse(&format!("k: {text}"));
        assert_eq!(fault, None, "{text}");
        match &documents[0].get("k").unwrap().value {
            Value::Scalar(scalar) => scalar.kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn scalars_are_those_of_the_core_schema() {
        for (text, expected) in [
            ("1", ScalarKind::Integer(1)),
            ("007", ScalarKind::Integer(7)),
            ("0x1F", ScalarKind::Integer(31)),
            ("18446744073709551615", ScalarKind::Integer(u64::MAX.into())),
            ("1.5", ScalarKind::Float(1.5)),
            ("1e3", ScalarKind::Float(1000.0)),
            ("yes", ScalarKind::Text),
            ("2026-08-01", ScalarKind::Text),
            ("1.2.3.4", ScalarKind::Text),
            (".nan", ScalarKind::Text),
            ("'1'", ScalarKind::Text),
            ("!!str 1", ScalarKind::Text),
            ("~", ScalarKind::Null),
            ("", ScalarKind::Null),
            ("True", ScalarKind::Boolean(true)),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn every_node_knows_its_line() {
        let (documents, fault) = parse("a: 1\nb:\n  - x\n  - y: 2\n---\nc: 3\n");
        assert_eq!(fault, None);
        assert_eq!(documents[0].get("b").unwrap().line, 3);
        assert_eq!(documents[1].entries().unwrap()[0].line, 6);
    }

    #[test]
    fn faults_name_their_line() {
        for (text, line) in [
            ("a: 1\na: 2", 2),
            ("a: 1\nb: [", 2),
            ("a: 1\n<<: {b: 1}", 2),
            ("? [a]\n: 1", 1),
        ] {
            let (_, fault) = parse(text);
            assert!(
                fault.clone().is_some_and(|fault| fault.line >= line),
                "{text}: {fault:?}"
            );
        }
    }

    #[test]
    fn what_would_grow_without_bound_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let before = level - 1;
            let members = vec![format!("*a{before}"); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{members}]\n"));
        }
        assert!(parse(&bomb).1.unwrap().message.contains("values in one document"));
        let flow = format!("a: {}", "[".repeat(10_000));
        assert!(parse(&flow).1.is_some());
        let block: String = (0..5_000)
            .map(|level| format!("{}a:\n", " ".repeat(level)))
            .take(500)
            .collect();
        assert!(parse(&block).1.unwrap().message.contains("nested deeper"));
        assert!(parse(&"#".repeat(FILE_LIMIT_BYTES + 1)).1.is_some());
        assert!(parse("a: &a [*a]").1.is_some());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_yaml_like_text_panics(text in "[-a:{}\\[\\] \n&*!|>'\"#?,0~%@]{0,60}") {
            let _ = parse(&text);
        }
    }
}
