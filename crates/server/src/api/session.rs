//! The tree of a login.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use axum::Json;
use axum::extract::State;
use sekisho_operation::session::{Tree, session as operation};
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
        .heavy(move |room| operation(room.caller, &query.key, &Source::Store(room.data_dir.to_owned())))
        .await?;
    report
        .tree
        .map(Json)
        .ok_or_else(|| Problem::not_found("no event has this key", "このキーを持つイベントはありません。"))
}
