//! Reads and writes HAR 1.2.

mod read;
mod write;

pub(crate) use self::read::read;
pub(crate) use self::write::write;
