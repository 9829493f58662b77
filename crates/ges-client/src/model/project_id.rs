//! Checks a project ID once, for both versions of the API.

use crate::error::Error;
use crate::types::{ProjectId, ProjectIdV1};

/// The v1.0 pages document no format; a project is the same in both versions.
impl From<ProjectId> for ProjectIdV1 {
    fn from(id: ProjectId) -> ProjectIdV1 {
        ProjectIdV1(id.into())
    }
}

/// Checks a project ID: 1 to 64 letters and digits.
///
/// [`ClientBuilder::project_id`](crate::ClientBuilder::project_id) accepts the same IDs.
///
/// # Errors
/// The ID is empty, too long, or has other characters.
pub fn parse_project_id(id: &str) -> Result<ProjectId, Error> {
    match ProjectId::try_from(id) {
        // The documented pattern allows an empty one, but an address cannot carry it.
        Ok(id) if !id.is_empty() => Ok(id),
        _ => Err(Error::invalid("the project ID is not 1 to 64 letters and digits")),
    }
}
