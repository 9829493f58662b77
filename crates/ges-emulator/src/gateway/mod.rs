//! From a request to a call and back to a response: routing, credentials, faults.

pub(crate) mod handler;
pub(crate) mod rejection;
