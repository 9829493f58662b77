//! Accepts connections, limits their number, and closes those that are idle or slow.

use crate::emulator::Emulator;
use crate::limits::Limits;
use crate::router::ListenerRole;
use crate::server::connection::Connection;
use crate::server::timeouts::Activity;
use crate::server::tls::Tls;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{self, AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// The listeners of an emulator. A [`TcpListener`] alone is one for the service, without TLS.
#[derive(Debug)]
pub struct Listeners {
    /// Accepts requests to the service, and to the control API too if the address is a loopback address.
    pub service: TcpListener,
    /// Accepts requests to the control API only. It is not protected by credentials.
    pub control: Option<TcpListener>,
    /// Makes both listeners https only.
    pub tls: Option<Tls>,
}

impl From<TcpListener> for Listeners {
    fn from(service: TcpListener) -> Self {
        Self { service, control: None, tls: None }
    }
}

/// Serves HTTP/1.1 until `shutdown` completes, then lets open requests finish for a while
/// ([`Limits::shutdown_grace`](crate::Limits::shutdown_grace)).
///
/// The control API needs no credentials. So if the service does not listen on a loopback address, the control API is
/// on [`Listeners::control`] only.
pub async fn serve(listeners: impl Into<Listeners>, emulator: Emulator, shutdown: impl Future<Output = ()>) {
    let Listeners { service, control, tls } = listeners.into();
    let limits = &emulator.instance.config.limits;
    // Set when the server shuts down.
    let closing = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    // Each listener has its own connections, so that the control API works while the service is full.
    let role = if is_loopback(&service) { ListenerRole::Both } else { ListenerRole::Service };
    let for_control = limits.connections.min(CONTROL_CONNECTIONS);
    let mut connections =
        [Connections::new(role, limits.connections), Connections::new(ListenerRole::Control, for_control)];
    let mut ticks = interval(check_interval(limits));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Whether the process could open no more files when it last tried.
    let mut exhausted = false;
    let mut shutdown = pin!(shutdown);
    loop {
        let [for_service, for_control] = &connections;
        let has_connections = !tasks.is_empty();
        let (accepted, which) = tokio::select! {
            () = shutdown.as_mut() => break,
            accepted = service.accept(), if !exhausted && for_service.has_room() => (accepted, 0),
            Some(accepted) = accept_if(control.as_ref()), if !exhausted && for_control.has_room() => (accepted, 1),
            Some(ended) = tasks.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                connections.iter_mut().for_each(|connections| connections.forget(id));
                continue;
            }
            _ = ticks.tick(), if has_connections || exhausted => {
                connections.iter_mut().for_each(|connections| connections.close_overdue(limits));
                exhausted = false;
                continue;
            }
        };
        let connections = &mut connections[which];
        match accepted {
            Ok((stream, _)) => {
                let activity = Arc::new(Activity::new());
                connections.make_room();
                let (slots, role) = (Arc::clone(&connections.slots), connections.role);
                let connection = Connection {
                    emulator: emulator.clone(),
                    role,
                    activity: Arc::clone(&activity),
                    closing: Arc::clone(&closing),
                    tls: tls.clone(),
                };
                let task = tasks.spawn(serve_in_turn(stream, connection, slots));
                connections.open.insert(task.id(), OpenConnection { activity, task });
            }
            Err(error) if is_of_the_caller(&error) => {}
            // The process or the system has no more files to open.
            Err(_) => {
                connections.close_one();
                exhausted = true;
            }
        }
    }
    drop((service, control));
    closing.store(true, Ordering::Relaxed);
    let finished = async {
        let mut ticks = interval(Duration::from_millis(20));
        while !tasks.is_empty() {
            connections.iter_mut().for_each(Connections::close_idle);
            tokio::select! {
                _ = tasks.join_next() => {}
                _ = ticks.tick() => {}
            }
        }
    };
    // What has not finished by then is dropped with the set.
    let _ = timeout(limits.shutdown_grace, finished).await;
}

/// More than tests need.
const CONTROL_CONNECTIONS: usize = 128;

/// An unknown address counts as reachable by others.
fn is_loopback(listener: &TcpListener) -> bool {
    listener.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback())
}

/// Often enough that time limits are exceeded only slightly.
fn check_interval(limits: &Limits) -> Duration {
    let shortest = limits.head_timeout.min(limits.idle_timeout).min(limits.write_timeout);
    (shortest / 8).clamp(Duration::from_millis(5), Duration::from_millis(250))
}

async fn accept_if(listener: Option<&TcpListener>) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    Some(listener?.accept().await)
}

/// Whether the caller closed the connection before it was accepted.
fn is_of_the_caller(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, NetworkUnreachable, TimedOut};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | NetworkUnreachable | TimedOut)
}

/// Serves a connection when it is its turn.
async fn serve_in_turn(stream: TcpStream, connection: Connection, slots: Arc<Semaphore>) {
    // The semaphore is never closed.
    let _slot = slots.acquire().await.ok();
    connection.serve(stream).await;
}

/// The connections of one listener.
struct Connections {
    role: ListenerRole,
    /// The number of connections that may be served.
    max: usize,
    slots: Arc<Semaphore>,
    open: HashMap<task::Id, OpenConnection>,
    /// Some of those that were idle or slow for longest at the last check, the longest last.
    longest: Vec<(Instant, task::Id)>,
}

struct OpenConnection {
    activity: Arc<Activity>,
    task: AbortHandle,
}

impl Connections {
    fn new(role: ListenerRole, max: usize) -> Self {
        let max = max.clamp(1, Semaphore::MAX_PERMITS);
        Self { role, max, slots: Arc::new(Semaphore::new(max)), open: HashMap::new(), longest: Vec::new() }
    }

    /// One more than are served may wait here. The system lets more wait.
    fn has_room(&self) -> bool {
        self.open.len() <= self.max
    }

    fn make_room(&mut self) {
        if self.open.len() >= self.max {
            self.close_one();
        }
    }

    /// Closes the connection that has been idle or slow for longest, if one is.
    fn close_one(&mut self) {
        if let Some(id) = self.next_to_close() {
            self.close(id);
        }
    }

    fn next_to_close(&mut self) -> Option<task::Id> {
        /// Checking all connections for every new one would take longer than serving it.
        const AT_ONCE: usize = 32;
        // A connection that was not among the longest then can only have become idle later than these.
        while let Some((since, id)) = self.longest.pop() {
            if self.open.get(&id).is_some_and(|connection| connection.activity.since() == Some(since)) {
                return Some(id);
            }
        }
        let all = self.open.iter().filter_map(|(&id, connection)| Some((connection.activity.since()?, id)));
        self.longest = all.collect();
        if self.longest.len() > AT_ONCE {
            self.longest.select_nth_unstable_by_key(AT_ONCE, |&(since, _)| since);
            self.longest.truncate(AT_ONCE);
        }
        self.longest.sort_unstable_by_key(|&(since, _)| Reverse(since));
        self.longest.pop().map(|(_, id)| id)
    }

    fn close_overdue(&mut self, limits: &Limits) {
        let overdue = self.open.iter().filter(|(_, connection)| connection.activity.is_overdue(limits));
        let overdue: Vec<_> = overdue.map(|(&id, _)| id).collect();
        overdue.into_iter().for_each(|id| self.close(id));
        if self.open.len() > self.max {
            self.close_one();
        }
    }

    fn close_idle(&mut self) {
        let idle = self.open.iter().filter(|(_, connection)| connection.activity.is_idle());
        let idle: Vec<_> = idle.map(|(&id, _)| id).collect();
        idle.into_iter().for_each(|id| self.close(id));
    }

    fn close(&mut self, id: task::Id) {
        if let Some(connection) = self.open.remove(&id) {
            connection.task.abort();
        }
    }

    fn forget(&mut self, id: task::Id) {
        self.open.remove(&id);
    }
}
