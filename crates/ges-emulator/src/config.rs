//! What can be chosen about an emulator?

use crate::{Fault, Key, Transitions, User};
use std::time::Duration;

/// Everything that can be chosen about an emulator. The defaults are usable as they are.
#[derive(Clone, Debug)]
pub struct Config {
    /// The tokens accepted in `X-Auth-Token`, beside those that a sign-in gave out.
    ///
    /// With neither tokens nor [`keys`](Self::keys) nor [`users`](Self::users), any token that is not
    /// empty is accepted, and any signature that is well formed.
    pub tokens: Vec<String>,
    /// The keys that requests may be signed with.
    pub keys: Vec<Key>,
    /// Those who may sign in for a token. With none, anyone may.
    pub users: Vec<User>,
    /// What goes wrong on purpose from the beginning, and again after a reset.
    pub faults: Vec<Fault>,
    /// How long jobs take.
    pub transitions: Transitions,
    /// Where identifiers come from: the same seed and the same calls give the same identifiers.
    pub seed: u64,
    /// The project that new graphs belong to unless something else is asked for.
    ///
    /// Version 2 addresses take up to 64 letters and digits
    /// ("Stopping a Graph", table of URI parameters); any other project is reachable in version 1 only.
    pub project_id: String,
    /// What protects the process from its callers.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            keys: Vec::new(),
            users: Vec::new(),
            faults: Vec::new(),
            transitions: Transitions::default(),
            seed: 0,
            project_id: "0123456789abcdef0123456789abcdef".to_owned(),
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// Everything that is nobody's business.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        let of_keys = self.keys.iter().flat_map(|key| std::iter::once(&key.secret).chain(&key.security_token));
        let passwords = self.users.iter().map(|user| &user.password);
        self.tokens.iter().chain(of_keys).chain(passwords).map(String::as_str)
    }
}

/// What protects the process from its callers.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest request body, in bytes; larger ones are answered with 413.
    pub body_bytes: usize,
    /// The largest snapshot that can be restored over the control API, in bytes.
    pub snapshot_bytes: usize,
    /// The longest wait for a request's head, and then again for its body.
    /// A connection that stays idle for this long is closed.
    pub read_timeout: Duration,
    /// Connections served at the same time; further ones wait to be accepted.
    pub connections: usize,
    /// The time that open connections get to finish their request after shutdown was asked for.
    pub shutdown_grace: Duration,
    /// Finished jobs that are remembered; the oldest are forgotten first.
    pub jobs: usize,
    /// Backups that can exist at the same time; one more is refused with GES.7019.
    pub backups: usize,
    /// Requests that the journal remembers.
    pub journal: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            snapshot_bytes: 64 << 20,
            read_timeout: Duration::from_secs(30),
            connections: 1024,
            shutdown_grace: Duration::from_secs(5),
            jobs: 100_000,
            backups: 100_000,
            journal: 100,
        }
    }
}
