//! Sends one request as text and reads the whole answer.

use std::fmt::Display;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};

/// One answer.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The status line and the header fields.
    pub head: String,
    /// The body as text.
    pub body: String,
}

/// Sends a request over a connection of its own. `request` is method and target, `headers` are lines: `"A: b"`.
#[track_caller]
pub fn send(address: impl ToSocketAddrs + Display, request: &str, headers: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(&address).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{request}: no answer, but {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap(), head: head.to_owned(), body: body.to_owned() }
}
