//! What the published pages say of graphs, their jobs and backups, as a model that takes one call after the other.
//!
//! Source: "Starting a Graph", "Forcibly Restarting a Graph", "Stopping a Graph", "Adding a Backup", and the reference (which
//! action in which state, job management, error codes). Where they are silent, the README of the emulator says what is chosen
//! ("Open questions, and the choices"). Nothing here was taken from the emulator's code.

use crate::search::Model;

/// A job or a backup by a number, which stands for its identifier. A call whose answer was lost has given it one that nobody
/// knows.
pub(crate) type Name = u16;

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Start {
        graph: usize,
        backup: Option<Name>,
    },
    Stop {
        graph: usize,
    },
    Restart {
        graph: usize,
    },
    BackUp {
        graph: usize,
    },
    ShowGraph {
        graph: usize,
    },
    ListGraphs,
    ShowJob {
        job: Name,
    },
    ListJobs,
    ListBackups {
        graph: usize,
    },
    /// Moves the clock forward, in minutes.
    Advance(u32),
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Accepted {
        job: Name,
        backup: Option<Name>,
    },
    Refused(String),
    /// The status of each graph.
    Graphs(Vec<u16>),
    Jobs(Vec<(Name, Progress)>),
    Backups(Vec<(Name, Progress)>),
    Moved,
}

/// How far a job or a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Progress {
    Unfinished,
    Success,
    Failed,
}

/// How long a job takes: until a time, or for so many queries of it or of its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Length {
    Minutes(u32),
    Looks(u32),
}

/// All graphs of a project.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) length: Length,
    now: u32,
    /// How many of the next jobs may fail on purpose.
    pub(crate) may_fail: u8,
    graphs: Vec<Graph>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Graph {
    rest: Rest,
    /// The job that changes the graph, and how far into the documented order of states it was seen.
    task: Option<(Task, Running, usize)>,
    backing_up: Option<Running>,
    jobs: Vec<(Option<Name>, Progress)>,
    backups: Vec<(Option<Name>, Progress)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Rest {
    Running,
    Stopped { since: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Task {
    Start,
    Stop,
    Restart,
}

/// A job, by its place among the graph's jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Running {
    job: usize,
    until: Length,
    fails: bool,
}

/// "You can stop a graph instance for a maximum of seven days. If you do not restart the instance manually within that time
/// frame, it will automatically restart." ("Stopping a Graph", Function)
pub(crate) const LONGEST_STOP: u32 = 7 * 24 * 60;

const RUNNING: u16 = 200;
const STOPPED: u16 = 900;

impl World {
    /// New graphs, each running or stopped.
    pub(crate) fn new(length: Length, running: &[bool]) -> Self {
        let graph = |&running: &bool| Graph {
            rest: if running { Rest::Running } else { Rest::Stopped { since: 0 } },
            task: None,
            backing_up: None,
            jobs: Vec::new(),
            backups: Vec::new(),
        };
        Self { length, now: 0, may_fail: 0, graphs: running.iter().map(graph).collect() }
    }

    /// Everything that is due by now has happened.
    fn settled(mut self) -> Self {
        for graph in &mut self.graphs {
            while graph.next_event(self.length, self.now) {}
        }
        self
    }

    /// The call begins a job, which succeeds, or fails on purpose.
    fn begun(
        &self,
        at: usize,
        answer: Option<&Answer>,
        begin: impl Fn(&mut Graph, Running, Option<Name>),
    ) -> Vec<Self> {
        let (job, backup) = match answer {
            None => (None, None),
            Some(Answer::Accepted { job, backup }) => (Some(*job), *backup),
            Some(_) => return Vec::new(),
        };
        // One job, one identifier.
        if job.is_some() && self.graphs.iter().flat_map(|graph| &graph.jobs).any(|(known, _)| *known == job) {
            return Vec::new();
        }
        let fates = [false, true].into_iter().take(1 + usize::from(self.may_fail > 0));
        let begin = |fails: bool| {
            let mut next = self.clone();
            next.may_fail -= u8::from(fails);
            let graph = &mut next.graphs[at];
            graph.jobs.push((job, Progress::Unfinished));
            let until = match self.length {
                Length::Minutes(minutes) => Length::Minutes(self.now + minutes),
                looks => looks,
            };
            begin(graph, Running { job: graph.jobs.len() - 1, until, fails }, backup);
            next.settled()
        };
        fates.map(begin).collect()
    }

    fn refused(&self, answer: Option<&Answer>, codes: &[&str]) -> Vec<Self> {
        match answer {
            None => vec![self.clone()],
            Some(Answer::Refused(code)) if codes.contains(&code.as_str()) => vec![self.clone()],
            Some(_) => Vec::new(),
        }
    }

    /// Queries of these graphs, which were found to have these statuses.
    fn seen(mut self, graphs: impl Iterator<Item = usize> + Clone, answer: Option<&Answer>) -> Vec<Self> {
        if let Some(answer) = answer {
            let Answer::Graphs(found) = answer else { return Vec::new() };
            if found.len() != graphs.clone().count() {
                return Vec::new();
            }
            for (at, &status) in graphs.clone().zip(found) {
                if !self.graphs[at].has_status(status) {
                    return Vec::new();
                }
            }
        }
        for at in graphs {
            let jobs = self.graphs[at].unfinished();
            self.graphs[at].count_looks(&jobs);
        }
        vec![self.settled()]
    }
}

impl Model for World {
    type Op = Op;
    type Answer = Answer;

    fn step(&self, op: &Op, answer: Option<&Answer>) -> Vec<Self> {
        match *op {
            // 900 only; then 100 (with progress), 920, 200. GES.7015 in the example of the page. GES.7024 for an unknown backup,
            // GES.7040 for one that is not successful.
            Op::Start { graph: at, backup } => {
                if self.graphs[at].status() != Some(STOPPED) {
                    return self.refused(answer, &["GES.7015"]);
                }
                if let Some(backup) = backup {
                    match self.graphs[at].backups.iter().find(|(name, _)| *name == Some(backup)) {
                        None => return self.refused(answer, &["GES.7024"]),
                        Some((_, Progress::Success)) => {}
                        Some(_) => return self.refused(answer, &["GES.7040"]),
                    }
                }
                self.begun(at, answer, |graph, running, _| graph.task = Some((Task::Start, running, 0)))
            }
            // 200 only; then 901, 900. GES.7001 in the example; GES.7002 during a backup.
            Op::Stop { graph: at } => match &self.graphs[at] {
                graph if graph.status() != Some(RUNNING) => self.refused(answer, &["GES.7001"]),
                Graph { backing_up: Some(_), .. } => self.refused(answer, &["GES.7002"]),
                _ => self.begun(at, answer, |graph, running, _| graph.task = Some((Task::Stop, running, 0))),
            },
            // 200, of the states that occur here; then 901, 900, 100, 920, 200. "asynchronous tasks of the graph are failed"
            Op::Restart { graph: at } => match self.graphs[at].status() {
                Some(RUNNING) => self.begun(at, answer, |graph, running, _| {
                    if let Some(interrupted) = graph.backing_up.take() {
                        graph.jobs[interrupted.job].1 = Progress::Failed;
                        graph.end_backup(Progress::Failed);
                    }
                    graph.task = Some((Task::Restart, running, 0));
                }),
                _ => self.refused(answer, &["GES.7016"]),
            },
            // 200; GES.7002 "being backed up" while it runs.
            Op::BackUp { graph: at } => match &self.graphs[at] {
                graph if graph.status() != Some(RUNNING) => self.refused(answer, &["GES.7001"]),
                Graph { backing_up: Some(_), .. } => self.refused(answer, &["GES.7002"]),
                _ => self.begun(at, answer, |graph, running, backup| {
                    graph.backing_up = Some(running);
                    graph.backups.push((backup, Progress::Unfinished));
                }),
            },
            Op::ShowGraph { graph } => self.clone().seen([graph].into_iter(), answer),
            Op::ListGraphs => self.clone().seen(0..self.graphs.len(), answer),
            Op::ShowJob { job } => {
                let place = |graph: &Graph| graph.jobs.iter().position(|(name, _)| *name == Some(job));
                let found = self.graphs.iter().enumerate().find_map(|(at, graph)| Some((at, place(graph)?)));
                // An answer has told its identifier before, so it is there.
                let Some((at, place)) = found else { return Vec::new() };
                let expected = Answer::Jobs(vec![(job, self.graphs[at].jobs[place].1)]);
                if answer.is_some_and(|answer| *answer != expected) {
                    return Vec::new();
                }
                let mut next = self.clone();
                next.graphs[at].count_looks(&[place]);
                vec![next.settled()]
            }
            Op::ListJobs => {
                let jobs = self.graphs.iter().flat_map(|graph| graph.jobs.iter().copied());
                match answer {
                    Some(Answer::Jobs(found)) if !are(jobs, found) => return Vec::new(),
                    None | Some(Answer::Jobs(_)) => {}
                    Some(_) => return Vec::new(),
                }
                let mut next = self.clone();
                for graph in &mut next.graphs {
                    let jobs = graph.unfinished();
                    graph.count_looks(&jobs);
                }
                vec![next.settled()]
            }
            Op::ListBackups { graph } => match answer {
                Some(Answer::Backups(found)) if are(self.graphs[graph].backups.iter().copied(), found) => {
                    vec![self.clone()]
                }
                None => vec![self.clone()],
                Some(_) => Vec::new(),
            },
            Op::Advance(minutes) => vec![Self { now: self.now + minutes, ..self.clone() }.settled()],
        }
    }
}

impl Graph {
    /// The status, if the graph has no job that changes it.
    fn status(&self) -> Option<u16> {
        match (&self.task, self.rest) {
            (Some(_), _) => None,
            (None, Rest::Running) => Some(RUNNING),
            (None, Rest::Stopped { .. }) => Some(STOPPED),
        }
    }

    /// Whether it can be seen with this status. From then on, no earlier one of the same job can be.
    fn has_status(&mut self, status: u16) -> bool {
        let Some((task, _, seen)) = &mut self.task else { return self.status() == Some(status) };
        let order: &[u16] = match task {
            Task::Start => &[100, 920],
            Task::Stop => &[901],
            // "the graph is stopped and started"
            Task::Restart => &[901, 900, 100, 920],
        };
        let place = order.iter().position(|&one| one == status).filter(|place| place >= seen);
        *seen = place.unwrap_or(*seen);
        place.is_some()
    }

    /// The places of the jobs that have not ended.
    fn unfinished(&self) -> Vec<usize> {
        let task = self.task.as_ref().map(|(_, running, _)| running.job);
        task.into_iter().chain(self.backing_up.map(|running| running.job)).collect()
    }

    fn count_looks(&mut self, jobs: &[usize]) {
        let task = self.task.as_mut().map(|(_, running, _)| running);
        for running in task.into_iter().chain(self.backing_up.as_mut()) {
            if let Length::Looks(left) = &mut running.until
                && jobs.contains(&running.job)
            {
                *left -= 1;
            }
        }
    }

    /// The next event that is due, if there is one.
    fn next_event(&mut self, length: Length, now: u32) -> bool {
        let due = |running: &Running| match running.until {
            Length::Minutes(until) => (until <= now).then_some(until),
            Length::Looks(left) => (left == 0).then_some(now),
        };
        let outcome = |running: Running| if running.fails { Progress::Failed } else { Progress::Success };
        if let Some(running) = self.backing_up
            && due(&running).is_some()
        {
            self.backing_up = None;
            self.jobs[running.job].1 = outcome(running);
            self.end_backup(outcome(running));
            return true;
        }
        if let Some((task, running, _)) = self.task {
            let Some(when) = due(&running) else { return false };
            self.task = None;
            self.jobs[running.job].1 = outcome(running);
            // After a job that failed, the graph is as it was before the call.
            self.rest = match (task, running.fails) {
                (Task::Start | Task::Restart, false) | (Task::Stop | Task::Restart, true) => Rest::Running,
                (Task::Stop, false) | (Task::Start, true) => Rest::Stopped { since: when },
            };
            return true;
        }
        match self.rest {
            Rest::Stopped { since } if since + LONGEST_STOP <= now => {
                self.jobs.push((None, Progress::Unfinished));
                let until = match length {
                    Length::Minutes(minutes) => Length::Minutes(since + LONGEST_STOP + minutes),
                    looks => looks,
                };
                self.task = Some((Task::Start, Running { job: self.jobs.len() - 1, until, fails: false }, 0));
                true
            }
            _ => false,
        }
    }

    /// The backup that is being made is always the latest.
    fn end_backup(&mut self, outcome: Progress) {
        if let Some((_, progress)) = self.backups.last_mut() {
            *progress = outcome;
        }
    }
}

/// Whether these were found: each by its name, and those without one by how far they are.
fn are(expected: impl Iterator<Item = (Option<Name>, Progress)>, found: &[(Name, Progress)]) -> bool {
    let (mut found, mut nameless) = (found.to_vec(), Vec::new());
    for (name, progress) in expected {
        let Some(name) = name else {
            nameless.push(progress);
            continue;
        };
        let Some(at) = found.iter().position(|one| *one == (name, progress)) else { return false };
        found.swap_remove(at);
    }
    let mut rest: Vec<_> = found.into_iter().map(|(_, progress)| progress).collect();
    rest.sort_unstable();
    nameless.sort_unstable();
    rest == nameless
}
