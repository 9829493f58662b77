//! How do requests get from a connection to an emulator, and answers back?

use crate::control::{self, Door};
use crate::control_snapshot::takes_a_snapshot;
use crate::gateway::TurnedAway;
use crate::line::{Breaker, Half, Line, Stream};
use crate::tls::Tls;
use crate::waiting::{Waiting, Whom};
use crate::{Disturbance, Emulator, Fault, Limits};
use bytes::{Bytes, BytesMut};
use http::header::EXPECT;
use http::{Request, Response};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// A connection that is going to be served.
pub(crate) struct Connection {
    pub(crate) emulator: Emulator,
    pub(crate) door: Door,
    pub(crate) waiting: Arc<Waiting>,
    /// Changes when no further request is wanted.
    pub(crate) closing: watch::Receiver<()>,
    pub(crate) tls: Option<Tls>,
}

impl Connection {
    /// Answers the requests that come over a stream. Whatever goes wrong with it is its own affair.
    pub(crate) async fn serve(self, stream: TcpStream) {
        let Self { emulator, door, waiting, mut closing, tls } = self;
        let _ = stream.set_nodelay(true);
        let stream = match tls {
            None => Stream::Plain(stream),
            Some(tls) => {
                waiting.begin(Whom::Head);
                match tls.accept(stream).await {
                    Some(stream) => stream,
                    None => return,
                }
            }
        };
        waiting.begin(Whom::Caller);
        let breaker = Breaker::default();
        let line = Line::new(stream, Arc::clone(&waiting), breaker.clone());
        let (emulator, waiting, breaker) = (&emulator, &*waiting, &breaker);
        let service = service_fn(|request| async move {
            waiting.begin(Whom::Service);
            let response = answer(emulator, door, request, waiting).await;
            let response = disturb(response, breaker).await;
            waiting.begin(Whom::Delivery);
            response
        });
        let http = protocol(&emulator.config().limits);
        let mut connection = pin!(http.serve_connection(TokioIo::new(line), service));
        tokio::select! {
            biased;
            _ = connection.as_mut() => return,
            _ = closing.changed() => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}

fn protocol(limits: &Limits) -> http1::Builder {
    /// What HTTP takes at least, and by itself.
    const LEAST_BUFFER: usize = 8192;
    const FIELDS: usize = 100;

    let mut http = http1::Builder::new();
    // Time is kept by [`Waiting`].
    http.header_read_timeout(None);
    http.max_header_size(limits.head_bytes).max_buf_size(limits.head_bytes.max(LEAST_BUFFER));
    if limits.head_fields != FIELDS {
        http.max_headers(limits.head_fields);
    }
    http
}

/// Does to an answer what the fault says that comes with it, if one does.
async fn disturb(mut response: Response<Bytes>, breaker: &Breaker) -> io::Result<Response<Either<Full<Bytes>, Half>>> {
    let Some(fault) = response.extensions_mut().remove::<Arc<Fault>>() else {
        return Ok(response.map(|body| Either::Left(Full::new(body))));
    };
    if !fault.latency.is_zero() {
        sleep(fault.latency).await;
    }
    match fault.connection {
        None => Ok(response.map(|body| Either::Left(Full::new(body)))),
        Some(Disturbance::Truncate) => Ok(response.map(|body| Either::Right(Half::of(&body)))),
        Some(Disturbance::Reset) => Err(breaker.pull()),
    }
}

async fn answer(emulator: &Emulator, door: Door, request: Request<Incoming>, waiting: &Waiting) -> Response<Bytes> {
    if let Some(refusal) = control::refuse(door, request.uri().path()) {
        return refusal;
    }
    let (head, mut body) = request.into_parts();
    let limits = &emulator.config().limits;
    let most = if takes_a_snapshot(head.uri.path()) { limits.snapshot_bytes } else { limits.body_bytes };
    match read(&mut body, most, limits, waiting).await {
        Ok(body) => emulator.answer_when_kept(Request::from_parts(head, body)).await,
        Err(why) => {
            if matches!(why, TurnedAway::BodyTooLarge) && !head.headers.contains_key(EXPECT) {
                // Who is cut short while sending may never read why.
                let limits = limits.clone();
                tokio::spawn(async move { timeout(limits.body_timeout, drain(body, limits.body_bytes)).await });
            }
            emulator.turn_away(Request::from_parts(head, Bytes::new()), why)
        }
    }
}

async fn read(body: &mut Incoming, most: usize, limits: &Limits, waiting: &Waiting) -> Result<Bytes, TurnedAway> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // Known beforehand, the length is refused before the caller sends all that.
    if body.size_hint().lower() > most as u64 {
        return Err(TurnedAway::BodyTooLarge);
    }
    let mut whole = pin!(collect(body, most));
    // Most bodies come along with their head.
    if let Poll::Ready(whole) = whole.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        return whole;
    }
    waiting.begin(Whom::Body);
    let whole = timeout(limits.body_timeout, whole).await;
    waiting.begin(Whom::Service);
    whole.unwrap_or(Err(TurnedAway::BodyTooSlow))
}

async fn collect(body: &mut Incoming, most: usize) -> Result<Bytes, TurnedAway> {
    let mut whole = Bytes::new();
    let mut growing = BytesMut::new();
    while let Some(frame) = body.frame().await {
        // Trailers say nothing here.
        let Ok(data) = frame.map_err(|_| TurnedAway::BodyBroken)?.into_data() else { continue };
        if whole.len() + growing.len() + data.len() > most {
            return Err(TurnedAway::BodyTooLarge);
        }
        if whole.is_empty() && growing.is_empty() {
            whole = data;
        } else {
            growing.extend_from_slice(&std::mem::take(&mut whole));
            growing.extend_from_slice(&data);
        }
    }
    Ok(if growing.is_empty() { whole } else { growing.freeze() })
}

/// Lets the rest of a body come and go, within reason.
async fn drain(mut body: Incoming, limit: usize) {
    let mut left = limit.saturating_mul(16);
    while let Some(Ok(frame)) = body.frame().await {
        let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = rest;
    }
}
