//! Sessions, and the tree of a login.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use axum::Json;
use axum::extract::State;
use sekisho_operation::page::{Page, PageRequest};
use sekisho_operation::session::{Tree, session as tree_of};
use sekisho_operation::sessions::{SessionRow, SessionsRequest, sessions as sessions_of};
use sekisho_operation::source::Source;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::params::Query;
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionQuery {
    /// A `LoginKey` or `SessionKey`, in its own case; a plus sign is written `%2B`.
    #[param(example = "AbC+d/EfGh1234Xy")]
    key: String,
}

/// Gives the sessions of the login that a key is of, or belongs to.
#[utoipa::path(
    get,
    path = "/api/v1/session",
    tag = "sessions",
    params(SessionQuery),
    responses((status = 200, body = Tree))
)]
pub(crate) async fn session(
    State(state): State<AppState>,
    Query(query): Query<SessionQuery>,
) -> Result<Json<Tree>, Problem> {
    let report = state
        .heavy(move |room| tree_of(room.caller, &query.key, &Source::Store(room.data_dir.to_owned())))
        .await?;
    report
        .tree
        .map(Json)
        .ok_or_else(|| Problem::not_found("no event has this key", "このキーを持つイベントはありません。"))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionsQuery {
    /// A search that one of the session's events must fit.
    q: Option<String>,
    /// Orgs; repeated for more.
    #[serde(default)]
    org: Vec<String>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// Sessions on a page, 1 to 1000; 100 where nothing is said.
    limit: Option<usize>,
}

/// Lists sessions: those with findings first, then the newest.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "sessions",
    params(SessionsQuery),
    responses((status = 200, body = Page<SessionRow>))
)]
pub(crate) async fn sessions(
    State(state): State<AppState>,
    Query(query): Query<SessionsQuery>,
) -> Result<Json<Page<SessionRow>>, Problem> {
    let request = SessionsRequest {
        q: query.q.unwrap_or_default(),
        orgs: query.org,
        page: PageRequest {
            cursor: query.cursor,
            limit: query.limit,
        },
    };
    let page = state
        .whole(move |room| sessions_of(room.caller, room.board, room.data_dir, &request))
        .await?;
    Ok(Json(page))
}
