//! Graphs and their states.

use crate::service::clock::{self, Timestamp};
use crate::service::id::{GraphId, JobId};
use crate::service::job::{Job, Task};
use crate::service::version::Version;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// "You can stop a graph instance for a maximum of seven days. If you do not restart the instance
/// manually within that time frame, it will automatically restart." ("Stopping a Graph", Function)
pub(crate) const LONGEST_STOP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A graph instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Graph {
    pub(crate) id: GraphId,
    #[serde(rename = "project_id")]
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) version: Version,
    #[serde(rename = "product_type")]
    pub(crate) edition: Edition,
    #[serde(with = "clock::as_millis")]
    pub(crate) created: Timestamp,
    #[serde(with = "clock::as_millis")]
    pub(crate) updated: Timestamp,
    /// The state of the graph without a job.
    #[serde(rename = "rest")]
    pub(crate) base_state: BaseState,
    /// The job that changes the graph's state.
    #[serde(rename = "job_id")]
    pub(crate) job: Option<JobId>,
    /// The job that backs the graph up, which does not change its state.
    #[serde(rename = "backup_job_id")]
    pub(crate) backup_job: Option<JobId>,
}

impl Graph {
    /// The state seen from outside; `job` is the graph's own job.
    pub(crate) fn state(&self, job: Option<&Job>, now: Timestamp) -> State {
        let Some(job) = job else {
            return self.base_state.state();
        };
        match job.task {
            // "100 (with progress) → 920 → 200" (reference: which action in which state)
            Task::Start { .. } if job.has_done(1, 2, now) => State::Starting,
            Task::Start { .. } => State::Preparing,
            // "the graph is stopped and started" ("Forcibly Restarting a Graph", Function)
            Task::Restart if job.has_done(2, 3, now) => State::Starting,
            Task::Restart if job.has_done(1, 3, now) => State::Preparing,
            Task::Restart | Task::Stop => State::Stopping,
            // "on failure it rolls back by itself" (reference: which action in which state)
            Task::Upgrade { .. } if job.is_to_fail && job.has_done(1, 2, now) => State::RollingBack,
            Task::Upgrade { .. } => State::Upgrading,
            Task::Import => State::Importing,
            Task::Export => State::Exporting,
            Task::Clear => State::Clearing,
            Task::RollBack => State::RollingBack,
            Task::BackUp { .. } => self.base_state.state(),
        }
    }

    /// When the graph starts by itself.
    pub(crate) fn starts_by_itself(&self) -> Option<Timestamp> {
        match self.base_state {
            BaseState::Stopped { since } if self.job.is_none() => Some(since.plus(LONGEST_STOP)),
            _ => None,
        }
    }
}

/// The state of a graph without a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum BaseState {
    Running,
    Stopped {
        #[serde(with = "clock::as_millis")]
        since: Timestamp,
    },
    Faulty,
    Frozen,
}

impl BaseState {
    fn state(self) -> State {
        match self {
            Self::Running => State::Running,
            Self::Stopped { .. } => State::Stopped,
            Self::Faulty => State::Faulty,
            Self::Frozen => State::Frozen,
        }
    }
}

/// What keeps the data (reference: graph management, `product_type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Edition {
    #[default]
    InMemory,
    /// The database edition.
    Persistence,
}

impl Edition {
    pub(crate) const ALL: [Self; 2] = [Self::InMemory, Self::Persistence];

    pub(crate) fn product_type(self) -> &'static str {
        match self {
            Self::InMemory => "InMemory",
            Self::Persistence => "Persistence",
        }
    }
}

/// The states that occur here, of those the service knows (reference: graph status codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Preparing,
    Running,
    Upgrading,
    Importing,
    RollingBack,
    Exporting,
    Clearing,
    Faulty,
    Frozen,
    Stopped,
    Stopping,
    Starting,
}

impl State {
    /// The text in the member `status` of a graph.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Preparing => "100",
            Self::Running => "200",
            Self::Upgrading => "201",
            Self::Importing => "202",
            Self::RollingBack => "203",
            Self::Exporting => "204",
            Self::Clearing => "205",
            Self::Faulty => "300",
            Self::Frozen => "800",
            Self::Stopped => "900",
            Self::Stopping => "901",
            Self::Starting => "920",
        }
    }
}
