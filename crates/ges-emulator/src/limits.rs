//! Limits that protect the process from its callers.

use std::time::Duration;

/// What protects the process from its callers.
///
/// `ges emulate` has flags for connections, bodies, idle connections, jobs, the journal and the shutdown. The other
/// values are reasonable for every caller; they are members so that tests can make them small.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest request body, in bytes; larger ones are answered with 413.
    pub body_bytes: usize,
    /// The largest snapshot that can be restored over the control API, in bytes.
    pub snapshot_bytes: usize,
    /// The largest request head, in bytes; larger ones are answered with 431. A token is part of it.
    pub head_bytes: usize,
    /// The most header fields of a request; more are answered with 431.
    pub head_fields: usize,
    /// The longest time from a request's first byte to the end of its head, and for a TLS handshake.
    /// Then the connection is closed.
    pub head_timeout: Duration,
    /// The longest time for a request's body, once the head has arrived. Then the answer is 408.
    pub body_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// How long a response may wait for a caller that reads nothing of it. Then the connection is closed.
    pub write_timeout: Duration,
    /// Connections served at the same time. For one more, the connection is closed that has been idle or slow for
    /// longest; while none is, further connections wait.
    pub connections: usize,
    /// The time that open connections have to finish their request after a shutdown was asked for.
    pub shutdown_grace: Duration,
    /// Finished jobs that are kept; the oldest are forgotten first.
    pub jobs: usize,
    /// Backups that can exist at the same time; one more is refused with GES.7019.
    pub backups: usize,
    /// Requests that the journal keeps.
    pub journal: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Documented bodies are less than 200 bytes.
            body_bytes: 1 << 20,
            // About 200 000 jobs.
            snapshot_bytes: 64 << 20,
            // The token of a user with many roles takes several KiB.
            head_bytes: 64 << 10,
            // What hyper allows without an allocation.
            head_fields: 100,
            // A head fits into one packet, a handshake takes two round trips.
            head_timeout: Duration::from_secs(10),
            // 64 MiB over a line of 20 Mbit/s.
            body_timeout: Duration::from_secs(30),
            // Longer than the pools of common clients keep a connection without use (reqwest: 90 s).
            idle_timeout: Duration::from_secs(120),
            // A caller that reads at all reads something within this time.
            write_timeout: Duration::from_secs(30),
            // What a process may open without asking on most systems.
            connections: 1024,
            shutdown_grace: Duration::from_secs(5),
            // Together some megabytes.
            jobs: 20_000,
            backups: 100_000,
            // At most 1 MB with bodies.
            journal: 100,
        }
    }
}
