//! The first pass: what each event says by itself.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use sekisho_event::catalogue::Table;
use sekisho_event::common;
use sekisho_event::time::Range;
use sekisho_hunt::{AllowResult, AllowWatch, HuntResult};
use sekisho_sigma::{Detector, TableView};

use super::ExamineOptions;
use super::days::Days;
use super::finds::Finds;
use super::names::Names;
use crate::Error;
use crate::caller::Caller;
use crate::hunt::HuntPass;
use crate::inputs::ReadReport;
use crate::source::{Source, visit, visit_events};
use crate::watch::Watch;

/// The pass under way.
pub(super) struct FirstPass<'a> {
    watch: &'a Watch,
    range: Range,
    hunt: HuntPass<'a>,
    allow: AllowWatch,
    detectors: HashMap<String, Detector<'a>>,
    finds: Finds<'a>,
    days: Days,
    names: Names,
}

/// What it found.
pub(super) struct First<'a> {
    pub(super) hunt: HuntResult,
    pub(super) allow: AllowResult,
    pub(super) finds: Finds<'a>,
    pub(super) days: Days,
    pub(super) names: Names,
}

impl<'a> FirstPass<'a> {
    pub(super) fn new(caller: &Caller, watch: &'a Watch, options: &ExamineOptions<'a>) -> Self {
        Self {
            watch,
            range: options.range,
            hunt: HuntPass::new(caller, &watch.matcher, options.range),
            allow: AllowWatch::new(&watch.allow_lists).in_range(options.range),
            detectors: HashMap::new(),
            finds: Finds::new(&watch.rules, options),
            days: Days::default(),
            names: Names::default(),
        }
    }

    /// The store keeps common rows, so only the tables that rules ask about are read whole; files are decoded once for
    /// everything.
    pub(super) fn read(&mut self, caller: &Caller, source: &Source) -> Result<ReadReport, Error> {
        let all = Range::default();
        match source {
            Source::Files { .. } => visit(caller, source, all, &|_| true, &mut |table, batch| {
                self.events(&common::project(table, batch).map_err(Error::columns(&table.name))?)?;
                self.rules(table, batch)
            }),
            Source::Store(_) => {
                let read = visit_events(caller, source, all, &mut |events| self.events(events))?;
                let rules = &self.watch.rules;
                let is_wanted =
                    |table: &Table| !rules.route(TableView::of(table, rules.aliases()).routing()).is_empty();
                visit(caller, source, self.range, &is_wanted, &mut |table, batch| {
                    self.rules(table, batch)
                })?;
                Ok(read)
            }
        }
    }

    pub(super) fn finish(self, source: &Source, read: &ReadReport) -> Result<First<'a>, Error> {
        Ok(First {
            hunt: self.hunt.finish(source, read)?,
            allow: self.allow.finish(),
            finds: self.finds,
            days: self.days,
            names: self.names,
        })
    }

    fn events(&mut self, events: &RecordBatch) -> Result<(), Error> {
        self.days.push(events);
        self.names.push(events);
        self.allow.push(events)?;
        self.hunt.push(events)
    }

    fn rules(&mut self, table: &Arc<Table>, batch: &RecordBatch) -> Result<(), Error> {
        let rules = &self.watch.rules;
        let detector = self
            .detectors
            .entry(table.name.clone())
            .or_insert_with(|| Detector::new(rules, TableView::of(table, rules.aliases())));
        let hits = detector.detect(batch);
        self.finds.add_rules(table, batch, &hits)
    }
}
