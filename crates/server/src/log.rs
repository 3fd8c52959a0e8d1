//! What the server logs, and where.

use tracing_subscriber::EnvFilter;

/// What is logged where nothing is said: what an operator should know of, and no line for each request.
const USUAL: &str = "warn";

/// Writes log lines to standard error from here on. `filter` names levels by module, such as `info` or
/// `sekisho_server=debug`; one that is not understood counts as none. Called a second time, it changes nothing.
///
/// No line has the content of an event or of a search, at any level.
pub fn log_to_stderr(filter: Option<&str>) {
    let filter = filter
        .and_then(|filter| EnvFilter::try_new(filter).ok())
        .unwrap_or_else(|| EnvFilter::new(USUAL));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Its own complaint about a closed standard error would panic.
        .log_internal_errors(false)
        .finish();
    // A program that logs in its own way has set a subscriber already, and keeps it.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
