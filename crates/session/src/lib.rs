//! The tree of one login: which sessions hang under it, whose they are, from where and with what.
//!
//! A `LoginKey` spans a login from login to logout; a `SessionKey` is one session under it. Only a login-as (another
//! user) and `frontdoor.jsp` (another device without login) start a second session under the same login. Keys are
//! compared exactly: they hold `+`, `/` and both cases, and differ in case alone.
//!
//! [`tree`] does everything; [`Finder`] and [`Collector`] are its two passes for callers that select rows themselves.

mod collect;
mod error;
mod kind;
mod rows;
mod tree;

pub use collect::{Collector, Finder, MAX_DISTINCT, MAX_SESSIONS};
pub use error::SessionError;
pub use kind::{Flag, Reason, SessionKind};
pub use tree::{Login, Session, Tree, tree};
