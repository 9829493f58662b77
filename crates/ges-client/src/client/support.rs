//! Methods for jobs, graphs and backups, and for the five operations in their other version.
//!
//! A plain name is the version in use, v2 in general. A name with `_v1` or `_v2` is the same operation in the other version.

use super::client::Client;
use crate::generated::builder;

/// Independent of the feature `support`, because waiting for a job needs them.
impl Client {
    /// A job: its status and, if it failed, the reason. Jobs are kept for one month.
    ///
    /// Source: reference, "Querying the Job Status (1.0.0)".
    pub fn show_job(&self, graph_id: impl Into<String>, job_id: impl Into<String>) -> builder::ShowJob<'_> {
        self.0
            .generated
            .show_job()
            .project_id(self.0.project_id.clone())
            .graph_id(graph_id.into())
            .job_id(job_id.into())
    }

    /// [`show_job`](Client::show_job) in the v1.0 API.
    ///
    /// Source: reference, "Querying Job Status on the Management Plane (1.0.0)".
    pub fn show_job_v1(&self, graph_id: impl Into<String>, job_id: impl Into<String>) -> builder::ShowJobV1<'_> {
        self.0
            .generated
            .show_job_v1()
            .project_id(self.0.project_id.clone())
            .graph_id(graph_id.into())
            .job_id(job_id.into())
    }

    /// A graph: its status, its version, its addresses.
    ///
    /// Source: reference, "Querying Graph Details (1.0.0)".
    pub fn show_graph(&self, graph_id: impl Into<String>) -> builder::ShowGraph<'_> {
        self.0.generated.show_graph().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// [`show_graph`](Client::show_graph) in the v1.0 API.
    ///
    /// Source: reference, "Querying Graph Details (1.0.0)", V1.0.
    pub fn show_graph_v1(&self, graph_id: impl Into<String>) -> builder::ShowGraphV1<'_> {
        self.0.generated.show_graph_v1().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }
}

/// With the feature `support`.
#[cfg(feature = "support")]
impl Client {
    /// The jobs of all graphs of the project, in pages (`.offset(…)`, `.limit(…)`), optionally of one `.graph_name(…)`,
    /// `.status(…)` or time. A job has the name of its graph, not its ID.
    ///
    /// Source: reference, "Querying Job Details in the Job Center (1.1.8)".
    pub fn list_jobs(&self) -> builder::ListJobs<'_> {
        self.0.generated.list_jobs().project_id(self.0.project_id.clone())
    }

    /// [`list_jobs`](Client::list_jobs) in the v1.0 API.
    ///
    /// Source: reference, "Querying the Job Center (1.1.8)".
    pub fn list_jobs_v1(&self) -> builder::ListJobsV1<'_> {
        self.0.generated.list_jobs_v1().project_id(self.0.project_id.clone())
    }

    /// The graphs of the project, in pages (`.offset(…)`, `.limit(…)`) of 10 by default.
    ///
    /// Source: reference, "Listing Graphs (2.1.18)".
    pub fn list_graphs(&self) -> builder::ListGraphs<'_> {
        self.0.generated.list_graphs().project_id(self.0.project_id.clone())
    }

    /// [`list_graphs`](Client::list_graphs) in the v1.0 API.
    ///
    /// Source: reference, "Querying the Graph List (2.1.18)".
    pub fn list_graphs_v1(&self) -> builder::ListGraphsV1<'_> {
        self.0.generated.list_graphs_v1().project_id(self.0.project_id.clone())
    }

    /// The backups of all graphs of the project, in pages.
    ///
    /// Source: reference, "Viewing the List of All Backups".
    pub fn list_backups(&self) -> builder::ListBackups<'_> {
        self.0.generated.list_backups().project_id(self.0.project_id.clone())
    }

    /// [`list_backups`](Client::list_backups) in the v1.0 API.
    ///
    /// Source: reference, "Viewing the List of All Backups (1.0.0)".
    pub fn list_backups_v1(&self) -> builder::ListBackupsV1<'_> {
        self.0.generated.list_backups_v1().project_id(self.0.project_id.clone())
    }

    /// The backups of one graph. It can be started from those whose status is `success`.
    ///
    /// Source: reference, "Listing Backups of a Graph (1.0.0)".
    pub fn list_graph_backups(&self, graph_id: impl Into<String>) -> builder::ListGraphBackups<'_> {
        self.0.generated.list_graph_backups().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// [`list_graph_backups`](Client::list_graph_backups) in the v1.0 API.
    ///
    /// Source: reference, "Viewing the Backup List of a Graph".
    pub fn list_graph_backups_v1(&self, graph_id: impl Into<String>) -> builder::ListGraphBackupsV1<'_> {
        self.0.generated.list_graph_backups_v1().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// Deletes a backup. The response names no job.
    ///
    /// Source: reference, "Deleting a Backup (1.0.0)".
    pub fn delete_backup(
        &self,
        graph_id: impl Into<String>,
        backup_id: impl Into<String>,
    ) -> builder::DeleteBackup<'_> {
        self.0
            .generated
            .delete_backup()
            .project_id(self.0.project_id.clone())
            .graph_id(graph_id.into())
            .backup_id(backup_id.into())
    }

    /// [`delete_backup`](Client::delete_backup) in the v1.0 API.
    ///
    /// Source: reference, "Deleting a Backup (1.0.0)", V1.0.
    pub fn delete_backup_v1(
        &self,
        graph_id: impl Into<String>,
        backup_id: impl Into<String>,
    ) -> builder::DeleteBackupV1<'_> {
        self.0
            .generated
            .delete_backup_v1()
            .project_id(self.0.project_id.clone())
            .graph_id(graph_id.into())
            .backup_id(backup_id.into())
    }

    /// [`start_graph`](Client::start_graph) in the v2 API.
    ///
    /// Source: reference, "Starting a Graph (1.0.0)", V2.
    pub fn start_graph_v2(&self, graph_id: impl Into<String>) -> builder::StartGraphV2<'_> {
        self.0.generated.start_graph_v2().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// [`restart_graph`](Client::restart_graph) in the v2 API. Unlike in v1.0, the documented response names the job.
    ///
    /// Source: reference, "Forcibly Restarting a Graph (2.2.21)", V2.
    pub fn restart_graph_v2(&self, graph_id: impl Into<String>) -> builder::RestartGraphV2<'_> {
        self.0.generated.restart_graph_v2().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// [`upgrade_graph`](Client::upgrade_graph) in the v2 API.
    ///
    /// Source: reference, "Upgrading a Graph (1.0.5)", V2.
    pub fn upgrade_graph_v2(&self, graph_id: impl Into<String>) -> builder::UpgradeGraphV2<'_> {
        self.0.generated.upgrade_graph_v2().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// [`stop_graph`](Client::stop_graph) in the v1.0 API.
    ///
    /// Source: reference, "Stopping a Graph (1.0.0)", V1.0.
    pub fn stop_graph_v1(&self, graph_id: impl Into<String>) -> builder::StopGraphV1<'_> {
        self.0.generated.stop_graph_v1().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }

    /// [`create_backup`](Client::create_backup) in the v1.0 API. If the response does not name the backup,
    /// [`list_graph_backups_v1`](Client::list_graph_backups_v1) does.
    ///
    /// Source: reference, "Adding a Backup (1.0.0)", V1.0.
    pub fn create_backup_v1(&self, graph_id: impl Into<String>) -> builder::CreateBackupV1<'_> {
        self.0.generated.create_backup_v1().project_id(self.0.project_id.clone()).graph_id(graph_id.into())
    }
}
