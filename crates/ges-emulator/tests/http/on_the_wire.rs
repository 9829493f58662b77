//! Malformed, unusual and pipelined requests.

use crate::wire::{Answer, Server, fill, with_token};
use ges_emulator::{Config, Emulator, Operation, ProviderState, Transitions};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

async fn server() -> Server {
    Server::start(Config::default()).await
}

#[tokio::test]
async fn each_version_has_its_own_member_names() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let call = async |line: &str, body: &str| server.call(&fill(line, &given), body).await;
    call("POST /v2/{project_id}/graphs/{graph_id}/backups", "").await;
    let routes = [
        (
            "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=restart",
            "POST /v2/{project_id}/graphs/{graph_id}/restart",
        ),
        (
            "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=stop",
            "POST /v2/{project_id}/graphs/{graph_id}/stop",
        ),
        (
            "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=start",
            "POST /v2/{project_id}/graphs/{graph_id}/start",
        ),
        (
            "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=upgrade",
            "POST /v2/{project_id}/graphs/{graph_id}/upgrade",
        ),
        ("POST /v1.0/{project_id}/graphs/{graph_id}/backups", "POST /v2/{project_id}/graphs/{graph_id}/backups"),
        (
            "GET /v1.0/{project_id}/graphs/{graph_id}/jobs/j/status",
            "GET /v2/{project_id}/graphs/{graph_id}/jobs/j/status",
        ),
        ("GET /v1.0/{project_id}/graphs/{graph_id}", "GET /v2/{project_id}/graphs/{graph_id}"),
        ("GET /v1.0/{project_id}/graphs/jobs", "GET /v2/{project_id}/graphs/jobs"),
        ("GET /v1.0/{project_id}/graphs/backups", "GET /v2/{project_id}/graphs/backups"),
        ("GET /v1.0/{project_id}/graphs/{graph_id}/backups", "GET /v2/{project_id}/graphs/{graph_id}/backups"),
        ("GET /v1.0/{project_id}/graphs", "GET /v2/{project_id}/graphs"),
        (
            "DELETE /v1.0/{project_id}/graphs/{graph_id}/backups/b",
            "DELETE /v2/{project_id}/graphs/{graph_id}/backups/b",
        ),
    ];
    for (v1, v2) in routes {
        let (v1, v2) = (call(v1, "").await, call(v2, "").await);
        for name in names(&v1.json()) {
            assert!(!name.contains('_'), "{name} in {}", v1.body);
        }
        for name in names(&v2.json()) {
            assert!(!name.contains(char::is_uppercase), "{name} in {}", v2.body);
        }
    }
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            members.iter().flat_map(|(name, value)| [vec![name.clone()], names(value)].concat()).collect()
        }
        Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn a_call_without_a_valid_token_is_rejected() {
    let config = Config { tokens: vec!["good".to_owned()], ..Config::default() };
    let server = Server::start(config).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let line = fill("POST /v2/{project_id}/graphs/{graph_id}/stop HTTP/1.1\r\nHost: ges\r\n", &given);
    for (header, tail) in [("", "x-auth-token not found"), ("X-Auth-Token: bad\r\n", "decrypt token fail")] {
        let answer = server.send(&format!("{line}{header}\r\n")).await;
        let body = answer.json();
        assert_eq!((answer.status, &body["error_code"]), (401, &json!("APIGW.0301")));
        let message = format!("Incorrect IAM authentication information: {tail}");
        assert_eq!(body["error_msg"], json!(message));
        assert_eq!(body["request_id"], json!(answer.header("x-request-id").unwrap()));
    }
    assert_eq!(server.send(&format!("{line}X-Auth-Token: good\r\n\r\n")).await.status, 200);
}

#[tokio::test]
async fn a_wrong_method_gets_the_allowed_ones() {
    let server = server().await;
    for (line, allow) in [
        ("GET /v2/p/graphs/g/stop", "POST"),
        ("TRACE /v1.0/p/graphs/g/action", "POST"),
        ("DELETE /v2/p/graphs/g/backups", "GET, POST"),
        ("POST /v2/p/graphs/jobs", "GET"),
        ("GET /_emulator/reset", "POST"),
    ] {
        let answer = server.call(line, "").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{line}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_rejected_by_the_gateway() {
    let server = server().await;
    for line in ["POST /v2/p/graphs/g/explode", "POST /v2/p/graphs/%ff/stop", "GET //", "OPTIONS *"] {
        let answer = server.call(line, "").await;
        assert_eq!((answer.status, &answer.json()["error_code"]), (404, &json!("APIG.0101")), "{line}");
    }
}

#[tokio::test]
async fn a_bad_request_is_refused_in_the_format_of_its_version() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    for (line, body, code) in [
        ("POST /v1.0/{project_id}/graphs/{graph_id}/action", "", "GES.7049"),
        ("POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=zzz", "", "GES.7048"),
        ("POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=start", "null", "GES.7016"),
        (
            "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=upgrade",
            r#"{"upgradeVersion": "2", "forceUpgrade": "yes"}"#,
            "GES.0001",
        ),
        ("POST /v2/{project_id}/graphs/{graph_id}/stop", "[]", "GES.7016"),
        ("POST /v2/{project_id}/graphs/{graph_id}/stop", "{", "GES.7016"),
        ("POST /v2/not-a-project/graphs/{graph_id}/stop", "", "GES.0001"),
    ] {
        let answer = server.call(&fill(line, &given), body).await;
        let member = if line.contains("/v2/") { "error_code" } else { "errorCode" };
        assert_eq!((answer.status, &answer.json()[member]), (400, &json!(code)), "{line} {body}");
    }
}

#[tokio::test]
async fn one_connection_carries_many_requests_even_sent_at_once() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let stop = fill("POST /v2/{project_id}/graphs/{graph_id}/stop", &given);
    let start = fill("POST /v2/{project_id}/graphs/{graph_id}/start", &given);
    let mut stream = server.connect().await;
    let requests = [&stop, &stop, &start, &start].map(|line| with_token(line, "{}"));
    stream.write_all(requests.concat().as_bytes()).await.unwrap();
    for expected in [200, 400, 200, 400] {
        assert_eq!(Answer::read(&mut stream).await.unwrap().status, expected);
    }
}

#[tokio::test]
async fn a_body_may_come_in_chunks() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let line = fill("POST /v2/{project_id}/graphs/{graph_id}/stop", &given);
    let head = format!("{line} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(server.send(&format!("{head}1\r\n{{\r\n1\r\n}}\r\n0\r\n\r\n")).await.status, 200);
}

#[tokio::test]
async fn every_provider_state_can_be_set_up_again_and_again() {
    let server = server().await;
    for &state in ProviderState::ALL {
        let body = json!({"consumer": "c", "state": state.name(), "action": "setup", "params": {}, "more": 1});
        let [one, other] = [
            server.call("POST /_emulator/provider-states", &body.to_string()).await,
            server.call("POST /_emulator/provider-states", &body.to_string()).await,
        ];
        assert_eq!((one.status, other.status), (200, 200), "{state}");
        let (one, other) = (one.json(), other.json());
        assert_eq!(one["project_id"], other["project_id"]);
        assert_ne!(one["graph_id"], other["graph_id"]);
        assert_eq!(one.get("backup_id").is_some(), state.name().ends_with("with a backup"), "{state}");
        assert_eq!(one.get("job_id").is_some(), state.name().ends_with(" job"), "{state}");
        let teardown = json!({"state": state.name(), "action": "teardown"}).to_string();
        let gone = server.call("POST /_emulator/provider-states", &teardown).await;
        assert_eq!((gone.status, gone.json()), (200, json!({})));
    }
}

#[tokio::test]
async fn an_unknown_state_is_refused_with_the_known_ones() {
    let server = server().await;
    let answer = server.call("POST /_emulator/provider-states", r#"{"state": "a burning graph"}"#).await;
    let known: Vec<_> = ProviderState::ALL.iter().map(|state| state.name()).collect();
    assert_eq!((answer.status, &answer.json()["known"]), (400, &json!(known)));
}

#[tokio::test]
async fn a_bad_control_request_is_a_bad_request() {
    let server = server().await;
    for (line, body) in [
        ("POST /_emulator/provider-states", ""),
        ("POST /_emulator/provider-states", "{}"),
        ("POST /_emulator/provider-states", r#"{"state": "a running graph", "action": "explode"}"#),
        ("POST /_emulator/provider-states", r#"{"state": "a running graph", "params": {"version": "new"}}"#),
        ("POST /_emulator/graphs", r#"{"status": "901"}"#),
        ("POST /_emulator/graphs", r#"{"product_type": "Paper"}"#),
        ("POST /_emulator/clock", r#"{"advance": "-P1D"}"#),
        ("POST /_emulator/clock", r#"{"advance": 7}"#),
    ] {
        let answer = server.call(line, body).await;
        assert_eq!(answer.status, 400, "{line} {body}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(server.call("GET /_emulator/nothing", "").await.status, 404);
}

#[tokio::test]
async fn the_clock_can_be_moved_by_a_week() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::StoppedGraph);
    let show = fill("GET /v2/{project_id}/graphs/{graph_id}", &given);
    for (advance, status) in [("P6D", "900"), ("P1D", "200")] {
        let body = json!({"advance": advance}).to_string();
        assert_eq!(server.call("POST /_emulator/clock", &body).await.status, 200);
        assert_eq!(server.call(&show, "").await.json()["graph"]["status"], status);
    }
}

#[tokio::test]
async fn a_job_can_be_followed_to_its_end() {
    let config = Config { transitions: Transitions::Manual(2), ..Config::default() };
    let server = Server::start(config).await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let stop = server.call(&fill("POST /v2/{project_id}/graphs/{graph_id}/stop", &given), "").await;
    let job = stop.json()["job_id"].as_str().unwrap().to_owned();
    let show = fill("GET /v2/{project_id}/graphs/{graph_id}/jobs/", &given) + &job + "/status";
    for expected in ["pending", "running", "success"] {
        let answer = server.call(&show, "").await.json();
        assert_eq!((&answer["job_id"], &answer["status"]), (&json!(job), &json!(expected)));
        assert_eq!((&answer["job_name"], &answer["related_graph"]), (&json!("StopGraph"), &json!("demo")));
        assert_eq!(answer.get("end_time").is_some(), expected == "success");
    }
}

#[tokio::test]
async fn the_journal_lists_requests_without_secrets() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    let line = fill("POST /v2/{project_id}/graphs/{graph_id}/stop", &given);
    let request = with_token(&line, "{}").replace("X-Auth-Token: t", "X-Auth-Token: secret");
    server.send(&request).await;
    let journal = server.call("GET /_emulator/requests", "").await;
    assert!(!journal.body.contains("secret"), "{}", journal.body);
    let entry = &journal.json()["requests"][0];
    assert_eq!(entry["operation"], Operation::StopGraph.name());
    assert_eq!((&entry["status"], &entry["body"]), (&json!(200), &json!("{}")));
}

#[tokio::test]
async fn a_reset_restores_the_initial_state() {
    let server = server().await;
    let before = server.emulator.set_up(ProviderState::RunningGraph);
    server.emulator.advance_clock(Duration::from_secs(60 * 60));
    assert_eq!(server.call("POST /_emulator/reset", "").await.status, 200);
    let show = fill("GET /v2/{project_id}/graphs/{graph_id}", &before);
    assert_eq!(server.call(&show, "").await.status, 404);
    assert_eq!(server.emulator.set_up(ProviderState::RunningGraph), before);
}

#[test]
fn the_emulator_answers_without_a_socket() {
    let emulator = Emulator::new(Config::default());
    let given = emulator.set_up(ProviderState::RunningGraph);
    let request = http::Request::post(fill("/v2/{project_id}/graphs/{graph_id}/stop", &given))
        .header("X-Auth-Token", "t")
        .body(bytes::Bytes::new());
    assert_eq!(emulator.answer(request.unwrap()).status(), 200);
}

#[test]
fn no_request_causes_an_internal_error() {
    let emulator = Emulator::new(Config::default());
    let given = emulator.set_up(ProviderState::RunningGraph);
    let paths = [
        "/v1.0/{project_id}/graphs/{graph_id}/action",
        "/v2/{project_id}/graphs/{graph_id}/upgrade",
        "/v2/{project_id}/graphs/{graph_id}/start",
        "/v2/{project_id}/graphs/{graph_id}/backups/%E2%82%AC",
        "/v2/{project_id}/graphs/{graph_id}/jobs/%00/status",
        "/v2/{project_id}/graphs/jobs",
        "/v2/%2F/graphs/%25",
        "/_emulator/provider-states",
        "/_emulator/graphs",
        "/_emulator/clock",
        "/_emulator/%",
        "/_emulator/",
    ];
    let queries =
        ["", "?", "?action_id=upgrade", "?action_id=start&&&=&x", "?limit=99999999999999999999", "?offset=%zz"];
    let deep = "[".repeat(10_000);
    let long = format!(r#"{{"upgradeVersion": "{}"}}"#, "1.".repeat(10_000));
    let odd = r#"{"upgrade_version": "٣", "graph_backup_id": "\ud800", "state": {}, "advance": "P1Y9999999999999M"}"#;
    let bodies = ["", "null", "0", "\"\"", "{}", "{\"\":{}}", &deep, &long, odd, "\u{feff}{}"];
    for method in ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "EXPLODE"] {
        for (path, query, body) in
            paths.iter().flat_map(|path| queries.map(|query| bodies.map(|body| (path, query, body)))).flatten()
        {
            let target = fill(path, &given) + query;
            let request = http::Request::builder().method(method).uri(&target).header("x-auth-token", "t");
            let answer = emulator.answer(request.body(bytes::Bytes::from(body.to_owned())).unwrap());
            assert!(answer.status().as_u16() < 500, "{method} {target} {body}");
            assert!(serde_json::from_slice::<Value>(answer.body()).is_ok(), "{method} {target} {body}");
        }
    }
}
