//! Sends one request and reads one reply.

pub(crate) mod address;
pub(crate) mod altered;
pub(crate) mod client;
pub(crate) mod credentials;
pub(crate) mod expression;
pub(crate) mod outgoing;
pub(crate) mod proxied;
pub(crate) mod request;
pub(crate) mod tls;
pub(crate) mod wire;
