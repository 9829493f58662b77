//! A document as a tree in which every value and every key has its place, and its reader.

mod json;
mod read;
mod repair;
mod tree;
mod yaml;

pub use read::read;
pub(crate) use read::read_file;
pub use tree::{Data, Entry, Map, Node, Numeral, escaped, unescaped};
