//! The documents to generate from.

mod document;
mod features;
mod merge;
pub(crate) mod security;

pub use document::{Feature, Input};
pub(crate) use features::Features;
pub(crate) use merge::merge;
