//! What does somebody see who looks at the service, or watches it?

use crate::service::backup::Backup;
use crate::service::clock::Timestamp;
use crate::service::error::ServiceError;
use crate::service::graph::{Graph, State};
use crate::service::id::{BackupId, JobId};
use crate::service::job::Job;
use crate::service::records::Service;
use std::cmp::Reverse;

/// A graph as one look finds it.
pub(crate) struct GraphView {
    pub(crate) graph: Graph,
    pub(crate) state: State,
    /// How far it is prepared, in percent, while it is.
    pub(crate) progress: Option<u32>,
}

/// A job as one look finds it.
pub(crate) struct JobView {
    pub(crate) job: Job,
    pub(crate) graph_name: String,
    pub(crate) now: Timestamp,
}

/// A backup as one look finds it.
pub(crate) struct BackupView {
    pub(crate) backup: Backup,
    pub(crate) graph_name: String,
    pub(crate) graph_state: State,
}

/// The part of a list that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A part of a list, and how long the whole list is.
pub(crate) struct List<T> {
    pub(crate) total: usize,
    pub(crate) page: Vec<T>,
}

impl<T> List<T> {
    fn none() -> Self {
        Self { total: 0, page: Vec::new() }
    }
}

impl Page {
    /// `after` gives what follows the first so many.
    fn of<T, I: Iterator<Item = T>>(self, total: usize, after: impl FnOnce(usize) -> I) -> List<T> {
        List { total, page: after(self.offset).take(self.limit).collect() }
    }
}

/// The operations that look. A look may bring a job nearer to its end, see [`Transitions::Manual`](crate::service::transitions::Transitions::Manual).
impl Service {
    pub(crate) fn show_graph(&mut self, project: &str, graph: &str, now: Timestamp) -> Result<GraphView, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        Ok(self.look_at_graph(at, now))
    }

    pub(crate) fn list_graphs(&mut self, project: &str, page: Page, now: Timestamp) -> List<GraphView> {
        self.catch_up(now);
        let graphs = self.index.project(project).map_or(&[][..], |project| &project.graphs);
        let List { total, page } = page.of(graphs.len(), |offset| graphs.iter().copied().skip(offset));
        List { total, page: page.into_iter().map(|at| self.look_at_graph(at, now)).collect() }
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
        let known = self.jobs.get(&id).ok_or_else(unknown)?;
        if known.graph != self.graphs[at].id {
            return Err(unknown());
        }
        self.look_at_job(id, now).ok_or_else(unknown)
    }

    /// All jobs, the latest first.
    pub(crate) fn list_all_jobs(&mut self, project: &str, page: Page, now: Timestamp) -> List<JobView> {
        self.catch_up(now);
        let Some(jobs) = self.index.project(project).map(|project| &project.jobs) else { return List::none() };
        let List { total, page } = page.of(jobs.len(), |offset| jobs.before(offset).map(|(&id, ())| id));
        List { total, page: page.into_iter().filter_map(|id| self.look_at_job(id, now)).collect() }
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
        let Some(jobs) = self.index.project(project).map(|project| &project.jobs) else { return List::none() };
        let jobs = jobs.before(0).filter_map(|(id, ())| self.jobs.get(id));
        let with_graphs = jobs.filter_map(|job| Some((job, &self.graphs[self.index.graph(job.graph)?])));
        let found: Vec<_> = with_graphs.filter(|(job, graph)| wanted(job, graph)).map(|(job, _)| job.id).collect();
        let List { total, page } = page.of(found.len(), |offset| found.into_iter().skip(offset));
        List { total, page: page.into_iter().filter_map(|id| self.look_at_job(id, now)).collect() }
    }

    pub(crate) fn list_graph_backups(
        &mut self,
        project: &str,
        graph: &str,
        page: Page,
        now: Timestamp,
    ) -> Result<List<BackupView>, ServiceError> {
        let at = self.find(project, graph, now).ok_or_else(ServiceError::graph_unknown)?;
        let backups = self.index.backups(at);
        let listed = page.of(backups.len(), |offset| backups.after(offset).map(|(_, &id)| id));
        Ok(self.see_backups(listed, now))
    }

    pub(crate) fn list_backups(&mut self, project: &str, page: Page, now: Timestamp) -> List<BackupView> {
        self.catch_up(now);
        let Some(backups) = self.index.project(project).map(|project| &project.backups) else { return List::none() };
        let listed = page.of(backups.len(), |offset| backups.after(offset).map(|(_, &id)| id));
        self.see_backups(listed, now)
    }

    fn look_at_graph(&mut self, at: usize, now: Timestamp) -> GraphView {
        let seen = self.seen(at, now);
        for job in self.unfinished_jobs(at) {
            self.note_look(job, now);
        }
        seen
    }

    fn look_at_job(&mut self, id: JobId, now: Timestamp) -> Option<JobView> {
        let seen = self.seen_job(self.jobs.get(&id)?, now)?;
        self.note_look(id, now);
        Some(seen)
    }

    /// A look that nobody counts changes nothing.
    fn note_look(&mut self, id: JobId, now: Timestamp) {
        if self.jobs.get(&id).is_some_and(Job::counts_looks)
            && let Some(job) = self.jobs.get_mut(&id)
        {
            job.was_seen(now);
            let graph = job.graph;
            self.index.graph(graph).into_iter().for_each(|at| self.schedule(at));
        }
    }

    fn see_backups(&self, List { total, page }: List<BackupId>, now: Timestamp) -> List<BackupView> {
        let seen = page.into_iter().filter_map(|id| self.seen_backup(self.backups.get(&id)?, now));
        List { total, page: seen.collect() }
    }
}

/// How things are, for whoever watches.
pub(crate) struct Overview {
    pub(crate) graphs_made: usize,
    pub(crate) graphs: List<GraphView>,
    pub(crate) jobs: List<JobView>,
    pub(crate) backups: List<BackupView>,
}

/// Watching, which is no look: no job comes nearer to its end by it.
impl Service {
    /// The graphs that have this in their name or identifier, and of jobs and backups at `most`
    /// as many; of all the latest first, whatever project they belong to.
    pub(crate) fn overview(&mut self, wanted: &str, page: Page, most: usize, now: Timestamp) -> Overview {
        self.catch_up(now);
        Overview {
            graphs_made: self.graphs.len(),
            graphs: self.watch_graphs(wanted, page, now),
            jobs: self.watch_jobs(most, now),
            backups: self.watch_backups(most, now),
        }
    }

    fn watch_graphs(&self, wanted: &str, page: Page, now: Timestamp) -> List<GraphView> {
        let latest_first = (0..self.graphs.len()).rev();
        let List { total, page } = if wanted.is_empty() {
            page.of(self.graphs.len(), |offset| latest_first.skip(offset))
        } else {
            let is_wanted = |graph: &Graph| graph.name.contains(wanted) || graph.id.to_string().contains(wanted);
            let found: Vec<_> = latest_first.filter(|&at| is_wanted(&self.graphs[at])).collect();
            page.of(found.len(), |offset| found.into_iter().skip(offset))
        };
        List { total, page: page.into_iter().map(|at| self.seen(at, now)).collect() }
    }

    fn watch_jobs(&self, most: usize, now: Timestamp) -> List<JobView> {
        let latest = self.jobs.values().rev().take(most);
        List { total: self.jobs.len(), page: latest.filter_map(|job| self.seen_job(job, now)).collect() }
    }

    fn watch_backups(&self, most: usize, now: Timestamp) -> List<BackupView> {
        let mut latest: Vec<&Backup> = self.backups.values().collect();
        let later = |backup: &&Backup| Reverse(backup.number);
        if latest.len() > most {
            latest.select_nth_unstable_by_key(most, later);
            latest.truncate(most);
        }
        latest.sort_unstable_by_key(later);
        let page = latest.into_iter().filter_map(|backup| self.seen_backup(backup, now)).collect();
        List { total: self.backups.len(), page }
    }

    fn seen(&self, at: usize, now: Timestamp) -> GraphView {
        let (graph, state) = (self.graphs[at].clone(), self.state(at, now));
        let job = graph.job.filter(|_| state == State::Preparing).and_then(|job| self.jobs.get(&job));
        GraphView { progress: job.map(|job| job.percentage(now)), graph, state }
    }

    /// There is no job without its graph.
    fn seen_job(&self, job: &Job, now: Timestamp) -> Option<JobView> {
        let graph_name = self.graphs[self.index.graph(job.graph)?].name.clone();
        Some(JobView { job: job.clone(), graph_name, now })
    }

    /// There is no backup without its graph.
    fn seen_backup(&self, backup: &Backup, now: Timestamp) -> Option<BackupView> {
        let at = self.index.graph(backup.graph)?;
        let (graph_name, graph_state) = (self.graphs[at].name.clone(), self.state(at, now));
        Some(BackupView { backup: backup.clone(), graph_name, graph_state })
    }
}
