//! A proxy that forwards bytes unchanged and reports the exchanges in them.
//!
//! Bytes go from one side to the other as they come, unchanged: the case and order of headers, chunks, interim answers,
//! a half-closed connection, a reset. HTTP is read beside them (`wire`). So nothing that cannot be read
//! is kept from passing, and what is judged is what was said.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use environment_proxy::{Proxies, Proxy};
use futures_util::future::{Either, select};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::http::address::Address;
use crate::http::client::connect;
use crate::http::proxied::{proxy_for, tunnel};
use crate::http::tls::{Stream, Tls};
use crate::model::recorded::Recorded;
use crate::traffic::framing::Budget;
use crate::traffic::http1::ConnectionParser;

/// How long a connection to the server may take to come about.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a connection on which nothing is under way is kept. Servers end it before, as a rule: nginx after 75 seconds.
const IDLE: Duration = Duration::from_secs(300);

/// After so long without a byte, a connection on which an exchange is under way makes room, too.
const STALLED: Duration = Duration::from_secs(60);

/// The bytes that are kept of exchanges that have not ended, over all connections.
const UNFINISHED: usize = 64 << 20;

/// The bytes that are read at once.
const PIECE: usize = 16 << 10;

/// The server, and how to proxy it.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server. Its path has to be empty: requests pass as they are.
    pub upstream: Address,
    /// A PEM file of certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The proxies of the environment, to go through to the server. Bytes pass unchanged there as well, so a proxy has to make
    /// a tunnel (`CONNECT`), whatever the scheme.
    pub proxies: Proxies,
    /// The longest body that is kept to be judged, in bytes. A longer one passes all the same.
    pub body_limit: usize,
    /// Write the server's own name into `Host`. It is the only thing that is ever changed, and a signature over the
    /// headers breaks of it.
    pub replaces_host: bool,
    /// How long exchanges that have begun may go on when the watch is asked to end.
    pub grace: Duration,
    /// How many connections there are at most. For one more, the one is closed on which nothing has been under way for
    /// the longest time.
    pub most_connections: usize,
}

/// An event in the traffic.
#[derive(Debug)]
pub enum Event {
    /// An exchange ended.
    Exchange(Box<Recorded>),
    /// Something else: no connection to the server, bytes that are not HTTP.
    Note(String),
}

/// Forwards everything that comes in at `listener`, and reports it, until `stop`. `tell` must not block.
///
/// # Errors
/// The certificates to trust cannot be read, or the proxy to go through cannot be used.
pub async fn observe(
    listener: TcpListener,
    options: Options,
    tell: impl Fn(Event) + Send + Sync + 'static,
    stop: impl Future<Output = ()>,
) -> Result<(), String> {
    let proxy = proxy_for(&options.proxies, &options.upstream)?;
    let is_secure = options.upstream.origin.tls || proxy.as_ref().is_some_and(Proxy::is_https);
    let tls = is_secure.then(|| Tls::new(options.ca_file.as_deref())).transpose()?;
    let passage = Arc::new(ProxiedConnection {
        options,
        tls,
        proxy,
        tell: Box::new(tell),
        open: AtomicUsize::new(0),
        budget: Budget::new(UNFINISHED),
        crowd: Crowd::default(),
    });
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let mut accepted = std::pin::pin!(async {
            while passage.crowd.len() >= passage.options.most_connections && !passage.crowd.make_room(None) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            listener.accept().await
        });
        match select(accepted.as_mut(), stop.as_mut()).await {
            Either::Left((Ok((client, _)), _)) => {
                let (shared, pulse) = (Arc::clone(&passage), Arc::new(Pulse::default()));
                let member = Arc::clone(&pulse);
                let task = connections.spawn(async move { shared.connection(client, &member).await });
                passage.crowd.add(pulse, task);
            }
            Either::Left((Err(error), _)) => {
                if !(is_out_of_files(&error) && passage.crowd.make_room(None)) {
                    (passage.tell)(Event::Note(format!("a connection could not be accepted: {error}")));
                }
                // What was closed is only free when its task has run.
                tokio::time::sleep(Duration::from_millis(if is_out_of_files(&error) { 5 } else { 100 })).await;
            }
            Either::Right(_) => break,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let quiet = async {
        while passage.open.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // What has not ended by then is told of as it is.
    _ = timeout(passage.options.grace, quiet).await;
    connections.shutdown().await;
    Ok(())
}

/// No further file or connection can be opened by this process, or by this machine (`EMFILE`, `ENFILE`, `WSAEMFILE`).
fn is_out_of_files(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24 | 10024))
}

/// When something last happened on a connection, and what is under way there.
struct Pulse {
    began: Instant,
    /// Milliseconds after `began`.
    last: AtomicU64,
    open: AtomicUsize,
    is_blind: AtomicBool,
}

impl Default for Pulse {
    fn default() -> Self {
        let (last, open, is_blind) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicBool::new(false));
        Self { began: Instant::now(), last, open, is_blind }
    }
}

impl Pulse {
    fn beat(&self, parser: &ConnectionParser) {
        self.last.store(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.open.store(parser.open(), Ordering::Relaxed);
        self.is_blind.store(parser.is_blind(), Ordering::Relaxed);
    }

    /// How long nothing has happened.
    fn quiet(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)))
    }

    fn is_busy(&self) -> bool {
        self.open.load(Ordering::Relaxed) > 0
    }

    /// Waits until there is nothing to wait for any more. What is no HTTP may be silent as long as it likes.
    async fn idle(&self) {
        loop {
            let is_busy = self.is_busy() || self.is_blind.load(Ordering::Relaxed);
            let left = IDLE.saturating_sub(self.quiet());
            if !is_busy && left.is_zero() {
                return;
            }
            tokio::time::sleep(left.max(Duration::from_secs(1))).await;
        }
    }
}

/// The connections that there are.
#[derive(Default)]
struct Crowd(Mutex<Vec<(Arc<Pulse>, AbortHandle)>>);

impl Crowd {
    fn add(&self, pulse: Arc<Pulse>, task: AbortHandle) {
        let mut members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        members.push((pulse, task));
    }

    fn len(&self) -> usize {
        let mut members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        members.retain(|(_, task)| !task.is_finished());
        members.len()
    }

    /// Closes the connection that has been idle the longest, other than `but`; if all are busy, one that has stalled.
    /// Whether there was one.
    fn make_room(&self, but: Option<&Pulse>) -> bool {
        let mut members = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        members.retain(|(_, task)| !task.is_finished());
        let others = members.iter().enumerate().filter(|(_, (pulse, _))| {
            but.is_none_or(|but| !std::ptr::eq(but, &**pulse)) && (!pulse.is_busy() || pulse.quiet() >= STALLED)
        });
        let longest = others.max_by_key(|(_, (pulse, _))| (!pulse.is_busy(), pulse.quiet())).map(|(at, _)| at);
        if let Some(at) = longest {
            members.swap_remove(at).1.abort();
        }
        longest.is_some()
    }
}

/// What all connections share.
struct ProxiedConnection {
    options: Options,
    tls: Option<Tls>,
    /// The one between us and the server.
    proxy: Option<Proxy>,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    /// Requests without a whole reply, over all connections.
    open: AtomicUsize,
    budget: Arc<Budget>,
    crowd: Crowd,
}

impl ProxiedConnection {
    /// A connection to the server. If there is no room for one more, an idle one makes some.
    async fn reach(&self, pulse: &Pulse) -> std::io::Result<TcpStream> {
        loop {
            match connect(&self.options.upstream).await {
                Err(error) if is_out_of_files(&error) && self.crowd.make_room(Some(pulse)) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                reached => return reached,
            }
        }
    }

    async fn connection(&self, client: TcpStream, pulse: &Pulse) {
        let upstream = &self.options.upstream;
        // Bytes go on at once, also in small pieces.
        _ = client.set_nodelay(true);
        if let Some(proxy) = &self.proxy {
            return match timeout(PATIENCE, tunnel(proxy, self.tls.as_ref(), upstream)).await {
                Ok(Ok(server)) => self.pass(client, server, pulse).await,
                Ok(Err(error)) => self.refuse(&client, &error),
                Err(_) => self.refuse(&client, &format!("no answer of the proxy {proxy}")),
            };
        }
        let server = match timeout(PATIENCE, self.reach(pulse)).await {
            Ok(Ok(server)) => server,
            Ok(Err(error)) => return self.refuse(&client, &error.to_string()),
            Err(_) => return self.refuse(&client, "no answer"),
        };
        _ = server.set_nodelay(true);
        self.pass(client, server, pulse).await;
    }

    /// Over TLS, if the server speaks https.
    async fn pass(&self, client: TcpStream, server: impl Stream, pulse: &Pulse) {
        let upstream = &self.options.upstream;
        match self.tls.as_ref().filter(|_| upstream.origin.tls) {
            None => self.relay(client, server, pulse).await,
            Some(tls) => match timeout(PATIENCE, tls.wrap(&upstream.origin.host, server)).await {
                Ok(Ok(server)) => self.relay(client, server, pulse).await,
                Ok(Err(error)) => self.refuse(&client, &error.message),
                Err(_) => self.refuse(&client, "no answer to the TLS handshake"),
            },
        }
    }

    /// The client sees what it would see of a server that is not there: its connection is reset.
    fn refuse(&self, client: &TcpStream, why: &str) {
        _ = client.set_zero_linger();
        (self.tell)(Event::Note(format!("cannot connect to {}: {why}", self.options.upstream.root())));
    }

    async fn relay(&self, mut client: TcpStream, server: impl AsyncRead + AsyncWrite, pulse: &Pulse) {
        let upstream = &self.options.upstream;
        let host = self.options.replaces_host.then(|| upstream.authority());
        let conversation = ConnectionParser::new(upstream.root(), self.options.body_limit, Arc::clone(&self.budget));
        // Also when this future is dropped in the middle, what is known is told.
        let guard = Guard { passage: self, pulse, conversation: Mutex::new((conversation, 0)) };
        let was_reset = {
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = tokio::io::split(server);
            let asking = forward(from_client, to_server, |bytes| {
                guard.with(|conversation| conversation.asked(bytes, host.as_deref()))
            });
            let answering = forward(from_server, to_client, |bytes| {
                guard.with(|conversation| conversation.answered(bytes));
                None
            });
            let (asking, answering) = (std::pin::pin!(asking), std::pin::pin!(answering));
            let both = select(asking, answering);
            // Bytes come first: a connection on which there are any is not idle.
            let ended = match select(both, std::pin::pin!(pulse.idle())).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => return,
            };
            match ended {
                // The client said all it has to say, and may go on listening.
                Either::Left((Ok(()), answering)) => guard.heard_out(answering.await),
                Either::Left((Err(Broken::Reading(_)), _)) => {
                    guard.with(|conversation| conversation.abandoned("the client reset the connection"));
                    false
                }
                // The server takes no more; what it said before that counts.
                Either::Left((Err(Broken::Writing(_)), answering)) => guard.heard_out(answering.await),
                Either::Right((Ok(()), asking)) => {
                    guard.with(|conversation| conversation.answered_all(None));
                    // What the client still sends is discarded; its end ends the connection.
                    _ = asking.await;
                    guard.with(|conversation| conversation.abandoned("the connection was closed without an answer"));
                    false
                }
                Either::Right((Err(broken), _)) => guard.heard_out(Err(broken)),
            }
        };
        if was_reset {
            _ = client.set_zero_linger();
        }
    }
}

/// Tells of the conversation, whatever becomes of it.
struct Guard<'p> {
    passage: &'p ProxiedConnection,
    pulse: &'p Pulse,
    /// With how many of its requests are counted as open.
    conversation: Mutex<(ConnectionParser, usize)>,
}

impl Guard<'_> {
    fn with<T>(&self, act: impl FnOnce(&mut ConnectionParser) -> T) -> T {
        let mut guard = self.conversation.lock().unwrap_or_else(PoisonError::into_inner);
        let (conversation, counted) = &mut *guard;
        let result = act(conversation);
        let (before, now) = (*counted, conversation.open());
        *counted = now;
        self.pulse.beat(conversation);
        for recorded in conversation.take_ended() {
            (self.passage.tell)(Event::Exchange(Box::new(recorded)));
        }
        if let Some(remark) = conversation.take_remark() {
            (self.passage.tell)(Event::Note(remark));
        }
        self.passage.open.fetch_add(now, Ordering::Relaxed);
        self.passage.open.fetch_sub(before, Ordering::Relaxed);
        result
    }

    /// Whether the server reset the connection.
    fn heard_out(&self, end: Result<(), Broken>) -> bool {
        match end {
            Ok(()) => {
                self.with(|conversation| conversation.answered_all(None));
                false
            }
            Err(Broken::Reading(error)) => {
                let is_reset = error.kind() == std::io::ErrorKind::ConnectionReset;
                let how = if is_reset { "the connection was reset".to_owned() } else { error.to_string() };
                self.with(|conversation| conversation.answered_all(Some(&how)));
                is_reset
            }
            Err(Broken::Writing(_)) => {
                self.with(|conversation| conversation.abandoned("the client went away before the end of the reply"));
                false
            }
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.with(|conversation| conversation.abandoned("the watch ended before the reply did"));
    }
}

/// On which side bytes stopped.
enum Broken {
    Reading(std::io::Error),
    Writing(#[allow(dead_code, reason = "kept for debugging")] std::io::Error),
}

/// Passes bytes on as they come, and the end as well. `hear` gets them first, and may give others to pass on instead.
async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    hear: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<(), Broken> {
    let mut buffer = vec![0; PIECE];
    loop {
        let count = from.read(&mut buffer).await.map_err(Broken::Reading)?;
        if count == 0 {
            // A head that does not end was waited for in vain.
            if let Some(rest) = hear(&[]) {
                to.write_all(&rest).await.map_err(Broken::Writing)?;
            }
            return to.shutdown().await.map_err(Broken::Writing);
        }
        let bytes = &buffer[..count];
        match hear(bytes) {
            Some(instead) => to.write_all(&instead).await.map_err(Broken::Writing)?,
            None => to.write_all(bytes).await.map_err(Broken::Writing)?,
        }
        // TLS keeps what it was given until it is told.
        to.flush().await.map_err(Broken::Writing)?;
    }
}
