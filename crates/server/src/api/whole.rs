//! What is known of the whole store: its state, the verdict, and what could not be seen.

use axum::Json;
use axum::extract::State;
use sekisho_operation::coverage::{Coverage, coverage as coverage_of};
use sekisho_operation::examine::Sheet;
use sekisho_operation::status::{Status, status as status_of};

use crate::params::{NoParameters, Query};
use crate::problem::Problem;
use crate::state::AppState;

/// Says what is loaded and what is watched for.
#[utoipa::path(get, path = "/api/v1/status", tag = "verdict", responses((status = 200, body = Status)))]
pub(crate) async fn status(State(state): State<AppState>, _: Query<NoParameters>) -> Result<Json<Status>, Problem> {
    let status = state.whole(|room| status_of(room.caller, room.board)).await?;
    Ok(Json(status))
}

/// Gives the verdict sheet: each org hit, clear or inconclusive, and why.
#[utoipa::path(get, path = "/api/v1/verdict", tag = "verdict", responses((status = 200, body = Sheet)))]
pub(crate) async fn verdict(State(state): State<AppState>, _: Query<NoParameters>) -> Result<Json<Sheet>, Problem> {
    let sheet = state
        .whole(|room| Ok(room.board.answer(room.caller)?.examination.sheet.clone()))
        .await?;
    Ok(Json(sheet))
}

/// Says what was searched, and what could not be seen.
#[utoipa::path(get, path = "/api/v1/coverage", tag = "verdict", responses((status = 200, body = Coverage)))]
pub(crate) async fn coverage(State(state): State<AppState>, _: Query<NoParameters>) -> Result<Json<Coverage>, Problem> {
    let coverage = state.whole(|room| coverage_of(room.caller, room.board)).await?;
    Ok(Json(coverage))
}
