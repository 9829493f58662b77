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
        }
    }
}
