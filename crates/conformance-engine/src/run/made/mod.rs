//! Makes the state that a case asks for with documented calls, and removes afterwards what they made.
//!
//! A call is judged by what its own case promises. What is wrong with it is reported once, at that case; the case whose
//! state could not be made is unreachable.

mod own;
pub(crate) mod preparations;
mod unique;

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::check::response::compare;
use crate::http::client::{Client, SendError};
use crate::http::expression::{Seen, Target, places};
use crate::http::request::Values;
use crate::model::exchange::{Exchange, Purpose, Reply, Sent};
use crate::model::report::{Entry, Outcome};
use crate::model::suite::{Case, Kind, SetupStep, Stays, Taken, Undo};
use crate::run::made::preparations::Failed;
use crate::run::runner::Runner;
use crate::run::stop::Stop;

/// The pauses before a thing that cannot be found is removed once more, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_millis(400);

/// After so many that could not be found in the end, there are no more pauses in the same run.
const IN_VAIN: usize = 3;

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
            self.is_own(&step.takes, made, call).map_err(|reason| failed(&reason))?;
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
            let Some(sent) = entry.exchanges.last().map(|exchange| exchange.sent.clone()) else { continue };
            let comparison = compare(call, &self.schemas, &reply, self.options.level);
            let is_refused = (400..500).contains(&reply.status);
            // That it is refused may be due to what was sent before, which is no documented order.
            if !comparison.mismatches.is_empty() && !is_refused {
                if !self.plan.entries.iter().any(|entry| entry.case.id == call.id && entry.runs()) {
                    let first = comparison.mismatches.first().map(ToString::to_string).unwrap_or_default();
                    entry.note(format!("{}, which made its state, was not answered as documented: {first}", call.id));
                }
                let findings = comparison.mismatches.iter().map(Into::into).collect();
                if let Some(exchange) = entry.exchanges.last() {
                    self.preparations.fail(call, findings, exchange.clone(), case);
                }
            }
            if reply.status < 400 {
                made.push(Call { step: Some(step), case: call, values: values.clone(), sent, reply: reply.clone() });
            }
            // Another success may be that of something that was there before.
            if !call.expected.has_status(reply.status) {
                let expected = call.expected.status;
                let used = self.preparations.used.lock().unwrap_or_else(PoisonError::into_inner);
                let is_over = unique::run_out(&used, &call.operation);
                drop(used);
                if let Some(place) = is_over.filter(|_| matches!(reply.status, 400..500)) {
                    return Err(failed(&format!(
                        "was answered {}, and no new value is left for {place}",
                        reply.status
                    )));
                }
                let hint = match reply.status {
                    409 | 422 if self.plan.suite.unique.get(&call.operation).is_none_or(Vec::is_empty) => {
                        "; if a value of it has to be new each time, mark it with `x-unique`"
                    }
                    _ => "",
                };
                return Err(failed(&format!("was answered {} (expected {expected}){hint}", reply.status)));
            }
            let waited = self.settle(entry, call, &reply, &mut known, client, stop).await;
            if let Some(reason) = stop.reason() {
                return Err((Outcome::Broken, format!("not sent, because {reason}")));
            }
            if let Some(trouble) = waited.trouble(&call.operation, self.options.patience) {
                return Err(unreachable(format!("its state could not be made: {}", trouble.reason)));
            }
        }
        let mut values = known;
        let steps = case.kind.steps().iter().filter_map(|step| self.plan.suite.case(step));
        for user in steps.chain([case]) {
            let Some(uses) = setup.uses.get(&user.id) else { continue };
            self.is_own(uses, made, user).map_err(|reason| unreachable(format!("{} {reason}", user.id)))?;
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

    /// Whether what the request of `case` may remove is new: the reply that names it says so. Else it may have been there
    /// before. Source: RFC 9110, section 15.3.2.
    fn is_own(&self, takes: &BTreeMap<String, Taken>, made: &[Call<'_>], case: &Case) -> Result<(), String> {
        let lifecycle = self.plan.suite.lifecycle.as_ref();
        let transition = lifecycle.and_then(|lifecycle| lifecycle.operations.get(&case.operation));
        let removes = case.request.method == "DELETE" || transition.is_some_and(|transition| transition.removes());
        let Some(name) = places(&case.request.path).last().filter(|_| removes) else { return Ok(()) };
        let taken = takes.iter().find(|(key, _)| key.as_str() == name || key.strip_prefix("path.") == Some(name));
        let Some((_, mut taken)) = taken else { return Ok(()) };
        // A call in between has it in its own path, from a call before it.
        while let Some(own) = taken.value.strip_prefix("$request.path.") {
            let step = made.get(taken.step).and_then(|call| call.step);
            match step.and_then(|step| step.takes.get(&format!("path.{own}"))) {
                Some(before) if before.step < taken.step => taken = before,
                _ => break,
            }
        }
        // What is in no reply is the document's own.
        let is_answered = taken.value.contains("$response.");
        let Some(call) = made.get(taken.step).filter(|_| is_answered) else { return Ok(()) };
        let status = call.reply.status;
        let undo = call.step.and_then(|step| step.undo.as_ref());
        if status == 201 || undo.is_some_and(|undo| undo.status == status) {
            return Ok(());
        }
        Err(format!(
            "is not sent: `{name}` is of the reply to {}, whose status {status} does not say that it is new; only 201 \
             does, or `x-cleanup`",
            call.case.id
        ))
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
        for (call, undo) in self.created(entry, case, !made.is_empty()) {
            match undo {
                Ok(undo) => self.remove(entry, undo, &call, case, client).await,
                Err(stays) => self.leave(entry, &call, &stays.reason),
            }
        }
        self.count_lost(entry, case);
        for call in made.iter().flat_map(|calls| calls.iter().rev()) {
            if call.step.is_some_and(|step| step.stays) {
                self.preparations.leave(&call.case.operation);
            }
            if let Some(undo) = call.step.and_then(|step| step.undo.as_ref()) {
                self.remove(entry, undo, call, case, client).await;
            }
        }
    }

    /// Counts the requests that should have made something, and were answered with nothing or an error of the server: what
    /// they made, nobody knows.
    fn count_lost(&self, entry: &mut Entry, of: &Case) {
        let lost = entry.exchanges.iter().filter_map(|exchange| {
            let case = match &exchange.purpose {
                Purpose::Case => of,
                Purpose::Step(id) | Purpose::Unchanged(id) | Purpose::Setup(id) => self.plan.suite.case(id)?,
                _ => return None,
            };
            let why = match &exchange.reply {
                None => "got no answer".to_owned(),
                Some(reply) if reply.status >= 500 => format!("was answered {}", reply.status),
                Some(_) => return None,
            };
            let makes = case.expected.status == 201 || self.plan.undo(case).is_some();
            (makes && self.plan.prefer.is_none()).then(|| (case.operation.clone(), format!("{} {why}", case.id)))
        });
        for (operation, why) in lost.collect::<Vec<_>>() {
            self.preparations.leave(&operation);
            entry.note(format!("perhaps something is left behind: {why}"));
        }
    }

    /// The requests of the case that made something, the last first, each with the call that removes it, or why it stays.
    fn created(&self, entry: &Entry, of: &'a Case, is_made: bool) -> Vec<(Call<'a>, Result<&'a Undo, &'a Stays>)> {
        let created = entry.exchanges.iter().rev().filter_map(|exchange| {
            let case = match &exchange.purpose {
                Purpose::Case => of,
                Purpose::Step(id) | Purpose::Unchanged(id) => self.plan.suite.case(id)?,
                _ => return None,
            };
            let reply = exchange.reply.clone().filter(|reply| (200..300).contains(&reply.status))?;
            let stays = || self.plan.stays(of, case, is_made).filter(|stays| stays.always || reply.status == 201);
            let undo = self.plan.undo_of(&case.operation).map(Ok).or_else(|| stays().map(Err))?;
            let is_own = case.request.method == exchange.sent.method;
            let call = Call { step: None, case, values: Values::new(), sent: exchange.sent.clone(), reply };
            is_own.then_some((call, undo))
        });
        created.collect()
    }

    /// Removes what a call made, unless the case itself removed it.
    async fn remove(&self, entry: &mut Entry, undo: &Undo, call: &Call<'a>, case: &Case, client: &mut Client) {
        let Some(remover) = self.plan.suite.case(&undo.case) else { return };
        let prefix = self.options.endpoint.prefix();
        let seen = Seen { case: call.case, sent: &call.sent, reply: &call.reply, prefix };
        let answer = match own::values(undo, &seen, remover) {
            Ok(values) if self.has_removed(entry, case, remover, &values) => return,
            Ok(values) => {
                let purpose = Purpose::Cleanup(remover.id.clone());
                let mut answer = self.send(&mut entry.exchanges, remover, purpose.clone(), &values, client).await;
                // What was made a moment ago may not be known everywhere yet.
                let mut pause = FIRST_PAUSE;
                while matches!(&answer, Ok(reply) if reply.status == 404)
                    && pause <= LAST_PAUSE
                    && self.preparations.missed.load(Ordering::Relaxed) < IN_VAIN
                    && self.options.stop.sleep(pause).await
                {
                    answer = self.send(&mut entry.exchanges, remover, purpose.clone(), &values, client).await;
                    pause *= 2;
                }
                if matches!(&answer, Ok(reply) if reply.status == 404) {
                    self.preparations.missed.fetch_add(1, Ordering::Relaxed);
                    entry.note(format!(
                        "what {} made was not there to be removed: {} was answered 404",
                        call.case.id, remover.id
                    ));
                }
                answer
            }
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
        self.leave(entry, call, &why);
    }

    /// Whether the case's own request was the one that removes this thing, and succeeded.
    fn has_removed(&self, entry: &Entry, case: &Case, remover: &Case, values: &Values) -> bool {
        let is_same = |exchange: &Exchange| {
            let own = match &exchange.purpose {
                Purpose::Case => Some(case),
                Purpose::Step(id) | Purpose::Setup(id) => self.plan.suite.case(id),
                _ => None,
            };
            let is_remover =
                own.is_some_and(|own| own.operation == remover.operation && own.request.path == remover.request.path);
            let is_done = exchange.reply.as_ref().is_some_and(|reply| (200..300).contains(&reply.status));
            is_remover && is_done && own::is_for(&exchange.sent, remover, values, self.options.endpoint.prefix())
        };
        entry.exchanges.iter().any(is_same)
    }

    fn leave(&self, entry: &mut Entry, call: &Call<'_>, why: &str) {
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
