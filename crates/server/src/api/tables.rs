//! What tables there are, and their columns.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use axum::Json;
use axum::extract::State;
use sekisho_operation::tables::{self as operation, TableColumns, TableRow};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::Collection;
use crate::limits::MAX_PAGE;
use crate::params::{self, Part, Query};
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TablesQuery {
    /// Tables on a page, 1 to 1000; 1000 where nothing is said, since the catalogue is read as a whole.
    limit: Option<usize>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists every table of the catalogue and of the store, with what is stored.
#[utoipa::path(
    get,
    path = "/api/v1/tables",
    tag = "tables",
    params(TablesQuery),
    responses((status = 200, body = Collection<TableRow>))
)]
pub(crate) async fn tables(
    State(state): State<AppState>,
    Query(query): Query<TablesQuery>,
) -> Result<Json<Collection<TableRow>>, Problem> {
    let limit = params::limit(query.limit.or(Some(MAX_PAGE)))?;
    let cursor = params::cursor(query.cursor)?;
    let rows = state
        .light(|room| operation::tables(room.caller, room.data_dir))
        .await?;
    let updated_at = state.updated_at();
    let first = match cursor {
        None => 0,
        Some(last) => rows
            .iter()
            .position(|row| row.table == last)
            .ok_or_else(params::not_a_cursor)?
            .saturating_add(1),
    };
    let is_last = rows.len() <= first + limit;
    let items: Vec<TableRow> = rows.into_iter().skip(first).take(limit).collect();
    let next_cursor = items.last().map(|row| row.table.clone()).filter(|_| !is_last);
    Ok(Json(Collection {
        items,
        next_cursor,
        updated_at,
    }))
}

/// Describes the columns of a table.
#[utoipa::path(
    get,
    path = "/api/v1/tables/{name}",
    tag = "tables",
    params(("name" = String, Path, description = "A table as the list names it", example = "salesforce_elf.Report")),
    responses((status = 200, body = TableColumns))
)]
pub(crate) async fn table(State(state): State<AppState>, Part(name): Part) -> Result<Json<TableColumns>, Problem> {
    let found = state
        .light(move |room| operation::table(room.caller, room.data_dir, &name))
        .await?;
    Ok(Json(found))
}
