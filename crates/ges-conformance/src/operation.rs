//! What a call of each operation does to people who use the graph.

use crate::generated::Operation;

impl Operation {
    /// What the call interrupts or costs, in words for a person who is asked to allow it; `None` if it changes
    /// nothing. Source: the "Function" section of each page.
    pub fn disruption(self) -> Option<&'static str> {
        match self {
            Operation::StartGraph => Some("starts the graph, which is charged for from then on"),
            Operation::RestartGraph => Some("stops and starts the graph; its running tasks fail"),
            Operation::UpgradeGraph => Some("changes the version of the graph; running tasks may be interrupted"),
            Operation::StopGraph => Some("stops the graph; nobody can use it until it is started"),
            Operation::CreateBackup => Some("adds a backup, which takes space and counts against the quota"),
        }
    }
}
