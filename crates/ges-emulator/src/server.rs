//! How do requests get from a socket to an emulator, and answers back?

use crate::control::{self, Door};
use crate::control_snapshot::takes_a_snapshot;
use crate::gateway::TurnedAway;
use crate::line::{Breaker, Half, Line};
use crate::{Disturbance, Emulator, Fault, Limits};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Where an emulator listens. A [`TcpListener`] is the service's, without one for control.
#[derive(Debug)]
pub struct Listeners {
    /// Where the service is, and the control API too if nobody but this machine can reach it.
    pub service: TcpListener,
    /// Where the control API is as well, and nothing else. Whoever can reach it can use it.
    pub control: Option<TcpListener>,
}

impl From<TcpListener> for Listeners {
    fn from(service: TcpListener) -> Self {
        Self { service, control: None }
    }
}

/// Serves HTTP/1.1 until `shutdown` completes, then lets open requests finish for a while
/// ([`Limits::shutdown_grace`]).
///
/// The control API takes no token. So where the service listens on more than a loopback address,
/// the control API is there on [`Listeners::control`] only.
pub async fn serve(listeners: impl Into<Listeners>, emulator: Emulator, shutdown: impl Future<Output = ()>) {
    let Listeners { service, control } = listeners.into();
    let service_door = if is_loopback(&service) { Door::Both } else { Door::Service };
    let most = emulator.config().limits.connections;
    // Each its own, so that a full service can still be controlled.
    let (slots, control_slots) = (Arc::new(Semaphore::new(most)), Arc::new(Semaphore::new(most)));
    // Dropping the sender tells every connection that no further request is wanted.
    let (open, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let ((stream, slot), door) = tokio::select! {
            () = shutdown.as_mut() => break,
            accepted = accept(&service, &slots) => (accepted, service_door),
            Some(accepted) = accept_if(control.as_ref(), &control_slots) => (accepted, Door::Control),
            Some(_) = connections.join_next() => continue,
        };
        let (emulator, closing) = (emulator.clone(), closing.clone());
        connections.spawn(async move {
            converse(stream, door, emulator, closing).await;
            drop(slot);
        });
    }
    drop((open, service, control));
    let finished = async { while connections.join_next().await.is_some() {} };
    // What has not finished by then is dropped with the set.
    let _ = timeout(emulator.config().limits.shutdown_grace, finished).await;
}

/// An address that cannot be told is not taken for a harmless one.
fn is_loopback(listener: &TcpListener) -> bool {
    listener.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback())
}

async fn accept_if(listener: Option<&TcpListener>, slots: &Arc<Semaphore>) -> Option<Accepted> {
    Some(accept(listener?, slots).await)
}

type Accepted = (TcpStream, Option<OwnedSemaphorePermit>);

/// The next connection, once there is room for one.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Accepted {
    // Nobody closes this semaphore; if somebody did, there would be no limit.
    let slot = Arc::clone(slots).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, slot),
            // The caller is gone already, or the process is out of file descriptors for the moment.
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Answers the requests of one connection. Whatever goes wrong with it is its own affair.
async fn converse(stream: TcpStream, door: Door, emulator: Emulator, mut closing: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(emulator.config().limits.read_timeout);
    let breaker = Breaker::default();
    let line = Line::new(stream, breaker.clone());
    let service = service_fn(|request| {
        let (emulator, breaker) = (emulator.clone(), breaker.clone());
        async move {
            let response = answer(&emulator, door, request).await;
            disturb(response, &breaker).await
        }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(line), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
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

async fn answer(emulator: &Emulator, door: Door, request: Request<Incoming>) -> Response<Bytes> {
    if let Some(refusal) = control::refuse(door, request.uri().path()) {
        return refusal;
    }
    let (head, body) = request.into_parts();
    let limits = &emulator.config().limits;
    let most = if takes_a_snapshot(head.uri.path()) { limits.snapshot_bytes } else { limits.body_bytes };
    match read(body, most, limits).await {
        Ok(body) => emulator.answer_when_kept(Request::from_parts(head, body)).await,
        Err(why) => emulator.turn_away(Request::from_parts(head, Bytes::new()), why),
    }
}

async fn read(body: Incoming, most: usize, limits: &Limits) -> Result<Bytes, TurnedAway> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // Known beforehand, the length is refused before the caller sends all that.
    if body.size_hint().lower() > most as u64 {
        return Err(TurnedAway::BodyTooLarge);
    }
    let whole = timeout(limits.read_timeout, Limited::new(body, most).collect());
    match whole.await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(TurnedAway::BodyTooLarge),
        Ok(Err(_)) => Err(TurnedAway::BodyBroken),
        Err(_) => Err(TurnedAway::BodyTooSlow),
    }
}
