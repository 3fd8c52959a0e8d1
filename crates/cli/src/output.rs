//! Writing answers: `table`, `json`, `jsonl` and `csv` from the same rows.

mod csv;
mod safe;
mod table;

use std::io::{self, BufWriter, StdoutLock, Write};

use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use safe::printable;

/// A row of an answer: its columns in order.
pub(crate) type Row = Map<String, Value>;

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Columns for people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    JsonLines,
    /// CSV that is safe to open in a spreadsheet.
    Csv,
}

impl Format {
    /// The names that `--format` takes.
    pub(crate) const NAMES: [&str; 4] = ["table", "json", "jsonl", "csv"];

    /// Returns the format of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Table, Self::Json, Self::JsonLines, Self::Csv]
            .into_iter()
            .zip(Self::NAMES)
            .find(|(_, known)| *known == name)
            .map(|(format, _)| format)
    }
}

/// Standard output, buffered.
pub(crate) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(io::stdout().lock())
}

/// Returns a record as a row.
pub(crate) fn row_of(record: &impl Serialize) -> Row {
    match serde_json::to_value(record) {
        Ok(Value::Object(row)) => row,
        Ok(other) => Row::from_iter([("value".to_owned(), other)]),
        Err(_) => Row::new(),
    }
}

/// Writes a list of records.
pub(crate) fn rows<T: Serialize>(out: &mut impl Write, format: Format, records: &[T]) -> io::Result<()> {
    let mut writer = RowWriter::new(out, format);
    records.iter().try_for_each(|record| writer.row(row_of(record)))?;
    writer.finish()
}

/// Writes one record: as a document, or as a list of one.
pub(crate) fn record(out: &mut impl Write, format: Format, record: &impl Serialize) -> io::Result<()> {
    match format {
        Format::Json => writeln!(out, "{:#}", Value::Object(row_of(record))),
        _ => rows(out, format, std::slice::from_ref(record)),
    }
}

/// Writes rows as they come.
pub(crate) struct RowWriter<'w, W: Write> {
    out: &'w mut W,
    format: Format,
    header: Vec<String>,
    waiting: Vec<Row>,
    written: u64,
    widths: Vec<usize>,
}

/// Rows that a table looks at before it settles its widths: enough to look right, few enough to start at once.
const TABLE_LOOK_AHEAD_ROWS: usize = 1_000;

impl<'w, W: Write> RowWriter<'w, W> {
    pub(crate) fn new(out: &'w mut W, format: Format) -> Self {
        Self {
            out,
            format,
            header: Vec::new(),
            waiting: Vec::new(),
            written: 0,
            widths: Vec::new(),
        }
    }

    /// Names the columns before any row has come, so that an empty answer still has a header.
    pub(crate) fn columns(&mut self, names: Vec<String>) {
        self.header = names;
    }

    pub(crate) fn row(&mut self, row: Row) -> io::Result<()> {
        if self.header.is_empty() {
            self.header = row.keys().cloned().collect();
        }
        match self.format {
            Format::Json => self.json_row(&row),
            Format::JsonLines => writeln!(self.out, "{}", Value::Object(row)),
            Format::Csv => self.csv_row(&row),
            Format::Table => self.table_row(row),
        }
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        match self.format {
            Format::Json if self.written == 0 => writeln!(self.out, "[]")?,
            Format::Json => writeln!(self.out, "\n]")?,
            Format::Csv if self.written == 0 && !self.header.is_empty() => csv::header(self.out, &self.header)?,
            Format::Table => self.flush_table()?,
            _ => {}
        }
        self.out.flush()
    }

    fn json_row(&mut self, row: &Row) -> io::Result<()> {
        write!(self.out, "{}", if self.written == 0 { "[\n" } else { ",\n" })?;
        self.written += 1;
        let text = serde_json::to_string(row).map_err(io::Error::other)?;
        write!(self.out, "  {text}")
    }

    fn csv_row(&mut self, row: &Row) -> io::Result<()> {
        if self.written == 0 {
            csv::header(self.out, &self.header)?;
        }
        self.written += 1;
        csv::row(self.out, &self.header, row)
    }

    fn table_row(&mut self, row: Row) -> io::Result<()> {
        self.waiting.push(row);
        if self.waiting.len() >= TABLE_LOOK_AHEAD_ROWS {
            self.flush_table()
        } else {
            Ok(())
        }
    }

    fn flush_table(&mut self) -> io::Result<()> {
        if self.widths.is_empty() && !self.header.is_empty() {
            self.widths = table::widths(&self.header, &self.waiting);
            table::header(self.out, &self.header, &self.widths)?;
        }
        for row in std::mem::take(&mut self.waiting) {
            table::row(self.out, &self.header, &self.widths, &row)?;
        }
        Ok(())
    }
}

/// Returns a value as one cell of text; `None` for null.
fn cell(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
