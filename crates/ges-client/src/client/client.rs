//! The client of one project, with a method for each operation of the five pages.

use std::fmt;
use std::sync::Arc;

use crate::call::Inner;
use crate::error::Error;
use crate::generated::{self, Operation, builder};
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

    /// Starts a stopped graph from its last state, or from a backup:
    /// `.body_map(|body| body.graph_backup_id(backup_id))`.
    ///
    /// Source: "Starting a Graph (1.0.0)".
    pub fn start_graph(&self, graph_id: impl Into<String>) -> builder::StartGraph<'_> {
        self.0.generated.start_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Restarts a graph that is running, importing, exporting or clearing. Its asynchronous tasks fail.
    ///
    /// The documented response is empty: [`Response::job`](crate::Response::job) may be `None`; then poll the status of the
    /// graph. The response of `restart_graph_v2` names the job.
    ///
    /// Source: "Forcibly Restarting a Graph (2.2.21)".
    pub fn restart_graph(&self, graph_id: impl Into<String>) -> builder::RestartGraph<'_> {
        self.0.generated.restart_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Upgrades a running graph to a later version:
    /// `.body_map(|body| body.upgrade_version("2.3.4"))`, and `.force_upgrade(true)` to interrupt running tasks
    /// instead of waiting for them.
    ///
    /// Source: "Upgrading a Graph (1.0.5)".
    pub fn upgrade_graph(&self, graph_id: impl Into<String>) -> builder::UpgradeGraph<'_> {
        self.0.generated.upgrade_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Stops a running graph. After seven days, it starts again automatically. A graph of the database edition cannot be
    /// stopped.
    ///
    /// Source: "Stopping a Graph (1.0.0)".
    pub fn stop_graph(&self, graph_id: impl Into<String>) -> builder::StopGraph<'_> {
        self.0.generated.stop_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Backs up a running graph. The response names the job and, unlike in the official SDKs, the backup.
    ///
    /// Source: "Adding a Backup (1.0.0)".
    pub fn create_backup(&self, graph_id: impl Into<String>) -> builder::CreateBackup<'_> {
        self.0.generated.create_backup().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }
}

/// Does not compile until every operation of the documents has a method.
const _: fn(&Client, Operation) = |client, operation| match operation {
    Operation::StartGraph => drop(client.start_graph("")),
    Operation::RestartGraph => drop(client.restart_graph("")),
    Operation::UpgradeGraph => drop(client.upgrade_graph("")),
    Operation::StopGraph => drop(client.stop_graph("")),
    Operation::CreateBackup => drop(client.create_backup("")),
    Operation::ShowJob => drop(client.show_job("", "")),
    Operation::ShowJobV1 => drop(client.show_job_v1("", "")),
    Operation::ShowGraph => drop(client.show_graph("")),
    Operation::ShowGraphV1 => drop(client.show_graph_v1("")),
    #[cfg(feature = "support")]
    Operation::ListJobs => drop(client.list_jobs()),
    #[cfg(feature = "support")]
    Operation::ListJobsV1 => drop(client.list_jobs_v1()),
    #[cfg(feature = "support")]
    Operation::ListGraphs => drop(client.list_graphs()),
    #[cfg(feature = "support")]
    Operation::ListGraphsV1 => drop(client.list_graphs_v1()),
    #[cfg(feature = "support")]
    Operation::ListBackups => drop(client.list_backups()),
    #[cfg(feature = "support")]
    Operation::ListBackupsV1 => drop(client.list_backups_v1()),
    #[cfg(feature = "support")]
    Operation::ListGraphBackups => drop(client.list_graph_backups("")),
    #[cfg(feature = "support")]
    Operation::ListGraphBackupsV1 => drop(client.list_graph_backups_v1("")),
    #[cfg(feature = "support")]
    Operation::DeleteBackup => drop(client.delete_backup("", "")),
    #[cfg(feature = "support")]
    Operation::DeleteBackupV1 => drop(client.delete_backup_v1("", "")),
    #[cfg(feature = "support")]
    Operation::StartGraphV2 => drop(client.start_graph_v2("")),
    #[cfg(feature = "support")]
    Operation::RestartGraphV2 => drop(client.restart_graph_v2("")),
    #[cfg(feature = "support")]
    Operation::UpgradeGraphV2 => drop(client.upgrade_graph_v2("")),
    #[cfg(feature = "support")]
    Operation::StopGraphV1 => drop(client.stop_graph_v1("")),
    #[cfg(feature = "support")]
    Operation::CreateBackupV1 => drop(client.create_backup_v1("")),
};

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("project_id", &self.project_id())
            .field("inner", &self.0.generated.inner)
            .finish()
    }
}
