use serde_json::Value;

use crate::client::{Answer, Server};

/// Checks the shape of a problem and that it speaks both languages.
#[track_caller]
fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["status"], status);
    assert_eq!(answer.status, status);
    assert_eq!(problem["code"], code, "{problem}");
    for text in ["title", "detail"] {
        let (en, ja) = (&problem[text]["en"], &problem[text]["ja"]);
        assert!(
            en.as_str().is_some_and(|en| en.is_ascii() && !en.is_empty()),
            "{problem}"
        );
        let is_japanese = |ja: &str| ja.chars().any(|one| matches!(one, '\u{3040}'..='\u{30ff}'));
        assert!(ja.as_str().is_some_and(is_japanese), "{problem}");
    }
    assert!(problem.get("hint").is_some(), "{problem}");
    problem
}

#[tokio::test]
async fn what_is_not_there_is_said_as_json() {
    let server = Server::with_events();
    for target in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v2/tables",
        "/api/v1/tables/no.such_table",
        "/api/v1/session?key=none",
        "/api/v1/findings/none",
        "/api/v1/events/00000000000000000000000000000000",
        "/assets/none.js",
        "/favicon.nothing",
    ] {
        // A browser's own request too: an address of the API never shows a page.
        let answer = server.get(target).await;
        problem(&answer, 404, "not_found");
        if target.starts_with("/api") {
            problem(
                &server.get_with(target, &[("accept", "text/html")]).await,
                404,
                "not_found",
            );
        }
    }
}

#[tokio::test]
async fn parameters_that_are_not_understood_are_refused() {
    let server = Server::with_events();
    for target in [
        "/api/v1/verdict?org=acme",
        "/api/v1/coverage?from=2025-11-20T00:00:00Z",
        "/api/v1/findings?level=severe",
        "/api/v1/tables?limt=1",
        "/api/v1/tables?limit=0",
        "/api/v1/tables?limit=1001",
        "/api/v1/tables?limit=ten",
        "/api/v1/tables?cursor=nothing",
        "/api/v1/session",
        "/api/v1/session?key=a&key=b",
        "/api/v1/events?from=2025-11-23T00:00:00",
        "/api/v1/events?from=2025-11-23",
        "/api/v1/events?from=2025-11-23T00:00:00Z&to=2025-11-22T00:00:00Z",
        "/api/v1/events?sort=up",
        "/api/v1/events?limit=1001",
        "/api/v1/events/histogram?buckets=0",
        "/api/v1/events/facets?fields=no_such_field",
        "/api/v1/events/export",
        "/api/v1/events/export?format=xlsx",
        "/api/v1/findings?cursor=zzz",
        "/api/v1/sessions?limit=0",
        "/api/v1/tables/%ff",
    ] {
        problem(&server.get(target).await, 400, "bad_request");
    }
}

#[tokio::test]
async fn a_search_that_is_not_understood_says_where() {
    let server = Server::with_events();
    for target in [
        "events?",
        "events/histogram?",
        "events/facets?",
        "events/export?format=csv&",
        "sessions?",
    ] {
        let answer = server.get(&format!("/api/v1/{target}q=actor:alice%20(")).await;
        let problem = problem(&answer, 400, "bad_query");
        let (start, end) = (problem["at"]["start"].as_u64(), problem["at"]["end"].as_u64());
        assert!(start.is_some_and(|start| (11..=13).contains(&start)), "{problem}");
        assert!(start <= end, "{problem}");
    }
}

#[tokio::test]
async fn without_a_store_the_program_says_so() {
    let server = Server::without_store();
    for target in [
        "/healthz",
        "/api/v1/status",
        "/api/v1/verdict",
        "/api/v1/events",
        "/api/v1/session?key=a",
    ] {
        let answer = server.get(target).await;
        let problem = problem(&answer, 503, "no_store");
        assert!(
            problem["detail"]["en"].as_str().unwrap().contains("ingest"),
            "{problem}"
        );
    }
    server.get("/metrics").await.has_status(200);
    let tables = server.get("/api/v1/tables").await.has_status(200).json();
    assert_eq!(tables["items"][0]["events"], 0);
}
