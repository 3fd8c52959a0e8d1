//! Who may ask at all. There are no accounts yet, so the server answers this machine alone, and only pages of its own:
//! a page of another site must not read through the browser of someone who has the console open.

use std::net::IpAddr;

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sekisho_event::text::Text;

use crate::limits::{ANSWER_TIME_LIMIT, MAX_TARGET_BYTES};
use crate::problem::{Code, Problem};
use crate::state::AppState;

/// What the console may load: what this server gave out, nothing inline, nothing from elsewhere.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The headers of every answer.
const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Adds the security headers to every answer, refusals among them.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // Answers are about people and incidents: no cache keeps them, unless a handler knows better.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Turns away what must not be answered, and ends what takes too long.
pub(crate) async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if let Err(problem) = accept(&request, state.port()) {
        let mut response = problem.into_response();
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        return response;
    }
    match tokio::time::timeout(ANSWER_TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::too_slow().into_response(),
    }
}

fn accept(request: &Request, port: u16) -> Result<(), Problem> {
    check_host(request, port)?;
    check_method(request)?;
    check_size(request)?;
    let path = request.uri().path();
    // Pages may be reached by links from anywhere; data only by our own pages and by programs.
    if is_data(path) && !is_own_page(request) {
        return Err(refused(
            StatusCode::FORBIDDEN,
            "a page of another site may not read from this server",
            "別のサイトのページからは、このサーバーのデータを読み取れません。",
        ));
    }
    Ok(())
}

/// A name that a page of another site made to point here (DNS rebinding) is none of ours.
fn check_host(request: &Request, port: u16) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (host, another) = (hosts.next(), hosts.next());
    let host = host
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<Authority>().ok());
    let is_ours = another.is_none() && host.is_some_and(|host| is_this_machine(&host, port));
    let target_is_ours = request.uri().authority().is_none_or(|host| is_this_machine(host, port));
    if is_ours && target_is_ours {
        return Ok(());
    }
    Err(refused(
        StatusCode::MISDIRECTED_REQUEST,
        format!("this server answers to localhost:{port}, 127.0.0.1:{port} and [::1]:{port} only"),
        format!("このサーバーは localhost:{port}、127.0.0.1:{port}、[::1]:{port} 宛てのリクエストだけに応答します。"),
    ))
}

fn is_this_machine(host: &Authority, port: u16) -> bool {
    const HTTP_PORT: u16 = 80;
    if host.as_str().contains('@') || host.port_u16().unwrap_or(HTTP_PORT) != port {
        return false;
    }
    let name = host.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn check_method(request: &Request) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    Err(refused(
        StatusCode::METHOD_NOT_ALLOWED,
        "this server only reads: GET and HEAD",
        "このサーバーは読み取り専用です。GET と HEAD を受け付けます。",
    ))
}

fn check_size(request: &Request) -> Result<(), Problem> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET_BYTES {
        return Err(refused(
            StatusCode::URI_TOO_LONG,
            format!("the target of the request is longer than {MAX_TARGET_BYTES} bytes"),
            format!("リクエストの URL が {MAX_TARGET_BYTES} バイトを超えています。"),
        ));
    }
    if !Body::is_end_stream(request.body()) {
        return Err(refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "no request takes a body",
            "リクエストの本文は受け付けません。",
        ));
    }
    Ok(())
}

fn is_data(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path == "/metrics" || path == "/healthz"
}

/// Browsers say where a request comes from; programs do not.
fn is_own_page(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"))
}

fn refused(status: StatusCode, en: impl Into<String>, ja: impl Into<String>) -> Problem {
    let code = if status == StatusCode::FORBIDDEN {
        Code::Forbidden
    } else {
        Code::BadRequest
    };
    Problem::new(status, code, Text::of(en, ja))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_with_our_port_are_ours() {
        let is_ours = |host: &str| host.parse::<Authority>().is_ok_and(|host| is_this_machine(&host, 7474));
        for host in [
            "localhost:7474",
            "LOCALHOST:7474",
            "127.0.0.1:7474",
            "127.8.8.8:7474",
            "[::1]:7474",
        ] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "localhost",
            "localhost:80",
            "attacker.example:7474",
            "localhost.attacker.example:7474",
            "127.0.0.1.attacker.example:7474",
            "192.0.2.1:7474",
            "0.0.0.0:7474",
            "[::ffff:127.0.0.1]:7474",
            "user@localhost:7474",
            "",
        ] {
            assert!(!is_ours(host), "{host}");
        }
        assert!(is_this_machine(&Authority::from_static("localhost"), 80));
    }
}
