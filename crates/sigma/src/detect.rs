//! Rules over batches of typed tables.

use arrow::array::RecordBatch;
use sekisho_predicate::{BatchRow, BatchRun, DictionaryCache, FieldColumn, Plan, RowMemory, RowRun};

use crate::route::Routing;
use crate::ruleset::{RuleIndex, RuleSet};
use crate::table::{TableFields, TableView};

/// A row that a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// The row of the batch.
    pub row: usize,
    /// The rule.
    pub rule: RuleIndex,
}

/// Rules over the batches of one table. It keeps what dictionaries have in common from batch to batch.
pub struct Detector<'r> {
    rules: &'r RuleSet,
    view: TableView,
    asked: Vec<RuleIndex>,
    cache: DictionaryCache,
}

impl<'r> Detector<'r> {
    /// Returns a detector for a table, with the rules that its log source takes.
    #[must_use]
    pub fn new(rules: &'r RuleSet, view: TableView) -> Self {
        let routing = view.routing().clone();
        Self::routed(rules, view, &routing)
    }

    /// Returns a detector for a table, with the rules that `routing` takes instead.
    #[must_use]
    pub fn routed(rules: &'r RuleSet, view: TableView, routing: &Routing) -> Self {
        Self {
            asked: rules.route(routing),
            rules,
            view,
            cache: DictionaryCache::default(),
        }
    }

    /// Returns the rules that are asked.
    #[must_use]
    pub fn asked(&self) -> &[RuleIndex] {
        &self.asked
    }

    /// Returns the hits in a batch, by row and then by rule.
    pub fn detect(&mut self, batch: &RecordBatch) -> Vec<Hit> {
        let fields = TableFields::new(batch, &self.view);
        let mut run = BatchRun::new(self.rules.plan(), &fields, batch.num_rows(), &mut self.cache);
        let mut hits = Vec::new();
        for rule in &self.asked {
            let rows = run.matched(rule.slot());
            hits.extend(rows.set_indices().map(|row| Hit { row, rule: *rule }));
        }
        hits.sort_unstable();
        hits
    }

    /// Returns the rules that match one row, by the one-row path; the answer is that of [`Detector::detect`].
    #[must_use]
    pub fn detect_row(&self, batch: &RecordBatch, row: usize) -> Vec<RuleIndex> {
        let plan = self.rules.plan();
        let columns = columns_of(plan, &TableFields::new(batch, &self.view));
        let fields = BatchRow::new(&columns, row);
        let mut memory = RowMemory::default();
        let mut run = RowRun::new(plan, &fields, &mut memory);
        let asked = self.asked.iter().copied();
        asked.filter(|rule| run.matches(rule.slot())).collect()
    }
}

fn columns_of(plan: &Plan, fields: &TableFields<'_>) -> Vec<FieldColumn> {
    use sekisho_predicate::BatchFields;
    plan.field_ids()
        .zip(plan.fields())
        .map(|(id, key)| fields.field(id, key))
        .collect()
}
