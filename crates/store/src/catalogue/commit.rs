//! The one transaction that makes a load visible: segments of any number of tables, new tables and columns, and the
//! records of the files they came from, all or nothing.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::inlined::{self, InlinePlan};
use super::{Catalogue, Column, SnapshotId, evidence, policy};
use crate::error::{Error, Result};
use crate::evidence::StreamRecord;
use crate::inline;
use crate::name::Name;
use crate::report::{Checkpoint, FileRecord};
use crate::retention::PolicyChange;
use crate::segment::{Bounds, ColumnStats, Finished};

/// Everything that one commit adds.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) tables: Vec<TablePlan>,
    /// Files, each with which stream of it.
    pub(crate) files: Vec<(FileRecord, String)>,
    pub(crate) streams: Vec<StreamRecord>,
    pub(crate) checkpoints: Vec<Checkpoint>,
    /// Settings and holds, and the record of what this commit deletes.
    pub(crate) policy: Vec<PolicyChange>,
    /// Whether every answer stays as it was: the same rows in other segments.
    pub(crate) is_rearrangement: bool,
}

/// What one commit adds to one table.
#[derive(Debug)]
pub(crate) struct TablePlan {
    pub(crate) name: Name,
    /// The table as it was when the load began to write to it: id and column ids.
    pub(crate) base: Option<(i64, Vec<i64>)>,
    /// All columns, the new ones last.
    pub(crate) columns: Vec<Column>,
    pub(crate) segments: Vec<Finished>,
    /// Segments that are part of the table no more: their rows are in the new ones, or are to be deleted.
    pub(crate) removed: Vec<Removed>,
    /// What happens to rows that the catalogue itself holds.
    pub(crate) inlined: InlinePlan,
}

/// A segment that leaves its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Removed {
    pub(crate) id: i64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl Catalogue {
    /// Commits `plan` and returns once it is durable: the newest snapshot after it.
    pub(crate) fn commit(&self, plan: &Plan) -> Result<SnapshotId> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(self.error("begin a transaction"))?;
        for table in &plan.tables {
            if is_changed(&transaction, table).map_err(self.error("compare a table"))? {
                return Err(Error::Conflict {
                    table: table.name.to_string(),
                });
            }
        }
        let snapshot = apply(&transaction, plan).map_err(self.error("record the load"))?;
        transaction.commit().map_err(self.error("commit the load"))?;
        drop(connection);
        self.shorten_log();
        Ok(snapshot)
    }
}

/// Returns the present time as DuckLake writes it.
pub(crate) fn snapshot_time() -> String {
    time_text(Timestamp::now().as_microsecond()).unwrap_or_default()
}

/// Returns the microseconds of a time as DuckLake writes it.
pub(super) fn time_us(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

/// Returns a time in microseconds as DuckLake writes it, for years that it writes in that form.
fn time_text(micros: i64) -> Option<String> {
    let time = Timestamp::from_microsecond(micros).ok()?.to_zoned(TimeZone::UTC);
    if time.year() < 1 {
        return None;
    }
    let seconds = time.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let fraction = time.subsec_nanosecond() / 1_000;
    if fraction == 0 {
        return Some(format!("{seconds}+00"));
    }
    let fraction = format!("{fraction:06}");
    Some(format!("{seconds}.{}+00", fraction.trim_end_matches('0')))
}

/// The counters of the snapshot being made.
struct Counters {
    snapshot: SnapshotId,
    schema_version: i64,
    next_catalog_id: i64,
    next_file_id: i64,
    changes: Vec<String>,
    changes_schema: bool,
}

fn apply(transaction: &Transaction<'_>, plan: &Plan) -> rusqlite::Result<SnapshotId> {
    let mut counters = read_counters(transaction)?;
    let newest = match plan.tables.is_empty() {
        true => SnapshotId(counters.snapshot.0 - 1),
        false => counters.snapshot,
    };
    if !plan.tables.is_empty() {
        if plan.tables.iter().any(|table| {
            table
                .base
                .as_ref()
                .is_none_or(|(_, columns)| columns.len() < table.columns.len())
        }) {
            counters.schema_version += 1;
            counters.changes_schema = true;
        }
        for table in &plan.tables {
            apply_table(transaction, table, &mut counters)?;
        }
        if plan.is_rearrangement {
            keep_generation(transaction, counters.snapshot)?;
        }
        write_snapshot(transaction, &counters)?;
    }
    let now = Timestamp::now().as_microsecond();
    for (file, part) in &plan.files {
        write_file(transaction, file, part, now)?;
    }
    for stream in &plan.streams {
        write_file(transaction, &stream.record, &stream.part, now)?;
        evidence::write_stream(transaction, stream, now)?;
    }
    for change in &plan.policy {
        policy::write(transaction, change, now)?;
    }
    for checkpoint in &plan.checkpoints {
        write_checkpoint(transaction, checkpoint, now)?;
    }
    Ok(newest)
}

fn is_changed(transaction: &Transaction<'_>, table: &TablePlan) -> rusqlite::Result<bool> {
    let id: Option<i64> = transaction
        .prepare_cached(
            "SELECT t.table_id FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
             WHERE s.schema_name = ?1 AND t.table_name = ?2 AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL",
        )?
        .query_row([&table.name.schema, &table.name.table], |row| row.get(0))
        .optional()?;
    let (Some(id), Some((base, columns))) = (id, &table.base) else {
        return Ok(id.is_some() || table.base.is_some());
    };
    let now: BTreeSet<i64> = transaction
        .prepare_cached(
            "SELECT column_id FROM ducklake_column WHERE table_id = ?1 AND end_snapshot IS NULL AND parent_column IS NULL",
        )?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if let Some(flushed) = table.inlined.flushed
        && inlined::live_rows(transaction, id)? != flushed
    {
        return Ok(true);
    }
    Ok(id != *base || now != columns.iter().copied().collect() || have_segments_changed(transaction, table, id)?)
}

/// Returns whether another tool ended a segment that is to be removed, or deleted rows of it.
fn have_segments_changed(transaction: &Transaction<'_>, table: &TablePlan, id: i64) -> rusqlite::Result<bool> {
    let mut is_whole = transaction.prepare_cached(
        "SELECT count(*) FROM ducklake_data_file f WHERE f.data_file_id = ?1 AND f.table_id = ?2 AND f.end_snapshot IS NULL
           AND NOT EXISTS (SELECT 1 FROM ducklake_delete_file d WHERE d.data_file_id = f.data_file_id AND d.end_snapshot IS NULL)",
    )?;
    for segment in &table.removed {
        let found: i64 = is_whole.query_row([segment.id, id], |row| row.get(0))?;
        if found != 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read_counters(transaction: &Transaction<'_>) -> rusqlite::Result<Counters> {
    transaction.query_row(
        "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id FROM ducklake_snapshot
         ORDER BY snapshot_id DESC LIMIT 1",
        [],
        |row| {
            Ok(Counters {
                snapshot: SnapshotId(row.get::<_, i64>(0)? + 1),
                schema_version: row.get(1)?,
                next_catalog_id: row.get(2)?,
                next_file_id: row.get(3)?,
                changes: Vec::new(),
                changes_schema: false,
            })
        },
    )
}

fn apply_table(transaction: &Transaction<'_>, table: &TablePlan, counters: &mut Counters) -> rusqlite::Result<()> {
    let (id, known_columns) = match &table.base {
        Some((id, columns)) => (*id, columns.len()),
        None => (create_table(transaction, &table.name, counters)?, 0),
    };
    let new_columns = table.columns.get(known_columns..).unwrap_or_default();
    if !new_columns.is_empty() {
        add_columns(transaction, id, known_columns, new_columns, counters)?;
        if table.base.is_some() {
            counters.changes.push(format!("altered_table:{id}"));
        }
        transaction
            .prepare_cached("INSERT INTO ducklake_schema_versions VALUES (?1, ?2, ?3)")?
            .execute([counters.snapshot.0, counters.schema_version, id])?;
    }
    if !table.removed.is_empty() {
        counters.changes.push(format!("deleted_from_table:{id}"));
        remove_segments(transaction, id, &table.removed, counters)?;
        let before: u64 = table.removed.iter().map(|segment| segment.rows).sum();
        let after: u64 = table.segments.iter().map(|segment| segment.rows).sum();
        if after < before {
            evidence::forget_whole(transaction)?;
        }
    }
    if table.inlined.flushed.is_some() {
        counters.changes.push(format!("inline_flush:{id}"));
        flush(transaction, id, &table.inlined, counters)?;
    }
    if !table.segments.is_empty() {
        if table.inlined.flushed.is_none() {
            counters.changes.push(format!("inserted_into_table:{id}"));
        }
        add_segments(transaction, id, &table.segments, counters)?;
        let stats: Vec<&ColumnStats> = table.segments.iter().flat_map(|segment| &segment.stats).collect();
        merge_table_stats(transaction, id, table, &stats)?;
    }
    if !table.inlined.rows.is_empty() {
        counters.changes.push(format!("inlined_insert:{id}"));
        add_inlined(transaction, id, table, counters)?;
    }
    Ok(())
}

/// Takes inlined rows out of the catalogue. The commit's segments hold them, so they are counted with those.
fn flush(transaction: &Transaction<'_>, table: i64, plan: &InlinePlan, counters: &Counters) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE ducklake_table_stats SET record_count = record_count - ?2 WHERE table_id = ?1")?
        .execute(params![table, signed(plan.flushed.unwrap_or(0))])?;
    inlined::move_aside(transaction, table, counters.snapshot, plan.read_from)
}

/// Keeps rows in the catalogue.
fn add_inlined(transaction: &Transaction<'_>, id: i64, table: &TablePlan, counters: &Counters) -> rusqlite::Result<()> {
    let totals: Option<i64> = transaction
        .prepare_cached("SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let plan = &table.inlined;
    inlined::insert_rows(
        transaction,
        id,
        &table.columns,
        plan,
        counters.snapshot,
        totals.unwrap_or(0),
    )?;
    let sql = match totals {
        Some(_) => {
            "UPDATE ducklake_table_stats SET record_count = record_count + ?2, next_row_id = next_row_id + ?2 WHERE table_id = ?1"
        }
        None => "INSERT INTO ducklake_table_stats VALUES (?1, ?2, ?2, 0)",
    };
    transaction
        .prepare_cached(sql)?
        .execute(params![id, signed(plan.new_rows())])?;
    let stats = inline::column_stats(&table.columns, &plan.rows);
    merge_table_stats(transaction, id, table, &Vec::from_iter(&stats))
}

/// Widens what is known of each column of a table.
fn merge_table_stats(
    transaction: &Transaction<'_>,
    id: i64,
    table: &TablePlan,
    added: &[&ColumnStats],
) -> rusqlite::Result<()> {
    let is_late = |column: &Column| {
        table
            .base
            .as_ref()
            .is_some_and(|(_, known)| !known.contains(&column.id))
    };
    for column in &table.columns {
        let added: Vec<&ColumnStats> = added
            .iter()
            .copied()
            .filter(|stats| stats.column_id == column.id)
            .collect();
        let column = StatsColumn {
            id: column.id,
            is_late: is_late(column),
        };
        merge_column_stats(transaction, id, column, &added)?;
    }
    Ok(())
}

/// A column whose statistics are kept.
#[derive(Clone, Copy)]
struct StatsColumn {
    id: i64,
    /// Whether the table was there before it.
    is_late: bool,
}

/// Ends segments: readers of earlier snapshots still have them, and their files stay until no reader can want them.
fn remove_segments(
    transaction: &Transaction<'_>,
    table: i64,
    removed: &[Removed],
    counters: &Counters,
) -> rusqlite::Result<()> {
    let mut end = transaction.prepare_cached(
        "UPDATE ducklake_data_file SET end_snapshot = ?3 WHERE data_file_id = ?1 AND table_id = ?2 AND end_snapshot IS NULL",
    )?;
    let mut subtract = transaction.prepare_cached(
        "UPDATE ducklake_table_stats SET record_count = record_count - ?2, file_size_bytes = file_size_bytes - ?3
         WHERE table_id = ?1",
    )?;
    for segment in removed {
        end.execute(params![segment.id, table, counters.snapshot.0])?;
        subtract.execute(params![table, signed(segment.rows), signed(segment.bytes)])?;
    }
    Ok(())
}

fn create_table(transaction: &Transaction<'_>, name: &Name, counters: &mut Counters) -> rusqlite::Result<i64> {
    let schema = match schema_id(transaction, &name.schema)? {
        Some(id) => id,
        None => create_schema(transaction, &name.schema, counters)?,
    };
    let id = counters.take_catalog_id();
    transaction
        .prepare_cached("INSERT INTO ducklake_table VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?6, 1)")?
        .execute(params![
            id,
            new_uuid(),
            counters.snapshot.0,
            schema,
            name.table,
            format!("{}/", name.table)
        ])?;
    counters.changes.push(format!(
        "created_table:{}.{}",
        quoted(&name.schema),
        quoted(&name.table)
    ));
    Ok(id)
}

fn schema_id(transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<Option<i64>> {
    transaction
        .prepare_cached("SELECT schema_id FROM ducklake_schema WHERE schema_name = ?1 AND end_snapshot IS NULL")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn create_schema(transaction: &Transaction<'_>, name: &str, counters: &mut Counters) -> rusqlite::Result<i64> {
    let id = counters.take_catalog_id();
    transaction
        .prepare_cached("INSERT INTO ducklake_schema VALUES (?1, ?2, ?3, NULL, ?4, ?5, 1)")?
        .execute(params![id, new_uuid(), counters.snapshot.0, name, format!("{name}/")])?;
    counters.changes.push(format!("created_schema:{}", quoted(name)));
    Ok(id)
}

fn add_columns(
    transaction: &Transaction<'_>,
    table: i64,
    known: usize,
    columns: &[Column],
    counters: &Counters,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO ducklake_column VALUES (?1, ?2, NULL, ?3, ?4, ?5, ?6, NULL, 'NULL', 1, NULL, 'literal', 'duckdb')",
    )?;
    let mut insert_own = transaction.prepare_cached("INSERT INTO sekisho_column VALUES (?1, ?2, ?3)")?;
    for (position, column) in columns.iter().enumerate() {
        let order = (known + position + 1) as i64;
        let type_name = column.lake_type.name();
        insert.execute(params![
            column.id,
            counters.snapshot.0,
            table,
            order,
            column.name,
            type_name
        ])?;
        insert_own.execute(params![table, column.id, column.is_dictionary])?;
    }
    Ok(())
}

fn add_segments(
    transaction: &Transaction<'_>,
    table: i64,
    segments: &[Finished],
    counters: &mut Counters,
) -> rusqlite::Result<()> {
    let totals: Option<(i64, i64, i64)> = transaction
        .prepare_cached(
            "SELECT record_count, next_row_id, file_size_bytes FROM ducklake_table_stats WHERE table_id = ?1",
        )?
        .query_row([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let (mut rows, mut next_row, mut bytes) = totals.unwrap_or_default();
    let mut insert = transaction.prepare_cached(
        "INSERT INTO ducklake_data_file VALUES (?1, ?2, ?3, NULL, NULL, ?4, 1, 'parquet', ?5, ?6, ?7, ?8, NULL, NULL, NULL, NULL)",
    )?;
    let mut insert_own = transaction.prepare_cached("INSERT INTO sekisho_segment VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut insert_part = transaction.prepare_cached("INSERT INTO sekisho_part VALUES (?1, ?2, ?3, ?4)")?;
    let mut insert_stats = transaction
        .prepare_cached("INSERT INTO ducklake_file_column_stats VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL)")?;
    for segment in segments {
        let id = counters.next_file_id;
        counters.next_file_id += 1;
        let (count, size) = (signed(segment.rows), signed(segment.bytes));
        insert.execute(params![
            id,
            table,
            counters.snapshot.0,
            segment.file_name,
            count,
            size,
            segment.footer_bytes,
            next_row
        ])?;
        if let Some(times) = segment.times {
            let (min, max) = (times.range.map(|r| r.0), times.range.map(|r| r.1));
            insert_own.execute(params![id, table, min, max, signed(times.nulls), segment.is_sorted])?;
        }
        for part in &segment.parts {
            insert_part.execute(params![
                id,
                part.kind.extension(),
                signed(part.sums.bytes),
                part.sums.to_blob()
            ])?;
        }
        for stats in &segment.stats {
            let (min, max) = bounds_text(stats);
            insert_stats.execute(params![
                id,
                table,
                stats.column_id,
                signed(stats.bytes),
                signed(stats.values),
                signed(stats.nulls),
                min,
                max
            ])?;
        }
        rows += count;
        next_row += count;
        bytes += size;
    }
    let sql = match totals {
        Some(_) => {
            "UPDATE ducklake_table_stats SET record_count = ?2, next_row_id = ?3, file_size_bytes = ?4 WHERE table_id = ?1"
        }
        None => "INSERT INTO ducklake_table_stats VALUES (?1, ?2, ?3, ?4)",
    };
    transaction
        .prepare_cached(sql)?
        .execute([table, rows, next_row, bytes])?;
    Ok(())
}

/// Widens a column's bounds over the table by those of new segments. Bounds that are not known of any one segment with
/// values are not known of the table: a planner that trusts them would drop rows.
fn merge_column_stats(
    transaction: &Transaction<'_>,
    table: i64,
    column: StatsColumn,
    added: &[&ColumnStats],
) -> rusqlite::Result<()> {
    type Old = (Option<bool>, Option<String>, Option<String>);
    let old: Option<Old> = transaction
        .prepare_cached(
            "SELECT contains_null, min_value, max_value FROM ducklake_table_column_stats WHERE table_id = ?1 AND column_id = ?2",
        )?
        .query_row([table, column.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    // Rows from before a column was there are null in it.
    let had_null = match &old {
        Some((has_null, ..)) => has_null.unwrap_or(true),
        None => column.is_late,
    };
    let has_null = had_null || added.iter().any(|stats| stats.nulls > 0);
    let bounds = match &old {
        // Nulls move no bounds.
        Some((_, min, max)) if added.iter().all(|stats| stats.values == 0) => (min.clone(), max.clone()),
        Some((_, Some(min), Some(max))) => bounds_pair(merged_bounds(parse_bounds(added, min, max), added)),
        Some(_) => (None, None),
        None => bounds_pair(merged_bounds(first_bounds(added), added)),
    };
    let merged = (Some(has_null), bounds.0, bounds.1);
    if old.as_ref() == Some(&merged) {
        return Ok(());
    }
    let sql = match old {
        Some(_) => {
            "UPDATE ducklake_table_column_stats SET contains_null = ?3, min_value = ?4, max_value = ?5 WHERE table_id = ?1 AND column_id = ?2"
        }
        None => "INSERT INTO ducklake_table_column_stats VALUES (?1, ?2, ?3, NULL, ?4, ?5, NULL)",
    };
    transaction
        .prepare_cached(sql)?
        .execute(params![table, column.id, merged.0, merged.1, merged.2])?;
    Ok(())
}

fn first_bounds(added: &[&ColumnStats]) -> Option<Bounds> {
    added.iter().find_map(|stats| stats.bounds)
}

/// Reads stored bounds in the type of the new ones.
fn parse_bounds(added: &[&ColumnStats], min: &str, max: &str) -> Option<Bounds> {
    match first_bounds(added)? {
        Bounds::Integer(..) => Some(Bounds::Integer(min.parse().ok()?, max.parse().ok()?)),
        Bounds::Boolean(..) => Some(Bounds::Boolean(parse_boolean(min)?, parse_boolean(max)?)),
        Bounds::Time(..) => {
            let micros = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond);
            Some(Bounds::Time(micros(min)?, micros(max)?))
        }
    }
}

/// Reads a boolean bound: DuckDB writes one form for files and the other for inlined rows.
fn parse_boolean(text: &str) -> Option<bool> {
    match text {
        "0" | "false" => Some(false),
        "1" | "true" => Some(true),
        _ => None,
    }
}

fn merged_bounds(start: Option<Bounds>, added: &[&ColumnStats]) -> Option<Bounds> {
    added
        .iter()
        .filter(|stats| stats.values > 0)
        .try_fold(start?, |bounds, stats| bounds.widened(stats.bounds?))
}

fn bounds_text(stats: &ColumnStats) -> (Option<String>, Option<String>) {
    bounds_pair(stats.bounds)
}

fn bounds_pair(bounds: Option<Bounds>) -> (Option<String>, Option<String>) {
    let Some(bounds) = bounds else {
        return (None, None);
    };
    match bounds {
        Bounds::Integer(min, max) => (Some(min.to_string()), Some(max.to_string())),
        Bounds::Boolean(min, max) => (Some(i64::from(min).to_string()), Some(i64::from(max).to_string())),
        Bounds::Time(min, max) => match (time_text(min), time_text(max)) {
            (Some(min), Some(max)) => (Some(min), Some(max)),
            _ => (None, None),
        },
    }
}

fn write_snapshot(transaction: &Transaction<'_>, counters: &Counters) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO ducklake_snapshot VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            counters.snapshot.0,
            snapshot_time(),
            counters.schema_version,
            counters.next_catalog_id,
            counters.next_file_id
        ])?;
    transaction
        .prepare_cached("INSERT INTO ducklake_snapshot_changes VALUES (?1, ?2, NULL, NULL, NULL)")?
        .execute(params![counters.snapshot.0, counters.changes.join(",")])?;
    Ok(())
}

/// Notes that a snapshot answers as the one before it does.
fn keep_generation(transaction: &Transaction<'_>, snapshot: SnapshotId) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO sekisho_rearranged SELECT ?1, coalesce(r.generation, s.snapshot_id) FROM ducklake_snapshot s
             LEFT JOIN sekisho_rearranged r USING (snapshot_id) ORDER BY s.snapshot_id DESC LIMIT 1",
        )?
        .execute([snapshot.0])?;
    Ok(())
}

fn write_file(transaction: &Transaction<'_>, file: &FileRecord, part: &str, now: i64) -> rusqlite::Result<()> {
    // A file loaded again keeps the counts of its first load: they say where its rows came from.
    transaction
        .prepare_cached(
            "INSERT INTO sekisho_file(sha256, name, bytes, kind, events, duplicates, rejected, first_loaded, last_loaded, loads, part, seq)
             VALUES (?1, ?2, ?3, coalesce(nullif(?4, ''), (SELECT kind FROM sekisho_file WHERE sha256 = ?1), ''), ?5, ?6, ?7, ?8, ?8, 1, ?9, (SELECT coalesce(max(seq), 0) + 1 FROM sekisho_file))
             ON CONFLICT DO UPDATE SET last_loaded = excluded.last_loaded, loads = loads + 1, part = excluded.part",
        )?
        .execute(params![
            file.sha256,
            file.name,
            signed(file.bytes),
            file.kind,
            signed(file.events),
            signed(file.duplicates),
            signed(file.rejected),
            now,
            part
        ])?;
    Ok(())
}

fn write_checkpoint(transaction: &Transaction<'_>, checkpoint: &Checkpoint, now: i64) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO sekisho_checkpoint VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET position = excluded.position, watermark_us = excluded.watermark_us, updated_us = excluded.updated_us",
        )?
        .execute(params![
            checkpoint.source,
            checkpoint.position,
            checkpoint.watermark_us,
            now
        ])?;
    Ok(())
}

impl Counters {
    fn take_catalog_id(&mut self) -> i64 {
        let id = self.next_catalog_id;
        self.next_catalog_id += 1;
        id
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn new_uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times_as_duckdb_does() {
        for (micros, text) in [
            (1_710_172_800_130_000, Some("2024-03-11 16:00:00.13+00")),
            (0, Some("1970-01-01 00:00:00+00")),
            (-1, Some("1969-12-31 23:59:59.999999+00")),
            (i64::MIN, None),
        ] {
            assert_eq!(time_text(micros).as_deref(), text);
            if let Some(text) = text {
                assert_eq!(time_us(text), Some(micros));
            }
        }
    }

    #[test]
    fn unknown_bounds_stay_unknown() {
        let stats = |values, bounds| ColumnStats {
            column_id: 1,
            bytes: 0,
            values,
            nulls: 0,
            bounds,
        };
        let known = stats(1, Some(Bounds::Integer(3, 5)));
        let wider = stats(1, Some(Bounds::Integer(-7, 4)));
        let empty = stats(0, None);
        let unknown = stats(1, None);
        let merged = |added: &[&ColumnStats]| merged_bounds(first_bounds(added), added);
        assert_eq!(merged(&[&known, &wider, &empty]), Some(Bounds::Integer(-7, 5)));
        assert_eq!(merged(&[&known, &unknown]), None);
        assert_eq!(merged(&[&empty]), None);
    }
}
