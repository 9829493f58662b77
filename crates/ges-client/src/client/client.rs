//! The client of one project. Its methods for operations are generated.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::call::Inner;
use crate::error::Error;
use crate::generated;
use crate::types::ProjectId;

/// A client for the graphs of one project. Cheap to clone; clones share their connections, token and retry budget. It
/// works on any tokio runtime that has its timer and its network enabled.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Front>);

/// The generated client, and the project of every call.
pub(super) struct Front {
    pub(super) generated: generated::Client,
    pub(super) project_id: ProjectId,
    /// The shortest and the longest pause of a wait.
    pub(super) pauses: [Duration; 2],
}

const _: fn() = || {
    fn assert<T: Clone + Send + Sync + 'static>() {}
    assert::<Client>();
    assert::<Error>();
};

impl Client {
    pub(super) fn of(http: reqwest::Client, inner: Inner, project_id: ProjectId, pauses: [Duration; 2]) -> Client {
        // `Inner` has the endpoint.
        let generated = generated::Client::new_with_client("", http, inner);
        Client(Arc::new(Front { generated, project_id, pauses }))
    }

    /// The project whose graphs this client is for.
    pub fn project_id(&self) -> &str {
        &self.0.project_id
    }

    /// The shortest and the longest pause of a wait.
    pub(crate) fn pauses(&self) -> [Duration; 2] {
        self.0.pauses
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("project_id", &self.project_id())
            .field("inner", &self.0.generated.inner)
            .finish()
    }
}
