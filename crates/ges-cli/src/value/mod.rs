//! Values of flags, read from text, and the files that flags name.

pub(crate) mod file;
pub(crate) mod identifier;
pub(crate) mod level;
pub(crate) mod listen;
pub(crate) mod quantity;
