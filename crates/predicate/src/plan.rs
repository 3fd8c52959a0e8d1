//! A plan: the distinct tests of many rules, and each rule's boolean shape over them.

use std::collections::HashMap;

use arrow::buffer::BooleanBuffer;

use crate::error::PredicateError;
use crate::spec::{Anchor, Case, Missing, TestSpec};
use crate::test::Test;

/// A field that a plan reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(u32);

impl FieldId {
    /// Returns the place of the field in [`Plan::fields`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A distinct test of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AtomId(u32);

impl AtomId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A rule of a plan: its place in the order in which rules were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleSlot(pub usize);

/// What a field is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldKey {
    /// The field of this name, as the rule writes it.
    Named(String),
    /// Every value of the row.
    AnyValue,
}

/// The boolean shape of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A test.
    Atom(AtomId),
    /// All of these; true if there are none.
    All(Vec<Expr>),
    /// One of these; false if there are none.
    Any(Vec<Expr>),
    /// At least so many of these.
    AtLeast(usize, Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
}

/// The answer for all rows of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that match.
    pub matched: BooleanBuffer,
    /// Rows whose answer rests on values, not on the rule for missing ones.
    pub known: BooleanBuffer,
}

#[derive(Debug)]
pub(crate) enum Atom {
    Test {
        field: FieldId,
        test: Test,
    },
    Pair {
        left: FieldId,
        right: FieldId,
        anchor: Anchor,
        case: Case,
        missing: Missing,
    },
}

/// Compiled rules.
#[derive(Debug)]
pub struct Plan {
    fields: Vec<FieldKey>,
    atoms: Vec<Atom>,
    rules: Vec<Expr>,
}

impl Plan {
    /// Returns the fields that the plan reads, by [`FieldId`].
    #[must_use]
    pub fn fields(&self) -> &[FieldKey] {
        &self.fields
    }

    /// Returns how many distinct tests the rules have.
    #[must_use]
    pub fn atom_count(&self) -> usize {
        self.atoms.len()
    }

    /// Returns how many rules the plan has.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// Returns the field of an index below the length of [`Plan::fields`].
    #[must_use]
    pub fn field_ids(&self) -> impl ExactSizeIterator<Item = FieldId> {
        (0..self.fields.len()).map(|index| FieldId(index as u32))
    }

    pub(crate) fn key(&self, field: FieldId) -> &FieldKey {
        &self.fields[field.index()]
    }

    pub(crate) fn atom(&self, atom: AtomId) -> &Atom {
        &self.atoms[atom.index()]
    }

    pub(crate) fn rule(&self, rule: RuleSlot) -> Option<&Expr> {
        self.rules.get(rule.0)
    }
}

/// Collects rules into a plan; equal tests of different rules become one.
#[derive(Debug, Default)]
pub struct PlanBuilder {
    fields: Vec<FieldKey>,
    field_ids: HashMap<FieldKey, FieldId>,
    atoms: Vec<Atom>,
    atom_ids: HashMap<String, AtomId>,
    rules: Vec<Expr>,
}

impl PlanBuilder {
    /// Returns an empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the id of a field, new or known.
    pub fn field(&mut self, key: FieldKey) -> FieldId {
        if let Some(id) = self.field_ids.get(&key) {
            return *id;
        }
        let id = FieldId(self.fields.len() as u32);
        self.fields.push(key.clone());
        self.field_ids.insert(key, id);
        id
    }

    /// Returns a test on a field, compiled once for all rules that have it.
    ///
    /// # Errors
    ///
    /// When the test does not compile.
    pub fn test(&mut self, field: FieldId, spec: &TestSpec) -> Result<Expr, PredicateError> {
        // The debug form names every part of a test, so it is a key without a second description of equality.
        let key = format!("{field:?} {spec:?}");
        self.atom(key, || {
            Ok(Atom::Test {
                field,
                test: Test::compile(spec)?,
            })
        })
    }

    /// Returns a comparison of the texts of two fields: one text of `left` stands to one of `right` as the anchor says.
    pub fn pair(&mut self, left: FieldId, right: FieldId, anchor: Anchor, case: Case, missing: Missing) -> Expr {
        let key = format!("{left:?} {right:?} {anchor:?} {case:?} {missing:?}");
        let id = self.atom_ids.get(&key).copied();
        Expr::Atom(id.unwrap_or_else(|| {
            self.push_atom(
                key,
                Atom::Pair {
                    left,
                    right,
                    anchor,
                    case,
                    missing,
                },
            )
        }))
    }

    /// Adds a rule.
    pub fn rule(&mut self, shape: Expr) -> RuleSlot {
        self.rules.push(shape);
        RuleSlot(self.rules.len() - 1)
    }

    /// Returns the plan.
    #[must_use]
    pub fn build(self) -> Plan {
        Plan {
            fields: self.fields,
            atoms: self.atoms,
            rules: self.rules,
        }
    }

    fn atom(
        &mut self,
        key: String,
        compile: impl FnOnce() -> Result<Atom, PredicateError>,
    ) -> Result<Expr, PredicateError> {
        if let Some(id) = self.atom_ids.get(&key) {
            return Ok(Expr::Atom(*id));
        }
        let atom = compile()?;
        Ok(Expr::Atom(self.push_atom(key, atom)))
    }

    fn push_atom(&mut self, key: String, atom: Atom) -> AtomId {
        let id = AtomId(self.atoms.len() as u32);
        self.atoms.push(atom);
        self.atom_ids.insert(key, id);
        id
    }
}
