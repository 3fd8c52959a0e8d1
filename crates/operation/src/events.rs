//! Searching the events of the store: pages, histogram, facets, one event and what surrounds it, and export.
//!
//! Every answer is limited to the orgs that the [`Caller`] may see, inside the engine and not after it.

mod cursor;
mod export;
mod facets;
mod histogram;
mod one;
mod page;
mod reading;
mod rollup;
mod rows;
mod search;
mod surrounding;
mod types;

use std::path::Path;

use sekisho_event::common::{COLUMNS, CommonColumn};
use sekisho_event::text::Text;
use sekisho_event::time::{Micros, to_rfc3339};

use crate::Error;
use crate::caller::{Caller, Permission};

pub use types::{
    CellValue, Event, EventDetail, EventFilter, EventPage, Export, ExportFormat, ExportRequest, Facet, FacetValue,
    Facets, FacetsRequest, FieldAbout, FieldList, FieldValue, Histogram, HistogramRequest, SearchRequest, Sort,
    Surrounding, SurroundingBy, SurroundingRequest, TableAbout,
};

/// The most events of a page: what a console can hold and a person scrolls through.
pub const MAX_PAGE_EVENTS: usize = 1_000;

/// The events of a page where none are asked for.
pub const DEFAULT_PAGE_EVENTS: usize = 100;

/// The most bars of a histogram: more than a wide screen has room for.
pub const MAX_BUCKETS: usize = 500;

/// The bars of a histogram where no number is asked for.
pub const DEFAULT_BUCKETS: usize = 120;

/// The most fields that facets count at once: each is a pass over its column.
pub const MAX_FACET_FIELDS: usize = 12;

/// The values of each facet.
pub const FACET_VALUES: usize = 10;

/// The fields that facets count where none are named.
pub const DEFAULT_FACET_FIELDS: [&str; 8] = [
    "org",
    "table",
    "actor",
    "app",
    "src_ip",
    "user_agent",
    "object",
    "outcome",
];

/// The most events on each side of a surrounded one.
pub const MAX_SURROUNDING_EVENTS: usize = 200;

/// The events on each side where no number is asked for.
pub const DEFAULT_SURROUNDING_EVENTS: usize = 20;

/// Returns a page of the events that a search finds, by time and then by identity; those without a time come last in
/// either order.
///
/// # Errors
/// The search is not understood, the cursor is not one of ours, or the store cannot be read.
pub fn search(caller: &Caller, data_dir: &Path, request: &SearchRequest) -> Result<EventPage, Error> {
    search::search(caller, data_dir, request)
}

/// Returns how many events a search finds, by time.
///
/// # Errors
/// The search is not understood, or the store cannot be read.
pub fn histogram(caller: &Caller, data_dir: &Path, request: &HistogramRequest) -> Result<Histogram, Error> {
    histogram::histogram(caller, data_dir, request)
}

/// Returns the most frequent values of fields among the events that a search finds.
///
/// # Errors
/// The search is not understood, a field is not known, or the store cannot be read.
pub fn facets(caller: &Caller, data_dir: &Path, request: &FacetsRequest) -> Result<Facets, Error> {
    facets::facets(caller, data_dir, request)
}

/// Returns all that is known of one event.
///
/// # Errors
/// There is no such event that the caller may see, or the store cannot be read.
pub fn event(caller: &Caller, data_dir: &Path, event_uid: &str) -> Result<EventDetail, Error> {
    one::event(caller, data_dir, event_uid)
}

/// Returns what happened just before and after an event, in its session or to its actor, address or org.
///
/// # Errors
/// There is no such event that the caller may see, it does not have what it is to be surrounded by, or the store cannot
/// be read.
pub fn surrounding(caller: &Caller, data_dir: &Path, request: &SurroundingRequest) -> Result<Surrounding, Error> {
    surrounding::surrounding(caller, data_dir, request)
}

/// Returns the fields that a search can name, in the order of the columns.
///
/// # Errors
/// The caller may not read.
pub fn fields(caller: &Caller) -> Result<FieldList, Error> {
    caller.may(Permission::Read)?;
    let about = |column: &CommonColumn| FieldAbout {
        name: column.name.to_owned(),
        meaning: Text::of(column.en, column.ja),
    };
    Ok(FieldList {
        fields: COLUMNS.iter().map(about).collect(),
    })
}

/// Begins an export of every event that a search finds, in the order of time. What cannot be read later comes as an error
/// in its place.
///
/// # Errors
/// The search is not understood, or the store cannot be read.
pub fn export(caller: &Caller, data_dir: &Path, request: &ExportRequest) -> Result<Export, Error> {
    export::export(caller, data_dir, request)
}

/// Returns a number that was asked for under this name, or the usual one.
fn within(name: &str, asked: Option<usize>, usual: usize, most: usize) -> Result<usize, Error> {
    match asked.unwrap_or(usual) {
        number if (1..=most).contains(&number) => Ok(number),
        number => Err(Error::Asked(Text::of(
            format!("`{name}` is 1 to {most}, not {number}"),
            format!("`{name}` には 1 から {most} までの数を指定してください（指定値: {number}）。"),
        ))),
    }
}

/// Returns a time as RFC 3339 with microseconds, so that all times of an answer are as long.
fn time_text(at_us: Micros) -> String {
    /// The bytes of `2025-11-20T09:00:00Z`, and with milliseconds.
    const TO_SECONDS: usize = 20;
    const TO_MILLISECONDS: usize = 24;
    let text = to_rfc3339(at_us);
    match (text.len(), text.strip_suffix('Z')) {
        (TO_SECONDS, Some(digits)) => format!("{digits}.000000Z"),
        (TO_MILLISECONDS, Some(digits)) => format!("{digits}000Z"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_microseconds() {
        assert_eq!(time_text(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(time_text(1_000), "1970-01-01T00:00:00.001000Z");
        assert_eq!(time_text(-1), "1969-12-31T23:59:59.999999Z");
    }
}
