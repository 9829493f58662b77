//! The members that OpenAPI 3.0 gives each object, and where a document has others.

mod check;
mod survey;
mod tables;
mod version;

pub(crate) use check::check;
pub(crate) use survey::{Reference, Survey};
pub use version::Version;
pub(crate) use version::check_version;
