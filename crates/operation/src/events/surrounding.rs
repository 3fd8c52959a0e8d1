//! What happened just before and after an event.

use std::path::Path;

use sekisho_search::literal;

use super::page;
use super::reading::{Condition, Reading};
use super::types::{Event, Sort, Surrounding, SurroundingBy, SurroundingRequest};
use super::{DEFAULT_SURROUNDING_EVENTS, MAX_SURROUNDING_EVENTS, one, within};
use crate::Error;
use crate::caller::Caller;

pub(super) fn surrounding(
    caller: &Caller,
    data_dir: &Path,
    request: &SurroundingRequest,
) -> Result<Surrounding, Error> {
    let limit = within(
        "limit",
        request.limit,
        DEFAULT_SURROUNDING_EVENTS,
        MAX_SURROUNDING_EVENTS,
    )?;
    let mut reading = Reading::open(caller, data_dir)?;
    let event = one::found(&mut reading, caller, &request.event_uid)?;
    let condition = Condition::of_visible(caller, &shared(&event, request.by)?);
    let lacks_time = || Error::NotSurrounded {
        uid: event.event_uid.clone(),
        field: "time",
    };
    let at_us = event.at_us.ok_or_else(lacks_time)?;
    let place = Some((at_us, event.event_uid.as_str()));
    let mut before = page::dated(&mut reading, &condition, Sort::Desc, place, limit)?;
    before.reverse();
    let after = page::dated(&mut reading, &condition, Sort::Asc, place, limit)?;
    Ok(Surrounding {
        by: request.by,
        before,
        event,
        after,
    })
}

/// Returns the condition of what the surrounding events share with one. Keys and actors mean nothing outside their org;
/// an address is the same everywhere.
fn shared(event: &Event, by: SurroundingBy) -> Result<String, Error> {
    let (field, value) = match by {
        SurroundingBy::Session => ("session_key", event.session_key.as_deref()),
        SurroundingBy::Actor => ("actor", event.actor.as_deref()),
        SurroundingBy::Address => ("src_ip", event.src_ip.as_deref()),
        SurroundingBy::Org => ("org", Some(event.org.as_str())),
    };
    let value = value.ok_or_else(|| Error::NotSurrounded {
        uid: event.event_uid.clone(),
        field,
    })?;
    let same = format!("\"{field}\" = {}", literal(value));
    Ok(match by {
        SurroundingBy::Session | SurroundingBy::Actor => {
            format!("{same} AND \"org\" = {}", literal(&event.org))
        }
        SurroundingBy::Address | SurroundingBy::Org => same,
    })
}
