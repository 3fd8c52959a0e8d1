//! Counters of the server, by route: no parameter, name or address is ever a label.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use sekisho_operation::store_care::Maintained;

use crate::state::AppState;

/// The media type of [`Metrics::text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds: from a look-up in memory to the time limit of a request.
const DURATION_BUCKETS_SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// The route of everything that the console's files answer.
const CONSOLE: &str = "console";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// The counters.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Route, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    events: Gauge,
    upkeep: UpkeepCounters,
}

/// Counters of what maintaining the store did.
#[derive(Debug, Clone, Default)]
pub(crate) struct UpkeepCounters {
    steps: Counter,
    merged_rows: Counter,
    deleted_rows: Counter,
    removed_files: Counter,
    failures: Counter,
}

impl UpkeepCounters {
    /// Counts what a step did.
    pub(crate) fn did(&self, done: &Maintained) {
        self.steps.inc_by(done.steps);
        self.merged_rows.inc_by(done.merged_rows);
        self.deleted_rows.inc_by(done.deleted_rows);
        self.removed_files.inc_by(done.removed_files);
        self.failures.inc_by(done.problems.len() as u64);
    }

    /// Counts a step that could not be done.
    pub(crate) fn failed(&self) {
        self.failures.inc();
    }

    fn register(&self, registry: &mut Registry) {
        for (name, help, counter) in [
            (
                "store_upkeep_steps",
                "Steps of maintenance that changed the store",
                &self.steps,
            ),
            (
                "store_upkeep_merged_rows",
                "Rows that were merged into fewer segments",
                &self.merged_rows,
            ),
            (
                "store_upkeep_deleted_rows",
                "Rows that retention settings deleted",
                &self.deleted_rows,
            ),
            (
                "store_upkeep_removed_files",
                "Files that nobody needed any more",
                &self.removed_files,
            ),
            ("store_upkeep_failures", "What could not be maintained", &self.failures),
        ] {
            registry.register(name, help, counter.clone());
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(DURATION_BUCKETS_SECONDS);
        let mut metrics = Self {
            registry: Registry::with_prefix("sekisho"),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            in_flight: Gauge::default(),
            events: Gauge::default(),
            upkeep: UpkeepCounters::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    /// Notes how many events the store holds.
    pub(crate) fn stored(&self, events: u64) {
        self.events.set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    /// Returns the counters of maintaining the store.
    pub(crate) fn upkeep(&self) -> UpkeepCounters {
        self.upkeep.clone()
    }

    /// Returns all counters as text.
    pub(crate) fn text(&self) -> Option<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).ok()?;
        Some(text)
    }

    fn register(&mut self) {
        let version = ("version", env!("CARGO_PKG_VERSION"));
        self.registry
            .register("build", "The program that answers", Info::new(vec![version]));
        self.registry
            .register("http_requests", "Requests answered", self.requests.clone());
        self.registry.register(
            "http_request_duration_seconds",
            "Time until an answer began",
            self.durations.clone(),
        );
        self.registry.register(
            "http_requests_in_flight",
            "Requests being answered",
            self.in_flight.clone(),
        );
        self.registry
            .register("store_events", "Events in the store", self.events.clone());
        self.upkeep.register(&mut self.registry);
    }

    fn answered(&self, route: String, status: u16, took: Duration) {
        self.durations
            .get_or_create(&Route { route: route.clone() })
            .observe(took.as_secs_f64());
        let answered = Answered {
            route,
            status: status.into(),
        };
        self.requests.get_or_create(&answered).inc();
    }
}

/// Counts a request while it is being answered, also where its client goes away before the end.
struct InFlight(Gauge);

impl InFlight {
    fn begin(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Counts and times every request, and writes one line of log: which route, never what was asked for.
pub(crate) async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or(CONSOLE, MatchedPath::as_str)
        .to_owned();
    let _in_flight = InFlight::begin(&state.metrics().in_flight);
    let begun = Instant::now();
    let response = next.run(request).await;
    let (took, status) = (begun.elapsed(), response.status().as_u16());
    tracing::info!(route, status, took_ms = took.as_millis(), "request answered");
    state.metrics().answered(route, status, took);
    response
}
