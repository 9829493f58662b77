//! Indexes the records, so that the time of a call does not depend on the number of graphs.
//!
//! The index follows from the records.

use crate::service::clock::Timestamp;
use crate::service::id::{BackupId, GraphId, JobId};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Graphs are known by their position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    graphs: HashMap<GraphId, usize>,
    names: HashMap<String, usize>,
    projects: Vec<Project>,
    /// By graph.
    backups: Vec<Backups>,
    /// The time of the next event of each graph.
    agenda: BTreeSet<(Timestamp, usize)>,
    /// By graph.
    scheduled: Vec<Option<Timestamp>>,
    project_of: Vec<usize>,
    /// In the order in which they ended, and when that was.
    ended: VecDeque<(JobId, Timestamp)>,
}

/// Backups by number, the oldest first.
type Backups = Vec<(u64, BackupId)>;

/// What belongs to one project.
#[derive(Clone, Debug, Default)]
pub(crate) struct Project {
    /// The oldest first.
    pub(crate) graphs: Vec<usize>,
    /// Ascending by identifier, the oldest first.
    pub(crate) jobs: VecDeque<JobId>,
    pub(crate) backups: Backups,
}

impl Index {
    pub(crate) fn graph(&self, id: GraphId) -> Option<usize> {
        self.graphs.get(&id).copied()
    }

    pub(crate) fn project(&self, name: &str) -> Option<&Project> {
        self.names.get(name).map(|&at| &self.projects[at])
    }

    /// The backups of a graph by number, the oldest first.
    pub(crate) fn backups(&self, graph: usize) -> &[(u64, BackupId)] {
        &self.backups[graph]
    }

    /// The graph whose event is due first, if any is due.
    pub(crate) fn first_due(&self, now: Timestamp) -> Option<usize> {
        self.agenda.first().filter(|&&(when, _)| when <= now).map(|&(_, graph)| graph)
    }

    /// The job that ended first, and when.
    pub(crate) fn first_ended(&self) -> Option<(JobId, Timestamp)> {
        self.ended.front().copied()
    }

    /// Graphs come in the order of their numbers.
    pub(crate) fn add_graph(&mut self, id: GraphId, project: &str) {
        let graph = self.scheduled.len();
        let project = match self.names.get(project) {
            Some(&project) => project,
            None => {
                self.names.insert(project.to_owned(), self.projects.len());
                self.projects.push(Project::default());
                self.projects.len() - 1
            }
        };
        self.graphs.insert(id, graph);
        self.scheduled.push(None);
        self.backups.push(Vec::new());
        self.project_of.push(project);
        self.projects[project].graphs.push(graph);
    }

    /// Backups come in the order of their numbers.
    pub(crate) fn add_backup(&mut self, id: BackupId, number: u64, graph: usize) {
        self.backups[graph].push((number, id));
        self.projects[self.project_of[graph]].backups.push((number, id));
    }

    pub(crate) fn remove_backup(&mut self, number: u64, graph: usize) {
        for backups in [&mut self.backups[graph], &mut self.projects[self.project_of[graph]].backups] {
            if let Ok(at) = backups.binary_search_by_key(&number, |&(number, _)| number) {
                backups.remove(at);
            }
        }
    }

    pub(crate) fn add_job(&mut self, id: JobId, graph: usize) {
        let jobs = &mut self.projects[self.project_of[graph]].jobs;
        match jobs.back() {
            Some(&last) if last > id => jobs.insert(jobs.partition_point(|&before| before < id), id),
            _ => jobs.push_back(id),
        }
    }

    pub(crate) fn end_job(&mut self, id: JobId, when: Timestamp) {
        self.ended.push_back((id, when));
    }

    /// Removes the job that ended first.
    pub(crate) fn remove_job(&mut self, id: JobId, graph: usize) {
        self.ended.pop_front();
        let jobs = &mut self.projects[self.project_of[graph]].jobs;
        if jobs.front() == Some(&id) {
            jobs.pop_front();
        } else if let Ok(at) = jobs.binary_search(&id) {
            jobs.remove(at);
        }
    }

    pub(crate) fn schedule(&mut self, graph: usize, when: Option<Timestamp>) {
        let Some(scheduled) = self.scheduled.get_mut(graph) else { return };
        if *scheduled == when {
            return;
        }
        if let Some(before) = std::mem::replace(scheduled, when) {
            self.agenda.remove(&(before, graph));
        }
        self.agenda.extend(when.map(|when| (when, graph)));
    }
}
