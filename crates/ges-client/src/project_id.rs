//! Checks a project ID once, for both versions of the API.

use crate::error::Error;
use crate::types::{ProjectId, ProjectIdV1};

/// The v1.0 pages document no format; a project is the same in both versions.
impl From<ProjectId> for ProjectIdV1 {
    fn from(id: ProjectId) -> ProjectIdV1 {
        ProjectIdV1(id.into())
    }
}

/// A project ID that addresses can carry. The documented pattern also allows an empty one.
pub(crate) fn checked(id: String) -> Result<ProjectId, Error> {
    match ProjectId::try_from(id) {
        Ok(id) if !id.is_empty() => Ok(id),
        _ => Err(Error::invalid("the project ID is not 1 to 64 letters and digits")),
    }
}
