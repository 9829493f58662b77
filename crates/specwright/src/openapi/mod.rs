//! Documents: from a file, with the files beside it, or from standard input.

pub mod read;

pub use read::{DocumentFlags, read};
