//! Makes the state that a case asks for with documented calls, and removes afterwards what they made.
//!
//! A call is judged by what its own case promises. What is wrong with it is reported once, at that case; the case whose
//! state could not be made is unreachable.

pub(crate) mod preparations;
mod unique;

use std::collections::BTreeMap;

use crate::check::response::compare;
use crate::http::client::{Client, SendError};
use crate::http::expression::{Seen, Target};
use crate::http::request::Values;
use crate::model::exchange::{Purpose, Reply, Sent};
use crate::model::report::{Entry, Outcome};
use crate::model::suite::{Case, Kind, SetupStep, Taken, Undo};
use crate::run::made::preparations::Failed;
use crate::run::runner::Runner;
use crate::run::stop::Stop;

/// What a case finds made for it: the calls of one state, in their order.
pub(crate) type Made<'a> = Vec<Call<'a>>;

/// One call that was answered.
pub(crate) struct Call<'a> {
    /// Its place in the state; none for a request of the case itself.
    step: Option<&'a SetupStep>,
    case: &'a Case,
    values: Values,
    sent: Sent,
    reply: Reply,
}

impl<'a> Runner<'_, 'a> {
    /// Makes the state of `case`; the calls that were answered are in `made`, whatever comes of it.
    pub(crate) async fn make_state(
        &self,
        entry: &mut Entry,
        case: &'a Case,
        made: &mut Made<'a>,
        client: &mut Client,
        stop: &Stop,
    ) -> Result<Values, (Outcome, String)> {
        let Some(setup) = self.plan.suite.setup(case) else { return Ok(Values::new()) };
        let unreachable = |reason: String| (Outcome::Unreachable, reason);
        // What an answer calls by a name that other requests know.
        let mut known = Values::new();
        for step in &setup.steps {
            let Some(call) = self.plan.suite.case(&step.case) else {
                return Err((Outcome::Broken, format!("no case is called `{}`", step.case)));
            };
            let failed = |why: &str| unreachable(format!("its state could not be made: {} {why}", call.id));
            let taken =
                self.taken(&step.takes, made, call).map_err(|reason| failed(&format!("needs a value: {reason}")))?;
            let mut values = known.clone();
            values.extend(taken);
            values.extend(self.unique_values(call, &values));
            let answer = self.send(&mut entry.exchanges, call, Purpose::Setup(call.id.clone()), &values, client).await;
            let reply = match answer {
                Ok(reply) => reply,
                Err(SendError::Request(reason)) => return Err(failed(&format!("cannot be sent: {reason}"))),
                Err(SendError::Endpoint(reason) | SendError::Unanswered(reason)) => {
                    return Err(failed(&format!("got no answer: {reason}")));
                }
            };
            let Some(exchange) = entry.exchanges.last().cloned() else { continue };
            let sent = exchange.sent.clone();
            let comparison = compare(call, &self.schemas, &reply, self.options.level);
            let is_refused = (400..500).contains(&reply.status);
            // That it is refused may be due to what was sent before, which is no documented order.
            if !comparison.mismatches.is_empty() && !is_refused {
                if !self.plan.entries.iter().any(|entry| entry.case.id == call.id && entry.runs()) {
                    let first = comparison.mismatches.first().map(ToString::to_string).unwrap_or_default();
                    entry.note(format!("{}, which made its state, was not answered as documented: {first}", call.id));
                }
                let findings = comparison.mismatches.iter().map(Into::into).collect();
                self.preparations.fail(call, findings, exchange, case);
            }
            if reply.status < 400 {
                made.push(Call { step: Some(step), case: call, values: values.clone(), sent, reply: reply.clone() });
            }
            if !call.expected.has_status(reply.status) && !(200..300).contains(&reply.status) {
                let expected = call.expected.status;
                let hint = match reply.status {
                    409 | 422 if self.plan.suite.unique.get(&call.operation).is_none_or(Vec::is_empty) => {
                        "; if a value of it has to be new each time, mark it with `x-unique`"
                    }
                    _ => "",
                };
                return Err(failed(&format!("was answered {} (expected {expected}){hint}", reply.status)));
            }
            self.settle(entry, call, &reply, &mut known, client, stop).await;
            if let Some(reason) = stop.reason() {
                return Err((Outcome::Broken, format!("not sent, because {reason}")));
            }
        }
        let mut values = known;
        let steps = case.kind.steps().iter().filter_map(|step| self.plan.suite.case(step));
        for user in steps.chain([case]) {
            let Some(uses) = setup.uses.get(&user.operation) else { continue };
            let taken = self.taken(uses, made, user);
            values.extend(taken.map_err(|reason| unreachable(format!("its state could not be made: {reason}")))?);
        }
        // What is refused after the same request is refused because of what the two have in common.
        if case.expected.status >= 400 && !matches!(case.kind, Kind::Derived { .. }) {
            let unique = self.plan.suite.unique.get(&case.operation).into_iter().flatten();
            for place in
                unique.map(|unique| &unique.place).filter(|place| !values.contains_key(*place)).collect::<Vec<_>>()
            {
                let before = made.iter().filter(|call| call.case.operation == case.operation);
                let value = before.filter_map(|call| call.values.get(place)).next_back();
                values.extend(value.map(|value| (place.clone(), value.clone())));
            }
        }
        // The requests that look at the resource know its identifier by its name alone.
        if let Some(lifecycle) = &self.plan.suite.lifecycle
            && let Some(value) = values.remove(&format!("path.{}", lifecycle.identifier))
        {
            values.insert(lifecycle.identifier.clone(), value);
        }
        Ok(values)
    }

    /// The values that the request of `case` takes from the calls before it.
    fn taken(&self, takes: &BTreeMap<String, Taken>, made: &[Call<'_>], case: &Case) -> Result<Values, String> {
        let mut values = Values::new();
        for (key, taken) in takes {
            let Some(call) = made.get(taken.step) else { return Err(format!("nothing was called for `{key}`")) };
            let prefix = self.options.endpoint.prefix();
            let seen = Seen { case: call.case, sent: &call.sent, reply: &call.reply, prefix };
            let target = Target { key, path: &case.request.path, prefix };
            values.insert(key.clone(), seen.value(taken, &target)?);
        }
        Ok(values)
    }

    /// Removes what the case made, and what the calls for its state made, the last first.
    pub(crate) async fn clean_up(&self, entry: &mut Entry, case: &'a Case, made: Vec<Made<'a>>, client: &mut Client) {
        let is_alone = made.len() == 1 && entry.outcome == Outcome::Pass && case.expected.status < 300;
        for (undo, call) in self.created(entry, case) {
            self.remove(entry, undo, &[call], client).await;
        }
        for calls in made {
            for at in (0..calls.len()).rev() {
                let call = &calls[at];
                if call.step.is_some_and(|step| step.stays) {
                    self.preparations.leave(&call.case.operation);
                }
                let Some(undo) = call.step.and_then(|step| step.undo.as_ref()) else { continue };
                let remover = self.plan.suite.case(&undo.case);
                let is_removed = is_alone && remover.is_some_and(|it| it.operation == case.operation);
                if !is_removed || !case.kind.steps().is_empty() {
                    self.remove(entry, undo, &calls[..=at], client).await;
                }
            }
        }
    }

    /// What the requests of the case made, each with the call that removes it.
    fn created(&self, entry: &Entry, case: &'a Case) -> Vec<(&'a Undo, Call<'a>)> {
        let suite = self.plan.suite;
        let created = entry.exchanges.iter().rev().filter_map(|exchange| {
            let case = match &exchange.purpose {
                Purpose::Case => case,
                Purpose::Step(id) => suite.case(id)?,
                _ => return None,
            };
            let undo = suite.undo.get(&case.operation)?;
            let reply = exchange.reply.clone().filter(|reply| reply.status == 201)?;
            let is_own = case.request.method == exchange.sent.method;
            let call = Call { step: None, case, values: Values::new(), sent: exchange.sent.clone(), reply };
            is_own.then_some((undo, call))
        });
        created.collect()
    }

    /// Removes what the last of the calls made.
    async fn remove(&self, entry: &mut Entry, undo: &Undo, calls: &[Call<'a>], client: &mut Client) {
        let (Some(call), Some(remover)) = (calls.last(), self.plan.suite.case(&undo.case)) else { return };
        let purpose = Purpose::Cleanup(remover.id.clone());
        let answer = match self.taken(&undo.takes, calls, remover) {
            _ if undo.created && call.reply.status != 201 => Err(SendError::Request(format!(
                "it was answered {}, so it may have been there before",
                call.reply.status
            ))),
            Ok(values) => self.send(&mut entry.exchanges, remover, purpose, &values, client).await,
            Err(reason) => Err(SendError::Request(reason)),
        };
        let why = match answer {
            // It is gone, whoever removed it.
            Ok(reply) if (200..300).contains(&reply.status) || matches!(reply.status, 404 | 410) => return,
            Ok(reply) => format!("{} was answered {}", remover.id, reply.status),
            Err(SendError::Request(why)) => why,
            Err(SendError::Endpoint(why) | SendError::Unanswered(why)) => {
                format!("{} got no answer: {why}", remover.id)
            }
        };
        self.preparations.leave(&call.case.operation);
        entry.note(format!("what {} made is left behind: {why}", call.case.id));
    }

    /// Fails the cases that passed, and whose request failed when it was sent for another case.
    pub(crate) fn conclude_preparations(&self, entries: &mut [Entry]) {
        let failed = self.preparations.take_failed();
        for entry in entries.iter_mut().filter(|entry| entry.outcome == Outcome::Pass) {
            let Some(Failed { findings, mut exchange, of }) = failed.get(&entry.id).cloned() else { continue };
            exchange.purpose = Purpose::Case;
            entry.exchanges.push(exchange);
            entry.fail(findings);
            entry.note(format!("it passed, and failed when it made the state for {of}"));
            self.options.deviations.apply(entry);
            self.redact(entry);
        }
    }

    /// Operation -> how many things that it made are still there.
    pub(crate) fn left_behind(&self) -> BTreeMap<String, usize> {
        self.preparations.left_behind()
    }
}
