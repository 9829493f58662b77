//! Checks the structure of the repository: crates, folders, documents and words.

mod command;

pub(crate) use command::run;
