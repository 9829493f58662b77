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
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use crate::address::Address;
use crate::compare::{Level, Mismatch, Note, Reply, compare};
use crate::http::{Client, Limits, Trouble};
use crate::json;
use crate::plan::{Entry, Fate, Plan};
use crate::request::{Prepared, Replacements, Sent, Values, prepare};
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
    let first_client = connect_first(plan, options).await?;
    let runner = Runner {
        options,
        values: plan.values,
        schemas: Schemas::new(&plan.suite.schemas),
        redactor: Redactor::new(options.token.as_ref()),
        root: options.endpoint.root(),
    };

    let board = Mutex::new(Board { results: plan.entries.iter().map(|_| None).collect(), progress });
    let next = AtomicUsize::new(0);
    let worker = async |mut client: Client| {
        while let Some((index, entry)) = take(&plan.entries, &next) {
            let result = runner.result(entry, &mut client).await;
            let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
            (board.progress)(&result);
            board.results[index] = Some(result);
        }
    };
    let others = options.concurrency.clamp(1, plan.entries.len().max(1)) - 1;
    let clients = (0..others).map(|_| first_client.another()).collect::<Vec<_>>();
    join_all(std::iter::once(first_client).chain(clients).map(worker)).await;

    let board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Run {
        title: plan.suite.title.clone(),
        version: plan.suite.version.clone(),
        endpoint: options.endpoint.to_string(),
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
    /// The request, if one was sent.
    pub sent: Option<Sent>,
    /// The reply, if one came.
    pub reply: Option<Reply>,
    /// What is worth saying beside the verdict.
    pub notes: Vec<Note>,
    /// Reaching the state included.
    pub took: Duration,
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
        let ran = self.results.iter().filter(|result| result.sent.is_some());
        let expects_it = |result: &CaseResult<'_>| result.case.expected.status == 401;
        let replies = self.results.iter().filter_map(|result| result.reply.as_ref());
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

/// Finds out before the first case whether anybody is there, and keeps the connections.
async fn connect_first(plan: &Plan<'_>, options: &Options) -> Result<Client, StartError> {
    let limits = Limits { timeout: options.timeout, body: options.body_limit };
    let runs = plan.steps().next().is_some();
    let provider = options.provider_states.as_ref().filter(|_| plan.needs_provider_states());
    let addresses = runs.then_some(&options.endpoint).into_iter().chain(provider);

    let tls = if addresses.clone().any(|address| address.origin.tls) {
        Some(Tls::new(options.ca_file.as_deref()).map_err(|message| StartError { message })?)
    } else {
        None
    };
    let mut client = Client::new(limits, tls);
    for address in addresses {
        client.connect(address).await.map_err(|error| {
            let role = if std::ptr::eq(address, &options.endpoint) { "the endpoint" } else { "the provider of states" };
            let message = format!("{error}\nhint: is {role} running, and is {address} its address?");
            StartError { message }
        })?;
    }
    Ok(client)
}

/// What all cases of one run share.
struct Runner<'r> {
    options: &'r Options,
    values: &'r Values,
    schemas: Schemas<'r>,
    redactor: Redactor,
    root: String,
}

impl Runner<'_> {
    async fn result<'a>(&self, entry: &Entry<'a>, client: &mut Client) -> CaseResult<'a> {
        let start = Instant::now();
        let mut result = CaseResult {
            case: entry.case,
            outcome: Outcome::Skipped,
            sent: None,
            reply: None,
            notes: Vec::new(),
            took: Duration::ZERO,
        };
        result.outcome = match &entry.fate {
            Fate::Skipped => Outcome::Skipped,
            Fate::Unreachable(reason) => Outcome::Unreachable { reason: reason.clone() },
            Fate::NoStateNeeded => self.outcome(&mut result, &Values::new(), client).await,
            Fate::Given(values) => self.outcome(&mut result, values, client).await,
            Fate::ProviderState => match self.ask_for_state(entry.case, client).await {
                Ok(values) => self.outcome(&mut result, &values, client).await,
                Err(outcome) => outcome,
            },
        };
        self.redact(&mut result);
        result.took = start.elapsed();
        result
    }

    /// Sends the case's request and judges what comes back.
    async fn outcome(&self, result: &mut CaseResult<'_>, state: &Values, client: &mut Client) -> Outcome {
        let case = result.case;
        let Options { endpoint, token, level, .. } = self.options;
        let replacements = Replacements { state, run: self.values };
        let prepared = prepare(case, replacements, endpoint.prefix(), &self.root, token.as_ref());
        let (prepared, sent) = match prepared {
            Ok(both) => both,
            Err(reason) => return Outcome::Broken { reason },
        };
        let answer = match client.exchange(endpoint, &prepared).await {
            Ok(answer) => answer,
            Err(Trouble::Request(reason)) => return Outcome::Broken { reason },
            Err(Trouble::Endpoint(reason)) => {
                result.sent = Some(sent);
                return Outcome::Fail { mismatches: vec![Mismatch::NoReply { reason }] };
            }
        };
        result.sent = Some(sent);
        if answer.resent {
            let text = "sent twice: the server had closed the connection without a byte in answer".to_owned();
            result.notes.push(Note { pointer: String::new(), text });
        }

        let comparison = compare(case, &self.schemas, &answer.reply, *level);
        result.reply = Some(answer.reply);
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
    async fn ask_for_state(&self, case: &Case, client: &mut Client) -> Result<Values, Outcome> {
        let Some(provider) = &self.options.provider_states else {
            return Err(Outcome::Unreachable { reason: "there is nobody to ask for a state".to_owned() });
        };
        let state = case.given.as_deref().unwrap_or_default();
        let broken = |what: String| Outcome::Broken { reason: format!("asked for the state `{state}`: {what}") };

        let body = serde_json::json!({"state": state, "action": "setup", "params": {}}).to_string();
        let header = |name: &str| (name.to_owned(), "application/json".to_owned());
        let request = Prepared {
            method: "POST".to_owned(),
            target: provider.target(),
            headers: vec![header("Content-Type"), header("Accept")],
            body: Some(body.into_bytes()),
        };
        let reply = match client.exchange(provider, &request).await {
            Ok(answer) => answer.reply,
            Err(Trouble::Endpoint(reason) | Trouble::Request(reason)) => return Err(broken(reason)),
        };
        if !(200..300).contains(&reply.status) {
            let text = reply.text(200);
            let reason = format!("asked for the state `{state}`: status {} {text}", reply.status);
            return Err(Outcome::Unreachable { reason: reason.trim_end().to_owned() });
        }
        if let Some(fault) = &reply.framing_fault {
            return Err(broken(format!("the body {fault}")));
        }
        values_of(&reply).map_err(broken)
    }

    /// Nothing that leaves the runner contains the token.
    fn redact(&self, result: &mut CaseResult<'_>) {
        let redactor = &self.redactor;
        if let Some(reply) = &mut result.reply {
            let credential = result.case.request.credential.as_ref();
            for (name, value) in &mut reply.headers {
                let is_credential = credential.is_some_and(|it| it.name.eq_ignore_ascii_case(name));
                if is_credential || is_sensitive(name) {
                    REDACTED.clone_into(value);
                } else {
                    redactor.text(value);
                }
            }
            redactor.body(&mut reply.body);
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

/// The values in a provider's answer: strings, numbers and booleans; `null` is no value. An empty answer has none.
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
            Value::Null => {}
            other => return Err(format!("expected a string as `{name}`, found {}", found(&other))),
        }
    }
    Ok(values)
}
