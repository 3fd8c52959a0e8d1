//! What a rule says about itself.

use crate::problem::Fault;
use crate::yaml::{Node, Value};

/// How much a match matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For context.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Level {
    /// Returns the level of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|level| level.name() == name)
    }

    /// Returns the name that rules use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The log source that a rule is for; what it does not state it does not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleSource {
    /// `product`.
    pub product: Option<String>,
    /// `service`.
    pub service: Option<String>,
    /// `category`.
    pub category: Option<String>,
}

/// A rule's description of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `id`; the title where the rule has none, so that every match can be named.
    pub id: String,
    /// `title`.
    pub title: String,
    /// `name`.
    pub name: Option<String>,
    /// `author`; the rule licence of public rules asks that matches show it.
    pub author: Option<String>,
    /// `level`.
    pub level: Option<Level>,
    /// `status`.
    pub status: Option<String>,
    /// `license`.
    pub license: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `x_title_ja`, a field of ours: the title in Japanese.
    pub title_ja: Option<String>,
    /// `x_description_ja`, a field of ours: the description in Japanese.
    pub description_ja: Option<String>,
    /// `date`.
    pub date: Option<String>,
    /// `modified`.
    pub modified: Option<String>,
    /// `references`.
    pub references: Vec<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `falsepositives`.
    pub falsepositives: Vec<String>,
    /// `fields`.
    pub fields: Vec<String>,
    /// `logsource`.
    pub logsource: RuleSource,
    /// The file it came from, as it was named to us.
    pub file: String,
    /// The line where it starts.
    pub line: usize,
}

/// Reads the description of a rule out of its document.
pub(crate) fn read(document: &Node, file: &str) -> Result<Rule, Vec<Fault>> {
    let mut faults = Vec::new();
    let title = text(document, "title").filter(|title| !title.trim().is_empty());
    if title.is_none() {
        faults.push(Fault::new(document.line, "the rule has no `title`"));
    }
    let logsource = source(document).map_err(|fault| faults.push(fault));
    let (Some(title), Ok(logsource)) = (title, logsource) else {
        return Err(faults);
    };
    let list = |key: &str| document.get(key).map(Node::texts).unwrap_or_default();
    Ok(Rule {
        id: text(document, "id")
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| title.clone()),
        title,
        name: text(document, "name"),
        author: author(document),
        level: text(document, "level").and_then(|name| Level::from_name(&name)),
        status: text(document, "status"),
        license: text(document, "license"),
        description: text(document, "description"),
        title_ja: text(document, "x_title_ja"),
        description_ja: text(document, "x_description_ja"),
        date: text(document, "date"),
        modified: text(document, "modified"),
        references: list("references"),
        tags: list("tags"),
        falsepositives: list("falsepositives"),
        fields: list("fields"),
        logsource,
        file: file.to_owned(),
        line: document.line,
    })
}

fn text(document: &Node, key: &str) -> Option<String> {
    document.get(key).and_then(Node::text).map(str::to_owned)
}

/// One text; some rules write a list of authors.
fn author(document: &Node) -> Option<String> {
    let authors = document.get("author")?.texts();
    (!authors.is_empty()).then(|| authors.join(", "))
}

fn source(document: &Node) -> Result<RuleSource, Fault> {
    let Some(node) = document.get("logsource") else {
        return Err(Fault::new(document.line, "the rule has no `logsource`"));
    };
    let Value::Map(entries) = &node.value else {
        return Err(Fault::new(node.line, "`logsource` is not a map"));
    };
    for entry in entries {
        let known = ["product", "service", "category"].contains(&entry.key.as_str());
        if known && entry.node.text().is_none() {
            return Err(Fault::new(
                entry.line,
                format!("`logsource.{}` is not a text", entry.key),
            ));
        }
    }
    let part = |key: &str| text(node, key);
    let source = RuleSource {
        product: part("product"),
        service: part("service"),
        category: part("category"),
    };
    if source == RuleSource::default() {
        return Err(Fault::new(
            node.line,
            "`logsource` states neither `product` nor `service` nor `category`",
        ));
    }
    Ok(source)
}
