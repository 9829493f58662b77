//! Persistence: the data file and snapshots.

pub(crate) mod error;
pub(crate) mod pending;
pub(crate) mod snapshot;
pub(crate) mod store;
pub(crate) mod writer;
