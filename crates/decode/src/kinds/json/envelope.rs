//! Streaming envelopes: the row is the payload; what is around it says how it was delivered.
//!
//! CometD and Pub/Sub clients write `{"channel":"/event/X","data":{"schema":…,"payload":{…},"event":{"replayId":…}}}` or
//! its `data` alone.

use crate::json_text::{Member, members};
use crate::route::text_of;

/// An opened envelope.
pub(super) struct Envelope<'a> {
    /// The object that the channel names.
    pub(super) object: String,
    /// The row.
    pub(super) payload: Vec<Member<'a>>,
    /// Schema and replay id.
    pub(super) delivery: Vec<Member<'a>>,
}

/// Returns the envelope's content, or `None` where the object is no envelope.
pub(super) fn unwrap<'a>(outer: &[Member<'a>]) -> Option<Envelope<'a>> {
    let channel = text_of(outer, "channel");
    let inner = match raw_of(outer, "data").filter(|_| channel.is_some()) {
        Some(data) => members(data).ok()?,
        None => outer.to_vec(),
    };
    let is_envelope = channel.is_some() || raw_of(&inner, "event").is_some() || raw_of(&inner, "schema").is_some();
    let payload = members(raw_of(&inner, "payload").filter(|_| is_envelope)?).ok()?;
    let channel_object = channel
        .as_deref()
        .and_then(|channel| channel.rsplit('/').next())
        .map(str::to_owned);
    let object = channel_object.or_else(|| text_of(&members(raw_of(&payload, "attributes")?).ok()?, "type"))?;
    let delivery = inner.iter().filter(|(name, _)| name != "payload").cloned().collect();
    Some(Envelope {
        object,
        payload,
        delivery,
    })
}

fn raw_of<'a>(members: &[Member<'a>], key: &str) -> Option<&'a str> {
    members.iter().find(|(name, _)| name == key).map(|(_, raw)| *raw)
}
