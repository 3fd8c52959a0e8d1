//! CSV: EventLogFile contents, Data Loader exports, and the tables that people download from Setup pages.

use std::borrow::Cow;

use sekisho_event::kind::SourceKind;

use super::output::Output;
use crate::build::Slot;
use crate::input::{CsvRecord, CsvRecords, Stream, TextDecoder};
use crate::route::Router;
use crate::{DecodeError, Options};

/// How the columns of a file go into one table.
struct Layout {
    event_type: String,
    handle: usize,
    slots: Vec<Slot>,
}

/// Reads the stream.
pub(crate) fn read(
    stream: Stream<'_>,
    delimiter: u8,
    kind: Option<SourceKind>,
    options: &Options,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    read_at(stream, delimiter, kind, options, None, output)
}

/// Reads CSV that stands inside a row (`LogFile` of an EventLogFile record); its rows have the outer row's line.
pub(crate) fn read_nested(
    bytes: &[u8],
    outer_line: u64,
    options: &Options,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let mut reader = bytes;
    read_at(
        Stream::new(&mut reader),
        b',',
        Some(SourceKind::SalesforceElf),
        options,
        Some(outer_line),
        output,
    )
}

fn read_at(
    stream: Stream<'_>,
    delimiter: u8,
    kind: Option<SourceKind>,
    options: &Options,
    outer_line: Option<u64>,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let mut records = CsvRecords::new(stream, delimiter);
    let mut decoder = TextDecoder::default();
    let header = match records.next().map_err(|source| output.read_error(1, source))? {
        Some(record) => {
            let names = header_of(&records, record, &mut decoder);
            records.take(record);
            names
        }
        None => Vec::new(),
    };
    let mut rows = Rows {
        router: Router::new(kind, &options.file),
        event_type: header.iter().position(|name| name == "EVENT_TYPE"),
        header,
        layout: None,
        decoder,
        outer_line,
    };
    loop {
        let record = match records.next() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(()),
            Err(source) => {
                output.flush_all()?;
                return Err(output.read_error(records.line(), source));
            }
        };
        if let Err(reason) = rows.take(&records, record, output)? {
            let line = records
                .give_up(record)
                .map_err(|source| output.read_error(record.line, source))?;
            output.reject(outer_line.unwrap_or(record.line), reason, &line)?;
        } else {
            records.take(record);
        }
    }
}

fn header_of(records: &CsvRecords<'_>, record: CsvRecord, decoder: &mut TextDecoder) -> Vec<String> {
    let name = |column| {
        let bytes = records.cell(column);
        decoder
            .decode(bytes)
            .map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), Cow::into_owned)
    };
    (0..record.columns)
        .map(name)
        .map(|name| name.trim().to_owned())
        .collect()
}

struct Rows {
    router: Router,
    header: Vec<String>,
    event_type: Option<usize>,
    layout: Option<Layout>,
    decoder: TextDecoder,
    outer_line: Option<u64>,
}

impl Rows {
    /// Adds a record as a row, or says why it does not fit.
    fn take(
        &mut self,
        records: &CsvRecords<'_>,
        record: CsvRecord,
        output: &mut Output<'_>,
    ) -> Result<Result<(), String>, DecodeError> {
        if let Some(reason) = record.broken {
            return Ok(Err(reason.to_owned()));
        }
        if record.columns != self.header.len() {
            return Ok(Err(format!(
                "the row has {} columns, the header {}",
                record.columns,
                self.header.len()
            )));
        }
        let Some(cells) = self.cells(records, record) else {
            return Ok(Err("the row is not valid UTF-8".to_owned()));
        };
        if !self.settle_layout(&cells, output) {
            return Ok(Err("the row is of no known table".to_owned()));
        }
        let Some(layout) = &self.layout else {
            return Ok(Err("the row is of no known table".to_owned()));
        };
        let builder = output.builder(layout.handle);
        let before = builder.bytes();
        let mut row = builder.new_row();
        for ((slot, name), cell) in layout.slots.iter().zip(&self.header).zip(&cells) {
            row.put(slot, name, cell, false);
        }
        builder.append(self.outer_line.unwrap_or(record.line), row, None);
        let bytes = builder.bytes() - before;
        output.row_added(layout.handle, bytes)?;
        Ok(Ok(()))
    }

    fn cells<'a>(&mut self, records: &'a CsvRecords<'_>, record: CsvRecord) -> Option<Vec<Cow<'a, str>>> {
        let joined = records.cells(record);
        match self.decoder.decode(joined)? {
            Cow::Borrowed(text) => {
                let mut start = 0;
                let cut = |end: &usize| {
                    let cell = text.get(start..*end).map(Cow::Borrowed);
                    start = *end;
                    cell
                };
                records.ends(record).iter().map(cut).collect()
            }
            // A recoded row has other offsets: each cell is decoded by itself.
            Cow::Owned(_) => (0..record.columns)
                .map(|column| self.decoder.decode(records.cell(column)))
                .collect(),
        }
    }

    /// Files hold one event type, but nothing makes them: the table is looked up anew where the type changes.
    fn settle_layout(&mut self, cells: &[Cow<'_, str>], output: &mut Output<'_>) -> bool {
        let event_type = self.event_type.map_or("", |column| cells[column].as_ref());
        if self
            .layout
            .as_ref()
            .is_some_and(|layout| layout.event_type == event_type)
        {
            return true;
        }
        let table = if self.event_type.is_some() {
            self.router.elf(event_type)
        } else {
            let names: Vec<&str> = self.header.iter().map(String::as_str).collect();
            self.router.header(&names)
        };
        let Some(table) = table else { return false };
        let handle = output.builder_of(&table);
        let builder = output.builder(handle);
        let mut slots: Vec<Slot> = self.header.iter().map(|name| builder.slot(name)).collect();
        if table.name == "salesforce.FieldHistory"
            && let Some((column, slot)) = parent_column(&self.header, &slots, &builder.slot("ParentId"))
        {
            slots[column] = slot;
        }
        self.layout = Some(Layout {
            event_type: event_type.to_owned(),
            handle,
            slots,
        });
        true
    }
}

/// `ContactHistory` names its parent in `ContactId`: where there is no `ParentId`, the one id that is not known is it.
fn parent_column(header: &[String], slots: &[Slot], parent: &Slot) -> Option<(usize, Slot)> {
    if slots.contains(parent) {
        return None;
    }
    let is_id = |name: &String| name.to_ascii_lowercase().ends_with("id");
    let column = (0..header.len()).find(|column| slots[*column] == Slot::Extra && is_id(&header[*column]))?;
    Some((column, parent.clone()))
}
