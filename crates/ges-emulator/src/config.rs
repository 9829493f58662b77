//! What can be chosen about an emulator?

use crate::signature::Secret;
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
    /// What a person reads at `/docs`: a page of HTML, complete in itself, packed by gzip. Without it there is no such
    /// address.
    pub reference: Option<&'static [u8]>,
    /// Is told of every request that came over a connection, once it is answered: in a line without secrets, with
    /// method, target, status, time and the request's identifier. Not of looks at the page, which never end.
    pub log: Option<fn(&str)>,
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
            reference: None,
            log: None,
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// The secrets of the keys, in the same order.
    pub(crate) fn prepared(&self) -> Vec<Secret> {
        self.keys.iter().map(|key| Secret::new(key.secret.as_bytes())).collect()
    }

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
    /// The largest request head, in bytes; larger ones are answered with 431. A token is part of it.
    pub head_bytes: usize,
    /// The most header fields that a request may have; more are answered with 431.
    pub head_fields: usize,
    /// The longest time from a request's first byte to the end of its head, and for a TLS handshake.
    /// Then the connection is closed.
    pub head_timeout: Duration,
    /// The longest time for a request's body, once the head is there. Then the answer is 408.
    pub body_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// How long an answer waits for a caller who takes nothing of it. Then the connection is closed.
    pub write_timeout: Duration,
    /// Connections served at the same time. For one more, the connection is closed that has kept the
    /// service waiting longest; while none does, further ones wait.
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
            head_bytes: 64 << 10,
            head_fields: 100,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(120),
            write_timeout: Duration::from_secs(30),
            connections: 1024,
            shutdown_grace: Duration::from_secs(5),
            jobs: 20_000,
            backups: 100_000,
            journal: 100,
        }
    }
}
