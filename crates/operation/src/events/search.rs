//! A page of a search.

use std::path::Path;

use super::cursor::{self, Place};
use super::page;
use super::reading::{Condition, Reading};
use super::types::{EventPage, SearchRequest};
use super::{DEFAULT_PAGE_EVENTS, MAX_PAGE_EVENTS, within};
use crate::Error;
use crate::caller::Caller;

pub(super) fn search(caller: &Caller, data_dir: &Path, request: &SearchRequest) -> Result<EventPage, Error> {
    let limit = within("limit", request.limit, DEFAULT_PAGE_EVENTS, MAX_PAGE_EVENTS)?;
    let condition = Condition::new(caller, &request.filter)?;
    let after = match &request.cursor {
        Some(cursor) => Some(cursor::read(&request.filter, request.sort, cursor)?),
        None => None,
    };
    let mut reading = Reading::open(caller, data_dir)?;
    // One more than a page says whether there is a next one.
    let wanted = limit + 1;
    let mut items = match &after {
        Some(Place { at_us: None, .. }) => Vec::new(),
        Some(Place {
            at_us: Some(at_us),
            uid,
        }) => page::dated(&mut reading, &condition, request.sort, Some((*at_us, uid)), wanted)?,
        None => page::dated(&mut reading, &condition, request.sort, None, wanted)?,
    };
    if items.len() < wanted && condition.range.is_open() {
        let after_uid = after.filter(|place| place.at_us.is_none()).map(|place| place.uid);
        let missing = wanted - items.len();
        items.extend(page::undated(&mut reading, &condition, after_uid.as_deref(), missing)?);
    }
    let has_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| has_more);
    Ok(EventPage {
        next_cursor: last.map(|event| cursor::write(&request.filter, request.sort, &page::place_of(event))),
        updated_at: reading.updated_at()?,
        took_ms: reading.took_ms(),
        items,
    })
}
