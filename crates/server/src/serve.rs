//! Listening, and ending well.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use sekisho_operation::Caller;
use sekisho_operation::board::Board;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::router;
use crate::error::Error;
use crate::limits::{HEAD_TIME_LIMIT, MAX_CONNECTIONS, MAX_HEAD_BYTES, MAX_HEADERS, STOP_TIME_LIMIT};
use crate::state::AppState;
use crate::upkeep::Upkeep;

/// Threads that answer; the work itself runs on threads of its own.
const ANSWERING_THREADS: usize = 2;

/// How long to wait before taking connections again, where the machine has no room for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is served, where, and to whom.
#[derive(Debug)]
pub struct ServeOptions {
    /// Where the store is.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What is watched for in the store.
    pub board: Board,
    /// As whom every request is answered, as long as there are no accounts.
    pub caller: Caller,
}

/// Checks that an address can be listened on, before work is done for it. It may be taken by another program afterwards.
///
/// # Errors
/// The address can be reached from other machines, or cannot be listened on.
#[expect(
    clippy::disallowed_types,
    reason = "it listens on this machine, and connects to nowhere"
)]
pub fn check_listen(listen: SocketAddr) -> Result<(), Error> {
    if !listen.ip().is_loopback() {
        return Err(Error::NotLoopback { listen });
    }
    let tried = std::net::TcpListener::bind(listen);
    tried.map(drop).map_err(|source| Error::Listen { listen, source })
}

/// Serves until the process is told to stop (SIGINT or SIGTERM). Calls `on_ready` once with the address that it listens
/// on.
///
/// # Errors
/// The address can be reached from other machines, or cannot be listened on.
pub fn serve(options: ServeOptions, on_ready: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    if !options.listen.ip().is_loopback() {
        return Err(Error::NotLoopback { listen: options.listen });
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(ANSWERING_THREADS)
        .thread_name("sekisho-server")
        .enable_all()
        .build()
        .map_err(Error::Start)?;
    let done = runtime.block_on(listen(options, on_ready));
    // An operation that still runs has nobody to answer to.
    runtime.shutdown_background();
    done
}

async fn listen(options: ServeOptions, on_ready: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let listen = options.listen;
    let cannot = |source| Error::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Error::Start)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Error::Start)?;
    let data_dir = options.data_dir.clone();
    let state = AppState::new(options, address.port());
    let _upkeep = Upkeep::start(&data_dir, state.metrics().upkeep());
    let router = router(state.clone());
    let open = GracefulShutdown::new();
    on_ready(address);
    tokio::spawn(state.prepare());
    tracing::info!(%address, "listening");
    tokio::select! {
        () = accept(&listener, router, &open) => {}
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    drop(listener);
    tracing::info!(connections = open.count(), "stopping");
    if tokio::time::timeout(STOP_TIME_LIMIT, open.shutdown()).await.is_err() {
        tracing::warn!("requests were cut off: they did not end in time");
    }
    Ok(())
}

/// Takes connections for ever, no more at once than there is room for.
async fn accept(listener: &TcpListener, router: Router, open: &GracefulShutdown) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(answer(stream, router.clone(), open.watcher(), place));
            }
            Err(error) => {
                tracing::warn!(%error, "connection not taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Answers the requests of one connection.
async fn answer(stream: TcpStream, router: Router, watcher: Watcher, place: OwnedSemaphorePermit) {
    let _place = place;
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_LIMIT)
        .max_header_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended early");
    }
}
