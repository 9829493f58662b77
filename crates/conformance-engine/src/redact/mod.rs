//! Keeps secrets out of everything that is written.

pub(crate) mod exchange;
pub(crate) mod secret;
pub(crate) mod traffic;
