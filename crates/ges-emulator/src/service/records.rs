//! The records of one emulated service: graphs, backups and jobs, and which of them changed.
//!
//! Plain values in, plain values out: nothing in this folder opens a socket, reads a clock or draws random numbers.
//! Every operation gets the time, and first applies all events that are due.

use crate::limits::Limits;
use crate::service::backup::Backup;
use crate::service::clock::Timestamp;
use crate::service::graph::{Graph, State};
use crate::service::id::{BackupId, GraphId, Ids, JobId};
use crate::service::index::Index;
use crate::service::job::Job;
use crate::service::state::ServiceState;
use crate::service::transitions::Transitions;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// One emulated service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(super) ids: Ids,
    pub(super) transitions: Transitions,
    pub(super) max_jobs: usize,
    pub(super) max_backups: usize,
    /// In the order of creation. None is ever removed, so a position stays valid.
    graphs: Vec<Graph>,
    backups: HashMap<BackupId, Backup>,
    backups_made: u64,
    /// Ascending by identifier, which for the jobs of one emulator is by age.
    jobs: VecDeque<Job>,
    pub(super) index: Index,
    changes: Changes,
}

#[derive(Clone, Debug, Default)]
struct Changes {
    /// Greater after every change of a record.
    revision: u64,
    /// The records that changed since they were last taken; `None` while they are not tracked.
    records: Option<BTreeSet<RecordKey>>,
}

impl Changes {
    fn note(&mut self, record: RecordKey) {
        self.revision += 1;
        if let Some(records) = &mut self.records {
            records.insert(record);
        }
    }
}

/// Names a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RecordKey {
    /// A graph, by its position.
    Graph(usize),
    Backup(BackupId),
    Job(JobId),
}

impl Service {
    pub(crate) fn new(seed: u64, transitions: Transitions, limits: &Limits) -> Self {
        Self {
            ids: Ids::new(seed),
            transitions,
            max_jobs: limits.jobs,
            max_backups: limits.backups,
            graphs: Vec::new(),
            backups: HashMap::new(),
            backups_made: 0,
            jobs: VecDeque::new(),
            index: Index::default(),
            changes: Changes::default(),
        }
    }

    /// The service whose [state](Self::to_state) this is; it is known to be without [problems](ServiceState::problems).
    pub(crate) fn from_state(state: ServiceState, transitions: Transitions, limits: &Limits) -> Self {
        let ServiceState { ids, backups_made, graphs, backups, mut jobs } = state;
        jobs.sort_unstable_by_key(|job| job.id);
        let mut service = Self {
            ids,
            graphs,
            backups: backups.into_iter().map(|backup| (backup.id, backup)).collect(),
            backups_made,
            jobs: jobs.into(),
            ..Self::new(0, transitions, limits)
        };
        service.index = service.new_index();
        (0..service.graphs.len()).for_each(|at| service.schedule(at));
        service
    }

    fn new_index(&self) -> Index {
        let mut index = Index::default();
        for graph in &self.graphs {
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
        for job in &self.jobs {
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
            graphs: self.graphs.clone(),
            backups,
            jobs: self.jobs.iter().cloned().collect(),
        }
    }
}

/// Reading records.
impl Service {
    pub(crate) fn ids(&self) -> &Ids {
        &self.ids
    }

    pub(crate) fn backups_made(&self) -> u64 {
        self.backups_made
    }

    pub(crate) fn graphs(&self) -> &[Graph] {
        &self.graphs
    }

    pub(super) fn backups(&self) -> &HashMap<BackupId, Backup> {
        &self.backups
    }

    pub(super) fn jobs(&self) -> &VecDeque<Job> {
        &self.jobs
    }

    pub(crate) fn backup(&self, id: BackupId) -> Option<&Backup> {
        self.backups.get(&id)
    }

    pub(crate) fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(self.job_position(id)?)
    }

    fn job_position(&self, id: JobId) -> Option<usize> {
        // Most of the time it is the latest job, or the oldest, which is to be removed.
        let last = self.jobs.len().checked_sub(1)?;
        let likely = [last, 0].into_iter().find(|&position| self.jobs[position].id == id);
        likely.or_else(|| self.jobs.binary_search_by_key(&id, |job| job.id).ok())
    }

    /// The position of a graph of this project, after all due events.
    pub(super) fn find(&mut self, project: &str, graph: &str, now: Timestamp) -> Option<usize> {
        self.catch_up(now);
        let at = self.index.graph(GraphId::parse(graph)?)?;
        (self.graphs[at].project == project).then_some(at)
    }

    pub(super) fn state(&self, at: usize, now: Timestamp) -> State {
        let graph = &self.graphs[at];
        graph.state(graph.job.and_then(|job| self.job(job)), now)
    }

    /// The jobs of a graph that have not ended.
    pub(super) fn unfinished_jobs(&self, at: usize) -> impl Iterator<Item = JobId> + use<> {
        let graph = &self.graphs[at];
        [graph.backup_job, graph.job].into_iter().flatten()
    }
}

/// Changing records. There is no other way, so no change is missed.
impl Service {
    pub(super) fn graph_mut(&mut self, at: usize) -> &mut Graph {
        self.changes.note(RecordKey::Graph(at));
        &mut self.graphs[at]
    }

    pub(super) fn backup_mut(&mut self, id: BackupId) -> Option<&mut Backup> {
        let backup = self.backups.get_mut(&id)?;
        self.changes.note(RecordKey::Backup(id));
        Some(backup)
    }

    pub(super) fn job_mut(&mut self, id: JobId) -> Option<&mut Job> {
        let at = self.job_position(id)?;
        self.changes.note(RecordKey::Job(id));
        self.jobs.get_mut(at)
    }

    /// The position of the new graph.
    pub(super) fn insert_graph(&mut self, graph: Graph) -> usize {
        let at = self.graphs.len();
        self.changes.note(RecordKey::Graph(at));
        self.index.add_graph(graph.id, &graph.project);
        self.graphs.push(graph);
        self.schedule(at);
        at
    }

    /// `make` gets the number of backups that were ever made, including this one.
    pub(super) fn insert_backup(&mut self, at: usize, make: impl FnOnce(BackupId, u64, &Graph) -> Backup) -> BackupId {
        let id = self.ids.backup();
        self.changes.note(RecordKey::Backup(id));
        self.backups_made += 1;
        self.backups.insert(id, make(id, self.backups_made, &self.graphs[at]));
        self.index.add_backup(id, self.backups_made, at);
        id
    }

    pub(super) fn insert_job(&mut self, at: usize, job: Job) {
        self.changes.note(RecordKey::Job(job.id));
        self.index.add_job(job.id, at);
        match self.jobs.back() {
            // Only a snapshot can have identifiers that are greater than new ones.
            Some(last) if last.id > job.id => {
                let position = self.jobs.partition_point(|before| before.id < job.id);
                self.jobs.insert(position, job);
            }
            _ => self.jobs.push_back(job),
        }
    }

    pub(super) fn remove_backup(&mut self, at: usize, id: BackupId) {
        self.changes.note(RecordKey::Backup(id));
        if let Some(backup) = self.backups.remove(&id) {
            self.index.remove_backup(backup.number, at);
        }
    }

    /// Removes the job that ended first, and returns whether there was one. Unfinished jobs are never removed.
    pub(super) fn remove_first_ended_job(&mut self) -> bool {
        let Some((id, _)) = self.index.first_ended() else { return false };
        self.changes.note(RecordKey::Job(id));
        let job = self.job_position(id).and_then(|position| self.jobs.remove(position));
        if let Some(at) = job.and_then(|job| self.index.graph(job.graph)) {
            self.index.remove_job(id, at);
        }
        true
    }

    /// Greater after every change of a record.
    pub(crate) fn revision(&self) -> u64 {
        self.changes.revision
    }

    /// The records that changed or were removed since the last call. From now on they are tracked.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<RecordKey> {
        self.changes.records.replace(BTreeSet::new()).unwrap_or_default()
    }
}

/// Compares the records; the index follows from them.
impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        let held = |service: &Self| (service.ids.clone(), service.transitions, service.backups_made);
        held(self) == held(other)
            && self.graphs == other.graphs
            && self.backups == other.backups
            && self.jobs == other.jobs
    }
}
