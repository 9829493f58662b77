//! Makes graphs, backups and jobs for tests, without a call to the service.

use crate::service::backup::BackupStatus;
use crate::service::clock::Timestamp;
use crate::service::graph::{BaseState, Edition, Graph, State};
use crate::service::id::{BackupId, GraphId, JobId};
use crate::service::job::{Failure, Progress, Task};
use crate::service::records::Service;
use crate::service::version::Version;
use std::time::Duration;

/// The duration of the job of an initially busy graph, such as an importing one.
const INITIAL_JOB: Duration = Duration::from_secs(60 * 60);

/// A graph to make.
#[derive(Clone, Debug)]
pub(crate) struct NewGraph {
    /// A [free](Service::is_free) identifier; `None` for the next one.
    pub(crate) id: Option<GraphId>,
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) edition: Edition,
    pub(crate) initial: InitialState,
}

/// The state that a new graph begins in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InitialState {
    Running,
    Stopped,
    Faulty,
    Frozen,
    Importing,
    Exporting,
    Clearing,
    RollingBack,
}

impl InitialState {
    pub(crate) const ALL: [Self; 8] = [
        Self::Running,
        Self::Importing,
        Self::RollingBack,
        Self::Exporting,
        Self::Clearing,
        Self::Faulty,
        Self::Frozen,
        Self::Stopped,
    ];

    pub(crate) fn state(self) -> State {
        match self {
            Self::Running => State::Running,
            Self::Stopped => State::Stopped,
            Self::Faulty => State::Faulty,
            Self::Frozen => State::Frozen,
            Self::Importing => State::Importing,
            Self::Exporting => State::Exporting,
            Self::Clearing => State::Clearing,
            Self::RollingBack => State::RollingBack,
        }
    }
}

impl Service {
    /// Whether no graph has this identifier, and none will be given it.
    pub(crate) fn is_free(&self, id: GraphId) -> bool {
        self.index.graph(id).is_none() && !self.ids.will_issue_graph(id)
    }

    /// Makes a graph.
    pub(crate) fn add_graph(&mut self, new: NewGraph, now: Timestamp) -> GraphId {
        let id = new.id.unwrap_or_else(|| self.ids.graph());
        let (base_state, task) = match new.initial {
            InitialState::Running => (BaseState::Running, None),
            InitialState::Stopped => (BaseState::Stopped { since: now }, None),
            InitialState::Faulty => (BaseState::Faulty, None),
            InitialState::Frozen => (BaseState::Frozen, None),
            InitialState::Importing => (BaseState::Running, Some(Task::Import)),
            InitialState::Exporting => (BaseState::Running, Some(Task::Export)),
            InitialState::Clearing => (BaseState::Running, Some(Task::Clear)),
            InitialState::RollingBack => (BaseState::Running, Some(Task::RollBack)),
        };
        let at = self.insert_graph(Graph {
            id,
            project: new.project,
            name: new.name,
            version: new.version,
            edition: new.edition,
            created: now,
            updated: now,
            base_state,
            job: None,
            backup_job: None,
        });
        if let Some(task) = task {
            self.add_job(at, task, Progress::lasting(INITIAL_JOB, now), now);
        }
        id
    }

    /// Makes a finished backup. `None` if there is no such graph.
    pub(crate) fn add_finished_backup(&mut self, graph: GraphId, now: Timestamp) -> Option<BackupId> {
        let at = self.index.graph(graph)?;
        Some(self.add_backup(at, BackupStatus::Success { at: now }, now))
    }

    /// Makes a job that has ended. `None` if there is no such graph.
    pub(crate) fn add_ended_job(&mut self, graph: GraphId, failure: Option<Failure>, now: Timestamp) -> Option<JobId> {
        let at = self.index.graph(graph)?;
        let job = self.add_job(at, Task::Restart, Progress::lasting(Duration::ZERO, now), now);
        self.end_job(at, job, now, failure);
        Some(job)
    }

    /// An identifier that no job has or will have.
    pub(crate) fn unused_job_id(&mut self) -> JobId {
        self.ids.job()
    }

    /// An identifier that no graph has or will have.
    pub(crate) fn unused_graph_id(&mut self) -> GraphId {
        self.ids.graph()
    }
}
