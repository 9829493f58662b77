//! Phase is a connection waiting for, and since when?
//!
//! A connection notes it with one atomic write, whoever decides about connections reads it: so time
//! limits cost a request no timer.

use crate::limits::Limits;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What one connection is waiting for. Everybody may look at it, the connection alone changes it.
#[derive(Debug)]
pub(crate) struct Activity {
    opened: Instant,
    /// For whom, in the lowest bits; since how many microseconds after `opened`, in the others.
    now: AtomicU64,
}

/// Phase a connection is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The caller, for the next request.
    Idle,
    /// The caller, for the rest of a head, or of a handshake.
    ReadingHead,
    /// The caller, for the rest of a body. Who reads the body sees to it that this ends.
    ReadingBody,
    /// The service, for an answer.
    Answering,
    /// The caller's network, to take the answer. No time is kept: it should take none.
    Sending,
    /// The caller, who takes nothing of the answer.
    Stalled,
}

const BITS: u32 = 3;

impl Phase {
    const ALL: [Self; 6] =
        [Self::Idle, Self::ReadingHead, Self::ReadingBody, Self::Answering, Self::Sending, Self::Stalled];

    fn patience(self, limits: &Limits) -> Option<Duration> {
        match self {
            Self::Idle => Some(limits.idle_timeout),
            Self::ReadingHead => Some(limits.head_timeout),
            Self::Stalled => Some(limits.write_timeout),
            Self::ReadingBody | Self::Answering | Self::Sending => None,
        }
    }
}

impl Activity {
    /// A connection that was just opened, and is waiting for its turn.
    pub(crate) fn new() -> Self {
        Self { opened: Instant::now(), now: AtomicU64::new(Phase::Answering as u64) }
    }

    pub(crate) fn begin(&self, whom: Phase) {
        let since = match whom {
            Phase::Answering | Phase::Sending => 0,
            _ => self.micros(),
        };
        self.now.store(since << BITS | whom as u64, Ordering::Relaxed);
    }

    /// Something came from the caller.
    pub(crate) fn received(&self) {
        if self.whom() == Phase::Idle {
            self.begin(Phase::ReadingHead);
        }
    }

    /// The caller cannot take more of the answer for now.
    pub(crate) fn stalled(&self) {
        if self.whom() == Phase::Sending {
            self.begin(Phase::Stalled);
        }
    }

    /// The caller took a part of the answer.
    pub(crate) fn taken(&self) {
        if self.whom() == Phase::Stalled {
            self.begin(Phase::Sending);
        }
    }

    /// All that was to be sent has been sent.
    pub(crate) fn sent(&self) {
        if matches!(self.whom(), Phase::Sending | Phase::Stalled) {
            self.begin(Phase::Idle);
        }
    }

    /// Since when the caller keeps the connection waiting, if it is the caller who does.
    pub(crate) fn since(&self) -> Option<Instant> {
        let (whom, since) = self.read();
        (!matches!(whom, Phase::Answering | Phase::Sending)).then_some(since)
    }

    /// Whether there is no request.
    pub(crate) fn is_idle(&self) -> bool {
        self.whom() == Phase::Idle
    }

    /// Whether the caller has kept the connection waiting for longer than is allowed.
    pub(crate) fn is_overdue(&self, limits: &Limits) -> bool {
        let (whom, since) = self.read();
        whom.patience(limits).is_some_and(|patience| since.elapsed() >= patience)
    }

    fn whom(&self) -> Phase {
        self.read().0
    }

    fn read(&self) -> (Phase, Instant) {
        let now = self.now.load(Ordering::Relaxed);
        // Only what `begin` put there comes back.
        let whom = Phase::ALL.get((now & ((1 << BITS) - 1)) as usize).copied().unwrap_or(Phase::Answering);
        (whom, self.opened + Duration::from_micros(now >> BITS))
    }

    fn micros(&self) -> u64 {
        self.opened.elapsed().as_micros() as u64
    }
}
