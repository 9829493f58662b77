//! Traffic that others made: read from files or as it passes, and judged.

#[cfg(test)]
mod differential;
mod framing;
pub(crate) mod http1;
pub mod proxy;
pub mod recording;
mod sequence;
pub mod watcher;
