//! The state of a service as plain values, and the check that its records are consistent.
//!
//! A file or a snapshot may have been edited by hand. Everything that the service relies on is checked before it becomes a
//! service.

use crate::service::backup::{Backup, BackupStatus};
use crate::service::graph::{BaseState, Graph};
use crate::service::id::{BackupId, GraphId, Ids, JobId};
use crate::service::job::{Job, Progress, Task};
use std::collections::BTreeMap;

/// All records of a service, as plain values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServiceState {
    pub(crate) ids: Ids,
    /// How many backups there ever were.
    pub(crate) backups_made: u64,
    /// In the order of creation.
    pub(crate) graphs: Vec<Graph>,
    pub(crate) backups: Vec<Backup>,
    pub(crate) jobs: Vec<Job>,
}

impl ServiceState {
    /// Descriptions of all inconsistencies.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut found = Problems(Vec::new());
        let graphs = found.by_id("graph", self.graphs.iter().map(|graph| (graph.id, graph)));
        let backups = found.by_id("backup", self.backups.iter().map(|backup| (backup.id, backup)));
        let jobs = found.by_id("job", self.jobs.iter().map(|job| (job.id, job)));
        found.by_id("backup number", self.backups.iter().map(|backup| (backup.number, backup)));
        found.check_ids(self);
        for graph in &self.graphs {
            found.check_graph(graph, &jobs);
        }
        for job in &self.jobs {
            found.check_job(job, &graphs, &backups);
        }
        for backup in &self.backups {
            found.check_backup(backup, self, &graphs, &jobs);
        }
        found.0
    }
}

type ById<'a, Id, Record> = BTreeMap<Id, &'a Record>;

struct Problems(Vec<String>);

impl Problems {
    fn require(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.0.push(problem());
        }
    }

    fn by_id<'a, Id, Record>(
        &mut self,
        what: &str,
        records: impl Iterator<Item = (Id, &'a Record)>,
    ) -> ById<'a, Id, Record>
    where
        Id: Copy + Ord + ToString,
    {
        let mut all = BTreeMap::new();
        for (id, record) in records {
            let twice = all.insert(id, record).is_some();
            self.require(!twice, || format!("{what} {} occurs twice", id.to_string()));
        }
        all
    }

    /// An identifier that is reserved for a later record would belong to two records.
    fn check_ids(&mut self, state: &ServiceState) {
        let ServiceState { ids, graphs, backups, jobs, .. } = state;
        self.require(ids.can_go_on(), || "`issued` exceeds the number of identifiers".to_owned());
        for graph in graphs.iter().filter(|graph| ids.will_issue_graph(graph.id)) {
            self.0.push(format!("graph {} has an identifier that is reserved for a later one", graph.id));
        }
        for backup in backups.iter().filter(|backup| ids.will_issue_backup(backup.id)) {
            self.0.push(format!("backup {} has an identifier that is reserved for a later one", backup.id));
        }
        for job in jobs.iter().filter(|job| ids.will_issue_job(job.id)) {
            self.0.push(format!("job {} has an identifier that is reserved for a later one", job.id));
        }
    }

    fn check_graph(&mut self, graph: &Graph, jobs: &ById<'_, JobId, Job>) {
        let id = graph.id;
        let own = |job: JobId| jobs.get(&job).filter(|job| job.graph == id && !job.has_ended());
        if let Some(job) = graph.job {
            let fits = own(job).is_some_and(|job| match job.task {
                Task::Start { .. } => matches!(graph.base_state, BaseState::Stopped { .. }),
                Task::BackUp { .. } => false,
                _ => graph.base_state == BaseState::Running,
            });
            self.require(fits, || format!("graph {id} cannot be changed by job {job}"));
        }
        if let Some(job) = graph.backup_job {
            let fits = own(job).is_some_and(|job| matches!(job.task, Task::BackUp { .. }));
            self.require(fits && graph.base_state == BaseState::Running, || {
                format!("graph {id} cannot be backed up by job {job}")
            });
        }
    }

    fn check_job(&mut self, job: &Job, graphs: &ById<'_, GraphId, Graph>, backups: &ById<'_, BackupId, Backup>) {
        let id = job.id;
        if let Progress::Time { from, until } = job.progress {
            self.require(from <= until, || format!("job {id} ends before it begins"));
        }
        let Some(graph) = graphs.get(&job.graph) else {
            return self.0.push(format!("job {id} belongs to graph {}, which does not exist", job.graph));
        };
        if job.has_ended() {
            return;
        }
        let busy_with = match job.task {
            Task::BackUp { .. } => graph.backup_job,
            _ => graph.job,
        };
        self.require(busy_with == Some(id), || {
            format!("job {id} has not ended, but graph {} does not name it", graph.id)
        });
        if let Task::BackUp { backup } = job.task {
            let under_way = backups.get(&backup).is_some_and(|backup| backup.status == BackupStatus::BackingUp);
            self.require(under_way, || format!("job {id} makes backup {backup}, which is not in progress"));
        }
        if job.is_waiting() {
            let may_wait = matches!(job.task, Task::Upgrade { .. }) && graph.backup_job.is_some();
            self.require(may_wait, || format!("job {id} waits for nothing"));
        }
    }

    fn check_backup(
        &mut self,
        backup: &Backup,
        state: &ServiceState,
        graphs: &ById<'_, GraphId, Graph>,
        jobs: &ById<'_, JobId, Job>,
    ) {
        let id = backup.id;
        self.require((1..=state.backups_made).contains(&backup.number), || {
            format!("backup {id} is number {} of {}", backup.number, state.backups_made)
        });
        let Some(graph) = graphs.get(&backup.graph) else {
            return self.0.push(format!("backup {id} belongs to graph {}, which does not exist", backup.graph));
        };
        if backup.status == BackupStatus::BackingUp {
            let job = graph.backup_job.and_then(|job| jobs.get(&job));
            let made = job.is_some_and(|job| job.task == Task::BackUp { backup: id });
            self.require(made, || format!("backup {id} is in progress, but no job makes it"));
        }
    }
}
