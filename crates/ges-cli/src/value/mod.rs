//! Values of flags, read from text.

pub(crate) mod identifier;
