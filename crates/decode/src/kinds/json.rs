//! JSON: rows as objects, REST bodies, streaming envelopes, EventLogFile records with their file inside.

mod envelope;
mod layout;
mod named_time;
mod unfit;

use sekisho_event::kind::SourceKind;

use self::envelope::{Envelope, unwrap};
use self::layout::{Layout, Layouts};
use self::named_time::NamedTime;
use self::unfit::Unfit;
use super::log_file;
use super::output::Output;
use crate::build::{Cell, RowTime, Slot};
use crate::input::{JsonValues, Lines, Raw, Stream, TextDecoder, is_body_key, is_row_key};
use crate::json_text::{self, Member};
use crate::route::{Delivery, Routed, Router};
use crate::{DecodeError, Options};

/// Reads one object a line.
pub(crate) fn read_lines(
    stream: Stream<'_>,
    kind: Option<SourceKind>,
    options: &Options,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let mut lines = Lines::new(stream);
    let mut rows = Rows::new(kind, options);
    loop {
        let line = lines.line() + 1;
        match lines.next() {
            Ok(Some(raw)) => rows.raw(line, raw, output)?,
            Ok(None) => return rows.unfit.finish(output),
            Err(source) => {
                output.flush_all()?;
                return Err(output.read_error(line, source));
            }
        }
    }
}

/// Reads objects in any layout.
pub(crate) fn read_values(
    stream: Stream<'_>,
    kind: Option<SourceKind>,
    options: &Options,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let mut rows = Rows::new(kind, options);
    let mut values = JsonValues::new(stream, !rows.router.takes_objects_whole());
    loop {
        let line = values.line();
        match values.next() {
            Ok(Some((line, raw))) => rows.raw(line, raw, output)?,
            Ok(None) => return rows.unfit.finish(output),
            Err(source) => {
                output.flush_all()?;
                return Err(output.read_error(line, source));
            }
        }
    }
}

struct Rows<'o> {
    router: Router,
    options: &'o Options,
    decoder: TextDecoder,
    layouts: Layouts,
    named_time: NamedTime<'o>,
    unfit: Unfit,
}

/// An object to be read.
#[derive(Clone, Copy)]
struct Object<'r, 'a> {
    line: u64,
    text: &'a str,
    members: &'r [Member<'a>],
}

impl<'o> Rows<'o> {
    fn new(kind: Option<SourceKind>, options: &'o Options) -> Self {
        Self {
            router: Router::new(kind, &options.file),
            options,
            decoder: TextDecoder::default(),
            layouts: Layouts::default(),
            named_time: NamedTime::new(options),
            unfit: Unfit::new(&options.file),
        }
    }

    fn raw(&mut self, line: u64, raw: Raw<'_>, output: &mut Output<'_>) -> Result<(), DecodeError> {
        let bytes = match raw {
            Raw::Row(bytes) if bytes.trim_ascii().is_empty() => return Ok(()),
            Raw::Row(bytes) => bytes,
            Raw::Broken { reason, bytes } => return output.reject(line, reason, bytes),
        };
        let Some(text) = self.decoder.decode(bytes) else {
            return output.reject(line, "the row is not valid UTF-8", bytes);
        };
        let members = match json_text::members(&text) {
            Ok(members) => members,
            Err(error) => return output.reject(line, not_an_object(&error), text.as_bytes()),
        };
        let object = Object {
            line,
            text: &text,
            members: &members,
        };
        if self.router.takes_objects_whole() {
            return self.row(object, output);
        }
        if let Some(layout) = self.layouts.find(&members).filter(|layout| layout.is_plain) {
            let time = self.named_time.of(layout, &members);
            return append(object, layout, &[], time, output);
        }
        match rows_of_body(&members) {
            Some(rows) => rows.into_iter().try_for_each(|row| self.row_of_body(line, row, output)),
            None => self.object(object, output),
        }
    }

    /// A body within a body is a row: bodies are not opened twice, however deep they are nested.
    fn row_of_body(&mut self, line: u64, text: &str, output: &mut Output<'_>) -> Result<(), DecodeError> {
        match json_text::members(text) {
            Ok(members) => {
                let members = &members;
                self.object(Object { line, text, members }, output)
            }
            Err(error) => output.reject(line, not_an_object(&error), text.as_bytes()),
        }
    }

    fn object(&mut self, object: Object<'_, '_>, output: &mut Output<'_>) -> Result<(), DecodeError> {
        if let Some(envelope) = unwrap(object.members) {
            return self.payload(object, &envelope, output);
        }
        if let Some(encoded) = log_file_of(object.members) {
            self.unfit.row_fits(output)?;
            return log_file::read(object.line, &encoded, object.text, self.options, output);
        }
        self.row(object, output)
    }

    fn payload(
        &mut self,
        outer: Object<'_, '_>,
        envelope: &Envelope<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        let members = &envelope.payload;
        let routed = match &envelope.object {
            Some(object) => self.router.salesforce_object(object),
            None => self.router.by_keys(members, Delivery::Streamed),
        };
        let Routed::Table(table, parent) = routed else {
            return self.unfit.take(outer.line, &routed, outer.text, output);
        };
        self.unfit.row_fits(output)?;
        let layout = Layout::new(members, &table, parent, output);
        let row = Object { members, ..outer };
        append(row, &layout, &envelope.delivery, RowTime::InColumns, output)
    }

    fn row(&mut self, object: Object<'_, '_>, output: &mut Output<'_>) -> Result<(), DecodeError> {
        if let Some(layout) = self.layouts.find(object.members) {
            let time = self.named_time.of(layout, object.members);
            return append(object, layout, &[], time, output);
        }
        let routed = self.router.object(object.members);
        let Routed::Table(table, parent) = routed else {
            return self.unfit.take(object.line, &routed, object.text, output);
        };
        self.unfit.row_fits(output)?;
        let layout = Layout::new(object.members, &table, parent, output);
        let time = self.named_time.of(&layout, object.members);
        append(object, &layout, &[], time, output)?;
        self.layouts.remember(layout);
        Ok(())
    }
}

fn append(
    object: Object<'_, '_>,
    layout: &Layout,
    delivery: &[Member<'_>],
    time: RowTime<'_>,
    output: &mut Output<'_>,
) -> Result<(), DecodeError> {
    let cells: Vec<_> = object
        .members
        .iter()
        .chain(delivery)
        .map(|(_, raw)| json_text::cell(raw))
        .collect();
    let slots = layout.slots.iter().copied().chain(std::iter::repeat(Slot::Delivery));
    let builder = output.builder(layout.handle);
    let before = builder.bytes();
    let mut row = builder.new_row();
    for (((name, raw), text), slot) in object.members.iter().chain(delivery).zip(&cells).zip(slots) {
        if let Some(text) = text {
            let is_json = !raw.starts_with('"');
            row.put(slot, Cell { name, text, is_json });
        }
    }
    if let Some((slot, parent)) = &layout.parent {
        row.put(*slot, Cell::text("ParentType", parent));
    }
    builder.append(object.line, row, time);
    let bytes = builder.bytes() - before;
    output.row_added(layout.handle, bytes)
}

fn not_an_object(error: &serde_json::Error) -> String {
    format!("not a JSON object: {error}")
}

/// Returns the rows of a REST body (`records`) or a CloudTrail file (`Records`).
fn rows_of_body<'a>(members: &[Member<'a>]) -> Option<Vec<&'a str>> {
    let (_, raw) = members
        .iter()
        .find(|(name, raw)| is_row_key(name) && raw.starts_with('['))?;
    if !members.iter().all(|(name, _)| is_body_key(name)) {
        return None;
    }
    let rows = json_text::elements(raw).ok()?;
    rows.iter().all(|row| row.starts_with('{')).then_some(rows)
}

/// Returns the Base64 content of an EventLogFile record. REST gives a path there, and then the record is a row itself.
fn log_file_of(members: &[Member<'_>]) -> Option<String> {
    let (_, raw) = members
        .iter()
        .find(|(name, raw)| name == "LogFile" && raw.starts_with('"'))?;
    members.iter().find(|(name, _)| name == "EventType")?;
    let text = json_text::cell(raw)?;
    log_file::is_content(&text).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_base64_counts_as_a_log_file() {
        let record = |value: &str| format!("{{\"EventType\":\"Login\",\"LogFile\":{value}}}");
        let found = |value: &str| log_file_of(&json_text::members(&record(value)).unwrap());
        assert_eq!(found("\"YWJj\""), Some("YWJj".to_owned()));
        assert_eq!(
            found("\"/services/data/v60.0/sobjects/EventLogFile/0AT/LogFile\""),
            None
        );
        assert_eq!(found("null"), None);
    }
}
