//! The tables about the store itself, made from the catalogue when they are asked for.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::{Field, Schema};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;

use crate::catalogue::LoadedFile;
use crate::catalogue::evidence::ContentId;
use crate::error::{Error, Result};
use crate::evidence::ReachKind;
use crate::name::Name;
use crate::reconcile::Reconciled;
use crate::report::FileRecord;
use crate::retention::Deletion;
use crate::store::Inner;

/// The schema of the tables about the store itself.
const OWN_SCHEMA: &str = "sekisho";

/// The tables in it that are made from the catalogue.
const OWN_TABLES: [&str; 4] = ["deletions", "differences", "files", "reconciliation"];

/// Returns the names of the tables about the store itself.
pub(super) fn names() -> impl Iterator<Item = Name> {
    OWN_TABLES.into_iter().map(|table| Name {
        schema: OWN_SCHEMA.to_owned(),
        table: table.to_owned(),
    })
}

/// Returns a table about the store itself; `None` where `name` is not of one.
pub(super) fn table(store: &Inner, name: &Name) -> Result<Option<Arc<dyn TableProvider>>> {
    if name.schema != OWN_SCHEMA {
        return Ok(None);
    }
    let columns = match name.table.as_str() {
        "files" => files(store)?,
        "reconciliation" => reconciliation(store)?,
        "differences" => differences(store)?,
        "deletions" => deletions(store)?,
        _ => return Ok(None),
    };
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, values)| Field::new(*name, values.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = columns.into_iter().map(|(_, values)| values).collect();
    let batch =
        RecordBatch::try_new(Arc::clone(&schema), columns).map_err(Error::columns("list", &name.to_string()))?;
    let table = MemTable::try_new(schema, vec![vec![batch]]).map_err(|error| Error::SqlFailed {
        message: error.strip_backtrace(),
    })?;
    Ok(Some(Arc::new(table)))
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn files(store: &Inner) -> Result<Columns> {
    let files = store.catalogue.loaded_files()?;
    let reaches = store.catalogue.reach_of_contents()?;
    let reach = |file: &LoadedFile| {
        let content = ContentId {
            sha256: file.record.sha256.clone(),
            part: file.part.clone(),
        };
        reaches.get(&content).copied()
    };
    let said = |value: fn(&FileRecord) -> &str| text(files.iter().map(|file| Some(value(&file.record))));
    let count = |value: fn(&FileRecord) -> u64| number(files.iter().map(|file| value(&file.record)));
    Ok(vec![
        ("name", said(|file| &file.name)),
        ("sha256", said(|file| &file.sha256)),
        ("bytes", count(|file| file.bytes)),
        ("kind", said(|file| &file.kind)),
        ("events", count(|file| file.events)),
        ("duplicates", count(|file| file.duplicates)),
        ("rejected", count(|file| file.rejected)),
        ("first_loaded", time(files.iter().map(|file| Some(file.first_loaded)))),
        ("last_loaded", time(files.iter().map(|file| Some(file.last_loaded)))),
        (
            "loads",
            Arc::new(Int64Array::from_iter_values(files.iter().map(|file| file.loads))),
        ),
        (
            "reach",
            text(files.iter().map(|file| reach(file).map(|reach| reach.kind.name()))),
        ),
        (
            "reach_from",
            time(files.iter().map(|file| reach(file).map(|reach| reach.from_us))),
        ),
        (
            "reach_by",
            text(files.iter().map(|file| reach(file).map(|reach| reach.by.name()))),
        ),
    ])
}

/// Returns the record of what retention deleted.
fn deletions(store: &Inner) -> Result<Columns> {
    let all = store.catalogue.deletions()?;
    let said = |value: fn(&Deletion) -> &str| text(all.iter().map(|(_, deletion)| Some(value(deletion))));
    Ok(vec![
        ("table", said(|deletion| &deletion.table)),
        ("rows", number(all.iter().map(|(_, deletion)| deletion.rows))),
        ("from", time(all.iter().map(|(_, deletion)| deletion.from_us))),
        ("to", time(all.iter().map(|(_, deletion)| deletion.to_us))),
        ("cause", said(|deletion| &deletion.cause)),
        ("deleted", time(all.iter().map(|(deleted, _)| Some(*deleted)))),
    ])
}

fn reconciliation(store: &Inner) -> Result<Columns> {
    let all = store.catalogue.reconciliations()?;
    let said = |value: fn(&Reconciled) -> &str| text(all.iter().map(|(found, ..)| Some(value(found))));
    let count = |value: fn(&Reconciled) -> u64| number(all.iter().map(|(found, ..)| value(found)));
    let hours: Vec<String> = all
        .iter()
        .map(|(found, ..)| {
            let hours: Vec<String> = found.missing_hours().map(|hour| hour.to_string()).collect();
            hours.join(",")
        })
        .collect();
    Ok(vec![
        ("table", said(|found| &found.table)),
        ("org", said(|found| &found.org)),
        ("day", time(all.iter().map(|(found, ..)| Some(found.day_us)))),
        ("hourly", count(|found| found.hourly)),
        ("daily", count(|found| found.daily)),
        ("both", count(|found| found.both)),
        ("only_hourly", count(|found| found.only_hourly)),
        ("only_daily", count(|found| found.only_daily)),
        ("hours_missing", text(hours.iter().map(|hours| Some(hours.as_str())))),
        ("hourly_files", count(|found| found.hourly_files)),
        ("daily_files", count(|found| found.daily_files)),
        ("made", time(all.iter().map(|(_, made_us, _)| Some(*made_us)))),
        ("superseded", time(all.iter().map(|(.., superseded_us)| *superseded_us))),
    ])
}

fn differences(store: &Inner) -> Result<Columns> {
    let all = store.catalogue.differences()?;
    let side = |side: ReachKind| match side {
        ReachKind::Hour => "hourly",
        ReachKind::Day => "daily",
    };
    Ok(vec![
        ("table", text(all.iter().map(|(unit, _)| Some(unit.table.as_str())))),
        ("org", text(all.iter().map(|(unit, _)| Some(unit.org.as_str())))),
        ("day", time(all.iter().map(|(unit, _)| Some(unit.day_us)))),
        ("only_in", text(all.iter().map(|(_, row)| Some(side(row.side))))),
        ("uid", text(all.iter().map(|(_, row)| Some(row.uid.as_str())))),
        ("file", text(all.iter().map(|(_, row)| Some(row.file.as_str())))),
        (
            "line",
            Arc::new(Int64Array::from_iter_values(all.iter().map(|(_, row)| row.line))),
        ),
    ])
}

fn text<'v>(values: impl Iterator<Item = Option<&'v str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn number(values: impl Iterator<Item = u64>) -> ArrayRef {
    let values = values.map(|value| i64::try_from(value).unwrap_or(i64::MAX));
    Arc::new(Int64Array::from_iter_values(values))
}

fn time(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}
