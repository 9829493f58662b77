//! What happens when a plan is carried out?
//!
//! One endpoint that lies, hangs or resets costs one case and not the run: whatever goes wrong on the endpoint is a
//! failure of the case it happened to, in words. Only what makes the whole run pointless (nobody there, credentials
//! refused outright) stops it.
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in a [`Run`] contains it, not even where a server sends it back.

use std::fmt;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::{Either, join, join_all, select};

use crate::address::Address;
use crate::compare::{Level, Mismatch, Note, Reply};
use crate::deviations::Deviations;
use crate::exchange::{Exchange, Purpose, Sent};
use crate::http::{Client, Limits};
use crate::plan::{Fate, Plan};
use crate::runner::{Peers, Runner};
use crate::secret::{Secret, Sign};
use crate::stop::Stop;
use crate::suite::{Case, Kind};
use crate::tls::Tls;

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the API is; it may have a path prefix.
    pub endpoint: Address,
    /// Whom to ask for states: `POST {"state": …, "action": "setup", "params": {}}`, used with its path and query.
    pub provider_states: Option<Address>,
    /// The credential; where it goes is the cases' business.
    pub token: Option<Secret>,
    /// Signs what would carry the credential, if there is no token.
    pub signer: Option<Arc<dyn Sign>>,
    /// How much a reply must have in common with the documented one.
    pub level: Level,
    /// For each call, from connecting to the last byte.
    pub timeout: Duration,
    /// The longest body that is read, in bytes.
    pub body_limit: usize,
    /// How many cases run at the same time, each on a connection of its own.
    pub concurrency: usize,
    /// For each wait until what a request began has ended.
    pub patience: Duration,
    /// How long to wait instead where nobody can look whether it has.
    pub settle: Duration,
    /// For the whole run: what has not had its turn by then is broken. What was led through its states is brought back
    /// all the same.
    pub deadline: Option<Duration>,
    /// Ends the run early, as the deadline does.
    pub stop: Stop,
    /// A PEM file of certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The shell variable that stands for the token in a line to repeat a request with, without its `$`.
    pub token_variable: String,
    /// Cases that are known to fail.
    pub deviations: Deviations,
}

impl Options {
    /// One case after another at [`Level::Documented`], 10 seconds and 1 MiB for each, no credential.
    pub fn new(endpoint: Address) -> Self {
        Self {
            endpoint,
            provider_states: None,
            token: None,
            signer: None,
            level: Level::default(),
            timeout: Duration::from_secs(10),
            body_limit: 1 << 20,
            concurrency: 1,
            patience: Duration::from_secs(30),
            settle: Duration::ZERO,
            deadline: None,
            stop: Stop::default(),
            ca_file: None,
            token_variable: "TOKEN".to_owned(),
            deviations: Deviations::default(),
        }
    }
}

/// Carries out `plan`. `progress` hears of each case as it ends, which with several at a time is not their order.
///
/// Runs on the caller's runtime (time and network enabled); a single thread is enough.
pub async fn run<'a>(
    plan: &Plan<'a>,
    options: &Options,
    progress: impl FnMut(&CaseResult<'a>) + Send,
) -> Result<Run<'a>, StartError> {
    let start = Instant::now();
    let stop = options.stop.clone();
    let (deadline_passed, deadline) = (options.stop.clone(), options.deadline);
    let watch = async move {
        if let Some(deadline) = deadline {
            tokio::time::sleep(deadline).await;
            let shown = format!("{} s", deadline.as_secs_f64());
            deadline_passed.now(&format!("the run's deadline of {shown} had passed"));
        }
    };
    let whole = pin!(carry_out(plan, options, progress, start, &stop));
    match select(whole, pin!(watch)).await {
        Either::Left((run, _)) => run,
        Either::Right(((), whole)) => whole.await,
    }
}

async fn carry_out<'a>(
    plan: &Plan<'a>,
    options: &Options,
    progress: impl FnMut(&CaseResult<'a>) + Send,
    start: Instant,
    stop: &Stop,
) -> Result<Run<'a>, StartError> {
    let first = connect_first(plan, options).await?;
    let runner = Runner::new(plan, options);
    let board = Board(Mutex::new(Posted { results: plan.entries.iter().map(|_| None).collect(), progress }));
    let units = units(plan);
    let next = AtomicUsize::new(0);
    let post = |(index, mut result): (usize, CaseResult<'a>)| {
        runner.show(&mut result);
        board.post(index, result);
    };
    let worker = async |mut peers: Peers| {
        let mut last = None;
        while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Once this unit's first request is on its way, while there is nothing to do but wait.
            let before = last.take();
            let post_last = async { before.into_iter().for_each(post) };
            match unit {
                Unit::Case(index) => {
                    // Pinned, for it is large to move.
                    let result = pin!(runner.result(&plan.entries[*index], &mut peers, stop));
                    last = Some((*index, join(result, post_last).await.0));
                }
                Unit::Tour(index) => _ = join(runner.tour(*index, &mut peers, stop, &board), post_last).await,
            }
        }
        last.into_iter().for_each(post);
    };
    let others = options.concurrency.clamp(1, units.len().max(1)) - 1;
    let others = (0..others).map(|_| first.another()).collect::<Vec<_>>();
    let last = first.another();
    join_all(std::iter::once(first).chain(others).map(worker)).await;

    // What looks at the whole run comes after all of it.
    let mut peers = last;
    for (index, entry) in plan.entries.iter().enumerate().filter(|(_, entry)| is_about_all(entry.case)) {
        if !matches!(entry.fate, Fate::Tour(_)) {
            post((index, runner.result(entry, &mut peers, stop).await));
        }
    }
    let results = board.0.into_inner().unwrap_or_else(PoisonError::into_inner).results;
    let mut endpoint = options.endpoint.to_string();
    runner.redactor().text(&mut endpoint);
    Ok(Run {
        title: plan.suite.title.clone(),
        version: plan.suite.version.clone(),
        endpoint,
        level: options.level,
        results: results.into_iter().flatten().collect(),
        tours: runner.tours(),
        took: start.elapsed(),
    })
}

/// What came of a whole plan.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The document's title.
    pub title: String,
    /// The document's version.
    pub version: String,
    /// The endpoint.
    pub endpoint: String,
    /// How closely replies were compared.
    pub level: Level,
    /// One result for each case of the suite, in its order.
    pub results: Vec<CaseResult<'a>>,
    /// What became of each thing that was led through its states.
    pub tours: Vec<TourResult>,
    /// From the first connection to the last byte.
    pub took: Duration,
}

/// What became of one thing that was led through its states.
#[derive(Clone, Debug, Default)]
pub struct TourResult {
    /// What names it, as `name=value`.
    pub name: String,
    /// The state it was found in, or taken to be in.
    pub found: Option<String>,
    /// Somebody looked: it was found in that state.
    pub was_seen: bool,
    /// The state it is left in, as far as is known.
    pub left: Option<String>,
    /// What is different although the state is the same again, a line for each.
    pub stays: Vec<String>,
    /// What went wrong on the way back, or before anything could be sent.
    pub problem: Option<String>,
    /// What was sent for no case: the first look, and the way back.
    pub exchanges: Vec<Exchange>,
}

/// What came of one case. Secrets in it are replaced by `***`.
#[derive(Clone, Debug)]
pub struct CaseResult<'a> {
    /// The case.
    pub case: &'a Case,
    /// The case whose expectation the judged reply was held against: `case`, or the step of a journey that failed.
    pub held_against: &'a Case,
    /// The verdict.
    pub outcome: Outcome,
    /// Everything that was sent for it, in order, with what came back.
    pub exchanges: Vec<Exchange>,
    /// What is worth saying beside the verdict.
    pub notes: Vec<Note>,
    /// By the clock of this machine.
    pub started: SystemTime,
    /// Reaching the state included.
    pub took: Duration,
}

impl CaseResult<'_> {
    /// The exchange that was judged: the last for the case itself, or the step before it that already failed.
    pub fn judged(&self) -> Option<&Exchange> {
        self.exchanges.iter().rfind(|exchange| matches!(exchange.purpose, Purpose::Case | Purpose::Step(_)))
    }

    /// The request that was judged, if one was sent.
    pub fn sent(&self) -> Option<&Sent> {
        self.judged().map(|exchange| &exchange.sent)
    }

    /// Its reply, if one came.
    pub fn reply(&self) -> Option<&Reply> {
        self.judged()?.reply.as_ref()
    }
}

/// The verdict on one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The reply keeps what the document promises.
    Pass,
    /// It does not.
    Fail {
        /// Why not; at least one.
        mismatches: Vec<Mismatch>,
    },
    /// It does not, and that is known and accepted ([`Options::deviations`]).
    Deviates {
        /// Why not; at least one.
        mismatches: Vec<Mismatch>,
        /// Why it is accepted.
        reason: String,
    },
    /// The case's state cannot be reached, so nothing was asked.
    Unreachable {
        /// Why not.
        reason: String,
    },
    /// The case was not asked for.
    Skipped,
    /// The case could not be judged, and the endpoint is not to blame: a provider of states that does not work, a
    /// schema that cannot be applied, a request that cannot be written.
    Broken {
        /// Why not.
        reason: String,
    },
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// [`Outcome::Pass`].
    pub passed: usize,
    /// [`Outcome::Fail`].
    pub failed: usize,
    /// [`Outcome::Deviates`].
    pub deviating: usize,
    /// [`Outcome::Unreachable`].
    pub unreachable: usize,
    /// [`Outcome::Skipped`].
    pub skipped: usize,
    /// [`Outcome::Broken`].
    pub broken: usize,
}

/// What a run says as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every case that ran passed, and at least one ran.
    Passed,
    /// At least one case failed.
    ContractBroken,
    /// Cases could not be judged, or the credentials were refused outright.
    CouldNotRun,
    /// No case ran.
    NothingRan,
}

impl Run<'_> {
    /// How many cases ended in which way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for result in &self.results {
            *match result.outcome {
                Outcome::Pass => &mut counts.passed,
                Outcome::Fail { .. } => &mut counts.failed,
                Outcome::Deviates { .. } => &mut counts.deviating,
                Outcome::Unreachable { .. } => &mut counts.unreachable,
                Outcome::Skipped => &mut counts.skipped,
                Outcome::Broken { .. } => &mut counts.broken,
            } += 1;
        }
        counts
    }

    /// What the run says as a whole. A run that could not run never looks like one that passed.
    pub fn verdict(&self) -> Verdict {
        let counts = self.counts();
        match counts {
            _ if self.credentials_were_refused() => Verdict::CouldNotRun,
            Counts { failed: 1.., .. } => Verdict::ContractBroken,
            Counts { broken: 1.., .. } => Verdict::CouldNotRun,
            Counts { passed: 0, deviating: 0, .. } => Verdict::NothingRan,
            _ => Verdict::Passed,
        }
    }

    /// Every reply was 401 although no case expected that: this says nothing about the API and all about the token.
    pub fn credentials_were_refused(&self) -> bool {
        // What is sent without the right credential says nothing about it.
        let is_derived = |case: &Case| matches!(case.kind, Kind::Derived { .. });
        let ran = self.results.iter().filter(|result| result.sent().is_some() && !is_derived(result.held_against));
        let expects_it = |result: &CaseResult<'_>| result.held_against.expected.status == 401;
        let mut replies = ran.clone().filter_map(CaseResult::reply).peekable();
        replies.peek().is_some() && !ran.clone().any(expects_it) && replies.all(|reply| reply.status == 401)
    }
}

impl Verdict {
    /// The exit status of a program that ran nothing else.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::ContractBroken => 1,
            Self::CouldNotRun => 3,
            Self::NothingRan => 4,
        }
    }
}

/// Why not even the first request could be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartError {
    message: String,
}

impl StartError {
    /// The exit status of a program that ran nothing else.
    pub fn exit_code(&self) -> u8 {
        Verdict::CouldNotRun.exit_code()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}

/// The results so far, each in the place of its case.
pub(crate) struct Board<'a, P>(Mutex<Posted<'a, P>>);

struct Posted<'a, P> {
    results: Vec<Option<CaseResult<'a>>>,
    progress: P,
}

impl<'a, P: FnMut(&CaseResult<'a>)> Board<'a, P> {
    pub(crate) fn post(&self, index: usize, result: CaseResult<'a>) {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (board.progress)(&result);
        if let Some(place) = board.results.get_mut(index) {
            *place = Some(result);
        }
    }
}

/// What one worker does without a pause.
enum Unit {
    Case(usize),
    Tour(usize),
}

fn units(plan: &Plan<'_>) -> Vec<Unit> {
    let cases = plan.entries.iter().enumerate();
    let cases = cases.filter(|(_, entry)| !matches!(entry.fate, Fate::Tour(_)) && !is_about_all(entry.case));
    let tours = (0..plan.tours.len()).map(Unit::Tour);
    cases.map(|(index, _)| Unit::Case(index)).chain(tours).collect()
}

fn is_about_all(case: &Case) -> bool {
    matches!(case.kind, Kind::Journey { unique: true, .. })
}

/// Finds out before the first case whether anybody is there, and keeps the connections.
async fn connect_first(plan: &Plan<'_>, options: &Options) -> Result<Peers, StartError> {
    let limits = Limits { timeout: options.timeout, body: options.body_limit };
    let runs = plan.steps().next().is_some();
    let provider = options.provider_states.as_ref().filter(|_| plan.needs_provider_states());
    let failed = |message| StartError { message };

    let is_secure = runs && options.endpoint.origin.tls || provider.is_some_and(|provider| provider.origin.tls);
    // Certificates that cannot be read are a mistake also of a run that needs none.
    let tls = if is_secure || options.ca_file.is_some() {
        Some(Tls::new(options.ca_file.as_deref()).map_err(failed)?)
    } else {
        None
    };
    let mut endpoint = Client::new(options.endpoint.clone(), "the endpoint", limits, tls.clone());
    if runs {
        endpoint.connect().await.map_err(failed)?;
    }
    let mut provider = provider.map(|address| Client::new(address.clone(), "the provider of states", limits, tls));
    if let Some(provider) = &mut provider {
        provider.connect().await.map_err(failed)?;
    }
    Ok(Peers { endpoint, provider })
}
