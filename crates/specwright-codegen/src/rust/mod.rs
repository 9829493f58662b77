//! Rust as tokens: read, divided into items, printed.

pub(crate) mod duplicates;
pub(crate) mod items;
pub(crate) mod print;
pub(crate) mod tree;
