//! When is a call repeated without being asked to, and how long is the pause before it?

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::error::Error;

/// How often and how long calls are repeated by themselves.
///
/// Only where nothing can have happened: no connection came about; the answer was 429, or 503 with `Retry-After`; or the
/// operation only looks at something. A call that [may have taken effect](Error::may_have_taken_effect) is never repeated:
/// that is for you to decide.
///
/// Pauses double from one repetition to the next, and a random part of them keeps many clients apart. `Retry-After` is
/// obeyed, unless it asks for more time than there is: then its error comes back at once.
///
/// All clones of a client draw repetitions from one budget, so that a service in trouble is not called four times as
/// often: ten repetitions, and one more for every ten calls that succeed.
#[derive(Clone, Debug, PartialEq)]
pub struct Retries {
    most: usize,
    shortest_pause: Duration,
    longest: Duration,
}

impl Default for Retries {
    fn default() -> Retries {
        Retries { most: 3, shortest_pause: Duration::from_millis(200), longest: Duration::from_secs(60) }
    }
}

impl Retries {
    /// Every call is made once. (A call refused with 401 is still made again after a new sign-in.)
    pub fn none() -> Retries {
        Retries { most: 0, ..Retries::default() }
    }

    /// How many times a call is repeated at most; 3 unless told otherwise.
    pub fn at_most(self, most: usize) -> Retries {
        Retries { most, ..self }
    }

    /// The first pause, before its random part; 200 ms unless told otherwise.
    pub fn shortest_pause(self, shortest_pause: Duration) -> Retries {
        Retries { shortest_pause, ..self }
    }

    /// How long all pauses of one call may take together; a minute unless told otherwise.
    pub fn longest(self, longest: Duration) -> Retries {
        Retries { longest, ..self }
    }

    /// For one call.
    pub(crate) fn course<'a>(&self, budget: &'a Budget) -> Course<'a> {
        // The generator sees to the randomness; whatever it makes of `longest`, `pause` has the last word.
        let pauses = ExponentialBuilder::new()
            .with_min_delay(self.shortest_pause)
            .with_max_delay(self.longest.max(self.shortest_pause))
            .with_max_times(self.most)
            .with_jitter();
        Course { pauses, left: self.longest, budget, iterator: None }
    }
}

/// The repetitions of one call.
pub(crate) struct Course<'a> {
    pauses: ExponentialBuilder,
    left: Duration,
    budget: &'a Budget,
    /// Made when it is first needed, which for most calls is never.
    iterator: Option<<ExponentialBuilder as BackoffBuilder>::Backoff>,
}

impl Course<'_> {
    /// The pause before the call is repeated, if it is.
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

/// Repetitions that are left, in tenths, for all calls of a client and its clones.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

const REPETITION: u32 = 10;
const FULL: u32 = 10 * REPETITION;

impl Budget {
    pub(crate) fn new() -> Budget {
        Budget(AtomicU32::new(FULL))
    }

    /// A call succeeded.
    pub(crate) fn refill(&self) {
        // Nearly always full, and then there is nothing to write.
        if self.0.load(Ordering::Relaxed) < FULL {
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| (left < FULL).then_some(left + 1));
        }
    }

    fn draw(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(REPETITION)).is_ok()
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
        let mut course = Retries::default().course(&budget);
        for least in [200, 400, 800] {
            let pause = course.pause(&refusal(None)).unwrap().as_millis();
            assert!((least..=2 * least).contains(&pause), "{pause} where {least} is least");
        }
        assert_eq!(course.pause(&refusal(None)), None);
    }

    #[test]
    fn retry_after_is_obeyed_within_the_time_there_is() {
        let budget = Budget::new();
        let mut course = Retries::default().longest(Duration::from_secs(10)).course(&budget);
        assert_eq!(course.pause(&refusal(Some(7))), Some(Duration::from_secs(7)));
        assert_eq!(course.pause(&refusal(Some(4))), None, "3 seconds are left");
        assert_eq!(Retries::none().course(&budget).pause(&refusal(Some(0))), None);
    }

    #[test]
    fn clones_share_one_budget_which_successes_fill_again() {
        let budget = Budget::new();
        let draws =
            || (0..100).take_while(|_| Retries::default().course(&budget).pause(&refusal(None)).is_some()).count();
        assert_eq!(draws(), 10);
        (0..25).for_each(|_| budget.refill());
        assert_eq!(draws(), 2);
        (0..1000).for_each(|_| budget.refill());
        assert_eq!(draws(), 10);
    }
}
