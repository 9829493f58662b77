//! The front: one graph service, one project, one credential, and a method for each operation.

mod support;

use std::fmt;
use std::sync::Arc;

use crate::call::Inner;
use crate::client_builder::ClientBuilder;
use crate::credentials::Token;
use crate::error::Error;
use crate::generated::{self, Operation, builder};
use crate::wait::{NamesJob, Wait};

/// A client for the graphs of one project. Cheap to clone; clones share their connections, token and budget of
/// repetitions. It works on any tokio runtime that has its timer and its network enabled.
#[derive(Clone)]
pub struct Client(Arc<Front>);

struct Front {
    generated: generated::Client,
    project_id: String,
}

const _: fn() = || {
    fn assert<T: Clone + Send + Sync + 'static>() {}
    assert::<Client>();
    assert::<Error>();
};

impl Client {
    /// A client with settings to be chosen.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client for the service at `endpoint` (`https://ges.cn-north-4.myhuaweicloud.com`), the project `project_id`,
    /// and a user token: the value of `X-Subject-Token` in the answer of IAM's `POST /v3/auth/tokens`.
    ///
    /// # Errors
    /// The endpoint is not an http or https address, or the token cannot be a header value. Nothing is sent yet.
    pub fn new(endpoint: &str, project_id: impl Into<String>, token: &str) -> Result<Client, Error> {
        Client::builder().endpoint(endpoint).project_id(project_id).credentials(Token::new(token)?).build()
    }

    pub(crate) fn of(http: reqwest::Client, inner: Inner, project_id: String) -> Client {
        // The endpoint is the business of `Inner`.
        let generated = generated::Client::new_with_client("", http, inner);
        Client(Arc::new(Front { generated, project_id }))
    }

    pub(crate) fn parts(&self) -> (&reqwest::Client, &Inner) {
        (&self.0.generated.client, &self.0.generated.inner)
    }

    /// The project whose graphs this client is for.
    pub fn project_id(&self) -> &str {
        &self.0.project_id
    }

    /// Waits until a job has ended: `ges.wait_for(&ges.stop_graph(graph_id).send().await?).await?`.
    ///
    /// `job` is the answer of a call, of either API version, or a [`Job`](crate::Job). The job is looked at right away
    /// and then again and again, with growing pauses, for an hour at most; [`Wait`] has settings. A look that fails for
    /// want of a connection or for an error of the gateway is made again. Dropping the future ends the wait.
    ///
    /// # Errors
    /// The job failed ([`Error::is_job_failed`], with its reason), has not ended in time ([`Error::is_job_unfinished`]), or
    /// cannot be looked at. `job` is an answer that names no job, as the documented one of
    /// [`restart_graph`](Client::restart_graph) does.
    pub fn wait_for(&self, job: &impl NamesJob) -> Wait<'_> {
        Wait::new(self, job.job())
    }

    /// Starts a stopped graph from where it was closed, or from a backup:
    /// `.body_map(|body| body.graph_backup_id(backup_id))`.
    ///
    /// Source: "Starting a Graph (1.0.0)".
    pub fn start_graph(&self, graph_id: impl Into<String>) -> builder::StartGraph<'_> {
        self.0.generated.start_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Restarts a graph that is running, importing, exporting or clearing. Its asynchronous tasks fail.
    ///
    /// The documented answer is empty: [`Response::job`](crate::Response::job) may be `None`, and then there is nothing to
    /// wait for but the status of the graph. The answer of `restart_graph_v2` names the job.
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

    /// Stops a running graph, for at most seven days; then it starts again by itself. A graph of the database edition
    /// cannot be stopped.
    ///
    /// Source: "Stopping a Graph (1.0.0)".
    pub fn stop_graph(&self, graph_id: impl Into<String>) -> builder::StopGraph<'_> {
        self.0.generated.stop_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Backs up a running graph. The answer names the job and, unlike in the official SDKs, the backup.
    ///
    /// Source: "Adding a Backup (1.0.0)".
    pub fn create_backup(&self, graph_id: impl Into<String>) -> builder::CreateBackup<'_> {
        self.0.generated.create_backup().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }
}

/// Every operation of the documents has a method: a new one does not compile until it has.
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
        f.debug_struct("Client").field("project_id", &self.0.project_id).field("inner", self.parts().1).finish()
    }
}
