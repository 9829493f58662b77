//! How do requests get from a socket to an emulator, and answers back?

use crate::gateway::TurnedAway;
use crate::{Emulator, Limits};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Serves HTTP/1.1 until `shutdown` completes, then lets open requests finish for a while
/// ([`Limits::shutdown_grace`]).
pub async fn serve(listener: TcpListener, emulator: Emulator, shutdown: impl Future<Output = ()>) {
    let slots = Arc::new(Semaphore::new(emulator.config().limits.connections));
    // Dropping the sender tells every connection that no further request is wanted.
    let (open, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = shutdown.as_mut() => break,
            (stream, slot) = accept(&listener, &slots) => {
                let (emulator, closing) = (emulator.clone(), closing.clone());
                connections.spawn(async move {
                    converse(stream, emulator, closing).await;
                    drop(slot);
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop((open, listener));
    let finished = async { while connections.join_next().await.is_some() {} };
    // What has not finished by then is dropped with the set.
    let _ = timeout(emulator.config().limits.shutdown_grace, finished).await;
}

/// The next connection, once there is room for one.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
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
async fn converse(stream: TcpStream, emulator: Emulator, mut closing: watch::Receiver<()>) {
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(emulator.config().limits.read_timeout);
    let service = service_fn(|request| {
        let emulator = emulator.clone();
        async move { Ok::<_, Infallible>(answer(&emulator, request).await.map(Full::new)) }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn answer(emulator: &Emulator, request: Request<Incoming>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    match read(body, &emulator.config().limits).await {
        Ok(body) => emulator.answer(Request::from_parts(head, body)),
        Err(why) => emulator.turn_away(Request::from_parts(head, Bytes::new()), why),
    }
}

async fn read(body: Incoming, limits: &Limits) -> Result<Bytes, TurnedAway> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // Known beforehand, the length is refused before the caller sends all that.
    if body.size_hint().lower() > limits.body_bytes as u64 {
        return Err(TurnedAway::BodyTooLarge);
    }
    let whole = timeout(limits.read_timeout, Limited::new(body, limits.body_bytes).collect());
    match whole.await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(TurnedAway::BodyTooLarge),
        Ok(Err(_)) => Err(TurnedAway::BodyBroken),
        Err(_) => Err(TurnedAway::BodyTooSlow),
    }
}
