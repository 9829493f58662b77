//! The members that OpenAPI 3.0, 3.1 and 3.2 give each object; which versions are read.

mod check;
mod survey;
mod tables;
mod version;

pub(crate) use check::check;
pub(crate) use survey::{Reference, Survey};
pub use version::Version;
pub(crate) use version::check_version;
