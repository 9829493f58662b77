//! Access to the control API, and its errors.

use crate::wire::{Answer, Server, fill};
use ges_emulator::{Config, Listeners, ProviderState};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

async fn server() -> Server {
    Server::start(Config::default()).await
}

#[tokio::test]
async fn every_path_names_its_methods() {
    let server = server().await;
    for (path, allow) in [
        ("health", "GET"),
        ("openapi.yaml", "GET"),
        ("provider-states", "POST"),
        ("graphs", "POST"),
        ("clock", "POST"),
        ("reset", "POST"),
        ("requests", "GET"),
        ("faults", "GET, POST, DELETE"),
    ] {
        for method in ["PUT", "TRACE", "OPTIONS", "HEAD"] {
            let answer = server.head(&format!("{method} /_emulator/{path}")).await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some(allow)), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn bad_input_is_answered_with_the_reason() {
    let server = server().await;
    for (line, body, reason) in [
        ("POST /_emulator/faults", "", "EOF"),
        ("POST /_emulator/faults", "[]", "must be a JSON object"),
        ("POST /_emulator/faults", "{}", "at least one of"),
        ("POST /_emulator/faults", r#"{"status": 503, "rate": 2}"#, "from 0 to 1"),
        ("POST /_emulator/provider-states", r#"["a running graph"]"#, "must be a JSON object"),
        ("POST /_emulator/graphs", r#"["p","n","1",null,null]"#, "must be a JSON object"),
        (
            "POST /_emulator/graphs",
            r#"{"grahp_id": "x"}"#,
            "unknown field `grahp_id`, expected one of `project_id`, `graph_id`",
        ),
        (
            "POST /_emulator/provider-states",
            r#"{"state": "a running graph", "params": {"Version": "2.3"}}"#,
            "unknown field `Version`",
        ),
        (
            "POST /_emulator/provider-states",
            r#"{"state": "a running graph", "action": "teardown", "params": {"graph_id": "x"}}"#,
            "graph_id must be a UUID in lower case",
        ),
        ("POST /_emulator/clock", "null", "must be a JSON object"),
        ("POST /_emulator/clock", r#"{"advance": "P1D", "back": true}"#, "unknown field `back`"),
        ("GET /_emulator/requests?operation=explode", "", "known are start_graph"),
        ("GET /_emulator/requests?status=ok", "", "from 100 to 599"),
        ("GET /_emulator/requests?status=42", "", "from 100 to 599"),
        ("GET /_emulator/requests?limit=-1", "", "found `-1`"),
        ("GET /_emulator/requests?limit=+1", "", "found `+1`"),
        ("GET /_emulator/requests?limit=99999999999", "", "limit must be a number"),
        ("GET /_emulator/requests?graph_id=%zz", "", "not percent-encoded"),
        ("GET /_emulator/requests?colour=red", "", "`colour`"),
    ] {
        let answer = server.call(line, body).await;
        assert_eq!(answer.status, 400, "{line} {body}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{line} {body}: {error}");
    }
}

#[tokio::test]
async fn the_journal_can_be_searched() {
    let server = server().await;
    let given = server.emulator.set_up(ProviderState::RunningGraph);
    for line in [
        "POST /v2/{project_id}/graphs/{graph_id}/stop",
        "POST /v2/{project_id}/graphs/{graph_id}/stop",
        "POST /v2/{project_id}/graphs/another/stop",
        "GET /v2/{project_id}/graphs",
    ] {
        server.call(&fill(line, &given), "").await;
    }
    for (query, statuses) in [
        ("", json!([200, 400, 404, 200])),
        ("?", json!([200, 400, 404, 200])),
        ("?operation=stop_graph", json!([200, 400, 404])),
        ("?operation=stop_graph&limit=2", json!([400, 404])),
        ("?graph_id={graph_id}", json!([200, 400])),
        ("?graph_id=another&status=404", json!([404])),
        ("?status=200", json!([200, 200])),
        ("?limit=0", json!([])),
    ] {
        let answer = server.call(&fill(&format!("GET /_emulator/requests{query}"), &given), "").await.json();
        let found: Vec<_> =
            answer["requests"].as_array().unwrap().iter().map(|entry| entry["status"].clone()).collect();
        assert_eq!(json!(found), statuses, "{query}");
    }
}

#[tokio::test]
async fn the_control_api_describes_itself() {
    let answer = server().await.call("GET /_emulator/openapi.yaml", "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/yaml")));
    assert!(answer.body.starts_with("openapi: 3.0.3\n"));
}

#[tokio::test]
async fn the_control_api_is_not_on_a_public_address() {
    let everywhere = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let control = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control_address = control.local_addr().unwrap();
    let listeners = Listeners { service: everywhere, control: Some(control), tls: None };
    let mut server = Server::start_on(listeners, Config::default()).await;
    server.address.set_ip([127, 0, 0, 1].into());
    for line in ["GET /_emulator/health", "POST /_emulator/reset", "GET /_emulator/nothing", "GET /"] {
        let answer = server.call(line, "").await;
        assert_eq!((answer.status, answer.json()["error"].is_string()), (403, true), "{line}");
    }
    assert_eq!(server.call("GET /v2/p/graphs", "").await.status, 200);

    server.address = control_address;
    assert_eq!(server.call("GET /_emulator/health", "").await.status, 200);
    assert_eq!(server.call("GET /", "").await.status, 200);
    assert_eq!(server.call("GET /v2/p/graphs", "").await.status, 404);
    assert_eq!(server.call("GET /v3/projects", "").await.status, 404);
}

#[tokio::test]
async fn a_web_page_cannot_use_the_control_api() {
    let server = server().await;
    let here = server.address;
    let before = server.emulator.set_up(ProviderState::RunningGraph);
    for headers in [
        format!("Host: {here}\r\nOrigin: https://evil.example.com\r\n"),
        format!("Host: {here}\r\nOrigin: null\r\n"),
        format!("Host: {here}\r\nSec-Fetch-Site: cross-site\r\n"),
        // A server of the developer's own, on another port of the same machine.
        format!("Host: {here}\r\nSec-Fetch-Site: same-site\r\nOrigin: http://127.0.0.1:1\r\n"),
        // DNS rebinding.
        format!("Host: rebound.evil.com:{}\r\nSec-Fetch-Site: same-origin\r\n", here.port()),
    ] {
        for line in ["POST /_emulator/reset", "GET /_emulator/requests"] {
            let answer = server.send(&format!("{line} HTTP/1.1\r\n{headers}Content-Length: 0\r\n\r\n")).await;
            assert_eq!((answer.status, answer.json()["error"].is_string()), (403, true), "{line} {headers}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    let rebound = server.send("GET / HTTP/1.1\r\nHost: rebound.evil.com\r\n\r\n").await;
    assert!(rebound.status == 403 && !rebound.body.contains(&before.graph_id), "{}", rebound.body);
    let linked = format!("GET / HTTP/1.1\r\nHost: {here}\r\nSec-Fetch-Site: cross-site\r\n\r\n");
    assert_eq!(server.send(&linked).await.status, 200, "a link to the page");

    let show = fill("GET /v2/{project_id}/graphs/{graph_id}", &before);
    assert_eq!(server.call(&show, "").await.status, 200, "nothing was reset");

    let own = format!("Host: {here}\r\nOrigin: http://{here}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n");
    assert_eq!(server.send(&format!("POST /_emulator/reset HTTP/1.1\r\n{own}\r\n")).await.status, 200);
    assert_eq!(server.call(&show, "").await.status, 404);
}

#[tokio::test]
async fn a_graph_may_be_given_an_identifier() {
    let server = server().await;
    let graph = "4c5f882d-a813-4d78-a8e3-6d3212ddd121";
    let state = json!({"state": "a stopped graph", "params": {"graph_id": graph}}).to_string();
    let given = server.call("POST /_emulator/provider-states", &state).await;
    assert_eq!((given.status, &given.json()["graph_id"]), (200, &json!(graph)));
    let show = format!("GET /v2/{}/graphs/{graph}", server.emulator.config().project_id);
    assert_eq!(server.call(&show, "").await.json()["graph"]["status"], "900");

    // The identifier of the next graph.
    let next = Server::start(Config::default()).await.emulator.set_up(ProviderState::RunningGraph).graph_id;
    for (graph, reason) in
        [(graph, "another graph"), (&*next, "reserved for a later one"), ("4C5F882D", "UUID in lower case")]
    {
        let body = json!({"graph_id": graph}).to_string();
        let answer = server.call("POST /_emulator/graphs", &body).await;
        assert_eq!(answer.status, 400, "{graph}");
        assert!(answer.json()["error"].as_str().unwrap().contains(reason), "{}", answer.body);
    }
    assert_eq!(server.emulator.set_up(ProviderState::RunningGraph).graph_id, next);
}

#[tokio::test]
async fn the_control_listener_ends_with_the_service() {
    let [service, control] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0"));
    let (service, control) = (service.await.unwrap(), control.await.unwrap());
    let control_address = control.local_addr().unwrap();
    let mut server =
        Server::start_on(Listeners { service, control: Some(control), tls: None }, Config::default()).await;
    // On loopback, the listener of the service also serves the control API.
    assert_eq!(server.call("GET /_emulator/health", "").await.status, 200);
    drop(server.stop.take());
    (&mut server.stopped).await.unwrap();
    assert!(TcpStream::connect(control_address).await.is_err());
}

impl Server {
    /// As [`call`](Self::call), for methods whose answers have no body.
    async fn head(&self, request_line: &str) -> Answer {
        let mut stream = self.connect().await;
        let request = format!("{request_line} HTTP/1.1\r\nHost: ges\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("room to write");
        Answer::read_head(&mut stream).await.expect("an answer")
    }
}
