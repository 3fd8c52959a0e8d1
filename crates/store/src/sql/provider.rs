//! The store's tables as SQL sees them: names, columns, and scans of exactly the segments of one snapshot.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider, Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, DataFusionError, ScalarValue, Statistics};
use datafusion::datasource::MemTable;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;
use parquet::arrow::arrow_reader::RowSelection;

use super::places::{Part, Places};
use super::{footers, own};
use crate::catalogue::{Segment, SnapshotId, Table, Times};
use crate::error::Error;
use crate::lease::Lease;
use crate::name::{MAIN_SCHEMA, Name};
use crate::segment::time_column;
use crate::sql::inlined::InlinedSource;
use crate::store::Inner;
use crate::values::{self, INDEXED_TABLE};

/// The URL under which a session finds the store's data folder, and nothing else.
pub(crate) const STORE_URL: &str = "sekisho://store/";

/// Where a session finds tables.
pub(crate) trait Source: Debug + Send + Sync {
    /// Returns the names of all tables.
    fn names(&self) -> Vec<Name>;

    /// Returns the table called exactly `name`.
    fn table(&self, name: &Name) -> Result<Option<Arc<dyn TableProvider>>, Error>;
}

/// A store at one snapshot.
#[derive(Debug)]
pub(crate) struct StoreSource {
    store: Arc<Inner>,
    snapshot: SnapshotId,
    names: Vec<Name>,
    use_index: bool,
    /// Keeps the segments on disk until the query has ended.
    _lease: Lease,
}

impl StoreSource {
    /// Binds a source to the newest snapshot. With `use_index` value indexes say where there is nothing to read.
    pub(crate) fn new(store: &Arc<Inner>, use_index: bool) -> Result<Self, Error> {
        let (lease, snapshot) = store.pin()?;
        let mut names = store.catalogue.names(snapshot)?;
        names.extend(store.known.names().iter().filter_map(|name| Name::parse(name).ok()));
        names.extend(own::names());
        names.sort();
        names.dedup();
        Ok(Self {
            store: Arc::clone(store),
            snapshot,
            names,
            use_index,
            _lease: lease,
        })
    }
}

impl Source for StoreSource {
    fn names(&self) -> Vec<Name> {
        self.names.clone()
    }

    fn table(&self, name: &Name) -> Result<Option<Arc<dyn TableProvider>>, Error> {
        if let Some(own) = own::table(&self.store, name)? {
            return Ok(Some(own));
        }
        let stored = self.store.catalogue.table(self.snapshot, name)?;
        let Some(schema) = self.store.full_schema(name, stored.as_ref()) else {
            return Ok(None);
        };
        let inlined = match &stored {
            Some(table) => InlinedSource::find(&self.store, self.snapshot, name, table)?,
            None => None,
        };
        let is_indexed = self.use_index && name.to_string() == INDEXED_TABLE;
        let indexed_in = is_indexed.then(|| self.store.data_dir.clone());
        Ok(Some(Arc::new(SegmentTable::new(&schema, stored, inlined, indexed_in))))
    }
}

/// Batches in memory under table names.
#[derive(Debug, Default)]
pub(crate) struct BatchSource {
    pub(crate) tables: Vec<(Name, Arc<MemTable>)>,
}

impl Source for BatchSource {
    fn names(&self) -> Vec<Name> {
        self.tables.iter().map(|(name, _)| name.clone()).collect()
    }

    fn table(&self, name: &Name) -> Result<Option<Arc<dyn TableProvider>>, Error> {
        let found = self.tables.iter().find(|(other, _)| other == name);
        Ok(found.map(|(_, table)| Arc::clone(table) as Arc<dyn TableProvider>))
    }
}

/// A source as a DataFusion catalogue.
#[derive(Debug)]
pub(crate) struct SourceCatalog {
    pub(crate) source: Arc<dyn Source>,
}

impl CatalogProvider for SourceCatalog {
    fn schema_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.source.names().into_iter().map(|name| name.schema).collect();
        names.push(MAIN_SCHEMA.to_owned());
        names.sort();
        names.dedup();
        names
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let names = self.schema_names();
        let found = matching(&names, name, |other| other)?;
        Some(Arc::new(SourceSchema {
            source: Arc::clone(&self.source),
            schema: found.clone(),
        }))
    }
}

/// One schema of a source.
#[derive(Debug)]
struct SourceSchema {
    source: Arc<dyn Source>,
    schema: String,
}

impl SourceSchema {
    /// Returns the table that `text` means: by its name, by its name in another case, or, in the schema that names
    /// without one belong to, by the whole `<schema>.<table>` in one pair of quotes.
    fn resolve(&self, text: &str) -> Option<Name> {
        let names: Vec<Name> = self
            .source
            .names()
            .into_iter()
            .filter(|name| name.schema == self.schema)
            .collect();
        if let Some(name) = matching(&names, text, |name| &name.table) {
            return Some(name.clone());
        }
        if self.schema != MAIN_SCHEMA {
            return None;
        }
        let all: Vec<(String, Name)> = self
            .source
            .names()
            .into_iter()
            .map(|name| (name.to_string(), name))
            .collect();
        matching(&all, text, |(spelt, _)| spelt).map(|(_, name)| name.clone())
    }
}

#[async_trait]
impl SchemaProvider for SourceSchema {
    fn table_names(&self) -> Vec<String> {
        self.source
            .names()
            .into_iter()
            .filter(|name| name.schema == self.schema)
            .map(|name| name.table)
            .collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        match self.resolve(name) {
            None => Ok(None),
            Some(name) => self
                .source
                .table(&name)
                .map_err(|error| DataFusionError::External(Box::new(error))),
        }
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>, DataFusionError> {
        // Listing hundreds of tables should not read the columns of each.
        Ok(self.resolve(name).map(|_| TableType::Base))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.resolve(name).is_some()
    }
}

/// Returns the item spelt `text`, or else the one spelt so in another case.
fn matching<'a, T>(items: &'a [T], text: &str, spelt: impl Fn(&T) -> &String) -> Option<&'a T> {
    items
        .iter()
        .find(|item| spelt(item) == text)
        .or_else(|| items.iter().find(|item| spelt(item).eq_ignore_ascii_case(text)))
}

/// A table of segments, and of rows that the catalogue itself holds.
#[derive(Debug)]
pub(super) struct SegmentTable {
    /// The columns as this table gives them.
    schema: SchemaRef,
    /// The columns as they are stored.
    stored: SchemaRef,
    segments: Arc<Vec<Segment>>,
    inlined: Option<Arc<InlinedSource>>,
    /// The data folder, where the segments have value indexes that may be used.
    indexed_in: Option<PathBuf>,
}

impl SegmentTable {
    fn new(
        schema: &SchemaRef,
        stored: Option<Table>,
        inlined: Option<InlinedSource>,
        indexed_in: Option<PathBuf>,
    ) -> Self {
        Self {
            schema: sql_schema(schema),
            stored: Arc::clone(schema),
            segments: Arc::new(stored.map(|table| table.segments).unwrap_or_default()),
            inlined: inlined.map(Arc::new),
            indexed_in,
        }
    }

    /// Returns the names of the columns of repeating text that this table gives as text.
    pub(super) fn repeating(&self) -> BTreeSet<String> {
        let both = self.stored.fields().iter().zip(self.schema.fields());
        both.filter(|(stored, given)| is_repeating(stored.data_type()) && !is_repeating(given.data_type()))
            .map(|(stored, _)| stored.name().clone())
            .collect()
    }

    /// Returns the same table, with the named columns of repeating text given as dictionaries.
    pub(super) fn with_dictionaries(&self, names: &BTreeSet<String>) -> Self {
        let both = self.stored.fields().iter().zip(self.schema.fields());
        let fields = both.map(|(stored, given)| match names.contains(stored.name()) {
            true if is_repeating(stored.data_type()) => Arc::new(Field::new(
                stored.name(),
                stored.data_type().clone(),
                stored.is_nullable(),
            )),
            _ => Arc::clone(given),
        });
        Self {
            schema: Arc::new(Schema::new(fields.collect::<Vec<Arc<Field>>>())),
            stored: Arc::clone(&self.stored),
            segments: Arc::clone(&self.segments),
            inlined: self.inlined.clone(),
            indexed_in: self.indexed_in.clone(),
        }
    }

    /// Returns what of each segment the filters leave to be read.
    fn parts(&self, state: &dyn Session, filters: &[Expr]) -> Vec<Part> {
        let all = vec![Part::All; self.segments.len()];
        let Some(data_dir) = &self.indexed_in else {
            return all;
        };
        let Some(places) = Places::of(state, &self.schema, filters) else {
            return all;
        };
        let part = |segment: &Segment| {
            let index = values::open(&data_dir.join(&segment.path), segment.rows);
            match index.and_then(|index| places.in_segment(&index)) {
                Some(blocks) => Part::of(&blocks, segment.rows),
                None => Part::All,
            }
        };
        self.segments.iter().map(part).collect()
    }

    fn statistics_of(&self, segment: &Segment) -> Statistics {
        let mut statistics = Statistics::new_unknown(&self.schema);
        let rows = usize::try_from(segment.rows).unwrap_or(usize::MAX);
        statistics.num_rows = Precision::Exact(rows);
        let time = time_column(&self.schema).and_then(|name| self.schema.index_of(name).ok());
        if let (Some(position), Some(times)) = (time, segment.times)
            && let Some(column) = statistics.column_statistics.get_mut(position)
        {
            *column = time_statistics(times);
        }
        statistics
    }

    fn total_statistics(&self) -> Statistics {
        let rows: u64 = self.segments.iter().map(|segment| segment.rows).sum();
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(usize::try_from(rows).unwrap_or(usize::MAX));
        statistics
    }

    /// Spreads what is read of the segments over `count` groups, each in catalogue order.
    fn groups(&self, count: usize, parts: &[Part]) -> Vec<FileGroup> {
        let both = self.segments.iter().zip(parts);
        let files: Vec<PartitionedFile> = both.filter_map(|(segment, part)| self.file(segment, part)).collect();
        let mut groups: Vec<Vec<PartitionedFile>> = vec![Vec::new(); count.clamp(1, files.len().max(1))];
        let width = groups.len();
        for (position, file) in files.into_iter().enumerate() {
            if let Some(group) = groups.get_mut(position % width) {
                group.push(file);
            }
        }
        groups.into_iter().map(FileGroup::new).collect()
    }

    fn file(&self, segment: &Segment, part: &Part) -> Option<PartitionedFile> {
        let file = PartitionedFile::new(segment.path.clone(), segment.bytes);
        let statistics = self.statistics_of(segment);
        match part {
            Part::Nothing => None,
            Part::All => Some(file.with_statistics(Arc::new(statistics))),
            Part::Rows(ranges) => {
                let ranges = ranges.iter().map(|range| range.start as usize..range.end as usize);
                let selection = RowSelection::from_consecutive_ranges(ranges, segment.rows as usize);
                let file = file.with_statistics(Arc::new(statistics.to_inexact()));
                Some(file.with_extension(ParquetRowSelection::new(selection)))
            }
        }
    }
}

#[async_trait]
impl TableProvider for SegmentTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        let statistics = self.total_statistics();
        // Inlined rows are counted when they are read.
        Some(match self.inlined {
            Some(_) => statistics.to_inexact(),
            None => statistics,
        })
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        // Statistics skip segments and row groups; the rows that remain are still filtered above the scan.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let schema = datafusion::common::project_schema(&self.schema, projection)?;
        let inlined = match &self.inlined {
            Some(source) => source.plan(&schema)?,
            None => None,
        };
        if self.segments.is_empty() {
            return Ok(inlined.unwrap_or_else(|| Arc::new(EmptyExec::new(schema))));
        }
        let parts = self.parts(state, filters);
        if parts.iter().all(|part| *part == Part::Nothing) {
            return Ok(inlined.unwrap_or_else(|| Arc::new(EmptyExec::new(schema))));
        }
        let is_whole = parts.iter().all(|part| *part == Part::All);
        let statistics = self.total_statistics();
        let statistics = if is_whole { statistics } else { statistics.to_inexact() };
        // Rows are filtered while they are read, so that the other columns of a row that is not wanted are not decoded.
        let url = ObjectStoreUrl::parse(STORE_URL)?;
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_pushdown_filters(true)
            .with_parquet_file_reader_factory(footers::reader_of(state.runtime_env(), &url)?);
        // A limit counts rows after the filters, which are applied above.
        let limit = limit.filter(|_| filters.is_empty());
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(self.groups(state.config().target_partitions(), &parts))
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        let segments: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(config);
        match inlined {
            Some(inlined) => UnionExec::try_new(vec![segments, inlined]),
            None => Ok(segments),
        }
    }
}

fn time_statistics(times: Times) -> ColumnStatistics {
    let mut statistics = ColumnStatistics::new_unknown();
    statistics.null_count = Precision::Exact(usize::try_from(times.nulls).unwrap_or(usize::MAX));
    if let Some((first, last)) = times.range {
        let value = |micros| ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()));
        statistics.min_value = Precision::Exact(value(first));
        statistics.max_value = Precision::Exact(value(last));
    }
    statistics
}

/// Returns the columns as SQL sees them. Text is a view whatever its encoding on disk: the engine's text functions and
/// groupings are made for it, and a query need not know which columns repeat.
pub(crate) fn sql_schema(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| Field::new(field.name(), sql_type(field.data_type()), field.is_nullable()))
        .collect();
    Arc::new(Schema::new(fields))
}

/// Returns whether a stored column is text whose values repeat.
fn is_repeating(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8)
}

fn sql_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8 => DataType::Utf8View,
        DataType::Dictionary(_, value) => sql_type(value),
        other => other.clone(),
    }
}
