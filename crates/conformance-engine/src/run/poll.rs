//! Polls a job or a resource until it settles.
//!
//! Where to look is data ([`Look`]): at the job that an answer names or, where jobs are not served, at the thing
//! itself. Where neither is served, nobody can know, and there is only waiting a while.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::client::{Client, Trouble};
use crate::http::request::Values;
use crate::model::exchange::Reply;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::lifecycle::Look;
use crate::model::suite::{Case, Expected, Kind, Place, Request};
use crate::plan::tour_search::is_success;
use crate::run::runner::Runner;
use crate::run::stop::Stop;

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Ended,
    /// The job has this status.
    Failed(String),
    /// Nobody could look.
    Unsure,
    /// It had not ended when the patience had.
    TooLong,
}

/// What a look showed.
enum Looked {
    Status(String),
    NotServed,
    /// Nothing that says anything: an error of the server, no answer.
    Nothing,
}

/// Nobody has looked yet; above it, one more than the position of the path that is served.
const UNKNOWN: usize = 0;
const NOWHERE: usize = usize::MAX;

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl<'a> Runner<'_, 'a> {
    /// Waits until what `case` began by this reply has ended.
    pub(crate) async fn wait(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        reply: &Reply,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
    ) -> Waited {
        let Some(lifecycle) = self.plan.suite.lifecycle.as_ref().filter(|_| is_success(case)) else {
            return Waited::Ended;
        };
        let Some(transition) = lifecycle.operations.get(&case.operation) else { return Waited::Ended };
        let until = Instant::now() + self.options.patience;

        let job = lifecycle.job.as_ref().and_then(|look| Some((look, job_named(look, reply)?)));
        if let Some((look, name)) = job {
            let mut values = values.clone();
            values.insert(look.identifier.clone(), name);
            let ended = |status: &str| {
                if look.failed.iter().any(|failed| failed == status) {
                    return Some(Waited::Failed(status.to_owned()));
                }
                look.succeeded.iter().any(|succeeded| succeeded == status).then_some(Waited::Ended)
            };
            if let Some(waited) = self.poll(exchanges, case, look, &values, client, stop, until, ended).await {
                return waited;
            }
        }
        if let Some(look) = &lifecycle.look {
            let ended = |status: &str| {
                let state = lifecycle.state_of(status);
                let is_on_the_way = state.is_some_and(|state| transition.through.iter().any(|it| it == state));
                let is_before = transition.from.iter().any(|from| Some(from.as_str()) == state);
                let is_there = state == Some(&transition.to);
                (is_there || !is_on_the_way && !is_before).then_some(Waited::Ended)
            };
            if let Some(waited) = self.poll(exchanges, case, look, values, client, stop, until, ended).await {
                return waited;
            }
        }
        stop.sleep(self.options.settle).await;
        Waited::Unsure
    }

    /// The state that the thing rests in, if somebody can look; what it only passes through is waited out.
    pub(crate) async fn state_now(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
    ) -> Seen {
        let Some(lifecycle) = &self.plan.suite.lifecycle else { return Seen::NobodyCanLook };
        let Some(look) = &lifecycle.look else { return Seen::NobodyCanLook };
        let operations = || lifecycle.operations.values();
        let rests = |state: &str| operations().any(|it| it.to == state || it.from.iter().any(|from| from == state));
        let passes = |state: &str| operations().any(|it| it.through.iter().any(|through| through == state));
        let mut last = None;
        let ended = |status: &str| {
            last = Some(status.to_owned());
            lifecycle.state_of(status).is_none_or(|state| rests(state) || !passes(state)).then_some(Waited::Ended)
        };
        let until = Instant::now() + self.options.patience;
        let waited = self.poll(exchanges, case, look, values, client, stop, until, ended).await;
        match (waited, last) {
            (None, _) => Seen::NobodyCanLook,
            (Some(_), Some(status)) => match lifecycle.state_of(&status) {
                Some(state) => Seen::State(state.to_owned()),
                None => Seen::Nothing(format!("it reports the status `{status}`, which x-lifecycle does not know")),
            },
            (Some(_), None) => Seen::Nothing("looking at it gave no answer".to_owned()),
        }
    }

    /// Looks again and again until `ended` says so; nothing if the look is not served.
    #[allow(clippy::too_many_arguments)]
    async fn poll(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        look: &Look,
        values: &Values,
        client: &mut Client,
        stop: &Stop,
        until: Instant,
        mut ended: impl FnMut(&str) -> Option<Waited>,
    ) -> Option<Waited> {
        let mut pause = FIRST_PAUSE;
        let first = exchanges.len();
        loop {
            // Of many looks the last one says it all.
            exchanges.truncate(first);
            match self.look(exchanges, case, look, values, client).await {
                Looked::NotServed => return None,
                Looked::Nothing => {}
                Looked::Status(status) => {
                    if let Some(waited) = ended(&status) {
                        return Some(waited);
                    }
                }
            }
            if Instant::now() + pause > until || !stop.sleep(pause).await {
                return Some(Waited::TooLong);
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn look(
        &self,
        exchanges: &mut Vec<Exchange>,
        case: &Case,
        look: &Look,
        values: &Values,
        client: &mut Client,
    ) -> Looked {
        let served = if look.identifier.is_empty() { &self.served.thing } else { &self.served.job };
        let candidates = match served.load(Ordering::Relaxed) {
            NOWHERE => return Looked::NotServed,
            UNKNOWN => 0..look.paths.len(),
            known => known - 1..known,
        };
        for index in candidates {
            let Some(path) = look.paths.get(index) else { continue };
            let request = request_for(case, look, path);
            let mut sent = self.send(exchanges, &request, Purpose::Wait, values, client).await;
            if let Err(Trouble::Unanswered(_)) = sent {
                // A look changes nothing, so it can be taken twice.
                sent = self.send(exchanges, &request, Purpose::Wait, values, client).await;
            }
            let reply = match sent {
                Ok(reply) if reply.status >= 500 && reply.status != 501 => return Looked::Nothing,
                Ok(reply) => reply,
                Err(Trouble::Request(_)) => continue,
                Err(Trouble::Endpoint(_) | Trouble::Unanswered(_)) => return Looked::Nothing,
            };
            if reply.status == 200
                && let Some(status) = text_at(&reply, &look.status)
            {
                served.store(index + 1, Ordering::Relaxed);
                return Looked::Status(status);
            }
        }
        if served.load(Ordering::Relaxed) == UNKNOWN {
            served.store(NOWHERE, Ordering::Relaxed);
        }
        Looked::NotServed
    }
}

/// What is known of the state of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    State(String),
    NobodyCanLook,
    /// It was looked at, and this came of it.
    Nothing(String),
}

/// The members by which an answer may name its job.
fn job_named(look: &Look, reply: &Reply) -> Option<String> {
    let value = reply.json().ok()?.value.as_ref()?;
    look.answered.iter().find_map(|name| value.get(name)?.as_str()).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn text_at(reply: &Reply, pointer: &str) -> Option<String> {
    match reply.json().ok()?.value.as_ref()?.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        number @ Value::Number(_) => Some(number.to_string()),
        _ => None,
    }
}

/// A look is a request like any other, with the values of the case that it is for.
fn request_for(case: &Case, look: &Look, path: &str) -> Case {
    let parameters = case.request.parameters.iter().filter(|parameter| parameter.place == Place::Path);
    Case {
        id: "look".to_owned(),
        operation: "look".to_owned(),
        kind: Kind::Documented,
        given: None,
        source: None,
        request: Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            parameters: parameters.filter(|parameter| !parameter.constant).cloned().collect(),
            credential: look.credential.clone(),
            body: None,
            aliases: case.request.aliases.clone(),
            unsent: Vec::new(),
        },
        expected: Expected { status: 200, class: false, or: Vec::new(), body: None },
    }
}
