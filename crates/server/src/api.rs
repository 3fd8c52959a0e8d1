//! The routes. An endpoint stands once, in [`endpoints`]: its path is the one of its description, so that the document
//! and the router cannot differ.

mod events;
mod export;
mod findings;
mod sessions;
mod tables;
mod whole;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get};
use utoipa::OpenApi;

use crate::console::console;
use crate::problem::Problem;
use crate::state::AppState;
use crate::{document, guard, health, metrics};

macro_rules! endpoints {
    ($($module:ident::$handler:ident),+ $(,)?) => {
        /// The endpoints with what they take and give.
        #[derive(Debug, OpenApi)]
        #[openapi(paths($($module::$handler),+), components(schemas(Problem)))]
        pub(crate) struct Endpoints;

        fn endpoints(document: &utoipa::openapi::OpenApi) -> Router<AppState> {
            let router = Router::new();
            $(let router = add(router, document, stringify!($handler), get($module::$handler));)+
            router
        }
    };
}

endpoints![
    whole::status,
    whole::verdict,
    findings::findings,
    findings::finding,
    events::events,
    events::histogram,
    events::facets,
    events::fields,
    export::export,
    events::event,
    events::surrounding,
    sessions::session,
    sessions::sessions,
    tables::tables,
    tables::table,
    whole::coverage,
    document::openapi,
    health::healthz,
    health::metrics,
];

/// Returns the whole service.
pub(crate) fn router(state: AppState) -> Router {
    endpoints(&Endpoints::openapi())
        .fallback(console)
        .layer(from_fn_with_state(state.clone(), guard::check))
        .layer(from_fn_with_state(state.clone(), metrics::observe))
        .layer(from_fn(guard::secure))
        .with_state(state)
}

/// Adds an endpoint under the path of its description.
fn add(
    router: Router<AppState>,
    document: &utoipa::openapi::OpenApi,
    operation_id: &str,
    handler: MethodRouter<AppState>,
) -> Router<AppState> {
    let described = document.paths.paths.iter().find(|(_, item)| {
        let get = item.get.as_ref();
        get.and_then(|get| get.operation_id.as_deref()) == Some(operation_id)
    });
    match described {
        Some((path, _)) => router.route(path, handler),
        None => router,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_name_of_its_own_and_is_described() {
        let document = Endpoints::openapi();
        let mut names: Vec<&str> = Vec::new();
        for (path, item) in &document.paths.paths {
            let get = item.get.as_ref().unwrap_or_else(|| panic!("{path} cannot be read"));
            names.push(get.operation_id.as_deref().unwrap());
            assert!(get.summary.is_some(), "{path} does not say what it gives");
            assert!(
                item.post.is_none() && item.put.is_none() && item.delete.is_none(),
                "{path}"
            );
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
