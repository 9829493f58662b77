//! Judges what several exchanges show together: identifiers that repeat, and operations that were accepted in a state
//! in which the document forbids them.
//!
//! Traffic is not a run: it begins anywhere, and others may act on the same resources unseen. So a state is only known from
//! what was seen, and forgotten where something may have changed it:
//!
//! - An accepted operation leads into the states that `x-lifecycle` has for its way and its end; a look-up shows a state.
//! - A reply that did not come, a failure of the server, a job that failed, another operation on the same resource, or two
//!   requests that were under way together leave the state unknown.
//! - What was seen longer ago than a state is certain is a note and no failure: somebody else may have acted.
//!
//! Memory is limited: of what is more than [`MOST`], nothing is remembered.

use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::check::exchange::Judgement;
use crate::check::mismatch::Mismatch;
use crate::check::routing::Target;
use crate::model::contract::{Contract, Operation};
use crate::model::exchange::Reply;
use crate::model::lifecycle::{Lifecycle, Transition};
use crate::model::note::Note;
use crate::model::recorded::{Recorded, is_redacted};
use crate::model::report::{Finding, Side};
use crate::model::suite::{Place, Rule};

/// How long a state is certain in a file, which has what one client did, as a rule.
pub(crate) const OF_A_FILE: Duration = Duration::from_secs(60);

/// How long a state is certain in what a proxy sees of a service, which others use as well.
pub(crate) const OF_A_PROXY: Duration = Duration::from_secs(2);

/// How many identifiers, resources and jobs are remembered.
const MOST: usize = 100_000;

/// What was seen so far.
pub(crate) struct Sequence<'c> {
    lifecycle: Option<&'c Lifecycle>,
    /// Variables of all paths of the lifecycle beside the identifier: what an identifier is unique within.
    scope: BTreeSet<&'c str>,
    /// Hash of kind and value of an identifier -> the exchange that answered it.
    identifiers: HashMap<u64, Box<str>>,
    resources: HashMap<String, Resource<'c>>,
    /// Job -> the resource that it works on.
    jobs: HashMap<String, String>,
    is_full: bool,
    /// How long a state that was seen is certain.
    pub(crate) certain: Duration,
}

/// What is known of one resource.
struct Resource<'c> {
    scope: Vec<String>,
    known: Option<Known<'c>>,
    /// The last request that cannot succeed twice.
    once: Option<Once<'c>>,
}

/// The states that a resource may be in, and how that is known.
struct Known<'c> {
    states: BTreeSet<&'c str>,
    /// The operation that was accepted, if it was not a look-up.
    transition: Option<&'c Transition>,
    label: Box<str>,
    sent: SystemTime,
    answered: SystemTime,
}

struct Once<'c> {
    operation: &'c str,
    request: u64,
    label: Box<str>,
    /// The job that has to succeed first.
    waits_for: Option<String>,
}

/// What there is to say about an exchange because of those before it.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) findings: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
}

impl<'c> Sequence<'c> {
    pub(crate) fn new(contract: &'c Contract, lifecycle: Option<&'c Lifecycle>) -> Self {
        let operations = contract.operations.iter();
        let moved =
            operations.filter(|it| lifecycle.is_some_and(|lifecycle| lifecycle.operations.contains_key(&it.id)));
        let variables = |operation: &'c Operation| -> BTreeSet<&'c str> {
            let path = operation.parameters.iter().filter(|parameter| parameter.place == Place::Path);
            path.map(|parameter| parameter.name.as_str()).collect()
        };
        let mut scope = moved.map(variables).reduce(|all, next| &all & &next).unwrap_or_default();
        if let Some(lifecycle) = lifecycle {
            scope.remove(lifecycle.identifier.as_str());
        }
        Self {
            lifecycle,
            scope,
            identifiers: HashMap::new(),
            resources: HashMap::new(),
            jobs: HashMap::new(),
            is_full: false,
            certain: OF_A_FILE,
        }
    }

    /// What the exchange shows together with those before it. `name` is its id in the report.
    pub(crate) fn see(&mut self, name: &str, judgement: &Judgement<'c>, recorded: &Recorded) -> Found {
        let mut found = Found::default();
        self.judge_identifiers(name, judgement, recorded, &mut found);
        if let Some(lifecycle) = self.lifecycle {
            self.judge_state(lifecycle, name, judgement, recorded, &mut found);
        }
        let remembered = self.identifiers.len().max(self.resources.len()).max(self.jobs.len());
        if remembered >= MOST && !self.is_full {
            self.is_full = true;
            let text = format!("from here on no further identifiers, resources and jobs are remembered: {MOST} are");
            found.notes.push(Note { pointer: String::new(), text });
        }
        found
    }

    /// No two accepted `POST` requests may be answered with the same new identifier.
    fn judge_identifiers(&mut self, name: &str, judgement: &Judgement<'c>, recorded: &Recorded, found: &mut Found) {
        let (Some(operation), Some(reply)) = (judgement.operation, &recorded.exchange.reply) else { return };
        // Source: RFC 9110, 9.2.2: what is idempotent may be repeated, and answers the same.
        if !operation.method.eq_ignore_ascii_case("POST") || !is_success(reply) || recorded.reply_body_missing.is_some()
        {
            return;
        }
        let Some(response) = operation.response(reply.status) else { return };
        let Some(body) = body_of(reply) else { return };
        let sent = &recorded.exchange.sent;
        // A repetition that the server is to recognise gets the same answer.
        if sent.headers.iter().any(|(name, _)| name.to_ascii_lowercase().ends_with("idempotency-key")) {
            return;
        }
        let asked = sent.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        for (pointer, _) in response.rules.iter().filter(|(_, rule)| **rule == Rule::Id) {
            let Some(value) = body.pointer(pointer).and_then(Value::as_str) else { continue };
            // What the request names is not new.
            let is_asked = || {
                let mut parameters = judgement.parameters.iter().flat_map(|(_, values)| values);
                parameters.any(|known| known == value) || asked.contains(value)
            };
            if value.is_empty() || is_redacted(value) || is_asked() {
                continue;
            }
            let key = hash(&(kind_of(pointer), value));
            let is_full = self.identifiers.len() >= MOST;
            match self.identifiers.entry(key) {
                Entry::Occupied(known) => {
                    let (pointer, found_value) = (pointer.clone(), value.to_owned());
                    let (case, before) = (name.to_owned(), known.get().to_string());
                    let mismatch = Mismatch::NotNew { pointer, found: found_value, case, before };
                    found.findings.push(Finding::from(&mismatch));
                }
                Entry::Vacant(place) if !is_full => _ = place.insert(name.into()),
                Entry::Vacant(_) => {}
            }
        }
    }

    fn judge_state(
        &mut self,
        lifecycle: &'c Lifecycle,
        name: &str,
        judgement: &Judgement<'c>,
        recorded: &Recorded,
        found: &mut Found,
    ) {
        let exchange = &recorded.exchange;
        let is_safe =
            ["GET", "HEAD", "OPTIONS", "TRACE"].iter().any(|it| it.eq_ignore_ascii_case(&exchange.sent.method));
        let operation = judgement.operation;
        if let Some(operation) = operation.filter(|_| is_safe) {
            return self.look(lifecycle, operation, name, judgement, recorded);
        }
        let transition = operation.and_then(|operation| lifecycle.operations.get_key_value(&operation.id));
        let (Some(operation), Some((id, transition)), Some(resource)) =
            (operation, transition, operation.and_then(|it| value_of(it, judgement, &lifecycle.identifier)))
        else {
            if !is_safe {
                // Whatever it is, it may change what its address names.
                for segment in Target::of(&exchange.sent.url).segments() {
                    self.forget(&segment);
                }
            }
            return;
        };
        let Some(reply) = exchange.reply.as_ref().filter(|reply| reply.status < 500) else {
            return self.forget(&resource);
        };
        if !is_success(reply) {
            // It was refused, for whatever reason, and changed nothing.
            return;
        }
        if !judgement.request.is_empty() || !judgement.reply.is_empty() {
            return self.forget(&resource);
        }
        let scope = self.scope_of(operation, judgement);
        let known = self.resources.get(&resource).filter(|known| known.scope == scope);
        let last = known.and_then(|resource| resource.known.as_ref());
        let (sent, answered) = (exchange.started, exchange.started + exchange.took);
        let has_time = |time: SystemTime| time != SystemTime::UNIX_EPOCH;
        let mut is_certain = true;
        if let Some(last) = last {
            let are_timed = has_time(sent) && has_time(last.sent);
            let is_together = are_timed && sent < last.answered;
            let is_allowed = transition.from.iter().any(|from| last.states.contains(from.as_str()));
            let is_allowed_before = last.transition.is_none_or(|last| {
                last.from.iter().any(|from| *from == transition.to || transition.through.contains(from))
            });
            if !(is_allowed || is_together && is_allowed_before) {
                let shown = |state: &'c str| if state.is_empty() { "removed" } else { state };
                let states: Vec<&str> = last.states.iter().copied().map(shown).collect();
                let message = format!(
                    "accepted {id} on {} {resource} in the state {} (known from {}); the document allows it in: {}",
                    lifecycle.resource,
                    states.join(" or "),
                    last.label,
                    transition.from.join(", "),
                );
                let age = sent.duration_since(last.answered).unwrap_or_default();
                if are_timed && age > self.certain {
                    let text =
                        format!("{message}; {} s passed in between, so somebody else may have acted", age.as_secs());
                    found.notes.push(Note { pointer: String::new(), text });
                } else {
                    found.findings.push(of_reply("state", message));
                }
            }
            // In which order they took effect is not known.
            is_certain = !is_together || last.transition.is_some_and(|last| std::ptr::eq(last, transition));
        }
        let request = hash(&(&exchange.sent.method, &exchange.sent.url, &exchange.sent.body));
        let before = known.and_then(|resource| resource.once.as_ref()).filter(|_| transition.once);
        if let Some(before) =
            before.filter(|once| once.operation == id && once.request == request && once.waits_for.is_none())
        {
            let message = format!(
                "accepted {id} on {} {resource} once more, which cannot succeed twice (it did in {})",
                lifecycle.resource, before.label
            );
            found.findings.push(of_reply("state", message));
        }
        let job = job_of(lifecycle, reply);
        if let Some(job) = job.as_ref().filter(|_| self.jobs.len() < MOST) {
            self.jobs.insert(job.clone(), resource.clone());
        }
        let states = transition.through.iter().chain([&transition.to]).map(String::as_str).collect();
        let known = Known { states, transition: Some(transition), label: name.into(), sent, answered };
        let waits_for = lifecycle.job.is_some().then(|| job.unwrap_or_default());
        let once = transition.once.then(|| Once { operation: id, request, label: name.into(), waits_for });
        let Some(resource) = self.resource(resource, scope) else { return };
        resource.known = Some(known).filter(|_| is_certain);
        resource.once = once.or(resource.once.take());
    }

    /// A look-up of a resource tells its state, one of a job how it ended.
    fn look(
        &mut self,
        lifecycle: &'c Lifecycle,
        operation: &'c Operation,
        name: &str,
        judgement: &Judgement<'c>,
        recorded: &Recorded,
    ) {
        let exchange = &recorded.exchange;
        let Some(reply) = exchange.reply.as_ref().filter(|reply| is_success(reply)) else { return };
        let status = |pointer: &str| body_of(reply)?.pointer(pointer)?.as_str();
        if let Some(look) = lifecycle.look.as_ref().filter(|look| look.paths.contains(&operation.path)) {
            let Some(resource) = value_of(operation, judgement, &lifecycle.identifier) else { return };
            let state = status(&look.status).and_then(|status| lifecycle.state_of(status));
            let (sent, answered) = (exchange.started, exchange.started + exchange.took);
            let states = state.and_then(|state| after(lifecycle, state));
            let known = states.map(|states| Known { states, transition: None, label: name.into(), sent, answered });
            let scope = self.scope_of(operation, judgement);
            if let Some(resource) = self.resource(resource, scope) {
                resource.known = known;
            }
            return;
        }
        let Some(query) = lifecycle.job.as_ref().filter(|job| job.paths.contains(&operation.path)) else { return };
        let (Some(job), Some(status)) = (value_of(operation, judgement, &query.identifier), status(&query.status))
        else {
            return;
        };
        let Entry::Occupied(known) = self.jobs.entry(job) else { return };
        let has_failed = query.failed.iter().any(|failed| failed == status);
        if !has_failed && query.succeeded.iter().all(|succeeded| succeeded != status) {
            return;
        }
        // It ends once.
        let (job, resource) = known.remove_entry();
        if has_failed {
            self.forget(&resource);
        } else if let Some(once) = self.resources.get_mut(&resource).and_then(|resource| resource.once.as_mut())
            && once.waits_for.as_ref() == Some(&job)
        {
            once.waits_for = None;
        }
    }

    fn scope_of(&self, operation: &Operation, judgement: &Judgement<'_>) -> Vec<String> {
        self.scope.iter().map(|name| value_of(operation, judgement, name).unwrap_or_default()).collect()
    }

    /// What is known of a resource. What is known of another one with the same identifier is forgotten.
    fn resource(&mut self, id: String, scope: Vec<String>) -> Option<&mut Resource<'c>> {
        let is_full = self.resources.len() >= MOST;
        let new = |scope| Resource { scope, known: None, once: None };
        match self.resources.entry(id) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                if known.scope != scope {
                    *known = new(scope);
                }
                Some(known)
            }
            Entry::Vacant(place) if !is_full => Some(place.insert(new(scope))),
            Entry::Vacant(_) => None,
        }
    }

    /// Something was exchanged of which nothing is known.
    pub(crate) fn forget_states(&mut self) {
        self.resources.clear();
    }

    fn forget(&mut self, resource: &str) {
        self.resources.remove(resource);
    }
}

/// The states that may follow one that was looked up, itself included. Nothing where it may end by itself, in a state
/// that the document does not tell.
fn after<'c>(lifecycle: &'c Lifecycle, state: &'c str) -> Option<BTreeSet<&'c str>> {
    let mut states = BTreeSet::from([state]);
    let mut is_known = false;
    for transition in lifecycle.operations.values() {
        is_known |= transition.to == state;
        if let Some(at) = transition.through.iter().position(|passed| passed == state) {
            is_known = true;
            states.extend(transition.through[at..].iter().chain([&transition.to]).map(String::as_str));
            // A job that fails leads back.
            states.extend(transition.from.iter().map(String::as_str));
        }
    }
    is_known.then_some(states)
}

fn is_success(reply: &Reply) -> bool {
    (200..300).contains(&reply.status)
}

fn body_of(reply: &Reply) -> Option<&Value> {
    reply.json().ok()?.value.as_ref()
}

/// The value of a variable of the path. One that a recorder blanked out names nothing.
fn value_of(operation: &Operation, judgement: &Judgement<'_>, name: &str) -> Option<String> {
    let named = judgement.parameters.iter().find(|(index, _)| {
        let parameter = operation.parameters.get(*index);
        parameter.is_some_and(|parameter| parameter.place == Place::Path && parameter.name == name)
    });
    named.and_then(|(_, values)| values.first()).filter(|value| !is_redacted(value)).cloned()
}

/// The job that an answer names.
fn job_of(lifecycle: &Lifecycle, reply: &Reply) -> Option<String> {
    let names = &lifecycle.job.as_ref()?.answered;
    let body = body_of(reply)?;
    names.iter().find_map(|name| body.get(name)?.as_str()).map(ToOwned::to_owned)
}

/// `job_id` and `jobId` name the same kind of thing.
fn kind_of(pointer: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn of_reply(kind: &str, message: String) -> Finding {
    Finding { side: Side::Reply, kind: kind.to_owned(), pointer: None, message }
}
