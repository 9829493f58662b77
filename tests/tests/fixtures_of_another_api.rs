//! Fixtures generated from another document compile and tell its operations apart.

#![allow(clippy::unwrap_used)]

use serde_json::json;
use specwright_mock::httpmock::MockServer;
use test_support::client::send;

#[allow(dead_code, unreachable_pub, missing_docs)]
mod fixture {
    specwright_mock::fixtures!();
}
#[path = "../../crates/specwright-codegen/tests/golden/mock.rs"]
#[rustfmt::skip]
#[allow(dead_code, unreachable_pub, missing_docs)]
mod generated;

use fixture::Server;
use generated::{list_public_flavors, reboot_server, rename_server};

#[track_caller]
fn check(server: &Server, request: &str, token: &str, body: &str, status: u16, reply: &str) {
    let headers = ["Content-Type: application/json", &format!("Authorization: {token}")];
    let answer = send(server.address(), request, &headers, body);
    assert_eq!(answer.status, status, "{request}: {}", answer.body);
    assert!(answer.body.contains(reply), "{request}: {}", answer.body);
}

#[test]
fn operations_told_apart_by_their_bodies_have_fixtures_of_their_own() {
    let server = Server::over(MockServer::start(), Some("t".to_owned()), Some(json!({"code": 401})));
    server.rename_server().server_id("s-7").example(rename_server::Example::Renamed);
    server.reboot_server().body(json!({"reboot": {"type": "HARD"}})).example(reboot_server::Example::Busy);
    server.reboot_server().status_202();
    server.rename_server().status_4xx(404, json!({"code": 404}));

    let action = "POST /servers/s-7/action";
    check(&server, action, "Bearer t", r#"{"rename": {"name": "web-2"}}"#, 200, r#""name":"web-2""#);
    check(&server, "POST /servers/s-8/action", "Bearer t", r#"{"rename": {"name": "web-2"}}"#, 404, r#"{"code":404}"#);
    check(&server, action, "Bearer t", r#"{"reboot": {"type": "SOFT"}}"#, 202, "");
    check(&server, action, "Bearer t", r#"{"reboot": {"type": "HARD"}}"#, 409, "Conflict");
    check(&server, action, "Bearer t", r#"{"lock": null}"#, 404, "did not match");
    check(&server, "POST /servers/seven/action", "Bearer t", r#"{"reboot": {"type": "SOFT"}}"#, 404, "did not match");
    check(&server, action, "t", r#"{"reboot": {"type": "SOFT"}}"#, 401, r#"{"code":401}"#);
}

#[test]
fn constants_are_matched_decoded_and_numbers_as_numbers() {
    let server = Server::over(MockServer::start(), None, None);
    server.list_public_flavors().exactly(list_public_flavors::Example::Two);
    server.list_private_flavors().status_200(json!([]));
    check(&server, "GET /flavors?detail=true&kind=public&limit=2", "", "", 200, "f-1");
    check(&server, "GET /flavors?detail=true&kind=public&limit=3", "", "", 404, "did not match");
    check(&server, "GET /flavors?kind=private+%26%20own&detail=true", "", "", 200, "[]");
    check(&server, "GET /flavors?kind=private&detail=true", "", "", 404, "did not match");
}
