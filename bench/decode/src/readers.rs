//! The readers that are compared. All give Arrow batches and none keeps them.

use std::error::Error;
use std::io::BufRead;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use sekisho_decode::{Options, Rejected, Sink, SinkError, limits};
use sekisho_event::catalogue::{Catalogue, ColumnType, Table};

use crate::input::Format;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Our decoder: typed columns, dictionaries, row identity and original text.
    Ours,
    /// `arrow-csv` or `arrow-json` into the same column types, without dictionaries, identity or original text.
    Arrow,
}

impl Reader {
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "sekisho" => Ok(Self::Ours),
            "arrow" => Ok(Self::Arrow),
            _ => Err(format!("unknown reader `{name}`")),
        }
    }

    /// Reads to the end and returns the rows.
    pub(crate) fn read(self, format: Format, mut input: Box<dyn BufRead>) -> Result<usize, Box<dyn Error>> {
        match (self, format) {
            (Self::Ours, _) => ours(input.as_mut()),
            (Self::Arrow, Format::ElfCsv) => arrow_csv(format, input),
            (Self::Arrow, Format::RtemNdjson) => arrow_json(format, input),
        }
    }
}

/// Counts and forgets.
#[derive(Default)]
struct Forgetful {
    rows: usize,
}

impl Sink for Forgetful {
    fn batch(&mut self, _: &Arc<Table>, batch: RecordBatch) -> Result<(), SinkError> {
        self.rows += batch.num_rows();
        Ok(())
    }

    fn rejected(&mut self, row: Rejected) -> Result<(), SinkError> {
        Err(format!("line {}: {}", row.line, row.reason).into())
    }
}

fn ours(input: &mut dyn BufRead) -> Result<usize, Box<dyn Error>> {
    let mut sink = Forgetful::default();
    let options = Options {
        file: "bench".to_owned(),
        ..Options::default()
    };
    sekisho_decode::decode(input, &options, &mut sink)?;
    Ok(sink.rows)
}

fn arrow_csv(format: Format, mut input: Box<dyn BufRead>) -> Result<usize, Box<dyn Error>> {
    let header = first_line(input.as_mut())?;
    let names = header.trim_end().split(',').map(|name| name.trim_matches('"'));
    let schema = peer_schema(format, names)?;
    let reader = arrow_csv::ReaderBuilder::new(schema)
        .with_batch_size(limits::BATCH_ROWS)
        .build_buffered(input)?;
    count(reader)
}

fn arrow_json(format: Format, input: Box<dyn BufRead>) -> Result<usize, Box<dyn Error>> {
    let table = table(format)?;
    let schema = peer_schema(format, table.columns.iter().map(|column| column.name.as_str()))?;
    let reader = arrow_json::ReaderBuilder::new(schema)
        .with_batch_size(limits::BATCH_ROWS)
        .build(input)?;
    count(reader)
}

fn count(
    batches: impl Iterator<Item = Result<RecordBatch, arrow::error::ArrowError>>,
) -> Result<usize, Box<dyn Error>> {
    let mut rows = 0;
    for batch in batches {
        rows += batch?.num_rows();
    }
    Ok(rows)
}

fn first_line(input: &mut dyn BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line)
}

/// The catalogue's types where the peer can read them: text without dictionaries, and ELF's own times as text.
fn peer_schema<'n>(format: Format, names: impl Iterator<Item = &'n str>) -> Result<SchemaRef, Box<dyn Error>> {
    let table = table(format)?;
    let field = |name: &str| {
        let ty = table.column(name).map_or(ColumnType::Text, |column| column.ty);
        let ty = match ty {
            ColumnType::Integer => DataType::Int64,
            ColumnType::Decimal => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Time if name != "TIMESTAMP" => utc_by_offset(),
            _ => DataType::Utf8,
        };
        Field::new(name, ty, true)
    };
    Ok(Arc::new(Schema::new(names.map(field).collect::<Vec<_>>())))
}

/// The peers read `UTC` only with zone data built in; the offset is the same to them.
fn utc_by_offset() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
}

fn table(format: Format) -> Result<&'static Table, String> {
    let found = Catalogue::builtin().table(format.table());
    found
        .map(AsRef::as_ref)
        .ok_or_else(|| format!("no table {}", format.table()))
}
