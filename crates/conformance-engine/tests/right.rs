//! Servers that keep HTTP/1.1 in ways of their own. None of them is accused, however often it is tried.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use conformance_engine::plan::Environment;
use conformance_engine::report::Verdict;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use support::{carry_out, line, options, suite_of};
use test_support::{Server, Then, write};

/// How often each server is tried.
const RUNS: usize = 20;

const BODY: &str = r#"{"mission": "m-9", "crew": ["a", "b"]}"#;

/// A head with further lines, and a body.
fn whole(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    [format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n").as_bytes(), body].concat()
}

const OK: &str = "HTTP/1.1 200 OK\r\n";

fn chunked(coding: &str, chunks: &str) -> Vec<u8> {
    format!("{OK}Content-Type: application/json\r\nTransfer-Encoding: {coding}\r\n\r\n{chunks}").into_bytes()
}

/// Sends pieces of so many bytes with pauses between them.
fn slowly(stream: &mut TcpStream, bytes: &[u8], size: usize) {
    for piece in bytes.chunks(size) {
        write(stream, piece);
        std::thread::sleep(Duration::from_millis(1));
    }
}

type Answer = fn(&mut TcpStream) -> Then;

/// Each with its name.
fn servers() -> Vec<(&'static str, Answer)> {
    let mut list: Vec<(&'static str, Answer)> = Vec::new();
    let mut add = |name, answer: Answer| list.push((name, answer));
    add("an answer after a while", |stream| {
        std::thread::sleep(Duration::from_millis(60));
        write(stream, whole(OK, BODY.as_bytes()));
        Then::KeepOpen
    });
    add("an answer byte by byte", |stream| {
        slowly(stream, &whole(OK, BODY.as_bytes()), 7);
        Then::KeepOpen
    });
    add("an interim answer", |stream| {
        write(stream, "HTTP/1.1 100 Continue\r\n\r\n");
        write(stream, whole(OK, BODY.as_bytes()));
        Then::KeepOpen
    });
    add("interim answers with headers, in one piece with the answer", |stream| {
        let hints = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";
        write(stream, [&hints[..], &whole(OK, BODY.as_bytes())].concat());
        Then::KeepOpen
    });
    add("chunks with extensions", |stream| {
        let chunks = format!("1;a\r\n{{\r\n{:X};b=\"c;\\\"d\";e=f\r\n{}\r\n0;last\r\n\r\n", BODY.len() - 1, &BODY[1..]);
        write(stream, chunked("chunked", &chunks));
        Then::KeepOpen
    });
    add("chunks with trailers", |stream| {
        let chunks = format!("{:x}\r\n{BODY}\r\n0\r\nX-Checksum: 7\r\nServer-Timing: db;dur=5\r\n\r\n", BODY.len());
        write(stream, chunked("chunked", &chunks));
        Then::KeepOpen
    });
    add("sizes of chunks with zeros, the coding in another case, chunk by chunk", |stream| {
        let chunks = format!("0001\r\n{{\r\n00{:X}\r\n{}\r\n000\r\n\r\n", BODY.len() - 1, &BODY[1..]);
        slowly(stream, &chunked("Chunked", &chunks), 11);
        Then::KeepOpen
    });
    add("HTTP/1.0, where the close is the end", |stream| {
        write(stream, format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{BODY}"));
        Then::Close
    });
    add("HTTP/1.1, where the close is the end", |stream| {
        slowly(stream, format!("{OK}Content-Type: application/json\r\n\r\n{BODY}").as_bytes(), 30);
        Then::Close
    });
    add("HTTP/1.0 that keeps connections", |stream| {
        write(stream, whole("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", BODY.as_bytes()));
        Then::KeepOpen
    });
    add("a close that is announced, and comes late", |stream| {
        write(stream, whole("HTTP/1.1 200 OK\r\nConnection: Close\r\n", BODY.as_bytes()));
        std::thread::sleep(Duration::from_millis(10));
        Then::Close
    });
    add("a close that is announced, and never comes", |stream| {
        write(stream, whole("HTTP/1.1 200 OK\r\nConnection: close\r\n", BODY.as_bytes()));
        Then::KeepOpen
    });
    add("names of headers in other case, with odd white space", |stream| {
        let head =
            format!("{OK}CONTENT-TYPE:application/json\r\ncOnTeNt-LeNgTh:\t {} \t\r\nx-empty:\r\n\r\n", BODY.len());
        write(stream, head + BODY);
        Then::KeepOpen
    });
    add("headers more than once", |stream| {
        let head = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nVary: Accept\r\nSet-Cookie: b=2\r\nVary: Origin\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n";
        write(stream, whole(head, BODY.as_bytes()));
        Then::KeepOpen
    });
    add("many long headers", |stream| {
        let headers: String = (0..150).map(|number| format!("X-Note-{number}: {}\r\n", "n".repeat(200))).collect();
        write(stream, whole(&format!("{OK}{headers}"), BODY.as_bytes()));
        Then::KeepOpen
    });
    add("a header in another encoding", |stream| {
        let head = [b"HTTP/1.1 200 OK\r\nX-Place: Z\xfcrich\r\n".as_slice(), &whole("", BODY.as_bytes())].concat();
        write(stream, head);
        Then::KeepOpen
    });
    add("gzip", |stream| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(BODY.as_bytes()).unwrap();
        write(stream, whole("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n", &encoder.finish().unwrap()));
        Then::KeepOpen
    });
    add("no reason", |stream| {
        write(stream, whole("HTTP/1.1 200 \r\n", BODY.as_bytes()));
        Then::KeepOpen
    });
    add("a reason of its own", |stream| {
        write(stream, whole("HTTP/1.1 200 Everything's fine: 500\r\n", BODY.as_bytes()));
        Then::KeepOpen
    });
    add("an empty line before the answer", |stream| {
        write(stream, whole("\r\nHTTP/1.1 200 OK\r\n", BODY.as_bytes()));
        Then::Close
    });
    add("an offer to upgrade", |stream| {
        let head = "HTTP/1.1 200 OK\r\nUpgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\nKeep-Alive: timeout=5, max=100\r\n";
        write(stream, whole(head, BODY.as_bytes()));
        Then::KeepOpen
    });
    add("a length with zeros, and an absolute location", |stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=\"utf-8\"\r\nLocation: http://elsewhere.example/r/1\r\n";
        write(stream, format!("{head}Content-Length: 000{}\r\n\r\n{BODY}", BODY.len()));
        Then::KeepOpen
    });
    list
}

#[test]
fn no_right_server_is_accused() {
    let methods = ["GET", "POST", "PUT", "GET", "PATCH"];
    let cases = methods.iter().enumerate().map(|(number, method)| {
        let example = json!({"mission": "m-1", "crew": ["c"]});
        json!({
            "id": format!("rocket/{number}"), "operation": "rocket",
            "request": {"method": method, "path": "/rockets"},
            "expected": {"status": 200, "body": {"media_type": "application/json", "example": example}},
        })
    });
    let suite = suite_of(json!(cases.collect::<Vec<_>>()));
    let servers = servers();
    assert!(servers.len() >= 20);
    let accused: Vec<String> = std::thread::scope(|scope| {
        let tried: Vec<_> = servers
            .iter()
            .map(|(name, answer)| {
                let suite = &suite;
                scope.spawn(move || -> Vec<String> {
                    let runs = (0..RUNS).filter_map(|turn| {
                        let answer = *answer;
                        let server = Server::start(move |_, stream| answer(stream));
                        let run = carry_out(suite, &Environment::default(), &options(&server)).unwrap();
                        let lines: Vec<_> = run.entries.iter().map(line).collect();
                        (run.verdict != Verdict::Passed).then(|| format!("{name}, turn {turn}: {lines:?}"))
                    });
                    runs.collect()
                })
            })
            .collect();
        tried.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    println!("{} right servers, {RUNS} runs each: {} accusations", servers.len(), accused.len());
    assert!(accused.is_empty(), "{}", accused.join("\n"));
}
