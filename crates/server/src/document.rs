//! The description of the API (OpenAPI 3.1), put together from the handlers themselves.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::AnyOf;
use utoipa::openapi::{Content, InfoBuilder, OpenApi as Document, Ref, RefOr, Schema};

use crate::api::Endpoints;
use crate::problem::PROBLEM_JSON;

/// What every endpoint may answer in place of what was asked for.
const REFUSALS: [(&str, &str); 11] = [
    ("400", "A parameter or a search is not accepted"),
    ("403", "A page of another site asks, or the caller may not do this"),
    ("404", "There is no such thing"),
    ("405", "Another method than GET or HEAD"),
    ("413", "The request has a body"),
    ("414", "The target is too long"),
    ("421", "The request names another host"),
    ("431", "The head of the request is too large; the answer has no body"),
    ("500", "A defect of the server"),
    ("503", "No store, too many requests (with `retry-after`), or too slow"),
    ("default", "Any other problem"),
];

/// Gives this description.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "server",
    responses((status = 200, body = serde_json::Value, content_type = "application/json"))
)]
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], openapi_json())
}

/// Returns the description of the API as JSON, the same in every run.
#[must_use]
pub fn openapi_json() -> String {
    let mut text = document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

fn document() -> Document {
    let mut document = Endpoints::openapi();
    document.info = InfoBuilder::new()
        .title("Sekisho")
        .version("v1")
        .description(Some(
            "Times are RFC 3339 in UTC. Texts for people are in English and Japanese. Everything is read only.",
        ))
        .build();
    if let Some(components) = document.components.as_mut() {
        components.schemas.values_mut().for_each(allow_overlap);
    }
    for item in document.paths.paths.values_mut() {
        if let Some(operation) = item.get.as_mut() {
            add_refusals(operation);
        }
    }
    document
}

/// A cell is one of several types, and a whole number is a number too: `oneOf` would refuse it.
fn allow_overlap(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(one_of)) = schema else {
        return;
    };
    let is_type =
        |item: &RefOr<Schema>| matches!(item, RefOr::T(Schema::Object(object)) if object.enum_values.is_none());
    if one_of.items.iter().all(is_type) {
        let mut any_of = AnyOf::new();
        any_of.items = std::mem::take(&mut one_of.items);
        any_of.description = one_of.description.take();
        *schema = RefOr::T(Schema::AnyOf(any_of));
    }
}

fn add_refusals(operation: &mut Operation) {
    for (status, description) in REFUSALS {
        let mut refusal = Response::new(description);
        if status != "431" {
            let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
            refusal
                .content
                .insert(PROBLEM_JSON.to_owned(), Content::new(Some(schema)));
        }
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert(RefOr::T(refusal));
    }
}
