//! A small proxy of HTTP, which leads every host to one server and keeps what it was asked.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use crate::server::{Server, write};

/// A proxy on a free port of this machine.
pub struct TestProxy {
    /// `http://` and the address.
    pub url: String,
    heard: Arc<Mutex<Vec<String>>>,
    _server: Server,
}

impl TestProxy {
    /// Whatever host is asked for, `upstream` is connected to. With `authorization`, requests need that value of
    /// `Proxy-Authorization`.
    pub fn to(upstream: &str, authorization: Option<&str>) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (log, upstream) = (Arc::clone(&heard), upstream.to_owned());
        let needed = authorization.map(|value| format!("proxy-authorization: {}\r\n", value.to_ascii_lowercase()));
        let server = Server::on_connection(move |_, client| {
            let Some(head) = read_head(client) else { return };
            log.lock().unwrap().push(head.clone());
            if needed.as_ref().is_some_and(|needed| !head.to_ascii_lowercase().contains(needed)) {
                write(client, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
                return;
            }
            let mut server = TcpStream::connect(&upstream).unwrap();
            if head.starts_with("CONNECT ") {
                write(client, "HTTP/1.1 200 Connection established\r\n\r\n");
            } else {
                server.write_all(head.as_bytes()).unwrap();
            }
            let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let there = std::thread::spawn(move || {
                _ = std::io::copy(&mut from_client, &mut to_server);
                _ = to_server.shutdown(Shutdown::Write);
            });
            _ = std::io::copy(&mut server, client);
            _ = client.shutdown(Shutdown::Both);
            there.join().unwrap();
        });
        Self { url: server.url.clone(), heard, _server: server }
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap_or(&self.url)
    }

    /// The first head of every connection since the last call.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

/// Byte by byte, because what follows is passed on.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}
