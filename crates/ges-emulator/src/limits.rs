//! Limits that protect the process from its callers.

use std::time::Duration;

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
