//! What does each operation do to the graphs, backups and jobs of the service?
//!
//! Plain values in, plain values out: nothing here opens a socket, reads a clock or draws luck.
//! Every method is told what time it is, first catches up with whatever should have happened by
//! then, and only then does what it was called for. A refused call leaves everything as it was.

use crate::limits::Limits;
use crate::service::backup::{Backup, BackupStatus};
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::graph::{BaseState, Edition, Graph, State};
use crate::service::id::{BackupId, GraphId, Ids, JobId};
use crate::service::index::Index;
use crate::service::job::{End, Failure, Job, Progress, Task};
use crate::service::state::ServiceState;
use crate::service::tracked::{Records, Rows, Series};
use crate::service::transitions::Transitions;
use crate::service::version::Version;
use std::time::Duration;

/// How long the job of a graph lasts that was busy from the beginning, an importing graph for
/// instance. Long enough to be found busy, not for ever.
pub(crate) const BUSY_FROM_THE_BEGINNING: Duration = Duration::from_secs(60 * 60);

/// A job is remembered for one month (reference: job history).
const JOB_HISTORY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Everything one emulated service knows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Service {
    ids: Ids,
    transitions: Transitions,
    most_jobs: usize,
    most_backups: usize,
    /// In the order of creation; never taken out, so that an index stays good.
    pub(super) graphs: Rows<Graph>,
    pub(super) backups: Records<BackupId, Backup>,
    backups_made: u64,
    pub(super) jobs: Series<JobId, Job>,
    pub(super) index: Index,
}

/// A graph to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewGraph {
    /// The identifier it is to have, a [free](Service::is_free) one; `None` for the next.
    pub(crate) id: Option<GraphId>,
    pub(crate) project: String,
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) edition: Edition,
    pub(crate) initial: InitialState,
}

/// How a graph is when it appears.
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
    pub(crate) fn new(seed: u64, transitions: Transitions, limits: &Limits) -> Self {
        Self {
            ids: Ids::new(seed),
            transitions,
            most_jobs: limits.jobs,
            most_backups: limits.backups,
            graphs: Rows::new(),
            backups: Records::new(),
            backups_made: 0,
            jobs: Series::new(),
            index: Index::default(),
        }
    }
}

/// Being put down and taken up again.
impl Service {
    /// The service that [`state`](Self::state) were taken from; they are known to be without
    /// [problems](ServiceState::problems).
    pub(crate) fn from_state(state: ServiceState, transitions: Transitions, limits: &Limits) -> Self {
        let ServiceState { ids, backups_made, graphs, backups, jobs } = state;
        let mut resumed = Self {
            ids,
            transitions,
            most_jobs: limits.jobs,
            most_backups: limits.backups,
            graphs: Rows::from(graphs),
            backups: backups.into_iter().map(|backup| (backup.id, backup)).collect(),
            backups_made,
            jobs: jobs.into_iter().map(|job| (job.id, job)).collect(),
            index: Index::default(),
        };
        resumed.index = resumed.indexed();
        (0..resumed.graphs.len()).for_each(|at| resumed.schedule(at));
        resumed
    }

    fn indexed(&self) -> Index {
        let mut index = Index::default();
        for graph in self.graphs.as_slice() {
            index.add_graph(graph.id, &graph.project);
        }
        let mut backups: Vec<_> = self.backups.values().collect();
        backups.sort_unstable_by_key(|backup| backup.number);
        for backup in backups {
            if let Some(at) = index.graph(backup.graph) {
                index.add_backup(backup.id, backup.number, at);
            }
        }
        let mut ended = Vec::new();
        for job in self.jobs.values() {
            if let Some(at) = index.graph(job.graph) {
                index.add_job(job.id, at);
            }
            ended.extend(job.end.map(|end| (end.at, job.id)));
        }
        ended.sort_unstable();
        ended.into_iter().for_each(|(when, job)| index.end_job(job, when));
        index
    }

    pub(crate) fn to_state(&self) -> ServiceState {
        let mut backups: Vec<_> = self.backups.values().cloned().collect();
        backups.sort_unstable_by_key(|backup| backup.id);
        ServiceState {
            ids: self.ids.clone(),
            backups_made: self.backups_made,
            graphs: self.graphs.as_slice().to_vec(),
            backups,
            jobs: self.jobs.values().cloned().collect(),
        }
    }

    /// Which records changed since the last time this was asked.
    pub(crate) fn changes(
        &mut self,
    ) -> Changes<impl Iterator<Item = usize>, impl Iterator<Item = BackupId>, impl Iterator<Item = JobId>> {
        Changes { graphs: self.graphs.changed(), backups: self.backups.changed(), jobs: self.jobs.changed() }
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    pub(crate) fn backups_made(&self) -> u64 {
        self.backups_made
    }

    pub(crate) fn graph(&self, at: usize) -> Option<&Graph> {
        self.graphs.get(at)
    }

    pub(crate) fn backup(&self, id: BackupId) -> Option<&Backup> {
        self.backups.get(&id)
    }

    pub(crate) fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(&id)
    }
}

/// The graphs by their number, the rest by identifier; some may come twice, some may be gone.
pub(crate) struct Changes<Graphs, Backups, Jobs> {
    pub(crate) graphs: Graphs,
    pub(crate) backups: Backups,
    pub(crate) jobs: Jobs,
}

/// The operations that change something.
impl Service {
    /// "Starting a Graph": "If this parameter is configured, the graph starts from the backup. If
    /// this parameter is left blank, the graph starts from the status when it was closed last time."
    pub(crate) fn start_graph(
        &mut self,
        project: &str,
        graph: &str,
        backup: Option<&str>,
        now: Timestamp,
    ) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        if self.state(at, now) != State::Stopped {
            return Err(ServiceError::graph_cannot_start());
        }
        let restore = match backup {
            Some(backup) => Some(self.restorable(at, backup)?),
            None => None,
        };
        Ok(self.begin(at, Task::Start { restore }, now))
    }

    /// "Forcibly Restarting a Graph": "a graph in the importing, exporting, running, or clearing
    /// state […] asynchronous tasks of the graph are failed state and the graph is stopped and started".
    pub(crate) fn restart_graph(&mut self, project: &str, graph: &str, now: Timestamp) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        match self.state(at, now) {
            State::Running | State::Importing | State::Exporting | State::Clearing => {}
            _ => return Err(ServiceError::graph_cannot_restart()),
        }
        self.interrupt(at, Failure::Restart, now);
        Ok(self.begin(at, Task::Restart, now))
    }

    /// "Stopping a Graph".
    pub(crate) fn stop_graph(&mut self, project: &str, graph: &str, now: Timestamp) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        if self.graphs[at].edition == Edition::Persistence {
            return Err(ServiceError::edition_cannot_stop());
        }
        self.demand_running(at, now)?;
        self.demand_no_backup_under_way(at)?;
        Ok(self.begin(at, Task::Stop, now))
    }

    /// "Upgrading a Graph": with `force` running tasks are interrupted, without it the upgrade
    /// "will wait for running services to complete".
    pub(crate) fn upgrade_graph(
        &mut self,
        project: &str,
        graph: &str,
        target: &Version,
        force: bool,
        now: Timestamp,
    ) -> Result<JobId, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(|| ServiceError::graph_to_upgrade_unknown(graph))?;
        self.demand_running(at, now)?;
        if !target.is_later_than(&self.graphs[at].version) {
            return Err(ServiceError::version_not_later());
        }
        if force {
            self.interrupt(at, Failure::Upgrade, now);
        }
        Ok(self.begin(at, Task::Upgrade { target: target.clone() }, now))
    }

    /// "Adding a Backup".
    pub(crate) fn create_backup(
        &mut self,
        project: &str,
        graph: &str,
        now: Timestamp,
    ) -> Result<(JobId, BackupId), ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::cluster_unknown)?;
        self.demand_running(at, now)?;
        self.demand_no_backup_under_way(at)?;
        if self.backups.len() >= self.most_backups {
            return Err(ServiceError::too_many_backups());
        }
        let backup = self.add_backup(at, BackupStatus::BackingUp, now);
        Ok((self.begin(at, Task::BackUp { backup }, now), backup))
    }

    /// "Deleting a Backup" (reference: backup management).
    pub(crate) fn delete_backup(
        &mut self,
        project: &str,
        graph: &str,
        backup: &str,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        let backup = self.backup_of(at, backup).ok_or_else(ServiceError::backup_unknown)?;
        if backup.status == BackupStatus::BackingUp {
            return Err(ServiceError::graph_being_backed_up());
        }
        let (id, number) = (backup.id, backup.number);
        self.backups.remove(&id);
        self.index.remove_backup(number, at);
        Ok(())
    }

    /// Whether this is the identifier of no graph, and is not going to be handed out.
    pub(crate) fn is_free(&self, id: GraphId) -> bool {
        self.index.graph(id).is_none() && !self.ids.will_issue_graph(id)
    }

    /// A graph nobody asked the service for.
    pub(crate) fn add_graph(&mut self, new: NewGraph, now: Timestamp) -> GraphId {
        let id = new.id.unwrap_or_else(|| self.ids.graph());
        let (rest, task) = match new.initial {
            InitialState::Running => (BaseState::Running, None),
            InitialState::Stopped => (BaseState::Stopped { since: now }, None),
            InitialState::Faulty => (BaseState::Faulty, None),
            InitialState::Frozen => (BaseState::Frozen, None),
            InitialState::Importing => (BaseState::Running, Some(Task::Import)),
            InitialState::Exporting => (BaseState::Running, Some(Task::Export)),
            InitialState::Clearing => (BaseState::Running, Some(Task::Clear)),
            InitialState::RollingBack => (BaseState::Running, Some(Task::RollBack)),
        };
        let at = self.graphs.len();
        self.index.add_graph(id, &new.project);
        self.graphs.push(Graph {
            id,
            project: new.project,
            name: new.name,
            version: new.version,
            edition: new.edition,
            created: now,
            updated: now,
            rest,
            job: None,
            backup_job: None,
        });
        self.schedule(at);
        if let Some(task) = task {
            self.add_job(at, task, Progress::lasting(BUSY_FROM_THE_BEGINNING, now), now);
        }
        id
    }

    /// A finished backup nobody asked the service for. `None` if there is no such graph.
    pub(crate) fn add_finished_backup(&mut self, graph: GraphId, now: Timestamp) -> Option<BackupId> {
        let at = self.index.graph(graph)?;
        Some(self.add_backup(at, BackupStatus::Success { at: now }, now))
    }

    /// A job that has ended, and that nobody asked the service for. `None` if there is no such graph.
    pub(crate) fn add_ended_job(&mut self, graph: GraphId, failure: Option<Failure>, now: Timestamp) -> Option<JobId> {
        let at = self.index.graph(graph)?;
        let job = self.add_job(at, Task::Restart, Progress::lasting(Duration::ZERO, now), now);
        self.end_job(at, job, now, failure);
        Some(job)
    }

    /// Lets a job fail that has just begun, when its time has come.
    pub(crate) fn fail_job(&mut self, job: JobId) {
        if let Some(job) = self.jobs.get_mut(&job) {
            job.is_to_fail = true;
        }
    }

    /// An identifier that belongs to no job, and never will.
    pub(crate) fn unused_job_id(&mut self) -> JobId {
        self.ids.job()
    }

    /// An identifier that belongs to no graph, and never will.
    pub(crate) fn unused_graph_id(&mut self) -> GraphId {
        self.ids.graph()
    }
}

/// Finding things, and what operations demand.
impl Service {
    /// The number of a graph of this project, after catching up with everything that should have
    /// happened.
    pub(super) fn find(&mut self, project: &str, graph: &str, now: Timestamp) -> Option<usize> {
        self.catch_up(now);
        let at = self.index.graph(GraphId::parse(graph)?)?;
        (self.graphs[at].project == project).then_some(at)
    }

    pub(super) fn state(&self, at: usize, now: Timestamp) -> State {
        let graph = &self.graphs[at];
        graph.state(graph.job.and_then(|job| self.jobs.get(&job)), now)
    }

    fn demand_running(&self, at: usize, now: Timestamp) -> Result<(), ServiceError> {
        match self.state(at, now) {
            State::Running => Ok(()),
            _ => Err(ServiceError::graph_not_running()),
        }
    }

    fn demand_no_backup_under_way(&self, at: usize) -> Result<(), ServiceError> {
        match self.graphs[at].backup_job {
            None => Ok(()),
            Some(_) => Err(ServiceError::graph_being_backed_up()),
        }
    }

    fn backup_of(&self, at: usize, backup: &str) -> Option<&Backup> {
        let backup = self.backups.get(&BackupId::parse(backup)?)?;
        (backup.graph == self.graphs[at].id).then_some(backup)
    }

    /// The version that starting from this backup brings back.
    fn restorable(&self, at: usize, backup: &str) -> Result<Version, ServiceError> {
        let backup = self.backup_of(at, backup).ok_or_else(ServiceError::backup_unknown)?;
        match backup.status {
            BackupStatus::Success { .. } => Ok(backup.version.clone()),
            BackupStatus::BackingUp | BackupStatus::Failed { .. } => Err(ServiceError::backup_not_successful()),
        }
    }

    pub(super) fn unfinished_jobs(&self, at: usize) -> impl Iterator<Item = JobId> + use<> {
        let graph = &self.graphs[at];
        [graph.backup_job, graph.job].into_iter().flatten()
    }
}

/// The course of things.
impl Service {
    fn begin(&mut self, at: usize, task: Task, now: Timestamp) -> JobId {
        let must_wait = matches!(task, Task::Upgrade { .. }) && self.graphs[at].backup_job.is_some();
        let course = if must_wait { Progress::Waiting } else { Progress::beginning(now, self.transitions) };
        self.add_job(at, task, course, now)
    }

    fn add_job(&mut self, at: usize, task: Task, course: Progress, now: Timestamp) -> JobId {
        let id = self.ids.job();
        let graph = &mut self.graphs[at];
        match task {
            Task::BackUp { .. } => graph.backup_job = Some(id),
            _ => graph.job = Some(id),
        }
        let job = Job { id, graph: graph.id, task, accepted: now, course, is_to_fail: false, end: None };
        self.jobs.insert(id, job);
        self.index.add_job(id, at);
        self.schedule(at);
        while self.jobs.len() > self.most_jobs && self.forget_one_job() {}
        id
    }

    fn add_backup(&mut self, at: usize, status: BackupStatus, now: Timestamp) -> BackupId {
        let graph = &self.graphs[at];
        let id = self.ids.backup();
        self.backups_made += 1;
        let backup = Backup {
            id,
            number: self.backups_made,
            graph: graph.id,
            version: graph.version.clone(),
            began: now,
            status,
        };
        self.backups.insert(id, backup);
        self.index.add_backup(id, self.backups_made, at);
        id
    }

    /// Of those that have ended the first. Unfinished jobs stay, however many there are.
    fn forget_one_job(&mut self) -> bool {
        let Some(job) = self.index.first_ended().and_then(|(id, _)| self.jobs.remove(&id)) else { return false };
        if let Some(at) = self.index.graph(job.graph) {
            self.index.remove_job(job.id, at);
        }
        true
    }

    fn interrupt(&mut self, at: usize, why: Failure, now: Timestamp) {
        for job in self.unfinished_jobs(at) {
            self.end_job(at, job, now, Some(why));
        }
    }

    /// Lets everything happen that should have happened by now, in order of time.
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        while let Some(at) = self.index.first_due(now) {
            let Some((when, event)) = self.next_event(at) else { return };
            match event {
                Event::JobEnds(job) => {
                    let is_to_fail = self.jobs.get(&job).is_some_and(|job| job.is_to_fail);
                    self.end_job(at, job, when, is_to_fail.then_some(Failure::OnPurpose));
                }
                Event::StartsByItself => {
                    self.begin(at, Task::Start { restore: None }, when);
                }
            }
        }
        while self.index.first_ended().is_some_and(|(_, when)| now.since(when) > JOB_HISTORY) && self.forget_one_job() {
        }
    }

    /// To be called whenever what happens next to a graph may have become another.
    pub(super) fn schedule(&mut self, at: usize) {
        let next = self.next_event(at).map(|(when, _)| when);
        self.index.schedule(at, next);
    }

    fn next_event(&self, at: usize) -> Option<(Timestamp, Event)> {
        let ends = self.unfinished_jobs(at).filter_map(|job| {
            let when = self.jobs.get(&job)?.due()?;
            Some((when, Event::JobEnds(job)))
        });
        let starts = self.graphs[at].starts_by_itself().map(|when| (when, Event::StartsByItself));
        ends.chain(starts).min_by_key(|&(when, _)| when)
    }

    fn end_job(&mut self, at: usize, id: JobId, when: Timestamp, failure: Option<Failure>) {
        self.end_job_of(at, id, when, failure);
        self.schedule(at);
    }

    fn end_job_of(&mut self, at: usize, id: JobId, when: Timestamp, failure: Option<Failure>) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.end = Some(End { at: when, failure });
        self.index.end_job(id, when);
        let graph = &mut self.graphs[at];
        if let Task::BackUp { backup } = job.task {
            graph.backup_job = None;
            if let Some(backup) = self.backups.get_mut(&backup) {
                backup.status = match failure {
                    None => BackupStatus::Success { at: when },
                    Some(_) => BackupStatus::Failed { at: when },
                };
            }
            self.end_waiting(at, when);
            return;
        }
        graph.job = None;
        if failure.is_some() {
            // The longest stop begins again, or the graph would have started by itself before now.
            if let BaseState::Stopped { since } = &mut graph.rest {
                *since = when;
            }
            return;
        }
        graph.updated = when;
        match &job.task {
            Task::Start { restore } => {
                graph.rest = BaseState::Running;
                if let Some(version) = restore {
                    graph.version = version.clone();
                }
            }
            Task::Upgrade { target } => graph.version = target.clone(),
            Task::Stop => graph.rest = BaseState::Stopped { since: when },
            Task::Restart => graph.rest = BaseState::Running,
            Task::Import | Task::Export | Task::Clear | Task::RollBack | Task::BackUp { .. } => {}
        }
    }

    fn end_waiting(&mut self, at: usize, when: Timestamp) {
        let Some(id) = self.graphs[at].job else { return };
        if self.jobs.get(&id).is_some_and(|job| job.course == Progress::Waiting)
            && let Some(job) = self.jobs.get_mut(&id)
        {
            job.course = Progress::beginning(when, self.transitions);
        }
    }
}

#[derive(Clone, Copy)]
enum Event {
    JobEnds(JobId),
    StartsByItself,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::job::JobStatus;
    use crate::service::query::Page;
    use std::time::SystemTime;

    const PROJECT: &str = "p1";
    const HOUR: Duration = Duration::from_secs(60 * 60);
    const SLOWLY: Transitions = Transitions::Time(HOUR);

    fn service(transitions: Transitions) -> Service {
        Service::new(0, transitions, &Limits::default())
    }

    fn start_of_time() -> Timestamp {
        Timestamp::from_system(SystemTime::UNIX_EPOCH)
    }

    fn after(duration: Duration) -> Timestamp {
        start_of_time().plus(duration)
    }

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn graph(service: &mut Service, initial: InitialState) -> String {
        graph_of_edition(service, initial, Edition::InMemory)
    }

    fn graph_of_edition(service: &mut Service, initial: InitialState, edition: Edition) -> String {
        let (project, name) = (PROJECT.to_owned(), "demo".to_owned());
        let new = NewGraph { id: None, project, name, version: version("1.1.7"), edition, initial };
        service.add_graph(new, start_of_time()).to_string()
    }

    /// A graph, and when it is in the given state, whatever has to be done for that.
    fn graph_in(service: &mut Service, state: State) -> (String, Timestamp) {
        let now = start_of_time();
        if let Some(initial) = InitialState::ALL.into_iter().find(|one| one.state() == state) {
            return (graph(service, initial), now);
        }
        let (from, what, quarters) = match state {
            State::Preparing => (InitialState::Stopped, "start", 0),
            State::Starting => (InitialState::Stopped, "start", 3),
            State::Stopping => (InitialState::Running, "stop", 0),
            State::Upgrading => (InitialState::Running, "upgrade", 0),
            other => panic!("no way to {other:?}"),
        };
        let graph = graph(service, from);
        call(service, what, &graph, now).unwrap();
        (graph, after(HOUR / 4 * quarters))
    }

    fn call(service: &mut Service, what: &str, graph: &str, now: Timestamp) -> Result<JobId, ServiceError> {
        match what {
            "start" => service.start_graph(PROJECT, graph, None, now),
            "restart" => service.restart_graph(PROJECT, graph, now),
            "stop" => service.stop_graph(PROJECT, graph, now),
            "upgrade" => service.upgrade_graph(PROJECT, graph, &version("1.1.8"), false, now),
            "force upgrade" => service.upgrade_graph(PROJECT, graph, &version("1.1.8"), true, now),
            "backup" => service.create_backup(PROJECT, graph, now).map(|(job, _)| job),
            other => panic!("no operation `{other}`"),
        }
    }

    pub(super) fn state(service: &mut Service, graph: &str, now: Timestamp) -> State {
        service.show_graph(PROJECT, graph, now).unwrap().state
    }

    fn status(service: &mut Service, graph: &str, job: JobId, now: Timestamp) -> JobStatus {
        service.show_job(PROJECT, graph, &job.to_string(), now).unwrap().job.status(now)
    }

    #[test]
    fn each_operation_is_accepted_in_the_documented_states_only() {
        use State::*;
        let rows: [(&str, &[State], &str); 5] = [
            ("start", &[Stopped], "GES.7015"),
            ("restart", &[Running, Importing, Exporting, Clearing], "GES.7016"),
            ("stop", &[Running], "GES.7001"),
            ("upgrade", &[Running], "GES.7001"),
            ("backup", &[Running], "GES.7001"),
        ];
        let all = [
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
            Preparing,
            Starting,
        ];
        for (what, accepted_in, otherwise) in rows {
            for state in all {
                let mut service = service(SLOWLY);
                let (graph, now) = graph_in(&mut service, state);
                assert_eq!(self::state(&mut service, &graph, now), state);
                let expected = if accepted_in.contains(&state) { Ok(()) } else { Err(otherwise) };
                let found = call(&mut service, what, &graph, now);
                assert_eq!(found.map(drop).map_err(|error| error.code), expected, "{what} in {state:?}");
            }
        }
    }

    #[track_caller]
    fn check_unknown(what: &str, status: u16, code: &str, message: &str) {
        let mut service = service(Transitions::Immediate);
        let elsewhere = graph(&mut service, InitialState::Running);
        let unused = service.unused_graph_id().to_string();
        for (project, graph) in [(PROJECT, "demo"), (PROJECT, &unused), ("p2", &elsewhere)] {
            let found = match what {
                "start" => service.start_graph(project, graph, None, start_of_time()),
                "upgrade" => service.upgrade_graph(project, graph, &version("2"), false, start_of_time()),
                "backup" => service.create_backup(project, graph, start_of_time()).map(|(job, _)| job),
                "stop" => service.stop_graph(project, graph, start_of_time()),
                _ => service.restart_graph(project, graph, start_of_time()),
            };
            let ServiceError { status: found_status, code: found_code, message: found_message } = found.unwrap_err();
            let message = message.replace("GRAPH", graph);
            assert_eq!((found_status, found_code, &*found_message), (status, code, &*message), "{what}");
        }
    }

    #[test]
    fn a_graph_nobody_knows_is_refused_in_the_words_of_each_page() {
        for what in ["start", "restart", "stop"] {
            check_unknown(what, 404, "GES.7000", "The graph does not exist or has been deleted.");
        }
        check_unknown("backup", 404, "GES.0047", "Cluster does not exist or has been deleted.");
        check_unknown("upgrade", 400, "GES.8011", "graph [GRAPH] is not found");
    }

    #[test]
    fn a_database_edition_graph_cannot_be_stopped() {
        let mut service = service(Transitions::Immediate);
        let graph = graph_of_edition(&mut service, InitialState::Running, Edition::Persistence);
        let error = service.stop_graph(PROJECT, &graph, start_of_time()).unwrap_err();
        assert_eq!((error.status, error.code), (400, "GES.7048"));
    }

    #[test]
    fn only_a_later_version_is_a_target() {
        for (target, expected) in [("1.1.8", Ok(())), ("1.1.7", Err("GES.7036")), ("1.0", Err("GES.7036"))] {
            let mut service = service(Transitions::Immediate);
            let graph = graph(&mut service, InitialState::Running);
            let found = service.upgrade_graph(PROJECT, &graph, &version(target), false, start_of_time());
            assert_eq!(found.map(drop).map_err(|error| error.code), expected, "{target}");
        }
    }

    /// What a watcher sees, one quarter of an hour after the other.
    #[track_caller]
    fn check_course(what: &str, from: InitialState, expected: &str) {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, from);
        let job = call(&mut service, what, &graph, start_of_time()).unwrap();
        let seen: Vec<_> = (0..=4)
            .map(|quarter| {
                let now = after(HOUR / 4 * quarter);
                let state = state(&mut service, &graph, now).status();
                format!("{state} {}", status(&mut service, &graph, job, now).word())
            })
            .collect();
        assert_eq!(seen.join(", "), expected);
    }

    #[test]
    fn a_stop_takes_its_time() {
        let seen = "901 pending, 901 running, 901 running, 901 running, 900 success";
        check_course("stop", InitialState::Running, seen);
    }

    #[test]
    fn a_start_takes_its_time() {
        let seen = "100 pending, 100 running, 920 running, 920 running, 200 success";
        check_course("start", InitialState::Stopped, seen);
    }

    #[test]
    fn the_progress_is_shown_while_a_graph_is_prepared() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Stopped);
        call(&mut service, "start", &graph, start_of_time()).unwrap();
        for (minutes, expected) in [(0, Some(0)), (1, Some(1)), (29, Some(48)), (30, None), (60, None)] {
            let now = after(Duration::from_secs(60 * minutes));
            assert_eq!(service.show_graph(PROJECT, &graph, now).unwrap().progress, expected, "{minutes} minutes");
        }
    }

    #[test]
    fn an_upgrade_that_fails_is_rolled_back() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Running);
        let job = call(&mut service, "upgrade", &graph, start_of_time()).unwrap();
        service.fail_job(job);
        for (quarters, expected) in
            [(0, State::Upgrading), (1, State::Upgrading), (2, State::RollingBack), (4, State::Running)]
        {
            assert_eq!(state(&mut service, &graph, after(HOUR / 4 * quarters)), expected);
        }
        assert_eq!(status(&mut service, &graph, job, after(HOUR)), JobStatus::Failed);
        assert_eq!(service.show_graph(PROJECT, &graph, after(HOUR)).unwrap().graph.version, version("1.1.7"));
    }

    #[test]
    fn a_graph_that_failed_to_start_stays_stopped_for_seven_days_at_most() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Stopped);
        let week = HOUR * (7 * 24);
        let almost = after(week - HOUR / 2);
        let job = service.start_graph(PROJECT, &graph, None, almost).unwrap();
        service.fail_job(job);
        assert_eq!(state(&mut service, &graph, after(week + HOUR / 2)), State::Stopped);
        assert_eq!(state(&mut service, &graph, after(week * 2)), State::Stopped);
        assert_eq!(state(&mut service, &graph, after(week * 2 + HOUR / 2)), State::Preparing);
    }

    #[test]
    fn a_backup_that_fails_is_no_backup_to_start_from() {
        let mut service = service(Transitions::Immediate);
        let graph = graph(&mut service, InitialState::Running);
        let (job, backup) = service.create_backup(PROJECT, &graph, start_of_time()).unwrap();
        service.fail_job(job);
        service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
        let error = service.start_graph(PROJECT, &graph, Some(&backup.to_string()), start_of_time()).unwrap_err();
        assert_eq!(error.code, "GES.7040");
    }

    #[test]
    fn a_restart_stops_and_starts() {
        let seen = "901 pending, 901 running, 100 running, 920 running, 200 success";
        check_course("restart", InitialState::Exporting, seen);
    }

    #[test]
    fn an_upgrade_takes_its_time() {
        let seen = "201 pending, 201 running, 201 running, 201 running, 200 success";
        check_course("upgrade", InitialState::Running, seen);
    }

    #[test]
    fn a_graph_goes_on_while_it_is_backed_up() {
        let seen = "200 pending, 200 running, 200 running, 200 running, 200 success";
        check_course("backup", InitialState::Running, seen);
    }

    #[test]
    fn immediately_means_before_anyone_can_look() {
        let mut service = service(Transitions::Immediate);
        let graph = graph(&mut service, InitialState::Running);
        let job = service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
        assert_eq!(status(&mut service, &graph, job, start_of_time()), JobStatus::Success);
        assert_eq!(state(&mut service, &graph, start_of_time()), State::Stopped);
    }

    #[test]
    fn so_many_looks_find_a_job_unfinished() {
        for looks in 0..5 {
            let mut service = service(Transitions::Manual(looks));
            let graph = graph(&mut service, InitialState::Running);
            let job = service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
            for _ in 0..looks {
                let status = status(&mut service, &graph, job, start_of_time());
                assert!(matches!(status, JobStatus::Pending | JobStatus::Running), "{status:?}");
            }
            assert_eq!(status(&mut service, &graph, job, start_of_time()), JobStatus::Success);
        }
    }

    #[test]
    fn looking_at_the_graph_or_at_a_list_is_looking_at_the_job() {
        let page = Page { offset: 0, limit: 10 };
        let mut service = service(Transitions::Manual(3));
        let graph = graph(&mut service, InitialState::Running);
        service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
        assert_eq!(state(&mut service, &graph, start_of_time()), State::Stopping);
        service.list_graphs(PROJECT, page, start_of_time());
        service.list_jobs(PROJECT, |_, _| true, page, start_of_time());
        assert_eq!(state(&mut service, &graph, start_of_time()), State::Stopped);
    }

    #[test]
    fn a_stopped_graph_starts_by_itself_after_seven_days() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Running);
        service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
        // The seven days begin when the graph has stopped.
        let week = HOUR * (7 * 24);
        for (hours, expected) in [(0, State::Stopping), (1, State::Stopped)] {
            assert_eq!(state(&mut service, &graph, after(HOUR * hours)), expected);
        }
        let almost = after(week + HOUR - Duration::from_secs(1));
        assert_eq!(state(&mut service, &graph, almost), State::Stopped);
        assert_eq!(state(&mut service, &graph, after(week + HOUR)), State::Preparing);
        assert_eq!(state(&mut service, &graph, after(week + HOUR * 2)), State::Running);
    }

    #[test]
    fn a_graph_that_started_by_itself_was_running_from_then_on() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Stopped);
        // Nobody looks for a year.
        let seen = service.show_graph(PROJECT, &graph, after(HOUR * (365 * 24))).unwrap();
        assert_eq!(seen.state, State::Running);
        assert_eq!(seen.graph.updated, after(HOUR * (7 * 24 + 1)));
    }

    #[test]
    fn a_start_from_a_backup_brings_back_what_the_backup_holds() {
        let mut service = service(Transitions::Immediate);
        let graph = graph(&mut service, InitialState::Running);
        let now = start_of_time();
        let (_, backup) = service.create_backup(PROJECT, &graph, now).unwrap();
        service.upgrade_graph(PROJECT, &graph, &version("1.1.8"), false, now).unwrap();
        let running = |service: &mut Service| service.show_graph(PROJECT, &graph, now).unwrap().graph.version;
        assert_eq!(running(&mut service), version("1.1.8"));
        service.stop_graph(PROJECT, &graph, now).unwrap();
        service.start_graph(PROJECT, &graph, Some(&backup.to_string()), now).unwrap();
        assert_eq!(running(&mut service), version("1.1.7"));
    }

    #[test]
    fn a_graph_starts_from_successful_backups_of_its_own_only() {
        let mut service = service(SLOWLY);
        let now = start_of_time();
        let other = graph(&mut service, InitialState::Running);
        let of_other = service.create_backup(PROJECT, &other, now).unwrap().1.to_string();
        let graph = graph(&mut service, InitialState::Running);
        let failed = service.create_backup(PROJECT, &graph, now).unwrap().1.to_string();
        service.restart_graph(PROJECT, &graph, now).unwrap();
        service.stop_graph(PROJECT, &graph, after(HOUR)).unwrap();
        for (backup, code) in [("", "GES.7024"), (&*of_other, "GES.7024"), (&*failed, "GES.7040")] {
            let found = service.start_graph(PROJECT, &graph, Some(backup), after(HOUR * 2));
            assert_eq!(found.unwrap_err().code, code, "{backup}");
        }
    }

    #[test]
    fn a_graph_that_is_busy_from_the_beginning_is_so_for_an_hour() {
        for initial in
            [InitialState::Importing, InitialState::Exporting, InitialState::Clearing, InitialState::RollingBack]
        {
            let mut service = service(Transitions::Immediate);
            let graph = graph(&mut service, initial);
            assert_eq!(state(&mut service, &graph, after(HOUR - Duration::from_secs(1))), initial.state());
            assert_eq!(state(&mut service, &graph, after(HOUR)), State::Running);
        }
    }

    #[test]
    fn a_restart_fails_whatever_the_graph_was_doing() {
        for initial in [InitialState::Importing, InitialState::Exporting, InitialState::Clearing] {
            let mut service = service(Transitions::Immediate);
            let graph = graph(&mut service, initial);
            call(&mut service, "restart", &graph, start_of_time()).unwrap();
            let jobs = service.list_jobs(PROJECT, |_, _| true, Page { offset: 0, limit: 10 }, start_of_time());
            let seen: Vec<_> = jobs.page.iter().map(|seen| seen.job.status(seen.now)).collect();
            assert_eq!(seen, [JobStatus::Success, JobStatus::Failed], "{initial:?}");
        }
    }

    #[test]
    fn an_upgrade_waits_for_a_backup_under_way() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Running);
        let backup = call(&mut service, "backup", &graph, start_of_time()).unwrap();
        let upgrade = call(&mut service, "upgrade", &graph, after(HOUR / 2)).unwrap();
        for (halves, expected) in [
            (1, [JobStatus::Running, JobStatus::Pending]),
            (2, [JobStatus::Success, JobStatus::Pending]),
            (3, [JobStatus::Success, JobStatus::Running]),
            (4, [JobStatus::Success, JobStatus::Success]),
        ] {
            let now = after(HOUR / 2 * halves);
            let seen = [backup, upgrade].map(|job| status(&mut service, &graph, job, now));
            assert_eq!(seen, expected, "after {halves} half hours");
        }
    }

    #[test]
    fn a_forced_upgrade_interrupts_a_backup_under_way() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Running);
        let backup = call(&mut service, "backup", &graph, start_of_time()).unwrap();
        let upgrade = call(&mut service, "force upgrade", &graph, start_of_time()).unwrap();
        assert_eq!(status(&mut service, &graph, backup, start_of_time()), JobStatus::Failed);
        assert_eq!(status(&mut service, &graph, upgrade, after(HOUR)), JobStatus::Success);
    }

    #[test]
    fn a_graph_being_backed_up_can_neither_stop_nor_be_backed_up_again() {
        for what in ["stop", "backup"] {
            let mut service = service(SLOWLY);
            let graph = graph(&mut service, InitialState::Running);
            call(&mut service, "backup", &graph, start_of_time()).unwrap();
            let error = call(&mut service, what, &graph, start_of_time()).unwrap_err();
            assert_eq!(error.code, "GES.7002", "{what}");
        }
    }

    #[test]
    fn a_deleted_backup_is_gone() {
        let mut service = service(SLOWLY);
        let graph = graph(&mut service, InitialState::Running);
        let backup = service.create_backup(PROJECT, &graph, start_of_time()).unwrap().1.to_string();
        for (when, expected) in [(Duration::ZERO, Err("GES.7002")), (HOUR, Ok(())), (HOUR, Err("GES.7024"))] {
            let found = service.delete_backup(PROJECT, &graph, &backup, after(when));
            assert_eq!(found.map_err(|error| error.code), expected);
        }
    }

    #[test]
    fn there_is_an_end_to_backups() {
        let limits = Limits { backups: 1, ..Limits::default() };
        let mut service = Service::new(0, Transitions::Immediate, &limits);
        let graph = graph(&mut service, InitialState::Running);
        call(&mut service, "backup", &graph, start_of_time()).unwrap();
        assert_eq!(call(&mut service, "backup", &graph, start_of_time()).unwrap_err().code, "GES.7019");
    }

    #[test]
    fn old_jobs_are_forgotten() {
        let limits = Limits { jobs: 2, ..Limits::default() };
        let mut service = Service::new(0, Transitions::Immediate, &limits);
        let graph = graph(&mut service, InitialState::Running);
        let mut restart = |now| call(&mut service, "restart", &graph, now).unwrap();
        let jobs = [restart(start_of_time()), restart(start_of_time()), restart(after(HOUR))];
        let mut known = |now| jobs.map(|job| service.show_job(PROJECT, &graph, &job.to_string(), now).is_ok());
        assert_eq!(known(after(HOUR)), [false, true, true]);
        assert_eq!(known(after(HOUR * (30 * 24 + 1))), [false, false, true]);
    }

    #[test]
    fn lists_come_in_pages() {
        let mut service = service(Transitions::Immediate);
        let graphs: Vec<_> = (0..5).map(|_| graph(&mut service, InitialState::Running)).collect();
        let listed = service.list_graphs(PROJECT, Page { offset: 1, limit: 2 }, start_of_time());
        let names: Vec<_> = listed.page.iter().map(|seen| seen.graph.id.to_string()).collect();
        assert_eq!((listed.total, names.as_slice()), (5, &graphs[1..3]));
    }

    #[test]
    fn who_watches_sees_the_latest_backups_however_many_there_are() {
        let mut service = service(Transitions::Immediate);
        let graph = GraphId::parse(&graph(&mut service, InitialState::Running)).unwrap();
        let made: Vec<_> =
            (0..3).map(|_| service.add_finished_backup(graph, start_of_time()).map(|id| id.to_string())).collect();
        for (most, expected) in [(2, &[2, 1][..]), (3, &[2, 1, 0]), (4, &[2, 1, 0])] {
            let seen = service.overview("", Page { offset: 0, limit: 1 }, most, start_of_time()).backups;
            let ids: Vec<_> = seen.page.iter().map(|seen| Some(seen.backup.id.to_string())).collect();
            assert_eq!(ids, expected.iter().map(|&at| made[at].clone()).collect::<Vec<_>>(), "{most}");
            assert_eq!(seen.total, 3);
        }
    }
}
