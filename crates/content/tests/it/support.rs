//! Log lines to hits: what `sekisho detect` does with a file, without the files.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_decode::{DecodeError, Options, Rejected, Sink, SinkError};
use sekisho_event::catalogue::Table;
use sekisho_sigma::{Detector, LoadOptions, RuleSet, TableView};

/// Loads rules; every one must load.
pub(crate) fn load<'t>(sources: impl IntoIterator<Item = (&'t str, &'t str)>) -> RuleSet {
    RuleSet::load(sources, &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// What rules found in one or more streams.
#[derive(Default)]
pub(crate) struct Found {
    /// Rows by table.
    pub(crate) rows: BTreeMap<String, usize>,
    /// Rules that were asked, by table.
    pub(crate) asked: BTreeMap<String, usize>,
    /// Hits by path of the rule.
    pub(crate) hits: BTreeMap<String, usize>,
    pub(crate) rejected: Vec<Rejected>,
}

impl Found {
    pub(crate) fn row_count(&self) -> usize {
        self.rows.values().sum()
    }
}

struct Detecting<'r> {
    rules: &'r RuleSet,
    detectors: HashMap<String, Detector<'r>>,
    found: &'r mut Found,
}

impl Sink for Detecting<'_> {
    fn batch(&mut self, table: &Arc<Table>, batch: RecordBatch) -> Result<(), SinkError> {
        let rules = self.rules;
        let detector = self
            .detectors
            .entry(table.name.clone())
            .or_insert_with(|| Detector::new(rules, TableView::of(table, rules.aliases())));
        *self.found.rows.entry(table.name.clone()).or_default() += batch.num_rows();
        self.found.asked.insert(table.name.clone(), detector.asked().len());
        for hit in detector.detect(&batch) {
            let rule = rules.rule(hit.rule).unwrap();
            *self.found.hits.entry(rule.file.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError> {
        self.found.rejected.push(row);
        Ok(())
    }
}

/// Reads a stream and adds what the rules find in it.
pub(crate) fn detect(rules: &RuleSet, options: &Options, bytes: &[u8], found: &mut Found) -> Result<(), DecodeError> {
    let mut sink = Detecting {
        rules,
        detectors: HashMap::new(),
        found,
    };
    let mut reader = bytes;
    sekisho_decode::decode(&mut reader, options, &mut sink).map(drop)
}
