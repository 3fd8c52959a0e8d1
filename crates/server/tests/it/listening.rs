use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use sekisho_server::{Error, serve};

use crate::client::options_with_events;

#[test]
fn an_address_that_others_reach_is_refused_and_says_why() {
    for listen in ["0.0.0.0:0", "192.0.2.1:7474", "[::]:0", "[2001:db8::1]:0"] {
        let dir = tempfile::tempdir().unwrap();
        let mut options = options_with_events(dir.path());
        options.listen = listen.parse().unwrap();
        let error = serve(options, |_| panic!("it listens on {listen}")).unwrap_err();
        assert!(matches!(error, Error::NotLoopback { .. }), "{error}");
        assert!(error.is_usage());
        assert!(error.text().en.contains("TLS"));
        assert!(error.hint().is_some());
    }
}

#[test]
fn a_port_that_is_taken_is_said() {
    let taken = taken_port();
    let dir = tempfile::tempdir().unwrap();
    let mut options = options_with_events(dir.path());
    options.listen = taken.1;
    let error = serve(options, |_| panic!("it listens")).unwrap_err();
    assert!(matches!(error, Error::Listen { .. }), "{error}");
    assert!(error.hint().unwrap().en.contains("--listen"));
}

#[test]
fn a_real_connection_is_answered_and_large_heads_are_not() {
    let address = started();
    let host = format!("localhost:{}", address.port());
    let answer = exchange(
        address,
        &format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"),
    );
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"status\":\"ok\""), "{answer}");
    let foreign = exchange(
        address,
        "GET /healthz HTTP/1.1\r\nhost: attacker.example\r\nconnection: close\r\n\r\n",
    );
    assert!(foreign.starts_with("HTTP/1.1 421 "), "{foreign}");
    let large = "x".repeat(sekisho_server::limits::MAX_HEAD_BYTES);
    let refused = exchange(
        address,
        &format!("GET / HTTP/1.1\r\nhost: {host}\r\nx-large: {large}\r\n\r\n"),
    );
    assert!(refused.starts_with("HTTP/1.1 431 "), "{refused}");
    let many = "x-many: 1\r\n".repeat(sekisho_server::limits::MAX_HEADERS + 1);
    let refused = exchange(address, &format!("GET / HTTP/1.1\r\nhost: {host}\r\n{many}\r\n"));
    assert!(refused.starts_with("HTTP/1.1 431 "), "{refused}");
    let garbled = exchange(address, "\u{1}\u{2}\u{3}\r\n\r\n");
    assert!(garbled.is_empty() || garbled.starts_with("HTTP/1.1 400 "), "{garbled}");
}

/// Starts a server on a free port; it ends with the test program.
fn started() -> SocketAddr {
    let (ready, address) = mpsc::channel();
    std::thread::spawn(move || {
        let dir = tempfile::tempdir().unwrap();
        serve(options_with_events(dir.path()), |address| ready.send(address).unwrap()).unwrap();
    });
    address.recv_timeout(Duration::from_secs(60)).unwrap()
}

fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // A server that refuses early may close before all was sent.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn taken_port() -> (std::net::TcpListener, SocketAddr) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}
