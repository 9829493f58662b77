//! The reader of passing HTTP/1.1 held against hyper, on the same bytes.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
use tokio::runtime::{Builder, Runtime};

use super::framing::Budget;
use super::http1::ConnectionParser;
use crate::model::exchange::Sent;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn shown(body: &[u8]) -> String {
    body.escape_ascii().to_string()
}

/// The reply that hyper's client reads: status, number of headers and body; nothing if it reads none.
async fn reply_of_hyper(method: &str, bytes: &[u8]) -> Option<String> {
    let (mine, mut theirs) = duplex(1 << 20);
    let mut client = hyper::client::conn::http1::Builder::new();
    client.allow_obsolete_multiline_headers_in_responses(true);
    let (mut sender, connection) = client.handshake(TokioIo::new(mine)).await.ok()?;
    let connection = tokio::spawn(connection);
    let request = Request::builder().method(method).uri("/").header("host", "h").body(Empty::<Bytes>::new()).unwrap();
    let bytes = bytes.to_vec();
    let server = tokio::spawn(async move {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            asked.push(theirs.read_u8().await.unwrap());
        }
        // Whoever has given up does not hear the rest.
        _ = theirs.write_all(&bytes).await;
        _ = theirs.shutdown().await;
    });
    let reply = async {
        let reply = sender.send_request(request).await.ok()?;
        let (status, count) = (reply.status().as_u16(), reply.headers().len());
        let is_tunnel = status == 101;
        let body = if is_tunnel { Bytes::new() } else { reply.into_body().collect().await.ok()?.to_bytes() };
        Some(format!("{status} {count} {}", shown(&body)))
    }
    .await;
    drop(sender);
    connection.abort();
    _ = server.await;
    reply
}

/// The same, as it is judged; and whether its two ends were named.
fn reply_of_ours(method: &str, bytes: &[u8], step: usize) -> (Option<String>, bool) {
    let mut parser = ConnectionParser::new("http://h".to_owned(), 1 << 20, Budget::new(1 << 24));
    parser.asked(format!("{method} / HTTP/1.1\r\nhost: h\r\n\r\n").as_bytes(), None);
    bytes.chunks(step).for_each(|piece| parser.answered(piece));
    parser.answered_all(None);
    let Some(reply) = parser.take_ended().into_iter().next().and_then(|recorded| recorded.exchange.reply) else {
        return (None, false);
    };
    let has_two_ends = reply.framing_fault.as_deref().is_some_and(|fault| fault.starts_with("has two ends"));
    let is_read = reply.framing_fault.is_none() || has_two_ends;
    (is_read.then(|| format!("{} {} {}", reply.status, reply.headers.len(), shown(&reply.body))), has_two_ends)
}

#[track_caller]
fn same_reply(method: &str, bytes: &[u8]) {
    let theirs = runtime().block_on(reply_of_hyper(method, bytes));
    for step in [1, 3, 1 << 20] {
        let (ours, _) = reply_of_ours(method, bytes, step);
        assert_eq!(ours, theirs, "{method} in steps of {step}: {}", shown(bytes));
    }
}

/// The requests that hyper's server reads whole.
async fn requests_of_hyper(bytes: &[u8]) -> Vec<String> {
    let read = Arc::new(Mutex::new(Vec::new()));
    let (mine, mut theirs) = duplex(1 << 20);
    let seen = Arc::clone(&read);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let seen = Arc::clone(&seen);
        async move {
            let line = format!("{} {}", request.method(), request.uri());
            if let Ok(body) = request.into_body().collect().await {
                seen.lock().unwrap().push(format!("{line} {}", shown(&body.to_bytes())));
            }
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let server = tokio::spawn(
        hyper::server::conn::http1::Builder::new().half_close(true).serve_connection(TokioIo::new(mine), service),
    );
    theirs.write_all(bytes).await.unwrap();
    theirs.shutdown().await.unwrap();
    _ = theirs.read_to_end(&mut Vec::new()).await;
    _ = server.await;
    read.lock().unwrap().clone()
}

fn requests_of_ours(bytes: &[u8], step: usize) -> Vec<String> {
    let mut parser = ConnectionParser::new(String::new(), 1 << 20, Budget::new(1 << 24));
    bytes.chunks(step).for_each(|piece| _ = parser.asked(piece, None));
    parser.abandoned("the end");
    let whole = parser.take_ended().into_iter().filter(|recorded| recorded.request_body_missing.is_none());
    let line = |sent: Sent| format!("{} {} {}", sent.method, sent.url, shown(&sent.body.unwrap_or_default()));
    whole.map(|recorded| line(recorded.exchange.sent)).collect()
}

#[track_caller]
fn same_requests(bytes: &[u8]) {
    let theirs = runtime().block_on(requests_of_hyper(bytes));
    for step in [1, 5, 1 << 20] {
        assert_eq!(requests_of_ours(bytes, step), theirs, "in steps of {step}: {}", shown(bytes));
    }
}

#[test]
fn replies_are_read_as_hyper_reads_them() {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    for rest in [
        "Content-Length: 3\r\n\r\nabc",
        "Content-Length: 3\r\n\r\nab",
        "Content-Length: 3\r\n\r\nabcdef",
        "Content-Length: 3, 3\r\n\r\nabc",
        "Content-Length: 3\r\nContent-Length: 03\r\n\r\nabc",
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "Content-Length: +3\r\n\r\nabc",
        "Content-Length: \r\n\r\nabc",
        "Content-Length: 99999999999999999999\r\n\r\nabc",
        "\r\nto the end",
        "A: 1\n\nbare line feeds",
        "A: 1\r\n folded\r\n\r\nbody",
        "A : 1\r\n\r\nspace before the colon",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: 1\r\n\r\n",
        "Transfer-Encoding: chunked, gzip\r\n\r\nto the end",
        "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
        "Transfer-Encoding: chunked\r\n\r\n3 \t\r\nabc\r\n000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3;a\rb\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n00000000000000000003\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\nU: 2\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ] {
        same_reply("GET", format!("{OK}{rest}").as_bytes());
        same_reply("HEAD", format!("{OK}{rest}").as_bytes());
    }
    for whole in [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
        "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200\r\n\r\nold",
        "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\0: 1\r\n\r\n",
        "",
    ] {
        same_reply("GET", whole.as_bytes());
    }
}

#[test]
fn two_ends_of_a_reply_do_not_pass() {
    let both = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert!(reply_of_ours("GET", both.as_bytes(), 7).1);
    let one = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert!(!reply_of_ours("GET", one.as_bytes(), 7).1);
    // No body, so no end of one.
    assert!(!reply_of_ours("HEAD", both.as_bytes(), 7).1);
}

#[test]
fn requests_are_read_as_hyper_reads_them() {
    const GET: &str = "GET /g HTTP/1.1\r\nHost: h\r\n\r\n";
    for bytes in [
        format!("{GET}{GET}"),
        format!("\r\n\n\r\n{GET}"),
        format!("POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi{GET}"),
        format!("POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi\r\n{GET}"),
        format!("POST /a HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi{GET}"),
        format!("{GET}POST /a HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!{GET}"),
        format!("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n{GET}"),
        format!("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\n0\r\n\r\n{GET}"),
        format!("{GET}POST /a HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nhi{GET}"),
        format!("{GET}POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{GET}GET /a\r\n\r\n{GET}"),
        format!("{GET}GET  /a HTTP/1.1\r\n\r\n"),
        format!("{GET}GET /a HTTP/1.1\r\n folded: 1\r\n\r\n{GET}"),
        format!("GET /a HTTP/1.1\nHost: h\n\n{GET}"),
        format!("{GET}POST /cut HTTP/1.1\r\nContent-Length: 9\r\n\r\nhi"),
    ] {
        same_requests(bytes.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn replies_of_any_parts_are_read_as_hyper_reads_them(
        fields in proptest::collection::vec(prop_oneof![
            Just("Content-Length: 3\r\n"), Just("content-length:4\r\n"), Just("Transfer-Encoding: chunked\r\n"),
            Just("transfer-encoding: identity\r\n"), Just("A: b\r\n"), Just("A: b\n"), Just("\tc\r\n"), Just("x\r\n"),
        ], 0..4),
        body in proptest::collection::vec(prop_oneof![
            Just("3\r\n"), Just("abc"), Just("\r\n"), Just("\n"), Just("0\r\n"), Just("0;x\r\n"), Just("4 \r\n"),
            Just("\r"), Just("T: 1\r\n"), Just("HTTP/1.1 200 OK\r\n"), Just("g"), Just("\0"),
        ], 0..9),
        status in prop_oneof![Just(200_u16), Just(204), Just(100), Just(404)],
        is_head in any::<bool>(),
    ) {
        let bytes = format!("HTTP/1.1 {status} OK\r\n{}\r\n{}", fields.concat(), body.concat());
        same_reply(if is_head { "HEAD" } else { "GET" }, bytes.as_bytes());
    }
}
