//! How is one case carried out: its state reached, its requests sent, its replies judged?
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in a [`CaseResult`] contains it, not even where a server sends it back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use crate::compare::{Mismatch, Note, Reply, compare};
use crate::exchange::{Exchange, Purpose, Sent};
use crate::http::{Client, Trouble};
use crate::json;
use crate::looking::{Served, Waited};
use crate::plan::{Entry, Fate, Naming, Plan};
use crate::request::{Prepared, Replacements, Values, has_value, prepare};
use crate::run::{CaseResult, Options, Outcome, TourResult};
use crate::schema::Schemas;
use crate::secret::{REDACTED, Redactor, Unsigned, is_sensitive};
use crate::stop::Stop;
use crate::suite::{Case, Kind, Rule};
use crate::tour::{collect, is_success};
use crate::value::found;

/// Whom one worker talks to. Each has connections of its own, even at the same host and port: what happens on the way
/// to the provider of states says nothing about the endpoint.
pub(crate) struct Peers {
    pub(crate) endpoint: Client,
    pub(crate) provider: Option<Client>,
}

impl Peers {
    pub(crate) fn another(&self) -> Self {
        Self { endpoint: self.endpoint.another(), provider: self.provider.as_ref().map(Client::another) }
    }
}

/// What all cases of one run share.
pub(crate) struct Runner<'r, 'a> {
    pub(crate) plan: &'r Plan<'a>,
    pub(crate) options: &'r Options,
    schemas: Schemas<'a>,
    redactor: Redactor,
    root: String,
    /// The identifiers that were answered as new.
    identities: Mutex<Vec<Identity>>,
    /// Bytes of bodies that are kept for reports.
    kept: AtomicUsize,
    pub(crate) served: Served,
    pub(crate) toured: Mutex<Vec<TourResult>>,
}

/// An identifier that an answer gave to something new.
struct Identity {
    pointer: String,
    value: String,
    case: String,
}

/// What came of the requests of one case.
pub(crate) enum Performed {
    Judged(Outcome),
    /// A connection that had served before was closed without a byte in answer.
    Unanswered(String),
    Unwritable(String),
}

/// How long a request is repeated that should succeed and is refused, where nobody could look whether what came before
/// it has ended.
const GRACE: Duration = Duration::from_secs(3);

/// Of all bodies together, so much is kept whole; of the rest only the beginning.
const KEPT: usize = 16 << 20;
const BEGINNING: usize = 4 << 10;

impl<'r, 'a> Runner<'r, 'a> {
    pub(crate) fn new(plan: &'r Plan<'a>, options: &'r Options) -> Self {
        Self {
            plan,
            options,
            schemas: Schemas::new(&plan.suite.schemas),
            redactor: redactor(options),
            root: options.endpoint.root(),
            identities: Mutex::default(),
            kept: AtomicUsize::new(0),
            served: Served::default(),
            toured: Mutex::default(),
        }
    }

    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    pub(crate) fn tours(self) -> Vec<TourResult> {
        self.toured.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of one case; nobody may see it before [`Self::show`].
    pub(crate) async fn result(&self, entry: &Entry<'a>, peers: &mut Peers, stop: &Stop) -> CaseResult<'a> {
        let start = Instant::now();
        let mut result = CaseResult::of(entry.case);
        result.outcome = match (&entry.fate, stop.reason()) {
            (Fate::Skipped, _) => Outcome::Skipped,
            (Fate::Unreachable(reason), _) => Outcome::Unreachable { reason: reason.clone() },
            (_, Some(reason)) => Outcome::Broken { reason: format!("not sent, because {reason}") },
            (fate, None) => self.outcome(&mut result, fate, peers, stop).await,
        };
        self.conclude(&mut result, start, peers);
        result
    }

    /// What every result needs before the next request is sent.
    pub(crate) fn conclude(&self, result: &mut CaseResult<'a>, start: Instant, peers: &mut Peers) {
        if matches!(result.case.kind, Kind::Journey { unique: true, .. }) {
            self.judge_identities(result);
        }
        let outcome = std::mem::replace(&mut result.outcome, Outcome::Skipped);
        result.outcome = self.options.deviations.applied(&result.case.id, outcome);
        if !matches!(result.outcome, Outcome::Pass) {
            peers.endpoint.forget();
        }
        result.took = start.elapsed();
    }

    /// What every result needs before anybody sees it.
    pub(crate) fn show(&self, result: &mut CaseResult<'a>) {
        self.redact(result);
        for exchange in &mut result.exchanges {
            self.shorten(exchange);
        }
    }

    /// Reaches the case's state, sends its requests and judges what comes back.
    ///
    /// A server may close an idle connection just when the next request is on its way, and then nobody can tell
    /// whether it acted on that request. The case is repeated, once and on a new connection, where the two requests
    /// cannot meet: they are about nothing, or about two things that the provider set up. What was given exists once.
    async fn outcome(&self, result: &mut CaseResult<'a>, fate: &Fate, peers: &mut Peers, stop: &Stop) -> Outcome {
        const CLOSED: &str = "the server closed a connection that it had used before, without a byte in answer";
        let mut values = match self.state(result, fate, peers).await {
            Ok(values) => values,
            Err(outcome) => return outcome,
        };
        let mut performed = self.perform(result, &mut values, 0, &mut peers.endpoint, stop).await;
        if let Performed::Unanswered(_) = performed {
            if let Fate::Given(_) = fate {
                let why = "the request may have taken effect, and what was given cannot be set up anew for a repeat";
                return Outcome::Broken { reason: format!("{CLOSED}: {why}") };
            }
            values = match self.state(result, fate, peers).await {
                Ok(values) => values,
                Err(Outcome::Unreachable { reason } | Outcome::Broken { reason }) => {
                    return Outcome::Broken { reason: format!("{CLOSED}; and for a repeat: {reason}") };
                }
                Err(other) => return other,
            };
            performed = self.perform(result, &mut values, 0, &mut peers.endpoint, stop).await;
            if !matches!(performed, Performed::Unwritable(_)) {
                result.note("sent twice: the server had closed the connection without a byte in answer");
            }
        }
        match performed {
            Performed::Judged(outcome) => outcome,
            Performed::Unwritable(reason) => Outcome::Broken { reason },
            Performed::Unanswered(reason) => Outcome::Fail { mismatches: vec![Mismatch::NoReply { reason }] },
        }
    }

    /// Sends the requests of a case, but for the first `skip` of its steps, and judges each reply.
    pub(crate) async fn perform(
        &self,
        result: &mut CaseResult<'a>,
        values: &mut Values,
        skip: usize,
        client: &mut Client,
        stop: &Stop,
    ) -> Performed {
        let case = result.case;
        let mut is_unsure = false;
        let steps = case.kind.steps().iter().skip(skip).filter_map(|step| self.plan.suite.case(step));
        for (step, purpose) in steps.map(|step| (step, Purpose::Step(step.id.clone()))).chain([(case, Purpose::Case)]) {
            let reply = match self.answer(result, step, purpose, values, client, stop, is_unsure).await {
                Ok(reply) => reply,
                Err(Trouble::Request(reason)) => return Performed::Unwritable(reason),
                Err(Trouble::Unanswered(reason)) => return Performed::Unanswered(reason),
                Err(Trouble::Endpoint(reason)) => {
                    result.held_against = step;
                    return Performed::Judged(Outcome::Fail { mismatches: vec![Mismatch::NoReply { reason }] });
                }
            };
            result.held_against = step;
            let outcome = self.judge(result, step, &reply);
            if !matches!(outcome, Outcome::Pass) || step.id == case.id {
                if step.id != case.id {
                    result.note(format!("in the step {} on the way", step.id));
                }
                return Performed::Judged(outcome);
            }
            is_unsure = self.settle(result, step, &reply, values, client, stop).await == Waited::Unsure;
            if let Some(reason) = stop.reason() {
                // What the step began may still be under way, and would be held against the next one.
                let reason = format!("not sent to its end, because {reason}");
                return Performed::Judged(Outcome::Broken { reason });
            }
        }
        Performed::Judged(Outcome::Broken { reason: "the case has no request".to_owned() })
    }

    /// After a request that succeeded: what its answer brings along, and until what it began has ended.
    pub(crate) async fn settle(
        &self,
        result: &mut CaseResult<'a>,
        case: &Case,
        reply: &Reply,
        values: &mut Values,
        client: &mut Client,
        stop: &Stop,
    ) -> Waited {
        if !is_success(case) {
            return Waited::Ended;
        }
        collect(self.plan.suite, case, &reply.content().unwrap_or_default(), values);
        let waited = self.wait(&mut result.exchanges, case, reply, values, client, stop).await;
        match &waited {
            Waited::Failed(status) => result.note(format!("what {} began ended as `{status}`", case.operation)),
            // Cut short, and not by its own length.
            Waited::TooLong if stop.reason().is_some() => {}
            Waited::TooLong => result.note(format!(
                "what {} began had not ended after {} s",
                case.operation,
                self.options.patience.as_secs_f64(),
            )),
            Waited::Ended | Waited::Unsure => {}
        }
        waited
    }

    /// The answer to one request of a case. Where nobody knows whether what came before it has ended, a refusal of what
    /// should succeed may only mean that it has not.
    #[allow(clippy::too_many_arguments)]
    async fn answer(
        &self,
        result: &mut CaseResult<'a>,
        case: &Case,
        purpose: Purpose,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
        is_unsure: bool,
    ) -> Result<Reply, Trouble> {
        let until = Instant::now() + GRACE;
        let mut pause = Duration::from_millis(50);
        loop {
            let answer = self.send(&mut result.exchanges, case, purpose.clone(), values, client).await;
            let is_refusal = matches!(&answer, Ok(reply) if is_success(case) && (400..500).contains(&reply.status));
            if !(is_unsure && is_refusal && Instant::now() + pause < until && stop.sleep(pause).await) {
                return answer;
            }
            pause *= 2;
        }
    }

    /// The values of something that is in the case's state.
    async fn state(&self, result: &mut CaseResult<'a>, fate: &Fate, peers: &mut Peers) -> Result<Values, Outcome> {
        match fate {
            Fate::Given(values) => Ok(values.clone()),
            Fate::ProviderState => self.ask_for_state(result, peers.provider.as_mut()).await,
            Fate::NoStateNeeded | Fate::Tour(_) | Fate::Unreachable(_) | Fate::Skipped => Ok(Values::new()),
        }
    }

    /// Sends one request, and remembers it with what came of it. A request that cannot be written was not sent.
    pub(crate) async fn send(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        purpose: Purpose,
        values: &Values,
        client: &mut Client,
    ) -> Result<Reply, Trouble> {
        let Options { endpoint, token, token_variable, .. } = self.options;
        let replacements = Replacements { state: values, run: self.plan.values };
        let prepared = prepare(case, replacements, endpoint.prefix(), &self.root, token.as_ref());
        let (mut prepared, mut sent) = prepared.map_err(Trouble::Request)?;
        if let Some(naming) = self.plan.prefer {
            let header = ("Prefer".to_owned(), preference(case, naming));
            prepared.headers.push(header.clone());
            sent.headers.push(header);
        }
        self.sign(case, &mut prepared, &mut sent).map_err(Trouble::Request)?;
        token_variable.clone_into(&mut sent.token_variable);
        let answer = carry_out(exchanges, purpose, sent, &prepared, client).await;
        if let Ok(reply) = &answer
            && is_success(case)
            && (200..300).contains(&reply.status)
        {
            self.remember_identities(case, reply);
        }
        answer
    }

    /// Where a token would go, a signature goes, if there is somebody to sign and no token.
    fn sign(&self, case: &Case, prepared: &mut Prepared, sent: &mut Sent) -> Result<(), String> {
        let Some(signer) = self.options.signer.as_ref().filter(|_| self.options.token.is_none()) else { return Ok(()) };
        if case.request.credential.as_ref().is_none_or(|credential| credential.instead.is_some()) {
            return Ok(());
        }
        let url = format!("{}{}", self.root, prepared.target);
        let body = prepared.body.as_deref().unwrap_or_default();
        let unsigned = Unsigned { method: &prepared.method, url: &url, headers: &prepared.headers, body };
        for (name, value) in signer.sign(&unsigned).map_err(|why| format!("the request cannot be signed: {why}"))? {
            let shown = if is_sensitive(&name) { REDACTED.to_owned() } else { value.clone() };
            sent.headers.push((name.clone(), shown));
            prepared.headers.push((name, value));
        }
        Ok(())
    }

    fn judge(&self, result: &mut CaseResult<'a>, case: &Case, reply: &Reply) -> Outcome {
        let comparison = compare(case, &self.schemas, reply, self.options.level);
        result.notes.extend(comparison.notes);
        let faults: Vec<_> = comparison.schema_faults.iter().map(ToString::to_string).collect();
        if !comparison.mismatches.is_empty() {
            for fault in faults {
                result.note(format!("the documented schema cannot be applied: {fault}"));
            }
            Outcome::Fail { mismatches: comparison.mismatches }
        } else if !faults.is_empty() {
            Outcome::Broken { reason: format!("the documented schema cannot be applied: {}", faults.join("; ")) }
        } else {
            Outcome::Pass
        }
    }

    fn remember_identities(&self, case: &Case, reply: &Reply) {
        let Some(body) = &case.expected.body else { return };
        if !body.rules.values().any(|rule| *rule == Rule::Id) {
            return;
        }
        let Some(value) = json::read(&reply.content().unwrap_or_default()).value else { return };
        let mut known = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        for pointer in body.rules.iter().filter(|(_, rule)| **rule == Rule::Id).map(|(pointer, _)| pointer) {
            if let Some(text) = value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()) {
                let (pointer, value) = (pointer.clone(), text.to_owned());
                known.push(Identity { pointer, value, case: case.id.clone() });
            }
        }
    }

    /// No two answers of the run may give the same identifier to two new things of one kind.
    fn judge_identities(&self, result: &mut CaseResult<'a>) {
        // `job_id` and `jobId` name the same kind of thing.
        let kind = |identity: &Identity| {
            let name = identity.pointer.rsplit('/').next().unwrap_or_default();
            name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
        };
        let known = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        let mut first: std::collections::HashMap<(String, &str), &Identity> = std::collections::HashMap::new();
        let mut repeated = Vec::new();
        for identity in known.iter() {
            match first.entry((kind(identity), &identity.value)) {
                std::collections::hash_map::Entry::Vacant(entry) => _ = entry.insert(identity),
                std::collections::hash_map::Entry::Occupied(entry) => repeated.push(Mismatch::NotNew {
                    pointer: identity.pointer.clone(),
                    found: identity.value.clone(),
                    case: identity.case.clone(),
                    before: entry.get().case.clone(),
                }),
            }
        }
        repeated.truncate(crate::compare::MAX_MISMATCHES);
        match &mut result.outcome {
            Outcome::Pass if !repeated.is_empty() => result.outcome = Outcome::Fail { mismatches: repeated },
            Outcome::Fail { mismatches } => mismatches.extend(repeated),
            _ => {}
        }
    }

    /// Asks the provider to bring something into the case's state; it answers the values that name it.
    async fn ask_for_state(
        &self,
        result: &mut CaseResult<'a>,
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
        let mut answer = carry_out(&mut result.exchanges, purpose.clone(), sent.clone(), &request, client).await;
        if let Err(Trouble::Unanswered(_)) = answer {
            // Whatever was set up the first time has no name, so nobody will use it.
            answer = carry_out(&mut result.exchanges, purpose, sent, &request, client).await;
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
        let replacements = Replacements { state: &values, run: self.plan.values };
        let needed = self.plan.needed.get(state).into_iter().flatten();
        let requests = || case.kind.steps().iter().filter_map(|step| self.plan.suite.case(step)).chain([case]);
        let has = |name: &String| requests().any(|case| has_value(&case.request, replacements, name));
        match needed.into_iter().find(|name| !has(name) && requests().any(|case| takes(case, name))) {
            // Otherwise the request would go out with the documented value, and be about nothing that exists.
            Some(name) => {
                Err(Outcome::Broken { reason: format!("the provider of states answered no `{name}` for `{state}`") })
            }
            None => Ok(values),
        }
    }

    /// Nothing that leaves the runner contains the token.
    fn redact(&self, result: &mut CaseResult<'a>) {
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
            Outcome::Fail { mismatches } | Outcome::Deviates { mismatches, .. } => {
                mismatches.iter_mut().for_each(|mismatch| mismatch.map_text(|text| redactor.text(text)));
            }
            Outcome::Unreachable { reason } | Outcome::Broken { reason } => redactor.text(reason),
            Outcome::Pass | Outcome::Skipped => {}
        }
    }

    /// Keeps a report of many large bodies from filling the memory.
    fn shorten(&self, exchange: &mut Exchange) {
        let Some(reply) = &mut exchange.reply else { return };
        let length = reply.body.len();
        if length > BEGINNING && self.kept.fetch_add(length, Ordering::Relaxed) + length > KEPT {
            reply.body.truncate(BEGINNING);
            reply.truncated = true;
        }
        reply.body.shrink_to_fit();
    }
}

impl<'a> CaseResult<'a> {
    pub(crate) fn of(case: &'a Case) -> Self {
        CaseResult {
            case,
            held_against: case,
            outcome: Outcome::Skipped,
            exchanges: Vec::new(),
            notes: Vec::new(),
            started: SystemTime::now(),
            took: Duration::ZERO,
        }
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(Note { pointer: String::new(), text: text.into() });
    }
}

/// Knows what proves who sends the requests.
fn redactor(options: &Options) -> Redactor {
    let mut redactor = Redactor::new(options.token.as_ref());
    for secret in options.signer.iter().flat_map(|signer| signer.secrets()) {
        redactor.add(&secret);
    }
    redactor
}

/// Which answer is asked for, as Prism understands it.
fn preference(case: &Case, naming: Naming) -> String {
    let status = case.expected.status;
    let name = case.id.split_once('/').map_or(case.id.as_str(), |(_, name)| name);
    // A name that occurs under several statuses has them in the id.
    let name = name.strip_suffix(&format!(".{status}")).unwrap_or(name);
    match naming {
        Naming::Merged => format!("code={status}, example={}.{name}", case.operation),
        // So a lone `example` is called here; it has no name of its own.
        Naming::Plain if name == "example" => format!("code={status}"),
        Naming::Plain => format!("code={status}, example={name}"),
    }
}

/// Whether a value of this name would replace something in the request of `case`.
fn takes(case: &Case, name: &str) -> bool {
    crate::request::names(&case.request).contains(name)
}

/// Sends one request and remembers it with what came of it. A request that cannot be written was not sent.
pub(crate) async fn carry_out(
    exchanges: &mut Vec<Exchange>,
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
    exchanges.push(Exchange { purpose, sent, reply, trouble, started, took: clock.elapsed() });
    answer
}

pub(crate) fn redact_exchange(exchange: &mut Exchange, credential: Option<&str>, redactor: &Redactor) {
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
    let reading = json::read(&reply.content().map_err(|reason| format!("the body {reason}"))?);
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
