//! A signal that ends a run early.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{Either, select};
use tokio::sync::Notify;

/// Tells a run to end early: what is on its way is finished, what has not begun is not, and initial states are
/// restored. Clones tell and hear the same.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    reason: Mutex<Option<String>>,
    told: Notify,
}

impl Stop {
    /// Ends the run; the reason is in words that fit after "not sent, because". Only the first one counts.
    pub fn now(&self, reason: &str) {
        let mut known = self.shared.reason.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_with(|| reason.to_owned());
        drop(known);
        self.shared.told.notify_waiters();
    }

    /// Why the run is to end, if it is.
    pub fn reason(&self) -> Option<String> {
        self.shared.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sleeps, unless told to end; whether it slept to the end.
    pub(crate) async fn sleep(&self, duration: std::time::Duration) -> bool {
        let told = self.shared.told.notified();
        if self.reason().is_some() {
            return false;
        }
        matches!(select(pin!(tokio::time::sleep(duration)), pin!(told)).await, Either::Left(_))
    }
}
