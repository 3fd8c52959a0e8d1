//! `tables`: what there is to ask, with or without a store.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::datatypes::SchemaRef;
use sekisho_event::catalogue::{Catalogue, Retention, Table};
use sekisho_event::common::{self, EVENTS};
use sekisho_event::layout;
use sekisho_event::text::Text;
use sekisho_event::time::{MICROS_PER_DAY, to_rfc3339};
use sekisho_store::{KnownTables, RetentionKind, RetentionSetting, TableStat, in_force};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Error;
use crate::caller::{Caller, Permission};
use crate::source::open_store;

/// One table (CONTRACT.md, `tables`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TableRow {
    /// `<schema>.<table>`.
    pub table: String,
    /// `table`, or `view` for the common table.
    #[schema(example = "table")]
    pub kind: &'static str,
    /// Rows stored.
    pub events: u64,
    /// The first event, RFC 3339.
    #[schema(required)]
    pub from: Option<String>,
    /// The last event, RFC 3339.
    #[schema(required)]
    pub to: Option<String>,
    /// When the oldest stored event ages out, RFC 3339: here, where `keeps_days` is set, else at the platform.
    #[schema(required)]
    pub ages_out: Option<String>,
    /// Where it ages out then: `store` or `platform`.
    #[schema(required, example = "platform")]
    pub ages_out_at: Option<&'static str>,
    /// Days the platform keeps it: as set for this store, else by default.
    #[schema(required)]
    pub retention_days: Option<u32>,
    /// Days this store keeps it; `null` for ever.
    #[schema(required)]
    pub keeps_days: Option<u32>,
    /// What one row is.
    pub about: Text,
}

/// One column (CONTRACT.md, `tables NAME`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ColumnRow {
    /// Its name.
    pub column: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// The unit of its numbers.
    #[schema(required)]
    pub unit: Option<String>,
    /// What it means.
    pub meaning: Text,
    /// What about it is a guess.
    pub doubt: Vec<String>,
}

/// A table with its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TableColumns {
    /// `<schema>.<table>`.
    pub table: String,
    /// What one row is.
    pub about: Text,
    /// Its columns, in order.
    pub columns: Vec<ColumnRow>,
}

/// The catalogue as the store asks for it: every table can be queried before its first row.
#[derive(Debug, Clone, Copy)]
pub struct CatalogueTables;

impl KnownTables for CatalogueTables {
    fn names(&self) -> Vec<String> {
        let tables = Catalogue::builtin().tables().iter().map(|table| table.name.clone());
        tables.chain([EVENTS.to_owned()]).collect()
    }

    fn schema_of(&self, name: &str) -> Option<SchemaRef> {
        if name == EVENTS {
            return Some(common::schema());
        }
        Catalogue::builtin()
            .table_or_unknown(name)
            .map(|table| layout::schema_of(&table))
    }
}

/// Returns every table of the catalogue and of the store, in that order. A directory without a store has no events.
///
/// # Errors
/// The store cannot be read.
pub fn tables(caller: &Caller, data_dir: &Path) -> Result<Vec<TableRow>, Error> {
    caller.may(Permission::Read)?;
    let (mut stored, settings) = stats(data_dir)?;
    let mut rows = vec![common_row(stored.remove(EVENTS).as_ref())];
    for table in Catalogue::builtin().tables() {
        rows.push(table_row(table, stored.remove(&table.name).as_ref(), &settings));
    }
    for (name, stat) in stored {
        rows.push(match Catalogue::builtin().table_or_unknown(&name) {
            Some(table) => table_row(&table, Some(&stat), &settings),
            None => {
                let retention = Retained::of(&name, None, &settings);
                row(&name, "table", Some(&stat), retention, Text::default())
            }
        });
    }
    Ok(rows)
}

/// Returns a table of the catalogue or of the store with its columns, in whatever case it is named.
///
/// # Errors
/// There is no such table, or the store cannot be read.
pub fn table(caller: &Caller, data_dir: &Path, name: &str) -> Result<TableColumns, Error> {
    caller.may(Permission::Read)?;
    if name.eq_ignore_ascii_case(EVENTS) {
        return Ok(TableColumns {
            table: EVENTS.to_owned(),
            about: common_about(),
            columns: common_columns(),
        });
    }
    let catalogue = Catalogue::builtin();
    if let Some(table) = catalogue.table(name) {
        return Ok(with_columns(table));
    }
    let stored = stats(data_dir)?
        .0
        .into_keys()
        .find(|stored| stored.eq_ignore_ascii_case(name));
    let table = stored.and_then(|stored| catalogue.table_or_unknown(&stored));
    let table = table.ok_or_else(|| Error::NoTable(name.to_owned()))?;
    Ok(with_columns(&table))
}

type Stored = (BTreeMap<String, TableStat>, Vec<RetentionSetting>);

fn stats(data_dir: &Path) -> Result<Stored, Error> {
    match open_store(data_dir) {
        Ok(store) => {
            let stats = store.tables()?.into_iter().map(|stat| (stat.name.clone(), stat));
            Ok((stats.collect(), store.retention()?))
        }
        Err(Error::Store(sekisho_store::Error::NoStore { .. })) => Ok(Stored::default()),
        Err(error) => Err(error),
    }
}

fn common_row(stat: Option<&TableStat>) -> TableRow {
    row(EVENTS, "view", stat, Retained::default(), common_about())
}

fn common_about() -> Text {
    Text::of(
        "what all events have in common; `table` and `event_uid` lead to the whole row",
        "全イベント共通の列。`table` と `event_uid` から元の行をたどれます",
    )
}

fn with_columns(table: &Table) -> TableColumns {
    TableColumns {
        table: table.name.clone(),
        about: table.about.clone(),
        columns: typed_columns(table),
    }
}

fn table_row(table: &Table, stat: Option<&TableStat>, settings: &[RetentionSetting]) -> TableRow {
    let retention = Retained::of(&table.name, table.retention.as_ref(), settings);
    row(&table.name, "table", stat, retention, table.about.clone())
}

/// How many days a table's rows are kept.
#[derive(Debug, Clone, Copy, Default)]
struct Retained {
    /// Here; `None` for ever.
    keeps_days: Option<u32>,
    /// At the platform; `None` where they do not age out or nobody knows.
    platform_days: Option<u32>,
}

impl Retained {
    fn of(table: &str, usual: Option<&Retention>, settings: &[RetentionSetting]) -> Self {
        let set = |kind| in_force(settings, table, kind).map(|found| found.setting.days);
        Self {
            keeps_days: set(RetentionKind::Keep).flatten(),
            platform_days: set(RetentionKind::Platform).unwrap_or(usual.map(|usual| usual.days)),
        }
    }

    /// Returns what the date on which rows age out follows from.
    fn ages_out(self) -> Option<(u32, &'static str)> {
        let here = self.keeps_days.map(|days| (days, "store"));
        here.or(self.platform_days.map(|days| (days, "platform")))
    }
}

fn row(name: &str, kind: &'static str, stat: Option<&TableStat>, retention: Retained, about: Text) -> TableRow {
    let first_us = stat.and_then(|stat| stat.from);
    let ages_out = first_us.zip(retention.ages_out()).and_then(|(first, (days, place))| {
        let time_us = first.checked_add(i64::from(days) * MICROS_PER_DAY)?;
        Some((to_rfc3339(time_us), place))
    });
    TableRow {
        table: name.to_owned(),
        kind,
        events: stat.map_or(0, |stat| stat.events),
        from: first_us.map(to_rfc3339),
        to: stat.and_then(|stat| stat.to).map(to_rfc3339),
        ages_out_at: ages_out.as_ref().map(|(_, place)| *place),
        ages_out: ages_out.map(|(time, _)| time),
        retention_days: retention.platform_days,
        keeps_days: retention.keeps_days,
        about,
    }
}

fn typed_columns(table: &Table) -> Vec<ColumnRow> {
    let mut rows: Vec<ColumnRow> = layout::LEADING
        .iter()
        .filter_map(|name| Some(system_column(name, system_meaning(name)?)))
        .collect();
    rows.extend(table.columns.iter().map(|column| ColumnRow {
        column: column.name.clone(),
        ty: column.ty.name().to_owned(),
        unit: column.unit.clone(),
        meaning: column.meaning.clone(),
        doubt: column.doubt.clone(),
    }));
    for (index, name) in layout::normalised_columns(table) {
        let source = &table.columns[index];
        let unit = source
            .normalised()
            .map(|normalised| normalised.suffix.trim_start_matches('_').to_owned());
        let meaning = Text::of(
            format!("{} in one unit over all tables", source.name),
            format!("{} を全テーブル共通の単位に揃えた値", source.name),
        );
        rows.push(ColumnRow {
            column: name,
            ty: "decimal".to_owned(),
            unit,
            meaning,
            doubt: source.doubt.clone(),
        });
    }
    let trailing = [layout::ORIGINAL, layout::EXTRA];
    rows.extend(
        trailing
            .iter()
            .filter_map(|name| Some(system_column(name, system_meaning(name)?))),
    );
    rows
}

fn common_columns() -> Vec<ColumnRow> {
    let schema = common::schema();
    let rows = common::COLUMNS.iter().zip(schema.fields());
    let row = |(column, field): (&common::CommonColumn, &arrow::datatypes::FieldRef)| ColumnRow {
        column: column.name.to_owned(),
        ty: match field.data_type() {
            arrow::datatypes::DataType::Int64 => "integer",
            arrow::datatypes::DataType::Float64 => "decimal",
            arrow::datatypes::DataType::Timestamp(..) => "time",
            _ => "text",
        }
        .to_owned(),
        unit: (column.name == "duration_ms").then(|| "ms".to_owned()),
        meaning: Text::of(column.en, column.ja),
        doubt: Vec::new(),
    };
    rows.map(row).collect()
}

fn system_column(name: &str, meaning: Text) -> ColumnRow {
    let ty = match name {
        layout::TIME => "time",
        layout::LINE => "integer",
        layout::ORIGINAL | layout::EXTRA => "json",
        _ => "text",
    };
    ColumnRow {
        column: name.to_owned(),
        ty: ty.to_owned(),
        unit: None,
        meaning,
        doubt: Vec::new(),
    }
}

fn system_meaning(name: &str) -> Option<Text> {
    let (en, ja) = match name {
        layout::UID => (
            "identity of the row: a hash over table, org and every cell",
            "行の識別子(テーブル、組織、全セルのハッシュ)",
        ),
        layout::TIME => ("when it happened (UTC)", "発生日時(UTC)"),
        layout::ORG => ("the org or instance it happened in", "発生した組織またはインスタンス"),
        layout::SOURCE => ("the kind of input it came from", "入力の種類"),
        layout::FILE => ("file it came from", "取り込み元ファイル"),
        layout::LINE => ("line in the file, from 1", "ファイル内の行番号(1 起点)"),
        layout::ORIGINAL => (
            "original text of cells that the typed value does not print back",
            "型付きの値から復元できないセルの元の文字列",
        ),
        layout::EXTRA => ("columns that the catalogue does not know", "カタログにない列"),
        _ => return None,
    };
    Some(Text::of(en, ja))
}
