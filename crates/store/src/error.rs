//! What can go wrong in the store: each variant says what was being done, to what, and what to do next.

use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

use crate::lock::Writer;

/// The result of every store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a store operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A store was to be read where there is none.
    #[error("no store at {}: load something with `sekisho ingest` first, or name another directory with --data", dir.display())]
    NoStore {
        /// The directory that was looked in.
        dir: PathBuf,
    },
    /// Another process holds the store for writing.
    #[error("the store {} is being written by {}: wait until it ends, then run this again", dir.display(), writer(*by))]
    Locked {
        /// The store's directory.
        dir: PathBuf,
        /// Who writes it, where that is known.
        by: Option<Writer>,
    },
    /// The store was opened for reading and was asked to write.
    #[error("the store {} is open for reading only: open it for writing to {doing}", dir.display())]
    ReadOnly {
        /// The store's directory.
        dir: PathBuf,
        /// What was to be done.
        doing: &'static str,
    },
    /// A second ingest was begun before the first ended.
    #[error("an ingest into {} is already running in this process: commit or drop it before beginning another", dir.display())]
    IngestRunning {
        /// The store's directory.
        dir: PathBuf,
    },
    /// The store's layout is newer than this program.
    #[error("the store {} has layout version {found}, this program knows up to {known}: use a newer program", dir.display())]
    Version {
        /// The store's directory.
        dir: PathBuf,
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// A file system operation failed.
    #[error("could not {doing} {}: {source}; check the path, its permissions and the free space", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which path.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The catalogue could not be read or written.
    #[error("could not {doing} in the catalogue {}: {source}; if this stays, restore the store from a backup", path.display())]
    Catalogue {
        /// What was being done.
        doing: &'static str,
        /// The catalogue's path.
        path: PathBuf,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// The catalogue holds something this program does not write.
    #[error(
        "the catalogue holds something unusable in {subject}: {detail}; undo what another tool changed there, or export the table with that tool"
    )]
    Foreign {
        /// The table concerned.
        subject: String,
        /// What is unusable.
        detail: String,
    },
    /// Another tool changed a table while it was being loaded.
    #[error("another tool changed {table} during the load: nothing was stored, run the load again")]
    Conflict {
        /// The table concerned.
        table: String,
    },
    /// A retention setting or a hold that cannot be used.
    #[error("the setting is not accepted: {detail}")]
    Setting {
        /// Why not.
        detail: String,
    },
    /// Segments could not be written again.
    #[error("could not rewrite segments of {table}: {detail}; nothing was changed")]
    Compact {
        /// The table concerned.
        table: String,
        /// Why not.
        detail: String,
    },
    /// Rows that a reader was bound to have left the catalogue.
    #[error("the rows of {table} were moved and the query began too late to follow them: run it again")]
    Outrun {
        /// The table concerned.
        table: String,
    },
    /// A segment could not be written or read.
    #[error("could not {doing} the segment {}: {source}; `sekisho store verify` says whether it is damaged and which rows are hurt", path.display())]
    Segment {
        /// What was being done.
        doing: &'static str,
        /// The segment's path.
        path: PathBuf,
        /// Why it failed.
        source: ParquetError,
    },
    /// Columns could not be converted.
    #[error("could not {doing} rows of {table}: {source}; this is a defect, please report it")]
    Columns {
        /// What was being done.
        doing: &'static str,
        /// The table concerned.
        table: String,
        /// Why it failed.
        source: ArrowError,
    },
    /// A table name that cannot be a folder and an SQL name.
    #[error(
        "{name:?} is no table name: use `<schema>.<table>` of letters, digits, `_` and `-`, at most {max} characters a part"
    )]
    TableName {
        /// The name as given, shortened.
        name: String,
        /// The longest part allowed.
        max: usize,
    },
    /// Two names that differ in letter case only.
    #[error(
        "{subject} {name} differs from the stored {stored} in letter case only, which SQL engines cannot tell apart: rename one"
    )]
    Case {
        /// `table` or `column`.
        subject: &'static str,
        /// The new name.
        name: String,
        /// The stored name.
        stored: String,
    },
    /// A table that the store does not have.
    #[error("the store has no table {name}: `sekisho tables` lists what it has")]
    NoTable {
        /// The table asked for.
        name: String,
    },
    /// A column that a table does not have.
    #[error("table {table} has no column {column}: `sekisho tables {table}` lists its columns")]
    NoColumn {
        /// The table concerned.
        table: String,
        /// The column asked for.
        column: String,
    },
    /// A column whose type cannot be stored or differs from the stored one.
    #[error("column {column} of {table} is {given}, which {problem}: load it into another table, or rebuild the store")]
    ColumnType {
        /// The table concerned.
        table: String,
        /// The column concerned.
        column: String,
        /// The type given.
        given: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A row without a usable identity.
    #[error(
        "row {row} given to {table} has no usable identity in {column}: {problem}; this is a defect in the decoder, please report it"
    )]
    Identity {
        /// The table concerned.
        table: String,
        /// The identity column.
        column: &'static str,
        /// The row within the batch, from 0.
        row: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// An identity file that cannot be right.
    #[error("the identity file {} is damaged: {problem}; delete it, it is rebuilt from its segment", path.display())]
    IdentityFile {
        /// The file's path.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file that is not as it was written.
    #[error("{} is damaged: `sekisho store verify` names what is hurt", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A folder that holds something else than it may.
    #[error("{} cannot be used: name {wanted}", dir.display())]
    NotVacant {
        /// The folder.
        dir: PathBuf,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A backup that cannot be restored.
    #[error("the backup {} cannot be restored: {problem}; use another backup, or make it again", dir.display())]
    Backup {
        /// The backup's folder.
        dir: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// An index file could not be written.
    #[error("{}: {source}", path.display())]
    Index {
        /// The file's path.
        path: PathBuf,
        /// Why.
        source: sekisho_index::IndexError,
    },
    /// Whoever watched the work said to stop.
    #[error("stopped before the end")]
    Stopped,
    /// A statement that does more than read.
    #[error(
        "the query is refused: {reason}; only one SELECT, WITH, VALUES, EXPLAIN, DESCRIBE or SHOW statement is accepted"
    )]
    NotReadOnly {
        /// Which part is not read-only.
        reason: String,
    },
    /// A statement that is not understood.
    #[error("the query is not accepted: {message}")]
    Sql {
        /// What the planner says.
        message: String,
    },
    /// A query that needs more memory than it may use.
    #[error(
        "the query needs more than the {max_memory_bytes} bytes of memory it may use: narrow it (a time range, fewer groups), or raise --max-memory; {message}"
    )]
    SqlMemory {
        /// The limit.
        max_memory_bytes: usize,
        /// Which operator ran out.
        message: String,
    },
    /// A query that found too little memory beside the others.
    #[error(
        "there is no memory left for the query: others hold {held_bytes} of the {max_bytes} bytes that all queries together may use; try again when they have ended, or narrow it (a time range, fewer groups)"
    )]
    SqlCrowded {
        /// What the other queries hold.
        held_bytes: usize,
        /// What all queries may hold together.
        max_bytes: usize,
    },
    /// A query that takes longer than it may.
    #[error("the query ran longer than the {seconds} s it may take: narrow it (a time range), or raise --timeout")]
    SqlTimeout {
        /// The limit in seconds.
        seconds: f64,
    },
    /// A query met a segment that could not be read.
    #[error(
        "the query could not read a segment: {message}; `sekisho store verify` says whether one is damaged and which rows are hurt"
    )]
    SqlUnreadable {
        /// What the engine says.
        message: String,
    },
    /// A query that failed while running.
    #[error("the query failed while running: {message}")]
    SqlFailed {
        /// What the engine says.
        message: String,
    },
}

fn writer(by: Option<Writer>) -> String {
    by.map_or_else(
        || "another process".to_owned(),
        |writer| format!("process {}", writer.process),
    )
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn segment(doing: &'static str, path: &Path) -> impl FnOnce(ParquetError) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Segment { doing, path, source }
    }

    pub(crate) fn columns(doing: &'static str, table: &str) -> impl FnOnce(ArrowError) -> Self {
        let table = table.to_owned();
        move |source| Self::Columns { doing, table, source }
    }
}
