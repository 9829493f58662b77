//! Reads HTTP/1.1 messages from plain streams, without an HTTP library in between.

use std::io::BufRead;

/// One request as a server read it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The number of the request in the life of the server, from 0.
    pub number: usize,
    /// The number of its connection, from 0.
    pub connection: usize,
    /// The request line and the header fields, with the empty line after them.
    pub head: String,
    /// The body, as long as `Content-Length` says.
    pub body: Vec<u8>,
}

impl Request {
    /// The method, as it was spelled.
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The path, still encoded.
    pub fn path(&self) -> &str {
        self.target().split_once('?').map_or(self.target(), |(path, _)| path)
    }

    /// The query, still encoded, without its question mark; empty if there is none.
    pub fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }

    /// The header fields in their order, with the names as they were spelled.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        fields(&self.head)
    }

    /// The value of the first header field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }

    /// The body as text.
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Head and body as text.
    pub fn text(&self) -> String {
        self.head.clone() + &self.body_text()
    }
}

/// Head and body of the next message, or nothing if the stream ends before the message does.
pub fn read(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let mut body = vec![0; content_length(&head).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// What `Content-Length` says in this head.
pub(crate) fn content_length(head: &str) -> Option<usize> {
    field(head, "content-length")?.parse().ok()
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    fields(head).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn fields(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
}
