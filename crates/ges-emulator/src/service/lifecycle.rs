//! Jobs that begin and end, and graphs that start by themselves, as time passes.

use crate::service::backup::{Backup, BackupStatus};
use crate::service::clock::Timestamp;
use crate::service::graph::BaseState;
use crate::service::id::{BackupId, JobId};
use crate::service::job::{End, Failure, Job, Progress, Task};
use crate::service::records::Service;
use std::time::Duration;

/// A job is kept for one month (reference: job history).
const JOB_HISTORY: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Service {
    /// Begins the job that an accepted call starts.
    pub(super) fn begin(&mut self, at: usize, task: Task, now: Timestamp) -> JobId {
        let must_wait = matches!(task, Task::Upgrade { .. }) && self.graphs()[at].backup_job.is_some();
        let progress = if must_wait { Progress::Waiting } else { Progress::beginning(now, self.transitions) };
        self.add_job(at, task, progress, now)
    }

    pub(super) fn add_job(&mut self, at: usize, task: Task, progress: Progress, now: Timestamp) -> JobId {
        let id = self.ids.job();
        let graph = self.graph_mut(at);
        match task {
            Task::BackUp { .. } => graph.backup_job = Some(id),
            _ => graph.job = Some(id),
        }
        let job = Job { id, graph: graph.id, task, accepted: now, progress, is_to_fail: false, end: None };
        self.insert_job(at, job);
        self.schedule(at);
        while self.jobs().len() > self.max_jobs && self.remove_first_ended_job() {}
        id
    }

    pub(super) fn add_backup(&mut self, at: usize, status: BackupStatus, now: Timestamp) -> BackupId {
        self.insert_backup(at, |id, number, graph| {
            let version = graph.version.clone();
            Backup { id, number, graph: graph.id, version, began: now, status }
        })
    }

    /// Ends the jobs of a graph that have not ended yet.
    pub(super) fn interrupt(&mut self, at: usize, why: Failure, now: Timestamp) {
        for job in self.unfinished_jobs(at) {
            self.end_job(at, job, now, Some(why));
        }
    }

    /// Applies all events that are due, in order of time.
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        while let Some(at) = self.index.first_due(now) {
            let Some((when, event)) = self.next_event(at) else { return };
            match event {
                Event::JobEnds(job) => {
                    let is_to_fail = self.job(job).is_some_and(|job| job.is_to_fail);
                    self.end_job(at, job, when, is_to_fail.then_some(Failure::OnPurpose));
                }
                Event::StartsByItself => {
                    self.begin(at, Task::Start { restore: None }, when);
                }
            }
        }
        let is_forgotten = |when| now.since(when) > JOB_HISTORY;
        while self.index.first_ended().is_some_and(|(_, when)| is_forgotten(when)) {
            self.remove_first_ended_job();
        }
    }

    /// Must be called when the next event of a graph may have changed.
    pub(super) fn schedule(&mut self, at: usize) {
        let next = self.next_event(at).map(|(when, _)| when);
        self.index.schedule(at, next);
    }

    fn next_event(&self, at: usize) -> Option<(Timestamp, Event)> {
        let ends = self.unfinished_jobs(at).filter_map(|job| {
            let when = self.job(job)?.due()?;
            Some((when, Event::JobEnds(job)))
        });
        let starts = self.graphs()[at].starts_by_itself().map(|when| (when, Event::StartsByItself));
        ends.chain(starts).min_by_key(|&(when, _)| when)
    }

    pub(super) fn end_job(&mut self, at: usize, id: JobId, when: Timestamp, failure: Option<Failure>) {
        let Some(job) = self.job_mut(id) else { return };
        job.end = Some(End { at: when, failure });
        let task = job.task.clone();
        self.index.end_job(id, when);
        match task {
            Task::BackUp { backup } => self.end_backup(at, backup, when, failure),
            task => self.end_task(at, task, when, failure),
        }
        self.schedule(at);
    }

    fn end_backup(&mut self, at: usize, backup: BackupId, when: Timestamp, failure: Option<Failure>) {
        self.graph_mut(at).backup_job = None;
        if let Some(backup) = self.backup_mut(backup) {
            backup.status = match failure {
                None => BackupStatus::Success { at: when },
                Some(_) => BackupStatus::Failed { at: when },
            };
        }
        let waiting = self.graphs()[at].job.filter(|&job| self.job(job).is_some_and(Job::is_waiting));
        let progress = Progress::beginning(when, self.transitions);
        if let Some(job) = waiting.and_then(|job| self.job_mut(job)) {
            job.progress = progress;
        }
    }

    fn end_task(&mut self, at: usize, task: Task, when: Timestamp, failure: Option<Failure>) {
        let graph = self.graph_mut(at);
        graph.job = None;
        if failure.is_some() {
            // The longest stop begins again, or the graph would have started by itself before now.
            if let BaseState::Stopped { since } = &mut graph.base_state {
                *since = when;
            }
            return;
        }
        graph.updated = when;
        match task {
            Task::Start { restore } => {
                graph.base_state = BaseState::Running;
                if let Some(version) = restore {
                    graph.version = version;
                }
            }
            Task::Upgrade { target } => graph.version = target,
            Task::Stop => graph.base_state = BaseState::Stopped { since: when },
            Task::Restart => graph.base_state = BaseState::Running,
            Task::Import | Task::Export | Task::Clear | Task::RollBack | Task::BackUp { .. } => {}
        }
    }

    /// Makes a job that has just begun fail.
    pub(crate) fn fail_job(&mut self, job: JobId) {
        if let Some(job) = self.job_mut(job) {
            job.is_to_fail = true;
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
    use crate::limits::Limits;
    use crate::service::error::ServiceError;
    use crate::service::graph::{Edition, State};
    use crate::service::id::GraphId;
    use crate::service::job::JobStatus;
    use crate::service::query::Page;
    use crate::service::setup::{InitialState, NewGraph};
    use crate::service::transitions::Transitions;
    use crate::service::version::Version;
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

    /// A graph, and the time when it is in the given state.
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
    fn an_unknown_graph_is_refused_with_the_error_of_each_page() {
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

    /// The states at every quarter of an hour.
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
    fn a_stop_goes_through_its_states() {
        let seen = "901 pending, 901 running, 901 running, 901 running, 900 success";
        check_course("stop", InitialState::Running, seen);
    }

    #[test]
    fn a_start_goes_through_its_states() {
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
    fn a_graph_does_not_start_from_a_failed_backup() {
        let mut service = service(Transitions::Immediate);
        let graph = graph(&mut service, InitialState::Running);
        let (job, backup) = service.create_backup(PROJECT, &graph, start_of_time()).unwrap();
        service.fail_job(job);
        service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
        let error = service.start_graph(PROJECT, &graph, Some(&backup.to_string()), start_of_time()).unwrap_err();
        assert_eq!(error.code, "GES.7040");
    }

    #[test]
    fn a_restart_goes_through_its_states() {
        let seen = "901 pending, 901 running, 100 running, 920 running, 200 success";
        check_course("restart", InitialState::Exporting, seen);
    }

    #[test]
    fn an_upgrade_goes_through_its_states() {
        let seen = "201 pending, 201 running, 201 running, 201 running, 200 success";
        check_course("upgrade", InitialState::Running, seen);
    }

    #[test]
    fn a_graph_runs_during_a_backup() {
        let seen = "200 pending, 200 running, 200 running, 200 running, 200 success";
        check_course("backup", InitialState::Running, seen);
    }

    #[test]
    fn immediate_jobs_end_before_the_next_query() {
        let mut service = service(Transitions::Immediate);
        let graph = graph(&mut service, InitialState::Running);
        let job = service.stop_graph(PROJECT, &graph, start_of_time()).unwrap();
        assert_eq!(status(&mut service, &graph, job, start_of_time()), JobStatus::Success);
        assert_eq!(state(&mut service, &graph, start_of_time()), State::Stopped);
    }

    #[test]
    fn a_manual_job_is_unfinished_for_that_many_queries() {
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
    fn queries_of_graphs_and_lists_count_as_queries_of_the_job() {
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
        // There is no query for a year.
        let seen = service.show_graph(PROJECT, &graph, after(HOUR * (365 * 24))).unwrap();
        assert_eq!(seen.state, State::Running);
        assert_eq!(seen.graph.updated, after(HOUR * (7 * 24 + 1)));
    }

    #[test]
    fn a_start_from_a_backup_restores_its_version() {
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
    fn an_initially_busy_graph_is_busy_for_an_hour() {
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
    fn a_restart_fails_running_jobs() {
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
    fn an_upgrade_waits_for_a_running_backup() {
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
    fn a_forced_upgrade_interrupts_a_running_backup() {
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
    fn the_number_of_backups_is_limited() {
        let limits = Limits { backups: 1, ..Limits::default() };
        let mut service = Service::new(0, Transitions::Immediate, &limits);
        let graph = graph(&mut service, InitialState::Running);
        call(&mut service, "backup", &graph, start_of_time()).unwrap();
        assert_eq!(call(&mut service, "backup", &graph, start_of_time()).unwrap_err().code, "GES.7019");
    }

    #[test]
    fn old_jobs_are_removed() {
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
    fn the_overview_has_the_latest_backups() {
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
