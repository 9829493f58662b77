//! The client of the second document compiles, and sends what the document says.

#![allow(clippy::unwrap_used)]

#[allow(clippy::all, clippy::unwrap_used, dead_code, missing_docs, unreachable_pub, unused_imports)]
#[path = "golden/generated.rs"]
#[rustfmt::skip]
mod generated;

use generated::{Client, Operation, types};
use test_support::{Server, json_reply, reply};

/// A server that answers with `reply`.
fn answer(reply: impl Into<String>) -> (Client, Server) {
    // In a build of the whole workspace reqwest has TLS, and would have nothing to do it with.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server::replying([reply]);
    (Client::new(&server.url), server)
}

/// The one request that came.
fn request(server: &Server) -> String {
    let [request] = &server.requests()[..] else { panic!("{:?}", server.requests()) };
    request.text()
}

fn request_line(request: &str) -> &str {
    request.lines().next().unwrap()
}

#[tokio::test]
async fn operations_told_apart_by_their_bodies_share_one_address() {
    let (client, server) = answer(reply("202 Accepted", "", ""));
    let kind = types::RebootServerRebootType::Hard;
    let body = types::RebootServer { reboot: types::RebootServerReboot { type_: kind } };
    let reply = client.reboot_server().server_id("s-1").body(body).send().await.unwrap();
    assert_eq!(reply.status().as_u16(), 202);
    let sent = request(&server);
    assert_eq!(request_line(&sent), "POST /servers/s-1/action HTTP/1.1");
    assert!(sent.ends_with(r#"{"reboot":{"type":"HARD"}}"#), "{sent}");

    let (client, server) = answer(json_reply("200 OK", r#"{"id":"s-1","name":"web-2"}"#));
    let body = r#"{"rename":{"name":"web-2"}}"#;
    let body: types::RenameServer = serde_json::from_str(body).unwrap();
    let server_now = client.rename_server().server_id("s-1").body(body).send().await.unwrap();
    assert_eq!(server_now.name, "web-2");
    assert_eq!(request_line(&request(&server)), "POST /servers/s-1/action HTTP/1.1");
}

#[tokio::test]
async fn constants_are_sent_and_are_nobodys_argument() {
    let reply = json_reply("200 OK", "[]");
    let (client, server) = answer(&*reply);
    client.list_public_flavors().limit(std::num::NonZeroU64::new(2).unwrap()).send().await.unwrap();
    assert_eq!(request_line(&request(&server)), "GET /flavors?kind=public&detail=true&limit=2 HTTP/1.1");

    let (client, server) = answer(reply);
    client.list_private_flavors().send().await.unwrap();
    assert_eq!(request_line(&request(&server)), "GET /flavors?kind=private%20%26%20own&detail=true HTTP/1.1");
}

#[test]
fn the_enum_has_every_operation() {
    let ids = Operation::ALL.map(Operation::id);
    let expected = ["reboot_server", "rename_server", "lock_server", "list_public_flavors", "list_private_flavors"];
    assert_eq!(ids, expected);
    assert!(ids.into_iter().all(|id| Operation::from_id(id).is_some_and(|operation| operation.id() == id)));
}
