//! How does one request change one emulator?

use crate::cloud::{Cloud, Condition, NewGraph};
use crate::control;
use crate::gateway::{self, Outcome, TurnedAway};
use crate::graph::Edition;
use crate::id::Ids;
use crate::journal::{Journal, Noted};
use crate::moment::Moment;
use crate::version::Version;
use crate::{Config, Given, Operation, ProviderState};
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// One emulated service. Clones are handles to the same service.
///
/// [`serve`](crate::serve) puts it on a socket; [`answer`](Self::answer) does without one.
#[derive(Clone, Debug)]
pub struct Emulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    inside: Mutex<Inside>,
    /// Apart from the rest, so that nobody waits while an answer is written down.
    journal: Mutex<Journal>,
}

/// Everything that decides what the next answer is.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) cloud: Cloud,
    /// How far the emulator's clock is ahead of the system's.
    ahead: Duration,
    requests: Ids,
}

impl Emulator {
    /// An emulator that knows no graphs yet.
    pub fn new(config: Config) -> Self {
        let inside = Mutex::new(Inside::new(&config));
        let journal = Mutex::new(Journal::new(config.limits.journal));
        Self { shared: Arc::new(Shared { config, inside, journal }) }
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Answers one request, be it to the service or to the control API.
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        if let Some(path) = request.uri().path().strip_prefix(control::PREFIX) {
            return control::answer(path, &request, self);
        }
        let read = gateway::read(&request, &self.config().tokens);
        let operation = read.as_ref().ok().map(|call| call.operation);
        let (outcome, noted) = {
            let mut inside = self.inside();
            let noted = inside.note(operation);
            let outcome = read.and_then(|call| gateway::perform(&call, &mut inside.cloud, noted.at));
            (outcome, noted)
        };
        self.conclude(request, &outcome, noted)
    }

    /// Answers a request that nobody wants to hear to its end.
    pub(crate) fn turn_away(&self, request: Request<Bytes>, why: TurnedAway) -> Response<Bytes> {
        let noted = self.inside().note(None);
        self.conclude(request, &Err(why.into()), noted)
    }

    fn conclude(&self, request: Request<Bytes>, outcome: &Outcome, noted: Noted) -> Response<Bytes> {
        let response = gateway::response(outcome, noted.id);
        self.journal().record(request, &response, noted);
        response
    }

    /// Makes a new graph that is in the given state.
    pub fn set_up(&self, state: ProviderState) -> Given {
        let mut inside = self.inside();
        let now = inside.now();
        state.set_up(new_graph(self.config()), &mut inside.cloud, now)
    }

    /// Moves the emulator's clock forward.
    pub fn advance_clock(&self, by: Duration) {
        self.inside().advance(by);
    }

    /// Forgets everything, as if the emulator had just been made.
    pub fn reset(&self) {
        let mut inside = self.inside();
        *inside = Inside::new(self.config());
        *self.journal() = Journal::new(self.config().limits.journal);
    }

    /// A panic elsewhere is no reason to stop answering: what it left behind is still a state.
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.shared.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// May be asked for while holding [`inside`](Self::inside), not the other way round.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.shared.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn new(config: &Config) -> Self {
        Self {
            cloud: Cloud::new(config.seed, config.transitions, &config.limits),
            ahead: Duration::ZERO,
            requests: Ids::new(!config.seed),
        }
    }

    /// The only place where the system's clock is read.
    pub(crate) fn now(&self) -> Moment {
        Moment::from_system(SystemTime::now()).plus(self.ahead)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    fn note(&mut self, operation: Option<Operation>) -> Noted {
        Noted { id: self.requests.request(), at: self.now(), operation }
    }
}

/// A graph as it is unless something else is asked for.
pub(crate) fn new_graph(config: &Config) -> NewGraph {
    NewGraph {
        project: config.project_id.clone(),
        // The name in the examples ("Upgrading a Graph", Example Response).
        name: "demo".to_owned(),
        version: Version::of_new_graphs(),
        edition: Edition::default(),
        condition: Condition::Running,
    }
}
