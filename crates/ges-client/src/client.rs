//! The front: one graph service, one project, one credential, and a method for each operation.

mod support;

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::generated::{self, Operation, builder};
use crate::hooks::Inner;

/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a call may take altogether. The operations only accept a job, so an answer is a matter of seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client for the graphs of one project. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    generated: generated::Client,
    project_id: String,
}

impl Client {
    /// A client for the service at `endpoint` (`https://ges.cn-north-4.myhuaweicloud.com`), the project `project_id`,
    /// and a user token: the value of `X-Subject-Token` in the answer of IAM's `POST /v3/auth/tokens`.
    ///
    /// Redirects are not followed, because a token must not travel. A connection may take 10 seconds to open and a
    /// call 60 seconds in all; [`Client::with_http_client`] takes other settings.
    ///
    /// # Errors
    /// The endpoint is not an http or https address, or the token cannot be a header value. Nothing is sent yet.
    pub fn new(endpoint: &str, project_id: impl Into<String>, token: &str) -> Result<Client, Error> {
        provide_tls();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| Error::unusable("the HTTP client could not be set up", error))?;
        Client::with_http_client(endpoint, project_id, token, http)
    }

    /// Like [`Client::new`], over a [`reqwest::Client`] with settings of your own: a proxy, timeouts, certificates.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn with_http_client(
        endpoint: &str,
        project_id: impl Into<String>,
        token: &str,
        http: reqwest::Client,
    ) -> Result<Client, Error> {
        let url = reqwest::Url::parse(endpoint)
            .map_err(|error| Error::unusable(format!("the endpoint `{endpoint}` is not an address"), error))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            let message = format!("the endpoint `{endpoint}` must begin with https:// or http://");
            return Err(Error::invalid(message));
        }
        let inner = Inner::with_token(token)?;
        let generated = generated::Client::new_with_client(endpoint.trim_end_matches('/'), http, inner);
        Ok(Client { generated, project_id: project_id.into() })
    }

    /// Starts a stopped graph from where it was closed, or from a backup:
    /// `.body_map(|body| body.graph_backup_id(backup_id))`.
    ///
    /// Source: "Starting a Graph (1.0.0)".
    pub fn start_graph(&self, graph_id: impl Into<String>) -> builder::StartGraph<'_> {
        self.generated.start_graph().project_id(self.project_id.clone()).graph_id(graph_id.into())
    }

    /// Restarts a graph that is running, importing, exporting or clearing. Its asynchronous tasks fail.
    ///
    /// Source: "Forcibly Restarting a Graph (2.2.21)".
    pub fn restart_graph(&self, graph_id: impl Into<String>) -> builder::RestartGraph<'_> {
        self.generated.restart_graph().project_id(self.project_id.clone()).graph_id(graph_id.into())
    }

    /// Upgrades a running graph to a later version:
    /// `.body_map(|body| body.upgrade_version("2.3.4"))`, and `.force_upgrade(true)` to interrupt running tasks
    /// instead of waiting for them.
    ///
    /// Source: "Upgrading a Graph (1.0.5)".
    pub fn upgrade_graph(&self, graph_id: impl Into<String>) -> builder::UpgradeGraph<'_> {
        self.generated.upgrade_graph().project_id(self.project_id.clone()).graph_id(graph_id.into())
    }

    /// Stops a running graph, for at most seven days; then it starts again by itself. A graph of the database edition
    /// cannot be stopped.
    ///
    /// Source: "Stopping a Graph (1.0.0)".
    pub fn stop_graph(&self, graph_id: impl Into<String>) -> builder::StopGraph<'_> {
        self.generated.stop_graph().project_id(self.project_id.clone()).graph_id(graph_id.into())
    }

    /// Backs up a running graph. The answer names the job and, unlike in the official SDKs, the backup.
    ///
    /// Source: "Adding a Backup (1.0.0)".
    pub fn create_backup(&self, graph_id: impl Into<String>) -> builder::CreateBackup<'_> {
        self.generated.create_backup().project_id(self.project_id.clone()).graph_id(graph_id.into())
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
        f.debug_struct("Client").field("generated", &self.generated).field("project_id", &self.project_id).finish()
    }
}

/// Without a provider of cryptography, rustls panics at the first https call. An application that installed one of
/// its own keeps it.
fn provide_tls() {
    #[cfg(feature = "rustls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
