//! Serves the requests of one connection.

use crate::api::json::REQUEST_ID;
use crate::control::router::takes_a_snapshot;
use crate::emulator::Emulator;
use crate::fault::rule::{ConnectionFault, Fault};
use crate::gateway::handler::write_failed;
use crate::gateway::rejection::Rejection;
use crate::instance::Instance;
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::router::{self, ListenerRole};
use crate::server::host;
use crate::server::stream::{ConnectionStream, ResetSwitch, Transport, TruncatedBody};
use crate::server::timeouts::{Activity, Phase};
use crate::server::tls::Tls;
use crate::storage::pending::ChangeNumber;
use crate::ui::page;
use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// A connection to be served.
pub(crate) struct Connection {
    pub(crate) emulator: Emulator,
    pub(crate) role: ListenerRole,
    pub(crate) activity: Arc<Activity>,
    /// Set when the server shuts down.
    pub(crate) closing: Arc<AtomicBool>,
    pub(crate) tls: Option<Tls>,
}

impl Connection {
    /// Answers the requests that come over a stream. An error of the stream ends the connection and nothing else.
    pub(crate) async fn serve(self, stream: TcpStream) {
        let Self { emulator, role, activity, closing, tls } = self;
        let _ = stream.set_nodelay(true);
        let stream = match tls {
            None => Transport::Plain(stream),
            Some(tls) => {
                activity.begin(Phase::ReadingHead);
                // Boxed: the future of a handshake is much larger than that of a connection.
                match Box::pin(tls.accept(stream)).await {
                    Some(stream) => stream,
                    None => return,
                }
            }
        };
        activity.begin(Phase::Idle);
        let reset = ResetSwitch::default();
        let mut stream = ConnectionStream::new(stream, Arc::clone(&activity), reset.clone());
        if !is_writable_as_a_date(SystemTime::now()) {
            // hyper panics at such a time.
            activity.begin(Phase::Sending);
            let _ = stream.write_all(CLOCK_IS_WRONG).await;
            let _ = stream.shutdown().await;
            return;
        }
        let instance = &*emulator.instance;
        let handler = Handler { instance, role, activity: &activity, closing: &closing, reset: &reset };
        let service = service_fn(|request| handler.handle(request));
        let _ = protocol(&instance.config.limits).serve_connection(TokioIo::new(stream), service).await;
    }
}

/// Whether a request has a transfer coding other than `chunked`, alone and once (RFC 9112, 6.1 and 7). hyper reads every list
/// that ends in it.
fn has_unknown_coding(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter().map(HeaderValue::as_bytes);
    codings
        .next()
        .is_some_and(|coding| !coding.trim_ascii().eq_ignore_ascii_case(b"chunked") || codings.next().is_some())
}

/// Whether a `Date` can have this time (RFC 9110, 5.6.7).
fn is_writable_as_a_date(time: SystemTime) -> bool {
    /// The beginning of the year 10000.
    const END: Duration = Duration::from_secs(253_402_300_800);
    time.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since_1970| since_1970 < END)
}

/// Without a `Date` (RFC 9110, 6.6.1: not without a clock).
const CLOCK_IS_WRONG: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\n\
    content-type: application/json\r\nconnection: close\r\ncontent-length: 74\r\n\r\n\
    {\"error\":\"the clock of this system is before 1970 or after 9999: set it\"}\n";

fn protocol(limits: &Limits) -> http1::Builder {
    /// hyper's own values.
    const MIN_BUFFER: usize = 8192;
    const FIELDS: usize = 100;

    let mut http = http1::Builder::new();
    // Time is kept by [`Activity`].
    http.header_read_timeout(None);
    // Who has said all it has to say may go on listening; without this, its request may be dropped without an answer.
    http.half_close(true);
    // Responses are short: copying one behind its head costs less than writing two pieces.
    http.writev(false);
    http.max_header_size(limits.head_bytes).max_buf_size(limits.head_bytes.max(MIN_BUFFER));
    if limits.head_fields != FIELDS {
        http.max_headers(limits.head_fields);
    }
    http
}

/// Answers the requests of a connection.
#[derive(Clone, Copy)]
struct Handler<'a> {
    instance: &'a Instance,
    role: ListenerRole,
    activity: &'a Arc<Activity>,
    closing: &'a AtomicBool,
    reset: &'a ResetSwitch,
}

type HttpResult = io::Result<Response<Either<Full<Bytes>, TruncatedBody>>>;

impl Handler<'_> {
    async fn handle(self, request: Request<Incoming>) -> HttpResult {
        match self.instance.config.log.filter(|_| request.uri().path() != page::PATH) {
            None => self.answer(request).await,
            Some(log) => Box::pin(self.answer_and_log(request, log)).await,
        }
    }

    async fn answer_and_log(self, request: Request<Incoming>, log: fn(&str)) -> HttpResult {
        let began = Instant::now();
        let fields = request.headers().iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()));
        let mut redactor = Redactor::new(self.instance.authenticator.secrets());
        redactor.learn_fields(fields);
        let target = redactor.text(request.uri().to_string().as_bytes());
        let line = format!("{} {target}", request.method());
        let result = self.answer(request).await;
        let millis = began.elapsed().as_secs_f64() * 1000.0;
        match &result {
            Ok(response) => {
                let id = response.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("-");
                log(&format!("{line} {} {millis:.1} ms {id}", response.status().as_u16()));
            }
            Err(error) => log(&format!("{line} no answer, {error} {millis:.1} ms")),
        }
        result
    }

    async fn answer(self, request: Request<Incoming>) -> HttpResult {
        self.activity.begin(Phase::Answering);
        let (head, mut body) = request.into_parts();
        let refused = host::fault(&head).map(Rejection::Host);
        let refused = refused.or_else(|| has_unknown_coding(&head.headers).then_some(Rejection::TransferCoding));
        if let Some(why) = refused {
            let request = Request::from_parts(head, Bytes::new());
            let mut response = router::reject(&request, why, self.instance);
            // Who sent this may have meant other requests by the bytes that follow.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return self.send(response);
        }
        if let Some(response) = router::wrong_listener(self.role, head.uri.path()) {
            return self.send(response);
        }
        match self.read(&head, &mut body).await {
            Err(why) => self.reject(head, body, why),
            Ok(body) => {
                let (response, change) = router::answer(Request::from_parts(head, body), self.instance);
                if self.instance.has_data_file() || !response.extensions().is_empty() {
                    // Rare, and large: without a box every request would move it.
                    return Box::pin(self.send_later(response, change)).await;
                }
                self.send(response)
            }
        }
    }

    /// The whole body of a request.
    async fn read(self, head: &Parts, body: &mut Incoming) -> Result<Bytes, Rejection> {
        let limits = &self.instance.config.limits;
        let max = if takes_a_snapshot(head.uri.path()) { limits.snapshot_bytes } else { limits.body_bytes };
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        // If the length is announced, the body is refused before the caller sends it.
        if body.size_hint().lower() > max as u64 {
            return Err(Rejection::BodyTooLarge);
        }
        let mut whole = pin!(Limited::new(body, max).collect());
        // Most bodies come along with their head, and need no timer.
        let read = match poll_fn(|cx| Poll::Ready(whole.as_mut().poll(cx))).await {
            Poll::Ready(read) => read,
            Poll::Pending => {
                self.activity.begin(Phase::ReadingBody);
                let read = timeout(limits.body_timeout, whole).await;
                self.activity.begin(Phase::Answering);
                read.map_err(|_| Rejection::BodyTooSlow)?
            }
        };
        match read {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(Rejection::BodyTooLarge),
            Err(_) => Err(Rejection::BodyBroken),
        }
    }

    fn reject(self, head: Parts, body: Incoming, why: Rejection) -> HttpResult {
        if matches!(why, Rejection::BodyTooLarge) && !head.headers.contains_key(EXPECT) {
            // A caller that is cut short while sending may never read the response.
            let Limits { body_timeout, snapshot_bytes, .. } = self.instance.config.limits;
            let most = snapshot_bytes.saturating_mul(2);
            tokio::spawn(timeout(body_timeout, drain(body, most, Arc::clone(self.activity))));
        }
        self.send(router::reject(&Request::from_parts(head, Bytes::new()), why, self.instance))
    }

    /// Sends a response when its change is in the data file, with the latency and the connection fault of its rule, if any.
    async fn send_later(self, response: Response<Bytes>, change: Option<ChangeNumber>) -> HttpResult {
        let written = self.instance.written(change).await;
        let mut response = written.map_or_else(write_failed, |()| response);
        let Some(fault) = response.extensions_mut().remove::<Arc<Fault>>() else { return self.send(response) };
        if !fault.latency.is_zero() {
            sleep(fault.latency).await;
        }
        match fault.connection {
            None => self.send(response),
            Some(ConnectionFault::Truncate) => {
                self.activity.begin(Phase::Sending);
                Ok(response.map(|body| Either::Right(TruncatedBody::of(&body))))
            }
            Some(ConnectionFault::Reset) => Err(self.reset.trigger()),
        }
    }

    fn send(self, mut response: Response<Bytes>) -> HttpResult {
        if self.closing.load(Ordering::Relaxed) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        self.activity.begin(Phase::Sending);
        Ok(response.map(|body| Either::Left(Full::new(body))))
    }
}

/// Reads and discards the rest of a body, up to a number of bytes.
async fn drain(mut body: Incoming, most: usize, activity: Arc<Activity>) {
    // The time is kept by the caller of this.
    activity.begin(Phase::ReadingBody);
    let mut left = most;
    while let Some(Ok(frame)) = body.frame().await {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { break };
        left = rest;
    }
    activity.body_is_read();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_can_have_a_time_from_1970_to_9999() {
        let after = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for (time, expected) in [
            (SystemTime::UNIX_EPOCH - Duration::from_nanos(1), false),
            (SystemTime::UNIX_EPOCH - Duration::from_secs(86_400 * 365), false),
            (after(0), true),
            (after(4_102_444_800), true),
            (after(253_402_300_799), true),
            (after(253_402_300_800), false),
        ] {
            assert_eq!(is_writable_as_a_date(time), expected, "{time:?}");
        }
        let text = String::from_utf8(CLOCK_IS_WRONG.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
    }
}
