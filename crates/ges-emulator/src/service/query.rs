//! The operations that show and list graphs, jobs and backups, and the overview for the page.

use crate::service::backup::Backup;
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::graph::{Graph, State};
use crate::service::id::{BackupId, JobId};
use crate::service::job::Job;
use crate::service::records::Service;
use std::cmp::Reverse;

/// A graph as a query finds it.
pub(crate) struct GraphView {
    pub(crate) graph: Graph,
    pub(crate) state: State,
    /// The progress of the preparation in percent, while there is one.
    pub(crate) progress: Option<u32>,
}

/// A job as a query finds it.
pub(crate) struct JobView {
    pub(crate) job: Job,
    pub(crate) graph_name: String,
    pub(crate) now: Timestamp,
}

/// A backup as a query finds it.
pub(crate) struct BackupView {
    pub(crate) backup: Backup,
    pub(crate) graph_name: String,
    pub(crate) graph_state: State,
}

/// The requested part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A part of a list, and the length of the whole list.
pub(crate) struct List<T> {
    pub(crate) total: usize,
    pub(crate) page: Vec<T>,
}

impl Page {
    fn of<T>(self, all: impl ExactSizeIterator<Item = T>) -> List<T> {
        List { total: all.len(), page: all.skip(self.offset).take(self.limit).collect() }
    }
}

impl<T> List<T> {
    fn empty() -> Self {
        Self { total: 0, page: Vec::new() }
    }

    fn filter_map<U>(self, map: impl FnMut(T) -> Option<U>) -> List<U> {
        List { total: self.total, page: self.page.into_iter().filter_map(map).collect() }
    }
}

/// The queries of the API. With [`Transitions::Manual`](crate::service::transitions::Transitions::Manual) a query
/// advances a job.
impl Service {
    pub(crate) fn show_graph(&mut self, project: &str, graph: &str, now: Timestamp) -> Result<GraphView, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        Ok(self.query_graph(at, now))
    }

    pub(crate) fn list_graphs(&mut self, project: &str, page: Page, now: Timestamp) -> List<GraphView> {
        self.catch_up(now);
        let Some(project) = self.index.project(project) else { return List::empty() };
        page.of(project.graphs.iter().copied()).filter_map(|at| Some(self.query_graph(at, now)))
    }

    pub(crate) fn show_job(
        &mut self,
        project: &str,
        graph: &str,
        job: &str,
        now: Timestamp,
    ) -> Result<JobView, ServiceError> {
        let unknown = || ServiceError::job_unknown(job);
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        let id = JobId::parse(job).ok_or_else(unknown)?;
        let known = self.job(id).ok_or_else(unknown)?;
        if known.graph != self.graphs()[at].id {
            return Err(unknown());
        }
        self.query_job(id, now).ok_or_else(unknown)
    }

    /// All jobs, the latest first.
    pub(crate) fn list_all_jobs(&mut self, project: &str, page: Page, now: Timestamp) -> List<JobView> {
        self.catch_up(now);
        let Some(project) = self.index.project(project) else { return List::empty() };
        page.of(project.jobs.iter().rev().copied()).filter_map(|id| self.query_job(id, now))
    }

    /// Jobs for which `wanted` holds, the latest first.
    pub(crate) fn list_jobs(
        &mut self,
        project: &str,
        wanted: impl Fn(&Job, &Graph) -> bool,
        page: Page,
        now: Timestamp,
    ) -> List<JobView> {
        self.catch_up(now);
        let Some(project) = self.index.project(project) else { return List::empty() };
        let jobs = project.jobs.iter().rev().filter_map(|&id| self.job(id));
        let with_graphs = jobs.filter_map(|job| Some((job, &self.graphs()[self.index.graph(job.graph)?])));
        let found: Vec<_> = with_graphs.filter(|(job, graph)| wanted(job, graph)).map(|(job, _)| job.id).collect();
        page.of(found.into_iter()).filter_map(|id| self.query_job(id, now))
    }

    pub(crate) fn list_graph_backups(
        &mut self,
        project: &str,
        graph: &str,
        page: Page,
        now: Timestamp,
    ) -> Result<List<BackupView>, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        Ok(self.list(self.index.backups(at), page, now))
    }

    pub(crate) fn list_backups(&mut self, project: &str, page: Page, now: Timestamp) -> List<BackupView> {
        self.catch_up(now);
        self.list(self.index.project(project).map_or(&[], |project| &project.backups), page, now)
    }

    fn list(&self, backups: &[(u64, BackupId)], page: Page, now: Timestamp) -> List<BackupView> {
        page.of(backups.iter()).filter_map(|&(_, id)| self.backup_view(self.backup(id)?, now))
    }

    fn query_graph(&mut self, at: usize, now: Timestamp) -> GraphView {
        let view = self.graph_view(at, now);
        for job in self.unfinished_jobs(at) {
            self.count_query(job, now);
        }
        view
    }

    fn query_job(&mut self, id: JobId, now: Timestamp) -> Option<JobView> {
        let view = self.job_view(self.job(id)?, now)?;
        self.count_query(id, now);
        Some(view)
    }

    /// Changes nothing if the job does not count queries.
    fn count_query(&mut self, id: JobId, now: Timestamp) {
        if self.job(id).is_some_and(Job::counts_queries)
            && let Some(job) = self.job_mut(id)
        {
            job.count_query(now);
            let graph = job.graph;
            self.index.graph(graph).into_iter().for_each(|at| self.schedule(at));
        }
    }
}

/// What the page shows.
pub(crate) struct Overview {
    pub(crate) graphs_made: usize,
    pub(crate) graphs: List<GraphView>,
    pub(crate) jobs: List<JobView>,
    pub(crate) backups: List<BackupView>,
}

/// The overview, which is not a query: it advances no job.
impl Service {
    /// The graphs with this text in their name or identifier, and at most `limit` jobs and backups. The latest first,
    /// from all projects.
    pub(crate) fn overview(&mut self, wanted: &str, page: Page, limit: usize, now: Timestamp) -> Overview {
        self.catch_up(now);
        Overview {
            graphs_made: self.graphs().len(),
            graphs: self.latest_graphs(wanted, page, now),
            jobs: self.latest_jobs(limit, now),
            backups: self.latest_backups(limit, now),
        }
    }

    fn latest_graphs(&self, wanted: &str, page: Page, now: Timestamp) -> List<GraphView> {
        let latest_first = (0..self.graphs().len()).rev();
        let found = if wanted.is_empty() {
            page.of(latest_first)
        } else {
            let is_wanted = |graph: &Graph| graph.name.contains(wanted) || graph.id.to_string().contains(wanted);
            let found: Vec<_> = latest_first.filter(|&at| is_wanted(&self.graphs()[at])).collect();
            page.of(found.into_iter())
        };
        found.filter_map(|at| Some(self.graph_view(at, now)))
    }

    fn latest_jobs(&self, limit: usize, now: Timestamp) -> List<JobView> {
        Page { offset: 0, limit }.of(self.jobs().iter().rev()).filter_map(|job| self.job_view(job, now))
    }

    fn latest_backups(&self, limit: usize, now: Timestamp) -> List<BackupView> {
        let mut latest: Vec<&Backup> = self.backups().values().collect();
        let total = latest.len();
        let later = |backup: &&Backup| Reverse(backup.number);
        if total > limit {
            latest.select_nth_unstable_by_key(limit, later);
            latest.truncate(limit);
        }
        latest.sort_unstable_by_key(later);
        List { total, page: latest }.filter_map(|backup| self.backup_view(backup, now))
    }

    fn graph_view(&self, at: usize, now: Timestamp) -> GraphView {
        let (graph, state) = (self.graphs()[at].clone(), self.state(at, now));
        let job = graph.job.filter(|_| state == State::Preparing).and_then(|job| self.job(job));
        GraphView { progress: job.map(|job| job.percentage(now)), graph, state }
    }

    /// There is no job without its graph.
    fn job_view(&self, job: &Job, now: Timestamp) -> Option<JobView> {
        let graph_name = self.graphs()[self.index.graph(job.graph)?].name.clone();
        Some(JobView { job: job.clone(), graph_name, now })
    }

    /// There is no backup without its graph.
    fn backup_view(&self, backup: &Backup, now: Timestamp) -> Option<BackupView> {
        let at = self.index.graph(backup.graph)?;
        let (graph_name, graph_state) = (self.graphs()[at].name.clone(), self.state(at, now));
        Some(BackupView { backup: backup.clone(), graph_name, graph_state })
    }
}
