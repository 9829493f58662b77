//! Whom is a connection waiting for, and since when?
//!
//! A connection notes it with one atomic write, whoever decides about connections reads it: so time
//! limits cost a request no timer.

use crate::Limits;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What one connection is waiting for. Everybody may look at it, the connection alone changes it.
#[derive(Debug)]
pub(crate) struct Waiting {
    opened: Instant,
    /// For whom, in the lowest bits; since how many microseconds after `opened`, in the others.
    now: AtomicU64,
}

/// Whom a connection is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whom {
    /// The caller, for the next request.
    Caller,
    /// The caller, for the rest of a head, or of a handshake.
    Head,
    /// The caller, for the rest of a body. Who reads the body sees to it that this ends.
    Body,
    /// The service, for an answer.
    Service,
    /// The caller's network, to take the answer. No time is kept: it should take none.
    Delivery,
    /// The caller, who takes nothing of the answer.
    Taker,
}

const BITS: u32 = 3;

impl Whom {
    const ALL: [Self; 6] = [Self::Caller, Self::Head, Self::Body, Self::Service, Self::Delivery, Self::Taker];

    fn patience(self, limits: &Limits) -> Option<Duration> {
        match self {
            Self::Caller => Some(limits.idle_timeout),
            Self::Head => Some(limits.head_timeout),
            Self::Taker => Some(limits.write_timeout),
            Self::Body | Self::Service | Self::Delivery => None,
        }
    }
}

impl Waiting {
    /// A connection that was just opened, and is waiting for its turn.
    pub(crate) fn new() -> Self {
        Self { opened: Instant::now(), now: AtomicU64::new(Whom::Service as u64) }
    }

    pub(crate) fn begin(&self, whom: Whom) {
        let since = match whom {
            Whom::Service | Whom::Delivery => 0,
            _ => self.micros(),
        };
        self.now.store(since << BITS | whom as u64, Ordering::Relaxed);
    }

    /// Something came from the caller.
    pub(crate) fn received(&self) {
        if self.whom() == Whom::Caller {
            self.begin(Whom::Head);
        }
    }

    /// The caller cannot take more of the answer for now.
    pub(crate) fn stalled(&self) {
        if self.whom() == Whom::Delivery {
            self.begin(Whom::Taker);
        }
    }

    /// The caller took a part of the answer.
    pub(crate) fn taken(&self) {
        if self.whom() == Whom::Taker {
            self.begin(Whom::Delivery);
        }
    }

    /// All that was to be sent has been sent.
    pub(crate) fn sent(&self) {
        if matches!(self.whom(), Whom::Delivery | Whom::Taker) {
            self.begin(Whom::Caller);
        }
    }

    /// Since when the caller keeps the connection waiting, if it is the caller who does.
    pub(crate) fn since(&self) -> Option<Instant> {
        let (whom, since) = self.read();
        (!matches!(whom, Whom::Service | Whom::Delivery)).then_some(since)
    }

    /// Whether there is no request.
    pub(crate) fn is_idle(&self) -> bool {
        self.whom() == Whom::Caller
    }

    /// Whether the caller has kept the connection waiting for longer than is allowed.
    pub(crate) fn is_overdue(&self, limits: &Limits) -> bool {
        let (whom, since) = self.read();
        whom.patience(limits).is_some_and(|patience| since.elapsed() >= patience)
    }

    fn whom(&self) -> Whom {
        self.read().0
    }

    fn read(&self) -> (Whom, Instant) {
        let now = self.now.load(Ordering::Relaxed);
        // Only what `begin` put there comes back.
        let whom = Whom::ALL.get((now & ((1 << BITS) - 1)) as usize).copied().unwrap_or(Whom::Service);
        (whom, self.opened + Duration::from_micros(now >> BITS))
    }

    fn micros(&self) -> u64 {
        self.opened.elapsed().as_micros() as u64
    }
}
