//! The batches being built, and the way to the sink.

use std::collections::HashMap;
use std::sync::Arc;

use sekisho_event::catalogue::Table;
use sekisho_event::kind::SourceKind;

use crate::build::{Origin, TableBuilder};
use crate::input::excerpt;
use crate::limits::OPEN_BYTES;
use crate::{DecodeError, Options, Rejected, Sink, Summary};

/// Builders by table, and what has been counted.
pub(crate) struct Output<'s> {
    options: Options,
    sink: &'s mut dyn Sink,
    builders: Vec<TableBuilder>,
    by_table: HashMap<String, usize>,
    open_bytes: usize,
    summary: Summary,
}

impl<'s> Output<'s> {
    pub(crate) fn new(options: &Options, sink: &'s mut dyn Sink) -> Self {
        let summary = Summary {
            kind: options.kind,
            ..Summary::default()
        };
        Self {
            options: options.clone(),
            sink,
            builders: Vec::new(),
            by_table: HashMap::new(),
            open_bytes: 0,
            summary,
        }
    }

    /// Returns the handle of a table's builder.
    pub(crate) fn builder_of(&mut self, table: &Arc<Table>) -> usize {
        if let Some(handle) = self.by_table.get(&table.name) {
            return *handle;
        }
        let handle = self.builders.len();
        self.summary.kind.get_or_insert(table.source);
        self.builders
            .push(TableBuilder::new(Arc::clone(table), self.origin(table.source)));
        self.by_table.insert(table.name.clone(), handle);
        handle
    }

    /// Returns a builder by its handle.
    pub(crate) fn builder(&mut self, handle: usize) -> &mut TableBuilder {
        &mut self.builders[handle]
    }

    /// Hands batches on where they are full; called after every row.
    pub(crate) fn row_added(&mut self, handle: usize, bytes: usize) -> Result<(), DecodeError> {
        self.open_bytes += bytes;
        if self.builders[handle].is_full() {
            return self.flush(handle);
        }
        if self.open_bytes > OPEN_BYTES
            && let Some(fullest) = (0..self.builders.len()).max_by_key(|index| self.builders[*index].bytes())
        {
            return self.flush(fullest);
        }
        Ok(())
    }

    /// Counts a row that did not fit and gives it to the sink.
    pub(crate) fn reject(&mut self, line: u64, reason: impl Into<String>, bytes: &[u8]) -> Result<(), DecodeError> {
        self.summary.rejected += 1;
        let row = Rejected {
            line,
            reason: reason.into(),
            excerpt: excerpt(bytes),
        };
        self.sink.rejected(row).map_err(|source| DecodeError::Sink {
            file: self.options.file.clone(),
            source,
        })
    }

    /// Returns an error of reading the stream.
    pub(crate) fn read_error(&self, line: u64, source: std::io::Error) -> DecodeError {
        DecodeError::Read {
            file: self.options.file.clone(),
            line,
            source,
        }
    }

    /// Returns true once a row has found its table.
    pub(crate) fn has_rows(&self) -> bool {
        !self.builders.is_empty()
    }

    /// Hands on the rows read before a stream broke off, so that they are not lost with it.
    pub(crate) fn flush_all(&mut self) -> Result<(), DecodeError> {
        (0..self.builders.len()).try_for_each(|handle| self.flush(handle))
    }

    /// Hands on what is left and returns what was read.
    pub(crate) fn finish(mut self) -> Result<Summary, DecodeError> {
        self.flush_all()?;
        let undated = || self.builders.iter().map(TableBuilder::undated);
        self.summary.undated = undated().map(|undated| undated.rows).sum();
        let firsts = undated().filter_map(|undated| undated.first.as_ref());
        self.summary.first_undated = firsts.min_by_key(|(line, _)| *line).cloned();
        Ok(self.summary)
    }

    fn flush(&mut self, handle: usize) -> Result<(), DecodeError> {
        let builder = &mut self.builders[handle];
        let (rows, bytes) = (builder.rows(), builder.bytes());
        if rows == 0 {
            return Ok(());
        }
        let table = Arc::clone(builder.table());
        let batch = builder.finish().map_err(|source| DecodeError::Columns {
            file: self.options.file.clone(),
            table: table.name.clone(),
            source,
        })?;
        self.open_bytes = self.open_bytes.saturating_sub(bytes);
        *self.summary.tables.entry(table.name.clone()).or_default() += rows as u64;
        self.sink.batch(&table, batch).map_err(|source| DecodeError::Sink {
            file: self.options.file.clone(),
            source,
        })
    }

    fn origin(&self, source: SourceKind) -> Origin {
        Origin {
            kind: source.name(),
            file: self.options.file.clone(),
            org: self.options.org.clone(),
            zone: self.options.zone.clone(),
            blank_is_absent: source.blank_is_absent(),
        }
    }
}
