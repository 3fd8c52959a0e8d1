//! Streaming envelopes: the row is the payload; what is around it says how it was delivered.
//!
//! CometD and Pub/Sub clients write `{"channel":"/event/X","data":{"schema":…,"payload":{…},"event":{"replayId":…}}}` or
//! its `data` alone.

use sekisho_event::catalogue::is_plain_event_type;

use crate::json_text::{Member, members};
use crate::route::{rest_object, text_of};

/// An opened envelope.
pub(super) struct Envelope<'a> {
    /// The object that the channel or the payload names.
    pub(super) object: Option<String>,
    /// The row.
    pub(super) payload: Vec<Member<'a>>,
    /// Schema and replay id.
    pub(super) delivery: Vec<Member<'a>>,
}

/// Returns the envelope's content, or `None` where the object is no envelope.
pub(super) fn unwrap<'a>(outer: &[Member<'a>]) -> Option<Envelope<'a>> {
    let channel = text_of(outer, "channel");
    let data = raw_of(outer, "data").filter(|_| channel.is_some() || raw_of(outer, "payload").is_none());
    let data = data.map(members).transpose().ok()?;
    let inner = data.as_deref().unwrap_or(outer);
    let raw_payload = raw_of(inner, "payload")?;
    let has = |key| raw_of(inner, key).is_some();
    if channel.is_none() && !has("event") && !has("schema") {
        return None;
    }
    let payload = members(raw_payload).ok()?;
    let channel_object = channel
        .as_deref()
        .and_then(|channel| channel.rsplit('/').next())
        .map(str::to_owned);
    // A channel may be the user's own and carry several objects; the event says which it is.
    let named = event_object(inner).or(channel_object);
    let object = named.or_else(|| rest_object(raw_of(&payload, "attributes")?));
    let delivery = inner.iter().filter(|(name, _)| name != "payload").cloned().collect();
    Some(Envelope {
        object,
        payload,
        delivery,
    })
}

/// Returns `EventApiName` of the envelope's `event`.
fn event_object(inner: &[Member<'_>]) -> Option<String> {
    let event = members(raw_of(inner, "event")?).ok()?;
    text_of(&event, "EventApiName").filter(|name| is_plain_event_type(name))
}

fn raw_of<'a>(members: &[Member<'a>], key: &str) -> Option<&'a str> {
    members.iter().find(|(name, _)| name == key).map(|(_, raw)| *raw)
}
