//! Whether the server can answer, and its counters.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use sekisho_event::common::EVENTS;
use sekisho_operation::source::open_store;
use sekisho_operation::tables::tables;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::AppState;

/// The server can answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

/// Says that the server runs and can read its store.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, body = Health)))]
pub(crate) async fn healthz(State(state): State<AppState>) -> Result<Json<Health>, Problem> {
    state.light(|room| open_store(room.data_dir).map(drop)).await?;
    Ok(Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    }))
}

/// Gives the server's counters in the text form of Prometheus (OpenMetrics).
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "server",
    responses((status = 200, body = String, content_type = "application/openmetrics-text"))
)]
pub(crate) async fn metrics(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let tables = state.light(|room| tables(room.caller, room.data_dir)).await;
    // A store that cannot be read is said by `/healthz`; the other counters are still worth having.
    if let Ok(tables) = tables {
        let events = tables
            .iter()
            .find(|table| table.table == EVENTS)
            .map_or(0, |table| table.events);
        state.metrics().stored(events);
    }
    let headers = [(CONTENT_TYPE, crate::metrics::MEDIA_TYPE)];
    state
        .metrics()
        .text()
        .map(|text| (headers, text))
        .ok_or_else(Problem::internal)
}
