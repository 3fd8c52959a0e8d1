use serde_json::Value;

use crate::client::Server;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_description_is_the_one_that_is_checked_in() {
    let now = sekisho_server::openapi_json();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &now).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(
        golden == now,
        "the API has changed: look at the difference and run this test with UPDATE_GOLDEN=1"
    );
}

#[tokio::test]
async fn every_path_that_is_described_is_answered() {
    let server = Server::with_events();
    let document = server.get("/api/v1/openapi.json").await.has_status(200).json();
    for path in paths(&document) {
        // Required parameters are missing here: what matters is that the answer comes from the endpoint itself.
        let target = path.replace("{name}", "x").replace("{id}", "x").replace("{uid}", "x");
        let answer = server.get(&target).await;
        assert!(!answer.text().contains("no such endpoint"), "{path}: {}", answer.text());
    }
    assert!(
        paths(&document)
            .iter()
            .filter(|path| path.starts_with("/api/v1/"))
            .count()
            >= 17
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_answer_has_a_shape() {
    let document: Value = serde_json::from_str(&sekisho_server::openapi_json()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for path in paths(&document) {
        let responses = &document["paths"][&path]["get"]["responses"];
        assert!(responses["200"]["content"].is_object(), "{path}");
        for status in ["400", "403", "404", "421", "500", "503"] {
            let schema = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{path} {status}");
        }
    }
}

fn paths(document: &Value) -> Vec<String> {
    document["paths"].as_object().unwrap().keys().cloned().collect()
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect_references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        _ => {}
    }
}
