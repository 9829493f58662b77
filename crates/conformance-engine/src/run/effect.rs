//! What a journey shows beyond the replies to its requests, one after another: the state afterwards, and the effect of two
//! requests at the same time.

use futures_util::future::join;

use crate::check::mismatch::Mismatch;
use crate::http::client::{Client, SendError};
use crate::http::request::Values;
use crate::model::exchange::{Purpose, Reply};
use crate::model::report::{Entry, Outcome};
use crate::model::suite::{Case, Sending};
use crate::run::case::Performed;
use crate::run::identity::Identities;
use crate::run::poll::{ObservedState, WaitResult};
use crate::run::runner::Runner;
use crate::run::stop::Stop;

impl<'a> Runner<'_, 'a> {
    /// Queries the state after the last reply of a journey that says where it leaves the resource.
    pub(crate) async fn judge_state(
        &self,
        entry: &mut Entry,
        case: &Case,
        reply: &Reply,
        values: &mut Values,
        client: &mut Client,
        stop: &Stop,
    ) {
        let Some(wanted) = case.kind.ends().filter(|_| entry.outcome == Outcome::Pass) else { return };
        let waited = self.settle(entry, case, reply, values, client, stop).await;
        if let Some(reason) = stop.reason().filter(|_| waited.is_late()) {
            return entry.leave_unjudged(vec![format!("the state afterwards, because {reason}")]);
        }
        // Where only the resource is looked at, that it stays as it was is what is looked for.
        let trouble = waited.trouble(&case.operation, self.options.patience);
        if let Some(trouble) = trouble.filter(|_| waited != WaitResult::TooLong) {
            return entry.leave_unjudged(vec![format!("the state afterwards, because {}", trouble.reason)]);
        }
        let Some(lifecycle) = &self.plan.suite.lifecycle else { return };
        let expected = format!("the {} to be {wanted} afterwards", lifecycle.resource);
        match self.state_after(&mut entry.exchanges, case, values, client, stop, wanted).await {
            ObservedState::State(found) if found == wanted => {}
            ObservedState::State(found) if lifecycle.rests_in(&found) => {
                entry.fail([&Mismatch::Effect { expected, found: format!("a status that means {found}") }]);
            }
            ObservedState::State(found) => entry.note(format!("the state afterwards was not compared: still {found}")),
            ObservedState::NotServed => entry.note("the state afterwards was not compared: no status is served"),
            ObservedState::Nothing(why) => entry.note(format!("the state afterwards was not compared: {why}")),
        }
    }

    /// Looks up something that does not exist.
    pub(crate) async fn judge_absent(
        &self,
        entry: &mut Entry,
        case: &Case,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
    ) -> Performed {
        if case.kind.sending() == Sending::Resource {
            // One that exists comes first: where no status is served, no answer says anything.
            self.state_now(&mut entry.exchanges, case, values, client, stop).await;
        }
        let (absent, values) = match self.absent(case, values) {
            Ok(absent) => absent,
            Err(reason) => {
                entry.end(Outcome::Unreachable, reason);
                return Performed::Judged;
            }
        };
        entry.compare_with(case);
        match self.send(&mut entry.exchanges, &absent, Purpose::Case, &values, client).await {
            Ok(reply) => {
                self.judge(entry, case, &reply);
                Performed::Judged
            }
            Err(error) => self.no_reply(entry, error),
        }
    }

    /// Sends the request of `case` at the same time with the values of each.
    pub(crate) async fn judge_together(
        &self,
        entry: &mut Entry,
        case: &Case,
        [first, second]: [&mut Values; 2],
        client: &mut Client,
        stop: &Stop,
    ) -> Performed {
        entry.compare_with(case);
        client.forget();
        let mut other = client.another();
        for client in [&mut *client, &mut other] {
            if let Err(reason) = client.connect().await {
                entry.end(Outcome::Unreachable, format!("needs two connections at the same time: {reason}"));
                return Performed::Judged;
            }
        }
        let (mut sent, mut sent_too) = (Vec::new(), Vec::new());
        let step = Purpose::Step(case.id.clone());
        let answers = join(
            self.send(&mut sent, case, step, first, client),
            self.send(&mut sent_too, case, Purpose::Case, second, &mut other),
        );
        let (mut reply, mut other_reply) = match answers.await {
            (Ok(reply), Ok(other_reply)) => (reply, other_reply),
            (Err(SendError::Request(reason)), _) | (_, Err(SendError::Request(reason))) => {
                return Performed::Unwritable(reason);
            }
            (Err(SendError::Endpoint(reason) | SendError::Unanswered(reason)), Err(_)) => {
                entry.exchanges.append(&mut sent);
                entry.exchanges.append(&mut sent_too);
                entry.fail([&Mismatch::NoReply { reason }]);
                return Performed::Judged;
            }
            // A server that serves one connection after another keeps no promise less.
            (Err(SendError::Endpoint(reason) | SendError::Unanswered(reason)), _)
            | (_, Err(SendError::Endpoint(reason) | SendError::Unanswered(reason))) => {
                entry.exchanges.append(&mut sent);
                entry.exchanges.append(&mut sent_too);
                let reason = format!("the endpoint answered one of two requests at the same time: {reason}");
                entry.end(Outcome::Unreachable, reason);
                return Performed::Judged;
            }
        };
        let is_success = |reply: &Reply| (200..300).contains(&reply.status);
        // What is judged last is what is shown: of two, the one that was not a success.
        if !is_success(&reply) && is_success(&other_reply) {
            std::mem::swap(&mut reply, &mut other_reply);
            std::mem::swap(&mut sent, &mut sent_too);
            sent.iter_mut().for_each(|exchange| exchange.purpose = Purpose::Step(case.id.clone()));
            sent_too.iter_mut().for_each(|exchange| exchange.purpose = Purpose::Case);
        }
        entry.exchanges.append(&mut sent);
        entry.exchanges.append(&mut sent_too);
        let mut succeeds = case.clone();
        succeeds.expected.or.retain(|status| *status < 400);
        self.judge(entry, &succeeds, &reply);
        if entry.outcome != Outcome::Pass {
            return Performed::Judged;
        }
        if is_success(&other_reply) {
            let shared = Identities::shared(case, &reply, &other_reply);
            if case.kind.sending() == Sending::Twice && self.is_exclusive(case) {
                let expected = "one of two requests at the same time to be refused".to_owned();
                entry.fail([&Mismatch::Effect { expected, found: "two that succeeded".to_owned() }]);
            } else if !shared.is_empty() {
                entry.fail(&shared);
            }
        } else if case.kind.sending() == Sending::Both || !case.expected.or.contains(&other_reply.status) {
            self.judge(entry, &succeeds, &other_reply);
        }
        self.judge_state(entry, case, &reply, first, client, stop).await;
        if case.kind.sending() == Sending::Both {
            self.judge_state(entry, case, &other_reply, second, client, stop).await;
        }
        Performed::Judged
    }

    /// After a success, the same request is refused.
    fn is_exclusive(&self, case: &Case) -> bool {
        let lifecycle = self.plan.suite.lifecycle.as_ref();
        let transition = lifecycle.and_then(|lifecycle| lifecycle.operations.get(&case.operation));
        transition.is_some_and(|transition| transition.once || !transition.from.contains(&transition.to))
    }

    fn no_reply(&self, entry: &mut Entry, error: SendError) -> Performed {
        match error {
            SendError::Request(reason) => Performed::Unwritable(reason),
            SendError::Unanswered(reason) => Performed::Unanswered(reason),
            SendError::Endpoint(reason) => {
                entry.fail([&Mismatch::NoReply { reason }]);
                Performed::Judged
            }
        }
    }
}
