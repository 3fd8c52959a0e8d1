//! Taking events away as a file.
#![allow(
    unused_qualifications,
    reason = "the macro that describes an endpoint names its parameters in full"
)]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use futures::Stream;
use futures::stream::poll_fn;
use sekisho_operation::Error;
use sekisho_operation::events::{self as operation, Export, ExportFormat, ExportRequest};
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use utoipa::IntoParams;

use crate::limits::{EXPORT_PIECES_READY, EXPORT_STALL_LIMIT};
use crate::params::{self, Query};
use crate::problem::Problem;
use crate::state::AppState;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// The form of the file.
    #[param(inline)]
    format: ExportFormat,
    /// The search; every event where nothing is said.
    q: Option<String>,
    /// The first time, RFC 3339 with a zone.
    from: Option<String>,
    /// The end, not included.
    to: Option<String>,
    /// Orgs; repeated for more.
    #[serde(default)]
    org: Vec<String>,
}

type Piece = Result<Bytes, io::Error>;

/// What the answer begins with.
struct Head {
    content_type: &'static str,
    file_name: &'static str,
}

/// Gives every event that a search finds as a file. What goes wrong on the way cuts the connection, so that no client
/// takes a part for the whole.
#[utoipa::path(
    get,
    path = "/api/v1/events/export",
    tag = "events",
    params(ExportQuery),
    responses(
        (status = 200, content(
            (String = "text/csv"),
            (String = "application/jsonl")
        ), headers(("content-disposition" = String, description = "A name for the file")))
    )
)]
pub(crate) async fn export(
    State(state): State<AppState>,
    Query(query): Query<ExportQuery>,
) -> Result<impl IntoResponse, Problem> {
    let request = ExportRequest {
        filter: params::filter(query.q, query.from.as_deref(), query.to.as_deref(), query.org)?,
        format: query.format,
    };
    let (head, pieces) = begin(state, request).await?;
    let headers = [
        (CONTENT_TYPE, head.content_type.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", head.file_name),
        ),
    ];
    Ok((headers, pieces))
}

/// Starts the export on a thread that may block; it keeps its place among the heavy operations until the last piece.
async fn begin(state: AppState, request: ExportRequest) -> Result<(Head, Body), Problem> {
    let (begun, head) = oneshot::channel();
    let (sender, pieces) = mpsc::channel::<Piece>(EXPORT_PIECES_READY);
    let is_whole = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&is_whole);
    let runtime = Handle::current();
    let work = tokio::spawn(async move {
        state
            .heavy(move |room| {
                let export = operation::export(room.caller, room.data_dir, &request)?;
                let head = Head {
                    content_type: export.content_type,
                    file_name: export.file_name,
                };
                if begun.send(head).is_ok() {
                    ended.store(give(export, &sender, &runtime), Ordering::Release);
                }
                Ok(())
            })
            .await
    });
    match head.await {
        Ok(head) => Ok((head, Body::from_stream(whole(pieces, is_whole)))),
        // It ended before it began: the reason is its answer.
        Err(_) => match work.await {
            Ok(Err(problem)) => Err(problem),
            _ => Err(Problem::internal()),
        },
    }
}

/// Hands out pieces until the end, an error, or a client that takes no more. Returns whether all were taken.
fn give(export: Export, sender: &mpsc::Sender<Piece>, runtime: &Handle) -> bool {
    for piece in export {
        let piece = piece.map(Bytes::from).map_err(|error| cut_off(&error));
        let is_last = piece.is_err();
        let sent = runtime.block_on(async { tokio::time::timeout(EXPORT_STALL_LIMIT, sender.send(piece)).await });
        if is_last || !matches!(sent, Ok(Ok(()))) {
            return false;
        }
    }
    true
}

/// Returns the pieces as they come. Where they stop before the end, an error follows: a body that merely ended would look
/// whole.
fn whole(mut pieces: mpsc::Receiver<Piece>, is_whole: Arc<AtomicBool>) -> impl Stream<Item = Piece> {
    let mut is_told = false;
    poll_fn(move |context| match pieces.poll_recv(context) {
        Poll::Ready(None) if !is_told && !is_whole.load(Ordering::Acquire) => {
            is_told = true;
            Poll::Ready(Some(Err(io::Error::other("the export stopped before its end"))))
        }
        other => other,
    })
}

fn cut_off(error: &Error) -> io::Error {
    tracing::error!(%error, "export was cut off");
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_part_never_looks_like_the_whole() {
        for is_whole in [true, false] {
            let (sender, pieces) = mpsc::channel(1);
            sender.send(Ok(Bytes::from_static(b"a\n"))).await.unwrap();
            drop(sender);
            let got: Vec<Piece> = whole(pieces, Arc::new(AtomicBool::new(is_whole))).collect().await;
            assert!(got[0].is_ok());
            assert_eq!(got.len(), if is_whole { 1 } else { 2 });
            assert_eq!(got.last().unwrap().is_err(), !is_whole);
        }
    }
}
