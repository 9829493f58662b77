//! The operations of the service that the emulator answers.

use std::fmt;

/// Declares the operations, each with its name and whether an accepted call is answered with a job.
macro_rules! operations {
    ($($(#[$doc:meta])+ $operation:ident: $name:literal, starts_a_job: $starts_a_job:literal;)+) => {
        /// An operation the emulator answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation {
            $($(#[$doc])+ $operation,)+
        }

        impl Operation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$operation),+];

            /// The name as the project spells it everywhere, `stop_graph` for instance.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$operation => $name),+
                }
            }

            /// Whether a call that is accepted is answered with a job.
            pub const fn starts_a_job(self) -> bool {
                match self {
                    $(Self::$operation => $starts_a_job),+
                }
            }
        }
    };
}

operations! {
    /// "Starting a Graph": `POST …/action?action_id=start`, in version 2 `POST …/start`.
    StartGraph: "start_graph", starts_a_job: true;
    /// "Forcibly Restarting a Graph": `POST …/action?action_id=restart`, in version 2 `POST …/restart`.
    RestartGraph: "restart_graph", starts_a_job: true;
    /// "Stopping a Graph": `POST …/stop`, in version 1 `POST …/action?action_id=stop`.
    StopGraph: "stop_graph", starts_a_job: true;
    /// "Upgrading a Graph": `POST …/action?action_id=upgrade`, in version 2 `POST …/upgrade`.
    UpgradeGraph: "upgrade_graph", starts_a_job: true;
    /// "Adding a Backup": `POST …/backups`.
    CreateBackup: "create_backup", starts_a_job: true;
    /// The status of a job (reference: job management): `GET …/jobs/{job_id}/status`.
    ShowJob: "show_job", starts_a_job: false;
    /// The jobs of a project (reference: job management): `GET …/graphs/jobs`.
    ListJobs: "list_jobs", starts_a_job: false;
    /// One graph (reference: graph management): `GET …/graphs/{graph_id}`.
    ShowGraph: "show_graph", starts_a_job: false;
    /// The graphs of a project (reference: graph management): `GET …/graphs`.
    ListGraphs: "list_graphs", starts_a_job: false;
    /// The backups of a project (reference: backup management): `GET …/graphs/backups`.
    ListBackups: "list_backups", starts_a_job: false;
    /// The backups of a graph (reference: backup management): `GET …/backups`.
    ListGraphBackups: "list_graph_backups", starts_a_job: false;
    /// "Deleting a Backup" (reference: backup management): `DELETE …/backups/{backup_id}`.
    DeleteBackup: "delete_backup", starts_a_job: false;
}

impl Operation {
    /// The operation of this name, or what is wrong with the name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|operation| operation.name() == name);
        let names = || Self::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>().join(", ");
        found.copied().ok_or_else(|| format!("unknown operation `{name}`; known are {}", names()))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The version of the API, which follows from the path and decides how members are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    /// Paths under `/v1.0/`: `jobId`, `errorCode`, `errorMessage`.
    V1,
    /// Paths under `/v2/`: `job_id`, `error_code`, `error_msg`.
    V2,
}

impl ApiVersion {
    /// What is meant for this version.
    pub(crate) fn choose<T>(self, v1: T, v2: T) -> T {
        match self {
            Self::V1 => v1,
            Self::V2 => v2,
        }
    }
}
