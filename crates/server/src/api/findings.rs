//! What rules, indicators and allow-lists saw.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use axum::Json;
use axum::extract::State;
use sekisho_operation::examine::FindingGroup;
use sekisho_operation::findings::{FindingDetail, FindingsRequest, finding as finding_of, findings as findings_of};
use sekisho_operation::page::{Page, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::params::{Part, Query};
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindingsQuery {
    /// Levels; repeated for more.
    #[serde(default)]
    level: Vec<String>,
    /// Ids of rules, indicators, names of allow-lists; repeated for more.
    #[serde(default)]
    rule_id: Vec<String>,
    /// Orgs; repeated for more.
    #[serde(default)]
    org: Vec<String>,
    /// Sessions; repeated for more.
    #[serde(default)]
    session_key: Vec<String>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// Findings on a page, 1 to 1000; 100 where nothing is said.
    limit: Option<usize>,
}

/// Lists findings, the gravest first.
#[utoipa::path(
    get,
    path = "/api/v1/findings",
    tag = "findings",
    params(FindingsQuery),
    responses((status = 200, body = Page<FindingGroup>))
)]
pub(crate) async fn findings(
    State(state): State<AppState>,
    Query(query): Query<FindingsQuery>,
) -> Result<Json<Page<FindingGroup>>, Problem> {
    let request = FindingsRequest {
        levels: query.level,
        rule_ids: query.rule_id,
        orgs: query.org,
        session_keys: query.session_key,
        page: PageRequest {
            cursor: query.cursor,
            limit: query.limit,
        },
    };
    let page = state
        .whole(move |room| findings_of(room.caller, room.board, &request))
        .await?;
    Ok(Json(page))
}

/// Gives a finding with what its rule says about itself.
#[utoipa::path(
    get,
    path = "/api/v1/findings/{id}",
    tag = "findings",
    params(("id" = String, Path, description = "A finding as the list names it")),
    responses((status = 200, body = FindingDetail))
)]
pub(crate) async fn finding(State(state): State<AppState>, Part(id): Part) -> Result<Json<FindingDetail>, Problem> {
    let finding = state
        .whole(move |room| finding_of(room.caller, room.board, &id))
        .await?;
    Ok(Json(finding))
}
