//! Servers on plain sockets that follow a script, so that they can be wrong in every way.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::message::{self, Request, content_length};

/// A server on a free port of this machine. It accepts no more connections once it is dropped.
pub struct Server {
    /// `http://` and the address.
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    is_stopped: Arc<AtomicBool>,
}

/// What becomes of a connection after a reply.
pub enum Then {
    /// It stays open for the next request.
    KeepOpen,
    /// It is closed.
    Close,
    /// It is closed with a reset.
    Reset,
    /// It stays open, and nothing is sent any more.
    Hang,
}

impl Server {
    /// Replies to each request with the bytes that `reply` writes.
    pub fn start(reply: impl Fn(&Request, &mut TcpStream) -> Then + Send + Sync + 'static) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let mut server = Self::on_connection(move |connection, stream| converse(connection, stream, &reply, &log));
        server.requests = requests;
        server
    }

    /// The first request gets the first reply and so on; further ones get the last. After a reply that is not whole or
    /// has no length, the connection is closed: an empty reply is a close without one.
    pub fn replying<R: Into<String>>(replies: impl IntoIterator<Item = R>) -> Self {
        let replies: Vec<String> = replies.into_iter().map(Into::into).collect();
        Self::start(move |request, stream| {
            let reply = &replies[request.number.min(replies.len() - 1)];
            write(stream, reply);
            if is_whole(reply.as_bytes()) { Then::KeepOpen } else { Then::Close }
        })
    }

    /// Runs `serve` in a thread for each connection, which is closed afterwards. Connections are counted from 0.
    pub fn on_connection(serve: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let is_stopped = Arc::new(AtomicBool::new(false));
        let (serve, stopped) = (Arc::new(serve), Arc::clone(&is_stopped));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(mut stream), serve) = (stream, Arc::clone(&serve)) else { continue };
                std::thread::spawn(move || serve(connection, &mut stream));
            }
        });
        Self { url, requests: Arc::default(), is_stopped }
    }

    /// Address and port.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The port alone.
    pub fn port(&self) -> u16 {
        self.address().rsplit(':').next().unwrap().parse().unwrap()
    }

    /// The requests that came so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        // The thread that accepts is woken, and ends.
        _ = TcpStream::connect(self.address());
    }
}

fn converse(
    connection: usize,
    stream: &mut TcpStream,
    reply: &impl Fn(&Request, &mut TcpStream) -> Then,
    log: &Mutex<Vec<Request>>,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some((head, body)) = message::read(&mut reader) {
        let request = {
            let mut log = log.lock().unwrap();
            let request = Request { number: log.len(), connection, head, body };
            log.push(request.clone());
            request
        };
        match reply(&request, stream) {
            Then::KeepOpen => {}
            Then::Close => return,
            Then::Reset => return reset_on_close(stream),
            Then::Hang => std::thread::sleep(Duration::from_secs(60)),
        }
    }
}

fn is_whole(reply: &[u8]) -> bool {
    let Some(end) = reply.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&reply[..end]);
    content_length(&head).is_some_and(|length| reply.len() >= end + 4 + length)
}

/// Closing the stream sends a reset from now on.
pub fn reset_on_close(stream: &TcpStream) {
    socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap();
}

/// Sends bytes; the client may have hung up already.
pub fn write(stream: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    _ = stream.write_all(bytes.as_ref());
    _ = stream.flush();
}

/// A whole reply. Each header field ends with a line break: `"A: b\r\n"`.
pub fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// A whole reply in JSON.
pub fn json_reply(status: &str, body: &str) -> String {
    reply(status, "Content-Type: application/json\r\n", body)
}

/// An address of this machine on which nothing listens.
pub fn unused_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
