//! Runs one case: reaches its state, sends its requests, judges the replies.
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in an [`Entry`] contains it, not even where a server sends it back.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::check::mismatch::Mismatch;
use crate::check::response::compare;
use crate::http::client::{Client, SendError, is_idempotent};
use crate::http::request::Values;
use crate::model::exchange::{Exchange, Purpose, Reply};
use crate::model::report::{Entry, Outcome};
use crate::model::suite::{Case, Kind, Sending};
use crate::plan::plan::{Disposition, PlannedCase};
use crate::plan::tour_search::{collect, is_success};
use crate::run::made::Made;
use crate::run::poll::{Trouble, WaitResult};
use crate::run::runner::{Connections, Runner};
use crate::run::stop::Stop;

/// What came of the requests of one case.
pub(crate) enum Performed {
    /// The entry has its outcome.
    Judged,
    /// A connection that had served before was closed without a byte in answer.
    Unanswered(String),
    Unwritable(String),
    /// What a step began may still be under way, or did not come about: the rest cannot be judged, for this reason.
    Unready(Trouble),
}

/// What the report says of a request that was repeated.
const SENT_TWICE: &str = "sent twice: the server had closed the connection without a byte in answer";

/// How long a request that should succeed is repeated when it is refused, where it is unknown whether the operation
/// before it has finished. So long a removed thing may still be shown.
const GRACE: Duration = Duration::from_secs(3);

/// After so many waits for what never came, only [`GRACE`] is waited in the same run.
const IN_VAIN: usize = 2;

impl<'r, 'a> Runner<'r, 'a> {
    /// Carries out one case of the plan. The entry may hold secrets until [`Self::finish`].
    pub(crate) async fn case(
        &self,
        position: usize,
        planned: &PlannedCase<'a>,
        connections: &mut Connections,
        stop: &Stop,
    ) -> Entry {
        let start = Instant::now();
        let mut entry = Entry::about(planned.case, position, Outcome::Skipped);
        match (&planned.disposition, stop.reason()) {
            (Disposition::Skipped, _) => {}
            (Disposition::Unreachable(reason), _) => entry.end(Outcome::Unreachable, reason.clone()),
            (Disposition::Broken(reason), _) => entry.end(Outcome::Broken, reason.clone()),
            (_, Some(reason)) => entry.end(Outcome::Broken, format!("not sent, because {reason}")),
            (_, None) => self.carry_out(&mut entry, planned, connections, stop).await,
        }
        self.conclude(&mut entry, planned.case, start, connections);
        entry
    }

    /// What every result needs before the next request is sent.
    pub(crate) fn conclude(&self, entry: &mut Entry, case: &Case, start: Instant, connections: &mut Connections) {
        if matches!(case.kind, Kind::Journey { unique: true, .. }) {
            self.identities.judge(entry);
        }
        let mut pairs = entry.exchanges.iter().zip(entry.exchanges.iter().skip(1));
        if pairs.any(|(first, second)| is_repeat(first, second)) {
            entry.note(SENT_TWICE);
        }
        self.note_patience(entry);
        self.options.deviations.apply(entry);
        if entry.outcome != Outcome::Pass {
            connections.endpoint.forget();
        }
        entry.seconds = start.elapsed().as_secs_f64();
    }

    /// Reaches the case's state, sends its requests and judges what comes back.
    ///
    /// A server may close an idle connection just when the next request is on its way; whether it acted on that request
    /// is then unknown. The case is repeated, once and on a new connection, where the two requests cannot meet: they
    /// concern no resource, or two resources that the provider set up. What was given exists once, so requests for it do
    /// not risk it ([`Client::repeat_with_care`]).
    async fn carry_out(
        &self,
        entry: &mut Entry,
        planned: &PlannedCase<'a>,
        connections: &mut Connections,
        stop: &Stop,
    ) {
        let PlannedCase { case, disposition } = planned;
        connections.endpoint.repeat_with_care(matches!(disposition, Disposition::Given(_)));
        let mut made: Vec<Made<'a>> = Vec::new();
        self.carry_out_in_state(entry, planned, connections, stop, &mut made).await;
        self.clean_up(entry, case, made, &mut connections.endpoint).await;
    }

    async fn carry_out_in_state(
        &self,
        entry: &mut Entry,
        planned: &PlannedCase<'a>,
        connections: &mut Connections,
        stop: &Stop,
        made: &mut Vec<Made<'a>>,
    ) {
        const CLOSED: &str = "the server closed a connection that it had used before, without a byte in answer";
        let case = planned.case;
        let mut values = match self.state_or_samples(entry, planned, connections, made, stop).await {
            Ok(values) => values,
            Err((outcome, reason)) => return entry.end(outcome, reason),
        };
        let mut second = match self.second_state(entry, planned, connections, made, stop).await {
            Ok(second) => second,
            Err((outcome, reason)) => return entry.end(outcome, reason),
        };
        if case.kind.needs_two() && second == values {
            let who = if made.is_empty() { "the provider of states" } else { "the calls that make its state" };
            let reason = format!("the case needs two resources, and {who} named the same one twice");
            return entry.end(Outcome::Unreachable, reason);
        }
        let endpoint = &mut connections.endpoint;
        let mut performed = self.perform(entry, case, &mut values, &mut second, 0, endpoint, stop).await;
        if let Performed::Unanswered(_) = performed {
            let again = match self.state_or_samples(entry, planned, connections, made, stop).await {
                Ok(values) => {
                    self.second_state(entry, planned, connections, made, stop).await.map(|second| (values, second))
                }
                Err(error) => Err(error),
            };
            (values, second) = match again {
                Ok(again) => again,
                Err((_, reason)) => {
                    return entry.end(Outcome::Broken, format!("{CLOSED}; and for a repeat: {reason}"));
                }
            };
            let endpoint = &mut connections.endpoint;
            performed = self.perform(entry, case, &mut values, &mut second, 0, endpoint, stop).await;
            if !matches!(performed, Performed::Unwritable(_)) {
                entry.note(SENT_TWICE);
            }
        }
        match performed {
            Performed::Judged => {}
            Performed::Unready(trouble) => {
                entry.end(Outcome::Unreachable, format!("cannot be judged: {}", trouble.reason));
            }
            Performed::Unwritable(reason) => entry.end(Outcome::Broken, reason),
            Performed::Unanswered(reason) => entry.fail([&Mismatch::NoReply { reason }]),
        }
    }

    /// Sends the requests of a case, but for the first `skip` of its steps, and judges each reply. `second` are the
    /// values of the second resource, if the case needs one.
    #[allow(clippy::too_many_arguments)]
    pub(crate) async fn perform(
        &self,
        entry: &mut Entry,
        case: &'a Case,
        values: &mut Values,
        second: &mut Values,
        skip: usize,
        client: &mut Client,
        stop: &Stop,
    ) -> Performed {
        if let Some(reason) = self.unalterable(case) {
            entry.end(Outcome::Unreachable, reason);
            return Performed::Judged;
        }
        let mut unsure = self.is_on_its_way(entry).then(|| self.late());
        let of_state = unsure.is_some();
        // Of what was answered before this case, the last is the answer to its first step.
        let mut has_first = skip > 0;
        let steps = case.kind.steps().iter().skip(skip).filter_map(|step| self.plan.suite.case(step));
        let steps = steps.filter(|step| self.unalterable(step).is_none());
        for (step, purpose) in steps.map(|step| (step, Purpose::Step(step.id.clone()))).chain([(case, Purpose::Case)]) {
            match case.kind.sending() {
                Sending::Second if step.id == case.id => std::mem::swap(values, second),
                Sending::Twice if step.id == case.id => {
                    let mut same = values.clone();
                    return self.judge_together(entry, case, [values, &mut same], client, stop).await;
                }
                Sending::Both if step.id == case.id => {
                    return self.judge_together(entry, case, [values, second], client, stop).await;
                }
                Sending::Resource | Sending::Job if step.id == case.id => {
                    return self.judge_absent(entry, case, values, client, stop).await;
                }
                _ => {}
            }
            let grace = unsure.map(|late: Duration| if of_state || is_look(step) { late } else { GRACE });
            let reply = match self.answer(entry, step, purpose, values, client, stop, grace).await {
                Ok(reply) => reply,
                Err(SendError::Request(reason)) => return Performed::Unwritable(reason),
                Err(SendError::Unanswered(reason)) => return Performed::Unanswered(reason),
                Err(SendError::Endpoint(reason)) => {
                    entry.compare_with(step);
                    entry.fail([&Mismatch::NoReply { reason }]);
                    return Performed::Judged;
                }
            };
            // So long a wait is for nothing where what was accepted never comes.
            if grace.is_some_and(|late| late > GRACE) && is_early(step, &reply) {
                self.unready.fetch_add(1, Ordering::Relaxed);
            }
            if of_state && is_early(step, &reply) {
                let reason = "the call that makes its state was answered 202, and what it began may not have ended";
                entry.compare_with(step);
                entry.end(Outcome::Unjudged, reason.to_owned());
                return Performed::Judged;
            }
            let reply = match self.tell_apart(entry, step, reply, values, client).await {
                Ok(reply) => reply,
                Err(reason) => {
                    entry.end(Outcome::Unjudged, reason);
                    return Performed::Judged;
                }
            };
            entry.compare_with(step);
            if let Some(reason) = self.presumed(entry, step, &reply, values) {
                entry.end(Outcome::Unjudged, reason);
                return Performed::Judged;
            }
            self.judge(entry, step, &reply);
            if entry.outcome != Outcome::Pass || step.id == case.id {
                if step.id != case.id {
                    entry.note(format!("in the step {} on the way", step.id));
                }
                self.judge_state(entry, case, &reply, values, client, stop).await;
                return Performed::Judged;
            }
            let older = case.kind.is_older().then(|| values.clone());
            let waited = self.settle(entry, step, &reply, values, client, stop).await;
            // What was only accepted (202) may take as long as anything else.
            let late = if reply.status == 202 { self.late() } else { GRACE };
            unsure = (waited == WaitResult::Unsure).then_some(late.max(GRACE));
            if let Some(older) = older.filter(|_| has_first) {
                values.extend(older);
            }
            has_first = true;
            if let Some(reason) = stop.reason() {
                // What the step began may still be under way, and the next one would fail because of it.
                entry.end(Outcome::Broken, format!("not sent to its end, because {reason}"));
                return Performed::Judged;
            }
            if let Some(trouble) = waited.trouble(&step.operation, self.options.patience) {
                return Performed::Unready(trouble);
            }
        }
        entry.end(Outcome::Broken, "the case has no request".to_owned());
        Performed::Judged
    }

    /// After a request that succeeded: what its answer brings along, and until what it began has ended.
    pub(crate) async fn settle(
        &self,
        entry: &mut Entry,
        case: &Case,
        reply: &Reply,
        values: &mut Values,
        client: &mut Client,
        stop: &Stop,
    ) -> WaitResult {
        if !is_success(case) {
            return WaitResult::Ended;
        }
        collect(self.plan.suite, case, reply, values);
        self.wait(&mut entry.exchanges, case, reply, values, client, stop).await
    }

    /// The answer to one request of a case. Where it is unknown whether the operation before it has finished, a refusal of
    /// what should succeed may only mean that it has not; and so does the success of a look at what is no longer there.
    #[allow(clippy::too_many_arguments)]
    async fn answer(
        &self,
        entry: &mut Entry,
        case: &Case,
        purpose: Purpose,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
        grace: Option<Duration>,
    ) -> Result<Reply, SendError> {
        let until = Instant::now() + grace.unwrap_or_default();
        let mut pause = Duration::from_millis(50);
        loop {
            let answer = self.send(&mut entry.exchanges, case, purpose.clone(), values, client).await;
            let is_early = matches!(&answer, Ok(reply) if is_early(case, reply));
            if !(grace.is_some() && is_early && Instant::now() + pause < until && stop.sleep(pause).await) {
                return answer;
            }
            pause = (pause * 2).min(GRACE);
        }
    }

    /// How long what was only accepted (202) is waited for.
    fn late(&self) -> Duration {
        if self.unready.load(Ordering::Relaxed) < IN_VAIN { self.options.patience } else { GRACE }
    }

    /// Whether a call that makes the state was only accepted, and nothing tells when what it began has ended.
    fn is_on_its_way(&self, entry: &Entry) -> bool {
        let lifecycle = self.plan.suite.lifecycle.as_ref();
        entry.exchanges.iter().any(|exchange| {
            let Purpose::Setup(id) = &exchange.purpose else { return false };
            let is_known = self.plan.suite.case(id).is_some_and(|case| {
                lifecycle.is_some_and(|lifecycle| lifecycle.operations.contains_key(&case.operation))
            });
            !is_known && exchange.reply.as_ref().is_some_and(|reply| reply.status == 202)
        })
    }

    /// The values of the case's state; where it cannot be made, none, if the document shows values to send.
    async fn state_or_samples(
        &self,
        entry: &mut Entry,
        planned: &PlannedCase<'a>,
        connections: &mut Connections,
        made: &mut Vec<Made<'a>>,
        stop: &Stop,
    ) -> Result<Values, (Outcome, String)> {
        match self.state(entry, planned, connections, made, stop).await {
            Err((Outcome::Unreachable, reason)) if self.has_samples(planned.case) => {
                entry.note(format!("{reason}; the values of the document are sent"));
                Ok(Values::new())
            }
            state => state,
        }
    }

    /// The values of something that is in the case's state.
    async fn state(
        &self,
        entry: &mut Entry,
        planned: &PlannedCase<'a>,
        connections: &mut Connections,
        made: &mut Vec<Made<'a>>,
        stop: &Stop,
    ) -> Result<Values, (Outcome, String)> {
        match &planned.disposition {
            Disposition::Given(values) => Ok(values.clone()),
            Disposition::Made => {
                let mut calls = Made::new();
                let state = self.make_state(entry, planned.case, &mut calls, &mut connections.endpoint, stop).await;
                made.push(calls);
                state
            }
            Disposition::ProviderState => self.ask_for_state(entry, planned.case, connections.provider.as_mut()).await,
            Disposition::NoStateNeeded
            | Disposition::Tour(_)
            | Disposition::Unreachable(_)
            | Disposition::Broken(_)
            | Disposition::Skipped => Ok(Values::new()),
        }
    }

    /// The values of something else in the case's state, if the case needs two.
    async fn second_state(
        &self,
        entry: &mut Entry,
        planned: &PlannedCase<'a>,
        connections: &mut Connections,
        made: &mut Vec<Made<'a>>,
        stop: &Stop,
    ) -> Result<Values, (Outcome, String)> {
        if !planned.case.kind.needs_two() {
            return Ok(Values::new());
        }
        self.state(entry, planned, connections, made, stop).await
    }

    pub(crate) fn judge(&self, entry: &mut Entry, case: &Case, reply: &Reply) {
        // Source: RFC 9110, section 15.5.2. The credential is the right one, so nothing is known of what is wrong.
        let is_right = case.request.credential.as_ref().is_some_and(|credential| credential.instead.is_none());
        let is_derived = matches!(case.kind, Kind::Derived { any_refusal: false, .. });
        if reply.status == 401 && is_derived && is_right {
            return entry.end(
                Outcome::Broken,
                "the credential was refused, so the rest of the request was not looked at".to_owned(),
            );
        }
        let comparison = compare(case, &self.schemas, reply, self.options.level);
        entry.notes.extend(comparison.notes);
        entry.leave_unjudged(comparison.unjudged);
        let faults = comparison.schema_faults.iter();
        let faults: Vec<_> = faults.map(|fault| format!("the documented schema cannot be applied: {fault}")).collect();
        if !comparison.mismatches.is_empty() {
            faults.into_iter().for_each(|fault| entry.note(fault));
            entry.fail(&comparison.mismatches);
        } else if !faults.is_empty() {
            entry.end(Outcome::Broken, faults.join("; "));
        } else {
            entry.outcome = Outcome::Pass;
        }
    }
}

/// Whether a reply may only mean that what was accepted before has not been done yet: what should succeed is refused, or what
/// should be gone is shown.
fn is_early(case: &Case, reply: &Reply) -> bool {
    is_success(case) && (400..500).contains(&reply.status) || is_look(case) && (200..300).contains(&reply.status)
}

/// Whether a case looks up what should be gone.
pub(crate) fn is_look(case: &Case) -> bool {
    matches!(case.expected.status, 404 | 410) && matches!(&*case.request.method, "GET" | "HEAD")
}

/// Whether `second` is a request that can be repeated in any state, sent again for want of an answer to `first`.
fn is_repeat(first: &Exchange, second: &Exchange) -> bool {
    let is_judged = matches!(first.purpose, Purpose::Case | Purpose::Step(_));
    is_judged && first.trouble.is_some() && first.sent == second.sent && is_idempotent(&first.sent.method)
}
