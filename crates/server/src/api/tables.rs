//! What tables there are, and their columns.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use axum::Json;
use axum::extract::State;
use sekisho_operation::page::{MAX_PAGE_ITEMS, Page, PageRequest};
use sekisho_operation::tables::{self as operation, TableColumns, TableRow};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::params::{Part, Query};
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
    responses((status = 200, body = Page<TableRow>))
)]
pub(crate) async fn tables(
    State(state): State<AppState>,
    Query(query): Query<TablesQuery>,
) -> Result<Json<Page<TableRow>>, Problem> {
    // The catalogue is read as a whole, so a page is as long as it may be.
    let page = PageRequest {
        cursor: query.cursor,
        limit: query.limit.or(Some(MAX_PAGE_ITEMS)),
    };
    let updated_at = state.updated_at();
    let page = state
        .light(move |room| {
            let rows = operation::tables(room.caller, room.data_dir)?;
            page.of(rows.into_iter(), updated_at)
        })
        .await?;
    Ok(Json(page))
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
