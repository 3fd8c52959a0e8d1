//! Events in the order of time from a place on, a page at a time.
//!
//! Reading is in two steps, since an event has 34 columns and a page needs them of few: the first finds the time that the
//! page ends at, from the columns that the search asks for; the second reads whole rows between there and the beginning.

use sekisho_event::common::EVENTS;
use sekisho_event::time::Micros;
use sekisho_search::{instant, literal};

use super::cursor::Place;
use super::reading::{Condition, Reading, select_events};
use super::rows;
use super::types::{Event, Sort};
use crate::Error;

/// Returns up to `limit` events that have a time, after a place that has one.
pub(super) fn dated(
    reading: &mut Reading,
    condition: &Condition,
    sort: Sort,
    after: Option<(Micros, &str)>,
    limit: usize,
) -> Result<Vec<Event>, Error> {
    let condition = condition.dated() + &after.map(|(at_us, uid)| beyond(sort, at_us, uid)).unwrap_or_default();
    let direction = match sort {
        Sort::Desc => "DESC",
        Sort::Asc => "ASC",
    };
    let ends = format!("SELECT \"time\" FROM {EVENTS} WHERE {condition} ORDER BY \"time\" {direction} LIMIT {limit}");
    let times = rows::times(&reading.rows(&ends)?);
    let times = || times.iter().flatten();
    let (Some(first_us), Some(last_us)) = (times().min(), times().max()) else {
        return Ok(Vec::new());
    };
    let condition = format!(
        "{condition} AND \"time\" >= {} AND \"time\" <= {}",
        instant(*first_us),
        instant(*last_us)
    );
    let order = format!("\"time\" {direction}, \"event_uid\" {direction}");
    Ok(rows::events(&reading.rows(&select_events(
        &condition,
        &order,
        Some(limit),
    ))?))
}

/// Returns up to `limit` events that have no time, after one of them. They are in the order of their identities.
pub(super) fn undated(
    reading: &mut Reading,
    condition: &Condition,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Event>, Error> {
    let after = after.map(|uid| format!(" AND \"event_uid\" > {}", literal(uid)));
    let condition = format!(
        "{} AND \"time\" IS NULL{}",
        condition.at_any_time(),
        after.unwrap_or_default()
    );
    let statement = select_events(&condition, "\"event_uid\"", Some(limit));
    Ok(rows::events(&reading.rows(&statement)?))
}

/// Returns the condition of what comes after a place. The time alone comes first, so that statistics can skip by it.
fn beyond(sort: Sort, at_us: Micros, uid: &str) -> String {
    let (order, uid, at) = match sort {
        Sort::Desc => ("<", literal(uid), instant(at_us)),
        Sort::Asc => (">", literal(uid), instant(at_us)),
    };
    format!(" AND \"time\" {order}= {at} AND (\"time\" {order} {at} OR \"event_uid\" {order} {uid})")
}

/// Returns the place of an event.
pub(super) fn place_of(event: &Event) -> Place {
    Place {
        at_us: event.at_us,
        uid: event.event_uid.clone(),
    }
}
