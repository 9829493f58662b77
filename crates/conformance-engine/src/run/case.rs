//! Runs one case: reaches its state, sends its requests, judges the replies.
//!
//! **Invariant:** the token leaves this module in requests to the endpoint only. The provider of states never gets
//! it, and nothing in a [`CaseResult`] contains it, not even where a server sends it back.

use std::time::{Duration, Instant};

use crate::check::mismatch::Mismatch;
use crate::check::response::compare;
use crate::http::client::{Client, Trouble};
use crate::http::request::Values;
use crate::model::exchange::Purpose;
use crate::model::exchange::Reply;
use crate::model::suite::{Case, Kind};
use crate::plan::plan::{Entry, Fate};
use crate::plan::tour_search::{collect, is_success};
use crate::run::poll::Waited;
use crate::run::result::{CaseResult, Outcome};
use crate::run::runner::{Peers, Runner};
use crate::run::stop::Stop;

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

impl<'r, 'a> Runner<'r, 'a> {
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
            self.identities.judge(result);
        }
        let outcome = std::mem::replace(&mut result.outcome, Outcome::Skipped);
        result.outcome = self.options.deviations.applied(&result.case.id, outcome);
        if !matches!(result.outcome, Outcome::Pass) {
            peers.endpoint.forget();
        }
        result.took = start.elapsed();
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
}
