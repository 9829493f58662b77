//! The log has a line for each request and no secret.

use crate::wire::Server;
use ges_emulator::Config;
use std::sync::Mutex;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn log(line: &str) {
    LINES.lock().expect("no panic while locked").push(line.to_owned());
}

#[tokio::test]
async fn every_request_is_logged_without_secrets() {
    let faults = vec!["reset:1".parse().expect("a fault")];
    let config = Config { log: Some(log), tokens: vec!["hunter2".to_owned()], faults, ..Config::default() };
    let server = Server::start(config).await;
    let project = server.emulator.config().project_id.clone();
    let path = format!("/v2/{project}/graphs");
    server.call(&format!("GET {path}?token=hunter2&limit=1"), "").await;
    server.call("GET /_emulator/health", "").await;
    server.call("GET /", "").await;
    let request = format!("GET {path} HTTP/1.1\r\nHost: ges\r\nX-Auth-Token: hunter2\r\n\r\n");
    let mut stream = server.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.expect("room to write");
    assert!(crate::wire::Answer::read(&mut stream).await.is_none(), "a fault breaks the connection");

    let lines = LINES.lock().expect("no panic while locked").clone();
    let [refused, health, broken] = &lines[..] else { panic!("{lines:?}") };
    assert!(refused.starts_with(&format!("GET {path}?token=***&limit=1 401 ")), "{refused}");
    let words: Vec<&str> = refused.rsplit(' ').collect();
    assert!(words[0].len() > 8 && words[1] == "ms" && words[2].parse::<f64>().is_ok(), "{refused}");
    assert!(health.starts_with("GET /_emulator/health 200 "), "{health}");
    assert!(broken.starts_with(&format!("GET {path} no answer, ")), "{broken}");
    assert!(!lines.concat().contains("hunter2"), "{lines:?}");
}
