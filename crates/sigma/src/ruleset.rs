//! Loading rules: all or none, unless invalid ones are to be skipped.

use sekisho_predicate::{Expr, Plan, PlanBuilder, RuleSlot};

use crate::alias::AliasTable;
use crate::detection;
use crate::item::Placeholders;
use crate::problem::{Fault, Problem, Severity, SigmaError};
use crate::route::Routing;
use crate::rule::{self, Rule};
use crate::yaml::{self, Node, Value};

/// How rules are loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Goes on without rules that do not load; they are listed in [`RuleSet::skipped`].
    pub skip_invalid: bool,
    /// What `%name%` stands for in values with `expand`.
    pub placeholders: Placeholders,
}

/// A rule of a set: its place in [`RuleSet::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(pub usize);

/// Rules that loaded, compiled into one plan.
#[derive(Debug)]
pub struct RuleSet {
    rules: Vec<Rule>,
    plan: Plan,
    skipped: Vec<Problem>,
    aliases: AliasTable,
}

impl RuleSet {
    /// Loads rules from files, each given by its name and its text.
    ///
    /// # Errors
    ///
    /// When a rule does not load and skipping was not asked for; the error lists every problem of every such rule.
    pub fn load<'t>(
        sources: impl IntoIterator<Item = (&'t str, &'t str)>,
        options: &LoadOptions,
    ) -> Result<Self, SigmaError> {
        let mut builder = PlanBuilder::new();
        let (mut rules, mut problems) = (Vec::new(), Vec::new());
        for (file, text) in sources {
            for loaded in read_file(file, text, &options.placeholders, &mut builder) {
                match loaded {
                    Ok((rule, shape)) => {
                        builder.rule(shape);
                        rules.push(rule);
                    }
                    Err(faults) => {
                        let more = faults
                            .into_iter()
                            .map(|fault| fault.into_problem(file, Severity::Error));
                        problems.extend(more);
                    }
                }
            }
        }
        if !problems.is_empty() && !options.skip_invalid {
            return Err(SigmaError::Refused { problems });
        }
        Ok(Self {
            rules,
            plan: builder.build(),
            skipped: problems,
            aliases: AliasTable::shipped()?,
        })
    }

    /// Returns the rules, in the order of their files.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns a rule; `None` for an index of another set.
    #[must_use]
    pub fn rule(&self, index: RuleIndex) -> Option<&Rule> {
        self.rules.get(index.0)
    }

    /// Returns the problems of the rules that were skipped.
    #[must_use]
    pub fn skipped(&self) -> &[Problem] {
        &self.skipped
    }

    /// Returns the rules that are asked about events so routed, in the order of the set.
    #[must_use]
    pub fn route(&self, routing: &Routing) -> Vec<RuleIndex> {
        let rules = self.rules.iter().enumerate();
        rules
            .filter(|(_, rule)| routing.takes(&rule.logsource))
            .map(|(index, _)| RuleIndex(index))
            .collect()
    }

    /// Returns the compiled tests; the rule at index `n` is the plan's slot `n`.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns the field aliases that typed tables are read with.
    #[must_use]
    pub fn aliases(&self) -> &AliasTable {
        &self.aliases
    }

    /// Replaces the field aliases that typed tables are read with.
    #[must_use]
    pub fn with_aliases(mut self, aliases: AliasTable) -> Self {
        self.aliases = aliases;
        self
    }
}

impl RuleIndex {
    pub(crate) fn slot(self) -> RuleSlot {
        RuleSlot(self.0)
    }
}

pub(crate) type Loaded = Result<(Rule, Expr), Vec<Fault>>;

/// Reads every document of a file.
fn read_file(file: &str, text: &str, placeholders: &Placeholders, builder: &mut PlanBuilder) -> Vec<Loaded> {
    let (documents, fault) = yaml::parse(text);
    let mut loaded: Vec<Loaded> = documents
        .iter()
        .map(|document| read_document(document, file, placeholders, builder))
        .collect();
    if loaded.is_empty() && fault.is_none() {
        loaded.push(Err(vec![Fault::new(1, "the file has no rule")]));
    }
    loaded.extend(fault.map(|fault| Err(vec![fault])));
    loaded
}

/// Compiles one document.
pub(crate) fn read_document(
    document: &Node,
    file: &str,
    placeholders: &Placeholders,
    builder: &mut PlanBuilder,
) -> Loaded {
    let Value::Map(entries) = &document.value else {
        return Err(vec![Fault::new(document.line, "the document is not a map")]);
    };
    for (key, what) in NOT_YET {
        if let Some(entry) = entries.iter().find(|entry| entry.key == key) {
            let message = format!("{what} (`{key}`) are not supported yet");
            return Err(vec![Fault::new(entry.line, message)]);
        }
    }
    let rule = rule::read(document, file);
    let shape = detection::compile(document, placeholders, builder);
    match (rule, shape) {
        (Ok(rule), Ok(shape)) => Ok((rule, shape)),
        (rule, shape) => Err(rule.err().into_iter().chain(shape.err()).flatten().collect()),
    }
}

/// Documents that are valid Sigma but are not evaluated yet: refused by name, never dropped.
const NOT_YET: [(&str, &str); 3] = [
    ("correlation", "correlation rules"),
    ("filter", "filters"),
    ("action", "rule collections with actions"),
];
