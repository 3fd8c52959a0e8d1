//! Typed batches of one table, built row by row.

mod column;
mod identity;
mod members;
mod words;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Builder, RecordBatch, StringBuilder, StringDictionaryBuilder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Int32Type, SchemaRef};
use arrow::error::ArrowError;
use sekisho_event::catalogue::Table;
use sekisho_event::identity::UID_HEX_LEN;
use sekisho_event::ids::{OrgId, UNKNOWN_ORG};
use sekisho_event::layout;
use sekisho_event::time::{CellZone, Zone};

use self::column::ColumnBuilder;
use self::identity::RowIdentity;
use self::members::{MemberColumns, TakenOut};
use crate::json_text::ObjectWriter;
use crate::limits::{BATCH_BYTES, BATCH_ROWS, MAX_TIME_CHARS};

/// What a cell takes in a batch beside its text (an offset or a key, and its validity), so that rows of empty cells count.
const CELL_OVERHEAD_BYTES: usize = 8;

/// Where a cell of an input column goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Into a catalogue column.
    Column(usize),
    /// Into a catalogue column, outside the row's identity: told from the form of the row, not from a cell of it.
    Derived(usize),
    /// Into `_extra`, under its own name.
    Extra,
    /// Into `_extra`, outside the row's identity: how the row was delivered, not what it says.
    Delivery,
    /// Nowhere: it says again what the table says.
    Nowhere,
}

/// What is the same for all rows of a stream.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) kind: &'static str,
    pub(crate) file: String,
    pub(crate) org: Option<OrgId>,
    pub(crate) zone: Option<Zone>,
    pub(crate) blank_is_absent: bool,
}

/// A cell of a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    /// The text is JSON rather than a string.
    pub(crate) is_json: bool,
}

impl<'a> Cell<'a> {
    pub(crate) fn text(name: &'a str, text: &'a str) -> Self {
        Self {
            name,
            text,
            is_json: false,
        }
    }
}

/// The cells of one row, put in catalogue order as they come.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    cells: Vec<Option<&'a str>>,
    derived: Option<(usize, &'a str)>,
    extras: Vec<(Cell<'a>, Slot)>,
    blank_is_absent: bool,
    bytes: usize,
}

impl<'a> Row<'a> {
    /// Adds a cell. A second cell for a column (a duplicate key, or two spellings of one name) is kept in `_extra`.
    pub(crate) fn put(&mut self, slot: Slot, cell: Cell<'a>) {
        if self.blank_is_absent && cell.text.is_empty() {
            return;
        }
        self.bytes += cell.text.len();
        match slot {
            Slot::Column(index) if self.cells[index].is_none() => self.cells[index] = Some(cell.text),
            Slot::Derived(index) => self.derived = Some((index, cell.text)),
            Slot::Nowhere => {}
            Slot::Column(_) | Slot::Extra | Slot::Delivery => self.extras.push((cell, slot)),
        }
    }
}

/// Where the time of a row stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowTime<'a> {
    /// In the table's time columns.
    InColumns,
    /// It has been read: generic JSON names its time field.
    At(i64),
    /// There is text for it which could not be read.
    Unread(Cow<'a, str>),
}

/// Rows of a table whose time could not be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Undated {
    pub(crate) rows: u64,
    /// The first of them: its line and the beginning of the text.
    pub(crate) first: Option<(u64, String)>,
}

/// Returns the vector, emptied, for cells that live for another time: its memory is used again.
fn recycle<'b>(mut cells: Vec<Option<&str>>) -> Vec<Option<&'b str>> {
    cells.clear();
    cells.into_iter().map(|_| None).collect()
}

/// Builds the batches of one table.
pub(crate) struct TableBuilder {
    table: Arc<Table>,
    schema: SchemaRef,
    origin: Origin,
    by_name: HashMap<String, usize>,
    columns: Vec<ColumnBuilder>,
    identity: RowIdentity,
    members: MemberColumns,
    time_columns: Vec<usize>,
    org_columns: Vec<usize>,
    normalised: Vec<(usize, f64)>,
    uids: StringBuilder,
    times: TimestampMicrosecondBuilder,
    orgs: StringDictionaryBuilder<Int32Type>,
    lines: Int64Builder,
    originals: StringBuilder,
    extras: StringBuilder,
    original: ObjectWriter,
    extra: ObjectWriter,
    spare: Vec<Option<&'static str>>,
    rows: usize,
    bytes: usize,
    undated: Undated,
}

impl TableBuilder {
    pub(crate) fn new(table: Arc<Table>, origin: Origin) -> Self {
        let by_name = names(&table);
        let positions = |names: &[String]| names.iter().filter_map(|name| by_name.get(name).copied()).collect();
        let (time_columns, org_columns) = (positions(&table.time), positions(&table.org));
        let normalised = layout::normalised_columns(&table).into_iter();
        let normalised = normalised.filter_map(|(index, _)| Some((index, table.columns[index].normalised()?.factor)));
        Self {
            schema: layout::schema_of(&table),
            columns: table.columns.iter().map(ColumnBuilder::new).collect(),
            identity: RowIdentity::of(&table),
            members: MemberColumns::of(&table),
            normalised: normalised.collect(),
            time_columns,
            org_columns,
            by_name,
            table,
            origin,
            uids: StringBuilder::new(),
            times: TimestampMicrosecondBuilder::new().with_data_type(layout::instant()),
            orgs: StringDictionaryBuilder::new(),
            lines: Int64Builder::new(),
            originals: StringBuilder::new(),
            extras: StringBuilder::new(),
            original: ObjectWriter::default(),
            extra: ObjectWriter::default(),
            spare: Vec::new(),
            rows: 0,
            bytes: 0,
            undated: Undated::default(),
        }
    }

    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Returns where a cell of this name goes. Names are compared as they are, then without regard to case.
    pub(crate) fn slot(&self, name: &str) -> Slot {
        let found = self
            .by_name
            .get(name)
            .or_else(|| self.by_name.get(&name.to_ascii_lowercase()));
        found.map_or(Slot::Extra, |index| Slot::Column(*index))
    }

    /// Returns where a value goes that is told from the form of a row.
    pub(crate) fn derived_slot(&self, name: &str) -> Slot {
        self.by_name
            .get(name)
            .map_or(Slot::Nowhere, |index| Slot::Derived(*index))
    }

    pub(crate) fn new_row<'a>(&mut self) -> Row<'a> {
        let mut cells = recycle(std::mem::take(&mut self.spare));
        cells.resize(self.columns.len(), None);
        Row {
            cells,
            derived: None,
            extras: Vec::new(),
            blank_is_absent: self.origin.blank_is_absent,
            bytes: self.columns.len() * CELL_OVERHEAD_BYTES,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.bytes >= BATCH_BYTES
    }

    /// Returns the rows that have no time although they should.
    pub(crate) fn undated(&self) -> &Undated {
        &self.undated
    }

    /// Adds a row.
    pub(crate) fn append(&mut self, line: u64, mut row: Row<'_>, time: RowTime<'_>) {
        // Extras are sorted so that the order of columns in a file does not change the row's identity.
        row.extras.sort_by(|(left, _), (right, _)| left.name.cmp(right.name));
        let taken_out = self.members.take_out(&row.cells);
        let uid = self.append_org_and_hash(&row, &taken_out);
        // Hex digits are always UTF-8.
        self.uids.append_value(std::str::from_utf8(&uid).unwrap_or_default());
        self.lines.append_value(i64::try_from(line).unwrap_or(i64::MAX));
        if let Some((index, text)) = row.derived {
            row.cells[index].get_or_insert(text);
        }
        self.append_cells(&row, &taken_out);
        let time = self.settle_time(line, &row, time);
        self.times.append_option(time);
        self.append_extras(&row);
        self.bytes += row.bytes;
        self.rows += 1;
        self.spare = recycle(row.cells);
    }

    /// Returns the rows so far as a batch and starts a new one.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(self.uids.finish()),
            Arc::new(self.times.finish()),
            Arc::new(self.orgs.finish()),
            column::word(self.origin.kind, rows)?,
            column::word(&self.origin.file, rows)?,
            Arc::new(self.lines.finish()),
        ];
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(ColumnBuilder::finish).collect();
        let normalised: Vec<ArrayRef> = self
            .normalised
            .iter()
            .map(|(index, factor)| column::scaled(&columns[*index], *factor))
            .collect();
        arrays.extend(columns);
        arrays.extend(normalised);
        arrays.push(Arc::new(self.originals.finish()));
        arrays.push(Arc::new(self.extras.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
    }

    fn append_org_and_hash(&mut self, row: &Row<'_>, taken_out: &TakenOut) -> [u8; UID_HEX_LEN] {
        let from_cell = || {
            let cells = self.org_columns.iter();
            cells
                .filter_map(|index| row.cells[*index].or_else(|| taken_out.get(index).map(String::as_str)))
                .find(|text| !text.is_empty())
        };
        let org = match &self.origin.org {
            Some(org) => org.as_str(),
            None => from_cell().map_or(UNKNOWN_ORG, OrgId::spelling_of_cell),
        };
        self.orgs.append_value(org);
        self.identity.of_row(org, row)
    }

    fn append_cells(&mut self, row: &Row<'_>, taken_out: &TakenOut) {
        self.original.clear();
        let zone = self.origin.zone.as_ref().map_or(CellZone::Refuse, CellZone::In);
        for (index, cell) in row.cells.iter().enumerate() {
            let cell = cell.or_else(|| taken_out.get(&index).map(String::as_str));
            let is_kept = self.columns[index].append(cell, zone);
            if let (false, Some(text)) = (is_kept, cell) {
                self.original.string(&self.table.columns[index].name, text);
            }
        }
        self.originals.append_option(self.original.finish());
    }

    fn settle_time(&mut self, line: u64, row: &Row<'_>, time: RowTime<'_>) -> Option<i64> {
        let mut columns = self.time_columns.iter();
        let unread = match time {
            RowTime::At(at_us) => return Some(at_us),
            RowTime::Unread(text) => Some(text),
            RowTime::InColumns => {
                if let Some(at_us) = columns.clone().find_map(|index| self.columns[*index].last_time()) {
                    return Some(at_us);
                }
                let cells = columns.find_map(|index| row.cells[*index].filter(|text| !text.trim().is_empty()));
                cells.map(Cow::Borrowed)
            }
        };
        if let Some(text) = unread {
            self.undated.rows += 1;
            let excerpt = || (line, text.chars().take(MAX_TIME_CHARS).collect());
            self.undated.first.get_or_insert_with(excerpt);
        }
        None
    }

    fn append_extras(&mut self, row: &Row<'_>) {
        self.extra.clear();
        for (extra, _) in &row.extras {
            if extra.is_json {
                self.extra.json(extra.name, extra.text);
            } else {
                self.extra.string(extra.name, extra.text);
            }
        }
        self.extras.append_option(self.extra.finish());
    }
}

/// Returns the position of every column by its name, its aliases, and (where they are free) its lower-case name.
fn names(table: &Table) -> HashMap<String, usize> {
    let mut names = HashMap::new();
    for (index, column) in table.columns.iter().enumerate() {
        names.insert(column.name.clone(), index);
    }
    for (index, column) in table.columns.iter().enumerate() {
        for alias in &column.aliases {
            names.entry(alias.clone()).or_insert(index);
        }
    }
    for (index, column) in table.columns.iter().enumerate() {
        for name in std::iter::once(&column.name).chain(&column.aliases) {
            names.entry(name.to_ascii_lowercase()).or_insert(index);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use arrow::array::AsArray;
    use sekisho_event::catalogue::Catalogue;

    use super::*;

    fn uid_under(table: Table) -> String {
        let origin = Origin {
            kind: "salesforce-elf",
            file: "x".to_owned(),
            org: None,
            zone: None,
            blank_is_absent: true,
        };
        let mut builder = TableBuilder::new(Arc::new(table), origin);
        let mut row = builder.new_row();
        for (name, text) in [
            ("AAA_UNKNOWN", "0"),
            ("CLIENT_IP", "192.0.2.1"),
            ("METHOD", "GET"),
            ("ZZZ_UNKNOWN", "1"),
        ] {
            row.put(builder.slot(name), Cell::text(name, text));
        }
        builder.append(1, row, RowTime::InColumns);
        let batch = builder.finish().unwrap();
        batch.column(0).as_string::<i32>().value(0).to_owned()
    }

    #[test]
    fn a_row_keeps_its_identity_when_the_catalogue_learns_a_column() {
        let known = Table::clone(Catalogue::builtin().table("salesforce_elf.RestApi").unwrap());
        let mut before = known.clone();
        before.columns.retain(|column| column.name != "METHOD");
        let mut reordered = known.clone();
        reordered.columns.reverse();
        let uid = uid_under(known);
        assert_eq!([uid_under(before), uid_under(reordered)], [uid.clone(), uid]);
    }
}
