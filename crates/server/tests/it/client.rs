//! A store, the service over it, and answers as a client reads them.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use sekisho_event::time::{Range, parse_instant};
use sekisho_operation::Caller;
use sekisho_operation::board::{Board, BoardOptions};
use sekisho_operation::ingest::ingest;
use sekisho_operation::inputs::ReadOptions;
use sekisho_operation::watch::{Watch, WatchChoice};
use sekisho_server::{ServeOptions, service};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::samples;

/// The port that the service believes to listen on.
pub(crate) const PORT: u16 = 7474;

/// A service over a store of its own.
pub(crate) struct Server {
    router: Router,
    _dir: TempDir,
}

/// What a client got.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// Returns a service over three events of two users, one of them on an indicator list.
    pub(crate) fn with_events() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = options_with_events(dir.path());
        Self {
            router: service(options, PORT),
            _dir: dir,
        }
    }

    /// Returns a service without a store.
    pub(crate) fn without_store() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = options(&dir.path().join("nothing"), &[]);
        Self {
            router: service(options, PORT),
            _dir: dir,
        }
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(request(target).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = request(target).body(Body::empty()).unwrap();
        for (name, value) in headers {
            let name = name.parse::<axum::http::HeaderName>().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        }
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn has_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Returns a request as a program on this machine makes it.
pub(crate) fn request(target: &str) -> axum::http::request::Builder {
    Request::builder()
        .uri(target)
        .header("host", format!("localhost:{PORT}"))
}

/// Fills a store below `dir` and returns what serves it.
pub(crate) fn options_with_events(dir: &Path) -> ServeOptions {
    let data_dir = dir.join("data");
    let files: Vec<PathBuf> = [("api.csv", samples::REST_API), ("login.csv", samples::LOGIN)]
        .into_iter()
        .map(|(name, content)| write(dir, name, content))
        .collect();
    let report = ingest(&Caller::local("test"), &data_dir, &files, &ReadOptions::default()).unwrap();
    assert_eq!(report.events, 3, "{report:?}");
    let list = write(dir, "list.yaml", samples::LIST);
    options(&data_dir, &[list])
}

fn options(data_dir: &Path, lists: &[PathBuf]) -> ServeOptions {
    let choice = WatchChoice {
        lists: lists.to_vec(),
        ..WatchChoice::default()
    };
    let made_at_us = parse_instant("2025-11-24T00:00:00Z", None).unwrap();
    let board = BoardOptions {
        watch: Watch::load(&choice).unwrap(),
        range: Range::default(),
        truth: None,
        clock: Box::new(move || made_at_us),
    };
    ServeOptions {
        data_dir: data_dir.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        board: Board::new(data_dir, board),
        caller: Caller::local("test"),
    }
}

fn write(dir: &Path, name: &str, content: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, content).unwrap();
    path
}
