//! The emulated service: graphs, backups and jobs as plain values, without HTTP, clock or randomness.

pub(crate) mod backup;
pub(crate) mod clock;
pub(crate) mod error;
pub(crate) mod graph;
pub(crate) mod id;
pub(crate) mod index;
pub(crate) mod job;
pub(crate) mod lifecycle;
pub(crate) mod operations;
pub(crate) mod query;
pub(crate) mod records;
pub(crate) mod setup;
pub(crate) mod state;
pub(crate) mod transitions;
pub(crate) mod version;
