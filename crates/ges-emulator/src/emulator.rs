//! How does one request change one emulator?

use crate::authentication::{Authority, Clocks};
use crate::cloud::{Cloud, Condition, NewGraph};
use crate::control;
use crate::faults::Faults;
use crate::gateway::{self, Outcome, TurnedAway};
use crate::graph::Edition;
use crate::id::Ids;
use crate::journal::{Journal, Noted};
use crate::keeper::Keeper;
use crate::moment::Moment;
use crate::page;
use crate::reference;
use crate::sign_in;
use crate::signature::Secret;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::token::Issuer;
use crate::unwritten::{Batch, ChangeNumber, Numbers, Unwritten};
use crate::version::Version;
use crate::{Config, Fault, Given, InvalidSnapshot, OpenError, Operation, ProviderState, TooManyFaults};
use bytes::Bytes;
use http::{Method, Request, Response};
use std::ops::{Deref, DerefMut};
use std::path::Path;
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
    secrets: Vec<Secret>,
    issuer: Issuer,
    inside: Arc<Mutex<Inside>>,
    /// Apart from the rest, so that nobody waits while an answer is written down.
    journal: Mutex<Journal>,
    /// `None` if nothing has to outlive the process.
    keeper: Option<Keeper>,
}

/// Everything that decides what the next answer is.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) cloud: Cloud,
    /// How far the emulator's clock is ahead of the system's. A restored clock may be behind it.
    ahead_ms: i64,
    requests: Ids,
    pub(crate) faults: Faults,
    /// `None` if nobody writes it.
    unwritten: Option<Unwritten>,
}

impl Emulator {
    /// An emulator that knows no graphs yet, and forgets everything when the process ends.
    pub fn new(config: Config) -> Self {
        let inside = Arc::new(Mutex::new(Inside::new(&config)));
        Self::with(config, inside, None)
    }

    /// An emulator whose state is in a file: what an earlier one left there, or nothing yet if there
    /// is no such file; then it is made.
    ///
    /// No answer is given before everything it tells about is safe in the file, so that it survives
    /// the end of the process at any moment. The file decides about [`Config::seed`], which counts
    /// only when the file is made; everything else in the configuration is as good as new. The file
    /// is closed when the last handle to the emulator is dropped.
    ///
    /// # Errors
    ///
    /// If the file cannot be read and written, is in use, or does not hold the state of an emulator.
    /// It is left as it was.
    pub fn open(mut config: Config, path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let mut inside = Inside::new(&config);
        let (store, found) = Store::open(path, config.seed, &inside.batch())?;
        config.seed = store.format().seed;
        inside.faults = Faults::new(config.seed, &config.faults);
        if let Some(found) = found {
            inside.cloud = Cloud::resume(found.contents, config.transitions, &config.limits);
            inside.ahead_ms = found.clock_ahead_ms;
        }
        // Nobody remembers how many requests there were, and no two runs may call them the same.
        inside.requests = Ids::new(!config.seed.wrapping_add(store.format().openings));
        inside.unwritten = Some(Unwritten::nothing(inside.numbers()));

        let inside = Arc::new(Mutex::new(inside));
        let (changing, path) = (Arc::clone(&inside), path.to_owned());
        let keeper = Keeper::start(
            move |written| locked(&changing).take_changes(written),
            move |batch| {
                let cannot = |error| format!("cannot write {}: {error}", store.path().display());
                store.write(batch).map_err(cannot)
            },
        );
        let keeper = keeper.map_err(|error| OpenError::io(&path, error))?;
        Ok(Self::with(config, inside, Some(keeper)))
    }

    fn with(config: Config, inside: Arc<Mutex<Inside>>, keeper: Option<Keeper>) -> Self {
        let journal = Mutex::new(Journal::new(config.limits.journal));
        let (secrets, issuer) = (config.prepared(), Issuer::new(&config));
        Self { shared: Arc::new(Shared { config, secrets, issuer, inside, journal, keeper }) }
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Answers one request, be it to the service or to the control API.
    ///
    /// With a data file the answer is there when everything it tells about is safe.
    pub fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (response, change) = self.answer_at_once(request);
        match &self.shared.keeper {
            Some(keeper) => keeper.kept_blocking(change).map_or_else(gateway::unkept, |()| response),
            None => response,
        }
    }

    /// The answer, once the change is safe that it tells of.
    pub(crate) async fn when_kept(&self, response: Response<Bytes>, change: Option<ChangeNumber>) -> Response<Bytes> {
        match &self.shared.keeper {
            Some(keeper) => keeper.kept(change).await.map_or_else(gateway::unkept, |()| response),
            None => response,
        }
    }

    /// Whether answers have to wait until changes are safe.
    pub(crate) fn keeps_a_file(&self) -> bool {
        self.shared.keeper.is_some()
    }

    /// The answer, not to be given before the change is safe that the request made, if any.
    pub(crate) fn answer_at_once(&self, request: Request<Bytes>) -> (Response<Bytes>, Option<ChangeNumber>) {
        if let Some(path) = request.uri().path().strip_prefix(control::PREFIX) {
            let response = control::answer(path, &request, self);
            // It may be the change of somebody else by now, and then a later one.
            let changed = request.method() != Method::GET;
            return (response, if changed { self.inside().latest_change() } else { None });
        }
        if request.uri().path() == page::PATH {
            // What the page shows may have changed just now.
            return (page::answer(&request, self), self.inside().latest_change());
        }
        if let Some(page) = self.config().reference.filter(|_| request.uri().path() == reference::PATH) {
            return (reference::answer(&request, page), None);
        }
        if let Some(resource) = sign_in::resource(request.uri().path()) {
            return (self.sign_in(resource, request), None);
        }
        let read = gateway::read(&request, self.authority());
        let operation = read.as_ref().ok().map(|call| call.operation);
        let (outcome, noted, change) = {
            let mut inside = self.inside();
            let mut noted = inside.note(operation);
            let outcome = read.and_then(|call| {
                noted.struck = inside.faults.strike(&call);
                gateway::perform(&call, noted.struck.as_ref(), &mut inside.cloud, noted.at)
            });
            (outcome, noted, inside.let_go())
        };
        (self.conclude(&request, &outcome, noted), change)
    }

    fn sign_in(&self, resource: sign_in::Resource, request: Request<Bytes>) -> Response<Bytes> {
        let noted = self.inside().note(None);
        let answer = sign_in::answer(resource, &request, self.authority(), noted.id, noted.at);
        let response = answer.unwrap_or_else(|why| why.response(noted.id));
        let response = gateway::with_request_id(response, noted.id);
        // The body may hold a password that is in no configuration.
        self.journal().record(&request.map(|_| Bytes::from_static(b"***")), &response, noted);
        response
    }

    /// Answers a request that nobody wants to hear to its end.
    pub(crate) fn turn_away(&self, request: Request<Bytes>, why: TurnedAway) -> Response<Bytes> {
        let noted = self.inside().note(None);
        self.conclude(&request, &Err(why.into()), noted)
    }

    fn conclude(&self, request: &Request<Bytes>, outcome: &Outcome, noted: Noted) -> Response<Bytes> {
        let mut response = gateway::response(outcome, noted.id);
        if let Some(struck) = &noted.struck {
            response.extensions_mut().insert(Arc::clone(&struck.fault));
        }
        self.journal().record(request, &response, noted);
        response
    }

    /// Not to be asked while holding [`inside`](Self::inside).
    fn authority(&self) -> Authority<'_> {
        let Shared { config, secrets, issuer, .. } = &*self.shared;
        Authority { config, secrets, issuer, clocks: self }
    }

    /// Makes a new graph that is in the given state.
    pub fn set_up(&self, state: ProviderState) -> Given {
        let mut inside = self.inside();
        let now = inside.now();
        let given = state.set_up(new_graph(self.config()), &mut inside.cloud, now);
        self.wait_for(inside);
        given
    }

    /// Lets calls go wrong from now on, until a reset. The number is that of the new rule, as
    /// `GET /_emulator/faults` lists it.
    ///
    /// Without a socket there is no connection to disturb: [`answer`](Self::answer) gives such an
    /// answer whole and at once.
    ///
    /// # Errors
    ///
    /// If there are a thousand rules already.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, TooManyFaults> {
        self.inside().faults.add(fault)
    }

    /// Lets nothing go wrong on purpose any more.
    pub fn clear_faults(&self) {
        self.inside().faults.clear();
    }

    /// Moves the emulator's clock forward.
    pub fn advance_clock(&self, by: Duration) {
        let mut inside = self.inside();
        inside.advance(by);
        self.wait_for(inside);
    }

    /// Forgets everything, as if the emulator had just been made.
    pub fn reset(&self) {
        let mut inside = self.inside();
        self.begin_anew(&mut inside);
        self.wait_for(inside);
    }

    pub(crate) fn begin_anew(&self, inside: &mut Inside) {
        let new = Inside::new(self.config());
        inside.become_another(new.cloud, new.ahead_ms);
        inside.requests = new.requests;
        inside.faults = new.faults;
        *self.journal() = Journal::new(self.config().limits.journal);
    }

    /// The whole state as JSON: graphs, backups, jobs, the clock, and where identifiers have got to.
    /// The README describes the form.
    pub fn snapshot(&self) -> String {
        let snapshot = self.inside().snapshot();
        // Writing these values to memory cannot fail.
        serde_json::to_string(&snapshot).unwrap_or_default()
    }

    /// Makes the state what it was when the [`snapshot`](Self::snapshot) was taken, the clock
    /// included; only the journal goes on.
    ///
    /// # Errors
    ///
    /// If anything about the snapshot is not as it must be; then nothing is changed.
    pub fn restore(&self, snapshot: &str) -> Result<(), InvalidSnapshot> {
        let snapshot = Snapshot::read(snapshot.as_bytes())?;
        let mut inside = self.inside();
        self.take_over(snapshot, &mut inside);
        self.wait_for(inside);
        Ok(())
    }

    pub(crate) fn take_over(&self, snapshot: Snapshot, inside: &mut Inside) {
        let config = self.config();
        let (contents, now) = snapshot.into_parts();
        let cloud = Cloud::resume(contents, config.transitions, &config.limits);
        inside.become_another(cloud, now.millis().cast_signed().saturating_sub_unsigned(system_clock().millis()));
    }

    /// How many times changes were written to the data file, whatever the number of changes in each.
    /// `None` without a file.
    pub fn flushes(&self) -> Option<u64> {
        self.shared.keeper.as_ref().map(Keeper::flushes)
    }

    /// Whatever is done to it before it is let go is one change.
    pub(crate) fn inside(&self) -> Held<'_> {
        Held { inside: locked(&self.shared.inside), keeper: self.shared.keeper.as_ref() }
    }

    /// Lets go of the state, and returns when what was done to it is safe.
    fn wait_for(&self, inside: Held<'_>) {
        let change = inside.let_go();
        if let Some(keeper) = &self.shared.keeper {
            // Whoever asks next is told that it failed.
            let _ = keeper.kept_blocking(change);
        }
    }

    /// May be asked for while holding [`inside`](Self::inside), not the other way round.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.shared.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A panic elsewhere is no reason to stop answering: what it left behind is still a state.
fn locked(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state, while nobody else has it.
pub(crate) struct Held<'a> {
    inside: MutexGuard<'a, Inside>,
    keeper: Option<&'a Keeper>,
}

impl Held<'_> {
    /// The change that was made; `None` if all is as it was.
    pub(crate) fn let_go(mut self) -> Option<ChangeNumber> {
        self.note_changes()
    }

    fn note_changes(&mut self) -> Option<ChangeNumber> {
        let change = self.inside.note_changes();
        if let (Some(_), Some(keeper)) = (change, self.keeper) {
            keeper.wake();
        }
        change
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.note_changes();
    }
}

impl Deref for Held<'_> {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        &self.inside
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Inside {
        &mut self.inside
    }
}

impl Clocks for Emulator {
    fn system(&self) -> Moment {
        system_clock()
    }

    fn emulated(&self) -> Moment {
        self.inside().now()
    }
}

impl Inside {
    fn new(config: &Config) -> Self {
        Self {
            cloud: Cloud::new(config.seed, config.transitions, &config.limits),
            ahead_ms: 0,
            requests: Ids::new(!config.seed),
            faults: Faults::new(config.seed, &config.faults),
            unwritten: None,
        }
    }

    pub(crate) fn now(&self) -> Moment {
        system_clock().shifted(self.ahead_ms)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms = self.ahead_ms.saturating_add(millis);
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.cloud.contents(), self.now())
    }

    fn become_another(&mut self, cloud: Cloud, ahead_ms: i64) {
        self.cloud = cloud;
        self.ahead_ms = ahead_ms;
        if let Some(unwritten) = &mut self.unwritten {
            unwritten.add_everything();
        }
    }

    fn numbers(&self) -> Numbers {
        self.cloud.numbers(self.ahead_ms)
    }

    /// All there is.
    fn batch(&self) -> Batch {
        Batch::of_everything(&self.cloud, self.numbers())
    }

    /// `None` if nothing changed since the last time.
    fn note_changes(&mut self) -> Option<ChangeNumber> {
        match &mut self.unwritten {
            Some(unwritten) => unwritten.add(&mut self.cloud, self.ahead_ms),
            None => {
                drop(self.cloud.changes());
                None
            }
        }
    }

    fn latest_change(&self) -> Option<ChangeNumber> {
        self.unwritten.as_ref().map(Unwritten::latest)
    }

    fn take_changes(&mut self, written: ChangeNumber) -> Option<(ChangeNumber, Batch)> {
        let unwritten = self.unwritten.as_mut().filter(|unwritten| unwritten.latest() > written)?;
        Some((unwritten.latest(), unwritten.take(&self.cloud)))
    }

    fn note(&mut self, operation: Option<Operation>) -> Noted {
        Noted { id: self.requests.request(), at: self.now(), operation, struck: None }
    }
}

/// The only place where the system's clock is read.
fn system_clock() -> Moment {
    Moment::from_system(SystemTime::now())
}

/// A graph as it is unless something else is asked for.
pub(crate) fn new_graph(config: &Config) -> NewGraph {
    NewGraph {
        id: None,
        project: config.project_id.clone(),
        // The name in the examples ("Upgrading a Graph", Example Response).
        name: "demo".to_owned(),
        version: Version::of_new_graphs(),
        edition: Edition::default(),
        condition: Condition::Running,
    }
}
