//! Records what a connection is doing, and since when.
//!
//! A connection records it with one atomic write, and the listener reads it, so that time limits need no timer per request.

use crate::limits::Limits;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What one connection is doing. Only the connection changes it.
#[derive(Debug)]
pub(crate) struct Activity {
    opened: Instant,
    /// The phase, in the lowest bits; since how many microseconds after `opened`, in the others.
    now: AtomicU64,
}

/// The phases of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waiting for the next request.
    Idle,
    /// Waiting for the rest of a head, or of a TLS handshake.
    ReadingHead,
    /// Waiting for the rest of a body. The connection itself limits the time.
    ReadingBody,
    /// The service computes the response.
    Answering,
    /// The response is being sent. There is no time limit.
    Sending,
    /// The caller does not read the response.
    Stalled,
    /// The last response was sent; what the caller still sends is discarded.
    Lingering,
}

/// How long [`Phase::Lingering`] takes at most.
const LINGER: Duration = Duration::from_secs(2);

const BITS: u32 = 3;
const MASK: u64 = (1 << BITS) - 1;

impl Phase {
    const ALL: [Self; 7] = [
        Self::Idle,
        Self::ReadingHead,
        Self::ReadingBody,
        Self::Answering,
        Self::Sending,
        Self::Stalled,
        Self::Lingering,
    ];

    fn time_limit(self, limits: &Limits) -> Option<Duration> {
        match self {
            Self::Idle => Some(limits.idle_timeout),
            Self::ReadingHead => Some(limits.head_timeout),
            Self::Stalled => Some(limits.write_timeout),
            Self::Lingering => Some(LINGER),
            Self::ReadingBody | Self::Answering | Self::Sending => None,
        }
    }
}

impl Activity {
    /// A connection that was just opened and is not served yet.
    pub(crate) fn new() -> Self {
        Self { opened: Instant::now(), now: AtomicU64::new(Phase::Answering as u64) }
    }

    pub(crate) fn begin(&self, phase: Phase) {
        let since = match phase {
            Phase::Answering | Phase::Sending => 0,
            _ => self.micros(),
        };
        self.now.store(since << BITS | phase as u64, Ordering::Relaxed);
    }

    /// Bytes came from the caller.
    pub(crate) fn received(&self) {
        if self.phase() == Phase::Idle {
            self.begin(Phase::ReadingHead);
        }
    }

    /// The caller has stopped reading the response.
    pub(crate) fn stalled(&self) {
        if self.phase() == Phase::Sending {
            self.begin(Phase::Stalled);
        }
    }

    /// The caller has read a part of the response.
    pub(crate) fn taken(&self) {
        if self.phase() == Phase::Stalled {
            self.begin(Phase::Sending);
        }
    }

    /// The whole response has been sent.
    pub(crate) fn sent(&self) {
        if matches!(self.phase(), Phase::Sending | Phase::Stalled) {
            self.begin(Phase::Idle);
        }
    }

    /// The rest of a body that was refused has been read and discarded.
    pub(crate) fn body_is_read(&self) {
        let idle = self.micros() << BITS | Phase::Idle as u64;
        // Unless the next request came meanwhile.
        let discarding = |now: u64| (now & MASK == Phase::ReadingBody as u64).then_some(idle);
        let _ = self.now.fetch_update(Ordering::Relaxed, Ordering::Relaxed, discarding);
    }

    /// The last response was sent.
    pub(crate) fn lingers(&self) {
        if self.phase() != Phase::Lingering {
            self.begin(Phase::Lingering);
        }
    }

    /// Since when the connection waits for its caller; `None` if it does not.
    pub(crate) fn since(&self) -> Option<Instant> {
        let (phase, since) = self.read();
        (!matches!(phase, Phase::Answering | Phase::Sending)).then_some(since)
    }

    /// Whether the connection has no request.
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self.phase(), Phase::Idle | Phase::Lingering)
    }

    /// Whether the connection has waited for its caller for longer than the limit.
    pub(crate) fn is_overdue(&self, limits: &Limits) -> bool {
        let (phase, since) = self.read();
        phase.time_limit(limits).is_some_and(|limit| since.elapsed() >= limit)
    }

    fn phase(&self) -> Phase {
        self.read().0
    }

    fn read(&self) -> (Phase, Instant) {
        let now = self.now.load(Ordering::Relaxed);
        // It is one of the phases that `begin` wrote.
        let phase = Phase::ALL.get((now & MASK) as usize).copied().unwrap_or(Phase::Answering);
        (phase, self.opened + Duration::from_micros(now >> BITS))
    }

    fn micros(&self) -> u64 {
        self.opened.elapsed().as_micros() as u64
    }
}
