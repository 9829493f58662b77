//! Records histories: several clients call one emulator at once, over the network, while calls fail and the clock moves.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ges_client::credentials::Token;
use ges_client::types::{BackupStatus, GraphStatus, JobStatus};
use ges_client::{Client, Error, Retries};
use ges_emulator::{Config, ConnectionFault, Emulator, Fault, Transitions, When, serve};

use crate::model::{Answer, LONGEST_STOP, Length, Name, Op, Progress, World};
use crate::search;
use crate::wrong::Wrong;

pub(crate) type Call = search::Call<Op, Answer>;

/// An emulator on a port, and two clients for it.
#[derive(Clone)]
pub(crate) struct Service {
    emulator: Emulator,
    length: Length,
    calls: Client,
    /// Without retries: a query may count.
    looks: Client,
}

/// What was recorded.
pub(crate) struct History {
    pub(crate) first: World,
    pub(crate) calls: Vec<Call>,
}

/// What all clients of a history share.
pub(crate) struct Shared {
    service: Service,
    graphs: Vec<String>,
    events: AtomicUsize,
    /// Identifiers of jobs and backups; a [`Name`] is a place in it.
    names: Mutex<Vec<String>>,
    told: Mutex<Told>,
    calls: Mutex<Vec<Call>>,
    wrong: Option<Wrong>,
}

/// What answers have told.
#[derive(Default)]
struct Told {
    /// With their graphs.
    jobs: Vec<(usize, Name)>,
    backups: Vec<Name>,
}

/// What a client does, and what happens to it.
struct Step {
    kind: u64,
    graph: usize,
    /// Which of the known jobs or backups.
    which: usize,
    fault: Option<Fault>,
    /// How long the client waits for the answer.
    patience: Option<Duration>,
    pause: Duration,
    luck: u64,
}

/// SplitMix64.
pub(crate) struct Luck(pub(crate) u64);

impl Luck {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}

/// No time that jobs take is a multiple of it, so it does not matter that the system's clock moves, too.
const MINUTES: u32 = 7;

impl Service {
    pub(crate) async fn start(length: Length) -> Self {
        let transitions = match length {
            Length::Minutes(0) => Transitions::Immediate,
            Length::Minutes(minutes) => Transitions::Time(Duration::from_secs(u64::from(minutes) * 60)),
            Length::Looks(count) => Transitions::Manual(count),
        };
        let emulator = Emulator::new(Config { transitions, ..Config::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(listener, emulator.clone(), std::future::pending()));
        let client = |retries| {
            let client = Client::builder().endpoint(&*endpoint).project_id(&*emulator.config().project_id);
            client.credentials(Token::new("t").unwrap()).retries(retries).build().unwrap()
        };
        let calls = client(Retries::default().first_pause(Duration::from_micros(100)));
        Self { looks: client(Retries::none()), calls, emulator, length }
    }

    /// What several clients do at once, as the seed has it. Which call comes first is up to the machine.
    pub(crate) async fn record(&self, seed: u64, wrong: Option<Wrong>) -> History {
        let mut luck = Luck(seed);
        self.emulator.reset();
        let running: Vec<bool> = (0..1 + luck.below(2)).map(|_| luck.below(4) > 0).collect();
        let graphs = (0..).zip(&running).map(|(at, running)| self.make_graph(seed, at, *running)).collect();
        let plans: Vec<Vec<Step>> = (0..3 + luck.below(3))
            .map(|_| (0..3 + luck.below(5)).map(|_| Step::draw(&mut luck, running.len())).collect())
            .collect();

        let mut first = World::new(self.length, &running);
        let job_faults = plans.iter().flatten().filter_map(|step| step.fault.as_ref()).filter(|fault| fault.job_fails);
        first.may_fail = u8::try_from(job_faults.count()).unwrap();
        let shared = Arc::new(Shared {
            service: self.clone(),
            graphs,
            events: AtomicUsize::new(0),
            names: Mutex::default(),
            told: Mutex::default(),
            calls: Mutex::default(),
            wrong,
        });
        let clients: Vec<_> = plans.into_iter().map(|plan| tokio::spawn(Arc::clone(&shared).follow(plan))).collect();
        for client in clients {
            client.await.unwrap();
        }
        let calls = std::mem::take(&mut *shared.calls.lock().unwrap());
        History { first, calls }
    }

    /// Its identifier is of this history only, so that a call that is late does nothing to the next one.
    fn make_graph(&self, seed: u64, at: u64, running: bool) -> String {
        let id = format!("{:08x}-{:04x}-4000-8000-{at:012x}", seed >> 16 & 0xffff_ffff, seed & 0xffff);
        let status = if running { "200" } else { "900" };
        let body = format!(r#"{{"graph_id":"{id}","status":"{status}"}}"#);
        let request = http::Request::post("/_emulator/graphs").body(bytes::Bytes::from(body)).unwrap();
        let answer = self.emulator.answer(request);
        assert!(answer.status().is_success(), "{:?}", answer.body());
        id
    }
}

impl Step {
    fn draw(luck: &mut Luck, graphs: usize) -> Self {
        let kind = luck.below(20);
        let fault = (luck.below(4) == 0).then(|| fault(luck.below(9)));
        // A list is never given up: the next history would have the same.
        let patience = (luck.below(12) == 0 && kind < 14).then(|| Duration::from_micros(luck.below(1500)));
        let pause = Duration::from_micros([0, 0, luck.below(300), luck.below(2000)][luck.below(4) as usize]);
        let graph = luck.below(graphs as u64) as usize;
        Self { kind, graph, which: luck.below(8) as usize, fault, patience, pause, luck: luck.below(u64::MAX) }
    }
}

/// What happens to one call of a graph.
fn fault(kind: u64) -> Fault {
    let once = Fault { times: Some(1), ..Fault::default() };
    let failed = |status, when| Fault { status: Some(status), when, ..once.clone() };
    let broken = |connection, when| Fault { connection: Some(connection), when, ..once.clone() };
    match kind {
        0 => failed(503, When::Before),
        1 => failed(503, When::After),
        2 => Fault { retry_after: Some(0), ..failed(429, When::Before) },
        3 => broken(ConnectionFault::Reset, When::Before),
        4 => broken(ConnectionFault::Reset, When::After),
        5 => broken(ConnectionFault::Truncate, When::After),
        6 => Fault { latency: Duration::from_millis(2), ..once },
        _ => Fault { job_fails: true, ..once },
    }
}

impl Shared {
    async fn follow(self: Arc<Self>, plan: Vec<Step>) {
        for step in plan {
            tokio::time::sleep(step.pause).await;
            if let Some(fault) = &step.fault {
                let fault = Fault { graph_id: Some(self.graphs[step.graph].clone()), ..fault.clone() };
                self.service.emulator.add_fault(fault).unwrap();
            }
            let op = self.op(&step);
            let made = self.event();
            let performed = crate::wrong::perform(&self, &op, step.luck);
            let outcome = match step.patience {
                None => performed.await,
                Some(patience) => tokio::time::timeout(patience, performed).await.unwrap_or(Outcome::Lost),
            };
            let answered = match outcome {
                // The client promises that there was no effect. If there was, what follows does not fit.
                Outcome::NoEffect => continue,
                Outcome::Lost => None,
                Outcome::Answered(answer) => Some((self.event(), answer)),
            };
            if let Some((_, Answer::Accepted { job, backup })) = &answered {
                let mut told = self.told.lock().unwrap();
                told.jobs.push((step.graph, *job));
                told.backups.extend(backup);
            }
            self.calls.lock().unwrap().push(Call { op, made, answered });
        }
    }

    fn event(&self) -> usize {
        self.events.fetch_add(1, Ordering::SeqCst)
    }

    fn op(&self, step: &Step) -> Op {
        let graph = step.graph;
        let told = self.told.lock().unwrap();
        let backup = told.backups.get(step.which).copied();
        match step.kind {
            0 | 1 => Op::Start { graph, backup: None },
            2 | 3 => Op::Start { graph, backup },
            4..=6 => Op::Stop { graph },
            7 | 8 => Op::Restart { graph },
            9 | 10 => Op::BackUp { graph },
            11 | 12 => Op::ShowGraph { graph },
            13 => Op::ListBackups { graph },
            14 | 15 if self.graphs.len() > 1 => Op::ListGraphs,
            14 | 15 => Op::ListBackups { graph },
            16 => match told.jobs.get(step.which) {
                Some((_, job)) => Op::ShowJob { job: *job },
                None => Op::ListJobs,
            },
            17 => Op::ListJobs,
            18 => Op::Advance(MINUTES * (1 + step.which as u32)),
            // Past the seven days, or not quite.
            _ if step.which == 0 => Op::Advance(LONGEST_STOP - MINUTES),
            _ if step.which == 1 => Op::Advance(LONGEST_STOP + MINUTES),
            _ => Op::Advance(4 * MINUTES),
        }
    }

    pub(crate) fn graphs(&self) -> usize {
        self.graphs.len()
    }

    pub(crate) fn wrong(&self) -> Option<Wrong> {
        self.wrong
    }

    pub(crate) fn name(&self, id: String) -> Name {
        let mut names = self.names.lock().unwrap();
        let at = names.iter().position(|known| *known == id).unwrap_or_else(|| {
            names.push(id);
            names.len() - 1
        });
        Name::try_from(at).unwrap()
    }

    /// What an earlier call like this was answered.
    pub(crate) fn earlier(&self, op: &Op) -> Option<Answer> {
        let calls = self.calls.lock().unwrap();
        let is_look = |answer: &Answer| matches!(answer, Answer::Graphs(_) | Answer::Jobs(_) | Answer::Backups(_));
        let answers = calls.iter().filter(|call| call.op == *op).filter_map(|call| call.answered.as_ref());
        answers.map(|(_, answer)| answer).find(|answer| is_look(answer)).cloned()
    }

    pub(crate) fn latest_job(&self) -> Option<Name> {
        self.told.lock().unwrap().jobs.last().map(|(_, job)| *job)
    }

    fn id(&self, name: Name) -> String {
        self.names.lock().unwrap()[usize::from(name)].clone()
    }

    /// Makes the call.
    pub(crate) async fn call(&self, op: &Op) -> Outcome {
        let Service { calls, looks, emulator, .. } = &self.service;
        let graph = |at: usize| self.graphs[at].clone();
        let outcome = match *op {
            Op::Start { graph: at, backup } => {
                let call = calls.start_graph(graph(at));
                let call = match backup {
                    Some(backup) => call.body_map(|body| body.graph_backup_id(self.id(backup))),
                    None => call,
                };
                call.send().await.map(|reply| self.accepted(reply.into_inner().job_id, None))
            }
            Op::Stop { graph: at } => {
                calls.stop_graph(graph(at)).send().await.map(|reply| self.accepted(reply.into_inner().job_id, None))
            }
            Op::Restart { graph: at } => {
                calls.restart_graph(graph(at)).send().await.map(|reply| self.accepted(reply.into_inner().job_id, None))
            }
            Op::BackUp { graph: at } => calls.create_backup(graph(at)).send().await.map(|reply| {
                let reply = reply.into_inner();
                self.accepted(reply.job_id, reply.backup_id)
            }),
            Op::ShowGraph { graph: at } => looks
                .show_graph(graph(at))
                .send()
                .await
                .map(|reply| Answer::Graphs(vec![status(reply.into_inner().graph.and_then(|graph| graph.status))])),
            Op::ListGraphs => looks.list_graphs().send().await.map(|reply| {
                let found = reply.into_inner().graphs;
                let place = |id: Option<&str>| self.graphs.iter().position(|known| Some(known.as_str()) == id);
                let mut graphs: Vec<_> =
                    found.into_iter().map(|graph| (place(graph.id.as_deref()), status(graph.status))).collect();
                graphs.sort_unstable();
                Answer::Graphs(graphs.into_iter().map(|(_, status)| status).collect())
            }),
            Op::ShowJob { job } => {
                let of = self.told.lock().unwrap().jobs.iter().find(|(_, told)| *told == job).map(|(graph, _)| *graph);
                let reply = looks.show_job(graph(of.unwrap_or(0)), self.id(job)).send().await;
                reply.map(|reply| Answer::Jobs(vec![(job, progress(reply.into_inner().status))]))
            }
            Op::ListJobs => looks.list_jobs().limit(1000).send().await.map(|reply| {
                let jobs = reply.into_inner().job_list.into_iter();
                Answer::Jobs(
                    jobs.map(|job| (self.name(job.job_id.unwrap_or_default()), progress(job.status))).collect(),
                )
            }),
            Op::ListBackups { graph: at } => {
                looks.list_graph_backups(graph(at)).limit(1000).send().await.map(|reply| {
                    let backups = reply.into_inner().backup_list.into_iter();
                    let progress = |status| match status {
                        Some(BackupStatus::Success) => Progress::Success,
                        Some(BackupStatus::BackingUp) => Progress::Unfinished,
                        _ => Progress::Failed,
                    };
                    Answer::Backups(
                        backups
                            .map(|backup| (self.name(backup.id.unwrap_or_default()), progress(backup.status)))
                            .collect(),
                    )
                })
            }
            Op::Advance(minutes) => {
                emulator.advance_clock(Duration::from_secs(u64::from(minutes) * 60));
                Ok(Answer::Moved)
            }
        };
        outcome.map_or_else(|error| Outcome::of(&error, op), Outcome::Answered)
    }

    fn accepted(&self, job: Option<String>, backup: Option<String>) -> Answer {
        Answer::Accepted { job: self.name(job.unwrap_or_default()), backup: backup.map(|backup| self.name(backup)) }
    }
}

/// How a call ended for its client.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Answered(Answer),
    /// It may have taken effect, or will.
    Lost,
    NoEffect,
}

impl Outcome {
    fn of(error: &Error, op: &Op) -> Self {
        let changes = matches!(op, Op::Start { .. } | Op::Stop { .. } | Op::Restart { .. } | Op::BackUp { .. });
        match (error.status(), error.code()) {
            (Some(400..=428), Some(code)) => Self::Answered(Answer::Refused(code.to_owned())),
            // Of a query, the client only says that nothing was changed; it may have counted.
            _ if error.may_have_taken_effect() || !changes => Self::Lost,
            _ => Self::NoEffect,
        }
    }
}

fn status(status: Option<GraphStatus>) -> u16 {
    status.and_then(|status| status.as_str().parse().ok()).unwrap_or_default()
}

fn progress(status: Option<JobStatus>) -> Progress {
    match status {
        Some(JobStatus::Pending | JobStatus::Running) => Progress::Unfinished,
        Some(JobStatus::Success) => Progress::Success,
        _ => Progress::Failed,
    }
}
