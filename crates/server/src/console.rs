//! The console's files, from inside the program: names are looked up in a list, never on a disk.

use axum::body::Body;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::problem::Problem;

/// What `npm run build` in `console/` made, or nothing.
#[derive(Embed)]
#[folder = "../../console/dist/"]
#[allow_missing = true]
struct Files;

/// The page that starts the console.
const INDEX: &str = "index.html";

/// The folder of files whose names change with their content.
const HASHED: &str = "assets/";

/// Shown where the program was built without the console.
const MISSING: &str = include_str!("console/missing.html");

/// Compressed siblings of a file, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Answers everything that is no endpoint.
pub(crate) async fn console(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return no_endpoint().into_response();
    }
    let is_page = path.is_empty() || (wants_page(&headers) && !path.starts_with(HASHED));
    match Files::get(path).filter(|_| is_shown(path)) {
        Some(file) => answer(path, &file, &headers),
        None if is_page => index(&headers),
        None => Problem::not_found("there is no such file", "ファイルがありません。").into_response(),
    }
}

fn no_endpoint() -> Problem {
    Problem::not_found(
        "there is no such endpoint: /api/v1/openapi.json lists them all",
        "エンドポイントがありません。/api/v1/openapi.json で一覧を確認できます。",
    )
}

/// Pages of the console have addresses of their own, and the console itself finds out what they show.
fn index(headers: &HeaderMap) -> Response {
    match Files::get(INDEX) {
        Some(file) => answer(INDEX, &file, headers),
        None => ([(CONTENT_TYPE, media_type(INDEX))], MISSING).into_response(),
    }
}

/// Compressed siblings are given out in the place of their file, not by themselves.
fn is_shown(path: &str) -> bool {
    !ENCODINGS.iter().any(|(_, suffix)| path.ends_with(suffix))
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let (encoding, body) = encoded(path, file, headers);
    let tag = tag_of(file, encoding);
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|known| known.to_str().ok())
        .any(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(body)
    };
    let cache = if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let own = response.headers_mut();
    own.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    own.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    own.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        own.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        own.insert(ETAG, tag);
    }
    response
}

/// Returns the best form of a file that the client takes.
fn encoded(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> (Option<&'static str>, Body) {
    let sibling = ENCODINGS
        .iter()
        .filter(|(encoding, _)| takes(headers, encoding))
        .find_map(|(encoding, suffix)| Some((*encoding, Files::get(&format!("{path}{suffix}"))?)));
    match sibling {
        Some((encoding, sibling)) => (Some(encoding), Body::from(sibling.data)),
        None => (None, Body::from(file.data.clone())),
    }
}

fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| is_taken(one, encoding))
}

/// Reads one part of `accept-encoding`, such as `br;q=0.5`.
fn is_taken(one: &str, encoding: &str) -> bool {
    let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
    let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
    name.trim().eq_ignore_ascii_case(encoding) && weight.is_ok_and(|weight| weight > 0.0)
}

/// Each form of a file has a tag of its own.
fn tag_of(file: &EmbeddedFile, encoding: Option<&str>) -> String {
    const TAG_BYTES: usize = 16;
    let hash = file.metadata.sha256_hash();
    let digits: String = hash.iter().take(TAG_BYTES).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}{}\"", encoding.unwrap_or_default())
}

/// A kind that is not listed is given out as bytes, which no browser runs.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, suffix)| suffix) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "md" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_as_the_client_weighs_them() {
        assert!(is_taken("br", "br"));
        assert!(is_taken(" GZIP ; q=0.1", "gzip"));
        assert!(!is_taken("br;q=0", "br"));
        assert!(!is_taken("br;q=0.000", "br"));
        assert!(!is_taken("brotli", "br"));
    }

    #[test]
    fn compressed_siblings_are_given_out_in_the_place_of_their_file() {
        for (encoding, suffix) in ENCODINGS {
            let accept = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(encoding))]);
            for sibling in Files::iter().filter(|name| name.ends_with(suffix)) {
                let name = sibling.trim_end_matches(suffix);
                let file = Files::get(name).unwrap_or_else(|| panic!("{sibling} stands alone"));
                assert_eq!(encoded(name, &file, &accept).0, Some(encoding), "{name}");
                assert_eq!(encoded(name, &file, &HeaderMap::new()).0, None, "{name}");
                assert!(!is_shown(&sibling));
            }
        }
    }

    #[test]
    fn the_page_without_a_console_speaks_both_languages_and_loads_nothing() {
        assert!(MISSING.contains("cargo xtask demo"));
        assert!(MISSING.contains("lang=\"ja\"") && MISSING.contains("lang=\"en\""));
        for forbidden in ["<script", "<style", "style=", "src=", "href="] {
            assert!(!MISSING.contains(forbidden), "{forbidden}");
        }
    }
}
