//! Searching events.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use axum::Json;
use axum::extract::State;
use sekisho_operation::events::{
    self as operation, EventDetail, EventPage, Facets, FacetsRequest, FieldList, Histogram, HistogramRequest,
    SearchRequest, Sort, Surrounding, SurroundingBy, SurroundingRequest,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::params::{self, Part, Query};
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The search; every event where nothing is said.
    #[param(example = "actor:alice* rows>1000")]
    q: Option<String>,
    /// The first time, RFC 3339 with a zone.
    from: Option<String>,
    /// The end, not included.
    to: Option<String>,
    /// Orgs; repeated for more.
    #[serde(default)]
    org: Vec<String>,
    /// The order; newest first where nothing is said.
    #[param(inline)]
    sort: Option<Sort>,
    /// Where to go on: `next_cursor` of the page before.
    cursor: Option<String>,
    /// Events on a page, 1 to 1000; 100 where nothing is said.
    limit: Option<usize>,
}

/// Gives a page of the events that a search finds.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "events",
    params(EventsQuery),
    responses((status = 200, body = EventPage))
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventPage>, Problem> {
    let request = SearchRequest {
        filter: params::filter(query.q, query.from.as_deref(), query.to.as_deref(), query.org)?,
        sort: query.sort.unwrap_or_default(),
        cursor: query.cursor,
        limit: query.limit,
    };
    let page = state
        .heavy(move |room| operation::search(room.caller, room.data_dir, &request))
        .await?;
    Ok(Json(page))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistogramQuery {
    /// The search; every event where nothing is said.
    q: Option<String>,
    /// The first time, RFC 3339 with a zone; the first event where nothing is said.
    from: Option<String>,
    /// The end, not included; after the last event where nothing is said.
    to: Option<String>,
    /// Orgs; repeated for more.
    #[serde(default)]
    org: Vec<String>,
    /// The most bars, 1 to 500; 120 where nothing is said.
    buckets: Option<usize>,
}

/// Counts the events that a search finds, by time.
#[utoipa::path(
    get,
    path = "/api/v1/events/histogram",
    tag = "events",
    params(HistogramQuery),
    responses((status = 200, body = Histogram))
)]
pub(crate) async fn histogram(
    State(state): State<AppState>,
    Query(query): Query<HistogramQuery>,
) -> Result<Json<Histogram>, Problem> {
    let request = HistogramRequest {
        filter: params::filter(query.q, query.from.as_deref(), query.to.as_deref(), query.org)?,
        buckets: query.buckets,
    };
    let histogram = state
        .heavy(move |room| operation::histogram(room.caller, room.data_dir, &request))
        .await?;
    Ok(Json(histogram))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FacetsQuery {
    /// The search; every event where nothing is said.
    q: Option<String>,
    /// The first time, RFC 3339 with a zone.
    from: Option<String>,
    /// The end, not included.
    to: Option<String>,
    /// Orgs; repeated for more.
    #[serde(default)]
    org: Vec<String>,
    /// Names of columns with commas between, at most 12.
    #[param(example = "org,table,actor")]
    fields: Option<String>,
}

/// Gives the most frequent values of some fields among the events that a search finds.
#[utoipa::path(
    get,
    path = "/api/v1/events/facets",
    tag = "events",
    params(FacetsQuery),
    responses((status = 200, body = Facets))
)]
pub(crate) async fn facets(
    State(state): State<AppState>,
    Query(query): Query<FacetsQuery>,
) -> Result<Json<Facets>, Problem> {
    let fields = query.fields.unwrap_or_default();
    let request = FacetsRequest {
        filter: params::filter(query.q, query.from.as_deref(), query.to.as_deref(), query.org)?,
        fields: fields
            .split(',')
            .map(str::trim)
            .filter(|field| !field.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    let facets = state
        .heavy(move |room| operation::facets(room.caller, room.data_dir, &request))
        .await?;
    Ok(Json(facets))
}

/// Lists the fields that a search can name.
#[utoipa::path(get, path = "/api/v1/events/fields", tag = "events", responses((status = 200, body = FieldList)))]
pub(crate) async fn fields(State(state): State<AppState>) -> Result<Json<FieldList>, Problem> {
    let fields = state.light(|room| operation::fields(room.caller)).await?;
    Ok(Json(fields))
}

/// Gives all that is known of an event.
#[utoipa::path(
    get,
    path = "/api/v1/events/{uid}",
    tag = "events",
    params(("uid" = String, Path, description = "`event_uid` of the event")),
    responses((status = 200, body = EventDetail))
)]
pub(crate) async fn event(State(state): State<AppState>, Part(uid): Part) -> Result<Json<EventDetail>, Problem> {
    let event = state
        .heavy(move |room| operation::event(room.caller, room.data_dir, &uid))
        .await?;
    Ok(Json(event))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SurroundingQuery {
    /// What the others share with the event; the session where nothing is said.
    #[param(inline)]
    by: Option<SurroundingBy>,
    /// The most events on each side, 1 to 200; 20 where nothing is said.
    limit: Option<usize>,
}

/// Gives what happened just before and after an event.
#[utoipa::path(
    get,
    path = "/api/v1/events/{uid}/surrounding",
    tag = "events",
    params(("uid" = String, Path, description = "`event_uid` of the event"), SurroundingQuery),
    responses((status = 200, body = Surrounding))
)]
pub(crate) async fn surrounding(
    State(state): State<AppState>,
    Part(uid): Part,
    Query(query): Query<SurroundingQuery>,
) -> Result<Json<Surrounding>, Problem> {
    let request = SurroundingRequest {
        event_uid: uid,
        by: query.by.unwrap_or_default(),
        limit: query.limit,
    };
    let surrounding = state
        .heavy(move |room| operation::surrounding(room.caller, room.data_dir, &request))
        .await?;
    Ok(Json(surrounding))
}
