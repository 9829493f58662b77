//! What is found without looking at everything?
//!
//! Nothing here is part of what a service holds: all of it follows from the records, and is there so that no call takes
//! longer because there are many graphs.

use crate::service::clock::Timestamp;
use crate::service::id::{BackupId, GraphId, JobId};
use crate::service::sequence::Sequence;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// The records of a service by what they are asked for. Graphs go by their number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    graphs: HashMap<GraphId, usize>,
    names: HashMap<String, usize>,
    projects: Vec<Project>,
    /// By graph.
    backups: Vec<Sequence<u64, BackupId>>,
    /// When something happens to a graph next, if nobody calls before.
    agenda: BTreeSet<(Timestamp, usize)>,
    /// By graph.
    scheduled: Vec<Option<Timestamp>>,
    project_of: Vec<usize>,
    /// In the order in which they ended, and when that was.
    ended: VecDeque<(JobId, Timestamp)>,
}

/// What belongs to one project.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    /// The oldest first.
    pub(crate) graphs: Vec<usize>,
    /// The oldest first.
    pub(crate) jobs: Sequence<JobId, ()>,
    /// By number, the oldest first.
    pub(crate) backups: Sequence<u64, BackupId>,
}

impl Index {
    pub(crate) fn graph(&self, id: GraphId) -> Option<usize> {
        self.graphs.get(&id).copied()
    }

    pub(crate) fn project(&self, name: &str) -> Option<&Project> {
        self.names.get(name).map(|&at| &self.projects[at])
    }

    /// The backups of a graph by number, the oldest first.
    pub(crate) fn backups(&self, graph: usize) -> &Sequence<u64, BackupId> {
        &self.backups[graph]
    }

    /// The graph to which something should have happened first, if anything should have happened by now.
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
                self.projects.push(Project { graphs: Vec::new(), jobs: Sequence::new(), backups: Sequence::new() });
                self.projects.len() - 1
            }
        };
        self.graphs.insert(id, graph);
        self.scheduled.push(None);
        self.backups.push(Sequence::new());
        self.project_of.push(project);
        self.projects[project].graphs.push(graph);
    }

    pub(crate) fn add_backup(&mut self, id: BackupId, number: u64, graph: usize) {
        self.backups[graph].insert(number, id);
        self.projects[self.project_of[graph]].backups.insert(number, id);
    }

    pub(crate) fn remove_backup(&mut self, number: u64, graph: usize) {
        self.backups[graph].remove(&number);
        self.projects[self.project_of[graph]].backups.remove(&number);
    }

    pub(crate) fn add_job(&mut self, id: JobId, graph: usize) {
        self.projects[self.project_of[graph]].jobs.insert(id, ());
    }

    pub(crate) fn end_job(&mut self, id: JobId, when: Timestamp) {
        self.ended.push_back((id, when));
    }

    /// Removes the job that ended first.
    pub(crate) fn remove_job(&mut self, id: JobId, graph: usize) {
        self.ended.pop_front();
        self.projects[self.project_of[graph]].jobs.remove(&id);
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

/// Two services that hold the same are the same.
impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
