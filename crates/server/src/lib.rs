//! The HTTP API under `/api/v1` and the embedded console.
//!
//! Handlers are thin: they read the request, run one operation on a thread that may block, and write its answer as JSON.
//! What may be asked and by whom stands in `guard`, how much at once in [`limits`].

mod api;
mod console;
mod document;
mod error;
mod gate;
mod guard;
mod health;
pub mod limits;
mod log;
mod metrics;
mod params;
mod problem;
mod serve;
mod state;
mod upkeep;

pub use document::openapi_json;
pub use error::Error;
pub use log::log_to_stderr;
pub use serve::{ServeOptions, check_listen, serve};

/// Returns the service that [`serve`] listens with, for tests that need no socket.
pub fn service(options: ServeOptions, port: u16) -> axum::Router {
    api::router(state::AppState::new(options, port))
}
