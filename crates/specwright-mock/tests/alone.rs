//! Generated fixtures need nothing but this crate, and answer the requests that the document allows.

#![allow(clippy::unwrap_used)]

#[rustfmt::skip]
#[allow(dead_code, missing_docs, unreachable_pub)]
mod lamps;

use lamps::{Server, show_lamp};
use test_support::client;

#[track_caller]
fn check(server: &Server, request: &str, body: &str, status: u16) {
    let found = client::send(server.address(), request, &["Content-Type: application/json"], body);
    assert_eq!(found.status, status, "{request} {body}: {}", found.body);
}

#[test]
fn a_server_without_a_token_ignores_credentials() {
    let server = Server::start();
    let lamp = server.show_lamp().id("l-1").example(show_lamp::Example::On);
    server.show_lamp().status_404();
    check(&server, "GET /lamps/l-1", "", 200);
    check(&server, "GET /lamps/l-1?key=any", "", 200);
    check(&server, "GET /lamps/l-2", "", 404);
    check(&server, "GET /lamps/l-1?colour=red", "", 404);
    assert_eq!(lamp.calls(), 2);
    server.reset();
    check(&server, "GET /lamps/l-1", "", 404);
}

#[test]
fn a_server_with_a_token_wants_it_where_the_document_does() {
    let server = Server::with_token("s3cret");
    server.show_lamp().example(show_lamp::Example::On);
    // An operation has the name of a constructor.
    server.start_().status_204();
    check(&server, "GET /lamps/l-1?key=s3cret", "", 200);
    check(&server, "GET /lamps/l-1?key=other", "", 401);
    check(&server, "GET /lamps/l-1", "", 401);
    check(&server, "PUT /lamps/l-1", r#"{"on": true}"#, 204);
    check(&server, "PUT /lamps/l-1", r#"{"on": 1}"#, 404);
}
