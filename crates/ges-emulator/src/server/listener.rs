//! Who is let in, and who has to leave?

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

/// Where an emulator listens. A [`TcpListener`] is the service's, without one for control and without TLS.
#[derive(Debug)]
pub struct Listeners {
    /// Where the service is, and the control API too if nobody but this machine can reach it.
    pub service: TcpListener,
    /// Where the control API is as well, and nothing else. Whoever can reach it can use it.
    pub control: Option<TcpListener>,
    /// With it both speak https only.
    pub tls: Option<Tls>,
}

impl From<TcpListener> for Listeners {
    fn from(service: TcpListener) -> Self {
        Self { service, control: None, tls: None }
    }
}

/// Serves HTTP/1.1 until `shutdown` completes, then lets open requests finish for a while
/// ([`Limits::shutdown_grace`](crate::limits::Limits::shutdown_grace)).
///
/// The control API takes no token. So where the service listens on more than a loopback address,
/// the control API is there on [`Listeners::control`] only.
pub async fn serve(listeners: impl Into<Listeners>, emulator: Emulator, shutdown: impl Future<Output = ()>) {
    let Listeners { service, control, tls } = listeners.into();
    let limits = &emulator.instance.config.limits;
    // Set when no further request is wanted.
    let closing = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    // Each its own, so that a full service can still be controlled.
    let door = if is_loopback(&service) { ListenerRole::Both } else { ListenerRole::Service };
    let for_control = limits.connections.min(CONTROL_CONNECTIONS);
    let mut guests = [Connections::new(door, limits.connections), Connections::new(ListenerRole::Control, for_control)];
    let mut rounds = interval(between_rounds(limits));
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Whether there was no way to take another connection when it was last tried.
    let mut exhausted = false;
    let mut shutdown = pin!(shutdown);
    loop {
        let [of_service, of_control] = &guests;
        let has_guests = !tasks.is_empty();
        let (accepted, which) = tokio::select! {
            () = shutdown.as_mut() => break,
            accepted = service.accept(), if !exhausted && of_service.admit_one_more() => (accepted, 0),
            Some(accepted) = accept_if(control.as_ref()), if !exhausted && of_control.admit_one_more() => (accepted, 1),
            Some(ended) = tasks.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                guests.iter_mut().for_each(|guests| guests.forget(id));
                continue;
            }
            _ = rounds.tick(), if has_guests || exhausted => {
                guests.iter_mut().for_each(|guests| guests.go_round(limits));
                exhausted = false;
                continue;
            }
        };
        let guests = &mut guests[which];
        match accepted {
            Ok((stream, _)) => {
                let waiting = Arc::new(Activity::new());
                guests.make_room_for_one();
                let (slots, door) = (Arc::clone(&guests.slots), guests.door);
                let connection = Connection {
                    emulator: emulator.clone(),
                    door,
                    waiting: Arc::clone(&waiting),
                    closing: Arc::clone(&closing),
                    tls: tls.clone(),
                };
                let task = tasks.spawn(admit(stream, connection, slots));
                guests.known.insert(task.id(), OpenConnection { waiting, task });
            }
            Err(error) if is_of_the_caller(&error) => {}
            // The process or the system has no more files to open.
            Err(_) => {
                guests.dismiss_one();
                exhausted = true;
            }
        }
    }
    drop((service, control));
    closing.store(true, Ordering::Relaxed);
    let finished = async {
        let mut rounds = interval(Duration::from_millis(20));
        while !tasks.is_empty() {
            guests.iter_mut().for_each(Connections::dismiss_idle);
            tokio::select! {
                _ = tasks.join_next() => {}
                _ = rounds.tick() => {}
            }
        }
    };
    // What has not finished by then is dropped with the set.
    let _ = timeout(limits.shutdown_grace, finished).await;
}

/// Whoever controls an emulator is not a crowd.
const CONTROL_CONNECTIONS: usize = 128;

/// An address that cannot be told is not taken for a harmless one.
fn is_loopback(listener: &TcpListener) -> bool {
    listener.local_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback())
}

/// Often enough that nobody stays much longer than is allowed.
fn between_rounds(limits: &Limits) -> Duration {
    let shortest = limits.head_timeout.min(limits.idle_timeout).min(limits.write_timeout);
    (shortest / 8).clamp(Duration::from_millis(5), Duration::from_millis(250))
}

async fn accept_if(listener: Option<&TcpListener>) -> Option<io::Result<(TcpStream, SocketAddr)>> {
    Some(listener?.accept().await)
}

/// Whether a connection was given up before it was accepted.
fn is_of_the_caller(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, NetworkUnreachable, TimedOut};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | NetworkUnreachable | TimedOut)
}

/// Serves a connection when it is its turn.
async fn admit(stream: TcpStream, connection: Connection, slots: Arc<Semaphore>) {
    // Nobody closes this semaphore; if somebody did, there would be no limit.
    let _slot = slots.acquire().await.ok();
    connection.serve(stream).await;
}

/// The connections of one listener.
struct Connections {
    door: ListenerRole,
    /// As many as may be served.
    most: usize,
    slots: Arc<Semaphore>,
    known: HashMap<task::Id, OpenConnection>,
    /// Some of those who had kept us waiting longest when we last looked at all, the longest last.
    longest: Vec<(Instant, task::Id)>,
}

struct OpenConnection {
    waiting: Arc<Activity>,
    task: AbortHandle,
}

impl Connections {
    fn new(door: ListenerRole, most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self { door, most, slots: Arc::new(Semaphore::new(most)), known: HashMap::new(), longest: Vec::new() }
    }

    /// Beyond those who are served one may wait. The system lets more wait.
    fn admit_one_more(&self) -> bool {
        self.known.len() <= self.most
    }

    fn make_room_for_one(&mut self) {
        if self.known.len() >= self.most {
            self.dismiss_one();
        }
    }

    /// Closes the connection that has kept us waiting longest, if one does.
    fn dismiss_one(&mut self) {
        if let Some(id) = self.next_to_leave() {
            self.dismiss(id);
        }
    }

    fn next_to_leave(&mut self) -> Option<task::Id> {
        /// To look at all of them for every new one would take longer than to serve it.
        const AT_ONCE: usize = 32;
        // Who was not among the longest then can only have begun to wait later than these.
        while let Some((since, id)) = self.longest.pop() {
            if self.known.get(&id).is_some_and(|guest| guest.waiting.since() == Some(since)) {
                return Some(id);
            }
        }
        let all = self.known.iter().filter_map(|(&id, guest)| Some((guest.waiting.since()?, id)));
        self.longest = all.collect();
        if self.longest.len() > AT_ONCE {
            self.longest.select_nth_unstable_by_key(AT_ONCE, |&(since, _)| since);
            self.longest.truncate(AT_ONCE);
        }
        self.longest.sort_unstable_by_key(|&(since, _)| Reverse(since));
        self.longest.pop().map(|(_, id)| id)
    }

    fn go_round(&mut self, limits: &Limits) {
        let overdue = self.known.iter().filter(|(_, guest)| guest.waiting.is_overdue(limits));
        let overdue: Vec<_> = overdue.map(|(&id, _)| id).collect();
        overdue.into_iter().for_each(|id| self.dismiss(id));
        if self.known.len() > self.most {
            self.dismiss_one();
        }
    }

    fn dismiss_idle(&mut self) {
        let idle = self.known.iter().filter(|(_, guest)| guest.waiting.is_idle());
        let idle: Vec<_> = idle.map(|(&id, _)| id).collect();
        idle.into_iter().for_each(|id| self.dismiss(id));
    }

    fn dismiss(&mut self, id: task::Id) {
        if let Some(guest) = self.known.remove(&id) {
            guest.task.abort();
        }
    }

    fn forget(&mut self, id: task::Id) {
        self.known.remove(&id);
    }
}
