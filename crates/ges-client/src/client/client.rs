//! The client of one project. Its methods for operations are generated.

use std::fmt;
use std::sync::Arc;

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
}

const _: fn() = || {
    fn assert<T: Clone + Send + Sync + 'static>() {}
    assert::<Client>();
    assert::<Error>();
};

impl Client {
    pub(super) fn of(http: reqwest::Client, inner: Inner, project_id: ProjectId) -> Client {
        // `Inner` has the endpoint.
        let generated = generated::Client::new_with_client("", http, inner);
        Client(Arc::new(Front { generated, project_id }))
    }

    /// The project whose graphs this client is for.
    pub fn project_id(&self) -> &str {
        &self.0.project_id
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
