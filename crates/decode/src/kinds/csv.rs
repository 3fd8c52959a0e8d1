//! CSV: EventLogFile contents, Data Loader exports, and the tables that people download from Setup pages.

mod guard;
mod plan;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use sekisho_event::catalogue::Table;
use sekisho_event::kind::SourceKind;

use self::guard::without_guard;
use self::plan::{Plan, is_own_export};
use super::log_file;
use super::output::Output;
use crate::build::{Cell, RowTime, Slot};
use crate::input::{CsvRecord, CsvRecords, Stream, TextDecoder};
use crate::route::Router;
use crate::sniff::UTF8_MARK;
use crate::{DecodeError, Options};

/// How many layouts are kept: one for each event type of a file that mixes them. Past it they are worked out anew.
const MAX_LAYOUTS: usize = 256;

/// How the columns of a file go into one table.
struct Layout {
    event_type: String,
    handle: usize,
    slots: Vec<Slot>,
    /// The object whose field history the rows are.
    parent: Option<(Slot, String)>,
    /// The column that may hold a whole file (`LogFile` of EventLogFile records).
    log_file: Option<usize>,
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
    let mut reader = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
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
    let header = read_header(&mut records, &mut decoder, outer_line, output)?;
    let router = Router::new(kind, &options.file);
    let plan = match Plan::of(&header, kind, &router) {
        Ok(plan) => plan,
        // A file inside a row costs only its row.
        Err(what) => {
            return match outer_line {
                Some(line) => output.reject(line, what, header.join(",").as_bytes()),
                None => Err(DecodeError::UnknownKind {
                    file: options.file.clone(),
                    what,
                }),
            };
        }
    };
    let mut rows = Rows {
        router,
        options,
        plan,
        is_own_export: is_own_export(&header),
        header,
        layouts: Vec::new(),
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
        match rows.take(&records, record, output)? {
            Taken::Row => records.take(record),
            Taken::Misfit(reason) => reject(&mut records, record, reason, outer_line, output)?,
        }
    }
}

/// A header that cannot be read is rejected like a row, and then every row misfits it.
fn read_header(
    records: &mut CsvRecords<'_>,
    decoder: &mut TextDecoder,
    outer_line: Option<u64>,
    output: &mut Output<'_>,
) -> Result<Vec<String>, DecodeError> {
    let Some(record) = records.next().map_err(|source| output.read_error(1, source))? else {
        return Ok(Vec::new());
    };
    if let Some(reason) = record.broken {
        reject(records, record, reason.into(), outer_line, output)?;
        return Ok(Vec::new());
    }
    let mut name = |column| {
        let bytes = records.cell(record, column);
        let name = decoder.decode(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes));
        name.trim().to_owned()
    };
    let header = (0..record.columns).map(&mut name).collect();
    records.take(record);
    Ok(header)
}

fn reject(
    records: &mut CsvRecords<'_>,
    record: CsvRecord,
    reason: Cow<'static, str>,
    outer_line: Option<u64>,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let line = records
        .give_up(record)
        .map_err(|source| output.read_error(record.line, source))?;
    output.reject(outer_line.unwrap_or(record.line), reason, &line)
}

/// What became of a record.
enum Taken {
    Row,
    Misfit(Cow<'static, str>),
}

struct Rows<'o> {
    router: Router,
    options: &'o Options,
    header: Vec<String>,
    plan: Plan,
    /// We wrote the file: the marks of our output are undone.
    is_own_export: bool,
    /// The one used last is last.
    layouts: Vec<Layout>,
    decoder: TextDecoder,
    outer_line: Option<u64>,
}

impl Rows<'_> {
    /// Adds a record as a row, or says why it does not fit.
    fn take(
        &mut self,
        records: &CsvRecords<'_>,
        record: CsvRecord,
        output: &mut Output<'_>,
    ) -> Result<Taken, DecodeError> {
        let misfit = |reason: &'static str| Ok(Taken::Misfit(reason.into()));
        if let Some(reason) = record.broken {
            return misfit(reason);
        }
        let expected = self.header.len();
        if record.columns != expected {
            let reason = format!("the row has {} columns, the header {expected}", record.columns);
            return Ok(Taken::Misfit(reason.into()));
        }
        let Some(cells) = Cells::of(records, record, &mut self.decoder) else {
            return misfit("the row is not valid UTF-8");
        };
        if is_header(&self.header, &cells) {
            return Ok(Taken::Row);
        }
        let event_type = match self.plan {
            Plan::ByEventType(column) => cells.get(column).unwrap_or_default(),
            _ => "",
        };
        let line = self.outer_line.unwrap_or(record.line);
        let (layouts, router) = (&mut self.layouts, &mut self.router);
        let Some(layout) = settle_layout(layouts, router, &self.plan, &self.header, event_type, output) else {
            return misfit("the row is of no known table");
        };
        let log_file = layout.log_file.filter(|_| self.outer_line.is_none());
        if let Some(content) = log_file
            .and_then(|column| cells.get(column))
            .filter(|text| log_file::is_content(text))
        {
            log_file::read(line, content, content, self.options, output)?;
            return Ok(Taken::Row);
        }
        let builder = output.builder(layout.handle);
        let before = builder.bytes();
        let mut row = builder.new_row();
        for (column, (slot, name)) in layout.slots.iter().zip(&self.header).enumerate() {
            let cell = cells.get(column).unwrap_or_default();
            let text = if self.is_own_export { without_guard(cell) } else { cell };
            row.put(*slot, Cell::text(name, text));
        }
        if let Some((slot, parent)) = &layout.parent {
            row.put(*slot, Cell::text("ParentType", parent));
        }
        builder.append(line, row, RowTime::InColumns);
        let bytes = builder.bytes() - before;
        output.row_added(layout.handle, bytes)?;
        Ok(Taken::Row)
    }
}

/// Files that were put together have their header again between their rows, with a byte order mark where the file began.
fn is_header(header: &[String], cells: &Cells<'_>) -> bool {
    let mut pairs = header.iter().enumerate();
    pairs.all(|(column, name)| {
        let cell = cells.get(column).unwrap_or_default();
        let bare = || cell.trim_start_matches('\u{feff}').trim_matches('"');
        cell.trim() == name || column == 0 && bare().trim() == name
    })
}

/// The cells of a record as text.
enum Cells<'a> {
    /// One text, and where each cell stands in it.
    Joined(&'a str, &'a [Range<usize>]),
    /// A recoded record has other offsets: each cell is decoded by itself.
    Recoded(Vec<Cow<'a, str>>),
}

impl<'a> Cells<'a> {
    fn of(records: &'a CsvRecords<'_>, record: CsvRecord, decoder: &mut TextDecoder) -> Option<Self> {
        let ranges = records.ranges();
        match decoder.decode(records.text(record))? {
            Cow::Borrowed(text) => {
                let is_cut_well = ranges.iter().all(|cell| text.is_char_boundary(cell.end));
                is_cut_well.then_some(Self::Joined(text, ranges))
            }
            Cow::Owned(_) => {
                let cells = (0..record.columns).map(|column| decoder.decode(records.cell(record, column)));
                cells.collect::<Option<_>>().map(Self::Recoded)
            }
        }
    }

    fn get(&self, column: usize) -> Option<&str> {
        match self {
            Self::Joined(text, ranges) => text.get(ranges.get(column)?.clone()),
            Self::Recoded(cells) => cells.get(column).map(Cow::as_ref),
        }
    }
}

/// Files hold one event type, but nothing makes them: each type has a layout of its own.
fn settle_layout<'l>(
    layouts: &'l mut Vec<Layout>,
    router: &mut Router,
    plan: &Plan,
    header: &[String],
    event_type: &str,
    output: &mut Output<'_>,
) -> Option<&'l Layout> {
    match layouts.iter().rposition(|layout| layout.event_type == event_type) {
        Some(position) => layouts[position..].rotate_left(1),
        None => {
            let table = match plan {
                Plan::ByEventType(_) => router.elf(event_type)?,
                Plan::Whole(table) => Arc::clone(table),
                Plan::Nowhere => return None,
            };
            if layouts.len() == MAX_LAYOUTS {
                layouts.remove(0);
            }
            layouts.push(Layout::new(event_type, header, &table, output));
        }
    }
    layouts.last()
}

impl Layout {
    fn new(event_type: &str, header: &[String], table: &Arc<Table>, output: &mut Output<'_>) -> Self {
        let handle = output.builder_of(table);
        let builder = output.builder(handle);
        let mut slots: Vec<Slot> = header.iter().map(|name| builder.slot(name)).collect();
        let mut parent = None;
        if table.name == "salesforce.FieldHistory"
            && let Some((column, object)) = parent_column(header, &slots, builder.slot("ParentId"))
        {
            slots[column] = builder.slot("ParentId");
            parent = Some((builder.derived_slot("ParentType"), object_spelling(table, &object)));
        }
        let is_record = table.name == "salesforce.EventLogFile";
        let is_file = |name: &String| is_record && name.eq_ignore_ascii_case("LogFile");
        Self {
            event_type: event_type.to_owned(),
            handle,
            log_file: header.iter().position(is_file),
            slots,
            parent,
        }
    }
}

/// `ContactHistory` names its parent in `ContactId`, which names the object: it is known under that name, or it is the one id
/// that is not known. `ParentId` itself names nothing.
fn parent_column(header: &[String], slots: &[Slot], parent: Slot) -> Option<(usize, String)> {
    let known = slots.iter().position(|slot| *slot == parent);
    let unknown = || (0..header.len()).filter(|column| slots[*column] == Slot::Extra);
    let candidates = known.into_iter().chain(unknown().filter(|_| known.is_none()));
    let object = |name: &str| {
        let (object, ending) = name.split_at_checked(name.len().checked_sub(2)?)?;
        let is_object = ending.eq_ignore_ascii_case("id") && !object.eq_ignore_ascii_case("parent");
        is_object.then(|| object.to_owned())
    };
    candidates
        .filter_map(|column| Some((column, object(&header[column])?)))
        .next()
}

/// Data Loader writes headers in capitals; the catalogue knows how the object is spelled.
fn object_spelling(table: &Table, object: &str) -> String {
    let aliases = table.column("ParentId").map_or(&[][..], |column| &column.aliases);
    let objects = aliases.iter().filter_map(|alias| alias.strip_suffix("Id"));
    let known = objects.into_iter().find(|known| known.eq_ignore_ascii_case(object));
    known.unwrap_or(object).to_owned()
}
