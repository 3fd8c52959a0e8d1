//! Searching the events of the store: pages, histogram, facets, one event and what surrounds it, and export.
//!
//! Every answer is limited to the orgs that the [`Caller`] may see, inside the engine and not after it.

mod types;

use std::path::Path;

use crate::Error;
use crate::caller::Caller;

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
pub fn search(_caller: &Caller, _data_dir: &Path, _request: &SearchRequest) -> Result<EventPage, Error> {
    Err(unbuilt())
}

/// Returns how many events a search finds, by time.
///
/// # Errors
/// The search is not understood, or the store cannot be read.
pub fn histogram(_caller: &Caller, _data_dir: &Path, _request: &HistogramRequest) -> Result<Histogram, Error> {
    Err(unbuilt())
}

/// Returns the most frequent values of fields among the events that a search finds.
///
/// # Errors
/// The search is not understood, a field is not known, or the store cannot be read.
pub fn facets(_caller: &Caller, _data_dir: &Path, _request: &FacetsRequest) -> Result<Facets, Error> {
    Err(unbuilt())
}

/// Returns all that is known of one event.
///
/// # Errors
/// There is no such event that the caller may see, or the store cannot be read.
pub fn event(_caller: &Caller, _data_dir: &Path, _event_uid: &str) -> Result<EventDetail, Error> {
    Err(unbuilt())
}

/// Returns what happened just before and after an event, in its session or to its actor, address or org.
///
/// # Errors
/// There is no such event that the caller may see, it does not have what it is to be surrounded by, or the store cannot
/// be read.
pub fn surrounding(_caller: &Caller, _data_dir: &Path, _request: &SurroundingRequest) -> Result<Surrounding, Error> {
    Err(unbuilt())
}

/// Returns the fields that a search can name, in the order of the columns.
///
/// # Errors
/// The caller may not read.
pub fn fields(_caller: &Caller) -> Result<FieldList, Error> {
    Err(unbuilt())
}

/// Begins an export of every event that a search finds, in the order of time. What cannot be read later comes as an error
/// in its place.
///
/// # Errors
/// The search is not understood, or the store cannot be read.
pub fn export(_caller: &Caller, _data_dir: &Path, _request: &ExportRequest) -> Result<Export, Error> {
    Err(unbuilt())
}

fn unbuilt() -> Error {
    Error::Usage("searching is not built yet".to_owned())
}
