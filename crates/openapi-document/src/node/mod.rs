//! A document as a tree in which every value and every key has its place, and its reader.

mod tree;
mod yaml;

pub use tree::{Data, Entry, Map, Node, Numeral};
pub use yaml::read;
