//! How often a call that may be repeated is retried, and after which pause; `error.rs` says which may be.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::error::Error;

/// How often and how long calls are retried automatically.
///
/// A call is retried only if it had no effect: there was no connection, the status was 429, or 503 with `Retry-After`, or
/// the operation only reads. A call that [may have taken effect](Error::may_have_taken_effect) is never retried: that
/// decision is yours.
///
/// Pauses double from one retry to the next, and have a random part. `Retry-After` is obeyed; if it exceeds the time that
/// is left, the call fails at once.
///
/// All clones of a client share one retry budget, so that a failing service is not called four times as often: ten
/// retries, and one more for every ten calls that succeed.
#[derive(Clone, Debug, PartialEq)]
pub struct Retries {
    most: usize,
    first_pause: Duration,
    max_total_pause: Duration,
}

impl Default for Retries {
    fn default() -> Retries {
        Retries { most: 3, first_pause: Duration::from_millis(200), max_total_pause: Duration::from_secs(60) }
    }
}

impl Retries {
    /// No retries. (A call refused with 401 is still repeated once after a new sign-in.)
    pub fn none() -> Retries {
        Retries { most: 0, ..Retries::default() }
    }

    /// The maximum number of retries of a call; 3 by default.
    pub fn at_most(self, most: usize) -> Retries {
        Retries { most, ..self }
    }

    /// The first pause, before its random part; 200 ms by default.
    pub fn first_pause(self, first_pause: Duration) -> Retries {
        Retries { first_pause, ..self }
    }

    /// The maximum total of all pauses of one call; one minute by default.
    pub fn max_total_pause(self, max_total_pause: Duration) -> Retries {
        Retries { max_total_pause, ..self }
    }

    /// The retries of one call.
    pub(crate) fn start<'a>(&self, budget: &'a Budget) -> Backoff<'a> {
        // `pause` enforces `max_total_pause`; the generator only limits single pauses by it.
        let pauses = ExponentialBuilder::new()
            .with_min_delay(self.first_pause)
            .with_max_delay(self.max_total_pause.max(self.first_pause))
            .with_max_times(self.most)
            .with_jitter();
        Backoff { pauses, left: self.max_total_pause, budget, iterator: None }
    }
}

/// The retries of one call.
pub(crate) struct Backoff<'a> {
    pauses: ExponentialBuilder,
    left: Duration,
    budget: &'a Budget,
    /// Made on first use, which most calls never reach.
    iterator: Option<<ExponentialBuilder as BackoffBuilder>::Backoff>,
}

impl Backoff<'_> {
    /// The pause before the next retry, or `None` if the call has failed for good.
    pub(crate) fn pause(&mut self, error: &Error) -> Option<Duration> {
        if !error.is_repeatable() {
            return None;
        }
        let pause = self.iterator.get_or_insert_with(|| self.pauses.build()).next()?;
        let pause = pause.max(error.retry_after().unwrap_or_default());
        self.left = self.left.checked_sub(pause)?;
        self.budget.draw().then_some(pause)
    }
}

/// The retries that are left, in tenths, for all calls of a client and its clones.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

const RETRY: u32 = 10;
const FULL: u32 = 10 * RETRY;

impl Budget {
    pub(crate) fn new() -> Budget {
        Budget(AtomicU32::new(FULL))
    }

    /// A call succeeded.
    pub(crate) fn refill(&self) {
        // Nearly always full: then nothing is written.
        if self.0.load(Ordering::Relaxed) < FULL {
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| (left < FULL).then_some(left + 1));
        }
    }

    fn draw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(RETRY)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Answered;

    fn refusal(retry_after: Option<u64>) -> Error {
        Error::answered(Answered {
            status: 429,
            code: None,
            message: None,
            request_id: None,
            retry_after: retry_after.map(Duration::from_secs),
            has_effect: true,
        })
    }

    #[test]
    fn pauses_double_and_end() {
        let budget = Budget::new();
        let mut backoff = Retries::default().start(&budget);
        for least in [200, 400, 800] {
            let pause = backoff.pause(&refusal(None)).unwrap().as_millis();
            assert!((least..=2 * least).contains(&pause), "{pause} where {least} is least");
        }
        assert_eq!(backoff.pause(&refusal(None)), None);
    }

    #[test]
    fn retry_after_is_obeyed_within_the_time_that_is_left() {
        let budget = Budget::new();
        let mut backoff = Retries::default().max_total_pause(Duration::from_secs(10)).start(&budget);
        assert_eq!(backoff.pause(&refusal(Some(7))), Some(Duration::from_secs(7)));
        assert_eq!(backoff.pause(&refusal(Some(4))), None, "3 seconds are left");
        assert_eq!(Retries::none().start(&budget).pause(&refusal(Some(0))), None);
    }

    #[test]
    fn clones_share_one_budget_which_successes_fill_again() {
        let budget = Budget::new();
        let draws =
            || (0..100).take_while(|_| Retries::default().start(&budget).pause(&refusal(None)).is_some()).count();
        assert_eq!(draws(), 10);
        (0..25).for_each(|_| budget.refill());
        assert_eq!(draws(), 2);
        (0..1000).for_each(|_| budget.refill());
        assert_eq!(draws(), 10);
    }
}
