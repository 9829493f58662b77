//! Formats of other tools, one module each.

pub(crate) mod curl;
pub mod export;
pub(crate) mod har;
pub(crate) mod recording;
pub mod terminal;
pub(crate) mod vcr;
pub(crate) mod yaml;
