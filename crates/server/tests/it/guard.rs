use axum::body::Body;

use crate::client::{PORT, Server, request};

/// Every kind of answer: data, a problem, a page, a refusal.
const TARGETS: [&str; 7] = [
    "/",
    "/healthz",
    "/metrics",
    "/api/v1/tables",
    "/api/v1/nothing",
    "/assets/nothing.js",
    "/api/v1/tables?unknown=1",
];

#[tokio::test]
async fn security_headers_stand_on_every_answer() {
    let server = Server::with_events();
    let mut answers = Vec::new();
    for target in TARGETS {
        answers.push((target, server.get(target).await));
        answers.push((target, server.get_with(target, &[("host", "attacker.example")]).await));
    }
    for (target, answer) in answers {
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{target}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{target}: {policy}");
        for directive in ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(directive), "{target}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{target}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{target}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{target}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{target}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{target}");
        assert!(!answer.header("cache-control").is_empty(), "{target}");
        assert!(answer.headers.get("access-control-allow-origin").is_none(), "{target}");
    }
}

#[tokio::test]
async fn data_is_never_stored_by_a_cache() {
    let server = Server::with_events();
    for target in [
        "/api/v1/tables",
        "/api/v1/status",
        "/api/v1/nothing",
        "/healthz",
        "/metrics",
    ] {
        let answer = server.get(target).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{target}");
    }
}

#[tokio::test]
async fn another_host_name_is_misdirected() {
    let server = Server::with_events();
    for host in [
        "attacker.example",
        "attacker.example:7474",
        "localhost",
        "localhost:1",
        "192.0.2.1:7474",
        "",
    ] {
        for target in ["/", "/api/v1/tables", "/healthz"] {
            let answer = server.get_with(target, &[("host", host)]).await;
            assert_eq!(answer.status, 421, "{host} {target}");
        }
    }
    for host in ["localhost:7474", "127.0.0.1:7474", "[::1]:7474"] {
        server
            .get_with("/api/v1/tables", &[("host", host)])
            .await
            .has_status(200);
    }
    let without = axum::http::Request::builder().uri("/").body(Body::empty()).unwrap();
    server.send(without).await.has_status(421);
    let twice = request("/")
        .header("host", "localhost:7474")
        .body(Body::empty())
        .unwrap();
    server.send(twice).await.has_status(421);
    let absolute = request("http://attacker.example/api/v1/tables")
        .body(Body::empty())
        .unwrap();
    server.send(absolute).await.has_status(421);
}

#[tokio::test]
async fn pages_of_other_sites_read_no_data() {
    let server = Server::with_events();
    for target in ["/api/v1/tables", "/metrics", "/healthz", "/api/v1/nothing"] {
        for site in ["cross-site", "same-site", "something new"] {
            let answer = server
                .get_with(target, &[("sec-fetch-site", site)])
                .await
                .has_status(403);
            assert_eq!(answer.json()["code"], "forbidden");
        }
        for site in ["same-origin", "none"] {
            let answer = server.get_with(target, &[("sec-fetch-site", site)]).await;
            assert_ne!(answer.status, 403, "{target} {site}");
        }
    }
    // A link in a mail opens the console.
    let link = [("sec-fetch-site", "cross-site"), ("accept", "text/html")];
    server.get_with("/findings", &link).await.has_status(200);
}

#[tokio::test]
async fn nothing_but_reading_is_accepted() {
    let server = Server::with_events();
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        for target in ["/", "/api/v1/tables", "/api/v1/nothing"] {
            let request = request(target).method(method).body(Body::empty()).unwrap();
            let answer = server.send(request).await.has_status(405);
            assert_eq!(answer.header("allow"), "GET, HEAD");
        }
    }
    let head = request("/api/v1/tables").method("HEAD").body(Body::empty()).unwrap();
    assert!(server.send(head).await.has_status(200).body.is_empty());
}

#[tokio::test]
async fn bodies_and_long_targets_are_refused() {
    let server = Server::with_events();
    let body = request("/api/v1/tables").body(Body::from("x")).unwrap();
    server.send(body).await.has_status(413);
    let long = format!(
        "/api/v1/events?q={}",
        "x".repeat(sekisho_server::limits::MAX_TARGET_BYTES)
    );
    server.get(&long).await.has_status(414);
    assert_eq!(PORT, 7474);
}
