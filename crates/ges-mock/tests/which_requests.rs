//! Fixtures answer the requests that the document allows, and no others.

#![allow(clippy::unwrap_used)]

use ges_mock::{Server, TOKEN, create_backup, show_job_v1, start_graph, stop_graph, upgrade_graph};
use serde_json::json;
use test_support::client;

const JSON: &str = "content-type: application/json";
const GRAPH: &str = "/v2/p1/graphs/g-1";
const ACTION: &str = "/v1.0/p1/graphs/g-1/action";

/// Sends a request with the token, and returns status and body of the response.
fn send(server: &Server, request: &str, body: &str) -> (u16, String) {
    raw(server, request, &[&format!("x-auth-token: {TOKEN}"), JSON], body)
}

fn raw(server: &Server, request: &str, headers: &[&str], body: &str) -> (u16, String) {
    let answer = client::send(server.address(), request, headers, body);
    (answer.status, answer.body)
}

/// The status of httpmock if no fixture matches.
const NO_MATCH: u16 = 404;

#[track_caller]
fn check(fixture: impl FnOnce(&Server), rows: &[(&str, &str, u16)]) {
    let server = Server::start();
    fixture(&server);
    for (request, body, status) in rows {
        let found = send(&server, request, body);
        assert_eq!(found.0, *status, "{request} {body}: {}", found.1);
    }
}

#[test]
fn operations_at_one_address_are_told_apart_by_their_constant() {
    check(
        |server| {
            server.start_graph().example(start_graph::Example::FromBackup);
        },
        &[
            (&format!("POST {ACTION}?action_id=start"), "{}", 200),
            (&format!("POST {ACTION}?action_id=start"), "", 200),
            (&format!("POST {ACTION}?action_id=restart"), "{}", NO_MATCH),
            (&format!("POST {ACTION}?action_id=start&action_id=restart"), "{}", NO_MATCH),
            (&format!("POST {ACTION}?action_id=start&force=1"), "{}", NO_MATCH),
            (&format!("POST {ACTION}"), "{}", NO_MATCH),
            (&format!("PUT {ACTION}?action_id=start"), "{}", NO_MATCH),
            (&format!("POST /v2{}?action_id=start", &ACTION[5..]), "{}", NO_MATCH),
        ],
    );
}

#[test]
fn a_body_has_to_fit_its_schema() {
    let upgrade = format!("POST {ACTION}?action_id=upgrade");
    check(
        |server| {
            server.upgrade_graph().example(upgrade_graph::Example::Accepted);
        },
        &[
            (&upgrade, r#"{"upgradeVersion": "9.9.9"}"#, 200),
            (&upgrade, r#"{"upgradeVersion": "9.9.9", "forceUpgrade": true}"#, 200),
            (&upgrade, r#"{"upgradeVersion": "9.9.9", "forceUpgrade": "yes"}"#, NO_MATCH),
            (&upgrade, r#"{"forceUpgrade": true}"#, NO_MATCH),
            (&upgrade, r#"{"upgradeVersion": 9}"#, NO_MATCH),
            (&upgrade, r#"{"upgradeVersion": "#, NO_MATCH),
            (&upgrade, "", NO_MATCH),
        ],
    );
    let server = Server::start();
    server.upgrade_graph().example(upgrade_graph::Example::Accepted);
    let token = format!("x-auth-token: {TOKEN}");
    let text = raw(&server, &upgrade, &[&token, "content-type: text/plain"], r#"{"upgradeVersion": "9.9.9"}"#);
    assert_eq!(text.0, NO_MATCH);
}

#[test]
fn an_empty_object_has_no_members() {
    check(
        |server| {
            server.stop_graph().example(stop_graph::Example::Accepted);
        },
        &[
            (&format!("POST {GRAPH}/stop"), "{}", 200),
            (&format!("POST {GRAPH}/stop"), "", 200),
            (&format!("POST {GRAPH}/stop"), r#"{"force": true}"#, NO_MATCH),
            // 64 characters at most, letters and digits.
            (&format!("POST /v2/{}/graphs/g-1/stop", "p".repeat(65)), "{}", NO_MATCH),
            ("POST /v2/p-1/graphs/g-1/stop", "{}", NO_MATCH),
            ("POST /v2/p1/graphs/g-1/stop/", "{}", NO_MATCH),
            ("POST /v2/p1/graphs//stop", "{}", NO_MATCH),
        ],
    );
}

#[test]
fn a_fixture_for_one_graph_answers_no_other() {
    check(
        |server| {
            server.stop_graph().graph_id("a b").example(stop_graph::Example::NotRunning);
            server.stop_graph().graph_id("g-1").body(json!({})).example(stop_graph::Example::Accepted);
        },
        &[
            ("POST /v2/p1/graphs/a%20b/stop", "{}", 400),
            ("POST /v2/p1/graphs/g-1/stop", "{}", 200),
            ("POST /v2/p1/graphs/g-1/stop", "", NO_MATCH),
            ("POST /v2/p1/graphs/g-2/stop", "{}", NO_MATCH),
        ],
    );
}

#[test]
fn a_literal_segment_precedes_a_variable() {
    check(
        |server| {
            server.show_graph().status_200(json!({"graph": {"id": "g-1", "status": "200"}}));
            server.list_jobs().limit(5).status_200(json!({"job_count": 0, "job_list": []}));
        },
        &[
            ("GET /v2/p1/graphs/g-1", "", 200),
            ("GET /v2/p1/graphs/backups", "", NO_MATCH),
            ("GET /v2/p1/graphs/jobs?limit=5", "", 200),
            ("GET /v2/p1/graphs/jobs?limit=6", "", NO_MATCH),
            ("GET /v2/p1/graphs/jobs?limit=5&offset=many", "", NO_MATCH),
            ("GET /v2/p1/graphs/jobs?limit=5&status=running&start_time=2024-01-31", "", 200),
            ("GET /v2/p1/graphs/jobs?limit=5&status=waning", "", NO_MATCH),
        ],
    );
}

#[test]
fn an_exact_fixture_answers_the_documented_request_only() {
    let (project, graph) = ("0123456789abcdef0123456789abcdef", "4c5f882d-a813-4d78-a8e3-6d3212ddd121");
    check(
        |server| {
            server.create_backup().exactly(create_backup::Example::NoSuchGraph);
        },
        &[
            (&format!("POST /v2/{project}/graphs/{graph}/backups"), "{}", 404),
            (&format!("POST /v2/{project}/graphs/{graph}/backups"), "", NO_MATCH),
            (&format!("POST /v2/{project}/graphs/g-1/backups"), "{}", NO_MATCH),
        ],
    );
    let server = Server::start();
    let mock = server.create_backup().exactly(create_backup::Example::NoSuchGraph);
    let found = send(&server, &format!("POST /v2/{project}/graphs/{graph}/backups"), "{}");
    let documented = json!({"error_msg": "Cluster does not exist or has been deleted.", "error_code": "GES.0047"});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&found.1).unwrap(), documented);
    mock.assert();
}

#[test]
fn a_request_without_the_token_gets_401_and_is_no_hit() {
    let server = Server::start();
    let mock = server.stop_graph().example(stop_graph::Example::Accepted);
    let stop = format!("POST {GRAPH}/stop");
    for headers in [&[JSON][..], &["x-auth-token: another", JSON], &["x-auth-token:", JSON]] {
        let (status, body) = raw(&server, &stop, headers, "{}");
        assert_eq!(status, 401);
        assert!(body.contains("APIGW.0301"), "{body}");
    }
    assert_eq!(mock.calls(), 0);
    assert_eq!(send(&server, &stop, "{}").0, 200);

    server.reset();
    assert_eq!(raw(&server, &stop, &[], "{}").0, NO_MATCH, "a reset removes the fixture of the 401 too");
    server.stop_graph().example(stop_graph::Example::Accepted);
    assert_eq!(raw(&server, &stop, &[], "{}").0, 401);

    let own = Server::with_token("mine");
    own.stop_graph().example(stop_graph::Example::Accepted);
    assert_eq!(raw(&own, &stop, &["x-auth-token: mine", JSON], "{}").0, 200);
    assert_eq!(send(&own, &stop, "{}").0, 401);

    let open = Server::without_credentials();
    open.stop_graph().example(stop_graph::Example::Accepted);
    assert_eq!(raw(&open, &stop, &[JSON], "{}").0, 200);
}

#[test]
fn a_job_is_polled_until_it_has_succeeded() {
    let server = Server::start();
    server.show_job().job_id("j-1").times(2).status_200(json!({"job_id": "j-1", "status": "running"}));
    server.show_job().job_id("j-1").status_200(json!({"job_id": "j-1", "status": "success"}));
    let look = || send(&server, "GET /v2/p1/graphs/g-1/jobs/j-1/status", "").1;
    let looks: Vec<bool> = (0..4).map(|_| look().contains("success")).collect();
    assert_eq!(looks, [false, false, true, true]);
}

#[test]
fn an_undocumented_body_panics_except_in_reply() {
    let server = Server::start();
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        server.stop_graph().status_200(json!({"job_id": 7}));
    }));
    let message = *refused.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(
        message,
        "the document does not allow this body for status 200 of stop_graph: /job_id: expected a string, found a number: 7 (type)\n\
         hint: use `reply` for undocumented responses"
    );
    server.stop_graph().times(1).reply(200, "application/json", r#"{"job_id": 7"#);
    server.stop_graph().then(|then| then.header("retry-after", "1")).reply(503, "text/html", "<html>busy</html>");
    assert_eq!(send(&server, &format!("POST {GRAPH}/stop"), "{}"), (200, r#"{"job_id": 7"#.to_owned()));
    assert_eq!(send(&server, &format!("POST {GRAPH}/stop"), "{}"), (503, "<html>busy</html>".to_owned()));
}

#[test]
fn an_unknown_job_has_its_own_example() {
    check(
        |server| {
            server.show_job_v1().job_id("gone").example(show_job_v1::Example::NoSuchJob);
            server.show_job_v1().example(show_job_v1::Example::Finished);
        },
        &[("GET /v1.0/p1/graphs/g-1/jobs/gone/status", "", 400), ("GET /v1.0/p1/graphs/g-1/jobs/j-1/status", "", 200)],
    );
}
