//! What a hunt's answer means for each org: who got in, what they read, what is proven taken, what could not be seen, and
//! what to do next.
//!
//! The hunt and the watch of the allow-lists read every event once. [`Trail`] reads them a second time and gathers what
//! belongs to the finds; [`sheet`] puts everything on one page and [`render`] prints it. Nothing here knows files, stores
//! or the clock.

mod build;
mod family;
mod next;
mod object;
mod platform;
mod render;
mod row;
mod search;
mod sheet;
mod taken;
mod trail;
mod unseen;
mod words;

pub use build::{Context, RuleFinding, sheet};
pub use render::render;
pub use sheet::{
    Actor, Because, FindingCounts, MAX_ACTORS_SHOWN, MAX_ADDRESSES_SHOWN, MAX_AGENTS_SHOWN, MAX_OBJECTS_SHOWN,
    MAX_SESSIONS_SHOWN, MAX_STEPS, MAX_UNSEEN_SHOWN, MAX_WEAK_SHOWN, NextStep, OrgSheet, Settle, Sheet, SheetList,
    StepCode, TakenBy, Touched, Unseen, UnseenKind, WeakMatch,
};
pub use trail::Trail;
