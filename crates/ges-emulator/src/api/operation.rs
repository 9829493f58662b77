//! Which operations of Graph Engine Service does the emulator know?

use std::fmt;

/// An operation the emulator answers. Each exists in both API versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// "Starting a Graph": `POST …/action?action_id=start`, in version 2 `POST …/start`.
    StartGraph,
    /// "Forcibly Restarting a Graph": `POST …/action?action_id=restart`, in version 2 `POST …/restart`.
    RestartGraph,
    /// "Stopping a Graph": `POST …/stop`, in version 1 `POST …/action?action_id=stop`.
    StopGraph,
    /// "Upgrading a Graph": `POST …/action?action_id=upgrade`, in version 2 `POST …/upgrade`.
    UpgradeGraph,
    /// "Adding a Backup": `POST …/backups`.
    CreateBackup,
    /// How a job is doing (reference: job management): `GET …/jobs/{job_id}/status`.
    ShowJob,
    /// The jobs of a project (reference: job management): `GET …/graphs/jobs`.
    ListJobs,
    /// One graph (reference: graph management): `GET …/graphs/{graph_id}`.
    ShowGraph,
    /// The graphs of a project (reference: graph management): `GET …/graphs`.
    ListGraphs,
    /// The backups of a project (reference: backup management): `GET …/graphs/backups`.
    ListBackups,
    /// The backups of a graph (reference: backup management): `GET …/backups`.
    ListGraphBackups,
    /// "Deleting a Backup" (reference: backup management): `DELETE …/backups/{backup_id}`.
    DeleteBackup,
}

impl Operation {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::StartGraph,
        Self::RestartGraph,
        Self::StopGraph,
        Self::UpgradeGraph,
        Self::CreateBackup,
        Self::ShowJob,
        Self::ListJobs,
        Self::ShowGraph,
        Self::ListGraphs,
        Self::ListBackups,
        Self::ListGraphBackups,
        Self::DeleteBackup,
    ];

    /// The name as the project spells it everywhere, `stop_graph` for instance.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StartGraph => "start_graph",
            Self::RestartGraph => "restart_graph",
            Self::StopGraph => "stop_graph",
            Self::UpgradeGraph => "upgrade_graph",
            Self::CreateBackup => "create_backup",
            Self::ShowJob => "show_job",
            Self::ListJobs => "list_jobs",
            Self::ShowGraph => "show_graph",
            Self::ListGraphs => "list_graphs",
            Self::ListBackups => "list_backups",
            Self::ListGraphBackups => "list_graph_backups",
            Self::DeleteBackup => "delete_backup",
        }
    }

    /// Whether a call that is accepted is answered with a job.
    pub const fn starts_a_job(self) -> bool {
        matches!(
            self,
            Self::StartGraph | Self::RestartGraph | Self::StopGraph | Self::UpgradeGraph | Self::CreateBackup
        )
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The generation of the API, which the address decides and which decides how answers are spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    /// Addresses under `/v1.0/`: `jobId`, `errorCode`, `errorMessage`.
    V1,
    /// Addresses under `/v2/`: `job_id`, `error_code`, `error_msg`.
    V2,
}

impl ApiVersion {
    /// The spelling of this version.
    pub(crate) fn choose<T>(self, v1: T, v2: T) -> T {
        match self {
            Self::V1 => v1,
            Self::V2 => v2,
        }
    }
}
