//! `status`: what is loaded, what is watched for, and how the demo fared.

use sekisho_event::time::to_rfc3339;
use sekisho_hunt::{AllowListHead, ListHead};
use serde::Serialize;

use crate::Error;
use crate::board::Board;
use crate::caller::Caller;
use crate::examine::{ActsFound, OrgSpan};

/// The state of the store and of what is watched for.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Status {
    /// The program's version.
    pub version: &'static str,
    /// True where the store holds the demo incident.
    pub is_demo: bool,
    /// Changes when the store does.
    pub generation: String,
    /// When this was worked out, RFC 3339.
    pub updated_at: String,
    /// Events loaded.
    pub events: u64,
    /// The first event, RFC 3339.
    #[schema(required)]
    pub from: Option<String>,
    /// The last event, RFC 3339.
    #[schema(required)]
    pub to: Option<String>,
    /// Events by org.
    pub orgs: Vec<OrgSpan>,
    /// Indicator lists.
    pub lists: Vec<ListHead>,
    /// Allow-lists.
    pub allow_lists: Vec<AllowListHead>,
    /// How many rules run.
    pub rules: usize,
    /// How the labelled acts of the demo fared.
    #[schema(required)]
    pub acts: Option<ActsFound>,
}

/// Returns the state of the store and of what is watched for.
///
/// # Errors
/// The store cannot be read.
pub fn status(caller: &Caller, board: &Board) -> Result<Status, Error> {
    let answer = board.answer(caller)?;
    let found = &answer.examination;
    Ok(Status {
        version: env!("CARGO_PKG_VERSION"),
        is_demo: board.is_demo(),
        generation: answer.generation.to_string(),
        updated_at: to_rfc3339(answer.made_at_us),
        events: found.orgs.iter().map(|org| org.events).sum(),
        from: found.orgs.iter().filter_map(|org| org.from.clone()).min(),
        to: found.orgs.iter().filter_map(|org| org.to.clone()).max(),
        orgs: found.orgs.clone(),
        lists: found.hunt.lists.clone(),
        allow_lists: found.allow.lists.clone(),
        rules: board.watch().rules.rules().len(),
        acts: found.acts.clone(),
    })
}
