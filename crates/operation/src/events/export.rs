//! Everything that a search finds, as a file.
//!
//! The events come in the order of time although no sort holds them all: the hours that have events are cut into slices
//! of about as many, and the slices are read and sorted one after the other, each when the one before has been taken.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::DataType;
use sekisho_event::cells;
use sekisho_event::common::{COLUMNS, EVENTS};
use sekisho_event::time::{MICROS_PER_HOUR, Micros, Range};
use sekisho_store::SqlResult;

use super::reading::{Condition, Reading, select_events};
use super::types::{Export, ExportFormat, ExportRequest};
use super::{rows, time_text};
use crate::Error;
use crate::caller::Caller;
use crate::csv::{Cell, write_line};

/// The events of a slice: few enough to sort in memory, and so many that reading a segment again for each does not count.
const SLICE_EVENTS: u64 = 200_000;

/// How long a slice may take: as long as a slow line needs for it.
const SLICE_TIMEOUT: Duration = Duration::from_secs(15 * 60);

pub(super) fn export(caller: &Caller, data_dir: &Path, request: &ExportRequest) -> Result<Export, Error> {
    let condition = Condition::new(caller, &request.filter)?;
    let mut reading = Reading::open(caller, data_dir)?.with_timeout(SLICE_TIMEOUT);
    let mut parts: VecDeque<Part> = slices(&mut reading, &condition)?.into_iter().map(Part::Slice).collect();
    if condition.range.is_open() {
        parts.push_back(Part::Undated);
    }
    let (content_type, file_name) = match request.format {
        ExportFormat::Csv => ("text/csv; charset=utf-8", "sekisho-events.csv"),
        ExportFormat::Jsonl => ("application/jsonl; charset=utf-8", "sekisho-events.jsonl"),
    };
    Ok(Export {
        content_type,
        file_name,
        pieces: Box::new(Pieces {
            reading,
            condition,
            parts,
            current: None,
            format: request.format,
            is_header_due: request.format == ExportFormat::Csv,
            is_over: false,
        }),
    })
}

enum Part {
    /// The events of a range.
    Slice(Range),
    /// The events without a time.
    Undated,
}

struct Pieces {
    reading: Reading,
    condition: Condition,
    parts: VecDeque<Part>,
    current: Option<SqlResult>,
    format: ExportFormat,
    is_header_due: bool,
    is_over: bool,
}

impl Iterator for Pieces {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        if std::mem::take(&mut self.is_header_due) {
            return Some(header());
        }
        let batch = self.next_batch().transpose();
        self.is_over = !matches!(batch, Some(Ok(_)));
        Some(batch?.and_then(|batch| piece(self.format, &batch)))
    }
}

impl Pieces {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        loop {
            if self.current.is_none() {
                let Some(part) = self.parts.pop_front() else {
                    return Ok(None);
                };
                self.current = Some(self.reading.start(&self.statement(&part))?);
            }
            match self.current.as_mut().and_then(Iterator::next) {
                Some(batch) => return Ok(Some(batch?)),
                None => self.current = None,
            }
        }
    }

    fn statement(&self, part: &Part) -> String {
        match part {
            Part::Slice(range) => {
                let condition = self.condition.within(*range).dated();
                select_events(&condition, "\"time\", \"event_uid\"", None)
            }
            Part::Undated => {
                let condition = format!("{} AND \"time\" IS NULL", self.condition.at_any_time());
                select_events(&condition, "\"event_uid\"", None)
            }
        }
    }
}

/// Returns ranges that hold every event with a time, in order.
fn slices(reading: &mut Reading, condition: &Condition) -> Result<Vec<Range>, Error> {
    // The hour below or at the time: a plain division would round times before 1970 up.
    let micros = "CAST(\"time\" AS BIGINT)";
    let hour = format!("({micros} - ({micros} % {MICROS_PER_HOUR} + {MICROS_PER_HOUR}) % {MICROS_PER_HOUR})");
    let statement = format!(
        "SELECT {hour} AS hour, count(*) AS events FROM {EVENTS} WHERE {} GROUP BY 1 ORDER BY 1",
        condition.dated()
    );
    let mut slices = Slices {
        whole: condition.range,
        ends: Vec::new(),
        in_last: 0,
    };
    reading.each(&statement, |batch| {
        let [hours, events] = batch.columns() else { return };
        for row in 0..batch.num_rows() {
            let number = |column: &ArrayRef| cells::text(column, row)?.parse::<i64>().ok();
            if let (Some(hour_us), Some(events)) = (number(hours), number(events)) {
                slices.add(hour_us, events.unsigned_abs());
            }
        }
    })?;
    Ok(slices.finish())
}

/// Slices being cut.
struct Slices {
    whole: Range,
    /// Where a slice ends and the next begins.
    ends: Vec<Micros>,
    in_last: u64,
}

impl Slices {
    fn add(&mut self, hour_us: Micros, events: u64) {
        if self.in_last > 0 && self.in_last + events > SLICE_EVENTS {
            self.ends.push(hour_us);
            self.in_last = 0;
        }
        self.in_last += events;
    }

    fn finish(self) -> Vec<Range> {
        if self.in_last == 0 {
            return Vec::new();
        }
        let starts = std::iter::once(self.whole.from_us).chain(self.ends.iter().copied().map(Some));
        let ends = self.ends.iter().copied().map(Some).chain([self.whole.to_us]);
        starts
            .zip(ends)
            .map(|(from_us, to_us)| Range { from_us, to_us })
            .collect()
    }
}

fn header() -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let names = COLUMNS.iter().map(|column| Cell::Text(column.name.into()));
    write_line(&mut out, names).map_err(cannot_write)?;
    Ok(out)
}

fn piece(format: ExportFormat, batch: &RecordBatch) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for row in 0..batch.num_rows() {
        match format {
            ExportFormat::Csv => {
                write_line(&mut out, batch.columns().iter().map(|column| cell(column, row))).map_err(cannot_write)?;
            }
            ExportFormat::Jsonl => {
                serde_json::to_writer(&mut out, &rows::event(batch, row))
                    .map_err(std::io::Error::from)
                    .map_err(cannot_write)?;
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}

fn cell(column: &ArrayRef, row: usize) -> Cell<'_> {
    if let Some(at_us) = cells::time_us(column, row) {
        return Cell::Text(time_text(at_us).into());
    }
    let is_number = matches!(column.data_type(), DataType::Int64 | DataType::Float64);
    match cells::text(column, row) {
        None => Cell::Empty,
        Some(text) if is_number => Cell::Plain(text),
        Some(text) => Cell::Text(text),
    }
}

/// Writing to memory cannot fail; should it, the reader has stopped.
fn cannot_write(_: std::io::Error) -> Error {
    Error::Stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_follow_each_other_and_hold_everything() {
        let whole = Range {
            from_us: Some(-5),
            to_us: None,
        };
        let mut slices = Slices {
            whole,
            ends: Vec::new(),
            in_last: 0,
        };
        for (hour_us, events) in [
            (0, SLICE_EVENTS / 2),
            (10, SLICE_EVENTS / 2),
            (20, 1),
            (30, SLICE_EVENTS * 3),
            (40, 1),
        ] {
            slices.add(hour_us, events);
        }
        let ranges: Vec<(Option<i64>, Option<i64>)> = slices
            .finish()
            .into_iter()
            .map(|range| (range.from_us, range.to_us))
            .collect();
        assert_eq!(
            ranges,
            [
                (Some(-5), Some(20)),
                (Some(20), Some(30)),
                (Some(30), Some(40)),
                (Some(40), None)
            ]
        );
    }

    #[test]
    fn nothing_found_is_no_slice() {
        let slices = Slices {
            whole: Range::default(),
            ends: Vec::new(),
            in_last: 0,
        };
        assert!(slices.finish().is_empty());
    }
}
