//! The page at `/docs`.

use bytes::Bytes;
use ges_emulator::{Config, Emulator};
use http::{Request, Response};

/// "to read\n", by gzip.
const PACKED: &[u8] =
    &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 201, 87, 40, 74, 77, 76, 225, 2, 0, 13, 43, 209, 16, 8, 0, 0, 0];

fn ask(reference: Option<&'static [u8]>, line: &str, accept: Option<&str>) -> Response<Bytes> {
    let emulator = Emulator::new(Config { reference, ..Config::default() });
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let request = Request::builder().method(method).uri(target);
    let request = accept.into_iter().fold(request, |request, value| request.header("accept-encoding", value));
    emulator.answer(request.body(Bytes::new()).expect("a request"))
}

#[track_caller]
fn check(accept: Option<&str>, coding: Option<&str>, body: &[u8]) {
    let answer = ask(Some(PACKED), "GET /docs", accept);
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers().get("content-encoding").and_then(|value| value.to_str().ok()), coding);
    assert_eq!(answer.body(), body);
}

#[test]
fn the_reference_is_compressed_only_if_the_client_accepts_gzip() {
    check(Some("gzip, deflate, br"), Some("gzip"), PACKED);
    check(Some("br;q=1.0, GZIP;q=0.2"), Some("gzip"), PACKED);
    check(Some("gzip;q=0"), None, b"to read\n");
    check(Some("br"), None, b"to read\n");
    check(None, None, b"to read\n");
}

#[test]
fn the_reference_is_read_only() {
    assert_eq!(ask(Some(PACKED), "POST /docs", None).status(), 405);
    assert_eq!(ask(Some(PACKED), "HEAD /docs", None).status(), 200);
}

#[test]
fn without_a_reference_the_path_is_unknown() {
    assert_eq!(ask(None, "GET /docs", None).status(), 404);
}
