//! The requests of the five pages are answered as the pages say.

use crate::wire::{Server, fill};
use ges_emulator::{Config, ProviderState};
use serde_json::{Value, json};

const START: &str = "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=start";
const RESTART: &str = "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=restart";
const UPGRADE: &str = "POST /v1.0/{project_id}/graphs/{graph_id}/action?action_id=upgrade";
const STOP: &str = "POST /v2/{project_id}/graphs/{graph_id}/stop";
const BACKUP: &str = "POST /v2/{project_id}/graphs/{graph_id}/backups";

/// The documented request in a given state, and the status and body of the answer;
/// `"…"` stands for some text.
async fn check(given: ProviderState, line: &str, body: &str, status: u16, expected: Value) {
    let server = Server::start(Config::default()).await;
    let given = server.emulator.set_up(given);
    let answer = server.call(&fill(line, &given), &fill(body, &given)).await;
    let mut found = answer.json();
    for (name, value) in found.as_object_mut().into_iter().flatten() {
        if expected[name] == "…" && value.as_str().is_some_and(|text| !text.is_empty()) {
            *value = "…".into();
        }
    }
    assert_eq!((answer.status, found), (status, expected), "{line}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn a_stopped_graph_starts_from_its_backup() {
    let (given, body) = (ProviderState::StoppedGraphWithBackup, r#"{ "graph_backup_id" : "{backup_id}" }"#);
    check(given, START, body, 200, json!({"jobId": "…"})).await;
}

#[tokio::test]
async fn an_importing_graph_does_not_start() {
    let expected = json!({"errorCode": "GES.7015", "errorMessage": "The graph is not running or stopped."});
    check(ProviderState::ImportingGraph, START, "", 400, expected).await;
}

#[tokio::test]
async fn a_running_graph_restarts() {
    check(ProviderState::RunningGraph, RESTART, "", 200, json!({"jobId": "…"})).await;
}

#[tokio::test]
async fn a_stopped_graph_does_not_restart() {
    let expected = json!({"errorMessage": "The request is invalid.", "errorCode": "GES.7016"});
    check(ProviderState::StoppedGraph, RESTART, "", 400, expected).await;
}

#[tokio::test]
async fn a_running_graph_stops() {
    check(ProviderState::RunningGraph, STOP, "{ }", 200, json!({"job_id": "…"})).await;
}

#[tokio::test]
async fn a_stopped_graph_does_not_stop() {
    let expected = json!({"error_code": "GES.7001", "error_msg": "The graph is not running."});
    check(ProviderState::StoppedGraph, STOP, "{ }", 400, expected).await;
}

#[tokio::test]
async fn a_running_graph_is_backed_up() {
    let expected = json!({"job_id": "…", "backup_id": "…"});
    check(ProviderState::RunningGraph, BACKUP, "{ }", 200, expected).await;
}

#[tokio::test]
async fn a_graph_that_does_not_exist_is_not_backed_up() {
    let expected = json!({
        "error_msg": "Cluster does not exist or has been deleted.",
        "error_code": "GES.0047",
    });
    check(ProviderState::NoSuchGraph, BACKUP, "{ }", 404, expected).await;
}

#[tokio::test]
async fn a_running_graph_is_upgraded() {
    let body = r#"{ "upgradeVersion" : "1.1.8", "forceUpgrade" : false }"#;
    check(ProviderState::RunningGraph, UPGRADE, body, 200, json!({"jobId": "…"})).await;
}

#[tokio::test]
async fn a_graph_that_does_not_exist_is_not_upgraded() {
    let server = Server::start(Config::default()).await;
    let given = server.emulator.set_up(ProviderState::NoSuchGraph);
    let body = r#"{ "upgradeVersion" : "1.1.8", "forceUpgrade" : false }"#;
    let answer = server.call(&fill(UPGRADE, &given), body).await;
    let message = format!("graph [{}] is not found", given.graph_id);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json(), json!({"errorMessage": message, "errorCode": "GES.8011"}));
}
