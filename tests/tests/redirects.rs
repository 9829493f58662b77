//! The client follows no redirect, so that its credentials stay with the endpoint.

#![allow(clippy::unwrap_used)]

use std::net::TcpListener;

use ges_client::Client;
use test_support::{Server, Then, write};

const TOKEN: &str = "a-token-of-this-test";

#[tokio::test]
async fn the_client_takes_no_secret_elsewhere() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        let foreign = elsewhere.local_addr().unwrap();
        let endpoint = Server::start(move |_, stream| {
            let answer =
                format!("HTTP/1.1 {status} Elsewhere\r\nlocation: http://{foreign}/stop\r\ncontent-length: 0\r\n\r\n");
            write(stream, answer);
            Then::KeepOpen
        });
        let ges = Client::new(&endpoint.url, "p1", TOKEN).unwrap();
        let error = ges.stop_graph("g-1").send().await.expect_err("a redirect is no answer");
        assert!(!format!("{error:?} {error}").contains(TOKEN));
        let asked = endpoint.requests();
        assert!(asked.len() == 1 && asked[0].head.contains(TOKEN), "the endpoint itself gets the token");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert!(elsewhere.accept().is_err(), "{status} was followed");
    }
}
