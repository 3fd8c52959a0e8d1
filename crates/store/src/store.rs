//! The store as its callers see it.

use std::collections::HashSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arrow::datatypes::{Field, Schema, SchemaRef};

use crate::catalogue::{Catalogue, SnapshotId, Table};
use crate::error::{Error, Result};
use crate::evidence::{Reach, StreamName};
use crate::filter::Filters;
use crate::ingest::{Ingest, SEGMENT_PREFIX};
use crate::inline::known::KnownIds;
use crate::lease::Lease;
use crate::lock::{Turn, Work, WriterLock};
use crate::name::Name;
use crate::removal::RemovalReport;
use crate::report::{Checkpoint, CommitReport, TableStat};
use crate::scan::{Scan, ScanRange, inlined_rows, projected};
use crate::segment::PartKind;
use crate::sql::{self, SqlLimits, SqlResult};
use crate::types::LakeType;

pub(crate) const CATALOGUE_FILE: &str = "catalogue.sqlite";
pub(crate) const DATA_FOLDER: &str = "data";

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Reading; any number of processes at a time, also while one writes.
    ReadOnly,
    /// Reading and writing; one process at a time. Makes the store where there is none.
    ReadWrite,
}

/// The tables that may be asked for although no row of them is stored.
pub trait KnownTables: Debug + Send + Sync {
    /// Returns their names as `<schema>.<table>`.
    fn names(&self) -> Vec<String>;

    /// Returns the columns of one.
    fn schema_of(&self, name: &str) -> Option<SchemaRef>;
}

/// No tables but the stored ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKnownTables;

impl KnownTables for NoKnownTables {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn schema_of(&self, _name: &str) -> Option<SchemaRef> {
        None
    }
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What a store and the loads and queries on it share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) dir: PathBuf,
    pub(crate) data_dir: PathBuf,
    pub(crate) catalogue: Catalogue,
    pub(crate) known: Arc<dyn KnownTables>,
    pub(crate) filters: Arc<Filters>,
    pub(crate) is_ingesting: AtomicBool,
    pub(crate) known_ids: Mutex<KnownIds>,
    lock: Option<WriterLock>,
}

impl Store {
    /// Opens the store in `dir`.
    ///
    /// # Errors
    /// When there is none to read, another process writes it, or it cannot be opened.
    pub fn open(dir: &Path, mode: Mode, known: Arc<dyn KnownTables>) -> Result<Self> {
        let inner = match mode {
            Mode::ReadOnly => Inner::open_read_only(dir, known)?,
            Mode::ReadWrite => Inner::open_read_write(dir, known, &mut Turn::usual(Work::Other, &mut |_| {}))?,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Opens the store in `dir` for writing, waiting for other writers as `turn` says. Makes it where there is none.
    ///
    /// # Errors
    /// When another process writes it for longer than that, or it cannot be opened.
    pub fn open_in_turn(dir: &Path, known: Arc<dyn KnownTables>, turn: &mut Turn<'_>) -> Result<Self> {
        let inner = Inner::open_read_write(dir, known, turn)?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns the store's directory.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Begins a load. There is one at a time.
    ///
    /// # Errors
    /// When the store is open for reading, or a load is running.
    pub fn begin(&self) -> Result<Ingest> {
        self.inner.writable("load events")?;
        Ingest::begin(Arc::clone(&self.inner))
    }

    /// Removes the files of segments that ended at least `grace` ago and that no Sekisho process reads. The grace is for
    /// readers that take no lease: usually [`READER_GRACE`](crate::READER_GRACE).
    ///
    /// # Errors
    /// When the store is open for reading, or a file or the catalogue cannot be changed.
    pub fn remove_unneeded(&self, grace: Duration) -> Result<RemovalReport> {
        self.inner.writable("remove files")?;
        self.inner.remove_unneeded(grace)
    }

    /// Removes the files of all ended segments, waiting at most `max_wait` for Sekisho processes that read them.
    ///
    /// # Errors
    /// As `remove_unneeded`.
    pub fn remove_now(&self, max_wait: Duration) -> Result<RemovalReport> {
        self.inner.writable("remove files")?;
        self.inner.remove_now(max_wait)
    }

    /// Writes the rows that the catalogue itself holds of small loads into segments, of all tables.
    ///
    /// # Errors
    /// When the store is open for reading, a load is running, or a file or the catalogue cannot be written.
    pub fn flush(&self) -> Result<CommitReport> {
        let mut ingest = self.begin()?;
        ingest.flush_all()?;
        ingest.commit()
    }

    /// Returns whether a file of this size was loaded: if not, none with the same bytes was.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn is_size_known(&self, bytes: u64) -> Result<bool> {
        self.inner.catalogue.is_size_known(bytes)
    }

    /// Returns whether a stream with these bytes was loaded: the stream `part` of the file with this digest.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn is_content_known(&self, sha256: &str, part: &str) -> Result<bool> {
        self.inner.catalogue.is_content_known(sha256, part)
    }

    /// Returns the rows of a stream that was loaded whole and without a problem, read the same way: it brings nothing new.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn rows_of_content(&self, sha256: &str, part: &str, reading: &str) -> Result<Option<u64>> {
        self.inner.catalogue.rows_of_content(sha256, part, reading)
    }

    /// Returns the streams loaded by a name that holds `text`.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn streams_named(&self, text: &str) -> Result<Vec<StreamName>> {
        self.inner.catalogue.streams_named(text)
    }

    /// Notes the hour or day that streams cover, as something other than themselves says it. Streams of which that was not
    /// known are compared anew.
    ///
    /// # Errors
    /// When the store is open for reading, or the catalogue cannot be written.
    pub fn note_reaches(&self, said: &[(StreamName, Reach)]) -> Result<()> {
        self.inner.writable("note what files cover")?;
        self.inner.catalogue.note_reaches(said)
    }

    /// Returns a new key to keep the deliveries of a stream under.
    #[must_use]
    pub fn new_key(&self) -> String {
        uuid::Uuid::new_v4().simple().to_string()
    }

    /// Returns whether a file of this name was loaded.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn is_name_known(&self, name: &str) -> Result<bool> {
        self.inner.catalogue.is_name_known(name)
    }

    /// Returns what is stored, table by table, from the catalogue alone.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn tables(&self) -> Result<Vec<TableStat>> {
        self.inner.catalogue.stats()
    }

    /// Returns the number of the newest commit that changed rows: what was worked out from the store holds until it changes.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn generation(&self) -> Result<u64> {
        self.inner.catalogue.generation()
    }

    /// Returns when the newest commit was, in microseconds since 1970 UTC; `None` where the catalogue does not say.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn changed_us(&self) -> Result<Option<i64>> {
        self.inner.catalogue.changed_us()
    }

    /// Returns how far `source` has been read; `None` where nothing of it was committed.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    pub fn checkpoint(&self, source: &str) -> Result<Option<Checkpoint>> {
        self.inner.catalogue.checkpoint(source)
    }

    /// Reads the rows of `table` in `range`, all columns or those named. A known table without rows is empty.
    ///
    /// # Errors
    /// When there is no such table or column, or the catalogue cannot be read. Reading on may fail too.
    pub fn scan(&self, table: &str, range: ScanRange, columns: Option<&[&str]>) -> Result<Scan> {
        let name = Name::parse(table)?;
        let (lease, snapshot) = self.inner.pin()?;
        let stored = self.inner.catalogue.table(snapshot, &name)?;
        self.inner.scan_of(&name, stored, range, columns, (lease, snapshot))
    }

    /// Runs one statement that reads, within `limits`.
    ///
    /// # Errors
    /// When the statement does more than read, is not understood, or needs more than it may use. Fetching its rows may
    /// fail too.
    pub fn sql(&self, statement: &str, limits: SqlLimits) -> Result<SqlResult> {
        sql::run_on_store(&self.inner, statement, limits)
    }
}

impl Store {
    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

impl Inner {
    fn open_read_only(dir: &Path, known: Arc<dyn KnownTables>) -> Result<Self> {
        let path = dir.join(CATALOGUE_FILE);
        if !path.is_file() {
            return Err(Error::NoStore { dir: dir.to_path_buf() });
        }
        let dir = dir.canonicalize().map_err(Error::io("find", dir))?;
        let path = dir.join(CATALOGUE_FILE);
        Catalogue::refuse_newer(&path)?;
        if Catalogue::is_older(&path)? {
            Self::open_read_write(&dir, Arc::clone(&known), &mut Turn::usual(Work::Other, &mut |_| {}))?;
        }
        let catalogue = Catalogue::open_read_only(&path)?;
        Ok(Self::new(dir, catalogue, known, None))
    }

    fn open_read_write(dir: &Path, known: Arc<dyn KnownTables>, turn: &mut Turn<'_>) -> Result<Self> {
        if dir.join(CATALOGUE_FILE).is_file() {
            let dir = dir.canonicalize().map_err(Error::io("find", dir))?;
            Catalogue::refuse_newer(&dir.join(CATALOGUE_FILE))?;
        }
        let data = dir.join(DATA_FOLDER);
        std::fs::create_dir_all(&data).map_err(Error::io("create the folder", &data))?;
        let dir = dir.canonicalize().map_err(Error::io("find", dir))?;
        let lock = WriterLock::take(&dir, turn)?;
        let catalogue = Catalogue::open_or_create(&dir.join(CATALOGUE_FILE), &dir.join(DATA_FOLDER))?;
        let inner = Self::new(dir, catalogue, known, Some(lock));
        inner.sweep()?;
        Ok(inner)
    }

    fn new(dir: PathBuf, catalogue: Catalogue, known: Arc<dyn KnownTables>, lock: Option<WriterLock>) -> Self {
        Self {
            data_dir: dir.join(DATA_FOLDER),
            dir,
            catalogue,
            known,
            filters: Arc::default(),
            is_ingesting: AtomicBool::new(false),
            known_ids: Mutex::default(),
            lock,
        }
    }

    /// Refuses to write to a store that is open for reading.
    pub(crate) fn writable(&self, doing: &'static str) -> Result<()> {
        match self.lock {
            Some(_) => Ok(()),
            None => Err(Error::ReadOnly {
                dir: self.dir.clone(),
                doing,
            }),
        }
    }

    /// Returns the newest snapshot with a lease on it: its files stay as long as the lease is held.
    pub(crate) fn pin(&self) -> Result<(Lease, SnapshotId)> {
        let lease = Lease::take(&self.dir, self.catalogue.latest()?)?;
        // Asked for again under the lease: files of the first answer may have been removed before the lease was there, but
        // none of this one's.
        let snapshot = self.catalogue.latest()?;
        Ok((lease, snapshot))
    }

    /// Reads the rows of the stored table `name` in `range`: of the segments that `stored` has, and those that the catalogue
    /// holds at the pinned snapshot.
    pub(crate) fn scan_of(
        &self,
        name: &Name,
        stored: Option<Table>,
        range: ScanRange,
        columns: Option<&[&str]>,
        (lease, snapshot): (Lease, SnapshotId),
    ) -> Result<Scan> {
        let table = name.to_string();
        let schema = self
            .full_schema(name, stored.as_ref())
            .ok_or_else(|| Error::NoTable { name: table.clone() })?;
        let schema = match columns {
            Some(columns) => projected(&table, &schema, columns)?,
            None => schema,
        };
        let inlined = match &stored {
            Some(stored) => inlined_rows(self, snapshot, name, stored, &schema, range)?,
            None => Vec::new(),
        };
        let segments = stored.map(|table| table.segments).unwrap_or_default();
        let data_dir = &self.data_dir;
        Ok(Scan::new(&table, schema, range, &segments, inlined, data_dir, lease))
    }

    /// Returns the columns of a table as they are known today, and after them those stored that are known no more.
    pub(crate) fn full_schema(&self, name: &Name, stored: Option<&Table>) -> Option<SchemaRef> {
        let stored = stored.map(Table::schema);
        let Some(known) = self.known.schema_of(&name.to_string()) else {
            return stored;
        };
        let Some(stored) = stored else {
            return Some(known);
        };
        let is_known = |field: &Field| known.field_with_name(field.name()).is_ok();
        let storable = |field: &Field| LakeType::of(field.data_type()).is_some();
        let first = known.fields().iter().filter(|field| storable(field)).map(|field| {
            stored
                .field_with_name(field.name())
                .cloned()
                .unwrap_or_else(|_| field.as_ref().clone())
        });
        let then = stored
            .fields()
            .iter()
            .filter(|field| !is_known(field))
            .map(|field| field.as_ref().clone());
        Some(Arc::new(Schema::new(first.chain(then).collect::<Vec<Field>>())))
    }

    /// Removes what loads left behind that never ended. The lock says that none is running; names say whose files
    /// they are, so files that another tool is writing stay.
    fn sweep(&self) -> Result<()> {
        let referenced: HashSet<String> = self
            .catalogue
            .all_segment_names()?
            .into_iter()
            .filter_map(|path| Some(Path::new(&path).file_stem()?.to_str()?.to_owned()))
            .collect();
        for schema in folders(&self.data_dir)? {
            for table in folders(&schema)? {
                sweep_folder(&table, &referenced)?;
            }
        }
        Ok(())
    }
}

fn sweep_folder(folder: &Path, referenced: &HashSet<String>) -> Result<()> {
    for path in entries(folder)? {
        let is_ours = path
            .extension()
            .is_some_and(|end| PartKind::ALL.iter().any(|kind| end == kind.extension()));
        let orphan = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .is_some_and(|stem| stem.starts_with(SEGMENT_PREFIX) && !referenced.contains(stem));
        if is_ours && orphan {
            std::fs::remove_file(&path).map_err(Error::io("remove the leftover", &path))?;
        }
    }
    Ok(())
}

fn folders(dir: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(dir)?.into_iter().filter(|path| path.is_dir()).collect())
}

pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    std::fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(Error::io("list", dir))
}
