use serde_json::Value;

use crate::client::Server;
use crate::samples::SESSION_KEY;

#[track_caller]
fn has_keys(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key}: {value}");
    }
}

#[tokio::test]
async fn tables_come_in_pages_with_texts_in_both_languages() {
    let server = Server::with_events();
    let all = server.get("/api/v1/tables").await.has_status(200).json();
    has_keys(&all, &["items", "next_cursor", "updated_at"]);
    assert!(all["next_cursor"].is_null());
    let items = all["items"].as_array().unwrap();
    assert_eq!(items[0]["table"], "events");
    assert_eq!(items[0]["events"], 3);
    has_keys(
        &items[0],
        &[
            "table",
            "kind",
            "events",
            "from",
            "to",
            "ages_out",
            "ages_out_at",
            "retention_days",
            "keeps_days",
            "about",
        ],
    );
    has_keys(&items[0]["about"], &["en", "ja"]);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server
            .get(&format!("/api/v1/tables?limit=50{cursor}"))
            .await
            .has_status(200)
            .json();
        seen.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&seen, items);
}

#[tokio::test]
async fn a_table_is_described_by_its_columns() {
    let server = Server::with_events();
    for name in ["events", "salesforce_elf.RestApi", "SALESFORCE_ELF.restapi"] {
        let table = server
            .get(&format!("/api/v1/tables/{name}"))
            .await
            .has_status(200)
            .json();
        has_keys(&table, &["table", "about", "columns"]);
        let column = &table["columns"][0];
        has_keys(column, &["column", "type", "unit", "meaning", "doubt"]);
        has_keys(&column["meaning"], &["en", "ja"]);
    }
}

#[tokio::test]
async fn a_session_leads_to_the_tree_of_its_login() {
    let server = Server::with_events();
    let tree = server
        .get(&format!("/api/v1/session?key={SESSION_KEY}"))
        .await
        .has_status(200)
        .json();
    has_keys(
        &tree,
        &[
            "login_key",
            "orgs",
            "user",
            "login",
            "sessions",
            "events_without_session",
            "is_capped",
        ],
    );
    assert_eq!(tree["login_key"], "Zx9+/Yw8Vu7Ts6Rq");
    assert_eq!(tree["user"], "alice@kaede.example");
    assert_eq!(tree["sessions"][0]["events"], 2);
}

#[tokio::test]
async fn sessions_are_listed() {
    let server = Server::with_events();
    let page = server.get("/api/v1/sessions").await.has_status(200).json();
    has_keys(&page, &["items", "next_cursor", "updated_at"]);
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    has_keys(
        &items[0],
        &[
            "login_key",
            "session_key",
            "org",
            "user",
            "events",
            "from",
            "to",
            "findings",
        ],
    );
    assert_eq!(
        items[0]["session_key"], "aB+/c1D2e3F4g5H6",
        "the one with findings comes first"
    );
    let one = server.get("/api/v1/sessions?limit=1").await.has_status(200).json();
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    assert!(one["next_cursor"].is_string());
}

#[tokio::test]
async fn the_verdict_and_what_it_rests_on() {
    let server = Server::with_events();
    let sheet = server.get("/api/v1/verdict").await.has_status(200).json();
    has_keys(
        &sheet,
        &[
            "made_at",
            "from",
            "to",
            "verdict",
            "lists",
            "allow_lists",
            "rules",
            "orgs",
        ],
    );
    assert_eq!(sheet["verdict"], "hit");
    assert_eq!(sheet["made_at"], "2025-11-24T00:00:00Z");
    let coverage = server.get("/api/v1/coverage").await.has_status(200).json();
    has_keys(&coverage, &["orgs", "from", "to"]);
    assert_eq!(coverage["orgs"][0]["verdict"], "hit");
    has_keys(
        &coverage["orgs"][0]["tables"][0],
        &["table", "org", "events", "gaps", "blind", "days"],
    );
    let status = server.get("/api/v1/status").await.has_status(200).json();
    has_keys(
        &status,
        &[
            "version",
            "is_demo",
            "generation",
            "updated_at",
            "orgs",
            "lists",
            "allow_lists",
            "rules",
            "acts",
        ],
    );
    assert_eq!(status["events"], 3);
    assert_eq!(status["is_demo"], false);
    assert!(status["acts"].is_null());
}

#[tokio::test]
async fn findings_are_listed_filtered_and_described() {
    let server = Server::with_events();
    let page = server.get("/api/v1/findings").await.has_status(200).json();
    let finding = &page["items"][0];
    has_keys(
        finding,
        &[
            "id",
            "source",
            "rule_id",
            "rule",
            "title",
            "author",
            "level",
            "org",
            "actor",
            "sessions",
            "session_count",
            "src_ips",
            "tables",
            "events",
            "from",
            "to",
            "tags",
            "act",
            "examples",
            "query",
        ],
    );
    let id = finding["id"].as_str().unwrap();
    let detail = server
        .get(&format!("/api/v1/findings/{id}"))
        .await
        .has_status(200)
        .json();
    has_keys(&detail, &["id", "description", "falsepositives", "references"]);
    let none = server.get("/api/v1/findings?org=another").await.has_status(200).json();
    assert_eq!(none["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn events_are_searched_counted_and_followed() {
    let server = Server::with_events();
    let page = server
        .get("/api/v1/events?q=table:salesforce_elf.RestApi&sort=asc")
        .await
        .has_status(200)
        .json();
    has_keys(&page, &["items", "next_cursor", "updated_at", "took_ms"]);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][0]["src_ip"], "203.0.113.9");
    assert_eq!(page["items"][0].as_object().unwrap().len(), 34);
    let range = "from=2025-11-23T07:02:00Z&to=2025-11-23T16:02:10%2B09:00";
    let later = server
        .get(&format!("/api/v1/events?{range}"))
        .await
        .has_status(200)
        .json();
    assert_eq!(later["items"].as_array().unwrap().len(), 1);
    let elsewhere = server.get("/api/v1/events?org=another").await.has_status(200).json();
    assert_eq!(elsewhere["items"].as_array().unwrap().len(), 0);

    let histogram = server.get("/api/v1/events/histogram").await.has_status(200).json();
    has_keys(
        &histogram,
        &["from", "to", "bucket_ms", "buckets", "total", "undated", "took_ms"],
    );
    assert_eq!(histogram["total"], 3);
    let facets = server
        .get("/api/v1/events/facets?fields=src_ip,outcome")
        .await
        .has_status(200)
        .json();
    assert_eq!(facets["facets"][0]["field"], "src_ip");
    assert_eq!(facets["facets"][0]["values"][0]["count"], 2);
    let fields = server.get("/api/v1/events/fields").await.has_status(200).json();
    has_keys(&fields["fields"][0], &["name", "meaning"]);

    let uid = page["items"][0]["event_uid"].as_str().unwrap();
    let event = server
        .get(&format!("/api/v1/events/{uid}"))
        .await
        .has_status(200)
        .json();
    has_keys(&event, &["event", "table", "fields", "extra"]);
    has_keys(
        &event["fields"][0],
        &["name", "type", "unit", "meaning", "value", "original"],
    );
    let around = server
        .get(&format!("/api/v1/events/{uid}/surrounding?by=org&limit=1"))
        .await
        .has_status(200)
        .json();
    assert_eq!(around["before"].as_array().unwrap().len(), 1);
    assert_eq!(around["after"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_are_taken_away_as_a_safe_file() {
    let server = Server::with_events();
    let csv = server.get("/api/v1/events/export?format=csv").await.has_status(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").starts_with("attachment; filename=\""));
    assert!(csv.text().starts_with("event_uid,"));
    assert!(
        csv.text().contains("'=cmd|"),
        "a cell that would start a formula is defused"
    );
    assert_eq!(csv.text().lines().count(), 4);
    let lines = server
        .get("/api/v1/events/export?format=jsonl&q=rows%3E1000")
        .await
        .has_status(200);
    let lines: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["rows"], 2000);
}

#[tokio::test]
async fn health_and_metrics_tell_of_the_server_and_not_of_events() {
    let server = Server::with_events();
    let health = server.get("/healthz").await.has_status(200).json();
    assert_eq!(health["status"], "ok");
    server
        .get(&format!("/api/v1/session?key={SESSION_KEY}"))
        .await
        .has_status(200);
    server.get("/api/v1/nothing").await.has_status(404);
    let metrics = server.get("/metrics").await.has_status(200);
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    let text = metrics.text();
    for line in [
        "sekisho_http_requests_total{route=\"/api/v1/session\",status=\"200\"} 1",
        "sekisho_http_requests_total{route=\"console\",status=\"404\"} 1",
        "sekisho_http_request_duration_seconds_count{route=\"/api/v1/session\"} 1",
        "sekisho_store_events 3",
        "sekisho_store_upkeep_steps_total 0",
        "sekisho_http_requests_in_flight 1",
        "sekisho_build_info{version=",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for secret in ["aB+/c1D2e3F4g5H6", "alice", "203.0.113.9"] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
}
