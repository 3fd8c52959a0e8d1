//! `session`: the tree of a login, from its key or from the key of one of its sessions.

use sekisho_event::time::Range;
use sekisho_session::Finder;
pub use sekisho_session::Tree;

use crate::Error;
use crate::caller::Caller;
use crate::inputs::ReadReport;
use crate::source::{Source, visit_events};

/// A tree and what was read for it.
#[derive(Debug)]
pub struct SessionReport {
    /// The tree (CONTRACT.md, `session`); `None` where no event has the key.
    pub tree: Option<Tree>,
    /// What was read.
    pub read: ReadReport,
}

/// Returns the tree of the login that `key` is of, or belongs to. The source is read twice: first to find the login, then
/// to gather its rows, so that memory holds one login and not all of them. There is no range: a tree that lacks its login
/// row would call every session by the wrong name.
///
/// # Errors
/// The source cannot be opened.
pub fn session(caller: &Caller, key: &str, source: &Source) -> Result<SessionReport, Error> {
    let mut finder = Finder::new(key);
    let read = visit_events(caller, source, Range::default(), &mut |events| Ok(finder.push(events)?))?;
    let Some(mut collector) = finder.finish() else {
        return Ok(SessionReport { tree: None, read });
    };
    visit_events(caller, source, Range::default(), &mut |events| {
        Ok(collector.push(events)?)
    })?;
    Ok(SessionReport {
        tree: collector.finish(),
        read,
    })
}
