//! A document as a tree in which every value and every key has its place, and its reader.

mod repair;
mod tree;
mod yaml;

pub use tree::{Data, Entry, Map, Node, Numeral, escaped, unescaped};
pub use yaml::read;
pub(crate) use yaml::read_file;
