//! Reads and writes VCR cassettes.

mod read;
mod write;

pub(crate) use self::read::read;
pub(crate) use self::write::write;
