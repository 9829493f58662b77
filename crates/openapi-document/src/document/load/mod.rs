//! Reads a document and the files that it refers to, and declares what it forgot to.

mod join;
mod path_variables;
mod read;

pub(crate) use path_variables::variables;
