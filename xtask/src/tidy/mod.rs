//! Checks the structure of the repository: crates, folders, imports, documents and words.

mod command;
mod crates;
mod cycles;
mod documents;
mod folders;
mod imports;
mod modules;
mod source;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

pub(crate) use command::run;
