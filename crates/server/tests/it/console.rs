use crate::client::Server;

const PAGE: [(&str, &str); 1] = [("accept", "text/html,application/xhtml+xml")];

#[tokio::test]
async fn pages_of_the_console_have_addresses_of_their_own() {
    let server = Server::with_events();
    let start = server.get("/").await.has_status(200);
    assert_eq!(start.header("content-type"), "text/html; charset=utf-8");
    for target in [
        "/findings",
        "/sessions/aB%2B",
        "/tables/salesforce_elf.Report",
        "/events?q=x",
    ] {
        let page = server.get_with(target, &PAGE).await.has_status(200);
        assert_eq!(page.body, start.body, "{target}");
        server.get(target).await.has_status(404);
    }
    server.get_with("/assets/none.js", &PAGE).await.has_status(404);
}

#[tokio::test]
async fn no_path_leads_out_of_the_program() {
    let server = Server::with_events();
    for target in [
        "/../Cargo.toml",
        "/../../Cargo.toml",
        "/assets/../../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "/..%5cCargo.toml",
        "/assets/%2e%2e/%2e%2e/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/%00",
        "/index.html%00.js",
        "/./Cargo.toml",
        "/assets/",
        "/index.html.br",
        "/index.html.gz",
    ] {
        let answer = server.get(target).await.has_status(404);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{target}");
        // As a page it is the console, and never a file.
        let page = server.get_with(target, &PAGE).await;
        assert!(
            !page.text().contains("[package]") && !page.text().contains("root:"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn the_start_page_is_asked_for_again_and_not_sent_again() {
    let server = Server::with_events();
    let start = server.get("/").await.has_status(200);
    let tag = start.header("etag").to_owned();
    if tag.is_empty() {
        assert!(start.text().contains("cargo xtask demo"), "built without the console");
        return;
    }
    assert_eq!(start.header("cache-control"), "no-cache");
    let again = server.get_with("/", &[("if-none-match", &tag)]).await.has_status(304);
    assert!(again.body.is_empty());
    let packed = server
        .get_with("/", &[("accept-encoding", "gzip, br")])
        .await
        .has_status(200);
    assert_eq!(packed.header("vary"), "accept-encoding");
    assert!(["br", "gzip", ""].contains(&packed.header("content-encoding")));
    if !packed.header("content-encoding").is_empty() {
        assert_ne!(packed.header("etag"), tag);
    }
}

#[tokio::test]
async fn files_with_hashed_names_are_kept_and_packed() {
    let server = Server::with_events();
    let start = server.get("/").await.has_status(200).text();
    let files: Vec<&str> = start.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(files.is_empty() != start.contains("<script"), "{start}");
    for file in files {
        let plain = server.get(file).await.has_status(200);
        assert_eq!(
            plain.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{file}"
        );
        assert_ne!(plain.header("content-type"), "application/octet-stream", "{file}");
        let packed = server.get_with(file, &[("accept-encoding", "br;q=1, gzip;q=0")]).await;
        if packed.header("content-encoding") == "br" {
            assert!(packed.body.len() < plain.body.len(), "{file}");
        }
        assert_eq!(packed.header("content-type"), plain.header("content-type"), "{file}");
    }
}
