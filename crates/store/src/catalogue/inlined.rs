//! Rows that the catalogue itself holds, in the tables in which DuckDB inlines rows: one for each table and version of its
//! columns, `ducklake_inlined_data_<table>_<version>`.
//!
//! A flush writes a table's rows into a segment and moves their SQLite table aside under another name in the same
//! transaction. Other tools see it no more; a reader of ours that is bound to an earlier snapshot still finds its rows
//! there. It is dropped once no reader can be that late.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow::datatypes::{Field, SchemaRef};
use arrow::error::ArrowError;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{Catalogue, Column, SnapshotId, Times};
use crate::error::{Error, Result};
use crate::identity::{RowIds, identity_column, parse};
use crate::inline::cells::{Builder, Cell, Cells};
use crate::inline::value::parse_time;
use crate::name::Name;
use crate::types::LakeType;

/// How long flushed rows stay for readers of earlier snapshots without a lease. A reader takes its rows when its query is
/// planned, at most seconds after it was bound to a snapshot, and a query's time limit is a minute unless it is raised.
const FLUSHED_KEPT_US: i64 = 10 * 60 * 1_000_000;

/// The rows of a batch of inlined rows.
const BATCH_ROWS: usize = 32 * 1024;

/// What one commit does to the inlined rows of one table.
#[derive(Debug, Default)]
pub(crate) struct InlinePlan {
    /// Rows to be kept in the catalogue, with exactly the table's columns.
    pub(crate) rows: Vec<RecordBatch>,
    /// Their size.
    pub(crate) bytes: u64,
    /// The number of stored inlined rows that the commit's segments hold: they leave the catalogue.
    pub(crate) flushed: Option<u64>,
    /// The oldest snapshot that somebody reads, where it is known: rows flushed later stay for them.
    pub(crate) read_from: Option<SnapshotId>,
}

impl InlinePlan {
    /// Returns the number of new rows.
    pub(crate) fn new_rows(&self) -> u64 {
        self.rows.iter().map(|batch| batch.num_rows() as u64).sum()
    }
}

/// What the inlined rows of a table amount to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct InlinedSize {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl Catalogue {
    /// Returns the inlined rows of a table at `snapshot` in the columns of `schema`; columns that they lack are null.
    pub(crate) fn inlined_rows(
        &self,
        snapshot: SnapshotId,
        table: i64,
        name: &Name,
        schema: &SchemaRef,
    ) -> Result<Vec<RecordBatch>> {
        let mut batches = Vec::new();
        self.in_inlined_tables(snapshot, table, name, |connection, source| {
            read_rows(connection, snapshot, source, schema, &mut batches)
        })?;
        Ok(batches)
    }

    /// Returns the identities of the inlined rows of a table at `snapshot`. Rows that another tool wrote without one have
    /// none.
    pub(crate) fn inlined_ids(&self, snapshot: SnapshotId, table: i64, name: &Name) -> Result<RowIds> {
        let column = identity_column(&name.to_string());
        let mut ids = RowIds::default();
        self.in_inlined_tables(snapshot, table, name, |connection, source| {
            if !columns_of(connection, source)?.iter().any(|name| name == column) {
                return Ok(());
            }
            let sql = format!("SELECT {} FROM {} WHERE {LIVE}", quoted(column), quoted(source));
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([snapshot.0])?;
            while let Some(row) = rows.next()? {
                ids.extend(row.get_ref(0)?.as_str_or_null().ok().flatten().and_then(parse));
            }
            Ok(())
        })?;
        Ok(ids)
    }

    /// Returns how many inlined rows a table has at `snapshot`, and their times where it has a time column.
    pub(crate) fn inlined_times(
        &self,
        snapshot: SnapshotId,
        table: i64,
        name: &Name,
        time: Option<&str>,
    ) -> Result<(u64, Times)> {
        let mut total = 0;
        let mut times = Times { range: None, nulls: 0 };
        self.in_inlined_tables(snapshot, table, name, |connection, source| {
            let time = time.filter(|time| {
                columns_of(connection, source).is_ok_and(|columns| columns.iter().any(|column| column == time))
            });
            let time = time.map_or_else(|| "NULL".to_owned(), quoted);
            let sql = format!(
                "SELECT count(*), count({time}), min({time}), max({time}) FROM {} WHERE {LIVE}",
                quoted(source)
            );
            let (rows, timed, first, last): (u64, u64, Option<String>, Option<String>) =
                connection.query_row(&sql, [snapshot.0], |row| {
                    Ok((
                        super::unsigned(row, 0)?,
                        super::unsigned(row, 1)?,
                        row.get(2)?,
                        row.get(3)?,
                    ))
                })?;
            total += rows;
            times.nulls += rows.saturating_sub(timed);
            let bound = |text: Option<String>| text.as_deref().and_then(parse_time);
            if let (Some(first), Some(last)) = (bound(first), bound(last)) {
                let (from, to) = times.range.unwrap_or((first, last));
                times.range = Some((from.min(first), to.max(last)));
            }
            Ok(())
        })?;
        Ok((total, times))
    }

    /// Returns the tables that have inlined rows, or may have.
    pub(crate) fn inlined_tables(&self) -> Result<Vec<Name>> {
        self.rows(
            "list the inlined rows",
            "SELECT DISTINCT s.schema_name, t.table_name FROM ducklake_inlined_data_tables i
             JOIN ducklake_table t ON t.table_id = i.table_id AND t.end_snapshot IS NULL
             JOIN ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL ORDER BY 1, 2",
            [],
            |row| {
                Ok(Name {
                    schema: row.get(0)?,
                    table: row.get(1)?,
                })
            },
        )
    }

    /// Returns whether a table may have inlined rows at `snapshot`.
    pub(crate) fn may_have_inlined(&self, snapshot: SnapshotId, table: i64) -> Result<bool> {
        self.connection()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM ducklake_inlined_data_tables WHERE table_id = ?1)
                     OR EXISTS (SELECT 1 FROM sekisho_flushed WHERE table_id = ?1 AND snapshot > ?2)",
            )
            .and_then(|mut statement| statement.query_row([table, snapshot.0], |row| row.get(0)))
            .map_err(self.error("look for inlined rows"))
    }

    /// Returns how much our own loads have inlined into a table since its last flush.
    pub(crate) fn inlined_size(&self, table: i64) -> Result<InlinedSize> {
        let size = self
            .connection()
            .prepare_cached("SELECT rows, bytes FROM sekisho_inlined WHERE table_id = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([table], |row| {
                        Ok(InlinedSize {
                            rows: super::unsigned(row, 0)?,
                            bytes: super::unsigned(row, 1)?,
                        })
                    })
                    .optional()
            })
            .map_err(self.error("read the size of the inlined rows"))?;
        Ok(size.unwrap_or_default())
    }

    /// Calls `read` for each SQLite table that may hold rows of a table at `snapshot`, all in one transaction: a flush
    /// moves them either before or after.
    fn in_inlined_tables(
        &self,
        snapshot: SnapshotId,
        table: i64,
        name: &Name,
        mut read: impl FnMut(&Connection, &str) -> Result<(), Problem>,
    ) -> Result<()> {
        let connection = self.connection();
        let failed = |error| self.error("read the inlined rows")(error);
        let transaction = connection.unchecked_transaction().map_err(failed)?;
        let Some(sources) = sources(&transaction, snapshot, table).map_err(failed)? else {
            return Err(Error::Outrun {
                table: name.to_string(),
            });
        };
        for source in sources {
            read(&transaction, &source).map_err(|problem| match problem {
                Problem::Catalogue(error) => failed(error),
                Problem::Columns(error) => Error::columns("gather the inlined", &name.to_string())(error),
                Problem::Value { column } => Error::Foreign {
                    subject: name.to_string(),
                    detail: format!("an inlined value of the column {column} that is not of its type"),
                },
            })?;
        }
        Ok(())
    }
}

/// The rows of an inlined table that a snapshot has.
const LIVE: &str = "begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)";

/// Why inlined rows could not be read.
enum Problem {
    Catalogue(rusqlite::Error),
    Columns(ArrowError),
    /// A value that cannot be of its column.
    Value {
        column: String,
    },
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Catalogue(error)
    }
}

/// Returns the SQLite tables that may hold rows at `snapshot`; `None` where they have been dropped.
fn sources(connection: &Connection, snapshot: SnapshotId, table: i64) -> rusqlite::Result<Option<Vec<String>>> {
    let mut live = connection.prepare_cached(
        "SELECT table_name, 0 FROM sekisho_flushed WHERE table_id = ?1 AND snapshot > ?2 AND is_dropped = 0
         UNION ALL SELECT * FROM (SELECT table_name, 0 FROM ducklake_inlined_data_tables WHERE table_id = ?1 ORDER BY schema_version)
         UNION ALL SELECT table_name, 1 FROM sekisho_flushed WHERE table_id = ?1 AND snapshot > ?2 AND is_dropped = 1",
    )?;
    let mut names = Vec::new();
    let mut rows = live.query(params![table, snapshot.0])?;
    while let Some(row) = rows.next()? {
        if row.get(1)? {
            return Ok(None);
        }
        names.push(row.get(0)?);
    }
    Ok(Some(names))
}

fn read_rows(
    connection: &Connection,
    snapshot: SnapshotId,
    source: &str,
    schema: &SchemaRef,
    batches: &mut Vec<RecordBatch>,
) -> Result<(), Problem> {
    let stored = columns_of(connection, source)?;
    let is_stored = |field: &&Arc<Field>| stored.contains(field.name());
    let mut selected: Vec<String> = schema
        .fields()
        .iter()
        .filter(is_stored)
        .map(|field| quoted(field.name()))
        .collect();
    // There is always something to select, also where only the number of rows is asked for.
    selected.push("NULL".to_owned());
    let sql = format!(
        "SELECT {} FROM {} WHERE {LIVE} ORDER BY _rowid_",
        selected.join(", "),
        quoted(source)
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([snapshot.0])?;
    let mut columns = Gathered::new(schema, &stored);
    while let Some(row) = rows.next()? {
        columns.push(row)?;
        if columns.rows == BATCH_ROWS {
            let full = std::mem::replace(&mut columns, Gathered::new(schema, &stored));
            batches.push(full.finish()?);
        }
    }
    if columns.rows > 0 {
        batches.push(columns.finish()?);
    }
    Ok(())
}

/// Rows on their way from SQLite into columns.
struct Gathered<'a> {
    schema: &'a SchemaRef,
    /// One for each column; `None` where the rows do not have it.
    builders: Vec<Option<Builder>>,
    rows: usize,
}

impl<'a> Gathered<'a> {
    fn new(schema: &'a SchemaRef, stored: &[String]) -> Self {
        let builders = schema
            .fields()
            .iter()
            .map(|field| Builder::new(field.data_type()).filter(|_| stored.contains(field.name())))
            .collect();
        Self {
            schema,
            builders,
            rows: 0,
        }
    }

    fn push(&mut self, row: &Row<'_>) -> Result<(), Problem> {
        let columns = self.builders.iter_mut().zip(self.schema.fields());
        for (position, (builder, field)) in columns.filter_map(|(b, f)| Some((b.as_mut()?, f))).enumerate() {
            builder.push(row.get_ref(position)?).ok_or_else(|| Problem::Value {
                column: field.name().clone(),
            })?;
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self) -> Result<RecordBatch, Problem> {
        let columns = self
            .builders
            .into_iter()
            .zip(self.schema.fields())
            .map(|(builder, field)| match builder {
                Some(builder) => builder.finish(),
                None => new_null_array(field.data_type(), self.rows),
            })
            .collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(Arc::clone(self.schema), columns, &options).map_err(Problem::Columns)
    }
}

/// Returns the columns of an SQLite table.
fn columns_of(connection: &Connection, source: &str) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached("SELECT name FROM pragma_table_info(?1)")?
        .query_map([source], |row| row.get(0))?
        .collect()
}

/// Keeps new rows of a table, whose ids begin with `first_row`.
pub(super) fn insert_rows(
    transaction: &Transaction<'_>,
    table: i64,
    columns: &[Column],
    plan: &InlinePlan,
    snapshot: SnapshotId,
    first_row: i64,
) -> rusqlite::Result<()> {
    let target = ensure_table(transaction, table, columns)?;
    let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
    let sql = format!(
        "INSERT INTO {}(row_id, begin_snapshot, {}) VALUES (?, ?{})",
        quoted(&target),
        names.join(", "),
        ", ?".repeat(names.len())
    );
    let mut insert = transaction.prepare_cached(&sql)?;
    let mut row_id = first_row;
    let mut text = String::new();
    for batch in &plan.rows {
        let cells: Vec<Option<Cells<'_>>> = batch.columns().iter().map(Cells::of).collect();
        for row in 0..batch.num_rows() {
            insert.raw_bind_parameter(1, row_id)?;
            insert.raw_bind_parameter(2, snapshot.0)?;
            for (position, cells) in cells.iter().enumerate() {
                let cell = cells.as_ref().map_or(Cell::Null, |cells| cells.get(row));
                cell.bind(&mut insert, position + 3, &mut text)?;
            }
            insert.raw_execute()?;
            row_id += 1;
        }
    }
    transaction
        .prepare_cached(
            "INSERT INTO sekisho_inlined VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET rows = rows + excluded.rows, bytes = bytes + excluded.bytes",
        )?
        .execute(params![
            table,
            super::commit::signed(plan.new_rows()),
            super::commit::signed(plan.bytes)
        ])?;
    Ok(())
}

/// Returns the SQLite table for rows of the newest version of a table's columns, and makes it where it is missing.
fn ensure_table(transaction: &Transaction<'_>, table: i64, columns: &[Column]) -> rusqlite::Result<String> {
    let version: i64 = transaction
        .prepare_cached("SELECT max(schema_version) FROM ducklake_schema_versions WHERE table_id = ?1")?
        .query_row([table], |row| row.get(0))?;
    let found = transaction
        .prepare_cached(
            "SELECT table_name FROM ducklake_inlined_data_tables WHERE table_id = ?1 AND schema_version = ?2",
        )?
        .query_row([table, version], |row| row.get(0))
        .optional()?;
    if let Some(name) = found {
        return Ok(name);
    }
    let name = format!("ducklake_inlined_data_{table}_{version}");
    let columns: String = columns
        .iter()
        .map(|column| format!(", {} {}", quoted(&column.name), sqlite_type(column.lake_type)))
        .collect();
    transaction.execute_batch(&format!(
        "CREATE TABLE {name}(row_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT{columns})"
    ))?;
    transaction.execute(
        "INSERT INTO ducklake_inlined_data_tables VALUES (?1, ?2, ?3)",
        params![table, name, version],
    )?;
    Ok(name)
}

/// Returns how many inlined rows a table has now.
pub(super) fn live_rows(transaction: &Transaction<'_>, table: i64) -> rusqlite::Result<u64> {
    let mut rows = 0;
    for (source, _) in live_tables(transaction, table)? {
        let sql = format!("SELECT count(*) FROM {} WHERE end_snapshot IS NULL", quoted(&source));
        rows += transaction.query_row(&sql, [], |row| super::unsigned(row, 0))?;
    }
    Ok(rows)
}

/// Moves the inlined rows of a table aside: `snapshot` has them in a segment.
pub(super) fn move_aside(
    transaction: &Transaction<'_>,
    table: i64,
    snapshot: SnapshotId,
    read_from: Option<SnapshotId>,
) -> rusqlite::Result<()> {
    let now_us = Timestamp::now().as_microsecond();
    for (source, version) in live_tables(transaction, table)? {
        let aside = format!("sekisho_flushed_{table}_{version}_{}", snapshot.0);
        transaction.execute_batch(&format!("ALTER TABLE {} RENAME TO {aside}", quoted(&source)))?;
        transaction.execute(
            "INSERT INTO sekisho_flushed VALUES (?1, ?2, ?3, ?4, 0)",
            params![aside, table, snapshot.0, now_us],
        )?;
    }
    transaction.execute("DELETE FROM ducklake_inlined_data_tables WHERE table_id = ?1", [table])?;
    transaction.execute("DELETE FROM sekisho_inlined WHERE table_id = ?1", [table])?;
    let first = read_from.map_or(snapshot, |first| first.min(snapshot));
    drop_flushed(transaction, first, now_us.saturating_sub(FLUSHED_KEPT_US))
}

/// Drops what was flushed before `before_us` and by the snapshot `first`. That it was there stays known, so that a reader
/// who comes too late is told.
pub(super) fn drop_flushed(transaction: &Transaction<'_>, first: SnapshotId, before_us: i64) -> rusqlite::Result<()> {
    let old: Vec<(String, i64)> = transaction
        .prepare("SELECT table_name, table_id FROM sekisho_flushed WHERE flushed_us < ?1 AND snapshot <= ?2 AND is_dropped = 0")?
        .query_map([before_us, first.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (aside, table) in old {
        transaction.execute_batch(&format!("DROP TABLE {}", quoted(&aside)))?;
        transaction.execute(
            "DELETE FROM sekisho_flushed WHERE table_id = ?1 AND is_dropped = 1",
            [table],
        )?;
        transaction.execute(
            "UPDATE sekisho_flushed SET is_dropped = 1 WHERE table_name = ?1",
            [aside],
        )?;
    }
    Ok(())
}

fn live_tables(transaction: &Transaction<'_>, table: i64) -> rusqlite::Result<Vec<(String, i64)>> {
    transaction
        .prepare_cached("SELECT table_name, schema_version FROM ducklake_inlined_data_tables WHERE table_id = ?1")?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Returns the type with which DuckDB declares a column of inlined rows in SQLite.
fn sqlite_type(lake_type: LakeType) -> &'static str {
    match lake_type {
        LakeType::Varchar | LakeType::Float64 | LakeType::TimestampTz => "VARCHAR",
        LakeType::Int64 | LakeType::Boolean => "BIGINT",
    }
}

/// Returns a name as SQL spells it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
