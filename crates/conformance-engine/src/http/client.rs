//! One HTTP exchange, raw: no redirects, no decoding, no more patience and memory than allowed.
//!
//! How a request is written is [`outgoing`](crate::http::outgoing)'s business.
//!
//! A connection is kept alive and used again. One on which anything went wrong (a protocol error, a body cut off or
//! too long, a deadline) is never used again, so that a bad answer costs the exchange it belongs to and no other.
//!
//! A server may close a kept connection at any time (RFC 9112, 9.5), also while the next request is on its way. So what
//! was never written goes out on another connection; a request that cannot be repeated goes out on a new connection
//! ([`Client::repeat_with_care`]); and after the first close that was not announced no connection is used again.
//!
//! **Invariant:** nothing here writes a request twice. Whether that can be risked depends on the state the request is
//! made in, so the runner decides ([`SendError::Unanswered`]).

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use environment_proxy::Proxy;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::ext::{ReasonPhrase, on_informational};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::http::address::{Address, Host};
use crate::http::outgoing::{self, Outgoing, Spelled};
use crate::http::proxied::{self, needs_credentials};
use crate::http::request::Prepared;
use crate::http::tls::{Stream, Tls};
use crate::model::case::Wire;
use crate::model::exchange::Reply;
use crate::model::text::excerpt;

const AGENT: &str = concat!("conformance-engine/", env!("CARGO_PKG_VERSION"));

/// What one reply may have beside its body, in bytes: head, interim answers, the sizes of chunks.
const HEAD_ALLOWANCE: usize = 256 << 10;

/// The longest single head, in bytes; below the allowance, so that one without end is called what it is.
const MAX_HEAD: usize = 128 << 10;

/// More interim answers (`103 Early Hints`) than this before the answer are a flood. A parser that waits for the last one
/// reads on without a look at the clock, so their number ends it and not the deadline.
const MAX_INTERIM: usize = 100;

/// More headers than this are no answer. (The library's own limit of 100 is below what some gateways send.)
const MAX_HEADERS: usize = 1000;

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the first attempt to connect to the last byte of the body.
    pub(crate) timeout: Duration,
    /// The longest body, in bytes.
    pub(crate) body: usize,
}

/// Sends requests to one address, one after another. Two clients never share a connection, not even to one address.
pub(crate) struct Client {
    address: Address,
    /// Who that is, in words: `the endpoint`.
    role: &'static str,
    limits: Limits,
    tls: Option<Tls>,
    proxy: Option<Proxy>,
    kept: Option<Connection>,
    alarm: Alarm,
    /// Connections are used again. No longer true once one of them was closed without a word.
    reuses: bool,
    /// A request that is not idempotent could not be repeated.
    is_careful: bool,
}

/// Why an exchange gave nothing, in words.
#[derive(Debug)]
pub(crate) enum SendError {
    /// A connection that had served before was closed without a byte in answer. Either the server closed an idle
    /// connection while the request was on its way, or it took the request and gave no answer: which of the two is unknown. From
    /// now on this client makes a connection for each exchange, so it says this once at most.
    Unanswered(String),
    /// The other side's: refused, reset, silent, not HTTP.
    Endpoint(String),
    /// Ours: the request cannot be written as HTTP.
    Request(String),
}

impl Client {
    pub(crate) fn new(
        address: Address,
        role: &'static str,
        limits: Limits,
        tls: Option<Tls>,
        proxy: Option<Proxy>,
    ) -> Self {
        let (kept, alarm) = (None, Alarm::default());
        Self { address, role, limits, tls, proxy, kept, alarm, reuses: true, is_careful: false }
    }

    /// The proxy that reads requests and sends them on, instead of making a tunnel.
    fn forwarder(&self) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| !self.address.origin.tls)
    }

    /// A client like this one, with connections of its own.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.address.clone(), self.role, self.limits, self.tls.clone(), self.proxy.clone())
    }

    /// Makes a connection and keeps it for the first exchange.
    pub(crate) async fn connect(&mut self) -> Result<(), String> {
        self.alarm.set(self.limits.timeout);
        let connection = self.open().await.map_err(|error| {
            if error.contains("\nhint: ") {
                return error;
            }
            format!("{error}\nhint: is {} running, and is {} its address?", self.role, self.address)
        })?;
        self.kept = Some(connection);
        Ok(())
    }

    /// Whether anything answers `GET` of `address`, and not a gateway for it.
    pub(crate) async fn is_there(&mut self, address: &Address) -> Result<(), String> {
        let request = Prepared {
            method: "GET".to_owned(),
            target: address.target(),
            headers: Vec::new(),
            body: None,
            wire: None,
        };
        match self.exchange(&request).await {
            Ok(reply) if matches!(reply.status, 502..=504) => Err(format!("{} answers {}", self.role, reply.status)),
            Ok(_) => Ok(()),
            Err(SendError::Endpoint(reason) | SendError::Unanswered(reason) | SendError::Request(reason)) => {
                Err(reason)
            }
        }
    }

    /// Whether a request that is not idempotent could be repeated, should a kept connection turn out to be closed. If not,
    /// each goes out on a new connection.
    pub(crate) fn repeat_with_care(&mut self, is_careful: bool) {
        self.is_careful = is_careful;
    }

    /// Gives up the connection that was kept: after a wrong answer it may be in an undefined state.
    pub(crate) fn forget(&mut self) {
        self.kept = None;
    }

    /// Sends `request` once and reads the whole answer, within the deadline.
    pub(crate) async fn exchange(&mut self, request: &Prepared) -> Result<Reply, SendError> {
        self.alarm.set(self.limits.timeout);
        let mut message = message(&self.address, request)?;
        if self.is_careful && !is_idempotent(&request.method) && self.kept.as_ref().is_some_and(|kept| kept.has_served)
        {
            self.kept = None;
        }
        let (mut connection, mut is_new) = match self.take_kept().await {
            Some(connection) => (connection, false),
            None => (self.open_for_exchange().await?, true),
        };
        loop {
            connection.meter.start();
            let length = request.body.as_ref().map_or(0, Vec::len);
            connection.outgoing.set(outgoing::bytes(&self.address, request, AGENT, self.forwarder()), length);
            let interim = Arc::clone(&connection.meter.interim);
            on_informational(&mut message, move |_| _ = interim.fetch_add(1, Ordering::Relaxed));
            let sent = connection.sender.try_send_request(message);
            let mut failed = match self.alarm.in_time(connection.driver.beside(sent)).await {
                Some(Ok(response)) => {
                    if let Some(proxy) = self.forwarder().filter(|_| response.status() == 407) {
                        return Err(SendError::Endpoint(needs_credentials(proxy).replace("\nhint: ", "; ")));
                    }
                    // That the connection ends is what such a request asks for, and says nothing of the others.
                    let is_last = request.wire == Some(Wire::Close);
                    return Ok(self.read(response, connection, is_last).await);
                }
                Some(Err(failed)) => failed,
                None => {
                    let some = connection.meter.count() > 0;
                    let end = if some { "only the beginning of an answer" } else { "no answer" };
                    return Err(SendError::Endpoint(format!("{end} within {}", seconds(self.limits.timeout))));
                }
            };
            if !is_new && let Some(unsent) = failed.take_message() {
                // The server had closed the connection, and not a byte of the request was written: to send it on
                // another connection repeats nothing.
                self.reuses &= !connection.has_served;
                message = unsent;
                (connection, is_new) = (self.open_for_exchange().await?, true);
                continue;
            }
            let has_begun = connection.meter.count() > 0;
            let reason = in_words(&failed.into_error(), has_begun);
            if connection.has_served && !has_begun {
                self.reuses = false;
                return Err(SendError::Unanswered(reason));
            }
            return Err(SendError::Endpoint(reason));
        }
    }

    /// Reads the body, and keeps the connection if it is still good and this was not its last request.
    async fn read(&mut self, response: Response<Incoming>, mut connection: Connection, is_last: bool) -> Reply {
        let (head, mut incoming) = response.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let reason = match head.extensions.get::<ReasonPhrase>() {
            Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
            None => head.status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let version = format!("{:?}", head.version);
        let mut reply = Reply { status: head.status.as_u16(), reason, version, headers, ..Reply::default() };

        let coding = head.headers.get_all(TRANSFER_ENCODING).iter().find_map(unknown_coding);
        let has_two_ends = head.headers.contains_key(TRANSFER_ENCODING) && head.headers.contains_key(CONTENT_LENGTH);
        let mut body = Vec::new();
        reply.framing_fault = loop {
            match self.alarm.in_time(connection.driver.beside(incoming.frame())).await {
                Some(None) => break None,
                Some(Some(Ok(frame))) => {
                    let Some(data) = frame.data_ref() else { continue };
                    let room = self.limits.body - body.len();
                    body.extend_from_slice(&data[..data.len().min(room)]);
                    if data.len() > room {
                        break Some(format!("is longer than {} bytes", self.limits.body));
                    }
                }
                Some(Some(Err(error))) => break Some(format!("did not arrive whole: {}", in_words(&error, true))),
                None => break Some(format!("did not end within {}", seconds(self.limits.timeout))),
            }
        };
        reply.body = body.into();
        if let Some(coding) = coding {
            // How the body ends, and what it says, depends on an unknown coding.
            reply.framing_fault =
                Some(format!("has the transfer coding `{}`, which the request does not accept", excerpt(&coding, 40)));
        }
        if has_two_ends && reply.framing_fault.is_none() {
            // RFC 9112, 6.2: no sender may. What is between may believe the other one.
            reply.framing_fault = Some("has both a content-length and a transfer-encoding".to_owned());
        }
        if reply.framing_fault.is_none() {
            // Lets the connection notice what the server did after the last byte: closed it, or went on talking.
            tokio::task::yield_now().await;
            connection.driver.glance().await;
            if connection.driver.has_stray_bytes() {
                reply.framing_fault = Some(match reply.status {
                    status @ (204 | 304) => format!("is there, although a reply with status {status} has none"),
                    _ => "is followed by bytes that belong to no answer".to_owned(),
                });
            } else if is_last {
                // Not kept, whether the server has closed it yet or not.
            } else if connection.driver.end.is_some() {
                self.reuses &= announces_close(&reply);
            } else if self.reuses {
                connection.has_served = true;
                self.kept = Some(connection);
            }
        }
        reply
    }

    /// The connection that was kept, if it is still good.
    async fn take_kept(&mut self) -> Option<Connection> {
        let mut connection = self.kept.take()?;
        // Nothing watches a connection that waits, so what happened to it meanwhile is seen only now. Nothing was
        // sent on it yet: taking another one instead repeats nothing.
        connection.driver.glance().await;
        let is_good = connection.sender.is_ready();
        self.reuses &= is_good || !connection.has_served;
        is_good.then_some(connection)
    }

    async fn open_for_exchange(&mut self) -> Result<Connection, SendError> {
        // In a case's report it is one line.
        self.open().await.map_err(|error| SendError::Endpoint(error.replace("\nhint: ", "; ")))
    }

    async fn open(&mut self) -> Result<Connection, String> {
        let shown = self.address.authority();
        let open = open_unhurried(&self.address, self.role, self.limits, self.tls.as_ref(), self.proxy.as_ref());
        match self.alarm.in_time(open).await {
            Some(Ok(connection)) => Ok(connection),
            Some(Err(error)) if self.proxy.is_some() => Err(error),
            Some(Err(error)) => Err(format!("cannot connect to {shown}: {error}")),
            None => Err(format!("cannot connect to {shown} within {}", seconds(self.limits.timeout))),
        }
    }
}

async fn open_unhurried(
    address: &Address,
    role: &str,
    limits: Limits,
    tls: Option<&Tls>,
    proxy: Option<&Proxy>,
) -> Result<Connection, String> {
    let most = limits.body.saturating_add(HEAD_ALLOWANCE);
    let origin = &address.origin;
    match proxy {
        Some(proxy) if !origin.tls => return Connection::start(proxied::connect(proxy, tls).await?, most).await,
        Some(proxy) => return wrapped(proxied::tunnel(proxy, tls, address).await?, address, role, most, tls).await,
        None => {}
    }
    let stream = connect(address).await.map_err(|error| error.to_string())?;
    // Small requests, answered one by one: waiting to fill a packet would only delay them.
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    if !origin.tls {
        return Connection::start(stream, most).await;
    }
    wrapped(stream, address, role, most, tls).await
}

/// A connection by TLS over a stream.
async fn wrapped(
    stream: impl Stream + 'static,
    address: &Address,
    role: &str,
    most: usize,
    tls: Option<&Tls>,
) -> Result<Connection, String> {
    let tls = tls.ok_or("this build does not speak TLS")?;
    let stream = tls.wrap(&address.origin.host, stream).await.map_err(|error| {
        let hint = if error.is_no_tls { format!("\nhint: does {role} speak https?") } else { String::new() };
        format!("{}{hint}", error.message)
    })?;
    Connection::start(stream, most).await
}

/// The deadline of one exchange after another. It is moved and not made anew: a timer that is set while there is none
/// wakes the runtime, which costs two calls of the system for each exchange.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn set(&mut self, timeout: Duration) {
        let at = Instant::now() + timeout;
        match &mut self.0 {
            Some(sleep) => sleep.as_mut().reset(at),
            None => self.0 = Some(Box::pin(sleep_until(at))),
        }
    }

    /// What `work` comes to, or nothing if it is not done in time.
    async fn in_time<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| match (work.as_mut().poll(cx), &mut self.0) {
            (Poll::Ready(done), _) => Poll::Ready(Some(done)),
            (Poll::Pending, Some(sleep)) => sleep.as_mut().poll(cx).map(|()| None),
            (Poll::Pending, None) => Poll::Pending,
        })
        .await
    }
}

/// One connection.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    meter: Meter,
    outgoing: Outgoing,
    /// It has answered before: only then can it be stale.
    has_served: bool,
}

impl Connection {
    async fn start(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, most: usize) -> Result<Self, String> {
        let meter = Meter { count: Arc::default(), interim: Arc::default(), most };
        let outgoing = Outgoing::default();
        let stream = Metered { stream: Spelled::new(stream, outgoing.clone()), meter: meter.clone() };
        let (sender, connection) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD)
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| error.to_string())?;
        let driver = Driver { future: Some(Box::pin(connection)), end: None };
        Ok(Self { sender, driver, meter, outgoing, has_served: false })
    }
}

type Moving = Pin<Box<dyn Future<Output = Result<(), hyper::Error>> + Send>>;

/// What moves bytes for one connection. It has no task of its own: nothing else is waited for during an exchange, so
/// nothing needs to be stopped, or asked how it ended, in another task.
struct Driver {
    /// Gone when it has ended, so that a request that waits for it fails at once.
    future: Option<Moving>,
    end: Option<Result<(), hyper::Error>>,
}

impl Driver {
    /// Waits for `other`, and moves bytes meanwhile.
    async fn beside<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        poll_fn(|cx| {
            self.advance(cx);
            other.as_mut().poll(cx)
        })
        .await
    }

    /// Notices what has happened, without waiting for anything.
    async fn glance(&mut self) {
        poll_fn(|cx| {
            self.advance(cx);
            Poll::Ready(())
        })
        .await;
    }

    fn advance(&mut self, cx: &mut Context<'_>) {
        if let Some(future) = &mut self.future
            && let Poll::Ready(end) = future.as_mut().poll(cx)
        {
            self.end = Some(end);
            self.future = None;
        }
    }

    /// The connection ended by an error that is not the network's: bytes came that no answer asked for.
    fn has_stray_bytes(&self) -> bool {
        matches!(&self.end, Some(Err(error)) if !is_network(error))
    }
}

/// Counts the bytes that come in for one reply, and the interim answers before it. *Whether* any bytes did decides what
/// a closed connection means; how many of both is limited.
#[derive(Clone)]
struct Meter {
    count: Arc<AtomicUsize>,
    interim: Arc<AtomicUsize>,
    most: usize,
}

impl Meter {
    /// A new reply is expected.
    fn start(&self) {
        self.count.store(0, Ordering::Relaxed);
        self.interim.store(0, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    fn check(&self) -> io::Result<()> {
        if self.interim.load(Ordering::Relaxed) > MAX_INTERIM {
            return Err(io::Error::other(format!("more than {MAX_INTERIM} interim answers (1xx) came before one")));
        }
        if self.count() > self.most {
            return Err(io::Error::other(format!("more than {} bytes came in for one reply", self.most)));
        }
        Ok(())
    }
}

/// A stream whose incoming bytes are counted and limited.
struct Metered<S> {
    stream: S,
    meter: Meter,
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.meter.check()?;
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, into))?;
        let more = into.filled().len() - before;
        self.meter.count.fetch_add(more, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
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

/// Whether a request may be repeated although it may have taken effect (RFC 9110, 9.2.2).
pub(crate) fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
}

/// Whether a reply says that its connection ends with it (RFC 9112, 9.6 and 9.3).
fn announces_close(reply: &Reply) -> bool {
    let options = reply.headers.iter().filter(|(name, _)| name == "connection").flat_map(|(_, value)| value.split(','));
    let mut options = options.map(|option| option.trim().to_ascii_lowercase());
    reply.version == "HTTP/1.0" || options.any(|option| option == "close")
}

/// A transfer coding other than the one that every client knows.
fn unknown_coding(value: &HeaderValue) -> Option<String> {
    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut codings = value.split(',').map(|coding| coding.split(';').next().unwrap_or_default().trim());
    codings
        .find(|coding| !matches!(coding.to_ascii_lowercase().as_str(), "" | "chunked" | "identity"))
        .map(str::to_owned)
}

pub(crate) async fn connect(address: &Address) -> io::Result<TcpStream> {
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

fn message(address: &Address, request: &Prepared) -> Result<Request<Full<Bytes>>, SendError> {
    let wrong = |what: &str| SendError::Request(format!("the request cannot be sent: {what}"));
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
    if request.wire == Some(Wire::Close) {
        builder = builder.header(CONNECTION, "close");
    }
    if outgoing::has_length(request) {
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

pub(crate) fn seconds(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}
