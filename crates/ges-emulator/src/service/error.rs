//! The errors of the service: status, code and message.
//!
//! Codes and messages are those of the page that shows them as an example, or else of the table of
//! error codes (reference: error codes of the management plane).

use std::borrow::Cow;

/// A refused call. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
}

impl ServiceError {
    /// A call that would fail again unchanged, for example because the graph is in the wrong state.
    const fn bad_request(code: &'static str, message: &'static str) -> Self {
        Self { status: 400, code, message: Cow::Borrowed(message) }
    }

    const fn not_found(code: &'static str, message: &'static str) -> Self {
        Self { status: 404, code, message: Cow::Borrowed(message) }
    }

    /// The reference has the code and the message; the status is the one every page lists for
    /// "No resources found".
    pub(crate) fn graph_unknown() -> Self {
        Self::not_found("GES.7000", "The graph does not exist or has been deleted.")
    }

    /// "Adding a Backup", Example Response, status 404.
    pub(crate) fn cluster_unknown() -> Self {
        Self::not_found("GES.0047", "Cluster does not exist or has been deleted.")
    }

    /// The reference has the code and the message; 403 is what every page lists for a lack of permission.
    pub(crate) fn permission_insufficient() -> Self {
        Self { status: 403, code: "GES.7041", message: Cow::Borrowed("Insufficient permission.") }
    }

    /// The error for the status of a fault rule. Codes and messages are those of the reference, which does not pair them with
    /// statuses.
    pub(crate) fn for_fault(status: u16) -> Self {
        let (code, message) = match status {
            403 => return Self::permission_insufficient(),
            404 => return Self::graph_unknown(),
            408 | 429 | 502 | 503 | 504 => ("GES.7005", "The underlying service of the graph engine is unavailable."),
            400..=499 => ("GES.0001", "Incorrect parameter."),
            _ => ("GES.7006", "An internal error occurs in the underlying service of the graph engine."),
        };
        Self { status, code, message: Cow::Borrowed(message) }
    }

    /// "Upgrading a Graph", Example Response, status 400.
    pub(crate) fn graph_to_upgrade_unknown(graph: &str) -> Self {
        let message = Cow::Owned(format!("graph [{graph}] is not found"));
        Self { status: 400, code: "GES.8011", message }
    }

    /// "Stopping a Graph", Example Response, status 400.
    pub(crate) fn graph_not_running() -> Self {
        Self::bad_request("GES.7001", "The graph is not running.")
    }

    pub(crate) fn graph_being_backed_up() -> Self {
        Self::bad_request("GES.7002", "The graph is being backed up.")
    }

    /// "Starting a Graph", Example Response, status 400.
    pub(crate) fn graph_cannot_start() -> Self {
        Self::bad_request("GES.7015", "The graph is not running or stopped.")
    }

    /// "Forcibly Restarting a Graph", Example Response, status 400.
    pub(crate) fn graph_cannot_restart() -> Self {
        Self::bad_request("GES.7016", "The request is invalid.")
    }

    /// "Graphs of the database edition cannot be stopped by calling this API."
    /// ("Stopping a Graph", Function); no page says with which code that is refused.
    pub(crate) fn edition_cannot_stop() -> Self {
        Self::bad_request("GES.7048", "Invalid graph operation: graphs of the database edition cannot be stopped.")
    }

    pub(crate) fn version_not_later() -> Self {
        Self::bad_request("GES.7036", "The target version is earlier than the current version.")
    }

    pub(crate) fn too_many_backups() -> Self {
        Self::bad_request("GES.7019", "The number of graph backups reaches the upper limit.")
    }

    pub(crate) fn backup_unknown() -> Self {
        Self::bad_request("GES.7024", "The graph backup does not exist or has been deleted.")
    }

    pub(crate) fn backup_not_successful() -> Self {
        Self::bad_request("GES.7040", "Failed to back up a graph.")
    }

    /// The reference has it as an example of job management.
    pub(crate) fn job_unknown(job: &str) -> Self {
        let message = Cow::Owned(format!("can not find job, jobId is {job}"));
        Self { status: 400, code: "GES.8301", message }
    }

    pub(crate) fn action_unknown() -> Self {
        Self::bad_request("GES.7048", "Invalid graph operation.")
    }

    pub(crate) fn parameter_missing(name: &str) -> Self {
        let message = Cow::Owned(format!("The parameter does not exist: {name}."));
        Self { status: 400, code: "GES.7049", message }
    }

    pub(crate) fn parameter_empty(name: &str) -> Self {
        let message = Cow::Owned(format!("The parameter is empty: {name}."));
        Self { status: 400, code: "GES.7050", message }
    }

    pub(crate) fn parameter_wrong(name: &str, expected: &str) -> Self {
        let message = Cow::Owned(format!("Incorrect parameter: {name} must be {expected}."));
        Self { status: 400, code: "GES.0001", message }
    }

    pub(crate) fn body_invalid(why: &str) -> Self {
        let message = Cow::Owned(format!("The request body or header is invalid: {why}."));
        Self { status: 400, code: "GES.7016", message }
    }
}
