//! One bad answer costs exactly one case: servers that are wrong in one way each, between two good answers.
#![allow(clippy::unwrap_used, reason = "a helper that cannot help fails its test")]

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use conformance_engine::plan::Environment;
use conformance_engine::suite::Suite;
use serde_json::json;

use support::{carry_out, json_answer, line, options, suite_of};
use test_support::{Server, Then, write};

const GOOD: &str = r#"{"code": "R.1", "rocket": {"id": "r-7", "stages": 2}}"#;

/// Three cases in a row; the server is honest to the first and the last.
fn suite() -> Suite {
    let case = |id: &str| {
        json!({
            "id": id, "operation": "show_rocket",
            "request": {"method": "POST", "path": format!("/{id}"), "body": {"media_type": "application/json", "value": {}}},
            "expected": {"status": 200, "body": {
                "media_type": "application/json",
                "schema": {"type": "object", "required": ["rocket"]},
                "example": {"code": "R.1", "rocket": {"id": "r-1", "stages": 3}},
                "rules": {"/code": "equal", "/rocket/id": "id"},
            }},
        })
    };
    suite_of(json!([case("before"), case("bad"), case("after")]))
}

/// The case in the middle ends as `expected`, the two around it pass. Once one by one, once all at the same time.
#[track_caller]
fn check(answer: impl Fn(&mut TcpStream) -> Then + Send + Sync + 'static, expected: &str) {
    let server = Server::start(move |seen, stream| {
        if seen.target() == "/bad" {
            return answer(stream);
        }
        write(stream, json_answer(GOOD));
        Then::KeepOpen
    });
    let (suite, reach) = (suite(), Environment::default());
    for concurrency in [1, 3] {
        let mut options = options(&server);
        options.concurrency = concurrency;
        options.body_limit = 10_000;
        options.timeout = Duration::from_millis(1500);
        let run = carry_out(&suite, &reach, &options).unwrap();
        let lines: Vec<_> = run.entries.iter().map(line).collect();
        assert_eq!(lines, ["pass", expected, "pass"], "with {concurrency} at a time");
    }
}

/// The middle answer is these bytes, and the connection stays open.
#[track_caller]
fn check_bytes(answer: impl AsRef<[u8]> + Send + Sync + 'static, expected: &str) {
    check(
        move |stream| {
            write(stream, &answer);
            Then::KeepOpen
        },
        expected,
    );
}

#[test]
fn an_honest_server_passes() {
    check_bytes(json_answer(GOOD), "pass");
}

#[test]
fn a_renamed_member() {
    check_bytes(
        json_answer(r#"{"code": "R.1", "rocket": {"rocketId": "r-7", "stages": 2}}"#),
        "fail: /rocket/id expected this member, for instance \"r-1\", found none",
    );
}

#[test]
fn a_wrong_status() {
    check_bytes(
        "HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nnot today",
        "fail: - expected status 200, found 409: not today",
    );
}

#[test]
fn a_wrong_code() {
    check_bytes(json_answer(&GOOD.replace("R.1", "R.2")), "fail: /code expected \"R.1\", found \"R.2\"");
}

#[test]
fn a_body_cut_off() {
    check(
        |stream| {
            write(stream, json_answer(GOOD).strip_suffix("2}}").unwrap());
            Then::Close
        },
        "fail: - the body did not arrive whole: the connection was closed (received: 50 bytes)",
    );
}

#[test]
fn plain_text() {
    check_bytes(
        json_answer(GOOD).replace("application/json", "text/plain"),
        "fail: - expected content-type application/json, found text/plain",
    );
}

#[test]
fn a_connection_that_is_dead_behind_a_wrong_answer() {
    check(
        |stream| {
            write(stream, json_answer(GOOD).replace("application/json", "text/plain"));
            // Whatever is asked next on this connection, nobody listens.
            std::thread::sleep(Duration::from_millis(3000));
            Then::Close
        },
        "fail: - expected content-type application/json, found text/plain",
    );
}

#[test]
fn a_redirect_is_not_followed() {
    check_bytes(
        "HTTP/1.1 307 Moved\r\nLocation: /before\r\nContent-Length: 0\r\n\r\n",
        "fail: - expected status 200, found 307 without a body",
    );
}

#[test]
fn no_answer() {
    check(|_| Then::Hang, "fail: - expected a reply, found none: no answer within 1500 ms");
}

#[test]
fn only_the_beginning_of_an_answer() {
    check(
        |stream| {
            write(stream, "HTTP/1.1 200 OK\r\nContent-");
            Then::Hang
        },
        "fail: - expected a reply, found none: only the beginning of an answer within 1500 ms",
    );
}

#[test]
fn a_reset() {
    check(
        |stream| {
            write(stream, "HTTP/1.1 200 OK\r\n");
            Then::Reset
        },
        "fail: - expected a reply, found none: the connection was reset",
    );
}

#[test]
fn a_reset_without_a_byte_is_not_tried_for_ever() {
    check(|_| Then::Reset, "fail: - expected a reply, found none: the connection was reset");
}

#[test]
fn a_close_without_a_byte_is_not_tried_for_ever() {
    check(|_| Then::Close, "fail: - expected a reply, found none: the connection was closed without an answer");
}

#[test]
fn a_dripping_body() {
    check(
        |stream| {
            write(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n");
            for _ in 0..30 {
                std::thread::sleep(Duration::from_millis(280));
                if stream.write_all(b" ").is_err() {
                    break;
                }
            }
            Then::Close
        },
        "fail: - the body did not end within 1500 ms (received: 5 bytes)",
    );
}

#[test]
fn an_endless_body() {
    check(
        |stream| {
            write(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n");
            while stream.write_all(&[b' '; 4096]).is_ok() {}
            Then::Close
        },
        "fail: - the body is longer than 10000 bytes (received: 10000 bytes)",
    );
}

/// Nobody waits for the rest, and nobody keeps more than is judged.
#[test]
fn three_hundred_megabytes() {
    let begin = Instant::now();
    check(
        |stream| {
            const LENGTH: usize = 300 << 20;
            write(
                stream,
                format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {LENGTH}\r\n\r\n"),
            );
            for _ in 0..LENGTH >> 16 {
                if stream.write_all(&[b' '; 1 << 16]).is_err() {
                    break;
                }
            }
            Then::Close
        },
        "fail: - the body is longer than 10000 bytes (received: 10000 bytes)",
    );
    assert!(begin.elapsed() < Duration::from_millis(3000), "{:?}", begin.elapsed());
}

#[test]
fn a_length_that_is_too_great() {
    check(
        |stream| {
            write(stream, json_answer(GOOD).replace(&format!("Length: {}", GOOD.len()), "Length: 1000"));
            Then::Hang
        },
        "fail: - the body did not end within 1500 ms (received: 53 bytes)",
    );
}

#[test]
fn a_length_that_is_too_small() {
    check_bytes(
        json_answer(GOOD).replace(&format!("Length: {}", GOOD.len()), "Length: 50"),
        "fail: - the body is followed by bytes that belong to no answer (received: 50 bytes)",
    );
}

#[test]
fn two_lengths() {
    check_bytes(
        json_answer(GOOD).replace("\r\n\r\n", "\r\nContent-Length: 7\r\n\r\n"),
        "fail: - expected a reply, found none: not an answer in HTTP/1.1: invalid content-length parsed",
    );
}

#[test]
fn a_length_beside_chunks() {
    check_bytes(
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 53\r\nTransfer-Encoding: chunked\r\n\r\n\
             {:x}\r\n{GOOD}\r\n0\r\n\r\n",
            GOOD.len(),
        ),
        "fail: - the body has both a content-length and a transfer-encoding (received: 53 bytes)",
    );
}

#[test]
fn bytes_after_the_last_chunk() {
    check_bytes(
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{GOOD}\r\n0\r\n\r\nx",
            GOOD.len(),
        ),
        "fail: - the body is followed by bytes that belong to no answer (received: 53 bytes)",
    );
}

#[test]
fn a_chunk_size_without_end() {
    check(
        |stream| {
            write(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1");
            while stream.write_all(b"0").is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
            Then::Close
        },
        "fail: - the body did not arrive whole: invalid chunk size: overflow (received: 0 bytes)",
    );
}

/// A few bytes on the wire, megabytes in memory: they are not unpacked further than they are judged.
#[test]
fn a_bomb_in_each_coding() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&vec![b' '; 8 << 20]).unwrap();
    // 64 MiB of spaces, by another implementation: in 53 bytes.
    let brotli =
        "cfffff7ff82540e2b14020f7fe9ffffffff04b00c4610180eefd3fffffffe1970088c32200ddfbfffcffffc72f0110870500baf7ff";
    for (coding, bomb) in [("gzip", gzip.finish().unwrap()), ("br", bytes(brotli))] {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            bomb.len(),
        );
        let expected = format!("fail: - the body is longer than 1048576 bytes once its {coding} is undone");
        check_bytes([head.as_bytes(), &bomb].concat(), &expected);
    }
}

#[test]
fn brotli_is_fine() {
    // `GOOD`, by another implementation.
    let body = bytes(
        "0b1a807b22636f6465223a2022522e31222c2022726f636b6574223a207b226964223a2022722d37222c2022737461676573223a20327d7d03",
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: {}\r\n\r\n",
        body.len(),
    );
    check_bytes([head.as_bytes(), &body].concat(), "pass");
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn a_coding_that_nobody_asked_for_and_nobody_here_reads() {
    check_bytes(
        json_answer(GOOD).replace("\r\n\r\n", "\r\nContent-Encoding: zstd\r\n\r\n"),
        "fail: - the body has the content coding `zstd`, which the request does not accept",
    );
}

#[test]
fn a_promised_length_beyond_all_bounds() {
    check_bytes(
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{GOOD}", u64::MAX - 1),
        "fail: - expected a reply, found none: not an answer in HTTP/1.1: message head is too large",
    );
}

#[test]
fn bytes_that_are_no_http() {
    check_bytes(
        "\x16\x03\x01 hello\r\n\r\n",
        "fail: - expected a reply, found none: not an answer in HTTP/1.1: invalid HTTP version parsed",
    );
}

#[test]
fn a_status_that_is_none() {
    check_bytes(
        "HTTP/1.1 2OO OK\r\n\r\n",
        "fail: - expected a reply, found none: not an answer in HTTP/1.1: invalid HTTP status-code parsed",
    );
}

#[test]
fn a_head_without_end() {
    check(
        |stream| {
            write(stream, "HTTP/1.1 200 OK\r\n");
            let lines = "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(100);
            while stream.write_all(lines.as_bytes()).is_ok() {}
            Then::Close
        },
        "fail: - expected a reply, found none: not an answer in HTTP/1.1: message head is too large",
    );
}

/// A parser that waits for the last head would read this for ever, however little each head says, and never look at
/// the clock: in a build without optimisation, one reply of a megabyte of them took longer than the deadline.
#[test]
fn a_flood_of_interim_answers_ends_by_their_number() {
    let begin = Instant::now();
    check(
        |stream| {
            let flood = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(2000);
            while stream.write_all(flood.as_bytes()).is_ok() {}
            Then::Close
        },
        "fail: - expected a reply, found none: more than 100 interim answers (1xx) came before one",
    );
    // Twice, and each time less than its deadline.
    assert!(begin.elapsed() < Duration::from_millis(3000), "{:?}", begin.elapsed());
}

#[test]
fn some_interim_answers_are_fine() {
    check_bytes(format!("{}{}", "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n".repeat(90), json_answer(GOOD)), "pass");
}

/// The same at a pace that never exceeds the limit.
#[test]
fn a_drip_of_interim_answers_ends_by_the_deadline() {
    check(
        |stream| {
            while stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
            Then::Close
        },
        "fail: - expected a reply, found none: only the beginning of an answer within 1500 ms",
    );
}

#[test]
fn a_body_where_the_status_forbids_one() {
    check_bytes(
        "HTTP/1.1 204 No Content\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
        "fail: - expected status 200, found 204: the body is there, although a reply with status 204 has none",
    );
}

#[test]
fn many_headers_are_fine() {
    let headers: String = (0..500).map(|number| format!("X-Header-{number}: x\r\n")).collect();
    check_bytes(json_answer(GOOD).replace("Content-Length", &format!("{headers}Content-Length")), "pass");
}

#[test]
fn a_header_on_two_lines_is_fine() {
    check_bytes(json_answer(GOOD).replace("Content-Length", "X-Folded: a\r\n  b\r\nContent-Length"), "pass");
}

#[test]
fn a_broken_chunk() {
    check_bytes(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "fail: - the body did not arrive whole: Invalid chunk size line: missing size digit (received: 0 bytes)",
    );
}

#[test]
fn an_encoding_that_is_only_said() {
    check_bytes(
        json_answer(GOOD).replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n"),
        "fail: - the body is not in the gzip it says it is in: invalid gzip header",
    );
}

#[test]
fn bytes_after_the_value() {
    check_bytes(
        json_answer(&format!("{GOOD} {{\"code\"")),
        "fail:  expected JSON, found more after the value (line 1, column 55): {\"code\"",
    );
}

#[test]
fn bytes_after_the_answer() {
    check_bytes(
        format!("{}HTTP/1.1 200 OK\r\n", json_answer(GOOD)),
        "fail: - the body is followed by bytes that belong to no answer (received: 53 bytes)",
    );
}

#[test]
fn a_byte_order_mark() {
    check_bytes(
        json_answer(&format!("\u{feff}{GOOD}")),
        "fail:  expected JSON, found a byte order mark before the value",
    );
}

#[test]
fn a_member_twice() {
    check_bytes(
        json_answer(&GOOD.replace("\"stages\"", "\"stages\": 1, \"stages\"")),
        "fail: /rocket/stages expected JSON, found the member /rocket/stages twice",
    );
}

#[test]
fn markup() {
    check_bytes(json_answer("<!doctype html>"), "fail:  expected JSON, found markup: <!doctype html>");
}

#[test]
fn nothing_where_a_body_is_promised() {
    check_bytes(json_answer(""), "fail:  expected JSON, found nothing");
}

#[test]
fn a_continue_before_the_answer_is_fine() {
    check_bytes(format!("HTTP/1.1 100 Continue\r\n\r\n{}", json_answer(GOOD)), "pass");
}

#[test]
fn chunks_are_fine() {
    let (first, second) = GOOD.split_at(10);
    let chunks =
        format!("{:x}\r\n{first}\r\n{:x};x=y\r\n{second}\r\n0\r\nTrailer: t\r\n\r\n", first.len(), second.len());
    check_bytes(
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"),
        "pass",
    );
}

#[test]
fn a_close_after_each_answer_is_fine() {
    check(
        |stream| {
            write(stream, json_answer(GOOD).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            Then::Close
        },
        "pass",
    );
}

#[test]
fn an_unannounced_close_after_an_answer_is_fine() {
    check(
        |stream| {
            write(stream, json_answer(GOOD));
            Then::Close
        },
        "pass",
    );
}

#[test]
fn a_body_that_ends_with_the_connection_is_fine() {
    check(
        |stream| {
            write(stream, format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{GOOD}"));
            Then::Close
        },
        "pass",
    );
}
