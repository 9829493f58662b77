//! Does the client ever take its credentials to a place it was not told to call?

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use ges_client::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const TOKEN: &str = "a-token-of-this-test";

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    (listener, endpoint)
}

/// Answers one request that bears the token with a redirect.
async fn redirect(listener: TcpListener, status: u16, to: String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = [0; 4096];
    let length = stream.read(&mut request).await.unwrap();
    assert!(String::from_utf8_lossy(&request[..length]).contains(TOKEN), "the endpoint itself gets the token");
    let answer = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {to}/stop\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    // Open until the answer was read.
    let _ = stream.read(&mut request).await;
}

#[tokio::test]
async fn the_client_takes_no_secret_elsewhere() {
    for status in [301, 302, 303, 307, 308] {
        let (endpoint, address) = listener().await;
        let (elsewhere, foreign) = listener().await;
        tokio::spawn(redirect(endpoint, status, foreign));
        let ges = Client::new(&address, "p1", TOKEN).unwrap();
        let error = ges.stop_graph("g-1").send().await.expect_err("a redirect is no answer");
        assert!(!format!("{error:?} {error}").contains(TOKEN));
        let followed = tokio::time::timeout(Duration::from_millis(50), elsewhere.accept()).await;
        assert!(followed.is_err(), "{status} was followed");
    }
}
