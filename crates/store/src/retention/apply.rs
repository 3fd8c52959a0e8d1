//! Deleting what is kept long enough: segments that lie before the time as a whole go, others are written again without the
//! rows. `events` is first, so that no row of it points to one that has gone.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType};

use super::judge::{Fate, Judge, in_events};
use super::{Deletion, PolicyChange, now_us};
use crate::catalogue::commit::{Plan, Removed};
use crate::catalogue::{Segment, Table, schema_of};
use crate::compact::{removed, sync, table_plan};
use crate::error::{Error, Result};
use crate::evidence::DELIVERIES_TABLE;
use crate::identity::{IDENTITY_EXTENSION, identities};
use crate::ingest::{batch_times, segment_name};
use crate::name::Name;
use crate::quarantine::QUARANTINE_TABLE;
use crate::scan::{ScanRange, SegmentReader};
use crate::segment::{Finished, SegmentWriter, time_column};
use crate::store::Inner;
use crate::sums::Sums;

/// The common table, whose rows follow those of their tables.
const EVENTS_TABLE: &str = "events";

/// The table of loaded files, which is no table of segments.
pub(super) const FILES_TABLE: &str = "sekisho.files";

/// Rows written again in one step: a few seconds of work, since a load waits for its end.
const STEP_ROWS: u64 = 2 * 1024 * 1024;

/// How settings are applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetainOptions {
    /// The time from which ages are counted, in microseconds since 1970 UTC; `None` for now.
    pub now_us: Option<i64>,
    /// Whether rows without a time go too. Usually they stay: nobody knows their age.
    pub takes_undated: bool,
}

/// What applying the settings does to a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetentionRow {
    /// The table.
    pub table: String,
    /// The rows that go.
    pub rows: u64,
    /// The first of their times, in microseconds since 1970 UTC.
    pub from_us: Option<i64>,
    /// The last of their times.
    pub to_us: Option<i64>,
    /// The rows that would go, but for a hold.
    pub held: u64,
    /// What could not be looked at, and why.
    pub problems: Vec<String>,
}

impl RetentionRow {
    fn is_empty(&self) -> bool {
        self.rows == 0 && self.held == 0 && self.problems.is_empty()
    }

    fn add(&mut self, other: &Tally) {
        self.rows += other.goes;
        self.held += other.held;
        self.widen(other.range);
    }

    fn widen(&mut self, range: Option<(i64, i64)>) {
        if let Some((first, last)) = range {
            self.from_us = Some(self.from_us.map_or(first, |from| from.min(first)));
            self.to_us = Some(self.to_us.map_or(last, |to| to.max(last)));
        }
    }
}

/// What was found in a segment.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    rows: u64,
    goes: u64,
    held: u64,
    range: Option<(i64, i64)>,
}

/// Settings being applied, step by step.
#[derive(Debug)]
pub(crate) struct Retainer {
    now_us: i64,
    takes_undated: bool,
    /// Segments of which nothing goes.
    settled: HashSet<i64>,
    rows: BTreeMap<String, RetentionRow>,
    files_are_done: bool,
}

impl Retainer {
    pub(crate) fn new(options: RetainOptions) -> Self {
        Self {
            now_us: options.now_us.unwrap_or_else(now_us),
            takes_undated: options.takes_undated,
            settled: HashSet::new(),
            rows: BTreeMap::new(),
            files_are_done: false,
        }
    }

    /// Returns what was done so far, table by table.
    pub(crate) fn into_rows(self) -> Vec<RetentionRow> {
        self.rows.into_values().filter(|row| !row.is_empty()).collect()
    }

    /// Returns what would go.
    pub(super) fn survey(mut self, store: &Inner) -> Result<Vec<RetentionRow>> {
        let (_lease, snapshot) = store.pin()?;
        let mut judge = self.judge(store)?;
        if !judge.is_idle() {
            for name in order(store.catalogue.names(snapshot)?) {
                let Some(table) = store.readable(snapshot, &name)? else {
                    continue;
                };
                let scope = Scope::of(store, &name, &mut judge)?;
                for segment in &table.segments {
                    match scope.tally(store, segment, &mut judge) {
                        Ok(tally) => self.row(&name).add(&tally),
                        Err(error) => self.problem(&name, &error),
                    }
                }
            }
            self.count_files(store, &mut judge)?;
        }
        Ok(self.into_rows())
    }

    /// Does the next step; returns whether there was one.
    pub(crate) fn step(&mut self, store: &Inner) -> Result<bool> {
        let mut judge = self.judge(store)?;
        if judge.is_idle() {
            return Ok(false);
        }
        let snapshot = store.catalogue.latest()?;
        for name in order(store.catalogue.names(snapshot)?) {
            let Some(table) = store.readable(snapshot, &name)? else {
                continue;
            };
            if self.step_table(store, &name, &table, &mut judge)? {
                return Ok(true);
            }
        }
        self.forget_files(store, &mut judge)
    }

    fn judge(&self, store: &Inner) -> Result<Judge> {
        let (settings, holds) = (store.catalogue.settings()?, store.catalogue.holds()?);
        Ok(Judge::new(settings, holds, self.now_us, self.takes_undated))
    }

    /// Deletes rows of one table, as many as one step may take.
    fn step_table(&mut self, store: &Inner, name: &Name, table: &Table, judge: &mut Judge) -> Result<bool> {
        let scope = Scope::of(store, name, judge)?;
        let mut written = Written::default();
        let mut gone: Vec<Removed> = Vec::new();
        let mut row = RetentionRow::default();
        let mut rewritten = 0;
        for segment in &table.segments {
            if rewritten >= STEP_ROWS || self.settled.contains(&segment.id) {
                continue;
            }
            self.settled.insert(segment.id);
            let tally = match scope.tally(store, segment, judge) {
                Ok(tally) => tally,
                Err(error) => {
                    self.problem(name, &error);
                    continue;
                }
            };
            if tally.goes == 0 {
                // Held rows of a segment that is written again are counted in the new one.
                self.row(name).held += tally.held;
                continue;
            }
            if tally.goes < tally.rows {
                match rewrite(store, name, table, segment, &scope, judge, tally.rows - tally.goes) {
                    Ok(kept) => written.segments.push(kept),
                    Err(error) => {
                        self.problem(name, &error);
                        continue;
                    }
                }
                rewritten += tally.rows;
            }
            row.add(&tally);
            gone.push(removed(segment));
        }
        if gone.is_empty() {
            return Ok(false);
        }
        sync(store, name, &written.segments)?;
        let deletion = Deletion {
            table: name.to_string(),
            rows: row.rows,
            from_us: row.from_us,
            to_us: row.to_us,
            cause: scope.cause(name, judge),
        };
        let segments = std::mem::take(&mut written.segments);
        store.catalogue.commit(&Plan {
            tables: vec![table_plan(name, table, segments, gone)],
            policy: vec![PolicyChange::Deleted(deletion)],
            ..Plan::default()
        })?;
        self.row(name).add(&Tally {
            goes: row.rows,
            range: row.from_us.zip(row.to_us),
            ..Tally::default()
        });
        Ok(true)
    }

    fn problem(&mut self, name: &Name, error: &Error) {
        self.row(name).problems.push(error.to_string());
    }

    fn row(&mut self, name: &Name) -> &mut RetentionRow {
        let table = name.to_string();
        self.rows.entry(table.clone()).or_insert_with(|| RetentionRow {
            table,
            ..RetentionRow::default()
        })
    }

    /// Records of files go by the time they were last loaded.
    fn forget_files(&mut self, store: &Inner, judge: &mut Judge) -> Result<bool> {
        if std::mem::replace(&mut self.files_are_done, true) {
            return Ok(false);
        }
        let count = self.count_files(store, judge)?;
        let Some(before_us) = judge.cutoff(FILES_TABLE).filter(|_| count > 0) else {
            return Ok(false);
        };
        let deletion = Deletion {
            table: FILES_TABLE.to_owned(),
            rows: count,
            from_us: None,
            to_us: None,
            cause: judge.cause(FILES_TABLE),
        };
        store.catalogue.commit(&Plan {
            policy: vec![PolicyChange::ForgetFiles { before_us }, PolicyChange::Deleted(deletion)],
            ..Plan::default()
        })?;
        Ok(true)
    }

    fn count_files(&mut self, store: &Inner, judge: &mut Judge) -> Result<u64> {
        let name = Name::parse(FILES_TABLE)?;
        let mut tally = Tally::default();
        for file in store.catalogue.loaded_files()? {
            match judge.fate(FILES_TABLE, None, Some(file.last_loaded)) {
                Fate::Goes => tally.goes += 1,
                Fate::Held => tally.held += 1,
                Fate::Stays => {}
            }
        }
        if tally.held > 0 {
            // A hold that names no file cannot tell which ones it is about.
            tally.held += std::mem::take(&mut tally.goes);
        }
        self.row(&name).add(&tally);
        Ok(tally.goes)
    }
}

/// New segments; what is not committed is removed.
#[derive(Default)]
struct Written {
    segments: Vec<Finished>,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.segments.iter().for_each(Finished::discard);
    }
}

/// `events` first, then the others by name.
fn order(mut names: Vec<Name>) -> Vec<Name> {
    names.sort_by_key(|name| (name.to_string() != EVENTS_TABLE, name.to_string()));
    names
}

/// How the rows of a table are judged: by which table's rule, and at which time.
enum Scope {
    /// Rows of one table.
    Typed { table: String },
    /// Rows of the common table, each by the rule of its own table.
    Events,
    /// Where rows stood besides, each by the rule of its row's table.
    Deliveries,
    /// Rows that did not fit: they have the time at which their file was last loaded.
    Quarantine { loaded_us: BTreeMap<String, i64> },
}

impl Scope {
    fn of(store: &Inner, name: &Name, judge: &mut Judge) -> Result<Self> {
        let table = in_events(&name.schema, &name.table);
        Ok(match table.as_str() {
            EVENTS_TABLE => Self::Events,
            DELIVERIES_TABLE => Self::Deliveries,
            QUARANTINE_TABLE if judge.cutoff(QUARANTINE_TABLE).is_some() => {
                let mut loaded_us: BTreeMap<String, i64> = BTreeMap::new();
                for file in store.catalogue.loaded_files()? {
                    let time = loaded_us.entry(file.record.name).or_insert(file.last_loaded);
                    *time = (*time).max(file.last_loaded);
                }
                Self::Quarantine { loaded_us }
            }
            _ => Self::Typed { table },
        })
    }

    fn cause(&self, name: &Name, judge: &Judge) -> String {
        match self {
            Self::Events | Self::Deliveries => "retention of the rows' own tables".to_owned(),
            _ => judge.cause(&name.to_string()),
        }
    }

    /// Counts what goes of a segment; its files are read only where the catalogue does not say enough.
    fn tally(&self, store: &Inner, segment: &Segment, judge: &mut Judge) -> Result<Tally> {
        if let Some(known) = self.known(segment, judge) {
            return Ok(known);
        }
        let path = store.data_dir.join(&segment.path);
        let schema = self.columns();
        let mut tally = Tally::default();
        let mut reader = SegmentReader::open(&path, &schema, ScanRange::default())?;
        while let Some(batch) = reader.next_batch("retention", &schema, ScanRange::default())? {
            self.judge(&batch, judge, &mut tally)?;
        }
        Ok(tally)
    }

    /// Returns what the catalogue alone says of a segment.
    fn known(&self, segment: &Segment, judge: &mut Judge) -> Option<Tally> {
        let nothing = Tally {
            rows: segment.rows,
            ..Tally::default()
        };
        let cutoff = match self {
            Self::Typed { table } => judge.cutoff(table),
            Self::Events | Self::Deliveries => judge.latest_cutoff(),
            Self::Quarantine { .. } => return None,
        };
        let Some(cutoff) = cutoff else {
            return Some(nothing);
        };
        let times = segment.times?;
        let undated_stay = times.nulls == 0 || !judge.takes_undated();
        match (times.range, self) {
            (None, _) if undated_stay => Some(nothing),
            (Some((first, _)), _) if first >= cutoff && undated_stay => Some(nothing),
            (Some((first, last)), Self::Typed { table })
                if last < cutoff && times.nulls == 0 && !judge.may_hold(table, times.range) =>
            {
                Some(Tally {
                    rows: segment.rows,
                    goes: segment.rows,
                    held: 0,
                    range: Some((first, last)),
                })
            }
            _ => None,
        }
    }

    /// Returns the columns that judging needs, as plain text and times.
    fn columns(&self) -> SchemaRef {
        let text = |name: &str| Field::new(name, DataType::Utf8, true);
        let time = |name: &str| {
            let zone = Some("UTC".into());
            Field::new(
                name,
                DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, zone),
                true,
            )
        };
        Arc::new(Schema::new(match self {
            Self::Typed { .. } => vec![time("_time"), text("_org")],
            Self::Events => vec![time("time"), text("org"), text("table")],
            Self::Deliveries => vec![time("_time"), text("_org"), text("table")],
            Self::Quarantine { .. } => vec![text("_file"), text("_org")],
        }))
    }

    /// Returns which rows stay.
    fn judge(&self, batch: &RecordBatch, judge: &mut Judge, tally: &mut Tally) -> Result<BooleanArray> {
        let text = |name: &str| texts(batch, name);
        let (orgs, keys) = match self {
            Self::Typed { .. } => (text("_org")?, None),
            Self::Events => (text("org")?, text("table")?),
            Self::Deliveries => (text("_org")?, text("table")?),
            Self::Quarantine { .. } => (text("_org")?, text("_file")?),
        };
        let times = time_column(batch.schema_ref())
            .and_then(|name| batch.column_by_name(name))
            .and_then(|values| values.as_primitive_opt::<TimestampMicrosecondType>());
        let at = |values: &Option<StringArray>, row: usize| -> Option<String> {
            let values = values.as_ref()?;
            values.is_valid(row).then(|| values.value(row).to_owned())
        };
        let mut stays = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let own_time = times.filter(|times| times.is_valid(row)).map(|times| times.value(row));
            let key = at(&keys, row);
            let (table, time) = match self {
                Self::Typed { table } => (Some(table.as_str()), own_time),
                Self::Events | Self::Deliveries => (key.as_deref(), own_time),
                Self::Quarantine { loaded_us } => {
                    let loaded = key.as_ref().and_then(|file| loaded_us.get(file));
                    (Some(QUARANTINE_TABLE), loaded.copied())
                }
            };
            let org = at(&orgs, row);
            // A common row that names no table is under no rule.
            let fate = table.map_or(Fate::Stays, |table| judge.fate(table, org.as_deref(), time));
            tally.rows += 1;
            match fate {
                Fate::Stays => {}
                Fate::Held => tally.held += 1,
                Fate::Goes => {
                    tally.goes += 1;
                    if let Some(time) = own_time {
                        tally.range = Some(tally.range.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
                    }
                }
            }
            stays.push(fate != Fate::Goes);
        }
        Ok(BooleanArray::from(stays))
    }
}

/// Returns a column of text, whatever its encoding; `None` where the batch has none.
fn texts(batch: &RecordBatch, name: &str) -> Result<Option<StringArray>> {
    let Some(values) = batch.column_by_name(name) else {
        return Ok(None);
    };
    let plain: ArrayRef = cast(values, &DataType::Utf8).map_err(Error::columns("judge", name))?;
    Ok(plain.as_string_opt::<i32>().cloned())
}

/// Writes the rows of a segment that stay into a new one, in their order.
fn rewrite(
    store: &Inner,
    name: &Name,
    table: &Table,
    segment: &Segment,
    scope: &Scope,
    judge: &mut Judge,
    expected: u64,
) -> Result<Finished> {
    let path = store.data_dir.join(&segment.path);
    refuse_damaged(store, name, segment, &path)?;
    let has_identities = path.with_extension(IDENTITY_EXTENSION).is_file();
    let schema = schema_of(&table.columns);
    let dir = store.data_dir.join(&name.schema).join(&name.table);
    let mut writer = SegmentWriter::create(&dir, segment_name(), &table.columns, has_identities)?;
    let mut kept = 0;
    let mut copy = || -> Result<()> {
        let mut reader = SegmentReader::open(&path, &schema, ScanRange::default())?;
        while let Some(batch) = reader.next_batch(&name.to_string(), &schema, ScanRange::default())? {
            let stays = scope.judge(&batch, judge, &mut Tally::default())?;
            let rows = filter_record_batch(&batch, &stays).map_err(Error::columns("filter", &name.to_string()))?;
            if rows.num_rows() == 0 {
                continue;
            }
            kept += rows.num_rows() as u64;
            let ids = match has_identities {
                true => identities(&name.to_string(), &rows)?,
                false => Vec::new(),
            };
            writer.write(&name.to_string(), &rows, batch_times(&rows), &ids)?;
        }
        Ok(())
    };
    let copied = copy().and_then(|()| match kept == expected {
        true => Ok(()),
        false => Err(Error::Compact {
            table: name.to_string(),
            detail: format!("{expected} rows were to stay, {kept} came out; please report it"),
        }),
    });
    match copied {
        Ok(()) => writer.finish(),
        Err(error) => {
            writer.discard();
            Err(error)
        }
    }
}

/// Refuses a segment that is not as it was written: a new one would have checksums of its own, and nobody would learn of it.
fn refuse_damaged(store: &Inner, name: &Name, segment: &Segment, path: &Path) -> Result<()> {
    let parts = store.catalogue.parts_of(segment.id)?;
    let rows = parts
        .iter()
        .find(|part| path.extension().is_some_and(|end| end == part.kind.as_str()));
    match rows.and_then(|part| part.sums.as_ref()) {
        Some(sums) if Sums::of_file(path)? != *sums => Err(Error::Compact {
            table: name.to_string(),
            detail: format!("{} is damaged: `sekisho store verify` says where", segment.path),
        }),
        _ => Ok(()),
    }
}
