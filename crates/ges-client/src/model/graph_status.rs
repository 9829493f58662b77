//! The meaning of the status codes of a graph.
//!
//! Source: reference, "Graph status codes".

use crate::types::GraphStatus;

impl GraphStatus {
    /// The graph is running (200): it answers queries, and can be stopped, restarted, upgraded and backed up.
    pub fn is_running(&self) -> bool {
        self.0 == "200"
    }

    /// The graph is stopped (900) and can be started.
    pub fn is_stopped(&self) -> bool {
        self.0 == "900"
    }

    /// The meaning of the code: `running` for 200. `None` for an undocumented code.
    pub fn meaning(&self) -> Option<&'static str> {
        Some(match self.as_str() {
            "100" => "preparing",
            "200" => "running",
            "201" => "upgrading",
            "202" => "importing",
            "203" => "rolling back",
            "204" => "exporting",
            "205" => "clearing",
            "206" => "preparing to resize",
            "207" => "resizing",
            "208" => "rolling back a resize",
            "210" => "preparing to expand",
            "211" => "expanding",
            "300" => "faulty",
            "303" => "creation failed",
            "400" => "deleted",
            "800" => "frozen",
            "900" => "stopped",
            "901" => "stopping",
            "903" => "backing up",
            "920" => "starting",
            _ => return None,
        })
    }
}
