//! Reads and writes VCR cassettes.

mod read;
mod write;

pub(crate) use self::read::{entry, recorder};
pub(crate) use self::write::write;
