//! Batches as events.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use sekisho_event::cells;

use super::time_text;
use super::types::Event;

/// Returns the events of batches of the common columns.
pub(super) fn events(batches: &[RecordBatch]) -> Vec<Event> {
    let of_batch = |batch| (0..RecordBatch::num_rows(batch)).map(move |row| event(batch, row));
    batches.iter().flat_map(of_batch).collect()
}

/// Returns the event of a row of a batch of the common columns.
pub(super) fn event(batch: &RecordBatch, row: usize) -> Event {
    Columns { batch }.event(row)
}

/// Returns the times of the first column, in microseconds.
pub(super) fn times(batches: &[RecordBatch]) -> Vec<Option<i64>> {
    let of_batch = |batch: &RecordBatch| -> Vec<Option<i64>> {
        let rows = 0..batch.num_rows();
        let column = batch.columns().first();
        rows.map(|row| cells::time_us(column?, row)).collect()
    };
    batches.iter().flat_map(of_batch).collect()
}

struct Columns<'a> {
    batch: &'a RecordBatch,
}

impl Columns<'_> {
    fn event(&self, row: usize) -> Event {
        let columns = self;
        Event {
            at_us: columns.column("time", row).and_then(|times| cells::time_us(times, row)),
            event_uid: columns.text("event_uid", row).unwrap_or_default(),
            time: columns.time("time", row),
            org: columns.text("org", row).unwrap_or_default(),
            source: columns.text("source", row).unwrap_or_default(),
            table: columns.text("table", row).unwrap_or_default(),
            kind: columns.text("kind", row),
            action: columns.text("action", row),
            outcome: columns.text("outcome", row),
            actor: columns.text("actor", row),
            actor_id: columns.text("actor_id", row),
            src_ip: columns.text("src_ip", row),
            forwarded_ip: columns.text("forwarded_ip", row),
            user_agent: columns.text("user_agent", row),
            app: columns.text("app", row),
            app_id: columns.text("app_id", row),
            token_id: columns.text("token_id", row),
            login_key: columns.text("login_key", row),
            session_key: columns.text("session_key", row),
            session_level: columns.text("session_level", row),
            object: columns.text("object", row),
            record_id: columns.text("record_id", row),
            target: columns.text("target", row),
            rows: columns.integer("rows", row),
            bytes: columns.integer("bytes", row),
            duration_ms: columns.decimal("duration_ms", row),
            query: columns.text("query", row),
            message: columns.text("message", row),
            request_id: columns.text("request_id", row),
            related_uid: columns.text("related_uid", row),
            country: columns.text("country", row),
            ocsf_class_uid: columns.integer("ocsf_class_uid", row),
            ocsf_activity_id: columns.integer("ocsf_activity_id", row),
            file: columns.text("file", row).unwrap_or_default(),
            line: columns.integer("line", row).unwrap_or_default(),
        }
    }

    fn column(&self, name: &str, row: usize) -> Option<&ArrayRef> {
        let column = self.batch.column_by_name(name)?;
        (!column.is_null(row)).then_some(column)
    }

    fn text(&self, name: &str, row: usize) -> Option<String> {
        cells::text(self.column(name, row)?, row).map(std::borrow::Cow::into_owned)
    }

    fn time(&self, name: &str, row: usize) -> Option<String> {
        cells::time_us(self.column(name, row)?, row).map(time_text)
    }

    fn integer(&self, name: &str, row: usize) -> Option<i64> {
        let numbers = self.column(name, row)?.as_primitive_opt::<Int64Type>()?;
        Some(numbers.value(row))
    }

    fn decimal(&self, name: &str, row: usize) -> Option<f64> {
        let numbers = self.column(name, row)?.as_primitive_opt::<Float64Type>()?;
        Some(numbers.value(row))
    }
}
