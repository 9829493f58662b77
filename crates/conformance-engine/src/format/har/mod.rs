//! Reads and writes HAR 1.2.

mod read;
mod write;

pub(crate) use self::read::{encodes_requests, entry, is_encoded, recorder};
pub(crate) use self::write::write;
