//! Does the client generated from the second document compile, and send what the document says?

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpListener;

#[allow(clippy::all, clippy::unwrap_used, dead_code, missing_docs, unreachable_pub, unused_imports)]
#[path = "golden/generated.rs"]
#[rustfmt::skip]
mod generated;

use generated::{Client, Operation, types};

/// A server that answers one request with `reply`; its handle returns the head and body that came.
fn answer(reply: &'static str) -> (Client, std::thread::JoinHandle<String>) {
    // In a build of the whole workspace reqwest has TLS, and would have nothing to do it with.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        let is_complete = |seen: &[u8]| {
            let text = String::from_utf8_lossy(seen).to_ascii_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            body.len() >= length.unwrap_or(0)
        };
        while !is_complete(&seen) {
            let read = stream.read(&mut buffer).unwrap();
            assert!(read > 0, "the request ended early");
            seen.extend_from_slice(&buffer[..read]);
        }
        stream.write_all(reply.as_bytes()).unwrap();
        String::from_utf8(seen).unwrap()
    });
    (client, server)
}

fn request_line(request: &str) -> &str {
    request.lines().next().unwrap()
}

#[tokio::test]
async fn operations_told_apart_by_their_bodies_share_one_address() {
    let (client, server) = answer("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n");
    let kind = types::RebootServerRebootType::Hard;
    let body = types::RebootServer { reboot: types::RebootServerReboot { type_: kind } };
    let reply = client.reboot_server().server_id("s-1").body(body).send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 202);
    let request = server.join().unwrap();
    assert_eq!(request_line(&request), "POST /servers/s-1/action HTTP/1.1");
    assert!(request.ends_with(r#"{"reboot":{"type":"HARD"}}"#), "{request}");

    let reply = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 26\r\n\r\n{\"id\":\"s-1\",\"name\":\"web-2\"}"
        .replace("26", &r#"{"id":"s-1","name":"web-2"}"#.len().to_string());
    let (client, server) = answer(reply.leak());
    let body = r#"{"rename":{"name":"web-2"}}"#;
    let body: types::RenameServer = serde_json::from_str(body).unwrap();
    let server_now = client.rename_server().server_id("s-1").body(body).send().await.unwrap();
    assert_eq!(server_now.name, "web-2");
    assert_eq!(request_line(&server.join().unwrap()), "POST /servers/s-1/action HTTP/1.1");
}

#[tokio::test]
async fn constants_are_sent_and_are_nobodys_argument() {
    let reply = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]";
    let (client, server) = answer(reply);
    client.list_public_flavors().limit(std::num::NonZeroU64::new(2).unwrap()).send().await.unwrap();
    assert_eq!(request_line(&server.join().unwrap()), "GET /flavors?kind=public&detail=true&limit=2 HTTP/1.1");

    let (client, server) = answer(reply);
    client.list_private_flavors().send().await.unwrap();
    assert_eq!(request_line(&server.join().unwrap()), "GET /flavors?kind=private%20%26%20own&detail=true HTTP/1.1");
}

#[test]
fn the_enum_has_every_operation() {
    let ids = Operation::ALL.map(Operation::id);
    let expected = ["reboot_server", "rename_server", "lock_server", "list_public_flavors", "list_private_flavors"];
    assert_eq!(ids, expected);
    assert!(ids.into_iter().all(|id| Operation::from_id(id).is_some_and(|operation| operation.id() == id)));
}
