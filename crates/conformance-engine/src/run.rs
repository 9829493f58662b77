//! What happens when a plan is carried out?
//!
//! One endpoint that lies, hangs or resets costs one case and not the run: whatever goes wrong on the endpoint is a
//! failure of the case it happened to, in words. Only what makes the whole run pointless (nobody there, credentials
//! refused outright) stops it.
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in a [`Run`] contains it, not even where a server sends it back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::join_all;
use serde_json::Value;

use crate::address::Address;
use crate::compare::{Level, Mismatch, Note, Reply, compare};
use crate::exchange::{Exchange, Purpose, Sent};
use crate::http::{Client, Limits, Trouble};
use crate::json;
use crate::plan::{Entry, Fate, Plan};
use crate::request::{Prepared, Replacements, Values, has_value, prepare};
use crate::schema::Schemas;
use crate::secret::{REDACTED, Redactor, Secret, is_sensitive};
use crate::suite::Case;
use crate::tls::Tls;
use crate::value::found;

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the API is; it may have a path prefix.
    pub endpoint: Address,
    /// Whom to ask for states: `POST {"state": …, "action": "setup", "params": {}}`, used with its path and query.
    pub provider_states: Option<Address>,
    /// The credential; where it goes is the cases' business.
    pub token: Option<Secret>,
    /// How much a reply must have in common with the documented one.
    pub level: Level,
    /// For each call, from connecting to the last byte.
    pub timeout: Duration,
    /// The longest body that is read, in bytes.
    pub body_limit: usize,
    /// How many cases run at the same time, each on a connection of its own.
    pub concurrency: usize,
    /// A PEM file of certificates to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The shell variable that stands for the token in a line to repeat a request with, without its `$`.
    pub token_variable: String,
}

impl Options {
    /// One case after another at [`Level::Documented`], 10 seconds and 1 MiB for each, no credential.
    pub fn new(endpoint: Address) -> Self {
        Self {
            endpoint,
            provider_states: None,
            token: None,
            level: Level::default(),
            timeout: Duration::from_secs(10),
            body_limit: 1 << 20,
            concurrency: 1,
            ca_file: None,
            token_variable: "TOKEN".to_owned(),
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
    let first = connect_first(plan, options).await?;
    let runner = Runner {
        options,
        values: plan.values,
        needed: plan.needed,
        schemas: Schemas::new(&plan.suite.schemas),
        redactor: Redactor::new(options.token.as_ref()),
        root: options.endpoint.root(),
    };

    let board = Mutex::new(Board { results: plan.entries.iter().map(|_| None).collect(), progress });
    let next = AtomicUsize::new(0);
    let worker = async |mut peers: Peers| {
        while let Some((index, entry)) = take(&plan.entries, &next) {
            let result = runner.result(entry, &mut peers).await;
            let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
            (board.progress)(&result);
            board.results[index] = Some(result);
        }
    };
    let others = options.concurrency.clamp(1, plan.entries.len().max(1)) - 1;
    let others = (0..others).map(|_| first.another()).collect::<Vec<_>>();
    join_all(std::iter::once(first).chain(others).map(worker)).await;

    let board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut endpoint = options.endpoint.to_string();
    runner.redactor.text(&mut endpoint);
    Ok(Run {
        title: plan.suite.title.clone(),
        version: plan.suite.version.clone(),
        endpoint,
        level: options.level,
        results: board.results.into_iter().flatten().collect(),
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
    /// From the first connection to the last byte.
    pub took: Duration,
}

/// What came of one case. Secrets in it are replaced by `***`.
#[derive(Clone, Debug)]
pub struct CaseResult<'a> {
    /// The case.
    pub case: &'a Case,
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
            Counts { passed: 0, .. } => Verdict::NothingRan,
            _ => Verdict::Passed,
        }
    }

    /// Every reply was 401 although no case expected that: this says nothing about the API and all about the token.
    pub fn credentials_were_refused(&self) -> bool {
        let ran = self.results.iter().filter(|result| result.sent().is_some());
        let expects_it = |result: &CaseResult<'_>| result.case.expected.status == 401;
        let replies = self.results.iter().filter_map(CaseResult::reply);
        ran.clone().count() >= 2
            && !ran.clone().any(expects_it)
            && replies.clone().count() >= 2
            && replies.clone().all(|reply| reply.status == 401)
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
struct Board<'a, P> {
    results: Vec<Option<CaseResult<'a>>>,
    progress: P,
}

fn take<'p, 'a>(entries: &'p [Entry<'a>], next: &AtomicUsize) -> Option<(usize, &'p Entry<'a>)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    Some((index, entries.get(index)?))
}

/// Whom one worker talks to. Each has connections of its own, even at the same host and port: what happens on the way
/// to the provider of states says nothing about the endpoint.
struct Peers {
    endpoint: Client,
    provider: Option<Client>,
}

impl Peers {
    fn another(&self) -> Self {
        Self { endpoint: self.endpoint.another(), provider: self.provider.as_ref().map(Client::another) }
    }
}

/// Finds out before the first case whether anybody is there, and keeps the connections.
async fn connect_first(plan: &Plan<'_>, options: &Options) -> Result<Peers, StartError> {
    let limits = Limits { timeout: options.timeout, body: options.body_limit };
    let runs = plan.steps().next().is_some();
    let provider = options.provider_states.as_ref().filter(|_| plan.needs_provider_states());
    let failed = |message| StartError { message };

    let tls = if runs && options.endpoint.origin.tls || provider.is_some_and(|provider| provider.origin.tls) {
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

/// What all cases of one run share.
struct Runner<'r> {
    options: &'r Options,
    values: &'r Values,
    needed: &'r BTreeMap<String, Vec<String>>,
    schemas: Schemas<'r>,
    redactor: Redactor,
    root: String,
}

impl Runner<'_> {
    async fn result<'a>(&self, entry: &Entry<'a>, peers: &mut Peers) -> CaseResult<'a> {
        let start = Instant::now();
        let mut result = CaseResult {
            case: entry.case,
            outcome: Outcome::Skipped,
            exchanges: Vec::new(),
            notes: Vec::new(),
            started: SystemTime::now(),
            took: Duration::ZERO,
        };
        result.outcome = match &entry.fate {
            Fate::Skipped => Outcome::Skipped,
            Fate::Unreachable(reason) => Outcome::Unreachable { reason: reason.clone() },
            fate => self.outcome(&mut result, fate, peers).await,
        };
        if !matches!(result.outcome, Outcome::Pass) {
            peers.endpoint.forget();
        }
        self.redact(&mut result);
        result.took = start.elapsed();
        result
    }

    /// Reaches the case's state, sends its request and judges what comes back.
    ///
    /// A server may close an idle connection just when the next request is on its way, and then nobody can tell
    /// whether it acted on that request. The case is repeated, once and on a new connection, where the two requests
    /// cannot meet: they are about nothing, or about two things that the provider set up. What was given exists once.
    async fn outcome(&self, result: &mut CaseResult<'_>, fate: &Fate<'_>, peers: &mut Peers) -> Outcome {
        let values = match self.state(result, fate, peers).await {
            Ok(values) => values,
            Err(outcome) => return outcome,
        };
        let mut answer = self.send(result, &values, &mut peers.endpoint).await;
        if let Err(Trouble::Unanswered(_)) = answer {
            const CLOSED: &str = "the server closed a connection that it had used before, without a byte in answer";
            if let Fate::Given(_) = fate {
                let why = "the request may have taken effect, and what was given cannot be set up anew for a repeat";
                return Outcome::Broken { reason: format!("{CLOSED}: {why}") };
            }
            let values = match self.state(result, fate, peers).await {
                Ok(values) => values,
                Err(Outcome::Unreachable { reason } | Outcome::Broken { reason }) => {
                    return Outcome::Broken { reason: format!("{CLOSED}; and for a repeat: {reason}") };
                }
                Err(other) => return other,
            };
            answer = self.send(result, &values, &mut peers.endpoint).await;
            if !matches!(answer, Err(Trouble::Request(_))) {
                let text = "sent twice: the server had closed the connection without a byte in answer".to_owned();
                result.notes.push(Note { pointer: String::new(), text });
            }
        }
        match answer {
            Ok(reply) => self.judge(result, &reply),
            Err(Trouble::Request(reason)) => Outcome::Broken { reason },
            Err(Trouble::Endpoint(reason) | Trouble::Unanswered(reason)) => {
                Outcome::Fail { mismatches: vec![Mismatch::NoReply { reason }] }
            }
        }
    }

    /// The values of something that is in the case's state.
    async fn state<'v>(
        &self,
        result: &mut CaseResult<'_>,
        fate: &Fate<'v>,
        peers: &mut Peers,
    ) -> Result<Cow<'v, Values>, Outcome> {
        match fate {
            Fate::Given(values) => Ok(Cow::Borrowed(*values)),
            Fate::ProviderState => self.ask_for_state(result, peers.provider.as_mut()).await.map(Cow::Owned),
            Fate::NoStateNeeded | Fate::Unreachable(_) | Fate::Skipped => Ok(Cow::Owned(Values::new())),
        }
    }

    /// Sends the case's request, and remembers that it did.
    async fn send(&self, result: &mut CaseResult<'_>, state: &Values, client: &mut Client) -> Result<Reply, Trouble> {
        let Options { endpoint, token, token_variable, .. } = self.options;
        let replacements = Replacements { state, run: self.values };
        let prepared = prepare(result.case, replacements, endpoint.prefix(), &self.root, token.as_ref());
        let (prepared, mut sent) = prepared.map_err(Trouble::Request)?;
        token_variable.clone_into(&mut sent.token_variable);
        carry_out(result, Purpose::Case, sent, &prepared, client).await
    }

    fn judge(&self, result: &mut CaseResult<'_>, reply: &Reply) -> Outcome {
        let comparison = compare(result.case, &self.schemas, reply, self.options.level);
        result.notes.extend(comparison.notes);
        let faults: Vec<_> = comparison.schema_faults.iter().map(ToString::to_string).collect();
        if !comparison.mismatches.is_empty() {
            let note = |fault| Note {
                pointer: String::new(),
                text: format!("the documented schema cannot be applied: {fault}"),
            };
            result.notes.extend(faults.into_iter().map(note));
            Outcome::Fail { mismatches: comparison.mismatches }
        } else if !faults.is_empty() {
            Outcome::Broken { reason: format!("the documented schema cannot be applied: {}", faults.join("; ")) }
        } else {
            Outcome::Pass
        }
    }

    /// Asks the provider to bring something into the case's state; it answers the values that name it.
    async fn ask_for_state(
        &self,
        result: &mut CaseResult<'_>,
        provider: Option<&mut Client>,
    ) -> Result<Values, Outcome> {
        let case = result.case;
        let (Some(client), Some(address)) = (provider, &self.options.provider_states) else {
            return Err(Outcome::Unreachable { reason: "there is nobody to ask for a state".to_owned() });
        };
        let state = case.given.as_deref().unwrap_or_default();
        let broken = |what: String| Outcome::Broken { reason: format!("asked for the state `{state}`: {what}") };

        let body = serde_json::json!({"state": state, "action": "setup", "params": {}}).to_string();
        let header = |name: &str| (name.to_owned(), "application/json".to_owned());
        let request = Prepared {
            method: "POST".to_owned(),
            target: address.target(),
            headers: vec![header("Content-Type"), header("Accept")],
            body: Some(body.into_bytes()),
        };
        let sent = Sent {
            method: request.method.clone(),
            url: address.to_string(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            token_variable: String::new(),
        };
        let purpose = Purpose::ProviderState(state.to_owned());
        let mut answer = carry_out(result, purpose.clone(), sent.clone(), &request, client).await;
        if let Err(Trouble::Unanswered(_)) = answer {
            // Whatever was set up the first time has no name, so nobody will use it.
            answer = carry_out(result, purpose, sent, &request, client).await;
        }
        let reply = answer.map_err(|trouble| match trouble {
            Trouble::Endpoint(reason) | Trouble::Unanswered(reason) | Trouble::Request(reason) => broken(reason),
        })?;
        if !(200..300).contains(&reply.status) {
            let text = reply.text(200);
            let reason = format!("asked for the state `{state}`: status {} {text}", reply.status);
            let reason = reason.trim_end().to_owned();
            // 4xx is how a provider says that it knows no such state; anything else, that it does not work.
            let is_refusal = (400..500).contains(&reply.status);
            return Err(if is_refusal { Outcome::Unreachable { reason } } else { Outcome::Broken { reason } });
        }
        if let Some(fault) = &reply.framing_fault {
            return Err(broken(format!("the body {fault}")));
        }
        let values = values_of(&reply).map_err(broken)?;
        let replacements = Replacements { state: &values, run: self.values };
        let mut needed = self.needed.get(state).into_iter().flatten();
        match needed.find(|name| !has_value(&case.request, replacements, name)) {
            // Otherwise the request would go out with the documented value, and be about nothing that exists.
            Some(name) => {
                Err(Outcome::Broken { reason: format!("the provider of states answered no `{name}` for `{state}`") })
            }
            None => Ok(values),
        }
    }

    /// Nothing that leaves the runner contains the token.
    fn redact(&self, result: &mut CaseResult<'_>) {
        let redactor = &self.redactor;
        let credential = result.case.request.credential.as_ref().map(|credential| credential.name.as_str());
        for exchange in &mut result.exchanges {
            redact_exchange(exchange, credential, redactor);
        }
        for note in &mut result.notes {
            redactor.text(&mut note.text);
            redactor.text(&mut note.pointer);
        }
        match &mut result.outcome {
            Outcome::Fail { mismatches } => {
                mismatches.iter_mut().for_each(|mismatch| mismatch.map_text(|text| redactor.text(text)));
            }
            Outcome::Unreachable { reason } | Outcome::Broken { reason } => redactor.text(reason),
            Outcome::Pass | Outcome::Skipped => {}
        }
    }
}

/// Sends one request and remembers it with what came of it. A request that cannot be written was not sent.
async fn carry_out(
    result: &mut CaseResult<'_>,
    purpose: Purpose,
    sent: Sent,
    prepared: &Prepared,
    client: &mut Client,
) -> Result<Reply, Trouble> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let answer = client.exchange(prepared).await;
    let (reply, trouble) = match &answer {
        Ok(reply) => (Some(reply.clone()), None),
        Err(Trouble::Endpoint(reason) | Trouble::Unanswered(reason)) => (None, Some(reason.clone())),
        Err(Trouble::Request(_)) => return answer,
    };
    result.exchanges.push(Exchange { purpose, sent, reply, trouble, started, took: clock.elapsed() });
    answer
}

fn redact_exchange(exchange: &mut Exchange, credential: Option<&str>, redactor: &Redactor) {
    if let Some(reply) = &mut exchange.reply {
        for (name, value) in &mut reply.headers {
            let is_credential = credential.is_some_and(|known| known.eq_ignore_ascii_case(name));
            redactor.lower_case_text(name);
            if is_credential || is_sensitive(name) {
                REDACTED.clone_into(value);
            } else {
                redactor.text(value);
            }
        }
        redactor.body(&mut reply.body);
        redactor.text(&mut reply.reason);
        reply.framing_fault.iter_mut().for_each(|fault| redactor.text(fault));
    }
    // A value that was handed in, or answered by the provider of states, may be the token as well.
    let Sent { method: _, url, target, headers, body, token_variable: _ } = &mut exchange.sent;
    let headers = headers.iter_mut().map(|(_, value)| value);
    [url, target].into_iter().chain(headers).for_each(|text| redactor.text(text));
    body.iter_mut().for_each(|body| redactor.body(body));
    exchange.trouble.iter_mut().for_each(|trouble| redactor.text(trouble));
}

/// The values in a provider's answer: strings, numbers and booleans. What else it says is nobody's business here. An
/// empty answer has none.
fn values_of(reply: &Reply) -> Result<Values, String> {
    let reading = json::read(&reply.body);
    if reading.problems == [json::Problem::Empty] {
        return Ok(Values::new());
    }
    if let Some(problem) = reading.problems.first() {
        return Err(format!("expected a JSON object, found {problem}"));
    }
    let Some(Value::Object(members)) = reading.value else {
        return Err(format!(
            "expected a JSON object, found {}",
            reading.value.as_ref().map_or_else(String::new, found)
        ));
    };
    let mut values = Values::new();
    for (name, value) in members {
        match value {
            Value::String(text) => _ = values.insert(name, text),
            Value::Number(_) | Value::Bool(_) => _ = values.insert(name, value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {}
        }
    }
    Ok(values)
}
