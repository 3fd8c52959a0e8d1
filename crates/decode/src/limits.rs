//! The limits of decoding. Each keeps attacker-written input from growing memory or time; reaching one is reported.

/// The largest row, in bytes. API rows carry whole result pages in one cell (`Records`), which stay far below; a larger
/// row is a broken file or an attack.
pub const MAX_ROW_BYTES: usize = 16 << 20;

/// The most physical lines one CSV record may span. Queries in a cell run to hundreds of lines; an unclosed quote would
/// otherwise swallow the rest of the file before it is noticed.
pub const MAX_RECORD_LINES: usize = 10_000;

/// How much of a CSV file may be read again after records that an unclosed quote has run together, beside four times what
/// was read for good. Past it a record must stand on one line.
pub const MAX_REREAD_BYTES: u64 = 64 << 20;

/// The most columns of a CSV file. The widest documented type has 67.
pub const MAX_COLUMNS: usize = 2_000;

/// The most keys of one JSON row.
pub const MAX_KEYS: usize = 10_000;

/// Rows in a batch: large enough to amortise per-batch work, small enough for caches.
pub const BATCH_ROWS: usize = 8_192;

/// Bytes of cells after which a batch is handed on even if it has few rows.
pub const BATCH_BYTES: usize = 8 << 20;

/// Bytes of cells in all unfinished batches together; the fullest is handed on when it is passed.
pub const OPEN_BYTES: usize = 32 << 20;

/// The most tables that event types unknown to the catalogue may create in one file; more share the family's `unknown`.
pub const MAX_UNKNOWN_TABLES: usize = 64;

/// How much of a rejected row is kept in quarantine, in bytes.
pub const EXCERPT_BYTES: usize = 2_048;

/// How many characters of a time that could not be read are shown; longer text is no time.
pub const MAX_TIME_CHARS: usize = 64;

/// How much of a file is looked at to tell its kind.
pub const HEAD_BYTES: usize = 64 << 10;

/// The largest decoded `LogFile` of one EventLogFile record: it arrives inside one row.
pub const MAX_LOG_FILE_BYTES: usize = MAX_ROW_BYTES;
