//! Limits that protect the process from its callers.

use std::time::Duration;

/// What protects the process from its callers.
///
/// `ges emulate` has flags for connections, bodies, idle connections, jobs, the journal and the shutdown. The other values suit
/// every caller; they are members so that tests can make them small.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The maximum size of a request body in bytes; a larger one is answered with 413.
    pub body_bytes: usize,
    /// The maximum size of a snapshot over the control API in bytes.
    pub snapshot_bytes: usize,
    /// The maximum size of a request head in bytes, including tokens; a larger one is answered with 431.
    pub head_bytes: usize,
    /// The maximum number of header fields of a request; more are answered with 431.
    pub head_fields: usize,
    /// The maximum time from the first byte of a request to the end of its head, and for a TLS handshake. Then the connection
    /// is closed.
    pub head_timeout: Duration,
    /// The maximum time for the body of a request after its head. Then the answer is 408.
    pub body_timeout: Duration,
    /// The maximum time that a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// The maximum time that a response waits for a caller that does not read it. Then the connection is closed.
    pub write_timeout: Duration,
    /// The maximum number of connections. One more replaces the connection that has been idle or slow for longest; if there is
    /// none, it waits.
    pub connections: usize,
    /// The maximum time for running requests to finish after a shutdown was requested.
    pub shutdown_grace: Duration,
    /// The maximum number of finished jobs to keep; the oldest are removed first.
    pub jobs: usize,
    /// The maximum number of backups; one more is refused with GES.7019.
    pub backups: usize,
    /// The maximum number of requests in the journal.
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
            // A caller that is still reading reads something within this time.
            write_timeout: Duration::from_secs(30),
            // The default limit of open files on most systems.
            connections: 1024,
            shutdown_grace: Duration::from_secs(5),
            // A few megabytes in total.
            jobs: 20_000,
            backups: 100_000,
            // At most 1 MB with bodies.
            journal: 100,
        }
    }
}
