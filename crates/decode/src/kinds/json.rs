//! JSON: rows as objects, REST bodies, streaming envelopes, EventLogFile records with their file inside.

mod envelope;

use std::sync::Arc;

use base64::Engine;
use sekisho_event::catalogue::Table;
use sekisho_event::kind::SourceKind;
use sekisho_event::time::{CellZone, parse_cell};

use self::envelope::unwrap;
use super::csv;
use super::output::Output;
use crate::build::Slot;
use crate::input::{JsonValues, Lines, Raw, Stream, TextDecoder};
use crate::json_text::{self, Member};
use crate::limits::MAX_LOG_FILE_BYTES;
use crate::route::{Routed, Router, TIME_FIELDS};
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
            Ok(None) => return Ok(()),
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
    let mut values = JsonValues::new(stream);
    let mut rows = Rows::new(kind, options);
    loop {
        // The line is known only once the value has been found; the value borrows the reader, so it is copied out.
        let found = match values.next() {
            Ok(Some(Raw::Row(bytes))) => Ok(bytes.to_vec()),
            Ok(Some(Raw::Broken { reason, bytes })) => Err((reason, bytes.to_vec())),
            Ok(None) => return Ok(()),
            Err(source) => {
                output.flush_all()?;
                return Err(output.read_error(values.line(), source));
            }
        };
        let line = values.line();
        match &found {
            Ok(bytes) => rows.raw(line, Raw::Row(bytes), output)?,
            Err((reason, bytes)) => rows.raw(line, Raw::Broken { reason, bytes }, output)?,
        }
    }
}

/// How rows with the same keys as the last one go into their table.
struct Layout {
    discriminator: Option<String>,
    keys: Vec<String>,
    handle: usize,
    slots: Vec<Slot>,
    parent: Option<String>,
}

struct Rows<'o> {
    router: Router,
    options: &'o Options,
    decoder: TextDecoder,
    layout: Option<Layout>,
}

impl<'o> Rows<'o> {
    fn new(kind: Option<SourceKind>, options: &'o Options) -> Self {
        Self {
            router: Router::new(kind, &options.file),
            options,
            decoder: TextDecoder::default(),
            layout: None,
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
        self.text(line, &text, output)
    }

    fn text(&mut self, line: u64, text: &str, output: &mut Output<'_>) -> Result<(), DecodeError> {
        match json_text::members(text) {
            Ok(members) => self.object(line, text, &members, output),
            Err(error) => output.reject(line, format!("not a JSON object: {error}"), text.as_bytes()),
        }
    }

    fn object(
        &mut self,
        line: u64,
        text: &str,
        members: &[Member<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        if let Some(rows) = rows_of_body(members) {
            return rows.into_iter().try_for_each(|row| self.text(line, row, output));
        }
        if let Some(envelope) = unwrap(members) {
            let routed = self
                .router
                .salesforce_object(&envelope.object)
                .unwrap_or(Routed::Unknown);
            return match routed {
                Routed::Table(table) => self.append(
                    line,
                    &table,
                    &envelope.payload,
                    &envelope.delivery,
                    None,
                    Some(&envelope.object),
                    output,
                ),
                _ => self.misfit(line, &routed, text, output),
            };
        }
        if let Some(log_file) = log_file_of(members) {
            return self.log_file(line, &log_file, text, output);
        }
        let discriminator = discriminator_of(members);
        if self.is_like_last(discriminator.as_deref(), members)
            && let Some(layout) = self.layout.take()
        {
            let appended = self.append_with(line, &layout, members, &[], output);
            self.layout = Some(layout);
            return appended;
        }
        match self.router.object(members) {
            Routed::Table(table) => self.append(line, &table, members, &[], None, discriminator.as_deref(), output),
            Routed::FieldHistory(table, parent) => self.append(
                line,
                &table,
                members,
                &[],
                Some(parent),
                discriminator.as_deref(),
                output,
            ),
            routed => self.misfit(line, &routed, text, output),
        }
    }

    /// The first row decides whether the file is of a known kind; a later one only rejects itself.
    fn misfit(&self, line: u64, routed: &Routed, text: &str, output: &mut Output<'_>) -> Result<(), DecodeError> {
        let file = self.options.file.clone();
        match routed {
            Routed::NotEvents(what) if output.is_empty() => Err(DecodeError::NotEvents { file, what }),
            _ if output.is_empty() => Err(DecodeError::UnknownKind {
                file,
                what: "JSON whose keys no known kind has, and no time".to_owned(),
            }),
            Routed::NotEvents(what) => output.reject(line, *what, text.as_bytes()),
            _ => output.reject(line, "the row is of no known kind", text.as_bytes()),
        }
    }

    fn is_like_last(&self, discriminator: Option<&str>, members: &[Member<'_>]) -> bool {
        self.layout.as_ref().is_some_and(|layout| {
            layout.discriminator.as_deref() == discriminator
                && layout.keys.len() == members.len()
                && layout.keys.iter().zip(members).all(|(key, (name, _))| key == name)
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn append(
        &mut self,
        line: u64,
        table: &Arc<Table>,
        members: &[Member<'_>],
        delivery: &[Member<'_>],
        parent: Option<String>,
        discriminator: Option<&str>,
        output: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        let handle = output.builder_of(table);
        let builder = output.builder(handle);
        let mut slots: Vec<Slot> = members.iter().map(|(name, _)| builder.slot(name)).collect();
        if let Some(parent) = &parent {
            name_parent(members, &mut slots, parent, &builder.slot("ParentId"));
        }
        let keys = members.iter().map(|(name, _)| name.as_ref().to_owned()).collect();
        let layout = Layout {
            discriminator: discriminator.map(str::to_owned),
            keys,
            handle,
            slots,
            parent,
        };
        let appended = self.append_with(line, &layout, members, delivery, output);
        if delivery.is_empty() {
            self.layout = Some(layout);
        }
        appended
    }

    fn append_with(
        &self,
        line: u64,
        layout: &Layout,
        members: &[Member<'_>],
        delivery: &[Member<'_>],
        output: &mut Output<'_>,
    ) -> Result<(), DecodeError> {
        let cells: Vec<_> = members.iter().map(|(_, raw)| json_text::cell(raw)).collect();
        let delivery_cells: Vec<_> = delivery.iter().map(|(_, raw)| json_text::cell(raw)).collect();
        let builder = output.builder(layout.handle);
        let before = builder.bytes();
        let mut row = builder.new_row();
        for (((name, raw), cell), slot) in members.iter().zip(&cells).zip(&layout.slots) {
            // REST adds `attributes` to every record: the type, which is the table, and a link made from the id.
            if let Some(text) = cell.as_deref().filter(|_| name != "attributes") {
                row.put(slot, name, text, !raw.starts_with('"'));
            }
        }
        for ((name, raw), cell) in delivery.iter().zip(&delivery_cells) {
            if let Some(text) = cell.as_deref() {
                row.put(&Slot::Delivery, name, text, !raw.starts_with('"'));
            }
        }
        if let Some(parent) = &layout.parent {
            row.put(&builder.slot("ParentType"), "ParentType", parent, false);
        }
        let time = self.named_time(&builder.table().name, members);
        builder.append(line, row, time);
        let bytes = builder.bytes() - before;
        output.row_added(layout.handle, bytes)
    }

    /// Generic JSON has no columns of its own: its time is found by name (CONTRACT.md, "Generic JSON").
    fn named_time(&self, table: &str, members: &[Member<'_>]) -> Option<i64> {
        if table != "json.events" {
            return None;
        }
        let zone = self
            .options
            .offset_minutes
            .map_or(CellZone::Refuse, CellZone::OffsetMinutes);
        let time_of = |field: &str| {
            let raw = members.iter().find(|(name, _)| name == field)?.1;
            let text = json_text::cell(raw)?;
            parse_cell(text.as_bytes(), zone).or_else(|| epoch_us(&text))
        };
        match &self.options.time_field {
            Some(field) => time_of(field),
            None => TIME_FIELDS.iter().find_map(|field| time_of(field)),
        }
    }

    fn log_file(&mut self, line: u64, encoded: &str, text: &str, output: &mut Output<'_>) -> Result<(), DecodeError> {
        let packed: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let decoded = base64::engine::general_purpose::STANDARD.decode(packed);
        match decoded {
            Ok(bytes) if bytes.len() > MAX_LOG_FILE_BYTES => {
                output.reject(line, "LogFile is too long", text.as_bytes())
            }
            Ok(bytes) => csv::read_nested(&bytes, line, self.options, output),
            Err(error) => output.reject(line, format!("LogFile is not Base64: {error}"), text.as_bytes()),
        }
    }
}

/// Returns the rows of a REST body (`records`) or a CloudTrail file (`Records`).
fn rows_of_body<'a>(members: &[Member<'a>]) -> Option<Vec<&'a str>> {
    let raw = members
        .iter()
        .find(|(name, raw)| matches!(name.as_ref(), "records" | "Records") && raw.starts_with('['))?
        .1;
    let rows = json_text::elements(raw).ok()?;
    rows.iter().all(|row| row.starts_with('{')).then_some(rows)
}

/// Returns the Base64 content of an EventLogFile record. REST gives a path there, and then the record is a row itself.
fn log_file_of(members: &[Member<'_>]) -> Option<String> {
    members.iter().find(|(name, _)| name == "EventType")?;
    let raw = members
        .iter()
        .find(|(name, raw)| name == "LogFile" && raw.starts_with('"'))?
        .1;
    let text = json_text::cell(raw)?;
    (!text.is_empty() && !text.starts_with('/') && !text.starts_with("http")).then(|| text.into_owned())
}

/// Returns the value that decides a row's table, where one does.
fn discriminator_of(members: &[Member<'_>]) -> Option<String> {
    let is_one = |name: &str| {
        matches!(
            name,
            "EVENT_TYPE" | "attributes" | "subcomponent" | "message" | "path" | "logName"
        )
    };
    let mut found: Option<String> = None;
    for (name, raw) in members.iter().filter(|(name, _)| is_one(name)) {
        let part = match name.as_ref() {
            "attributes" => json_text::members(raw)
                .ok()
                .and_then(|inner| crate::route::text_of(&inner, "type")),
            // Of these only one fact decides: whether it is this text, or starts like that.
            "message" => Some((*raw == "\"Rack_Attack\"").to_string()),
            "path" => Some(raw.starts_with("\"/api/").to_string()),
            "logName" => Some(raw.contains("cloudaudit").to_string()),
            _ => json_text::cell(raw).map(|text| text.into_owned()),
        };
        let found = found.get_or_insert_default();
        found.push_str(part.as_deref().unwrap_or_default());
        found.push('\n');
    }
    found
}

/// `ContactHistory` names its parent in `ContactId`.
fn name_parent(members: &[Member<'_>], slots: &mut [Slot], parent: &str, parent_id: &Slot) {
    let own_name = format!("{}Id", parent.trim_end_matches("__c"));
    let position = members
        .iter()
        .position(|(name, _)| name.eq_ignore_ascii_case(&own_name));
    if let Some(position) = position.filter(|_| !slots.contains(parent_id)) {
        slots[position] = parent_id.clone();
    }
}

/// Numbers in a time field are seconds, milliseconds, microseconds or nanoseconds since 1970: told by their size, which
/// is unambiguous from 1973 to 5138.
fn epoch_us(text: &str) -> Option<i64> {
    let number: f64 = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite() && *number > 0.0)?;
    let to_us = match number {
        number if number < 1e11 => 1e6,
        number if number < 1e14 => 1e3,
        number if number < 1e17 => 1.0,
        number if number < 1e20 => 1e-3,
        _ => return None,
    };
    Some((number * to_us) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_time_fields_are_told_by_size() {
        let second = 1_700_000_000_000_000;
        for text in [
            "1700000000",
            "1700000000000",
            "1700000000000000",
            "1700000000000000000",
            "1700000000.0",
        ] {
            assert_eq!(epoch_us(text), Some(second), "{text}");
        }
        assert_eq!(["-1", "0", "NaN", "1e300", "x"].map(epoch_us), [None; 5]);
    }

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
