//! What hand-written code has to decide about each operation.

use crate::generated::Operation;

impl Operation {
    /// Whether a call that is carried out changes something: the graph's state, its version, or the number of its
    /// backups. Repeating such a call is safe only where nothing can have happened; see
    /// [`Error::may_have_taken_effect`](crate::Error::may_have_taken_effect).
    pub fn has_effect(self) -> bool {
        match self {
            Operation::StartGraph
            | Operation::RestartGraph
            | Operation::UpgradeGraph
            | Operation::StopGraph
            | Operation::CreateBackup => true,
            Operation::ShowJob | Operation::ShowJobV1 | Operation::ShowGraph | Operation::ShowGraphV1 => false,
            #[cfg(feature = "support")]
            Operation::StartGraphV2
            | Operation::RestartGraphV2
            | Operation::UpgradeGraphV2
            | Operation::StopGraphV1
            | Operation::CreateBackupV1
            | Operation::DeleteBackup
            | Operation::DeleteBackupV1 => true,
            #[cfg(feature = "support")]
            Operation::ListJobs
            | Operation::ListJobsV1
            | Operation::ListGraphs
            | Operation::ListGraphsV1
            | Operation::ListBackups
            | Operation::ListBackupsV1
            | Operation::ListGraphBackups
            | Operation::ListGraphBackupsV1 => false,
        }
    }
}
