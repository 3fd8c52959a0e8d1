//! A load: rows of any number of tables that become visible together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, new_null_array};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;

use crate::catalogue::commit::{Plan, TablePlan};
use crate::catalogue::inlined::{InlinePlan, InlinedSize};
use crate::catalogue::{Column, Segment, SnapshotId, Times, schema_of};
use crate::durable;
use crate::error::{Error, Result};
use crate::evidence::{DELIVERIES_TABLE, StreamRecord, deliveries};
use crate::filter::Filters;
use crate::held::{Held, HeldSize};
use crate::identity::{COMMON_TABLE, IDENTITY_EXTENSION, IdentityFile, RowId, RowIdHashing, RowIds, identities};
use crate::inline::{self, FLUSH_BYTES, FLUSH_ROWS};
use crate::lease;
use crate::name::Name;
use crate::quarantine::{QUARANTINE_TABLE, Quarantine, QuarantineRow};
use crate::report::{Appended, Checkpoint, CommitReport, FileRecord};
use crate::scan::rebuild_identities;
use crate::segment::{Finished, SegmentWriter, time_column};
use crate::store::Inner;
use crate::types::{LakeType, is_dictionary};

/// Segments written at once. Each holds a file and a buffer per column; a load of more tables at a time ends the one
/// that waited longest and begins another segment later.
const MAX_OPEN_SEGMENTS: usize = 96;

/// Bytes of rows held in memory over all open segments before the largest ones write their row groups.
const MAX_BYTES_HELD: usize = 96 * 1024 * 1024;

/// Identities held in memory over all open segments (about 30 bytes each) before the largest one is ended; from then on
/// its identities are looked up on disk.
const MAX_IDENTITIES_HELD: usize = 2 * 1024 * 1024;

/// Rows of a load before it is time to commit: a segment or two, which is large enough that segments stay few and little
/// enough that it is read again within seconds.
const COMMIT_ROWS: u64 = 2_000_000;

/// Time of a load before it is time to commit: what a person is willing to lose.
const COMMIT_AFTER: Duration = Duration::from_secs(60);

/// How far a row's time may move between two loads of the same file because another time zone was named (offsets span
/// 26 hours): segments that far from a batch are still searched for its rows.
const ZONE_SLACK_MICROS: i64 = 26 * 3_600 * 1_000_000;

/// The head of the names of our segments; sweeping touches nothing else.
pub(crate) const SEGMENT_PREFIX: &str = "sk-";

/// A load in progress. Nothing of it is visible before `commit`; dropped, it leaves nothing.
#[derive(Debug)]
pub struct Ingest {
    store: Arc<Inner>,
    snapshot: SnapshotId,
    names: Vec<Name>,
    tables: BTreeMap<Name, TableLoad>,
    files: Vec<(FileRecord, String)>,
    streams: Vec<StreamRecord>,
    checkpoints: Vec<Checkpoint>,
    quarantine: Quarantine,
    duplicates: u64,
    uses: u64,
    /// What is held of rows for the catalogue; `None` once the load has begun to write segments.
    held: Option<HeldSize>,
    rows: u64,
    begun: Instant,
}

impl Ingest {
    pub(crate) fn begin(store: Arc<Inner>) -> Result<Self> {
        if store.is_ingesting.swap(true, Ordering::AcqRel) {
            return Err(Error::IngestRunning { dir: store.dir.clone() });
        }
        let mut ingest = Self {
            store,
            snapshot: SnapshotId(0),
            names: Vec::new(),
            tables: BTreeMap::new(),
            files: Vec::new(),
            streams: Vec::new(),
            checkpoints: Vec::new(),
            quarantine: Quarantine::default(),
            duplicates: 0,
            uses: 0,
            held: Some(HeldSize::default()),
            rows: 0,
            begun: Instant::now(),
        };
        ingest.snapshot = ingest.store.catalogue.latest()?;
        ingest.names = ingest.store.catalogue.names(ingest.snapshot)?;
        Ok(ingest)
    }

    /// Appends those rows of `batch` to `table` that are neither stored nor appended already, and returns them.
    ///
    /// # Errors
    /// When the table's name, a column's type or a row's identity is not usable, or a file cannot be written.
    pub fn append(&mut self, table: &str, batch: RecordBatch) -> Result<Appended> {
        let name = Name::parse(table)?;
        let ids = identities(table, &batch)?;
        let (store, snapshot) = (Arc::clone(&self.store), self.snapshot);
        let load = self.table(&name)?;
        if load.open.as_ref().is_some_and(|segment| !segment.has_identities()) {
            // Its rows can be looked up once it is ended.
            load.end_segment()?;
        }
        load.held.identify(table)?;
        load.know_inlined(&store, snapshot)?;
        let is_new = load.new_rows(&batch, &ids)?;
        let kept_rows = is_new.iter().filter(|is_new| **is_new).count();
        let duplicates = is_new.len() - kept_rows;
        self.duplicates += duplicates as u64;
        self.rows += kept_rows as u64;
        if duplicates == 0 {
            self.write(&name, &batch, Some(&ids))?;
            return Ok(Appended {
                kept: batch,
                duplicates,
                is_new: None,
            });
        }
        let mask = BooleanArray::from(is_new);
        let kept_ids: Vec<RowId> = ids
            .iter()
            .zip(mask.values())
            .filter_map(|(id, is_new)| is_new.then_some(*id))
            .collect();
        let kept = filter_record_batch(&batch, &mask).map_err(Error::columns("filter", table))?;
        self.write(&name, &kept, Some(&kept_ids))?;
        Ok(Appended {
            kept,
            duplicates,
            is_new: Some(mask),
        })
    }

    /// Appends `batch` to `table` as it is: for rows that follow from rows `append` kept.
    ///
    /// # Errors
    /// When the table's name or a column's type is not usable, or a file cannot be written.
    pub fn append_unchecked(&mut self, table: &str, batch: &RecordBatch) -> Result<()> {
        let name = Name::parse(table)?;
        self.table(&name)?;
        self.write(&name, batch, None)
    }

    /// Writes segments also where the load stays small enough for the catalogue to hold its rows.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_segments(&mut self) -> Result<()> {
        if self.held.take().is_none() {
            return Ok(());
        }
        for load in self.tables.values_mut() {
            for batch in load.held.take() {
                load.write(&batch.rows, batch.ids.as_deref())?;
            }
        }
        self.keep_bounds()
    }

    /// Notes an input file, to be remembered in `sekisho.files` with this load.
    pub fn note_file(&mut self, file: FileRecord) {
        self.files.push((file, String::new()));
    }

    /// Notes that the stream `part` of an input file came again and was not read, since all of it is stored.
    pub fn note_repeat(&mut self, file: FileRecord, part: String) {
        self.files.push((file, part));
    }

    /// Notes a stream of an input file with what is needed to know it again and to compare it with others.
    pub fn note_stream(&mut self, stream: StreamRecord) {
        self.streams.push(stream);
    }

    /// Keeps that rows of `table` stood in the stream `key`: those of `batch` where `is_wanted`, all of them where that is
    /// `None`. With `is_first` they were new, and the file that they name is another one of the same name.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn deliver(
        &mut self,
        table: &str,
        batch: &RecordBatch,
        is_wanted: Option<&BooleanArray>,
        key: &str,
        is_first: bool,
    ) -> Result<()> {
        let all = BooleanArray::from(vec![true; batch.num_rows()]);
        let rows = deliveries(table, batch, is_wanted.unwrap_or(&all), key, is_first)?;
        self.rows += rows.num_rows() as u64;
        self.append_unchecked(DELIVERIES_TABLE, &rows)
    }

    /// Returns whether so much has been taken that it is time to commit and begin anew, so that little is lost when the
    /// load ends before its end.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.rows >= COMMIT_ROWS || self.begun.elapsed() >= COMMIT_AFTER
    }

    /// Sets how far a source has been read, with this load; the last one for a source counts.
    pub fn checkpoint(&mut self, checkpoint: Checkpoint) {
        self.checkpoints.push(checkpoint);
    }

    /// Keeps a row that did not fit in `sekisho.quarantine`; text beyond a bound is cut. The same row is kept once.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn quarantine(&mut self, row: &QuarantineRow<'_>) -> Result<()> {
        if let Some(batch) = self.quarantine.push(row)? {
            self.append_quarantine(batch)?;
        }
        Ok(())
    }

    /// Makes everything appended durable and visible in one transaction.
    ///
    /// # Errors
    /// When a file or the catalogue cannot be written, or another tool changed a table meanwhile; nothing is visible
    /// then.
    pub fn commit(mut self) -> Result<CommitReport> {
        if let Some(batch) = self.quarantine.take()? {
            self.append_quarantine(batch)?;
        }
        for load in self.tables.values_mut() {
            if load.is_flush_due() {
                load.flush_inlined(&self.store, self.snapshot)?;
            }
            load.end_segment()?;
            load.align_held()?;
        }
        self.sync()?;
        let known = self.take_known();
        let (plan, report) = self.take_plan();
        // From here on the files stay even on failure: a transaction whose end is unknown may refer to them, and the
        // next writer sweeps them if it does not.
        let newest = self.store.catalogue.commit(&plan)?;
        let is_next = newest.0 == self.snapshot.0 + i64::from(!plan.tables.is_empty());
        let mut all_known = self.store.known_ids.lock().unwrap_or_else(PoisonError::into_inner);
        all_known.advance(self.snapshot, is_next.then_some(newest));
        for (table, ids) in known {
            all_known.set(table, ids);
        }
        drop(all_known);
        Ok(report)
    }

    /// Turns all rows that the catalogue holds into segments.
    pub(crate) fn flush_all(&mut self) -> Result<()> {
        let (store, snapshot) = (Arc::clone(&self.store), self.snapshot);
        for name in store.catalogue.inlined_tables()? {
            let load = self.table(&name)?;
            load.flush_inlined(&store, snapshot)?;
            load.end_segment()?;
        }
        Ok(())
    }

    /// Takes out which identities are inlined once the load is committed, as far as that is known.
    fn take_known(&mut self) -> Vec<(i64, Option<RowIds>)> {
        self.tables
            .values_mut()
            .filter_map(|load| Some((load.base.as_ref()?.0, load.take_known())))
            .collect()
    }

    fn append_quarantine(&mut self, batch: RecordBatch) -> Result<()> {
        let before = self.duplicates;
        self.append(QUARANTINE_TABLE, batch)?;
        // Rows that do not fit are counted by whoever rejected them, not as duplicates.
        self.duplicates = before;
        Ok(())
    }

    fn table(&mut self, name: &Name) -> Result<&mut TableLoad> {
        self.uses += 1;
        if !self.tables.contains_key(name) {
            self.refuse_case_twin(name)?;
            let load = TableLoad::open(&self.store, self.snapshot, name)?;
            self.tables.insert(name.clone(), load);
        }
        let uses = self.uses;
        let load = self
            .tables
            .get_mut(name)
            .ok_or_else(|| Error::NoTable { name: name.to_string() })?;
        load.last_used = uses;
        Ok(load)
    }

    fn refuse_case_twin(&self, name: &Name) -> Result<()> {
        let twin = |other: &&Name| *other != name && other.same_ignoring_case(name);
        match self.names.iter().chain(self.tables.keys()).find(twin) {
            None => Ok(()),
            Some(stored) => Err(Error::Case {
                subject: "table",
                name: name.to_string(),
                stored: stored.to_string(),
            }),
        }
    }

    fn write(&mut self, name: &Name, batch: &RecordBatch, ids: Option<&[RowId]>) -> Result<()> {
        if batch.num_rows() == 0 || self.hold(name, batch, ids)? {
            return Ok(());
        }
        self.write_segments()?;
        if let Some(load) = self.tables.get_mut(name) {
            load.write(batch, ids)?;
        }
        self.keep_bounds()
    }

    /// Holds rows for the catalogue and returns whether it does: not where the load is too large for that, or the rows are
    /// none that can be inlined.
    fn hold(&mut self, name: &Name, batch: &RecordBatch, ids: Option<&[RowId]>) -> Result<bool> {
        let (Some(held), Some(load)) = (self.held, self.tables.get_mut(name)) else {
            return Ok(false);
        };
        // A batch that is too large in any case is not looked at cell by cell.
        if held.with(batch.num_rows(), 0).is_none() {
            return Ok(false);
        }
        load.admit_columns(batch)?;
        let aligned = load.aligned(batch)?;
        let bytes = inline::bytes_of(&aligned).filter(|_| inline::takes_columns(&load.columns));
        let Some((bytes, size)) = bytes.and_then(|bytes| Some((bytes, held.with(batch.num_rows(), bytes)?))) else {
            return Ok(false);
        };
        load.held.push(aligned, ids, bytes as u64);
        self.held = Some(size);
        Ok(true)
    }

    /// Ends or flushes segments until the bounds on open files and memory hold again.
    fn keep_bounds(&mut self) -> Result<()> {
        let open = |load: &&mut TableLoad| load.open.is_some();
        let (mut segments, mut ids, mut bytes) = (0, 0, 0);
        for segment in self.tables.values().filter_map(|load| load.open.as_ref()) {
            segments += 1;
            ids += segment.identities_held();
            bytes += segment.bytes_held();
        }
        if segments > MAX_OPEN_SEGMENTS
            && let Some(load) = self.tables.values_mut().filter(open).min_by_key(|load| load.last_used)
        {
            load.end_segment()?;
        }
        if ids > MAX_IDENTITIES_HELD
            && let Some(load) = self
                .tables
                .values_mut()
                .max_by_key(|load| load.open.as_ref().map_or(0, SegmentWriter::identities_held))
        {
            load.end_segment()?;
        }
        if bytes > MAX_BYTES_HELD {
            self.flush_down_to(MAX_BYTES_HELD / 2)?;
        }
        Ok(())
    }

    /// Flushes the largest segments until so many bytes are held. One after the other at the bound would make each row group
    /// as small as a batch.
    fn flush_down_to(&mut self, most_bytes: usize) -> Result<()> {
        let open = self.tables.values_mut().filter_map(|load| load.open.as_mut());
        let mut open: Vec<(usize, &mut SegmentWriter)> = open.map(|segment| (segment.bytes_held(), segment)).collect();
        open.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        let mut held: usize = open.iter().map(|(bytes, _)| bytes).sum();
        for (bytes, segment) in open {
            if held <= most_bytes {
                break;
            }
            segment.flush()?;
            held = held - bytes + segment.bytes_held();
        }
        Ok(())
    }

    /// Makes new files durable, their names in their folders, and the names of new folders in theirs.
    fn sync(&self) -> Result<()> {
        let mut paths = BTreeSet::new();
        for load in self.tables.values().filter(|load| !load.finished.is_empty()) {
            paths.extend(load.finished.iter().flat_map(Finished::paths));
            paths.insert(load.dir.clone());
            // A table whose rows were all in the catalogue so far is not new, but its folder is.
            if load.stored.is_empty() {
                let above = load
                    .dir
                    .ancestors()
                    .skip(1)
                    .take_while(|dir| dir.starts_with(&self.store.dir));
                paths.extend(above.map(PathBuf::from));
            }
        }
        durable::sync_all(&Vec::from_iter(paths))
    }

    fn take_plan(&mut self) -> (Plan, CommitReport) {
        let mut report = CommitReport {
            duplicates: self.duplicates,
            ..CommitReport::default()
        };
        let mut plan = Plan {
            tables: Vec::new(),
            files: std::mem::take(&mut self.files),
            streams: std::mem::take(&mut self.streams),
            checkpoints: std::mem::take(&mut self.checkpoints),
            policy: Vec::new(),
            is_rearrangement: false,
        };
        for (name, mut load) in std::mem::take(&mut self.tables) {
            if load.finished.is_empty() && load.held.is_empty() && load.flushed.is_none() {
                continue;
            }
            report.segments += load.finished.len();
            report.bytes += load.finished.iter().map(|segment| segment.bytes).sum::<u64>();
            let written: u64 = load.finished.iter().map(|segment| segment.rows).sum();
            let flushed = load.flushed.unwrap_or(0);
            report.flushed += flushed;
            let rows = (written + load.held.rows()).saturating_sub(flushed);
            if rows > 0 {
                report.tables.insert(name.to_string(), rows);
            }
            let inlined = load.take_inlined();
            let TableLoad {
                base,
                columns,
                finished,
                ..
            } = load;
            plan.tables.push(TablePlan {
                name,
                base,
                columns,
                segments: finished,
                removed: Vec::new(),
                inlined,
            });
        }
        // A flush alone puts the same rows elsewhere.
        plan.is_rearrangement = report.tables.is_empty();
        (plan, report)
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        for (_, load) in std::mem::take(&mut self.tables) {
            if let Some(segment) = load.open {
                segment.discard();
            }
            for segment in &load.finished {
                segment.discard();
            }
        }
        self.store.is_ingesting.store(false, Ordering::Release);
    }
}

/// What a load does to one table.
struct TableLoad {
    name: Name,
    dir: PathBuf,
    data_dir: PathBuf,
    base: Option<(i64, Vec<i64>)>,
    next_column_id: i64,
    columns: Vec<Column>,
    stored: Vec<Segment>,
    filters: Arc<Filters>,
    hashing: RowIdHashing,
    finished: Vec<Finished>,
    open: Option<SegmentWriter>,
    held: Held,
    /// The identities of the stored inlined rows, once they were asked for.
    inlined_ids: Option<RowIds>,
    /// What the stored inlined rows amount to.
    inlined: InlinedSize,
    /// The number of stored inlined rows that this load has written into segments.
    flushed: Option<u64>,
    /// The oldest snapshot that somebody reads while this load flushes.
    read_from: Option<SnapshotId>,
    last_used: u64,
}

impl std::fmt::Debug for TableLoad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableLoad")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl TableLoad {
    fn open(store: &Inner, snapshot: SnapshotId, name: &Name) -> Result<Self> {
        let table = store.catalogue.table(snapshot, name)?;
        let next_column_id = match &table {
            Some(table) => store.catalogue.next_column_id(table.id)?,
            None => 1,
        };
        let inlined = match &table {
            Some(table) => store.catalogue.inlined_size(table.id)?,
            None => InlinedSize::default(),
        };
        let base = table
            .as_ref()
            .map(|table| (table.id, table.columns.iter().map(|column| column.id).collect()));
        let (columns, stored) = table.map(|table| (table.columns, table.segments)).unwrap_or_default();
        Ok(Self {
            name: name.clone(),
            dir: store.data_dir.join(&name.schema).join(&name.table),
            data_dir: store.data_dir.clone(),
            base,
            next_column_id,
            columns,
            stored,
            filters: Arc::clone(&store.filters),
            hashing: RowIdHashing::default(),
            finished: Vec::new(),
            open: None,
            held: Held::default(),
            inlined_ids: None,
            inlined,
            flushed: None,
            read_from: None,
            last_used: 0,
        })
    }

    /// Returns for each row whether it is neither stored nor appended yet.
    fn new_rows(&self, batch: &RecordBatch, ids: &[RowId]) -> Result<Vec<bool>> {
        let mut in_batch = RowIds::with_capacity_and_hasher(ids.len(), self.hashing.clone());
        let mut is_new: Vec<bool> = ids
            .iter()
            .map(|id| {
                in_batch.insert(*id)
                    && !self.open.as_ref().is_some_and(|segment| segment.contains(*id))
                    && !self.held.contains(*id)
                    && !self.inlined_ids.as_ref().is_some_and(|inlined| inlined.contains(id))
            })
            .collect();
        self.filters.begin_batch();
        let times = batch_times(batch);
        for segment in self.finished.iter().filter(|segment| may_share(times, segment.times)) {
            self.forget_known(&segment.path, ids, &mut is_new)?;
        }
        for segment in self.stored.iter().filter(|segment| may_share(times, segment.times)) {
            self.forget_known(&self.data_dir.join(&segment.path), ids, &mut is_new)?;
        }
        Ok(is_new)
    }

    /// Takes the mark off those new rows that the segment has.
    fn forget_known(&self, segment: &Path, ids: &[RowId], is_new: &mut [bool]) -> Result<()> {
        self.filters
            .unmark_known(segment, || self.open_identities(segment), ids, is_new)
    }

    /// Finds out which identities are inlined, unless it is known.
    fn know_inlined(&mut self, store: &Inner, snapshot: SnapshotId) -> Result<()> {
        if self.inlined_ids.is_some() {
            return Ok(());
        }
        let Some((table, _)) = self.base else {
            return Ok(());
        };
        let known = store
            .known_ids
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(snapshot, table);
        self.inlined_ids = Some(match known {
            Some(known) => known,
            None => store.catalogue.inlined_ids(snapshot, table, &self.name)?,
        });
        Ok(())
    }

    /// Takes out which identities are inlined once the load is committed; `None` where not all are known.
    fn take_known(&mut self) -> Option<RowIds> {
        let mut ids = self.inlined_ids.take()?;
        if self.flushed.is_some() {
            ids.clear();
        }
        ids.extend(self.held.all_ids()?);
        Some(ids)
    }

    /// Returns whether the table has so many inlined rows, with those of this load, that they become a segment.
    fn is_flush_due(&self) -> bool {
        let is_used = self.open.is_some() || !self.finished.is_empty() || !self.held.is_empty();
        let rows = self.inlined.rows + self.held.rows();
        let bytes = self.inlined.bytes + self.held.bytes();
        is_used && self.flushed.is_none() && (rows > FLUSH_ROWS || bytes > FLUSH_BYTES)
    }

    /// Writes all rows that the catalogue holds of the table into segments, and those that the load holds.
    fn flush_inlined(&mut self, store: &Inner, snapshot: SnapshotId) -> Result<()> {
        let Some((table, _)) = self.base else {
            return Ok(());
        };
        let schema = schema_of(&self.columns);
        let stored = store.catalogue.inlined_rows(snapshot, table, &self.name, &schema)?;
        if stored.is_empty() && self.inlined.rows == 0 {
            return Ok(());
        }
        self.read_from = lease::live(&store.dir)?.into_iter().min();
        self.flushed = Some(stored.iter().map(|batch| batch.num_rows() as u64).sum());
        let held = self.held.take().into_iter().map(|batch| batch.rows);
        for batch in stored.into_iter().chain(held) {
            self.write_stored(&batch)?;
        }
        Ok(())
    }

    /// Writes rows of the catalogue, with their identities where a segment of such a table has them.
    fn write_stored(&mut self, batch: &RecordBatch) -> Result<()> {
        let table = self.name.to_string();
        // The common table follows from the others, and rows of other tools may lack an identity.
        let ids = match table == COMMON_TABLE {
            true => None,
            false => identities(&table, batch).ok(),
        };
        self.write(batch, ids.as_deref())
    }

    /// Takes out what the commit does to rows that the catalogue holds.
    fn take_inlined(&mut self) -> InlinePlan {
        InlinePlan {
            bytes: self.held.bytes(),
            rows: self.held.take().into_iter().map(|batch| batch.rows).collect(),
            flushed: self.flushed,
            read_from: self.read_from,
        }
    }

    /// Gives all held rows the table's columns: a later batch may have widened it.
    fn align_held(&mut self) -> Result<()> {
        let bytes = self.held.bytes();
        let mut aligned = Held::default();
        for batch in self.held.take() {
            aligned.push(self.aligned(&batch.rows)?, batch.ids.as_deref(), 0);
        }
        aligned.set_bytes(bytes);
        self.held = aligned;
        Ok(())
    }

    /// Opens the identity file of a segment. It follows from the segment, so a lost or damaged one is made anew.
    fn open_identities(&self, segment: &Path) -> Result<IdentityFile> {
        let path = segment.with_extension(IDENTITY_EXTENSION);
        if let Ok(file) = IdentityFile::open(&path) {
            return Ok(file);
        }
        rebuild_identities(&self.name.to_string(), segment, &path)?;
        IdentityFile::open(&path)
    }

    fn write(&mut self, batch: &RecordBatch, ids: Option<&[RowId]>) -> Result<()> {
        let is_wider = self.admit_columns(batch)?;
        let times = batch_times(batch);
        // A segment holds the identities of all its rows or of none.
        let is_done = |segment: &SegmentWriter| {
            is_wider || segment.ends_before(times) || segment.has_identities() != ids.is_some()
        };
        if self.open.as_ref().is_some_and(is_done) {
            self.end_segment()?;
        }
        let aligned = self.aligned(batch)?;
        let table = self.name.to_string();
        if self.open.is_none() {
            std::fs::create_dir_all(&self.dir).map_err(Error::io("create the folder", &self.dir))?;
            let segment = SegmentWriter::create(&self.dir, segment_name(), &self.columns, ids.is_some())?;
            self.open = Some(segment);
        }
        match &mut self.open {
            Some(segment) => segment.write(&table, &aligned, times, ids.unwrap_or_default()),
            None => Ok(()),
        }
    }

    /// Takes over columns that the table lacks and returns whether there were any.
    fn admit_columns(&mut self, batch: &RecordBatch) -> Result<bool> {
        let before = self.columns.len();
        for field in batch.schema_ref().fields() {
            let lake_type = LakeType::of(field.data_type())
                .ok_or_else(|| self.type_error(field.name(), field.data_type(), "the store cannot keep".to_owned()))?;
            if let Some(known) = self.columns.iter().find(|column| column.name == *field.name()) {
                if known.lake_type != lake_type {
                    let problem = format!("is stored as {}", known.lake_type.name());
                    return Err(self.type_error(field.name(), field.data_type(), problem));
                }
                continue;
            }
            if let Some(twin) = self
                .columns
                .iter()
                .find(|column| column.name.eq_ignore_ascii_case(field.name()))
            {
                return Err(Error::Case {
                    subject: "column",
                    name: format!("{}.{}", self.name, field.name()),
                    stored: twin.name.clone(),
                });
            }
            self.columns.push(Column {
                id: self.next_column_id,
                name: field.name().clone(),
                lake_type,
                is_dictionary: is_dictionary(field.data_type()),
            });
            self.next_column_id += 1;
        }
        Ok(self.columns.len() > before)
    }

    /// Returns the batch with exactly the table's columns.
    fn aligned(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let table = self.name.to_string();
        let columns = self
            .columns
            .iter()
            .map(|column| {
                let wanted = column.lake_type.arrow(column.is_dictionary);
                match batch.column_by_name(&column.name) {
                    None => Ok(new_null_array(&wanted, batch.num_rows())),
                    Some(values) if *values.data_type() == wanted => Ok(values.clone()),
                    Some(values) => cast(values, &wanted),
                }
            })
            .collect::<std::result::Result<Vec<ArrayRef>, _>>()
            .map_err(Error::columns("convert", &table))?;
        RecordBatch::try_new(schema_of(&self.columns), columns).map_err(Error::columns("align", &table))
    }

    fn end_segment(&mut self) -> Result<()> {
        if let Some(segment) = self.open.take() {
            self.finished.push(segment.finish()?);
        }
        Ok(())
    }

    fn type_error(&self, column: &str, given: &arrow::datatypes::DataType, problem: String) -> Error {
        Error::ColumnType {
            table: self.name.to_string(),
            column: column.to_owned(),
            given: given.to_string(),
            problem,
        }
    }
}

/// Returns the times in a batch; a batch without a time column has none.
pub(crate) fn batch_times(batch: &RecordBatch) -> Times {
    let values = time_column(batch.schema_ref())
        .and_then(|name| batch.column_by_name(name))
        .and_then(|values| values.as_primitive_opt::<TimestampMicrosecondType>());
    let Some(values) = values else {
        return Times {
            range: None,
            nulls: batch.num_rows() as u64,
        };
    };
    let range = arrow::compute::min(values).zip(arrow::compute::max(values));
    Times {
        range,
        nulls: values.null_count() as u64,
    }
}

/// Returns whether a row of the batch can be in the segment. A row's time follows from its cells but for the time zone
/// they were read in, so equal rows lie within the zones' span of each other.
fn may_share(batch: Times, segment: Option<Times>) -> bool {
    let Some(segment) = segment else {
        return true;
    };
    let do_ranges_meet = match (batch.range, segment.range) {
        (Some((from, to)), Some((first, last))) => {
            from.saturating_sub(ZONE_SLACK_MICROS) <= last && first <= to.saturating_add(ZONE_SLACK_MICROS)
        }
        _ => false,
    };
    do_ranges_meet || (batch.nulls > 0 && segment.nulls > 0)
}

/// Returns a new segment's file name: the time for the reader's eye, random bits for uniqueness.
pub(crate) fn segment_name() -> String {
    let micros = Timestamp::now().as_microsecond();
    let random = uuid::Uuid::new_v4().simple().to_string();
    let random = random.get(..12).unwrap_or(&random);
    format!("{SEGMENT_PREFIX}{micros:016x}-{random}.parquet")
}
