//! The effect of each operation on those who use the graph.

use crate::generated::Operation;

impl Operation {
    /// What the call interrupts or costs, to be read before it is allowed; `None` if it changes nothing.
    ///
    /// Source: the "Function" section of each page.
    pub fn disruption(self) -> Option<&'static str> {
        match self {
            Operation::StartGraph => Some("starts the graph, which is charged for from then on"),
            Operation::RestartGraph => Some("stops and starts the graph; its running tasks fail"),
            Operation::UpgradeGraph => Some("changes the version of the graph; running tasks may be interrupted"),
            Operation::StopGraph => Some("stops the graph; it answers no queries until it is started"),
            Operation::CreateBackup => Some("adds a backup, which counts against the quota"),
        }
    }
}
