//! What a run tells while it waits.

use std::fmt;
use std::time::Duration;

/// Is told while a run waits, so that somebody can see that it goes on.
pub trait Watch: fmt::Debug + Send + Sync {
    /// Called when a wait begins, and about every second as long as it lasts.
    fn waiting(&self, wait: &Waiting<'_>);
}

/// A wait that goes on.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'w> {
    /// What is waited for, in words that fit after "waiting for".
    pub what: &'w str,
    /// How long it has lasted.
    pub since: Duration,
    /// How long it may last.
    pub longest: Duration,
}
