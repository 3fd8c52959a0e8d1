//! The catalogue: which tables, columns and segments make up the store at a snapshot.

mod checkpoint;
pub(crate) mod commit;
pub(crate) mod evidence;
pub(crate) mod expiry;
mod files;
pub(crate) mod inlined;
pub(crate) mod page_sums;
mod policy;
pub(crate) mod raw;
mod schema;
pub(crate) mod wal;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow::datatypes::{Field, Schema, SchemaRef};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::durable;
use crate::error::{Error, Result};
use crate::name::Name;
use crate::report::{Checkpoint, FileRecord, TableStat};
use crate::segment::time_column;
use crate::types::LakeType;
pub(crate) use files::{DataFile, StoredPart};
use raw::Connected;
use schema::{LAKE_TABLES, LAKE_VERSION, LAYOUT_VERSION, OWN_LAYOUTS};

/// How long a statement waits for another program's transaction (DuckDB may have the catalogue open too).
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// The rows a connection keeps of prepared statements: a commit uses about twenty different ones.
const STATEMENT_CACHE: usize = 64;

/// Copies everything in one step: in more, a catalogue that stays locked would be asked for without end.
const ALL_PAGES: i32 = -1;

/// A state of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SnapshotId(pub(crate) i64);

/// A column as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) lake_type: LakeType,
    pub(crate) is_dictionary: bool,
}

/// A segment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) id: i64,
    /// Relative to the data folder.
    pub(crate) path: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) times: Option<Times>,
    /// Whether its rows stand in the order of their times.
    pub(crate) is_sorted: bool,
}

/// What is known of the times in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    /// The first and last time in microseconds, where any row has one.
    pub(crate) range: Option<(i64, i64)>,
    /// The rows without a time.
    pub(crate) nulls: u64,
}

/// A table as stored.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) id: i64,
    pub(crate) columns: Vec<Column>,
    pub(crate) segments: Vec<Segment>,
}

impl Table {
    /// Returns the Arrow schema of the stored columns.
    pub(crate) fn schema(&self) -> SchemaRef {
        schema_of(&self.columns)
    }
}

/// Returns the Arrow schema of `columns`.
pub(crate) fn schema_of(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| {
            let data_type = column.lake_type.arrow(column.is_dictionary);
            Field::new(&column.name, data_type, true)
        })
        .collect();
    SchemaRef::new(Schema::new(fields))
}

/// An open catalogue.
#[derive(Debug)]
pub(crate) struct Catalogue {
    path: PathBuf,
    connection: Mutex<Connection>,
    is_writer: bool,
    /// The bytes of log from which a commit moves it into the database.
    checkpoint_from_bytes: AtomicU64,
    /// Whether another program changed pages without our checksums.
    are_sums_stale: AtomicBool,
    /// Pages that were hurt when the catalogue was opened for writing.
    hurt_pages: BTreeSet<u32>,
    // After the connection, since fields are dropped in their order.
    _connected: Connected,
}

impl Catalogue {
    /// Opens the catalogue at `path` for writing, making it where it is missing.
    pub(crate) fn open_or_create(path: &Path, data_dir: &Path) -> Result<Self> {
        let at = |doing| catalogue_error(path, doing);
        let connected = Connected::new(path);
        let mut connection = Connection::open(path).map_err(at("open"))?;
        connection.busy_timeout(BUSY_WAIT).map_err(at("set up"))?;
        // The write-ahead log lets readers go on during a commit; FULL makes an acknowledged commit durable. What is
        // deleted is overwritten.
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA secure_delete=ON;",
            )
            .map_err(at("set up"))?;
        Self::take_over_checkpoints(&connection).map_err(at("set up"))?;
        if !has_layout(&connection).map_err(at("look for the tables"))? {
            // What is committed later is lost with a folder whose name never reached the disk.
            durable::sync_names(data_dir)?;
        }
        create_tables(&mut connection, data_dir).map_err(at("create the tables"))?;
        // SQLite makes the name of a new log durable too, but does not say when it cannot.
        durable::sync_all(&Vec::from_iter(path.parent().map(Path::to_path_buf)))?;
        let mut catalogue = Self::checked(path, connection, connected, true)?;
        catalogue.notice_changes()?;
        Ok(catalogue)
    }

    /// Opens the catalogue at `path` for reading.
    pub(crate) fn open_read_only(path: &Path) -> Result<Self> {
        let at = |doing| catalogue_error(path, doing);
        let connected = Connected::new(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(path, flags).map_err(at("open"))?;
        connection.busy_timeout(BUSY_WAIT).map_err(at("set up"))?;
        let error = match connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())) {
            Ok(()) => return Self::checked(path, connection, connected, false),
            Err(error) => error,
        };
        // It may hold locks that a copy waits for.
        drop(connection);
        if error.sqlite_error_code() != Some(rusqlite::ErrorCode::DatabaseBusy)
            && let Some(other) = open_frozen(path, flags).or_else(|| open_copy(path).ok())
        {
            return Self::checked(path, other, connected, false);
        }
        Err(at("read")(error))
    }

    /// Returns whether the catalogue at `path` is of an older version, which has to be upgraded before it is read.
    pub(crate) fn is_older(path: &Path) -> Result<bool> {
        let at = |doing| catalogue_error(path, doing);
        let _connected = Connected::new(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(path, flags).map_err(at("open"))?;
        connection.busy_timeout(BUSY_WAIT).map_err(at("set up"))?;
        // One that cannot be read here is on a read-only medium or damaged; opening it says which.
        Ok(layout_version(&connection).is_ok_and(|found| found < LAYOUT_VERSION))
    }

    /// Refuses a catalogue of a newer version before anything beside it is touched. One that cannot be read here is damaged
    /// or no catalogue yet; opening it says which.
    pub(crate) fn refuse_newer(path: &Path) -> Result<()> {
        let _connected = Connected::new(path);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = match open_frozen(path, flags) {
            Some(frozen) => frozen,
            None => Connection::open_with_flags(path, flags).map_err(catalogue_error(path, "open"))?,
        };
        match layout_version(&connection) {
            Ok(found) if found > LAYOUT_VERSION => Err(Error::Version {
                dir: path.parent().unwrap_or(path).to_path_buf(),
                found,
                known: LAYOUT_VERSION,
            }),
            _ => Ok(()),
        }
    }

    fn checked(path: &Path, connection: Connection, connected: Connected, is_writer: bool) -> Result<Self> {
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        let at = |doing| catalogue_error(path, doing);
        let dir = || path.parent().unwrap_or(path).to_path_buf();
        if !has_layout(&connection).map_err(at("look for the tables"))? {
            // Whoever made it was stopped before the first commit; the next writer goes on.
            return Err(Error::NoStore { dir: dir() });
        }
        let found = layout_version(&connection).map_err(at("read the layout version"))?;
        if found > LAYOUT_VERSION {
            return Err(Error::Version {
                dir: dir(),
                found,
                known: LAYOUT_VERSION,
            });
        }
        Ok(Self {
            path: path.to_path_buf(),
            connection: Mutex::new(connection),
            is_writer,
            checkpoint_from_bytes: AtomicU64::new(checkpoint::LONG_LOG_BYTES),
            are_sums_stale: AtomicBool::new(false),
            hurt_pages: BTreeSet::new(),
            _connected: connected,
        })
    }

    /// Returns the newest snapshot.
    pub(crate) fn latest(&self) -> Result<SnapshotId> {
        self.connection()
            .query_row("SELECT max(snapshot_id) FROM ducklake_snapshot", [], |row| {
                row.get(0).map(SnapshotId)
            })
            .map_err(self.error("read the newest snapshot"))
    }

    /// Returns the newest snapshot that changed rows: those that only rearrange segments leave every answer as it was.
    pub(crate) fn generation(&self) -> Result<u64> {
        self.connection()
            .query_row(
                "SELECT coalesce(r.generation, s.snapshot_id) FROM ducklake_snapshot s
                 LEFT JOIN sekisho_rearranged r USING (snapshot_id) ORDER BY s.snapshot_id DESC LIMIT 1",
                [],
                |row| unsigned(row, 0),
            )
            .map_err(self.error("read the newest change"))
    }

    /// Returns the time of the newest snapshot in microseconds, where it is written as DuckLake writes times.
    pub(crate) fn changed_us(&self) -> Result<Option<i64>> {
        let text: Option<String> = self
            .connection()
            .query_row(
                "SELECT snapshot_time FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1",
                [],
                |row| row.get(0),
            )
            .map_err(self.error("read the time of the newest snapshot"))?;
        Ok(text.as_deref().and_then(commit::time_us))
    }

    /// Returns the names of the tables at `snapshot`.
    pub(crate) fn names(&self, snapshot: SnapshotId) -> Result<Vec<Name>> {
        self.rows(
            "list the tables",
            "SELECT s.schema_name, t.table_name FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
             WHERE t.begin_snapshot <= ?1 AND (t.end_snapshot IS NULL OR t.end_snapshot > ?1)
               AND s.begin_snapshot <= ?1 AND (s.end_snapshot IS NULL OR s.end_snapshot > ?1) ORDER BY 1, 2",
            [snapshot.0],
            |row| {
                Ok(Name {
                    schema: row.get(0)?,
                    table: row.get(1)?,
                })
            },
        )
    }

    /// Returns what `tables` shows of each table.
    pub(crate) fn stats(&self) -> Result<Vec<TableStat>> {
        let snapshot = self.latest()?;
        let tables: Vec<(i64, bool, Name, TableStat)> = self.rows(
            "sum up the tables",
            "SELECT s.schema_name, t.table_name, coalesce(sum(f.record_count), 0), min(g.time_min), max(g.time_max),
                    coalesce(sum(f.file_size_bytes), 0), t.table_id,
                    EXISTS (SELECT 1 FROM ducklake_inlined_data_tables i WHERE i.table_id = t.table_id)
                    OR EXISTS (SELECT 1 FROM sekisho_flushed i WHERE i.table_id = t.table_id AND i.snapshot > ?1)
             FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
             LEFT JOIN ducklake_data_file f ON f.table_id = t.table_id AND f.begin_snapshot <= ?1
                   AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)
             LEFT JOIN sekisho_segment g ON g.data_file_id = f.data_file_id
             WHERE t.begin_snapshot <= ?1 AND (t.end_snapshot IS NULL OR t.end_snapshot > ?1)
             GROUP BY t.table_id ORDER BY 1, 2",
            [snapshot.0],
            |row| {
                let name = Name {
                    schema: row.get(0)?,
                    table: row.get(1)?,
                };
                let stat = TableStat {
                    name: name.to_string(),
                    events: unsigned(row, 2)?,
                    from: row.get(3)?,
                    to: row.get(4)?,
                    bytes: unsigned(row, 5)?,
                };
                Ok((row.get(6)?, row.get(7)?, name, stat))
            },
        )?;
        tables
            .into_iter()
            .map(|(id, may_be_inlined, name, stat)| match may_be_inlined {
                true => self.with_inlined(snapshot, id, &name, stat),
                false => Ok(stat),
            })
            .collect()
    }

    /// Returns the sum of a table with its inlined rows.
    fn with_inlined(&self, snapshot: SnapshotId, table: i64, name: &Name, mut stat: TableStat) -> Result<TableStat> {
        let schema = schema_of(&self.columns(snapshot, table, name)?);
        let (rows, times) = self.inlined_times(snapshot, table, name, time_column(&schema))?;
        stat.events += rows;
        if let Some((first, last)) = times.range {
            stat.from = Some(stat.from.map_or(first, |from| from.min(first)));
            stat.to = Some(stat.to.map_or(last, |to| to.max(last)));
        }
        Ok(stat)
    }

    /// Returns the table called `name` at `snapshot`.
    pub(crate) fn table(&self, snapshot: SnapshotId, name: &Name) -> Result<Option<Table>> {
        let found = self
            .connection()
            .prepare_cached(
                "SELECT t.table_id, s.path, s.path_is_relative, t.path, t.path_is_relative
                 FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
                 WHERE s.schema_name = ?2 AND t.table_name = ?3 AND t.begin_snapshot <= ?1
                   AND (t.end_snapshot IS NULL OR t.end_snapshot > ?1)",
            )
            .and_then(|mut statement| {
                statement
                    .query_row(params![snapshot.0, name.schema, name.table], |row| {
                        let schema = RawPath {
                            path: row.get(1)?,
                            is_relative: row.get(2)?,
                        };
                        let table = RawPath {
                            path: row.get(3)?,
                            is_relative: row.get(4)?,
                        };
                        Ok((row.get(0)?, schema, table))
                    })
                    .optional()
            })
            .map_err(self.error("look up a table"))?;
        let Some((id, schema_path, table_path)) = found else {
            return Ok(None);
        };
        self.refuse_deletes(snapshot, id, name)?;
        Ok(Some(Table {
            id,
            columns: self.columns(snapshot, id, name)?,
            segments: self.segments(snapshot, id, name, &schema_path, &table_path)?,
        }))
    }

    /// Returns how far a source has been read.
    pub(crate) fn checkpoint(&self, source: &str) -> Result<Option<Checkpoint>> {
        self.connection()
            .query_row(
                "SELECT position, watermark_us FROM sekisho_checkpoint WHERE source = ?1",
                [source],
                |row| {
                    Ok(Checkpoint {
                        source: source.to_owned(),
                        position: row.get(0)?,
                        watermark_us: row.get(1)?,
                    })
                },
            )
            .optional()
            .map_err(self.error("read a checkpoint"))
    }

    /// Returns the id that the next column of a table gets: ids of dropped columns are never used again.
    pub(crate) fn next_column_id(&self, table: i64) -> Result<i64> {
        self.connection()
            .query_row(
                "SELECT coalesce(max(column_id), 0) + 1 FROM ducklake_column WHERE table_id = ?1",
                [table],
                |row| row.get(0),
            )
            .map_err(self.error("read the column ids"))
    }

    /// Returns the paths of all segments of all snapshots, relative to the data folder, as file names.
    pub(crate) fn all_segment_names(&self) -> Result<Vec<String>> {
        self.rows("list the segments", "SELECT path FROM ducklake_data_file", [], |row| {
            row.get(0)
        })
    }

    /// Returns the records of the files loaded so far.
    pub(crate) fn loaded_files(&self) -> Result<Vec<LoadedFile>> {
        self.rows(
            "list the loaded files",
            "SELECT name, sha256, bytes, kind, events, duplicates, rejected, first_loaded, last_loaded, loads, part
             FROM sekisho_file ORDER BY first_loaded, name, sha256",
            [],
            |row| {
                Ok(LoadedFile {
                    record: FileRecord {
                        name: row.get(0)?,
                        sha256: row.get(1)?,
                        bytes: unsigned(row, 2)?,
                        kind: row.get(3)?,
                        events: unsigned(row, 4)?,
                        duplicates: unsigned(row, 5)?,
                        rejected: unsigned(row, 6)?,
                    },
                    first_loaded: row.get(7)?,
                    last_loaded: row.get(8)?,
                    loads: row.get(9)?,
                    part: row.get(10)?,
                })
            },
        )
    }

    fn columns(&self, snapshot: SnapshotId, table: i64, name: &Name) -> Result<Vec<Column>> {
        let raw: Vec<(i64, String, String, Option<bool>)> = self.rows(
            "read the columns",
            "SELECT c.column_id, c.column_name, c.column_type, o.is_dictionary FROM ducklake_column c
             LEFT JOIN sekisho_column o ON o.table_id = c.table_id AND o.column_id = c.column_id
             WHERE c.table_id = ?2 AND c.begin_snapshot <= ?1 AND (c.end_snapshot IS NULL OR c.end_snapshot > ?1)
               AND c.parent_column IS NULL ORDER BY c.column_order",
            [snapshot.0, table],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        raw.into_iter()
            .map(|(id, column, lake_type, is_dictionary)| {
                let lake_type = LakeType::parse(&lake_type).ok_or_else(|| Error::Foreign {
                    subject: name.to_string(),
                    detail: format!("column {column} has the type {lake_type}"),
                })?;
                Ok(Column {
                    id,
                    name: column,
                    lake_type,
                    is_dictionary: is_dictionary.unwrap_or(false),
                })
            })
            .collect()
    }

    fn segments(
        &self,
        snapshot: SnapshotId,
        table: i64,
        name: &Name,
        schema_path: &RawPath,
        table_path: &RawPath,
    ) -> Result<Vec<Segment>> {
        let raw: Vec<(RawPath, Segment)> = self.rows(
            "read the segments",
            "SELECT f.path, f.path_is_relative, f.record_count, f.file_size_bytes, g.data_file_id, g.time_min,
                    g.time_max, g.null_times, f.data_file_id, g.is_sorted
             FROM ducklake_data_file f LEFT JOIN sekisho_segment g ON g.data_file_id = f.data_file_id
             WHERE f.table_id = ?2 AND f.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)
             ORDER BY f.data_file_id",
            [snapshot.0, table],
            |row| {
                let is_ours: Option<i64> = row.get(4)?;
                let bounds: (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
                let times = match is_ours {
                    Some(_) => Some(Times {
                        range: bounds.0.zip(bounds.1),
                        nulls: unsigned(row, 7)?,
                    }),
                    None => None,
                };
                let segment = Segment {
                    id: row.get(8)?,
                    path: String::new(),
                    rows: unsigned(row, 2)?,
                    bytes: unsigned(row, 3)?,
                    times,
                    is_sorted: row.get::<_, Option<bool>>(9)?.unwrap_or(false),
                };
                Ok((
                    RawPath {
                        path: row.get(0)?,
                        is_relative: row.get(1)?,
                    },
                    segment,
                ))
            },
        )?;
        raw.into_iter()
            .map(|(file, segment)| {
                let parts = [schema_path, table_path, &file];
                let path = relative_path(&parts).ok_or_else(|| Error::Foreign {
                    subject: name.to_string(),
                    detail: format!("a segment outside the data folder: {}", file.path),
                })?;
                Ok(Segment { path, ..segment })
            })
            .collect()
    }

    /// Refuses tables in which another tool deleted rows of segments: we would show rows that are gone. Deleted inlined rows
    /// say so themselves.
    fn refuse_deletes(&self, snapshot: SnapshotId, table: i64, name: &Name) -> Result<()> {
        let found: i64 = self
            .connection()
            .prepare_cached(
                "SELECT (SELECT count(*) FROM ducklake_delete_file WHERE table_id = ?2 AND begin_snapshot <= ?1
                          AND (end_snapshot IS NULL OR end_snapshot > ?1))
                      + (SELECT count(*) FROM sqlite_master WHERE name = 'ducklake_inlined_delete_' || ?2)",
            )
            .and_then(|mut statement| statement.query_row([snapshot.0, table], |row| row.get(0)))
            .map_err(self.error("look for deleted rows"))?;
        if found == 0 {
            return Ok(());
        }
        Err(Error::Foreign {
            subject: name.to_string(),
            detail: "another tool deleted rows of it".to_owned(),
        })
    }

    pub(super) fn rows<T, P: rusqlite::Params>(
        &self,
        doing: &'static str,
        sql: &str,
        params: P,
        map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        self.connection()
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(params, map)?.collect())
            .map_err(self.error(doing))
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves the connection itself whole: SQLite rolls an open transaction back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn error(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error + use<> {
        catalogue_error(&self.path, doing)
    }
}

/// A loaded file and when it was loaded, in microseconds.
#[derive(Debug, Clone)]
pub(crate) struct LoadedFile {
    pub(crate) record: FileRecord,
    pub(crate) first_loaded: i64,
    pub(crate) last_loaded: i64,
    pub(crate) loads: i64,
    /// Which stream of the file it is.
    pub(crate) part: String,
}

struct RawPath {
    path: String,
    is_relative: bool,
}

/// Joins paths of the catalogue, where each is relative to the one before it. `None` for anything that leaves the data
/// folder.
fn relative_path(parts: &[&RawPath]) -> Option<String> {
    let mut joined = String::new();
    for part in parts {
        if !part.is_relative {
            return None;
        }
        if !joined.is_empty() && !joined.ends_with('/') {
            joined.push('/');
        }
        joined.push_str(&part.path);
    }
    let is_inside = !joined.starts_with('/') && joined.split('/').all(|part| part != "..");
    is_inside.then_some(joined)
}

fn create_tables(connection: &mut Connection, data_dir: &Path) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let exists = has_layout(&transaction)?;
    if exists && layout_version(&transaction)? > LAYOUT_VERSION {
        // Nothing is changed in a store of a newer version; `checked` refuses it.
        return Ok(());
    }
    let data_path = format!("{}/", data_dir.display());
    if !exists {
        transaction.execute_batch(LAKE_TABLES)?;
        // Other tools are told to write files: they know nothing of when we flush.
        for (key, value) in [
            ("version", LAKE_VERSION),
            ("created_by", "Sekisho"),
            ("data_path", &data_path),
            ("encrypted", "false"),
            ("data_inlining_row_limit", "0"),
        ] {
            transaction.execute(
                "INSERT INTO ducklake_metadata(key, value) VALUES (?1, ?2)",
                [key, value],
            )?;
        }
        let now = commit::snapshot_time();
        transaction.execute("INSERT INTO ducklake_snapshot VALUES (0, ?1, 0, 1, 0)", [now])?;
        transaction.execute(
            "INSERT INTO ducklake_snapshot_changes VALUES (0, 'created_schema:\"main\"', NULL, NULL, NULL)",
            [],
        )?;
        transaction.execute(
            "INSERT INTO ducklake_schema VALUES (0, ?1, 0, NULL, 'main', 'main/', 1)",
            [uuid::Uuid::new_v4().to_string()],
        )?;
    }
    upgrade(&transaction)?;
    // A store that was moved still opens in DuckDB, which takes a relative path from its working directory.
    transaction.execute(
        "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND value <> ?1",
        [data_path],
    )?;
    transaction.commit()
}

/// Takes the steps from the version of our tables that is there to the one that we know. A newer one is left alone.
fn upgrade(transaction: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    let is_new = !has_layout(transaction)?;
    let found = if is_new { 0 } else { layout_version(transaction)? };
    if found >= LAYOUT_VERSION {
        // Writing the same version again would make every opening wait for the disk.
        return Ok(());
    }
    let steps = usize::try_from(found).ok().and_then(|found| OWN_LAYOUTS.get(found..));
    for step in steps.unwrap_or_default() {
        transaction.execute_batch(step)?;
    }
    let statement = if is_new {
        "INSERT INTO sekisho_layout VALUES (?1)"
    } else {
        "UPDATE sekisho_layout SET version = ?1"
    };
    transaction.execute(statement, [LAYOUT_VERSION])?;
    Ok(())
}

fn has_layout(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE name = 'sekisho_layout'",
        [],
        |row| row.get(0),
    )
}

/// Returns whether segments can have checksums: they cannot before layout version 2.
fn has_parts(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) FROM sqlite_master WHERE name = 'sekisho_part'",
        [],
        |row| row.get(0),
    )
}

fn layout_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT version FROM sekisho_layout", [], |row| row.get(0))
}

/// Opens a catalogue on a read-only medium: without a log to replay nothing can change under us.
fn open_frozen(path: &Path, flags: OpenFlags) -> Option<Connection> {
    if std::fs::metadata(wal::log_path(path)).is_ok_and(|log| log.len() > 0) {
        return None;
    }
    let text = path.to_str()?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).ok()
}

/// Opens a copy of the catalogue in memory. On a full disk there is no room for the index of the log, which connections
/// share; a connection that keeps everybody else out for a moment needs none.
fn open_copy(path: &Path) -> rusqlite::Result<Connection> {
    let whole = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    whole.busy_timeout(BUSY_WAIT)?;
    Catalogue::take_over_checkpoints(&whole)?;
    whole.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let mut copy = Connection::open_in_memory()?;
    let is_done = Backup::new(&whole, &mut copy)?.step(ALL_PAGES)? == StepResult::Done;
    is_done.then_some(copy).ok_or(rusqlite::Error::InvalidQuery)
}

fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    Ok(u64::try_from(value).unwrap_or(0))
}

fn catalogue_error(path: &Path, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> Error + use<> {
    let path = path.to_path_buf();
    move |source| Error::Catalogue { doing, path, source }
}
