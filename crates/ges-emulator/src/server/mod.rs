//! HTTP over TCP and TLS: listeners, connections and their time limits.

pub(crate) mod connection;
pub(crate) mod host;
pub(crate) mod listener;
pub(crate) mod stream;
pub(crate) mod timeouts;
pub(crate) mod tls;
