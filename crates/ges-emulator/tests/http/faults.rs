//! What a caller sees of a fault, and what really happened.

use crate::wire::{Answer, PATIENCE, Server, fill, with_token};
use ges_emulator::{Config, Fault, ProviderState, StateValues, Transitions};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

const STOP: &str = "POST /v2/{project_id}/graphs/{graph_id}/stop";
const STOP_V1: &str = "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=stop";
const SHOW: &str = "GET /v2/{project_id}/graphs/{graph_id}";

struct Scene {
    server: Server,
    given: StateValues,
}

impl Scene {
    /// A running graph, and what goes wrong.
    async fn with(faults: &[Value]) -> Self {
        let server = Server::start(Config { seed: 7, ..Config::default() }).await;
        let given = server.emulator.set_up(ProviderState::RunningGraph);
        for fault in faults {
            let answer = server.call("POST /_emulator/faults", &fault.to_string()).await;
            assert_eq!(answer.status, 200, "{fault} {}", answer.body);
        }
        Self { server, given }
    }

    async fn call(&self, line: &str) -> Answer {
        self.server.call(&fill(line, &self.given), "").await
    }

    /// Everything that comes back over a connection of its own, and how it ends.
    async fn raw(&self, line: &str) -> (String, std::io::Result<usize>) {
        let mut stream = self.server.connect().await;
        stream.write_all(with_token(&fill(line, &self.given), "").as_bytes()).await.expect("room to write");
        let mut bytes = Vec::new();
        let end = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an end");
        (String::from_utf8(bytes).expect("text"), end)
    }

    /// The status of the graph, requested without a socket.
    async fn status(&self) -> Value {
        self.server.call("DELETE /_emulator/faults", "").await;
        self.call(SHOW).await.json()["graph"]["status"].clone()
    }
}

const RUNNING: &str = "200";
const STOPPED: &str = "900";

async fn check_status(fault: Value, line: &str, status: u16, body: Value, then: &str) {
    let scene = Scene::with(std::slice::from_ref(&fault)).await;
    let answer = scene.call(line).await;
    assert_eq!((answer.status, answer.json()), (status, body), "{fault}");
    assert!(answer.header("x-request-id").is_some());
    assert_eq!(scene.status().await, then, "{fault}");
}

#[tokio::test]
async fn a_fault_has_the_error_format_of_its_version() {
    let message = "The underlying service of the graph engine is unavailable.";
    let v1 = json!({"errorCode": "GES.7005", "errorMessage": message});
    let v2 = json!({"error_code": "GES.7005", "error_msg": message});
    check_status(json!({"status": 503}), STOP_V1, 503, v1, RUNNING).await;
    check_status(json!({"status": 503}), STOP, 503, v2.clone(), RUNNING).await;
    check_status(json!({"status": 503, "when": "after"}), STOP, 503, v2, STOPPED).await;
}

#[tokio::test]
async fn a_body_may_be_given() {
    check_status(json!({"status": 500, "body": {"any": 1}}), STOP, 500, json!({"any": 1}), RUNNING).await;
    let scene = Scene::with(&[json!({"status": 503, "body": "<html>", "retry_after": 2})]).await;
    let answer = scene.call(STOP).await;
    assert_eq!((answer.body.as_str(), answer.header("retry-after")), ("<html>", Some("2")));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test]
async fn a_status_below_400_has_an_empty_object() {
    check_status(json!({"status": 202}), STOP, 202, json!({}), RUNNING).await;
}

async fn check_reset(when: &str, then: &str) {
    let scene = Scene::with(&[json!({"connection": "reset", "when": when})]).await;
    let (bytes, end) = scene.raw(STOP).await;
    assert_eq!((bytes.as_str(), end.map_err(|error| error.kind())), ("", Err(ErrorKind::ConnectionReset)), "{when}");
    let journal = scene.server.call("GET /_emulator/requests", "").await.json();
    assert_eq!((&journal["requests"][0]["status"], &journal["requests"][0]["fault"]), (&Value::Null, &json!(1)));
    assert_eq!(scene.status().await, then, "{when}");
}

#[tokio::test]
async fn a_connection_is_reset_before_or_after_the_call() {
    check_reset("before", RUNNING).await;
    check_reset("after", STOPPED).await;
}

async fn check_truncated(fault: Value, status: &str, then: &str) {
    let scene = Scene::with(std::slice::from_ref(&fault)).await;
    let (text, end) = scene.raw(STOP).await;
    assert!(end.is_ok(), "{fault}: {end:?}");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{fault}: {head}");
    assert_eq!(body.len(), promised.parse::<usize>().expect("a number") / 2, "{fault}: {body}");
    assert!(!body.is_empty());
    assert_eq!(scene.status().await, then, "{fault}");
}

#[tokio::test]
async fn a_body_is_truncated_before_or_after_the_call() {
    check_truncated(json!({"connection": "truncate"}), "500", RUNNING).await;
    check_truncated(json!({"connection": "truncate", "status": 503}), "503", RUNNING).await;
    check_truncated(json!({"connection": "truncate", "when": "after"}), "200", STOPPED).await;
}

/// What the graph and the job look like at each look from the accepted call to the end.
async fn check_failing_job(state: ProviderState, line: &str, body: &str, expected: &[&str]) {
    let config = Config { transitions: Transitions::Manual(6), ..Config::default() };
    let server = Server::start(config).await;
    let given = server.emulator.set_up(state);
    let fault = json!({"job_fails": true, "times": 1});
    server.call("POST /_emulator/faults", &fault.to_string()).await;
    let accepted = server.call(&fill(line, &given), body).await.json();
    let job = format!(
        "GET /v2/{{project_id}}/graphs/{{graph_id}}/jobs/{}/status",
        accepted["job_id"].as_str().expect("a job")
    );
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..4 {
        let graph = server.call(&fill("GET /v2/{project_id}/graphs/{graph_id}", &given), "").await.json();
        let job = server.call(&fill(&job, &given), "").await.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (graph, version) = (text(&graph["graph"]["status"]), text(&graph["graph"]["data_store_version"]));
        seen.push(format!("{graph} {version} {} {}", text(&job["status"]), !job["fail_reason"].is_null()));
    }
    seen.dedup();
    assert_eq!(seen, expected, "{line}");
}

#[tokio::test]
async fn an_upgrade_whose_job_fails_is_rolled_back() {
    let upgrade = "POST /v2/{project_id}/graphs/{graph_id}/upgrade";
    let seen = ["201 1.1.7 running false", "203 1.1.7 running false", "200 1.1.7 failed true"];
    check_failing_job(ProviderState::RunningGraph, upgrade, r#"{"upgrade_version": "9"}"#, &seen).await;
}

#[tokio::test]
async fn a_job_that_fails_leaves_the_graph_as_it_was() {
    let stop = "POST /v2/{project_id}/graphs/{graph_id}/stop";
    check_failing_job(ProviderState::RunningGraph, stop, "", &["901 1.1.7 running false", "200 1.1.7 failed true"])
        .await;
    let start = "POST /v2/{project_id}/graphs/{graph_id}/start";
    let seen = ["100 1.1.7 running false", "920 1.1.7 running false", "900 1.1.7 failed true"];
    check_failing_job(ProviderState::StoppedGraphWithBackup, start, "", &seen).await;
    let restart = "POST /v2/{project_id}/graphs/{graph_id}/restart";
    let seen =
        ["901 1.1.7 running false", "100 1.1.7 running false", "920 1.1.7 running false", "200 1.1.7 failed true"];
    check_failing_job(ProviderState::RunningGraph, restart, "", &seen).await;
    let backup = "POST /v2/{project_id}/graphs/{graph_id}/backups";
    check_failing_job(ProviderState::RunningGraph, backup, "", &["200 1.1.7 running false", "200 1.1.7 failed true"])
        .await;
}

#[tokio::test]
async fn a_latency_does_not_delay_other_requests() {
    let scene = Scene::with(&[json!({"operation": "stop_graph", "latency_ms": 400})]).await;
    let began = Instant::now();
    let stop = async { (scene.call(STOP).await.status, began.elapsed()) };
    let shows = async {
        for _ in 0..20 {
            assert_eq!(scene.call(SHOW).await.status, 200);
        }
        began.elapsed()
    };
    let ((status, late), quick) = tokio::join!(stop, shows);
    assert_eq!(status, 200);
    assert!(late >= Duration::from_millis(400) && quick < late, "{late:?} {quick:?}");
    assert_eq!(scene.status().await, STOPPED);
}

#[tokio::test]
async fn a_fault_applies_to_the_next_matching_calls() {
    let other = json!({"status": 500, "graph_id": "another"});
    let scene = Scene::with(&[other, json!({"operation": "show_graph", "status": 429, "times": 2})]).await;
    let mut statuses = Vec::new();
    for line in [SHOW, "GET /v2/{project_id}/graphs", SHOW, SHOW] {
        statuses.push(scene.call(line).await.status);
    }
    assert_eq!(statuses, [429, 200, 429, 200]);
    let listed = scene.server.call("GET /_emulator/faults", "").await.json();
    let expected = json!([
        {"id": 1, "status": 500, "graph_id": "another", "when": "before", "rate": 1.0, "fired": 0},
        {"id": 2, "operation": "show_graph", "status": 429, "times": 2, "when": "before", "rate": 1.0, "fired": 2},
    ]);
    assert_eq!(listed["faults"], expected);
    assert_eq!(scene.server.call("DELETE /_emulator/faults", "").await.status, 200);
    assert_eq!(scene.server.call("GET /_emulator/faults", "").await.json(), json!({"faults": []}));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let run = async || {
        let scene = Scene::with(&[json!({"status": 503, "rate": 0.5})]).await;
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(scene.call(SHOW).await.status);
        }
        statuses
    };
    let statuses = run().await;
    assert!(statuses.contains(&200) && statuses.contains(&503), "{statuses:?}");
    assert_eq!(statuses, run().await);
}

#[tokio::test]
async fn rejected_requests_match_no_fault() {
    let scene = Scene::with(&[json!({"connection": "reset", "times": 1})]).await;
    for (request, status) in [
        (with_token("POST /v2/p/graphs/g/stop", "[]"), 400),
        ("POST /v2/p/graphs/g/stop HTTP/1.1\r\nHost: ges\r\n\r\n".to_owned(), 401),
        (with_token("GET /nowhere", ""), 404),
        (with_token("GET /v2/p/graphs/g/stop", ""), 405),
        (with_token("GET /_emulator/health", ""), 200),
        (with_token("GET /v3/projects", ""), 200),
    ] {
        assert_eq!(scene.server.send(&request).await.status, status, "{request}");
    }
    assert!(scene.raw(STOP).await.1.is_err());
}

#[tokio::test]
async fn a_reset_restores_the_configured_faults() {
    let faults = vec!["503:1:after".parse::<Fault>().unwrap()];
    let server = Server::start(Config { faults, ..Config::default() }).await;
    let scene = Scene { given: server.emulator.set_up(ProviderState::RunningGraph), server };
    assert_eq!(scene.call(STOP).await.status, 503);
    scene.server.emulator.clear_faults();
    assert_eq!(scene.call(SHOW).await.json()["graph"]["status"], STOPPED);
    scene.server.emulator.reset();
    assert_eq!(scene.call(SHOW).await.status, 503);
}
