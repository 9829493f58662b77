//! One HTTP exchange, raw: no redirects, no decoding, no more patience and memory than allowed.
//!
//! Connections are kept alive and used again, one at a time per origin. A connection on which anything went wrong
//! (a protocol error, a body cut off or too long, a deadline) is never used again, so that a bad answer costs the
//! exchange it belongs to and no other.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::address::{Address, Host, Origin};
use crate::compare::Reply;
use crate::request::Prepared;
use crate::tls::Tls;

const AGENT: &str = concat!("conformance-engine/", env!("CARGO_PKG_VERSION"));

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the first attempt to connect to the last byte of the body.
    pub(crate) timeout: Duration,
    /// The longest body, in bytes.
    pub(crate) body: usize,
}

/// Sends requests one after another, over connections it keeps.
pub(crate) struct Client {
    limits: Limits,
    tls: Option<Tls>,
    idle: Vec<(Origin, Connection)>,
}

/// What an exchange gave.
pub(crate) struct Answer {
    pub(crate) reply: Reply,
    /// The request was sent a second time, see [`Client::exchange`].
    pub(crate) resent: bool,
}

/// Why an exchange gave nothing, in words.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The endpoint's: refused, reset, silent, not HTTP.
    Endpoint(String),
    /// Ours: the request cannot be written as HTTP.
    Request(String),
}

impl Client {
    pub(crate) fn new(limits: Limits, tls: Option<Tls>) -> Self {
        Self { limits, tls, idle: Vec::new() }
    }

    /// A client like this one, with connections of its own.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.limits, self.tls.clone())
    }

    /// Makes a connection and keeps it for the first exchange.
    pub(crate) async fn connect(&mut self, address: &Address) -> Result<(), String> {
        if self.idle.iter().all(|(origin, _)| *origin != address.origin) {
            let deadline = Instant::now() + self.limits.timeout;
            let connection = self.open(address, deadline).await?;
            self.idle.push((address.origin.clone(), connection));
        }
        Ok(())
    }

    /// Sends `request` and reads the whole answer, within the deadline.
    ///
    /// The server may close an idle connection just when the next request is on its way. If a connection that has
    /// served before ends without a single byte in answer, the request is sent once more on a new connection. Any
    /// other end is the endpoint's answer, and reported. That is safe here, even for `POST`: a server that took the
    /// request and then went silent has to do so again on the new connection to be taken for healthy, a request that
    /// did take effect the first time shows up as what the second one is told, and the report says that it was sent
    /// twice. What a client of the API must not risk (an effect in duplicate that nobody notices), a test run against
    /// a prepared state can.
    pub(crate) async fn exchange(&mut self, address: &Address, request: &Prepared) -> Result<Answer, Trouble> {
        let deadline = Instant::now() + self.limits.timeout;
        let mut resent = false;
        loop {
            let message = message(address, request)?;
            let mut connection = match self.take_idle(&address.origin) {
                Some(connection) if !resent => connection,
                _ => self.open(address, deadline).await.map_err(Trouble::Endpoint)?,
            };
            let before = connection.received();
            match timeout_at(deadline, connection.sender.send_request(message)).await {
                Ok(Ok(response)) => {
                    let reply = self.read(response, connection, &address.origin, deadline).await;
                    return Ok(Answer { reply, resent });
                }
                Ok(Err(_)) if connection.has_served && connection.received() == before && !resent => resent = true,
                Ok(Err(error)) => {
                    return Err(Trouble::Endpoint(in_words(&error, connection.received() > before)));
                }
                Err(_) => {
                    let timeout = seconds(self.limits.timeout);
                    let some = connection.received() > before;
                    let end = if some { "only the beginning of an answer" } else { "no answer" };
                    return Err(Trouble::Endpoint(format!("{end} within {timeout}")));
                }
            }
        }
    }

    /// Reads the body, and keeps the connection if it is still good.
    async fn read(
        &mut self,
        response: Response<Incoming>,
        mut connection: Connection,
        origin: &Origin,
        deadline: Instant,
    ) -> Reply {
        let (head, mut incoming) = response.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let mut reply = Reply { status: head.status.as_u16(), headers, body: Vec::new(), framing_fault: None };

        reply.framing_fault = loop {
            match timeout_at(deadline, incoming.frame()).await {
                Ok(None) => break None,
                Ok(Some(Ok(frame))) => {
                    let Some(data) = frame.data_ref() else { continue };
                    let room = self.limits.body - reply.body.len();
                    reply.body.extend_from_slice(&data[..data.len().min(room)]);
                    if data.len() > room {
                        break Some(format!("is longer than {} bytes", self.limits.body));
                    }
                }
                Ok(Some(Err(error))) => break Some(format!("did not arrive whole: {}", in_words(&error, true))),
                Err(_) => break Some(format!("did not end within {}", seconds(self.limits.timeout))),
            }
        };
        if reply.framing_fault.is_none() {
            // Lets the connection notice what the server did after the last byte: closed it, or went on talking.
            tokio::task::yield_now().await;
            match connection.ended().await {
                Some(Ok(())) => {}
                Some(Err(stray)) => reply.framing_fault = Some(stray.to_owned()),
                None if connection.sender.is_closed() => {}
                None => {
                    connection.has_served = true;
                    self.idle.push((origin.clone(), connection));
                }
            }
        }
        reply
    }

    fn take_idle(&mut self, origin: &Origin) -> Option<Connection> {
        let at = self.idle.iter().position(|(known, _)| known == origin)?;
        let (_, connection) = self.idle.swap_remove(at);
        (!connection.sender.is_closed()).then_some(connection)
    }

    async fn open(&self, address: &Address, deadline: Instant) -> Result<Connection, String> {
        let shown = address.authority();
        match timeout_at(deadline, self.open_unhurried(address)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(format!("cannot connect to {shown}: {error}")),
            Err(_) => Err(format!("cannot connect to {shown} within {}", seconds(self.limits.timeout))),
        }
    }

    async fn open_unhurried(&self, address: &Address) -> Result<Connection, String> {
        let stream = connect(address).await.map_err(|error| error.to_string())?;
        // Small requests, answered one by one: waiting to fill a packet would only delay them.
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        if address.origin.tls {
            let tls = self.tls.as_ref().ok_or("this build does not speak TLS")?;
            let stream = tls.wrap(&address.origin.host, stream).await?;
            Connection::start(stream).await
        } else {
            Connection::start(stream).await
        }
    }
}

/// One connection, driven by a task of its own.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<Result<(), hyper::Error>>,
    received: Arc<AtomicU64>,
    /// It has answered before: only then can it be stale.
    has_served: bool,
}

impl Connection {
    async fn start(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Self, String> {
        let received = Arc::default();
        let stream = Counting { stream, received: Arc::clone(&received) };
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        let driver = tokio::spawn(connection);
        Ok(Self { sender, driver, received, has_served: false })
    }

    fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// How the connection ended, if it has: an error that is not the network's means bytes that no answer asked for.
    async fn ended(&mut self) -> Option<Result<(), &'static str>> {
        if !self.driver.is_finished() {
            return None;
        }
        match (&mut self.driver).await {
            Ok(Err(error)) if !is_network(&error) => Some(Err("is followed by bytes that belong to no answer")),
            _ => Some(Ok(())),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Closes the socket at once; otherwise the task would wait for the rest of an answer that nobody reads.
        self.driver.abort();
    }
}

/// A stream that counts what came in: whether *anything* did decides if a request may be sent again.
struct Counting<S> {
    stream: S,
    received: Arc<AtomicU64>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counting<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, into);
        let more = into.filled().len() - before;
        self.received.fetch_add(more as u64, Ordering::Relaxed);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counting<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

async fn connect(address: &Address) -> io::Result<TcpStream> {
    let port = address.origin.port;
    let name = match &address.origin.host {
        Host::Ip(ip) => return TcpStream::connect((*ip, port)).await,
        Host::Name(name) => name,
    };
    let mut found = tokio::net::lookup_host((name.as_str(), port)).await?.collect::<Vec<_>>();
    if address.is_loopback() {
        // The promise that `localhost` is this machine is kept here, whatever the resolver says.
        found.retain(|address| address.ip().is_loopback());
    }
    TcpStream::connect(found.as_slice()).await
}

fn message(address: &Address, request: &Prepared) -> Result<Request<Full<Bytes>>, Trouble> {
    let wrong = |what: &str| Trouble::Request(format!("the request cannot be sent: {what}"));
    let body = request.body.as_deref().unwrap_or_default();
    let mut builder = Request::builder()
        .method(request.method.as_str())
        .uri(request.target.as_str())
        .header(HOST, address.authority())
        .header(USER_AGENT, AGENT);
    for (name, value) in &request.headers {
        let header: HeaderName = name.parse().map_err(|_| wrong(&format!("`{name}` is not a header name")))?;
        // The value is not repeated: it may be the token.
        let value = HeaderValue::from_str(value)
            .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
            .map_err(|_| wrong(&format!("the value of the header `{name}` has a control character")))?;
        builder = builder.header(header, value);
    }
    if !body.is_empty() || request.body.is_some() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        builder = builder.header(CONTENT_LENGTH, body.len());
    }
    builder.body(Full::new(Bytes::copy_from_slice(body))).map_err(|error| wrong(&error.to_string()))
}

/// What went wrong, as a tester would say it.
fn in_words(error: &hyper::Error, has_begun: bool) -> String {
    if let Some(network) = network(error) {
        return match network.kind() {
            io::ErrorKind::ConnectionReset => "the connection was reset".to_owned(),
            io::ErrorKind::UnexpectedEof => "the connection was closed".to_owned(),
            _ => network.to_string(),
        };
    }
    if error.is_parse() || error.is_parse_status() {
        return format!("not an answer in HTTP/1.1: {error}");
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        let when = if has_begun { "in the middle of an answer" } else { "without an answer" };
        return format!("the connection was closed {when}");
    }
    error.to_string()
}

fn is_network(error: &hyper::Error) -> bool {
    network(error).is_some() || error.is_incomplete_message() || error.is_canceled() || error.is_closed()
}

fn network(error: &hyper::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}
