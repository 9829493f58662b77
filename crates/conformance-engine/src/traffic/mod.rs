//! Traffic that others made: read from files or as it passes, and judged.

pub(crate) mod http1;
pub mod proxy;
pub mod recording;
mod sequence;
pub mod watcher;
