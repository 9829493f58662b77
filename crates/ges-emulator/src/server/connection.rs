//! How do requests get from a connection to an emulator, and answers back?

use crate::api::json::REQUEST_ID;
use crate::control::router::takes_a_snapshot;
use crate::emulator::Emulator;
use crate::fault::rule::{Disturbance, Fault};
use crate::gateway::handler::write_failed;
use crate::gateway::rejection::Rejection;
use crate::instance::Instance;
use crate::limits::Limits;
use crate::redact::Redactor;
use crate::router::{self, ListenerRole};
use crate::server::stream::{MonitoredStream, ResetSwitch, Transport, TruncatedBody};
use crate::server::timeouts::{Activity, Phase};
use crate::server::tls::Tls;
use crate::storage::pending::ChangeNumber;
use crate::ui::page;
use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, EXPECT};
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// A connection that is going to be served.
pub(crate) struct Connection {
    pub(crate) emulator: Emulator,
    pub(crate) door: ListenerRole,
    pub(crate) waiting: Arc<Activity>,
    /// Set when no further request is wanted.
    pub(crate) closing: Arc<AtomicBool>,
    pub(crate) tls: Option<Tls>,
}

impl Connection {
    /// Answers the requests that come over a stream. Whatever goes wrong with it is its own affair.
    pub(crate) async fn serve(self, stream: TcpStream) {
        let Self { emulator, door, waiting, closing, tls } = self;
        let _ = stream.set_nodelay(true);
        let stream = match tls {
            None => Transport::Plain(stream),
            Some(tls) => {
                waiting.begin(Phase::ReadingHead);
                // Once, and much larger than all the rest.
                match Box::pin(tls.accept(stream)).await {
                    Some(stream) => stream,
                    None => return,
                }
            }
        };
        waiting.begin(Phase::Idle);
        let breaker = ResetSwitch::default();
        let line = MonitoredStream::new(stream, Arc::clone(&waiting), breaker.clone());
        let exchange =
            Exchange { instance: &emulator.instance, door, waiting: &waiting, closing: &closing, breaker: &breaker };
        let service = service_fn(|request| exchange.answer(request));
        let _ = protocol(&emulator.instance.config.limits).serve_connection(TokioIo::new(line), service).await;
    }
}

fn protocol(limits: &Limits) -> http1::Builder {
    /// What HTTP takes at least, and by itself.
    const LEAST_BUFFER: usize = 8192;
    const FIELDS: usize = 100;

    let mut http = http1::Builder::new();
    // Time is kept by [`Activity`].
    http.header_read_timeout(None);
    // Answers are short: to copy one behind its head costs less than to hand over two pieces.
    http.writev(false);
    http.max_header_size(limits.head_bytes).max_buf_size(limits.head_bytes.max(LEAST_BUFFER));
    if limits.head_fields != FIELDS {
        http.max_headers(limits.head_fields);
    }
    http
}

/// What it takes to answer a request of a connection.
#[derive(Clone, Copy)]
struct Exchange<'a> {
    instance: &'a Instance,
    door: ListenerRole,
    waiting: &'a Activity,
    closing: &'a AtomicBool,
    breaker: &'a ResetSwitch,
}

type HttpResult = io::Result<Response<Either<Full<Bytes>, TruncatedBody>>>;

/// Most requests are answered at once, and only the others pay for waiting: a future that can wait is large, and it is
/// moved.
impl Exchange<'_> {
    async fn answer(self, request: Request<Incoming>) -> HttpResult {
        match self.instance.config.log.filter(|_| request.uri().path() != page::PATH) {
            None => self.answer_unheard(request).await,
            Some(log) => Box::pin(self.answer_and_tell(request, log)).await,
        }
    }

    async fn answer_and_tell(self, request: Request<Incoming>, log: fn(&str)) -> HttpResult {
        let began = Instant::now();
        let fields = request.headers().iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()));
        let redactor = Redactor::new(fields, self.instance.authenticator.secrets());
        let target = redactor.text(request.uri().to_string().as_bytes());
        let line = format!("{} {target}", request.method());
        let delivery = self.answer_unheard(request).await;
        let millis = began.elapsed().as_secs_f64() * 1000.0;
        match &delivery {
            Ok(response) => {
                let id = response.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("-");
                log(&format!("{line} {} {millis:.1} ms {id}", response.status().as_u16()));
            }
            Err(error) => log(&format!("{line} no answer, {error} {millis:.1} ms")),
        }
        delivery
    }

    async fn answer_unheard(self, request: Request<Incoming>) -> HttpResult {
        self.waiting.begin(Phase::Answering);
        let (head, mut body) = request.into_parts();
        if let Some(error) = router::wrong_listener(self.door, head.uri.path()) {
            return self.deliver(error);
        }
        let limits = &self.instance.config.limits;
        let most = if takes_a_snapshot(head.uri.path()) { limits.snapshot_bytes } else { limits.body_bytes };
        let mut reading = Reading::new(most);
        // Most bodies come along with their head.
        let read = reading.poll(&mut body, &mut Context::from_waker(Waker::noop()));
        match read {
            Poll::Pending => Box::pin(self.answer_when_read(head, body, reading)).await,
            Poll::Ready(Err(why)) => self.reject(head, body, why),
            Poll::Ready(Ok(body)) => {
                let (response, change) = router::answer(Request::from_parts(head, body), self.instance);
                if self.instance.has_data_file() || !response.extensions().is_empty() {
                    return Box::pin(self.deliver_when_written(response, change)).await;
                }
                self.deliver(response)
            }
        }
    }

    async fn answer_when_read(self, head: Parts, mut body: Incoming, mut reading: Reading) -> HttpResult {
        self.waiting.begin(Phase::ReadingBody);
        let whole = timeout(self.instance.config.limits.body_timeout, poll_fn(|cx| reading.poll(&mut body, cx)));
        let whole = whole.await.unwrap_or(Err(Rejection::BodyTooSlow));
        self.waiting.begin(Phase::Answering);
        match whole {
            Err(why) => self.reject(head, body, why),
            Ok(body) => {
                let (response, change) = router::answer(Request::from_parts(head, body), self.instance);
                self.deliver_when_written(response, change).await
            }
        }
    }

    fn reject(self, head: Parts, body: Incoming, why: Rejection) -> HttpResult {
        if matches!(why, Rejection::BodyTooLarge) && !head.headers.contains_key(EXPECT) {
            // Who is cut short while sending may never read why.
            let Limits { body_timeout, body_bytes, .. } = self.instance.config.limits;
            tokio::spawn(timeout(body_timeout, drain(body, body_bytes)));
        }
        self.deliver(router::reject(&Request::from_parts(head, Bytes::new()), why, self.instance))
    }

    /// Once the change is safe that the answer tells of, and after what the fault says that comes with it, if one does.
    async fn deliver_when_written(self, response: Response<Bytes>, change: Option<ChangeNumber>) -> HttpResult {
        let written = self.instance.written(change).await;
        let mut response = written.map_or_else(write_failed, |()| response);
        let Some(fault) = response.extensions_mut().remove::<Arc<Fault>>() else { return self.deliver(response) };
        if !fault.latency.is_zero() {
            sleep(fault.latency).await;
        }
        match fault.connection {
            None => self.deliver(response),
            Some(Disturbance::Truncate) => {
                self.waiting.begin(Phase::Sending);
                Ok(response.map(|body| Either::Right(TruncatedBody::of(&body))))
            }
            Some(Disturbance::Reset) => Err(self.breaker.pull()),
        }
    }

    fn deliver(self, mut response: Response<Bytes>) -> HttpResult {
        if self.closing.load(Ordering::Relaxed) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        self.waiting.begin(Phase::Sending);
        Ok(response.map(|body| Either::Left(Full::new(body))))
    }
}

/// A body as far as it has come.
struct Reading {
    most: usize,
    /// If it came in one piece it is not copied.
    first: Bytes,
    more: BytesMut,
}

impl Reading {
    fn new(most: usize) -> Self {
        Self { most, first: Bytes::new(), more: BytesMut::new() }
    }

    fn poll(&mut self, body: &mut Incoming, cx: &mut Context<'_>) -> Poll<Result<Bytes, Rejection>> {
        // If the length is known, it is refused before the caller sends all that.
        if body.size_hint().lower() > self.most as u64 {
            return Poll::Ready(Err(Rejection::BodyTooLarge));
        }
        while !body.is_end_stream() {
            let Some(frame) = ready!(Pin::new(&mut *body).poll_frame(cx)) else { break };
            // Trailers say nothing here.
            let Ok(data) = frame.map_err(|_| Rejection::BodyBroken)?.into_data() else { continue };
            if self.first.len() + self.more.len() + data.len() > self.most {
                return Poll::Ready(Err(Rejection::BodyTooLarge));
            }
            if self.first.is_empty() {
                self.first = data;
            } else {
                self.more.extend_from_slice(&data);
            }
        }
        let first = std::mem::take(&mut self.first);
        if self.more.is_empty() {
            return Poll::Ready(Ok(first));
        }
        Poll::Ready(Ok([&*first, &*self.more].concat().into()))
    }
}

/// Lets the rest of a body come and go, within reason.
async fn drain(mut body: Incoming, limit: usize) {
    let mut left = limit.saturating_mul(16);
    while let Some(Ok(frame)) = body.frame().await {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = rest;
    }
}
